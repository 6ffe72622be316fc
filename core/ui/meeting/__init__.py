"""The weekly review: the week in figures, the minutes beside them, decisions, closing, what was restated since."""
