"""The weekly review: its minutes, its decisions, and the figures frozen when it closes."""
