"""Figures made from what was counted: the chart, the same numbers as a table, and behind each number its rows."""
