"""The register's keys as people read them: states, kinds, steps and verdicts with their icon and colour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import streamlit as st

from core.errors import PopsError
from core.i18n import N_, gettext, ngettext, number, sentence
from core.i18n import gettext as _
from core.rules.calendar import local_day

Colour = Literal["red", "orange", "green", "blue", "gray"]


class Face(NamedTuple):
    """A word with its icon and colour; the word alone says it all."""

    word: str
    icon: str
    colour: Colour


STATES: Mapping[str, Face] = {
    "received": Face(N_("To acknowledge"), ":material/mark_email_unread:", "orange"),
    "acknowledged": Face(N_("To classify"), ":material/category:", "blue"),
    "classified": Face(N_("To be handled"), ":material/play_circle:", "blue"),
    "investigating": Face(N_("Being handled"), ":material/manage_search:", "blue"),
    "waiting_customer": Face(N_("Waiting for the customer"), ":material/hourglass_top:", "gray"),
    "resolved": Face(N_("To close"), ":material/task:", "blue"),
    "closed": Face(N_("Closed"), ":material/check_circle:", "gray"),
    "withdrawn": Face(N_("Taken back"), ":material/undo:", "gray"),
}
WAITING_DEPARTMENT = Face(N_("Waiting for the department"), ":material/hourglass_top:", "gray")
VERDICTS: Mapping[str, Face] = {
    "met": Face(N_("met"), ":material/check_circle:", "green"),
    "missed": Face(N_("missed"), ":material/cancel:", "red"),
    "running": Face(N_("running"), ":material/schedule:", "gray"),
    "overdue": Face(N_("overdue"), ":material/error:", "red"),
    "cancelled": Face(N_("cancelled"), ":material/block:", "gray"),
}
NEAR = Face(N_("due soon"), ":material/timelapse:", "orange")
KINDS: Mapping[str, str] = {"inquiry": N_("Inquiry (A)"), "complaint": N_("Complaint (B)")}
VERBS: Mapping[str, str] = {
    "acknowledge": N_("Acknowledge"),
    "classify": N_("Classify"),
    "assign": N_("Assign"),
    "forward": N_("Forward to a department"),
    "answer": N_("Department answers"),
    "ask_customer": N_("Ask the customer"),
    "record_reply": N_("Customer replies"),
    "notify_result": N_("Notify the result"),
    "close": N_("Close the case"),
    "withdraw": N_("Customer takes it back"),
    "reopen": N_("Open again"),
    "note": N_("Write a note"),
    "add_evidence": N_("Add files"),
}
DONE: Mapping[str, str] = {
    "received": N_("Complaint recorded"),
    "acknowledged": N_("Intake confirmed"),
    "classified": N_("Classified"),
    "assigned": N_("Assigned"),
    "forwarded": N_("Forwarded"),
    "department_answered": N_("Answered by the department"),
    "customer_asked": N_("Customer asked"),
    "customer_replied": N_("Customer replied"),
    "evidence_added": N_("Files added"),
    "noted": N_("Note"),
    "result_notified": N_("Result told"),
    "closed": N_("Case closed"),
    "reopened": N_("Case opened again"),
    "withdrawn": N_("Taken back by the customer"),
    "recalculated": N_("Deadlines recalculated"),
}


def badge(face: Face) -> None:
    """The word as a coloured badge with its icon."""
    st.badge(_(face.word), icon=face.icon, color=face.colour)


def told(error: PopsError) -> str:
    """The error's sentence, with states and steps named as the screens name them."""
    values: dict[str, Any] = dict(error.values)
    for name, words in (("kind", DONE), ("verb", VERBS)):
        if values.get(name) in words:
            values[name] = _(words[values[name]])
    if values.get("state") in STATES:
        values["state"] = _(STATES[values["state"]].word)
    return gettext(error.template).format(**values) if values != error.values else sentence(error)


def ago(moment: datetime, now: datetime) -> str:
    """How many local days ago: ``hôm nay``, ``hôm qua``, ``8 ngày trước``."""
    days = (local_day(now) - local_day(moment)).days
    if days < 2:
        return _("today") if days < 1 else _("yesterday")
    return ngettext("{n} day ago", "{n} days ago", days).format(n=number(days))
