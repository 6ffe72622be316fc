"""Several issues of one complaint (D34) on the screens: added, taken out, ended one by one with closing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import number
from core.register.case.steps.recording import StepFields
from core.register.reads.timeline import Moment
from core.rules.catalogue import offered
from core.rules.issues import ADD, REMOVE, Issue
from core.ui.steps.view import EventView, Form, StepView, names_in
from core.ui.text import Words, spoken

Ask = Callable[[str, Words, Mapping[str, str]], str | None]
"""Draws a list: name of the field, its label, key → name of what it offers."""


def add(form: Form) -> StepFields:
    """What else it is about."""
    category = form.choose(
        _("What is the other issue about?"), names_in(offered(catalogues().categories)), "issue_category"
    )
    return {
        "issue_category": category,
        "text": form.text(_("What the customer says about it (optional)")),
        "files": form.files(),
    }


def remove(form: Form) -> StepFields:
    """Which one is none, and why."""
    return {"issue": chosen(form), "text": form.text(_("Why is it no issue of this case?"))}


def chosen(form: Form) -> int | None:
    """One of the further issues, at first the only one."""
    names = {str(one.number): words(one) for one in form.dossier.issues}
    number = form.choose(_("Which issue?"), names, "issue", next(iter(names)) if len(names) == 1 else None)
    return int(number) if number else None


def words(one: Issue) -> str:
    """``2 · Chương bị khóa``."""
    return f"{number(one.number)} · {name_of(catalogues().categories, one.category)}"


def ends(
    ask: Ask, its: Sequence[Issue], outcomes: Mapping[str, str], causes: Callable[[str], Mapping[str, str]] | None
) -> StepFields:
    """How each issue ended and why it happened; ``causes``: category → what may explain it, None for no question."""
    filled: StepFields = {}
    ended, caused = dict[str, str | None](), dict[str, str | None]()
    for one in its:
        n = str(one.number)
        ended[n] = ask(f"issue_outcomes.{n}", _label(_("{issue}: how did it end?"), one), outcomes)
        if causes is not None:
            caused[n] = ask(f"issue_causes.{n}", _label(_("{issue}: root cause"), one), causes(one.category))
    if ended:
        filled = {"issue_outcomes": ended, "issue_causes": caused}
    return filled


def _label(template: str, one: Issue) -> Words:
    return spoken(template.format(issue=words(one)))


def filled_in(moment: Moment) -> dict[str, object]:
    """Name → value of the widgets with which the closing ``moment`` said how each ended."""
    said = {"issue_outcomes": moment.payload.get("issue_outcomes"), "issue_causes": moment.payload.get("issue_causes")}
    return {f"{name}.{n}": key for name, each in said.items() for n, key in (each or {}).items()}


def issue_details(moment: Moment) -> list[str]:
    """Which issue it is about."""
    payload = moment.payload
    return [words(Issue(payload["issue"], payload.get("issue_category") or ""))]


def ended_details(moment: Moment) -> Iterable[str]:
    """How each further issue ended, and why it happened."""
    causes, known = moment.payload.get("issue_causes") or {}, catalogues()
    for n, outcome in (moment.payload.get("issue_outcomes") or {}).items():
        ended = [name_of(known.outcomes, outcome), name_of(known.causes, causes[n]) if n in causes else ""]
        yield _("issue {n}: {ended}").format(n=n, ended=", ".join(filter(None, ended)))


VIEWS = {
    ADD: StepView(add, EventView("playlist_add", issue_details)),
    REMOVE: StepView(remove, EventView("playlist_remove", issue_details)),
}
