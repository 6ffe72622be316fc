"""Forms of steps that are taken in one save (D26): each field asked once, what the customer is told written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core.register.case.steps.recording import StepFields
from core.rules.admission import INADMISSIBLE
from core.rules.steps import REFUSE
from core.ui.steps import ending, intake
from core.ui.steps.misses import asked_with_closing
from core.ui.steps.view import Form

Taken = tuple[tuple[str, StepFields], ...]
"""The steps with what was filled in for each, in the order they are taken in."""


def acknowledge_and_classify(form: Form, steps: tuple[str, ...]) -> Taken:
    """The first answer and what kind of matter it is (POPS steps 2 and 3)."""
    filled = {"acknowledge": intake.acknowledge(form), "classify": intake.classify(form)}
    return tuple((step, filled[step]) for step in steps)


def settle(form: Form, steps: tuple[str, ...]) -> Taken:
    """From the first answer to the end: the result is what the customer was told, and through which channel (D26)."""
    filled: dict[str, StepFields] = {}
    if "classify" in steps:
        filled["classify"] = intake.classify(form)
        if filled["classify"]["kind"] == "inquiry" and not st.session_state.get(form.key("outcome")):
            st.session_state[form.key("outcome")] = "answered"  # as ``close`` begins where the kind is known already
    filled["notify_result"] = ending.notify_result(form)
    filled["close"] = ending.closing(form)
    filled["acknowledge"] = {"channel": filled["notify_result"]["channel"]}
    return tuple((step, filled[step]) for step in steps)


def refuse_intake(form: Form, steps: tuple[str, ...]) -> Taken:
    """What the rules do not take is refused: the customer is told why, and the case closes (VHV 1)."""
    classified = StepFields(kind=form.dossier.complaint.kind or "complaint")
    if "classify" in steps:
        classified |= intake.level(form)
    told = ending.notify_result(form)
    filled: dict[str, StepFields] = {
        "acknowledge": {"channel": told["channel"]},
        "classify": classified,
        "notify_result": told,
        "close": {"outcome": INADMISSIBLE, "breach_reason": asked_with_closing(form)},
    }
    return tuple((step, filled[step]) for step in steps)


FORMS: Mapping[str, Callable[[Form, tuple[str, ...]], Taken]] = {
    "acknowledge_and_classify": acknowledge_and_classify,
    "settle": settle,
    REFUSE: refuse_intake,
}
