"""Accounts, passwords, sessions and the first administrator."""
