"""A paper is issued (D39) on the screens: chosen, its text gone over, looked at, and then fixed under its number."""

from __future__ import annotations

import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import named, sentence
from core.register.case.steps.recording import StepFields
from core.register.papers.data import Said
from core.register.reads import papers
from core.register.reads.timeline import Moment
from core.rules.steps import ISSUE
from core.ui.steps.view import EventView, Form, StepView
from core.ui.text import plain

KIND = "paper"
TEXT_HEIGHT = 320  # pixels: a letter is read whole before it is issued


def issue(form: Form) -> StepFields:
    """Which paper, instead of which one, and what it says."""
    dossier, issued = form.dossier, form.dossier.papers
    kinds = dict.fromkeys((*dossier.offers, *(one.kind for one in issued)))
    names = {kind: named(KIND, kind) for kind in kinds}
    given = {one.kind for one in issued}
    first = next((kind for kind in dossier.offers if kind not in given), next(iter(names), None))
    kind = form.choose(_("Which paper?"), names, "paper", first)
    replaces = None
    if its := [one.number for one in issued if one.kind == kind]:
        needed = kind not in dossier.offers
        numbers = {number: number for number in reversed(its)}
        label = _("Which one does it correct?") if needed else _("Which one does it correct? (optional)")
        replaces = form.choose(label, numbers, "replaces", its[-1] if needed else None)
    _fill_in(form, kind, replaces)
    text = form.text(_("What the paper says"), height=TEXT_HEIGHT)
    if kind and st.button(_("Look at it"), key=form.key("look"), icon=":material/visibility:", width="stretch"):
        _look(form, kind, text, replaces or "")
    return {"paper": kind, "replaces": replaces, "text": text}


def _fill_in(form: Form, kind: str | None, replaces: str | None) -> None:
    """Begin with the text of that kind, or of the paper to be corrected; what somebody typed stays."""
    if kind is None:
        return
    state, key, beside = st.session_state, form.key("text"), form.key("begun")
    begun, wanted = state.get(beside), (kind, replaces)
    typed = str(state.get(key) or "")
    if typed and begun is None:
        state[beside] = (wanted, "")  # a draft that was kept
    elif begun is None or (begun[0] != wanted and typed in ("", begun[1])):
        context, code = form.context, form.dossier.complaint.code
        with context.register.read() as session:
            said = (
                papers.text_of(session, code, replaces, by=context.person)
                if replaces
                else papers.first_text(session, code, kind, by=context.person, now=context.now)
            )
        state[key], state[beside] = said, (wanted, said)


def _look(form: Form, kind: str, text: str, replaces: str) -> None:
    """The pages as they would be issued, without a number."""
    context, code = form.context, form.dossier.complaint.code

    @st.dialog(plain(named(KIND, kind)), width="large", icon=":material/description:")
    def show() -> None:
        try:
            with context.register.read() as session:
                said = Said(kind, text, context.person.name, replaces=replaces)
                pages = papers.pictures(session, code, said, by=context.person, now=context.now)
        except PopsError as refused:
            st.error(plain(sentence(refused)), icon=":material/error:")
            return
        for n, page in enumerate(pages, 1):
            st.image(page, width="stretch", alt=_("Page {n} of {pages}").format(n=n, pages=len(pages)))

    show()


def details(moment: Moment) -> list[str]:
    """Which paper, its number, and which one it corrects."""
    payload = moment.payload
    replaces = payload.get("replaces", "")
    return [
        named(KIND, payload["paper"]),
        payload["paper_number"],
        _("instead of {number}").format(number=replaces) if replaces else "",
    ]


VIEWS = {ISSUE: StepView(issue, EventView("description", details))}
