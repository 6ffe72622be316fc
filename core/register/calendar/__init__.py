"""The organisation's calendar in versions (D8): changes, preview, apply."""
