"""A complaint joins an incident, and leaves it (D24), on the screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.i18n import gettext as _
from core.register.case.steps.recording import StepFields
from core.register.reads import incidents
from core.register.reads.incidents import Name
from core.rules.masking import HIDDEN
from core.rules.steps import JOIN, LEAVE
from core.ui.steps.view import EventView, Form, StepView


def join(form: Form) -> StepFields:
    """The incident that it belongs to."""
    with form.context.register.read() as session:
        known = names_of(incidents.going_on(session, by=form.context.person))
    return {
        "incident": form.choose(_("Which incident?"), known, "incident", next(iter(known), None)),
        "text": form.text(_("Why does it belong to it? (optional)")),
    }


def leave(form: Form) -> StepFields:
    """It has another cause."""
    return {"text": form.text(_("Why does it not belong to it? (optional)"))}


def names_of(known: Iterable[Name]) -> dict[str, str]:
    """Code → code and title."""
    return {one.code: words_of(one.code, one.title) for one in known}


def words_of(code: str, title: str) -> str:
    """``SC-2026-0001 · Không thanh toán được``; the code alone for who does not read texts."""
    return code if title in ("", HIDDEN) else f"{code} · {title}"


VIEWS: Mapping[str, StepView] = {
    JOIN: StepView(join, EventView("crisis_alert")),
    LEAVE: StepView(leave, EventView("link_off")),
}
