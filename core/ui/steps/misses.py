"""Why a promise was missed, on the screens: a step at any time, and asked with closing where nobody has said it yet."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import named
from core.register.case.steps.recording import StepFields
from core.register.reads.timeline import Moment
from core.rules import misses
from core.rules.catalogue import offered
from core.ui import words
from core.ui.steps.view import EventView, Form, StepView, names_in
from core.ui.text import plain, spoken

FOR_IMPORTS_ONLY = "not_recorded"


def explain_miss(form: Form) -> StepFields:
    """Which promise, and why; those that nobody has explained come first."""
    clocks = sorted(form.dossier.to_explain, key=lambda clock: clock.breach_reason is not None)
    names = {
        misses.name_of(clock): " · ".join([words.promise(clock), reason_words(clock.breach_reason)]) for clock in clocks
    }
    return {
        "explains": form.choose(_("Which deadline?"), names, "explains", next(iter(names), None)),
        "breach_reason": form.choose(_("Why was the deadline missed?"), reasons_to_choose(), "breach_reason"),
        "text": form.text(_("More about it, for colleagues only (optional)")),
    }


def asked_with_closing(form: Form) -> Mapping[str, str | None]:
    """Promise → its reason, a list for each miss that has none yet; what was said already is shown and not asked."""
    given: dict[str, str | None] = {}
    for clock in form.dossier.broken:
        name, promise = misses.name_of(clock), words.promise(clock)
        if clock.breach_reason:
            st.caption(plain(_missed(promise, clock.breach_reason)))
        else:
            label = spoken(_("{promise}: why was the deadline missed?").format(promise=promise))
            given[name] = form.choose(label, reasons_to_choose(), f"breach_reason.{name}")
    return given


def reason_words(reason: str | None) -> str:
    """The reason's name, or that nobody has said it yet."""
    return name_of(catalogues().breach_reasons, reason) if reason else named("no value", "breach_reason")


def explained_details(moment: Moment) -> list[str]:
    """Which promises were missed because of what."""
    return [_missed(words.promise(one), one.breach_reason) for one in moment.explained]


def _missed(promise: str, reason: str) -> str:
    return _("{promise} missed because: {reason}").format(promise=promise, reason=reason_words(reason))


def reasons_to_choose() -> dict[str, str]:
    """The reasons that a person may give."""
    names = names_in(offered(catalogues().breach_reasons))
    return {key: name for key, name in names.items() if key != FOR_IMPORTS_ONLY}


VIEWS = {misses.EXPLAIN: StepView(explain_miss, EventView("running_with_errors", explained_details))}
