"""Complaints that come by e-mail (D43): a mail read, and what becomes of it."""
