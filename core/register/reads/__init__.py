"""Reads for pages: the queue, the search, one complaint whole, its timeline."""
