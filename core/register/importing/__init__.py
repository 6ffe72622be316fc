"""Complaints from a foreign file: delimited text, mapping, reader, importer."""
