"""Schema changes, each carrying the data forward."""
