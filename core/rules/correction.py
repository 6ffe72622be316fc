"""Correction (D21): what of a complaint can be corrected, and for which of it a lead is needed.

An event ``corrected`` names an earlier event and says what that one should have said, under the same keys of the
payload; ``core.rules.undo.effective`` reads a history that way.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.rules.procedure import Procedure

CONTACT, RECORDED, HAPPENED, PRODUCT, LEVEL = "contact", "recorded_at", "happened_at", "product", "level"
KEYS: Mapping[str, tuple[str, ...]] = {
    CONTACT: ("customer_id", "named_as_id"),
    "statement": ("statement_id",),
    "remedy": ("remedy_id",),
    "channel": ("channel",),
    "branch": ("branch",),
    PRODUCT: ("product", "reply_days"),
    "platform": ("platform",),
    LEVEL: ("level",),
    "sent_at": ("sent_at",),
    "incident_at": ("incident_at",),
    RECORDED: ("at",),
    HAPPENED: ("at",),
    "outcome": ("outcome",),
    "root_cause": ("root_cause",),
    "issue_category": ("issue_category",),
    "issue_outcome": ("issue_outcomes",),
    "issue_cause": ("issue_causes",),
}
"""What can be corrected → the keys of the payload that say it; ``at`` is when the event happened.

``RECORDED`` is when the complaint reached us, ``HAPPENED`` when a later step was taken.
"""
TIMES = (RECORDED, HAPPENED)
"""What moves the event itself."""
MOMENTS = (*TIMES, "sent_at", "incident_at")
TEXTS = (CONTACT, "statement", "remedy")
"""What is kept as evidence, so that the log holds no word of it."""
OF_ISSUES: Mapping[str, str] = {"issue_category": "category", "issue_outcome": "outcome", "issue_cause": "root_cause"}
"""What is said of one further issue (D34) → its name in ``core.rules.issues.Issue``."""
AT_THE_END = ("outcome", "root_cause", "issue_outcome", "issue_cause")
"""What the closing said: it can be corrected while the complaint is closed."""
INCIDENT = "incident"
"""The event a term counts from where it begins with the incident itself."""


def needs_lead(field: str, procedure: Procedure, *, moves_reply: bool = False) -> bool:
    """Whether a clock or a figure of causes depends on ``field``, so that only a lead corrects it.

    ``moves_reply``: the product it becomes has another reply term than the one it was (D9).
    """
    if field == PRODUCT:
        return moves_reply
    if field == "incident_at":
        return any(INCIDENT in (term.from_event, term.else_from) for term in procedure.terms)
    return field in (*TIMES, *AT_THE_END)
