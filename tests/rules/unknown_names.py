"""Procedures that name what nobody knows: refused by the rules, and by the register when it takes them into use."""

# ruff: disable[E501]  # a row of a table stays one line
UNKNOWN = (
    ("pops", 'from = "acknowledged"', 'from = "answered"', r"terms[2].from names an unknown event “answered”: use one of acknowledged", "result_notified"),
    ("pops", 'else_from = "received"', 'else_from = "recieved"', r"terms[2].else_from names an unknown event “recieved”", "received"),
    ("pops", 'to = ["acknowledged", "result_notified", "closed"]', 'to = ["acknowledged", "done"]', r"terms[1].to names an unknown event “done”", "closed"),
    ("pops", 'flags = ["inquiry', 'flags = ["level_required", "inquiry', "flags says level_required without complaint_level", "add that flag or leave this one out"),
    ("pops", 'flags = ["inquiry', 'flags = ["complaint_level", "inquiry', "flags says complaint_level without any level to give", "add levels or leave the flag out"),
)  # fmt: skip
# ruff: enable[E501]
"""(procedure, what its file says, what it says instead, the sentence that refuses it, what to do)."""
