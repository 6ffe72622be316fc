"""Beside the form of `Ghi nhận`: the customer, their open complaints, and the deadlines that will be promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.catalogues import catalogues
from core.errors import PopsError
from core.i18n import due_words, label, ngettext, number
from core.i18n import gettext as _
from core.register.case import intake
from core.register.case.draft import Draft
from core.register.clocks import promises
from core.register.clocks.promises import Outlook
from core.register.reads import dossier
from core.register.reads.known_customers import Known
from core.rules.calendar import local_day
from core.rules.details import fields_of_all
from core.rules.marks import visible
from core.rules.steps import OPEN, State
from core.rules.terms import Promise
from core.ui import admission, badges, links, style, words
from core.ui.context import PageContext
from core.ui.details import name_of, show_facts
from core.ui.incidents import outcome
from core.ui.log.sheet import DETAILS, LABELS, Sheet, start_next
from core.ui.steps import error_words
from core.ui.text import Markdown, md, plain


def show_known(context: PageContext, known: Known) -> None:
    """The customer as known, and a warning with links for every complaint that is still open."""
    with st.container(border=True):
        customer = known.customer
        who = customer.name or customer.account or customer.phone or customer.email or ""
        before = ngettext("{n} complaint so far", "{n} complaints so far", known.count).format(n=number(known.count))
        st.markdown(f"**{plain(who)}** · {before}")
        details = [getattr(customer, name) for name in DETAILS if getattr(customer, name) not in (None, "", who)]
        if details:
            st.text(visible(" · ".join(details)))
        if known.open:
            _warn_of_open(context, known)
        show_facts(known.facts)


def _warn_of_open(context: PageContext, known: Known) -> None:
    st.warning(
        ngettext(
            "Already open: is this about the same thing? Then add it there.",
            "{n} are already open: is this about one of them? Then add it there.",
            len(known.open),
        ).format(n=number(len(known.open))),
        icon=":material/content_copy:",
    )
    for complaint in known.open[:5]:
        links.to_case(complaint, context.now)


def show_promises(context: PageContext, draft: Draft) -> None:
    """The deadlines if the draft is saved as it stands."""
    with st.container(border=True):
        st.subheader(_("Deadlines if you save now"), anchor=False)
        try:
            with context.register.read() as session:
                ahead = promises.outlook(
                    session,
                    draft.procedure,
                    draft.recorded_at,
                    incident_on=local_day(draft.incident_at) if draft.incident_at else None,
                    product=draft.product,
                    language=context.language,
                )
                found = intake.against(session, draft)
        except PopsError as error:
            st.warning(plain(error_words(error)), icon=":material/event_busy:")
            return
        _promises(ahead)
    admission.warn(found)


def show_saved(context: PageContext, sheet: Sheet) -> None:
    """The code, what was promised, and where to go from here."""
    with context.register.read() as session:
        whole = dossier.read(session, sheet.saved, by=context.person, now=context.now, language=context.language)
        saved = whole.complaint
        ahead = promises.outlook(
            session, saved.procedure, saved.recorded_at, product=saved.product, language=context.language
        )
    sheet.was_shown = True
    outcome.show()
    is_open = State(saved.state) in OPEN
    sentence = _("Added to the case. Its code:") if sheet.was_added else _("Saved. Give the customer this code:")
    if not is_open:
        sentence = _("Logged, answered and closed in one save. The code, for the customer:")
    st.success(sentence, icon=":material/check_circle:")
    st.title(plain(sheet.saved), anchor=False)
    if is_open:
        with st.container(border=True):
            st.subheader(_("Deadlines"), anchor=False)
            _promises(ahead)
    else:
        for clock in whole.clocks:
            badge = badges.VERDICT_BADGES[clock.verdict]
            badges.draw(f"{words.promise(clock)}: {badge.word}", badge.icon, badge.colour)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Log the next one"),
            key=sheet.key("next"),
            type="primary",
            icon=":material/add:",
            shortcut="Alt+N",
            on_click=start_next,
            args=(context,),
        )
        links.to_complaint(sheet.saved, _("Open the case"))
    style.focus_on(sheet.key("next"))


def save_button(sheet: Sheet, *, settles: bool) -> bool:
    """Whether saving was asked for, by mouse or by Ctrl+Enter; ``settles``: the same save closes it (D26)."""
    return st.button(
        _("Save and close") if settles else _("Save the complaint"),
        key=sheet.key("save"),
        type="primary",
        icon=":material/save:",
        shortcut="Ctrl+Enter",
        width="stretch",
    )


def show_summary(problems: Mapping[str, str], refused: str, among: Sequence[str]) -> None:
    """What stands in the way of saving, by the names of the fields; ``among``: the categories it is about."""
    if refused:
        st.error(plain(refused), icon=":material/error:")
    elif problems:
        asked = fields_of_all(catalogues().categories, among)
        labels = {name: _(LABELS[name]) for name in LABELS}
        labels |= {f"details.{key}": name_of(field) for key, field in asked.items()}
        names = ", ".join(labels[name] for name in labels if name in problems)
        template = ngettext(
            "One field needs mending: {names}. Everything you typed is still here.",
            "{n} fields need mending: {names}. Everything you typed is still here.",
            len(problems),
        )
        st.error(plain(template.format(n=number(len(problems)), names=names)), icon=":material/error:")


def _promises(ahead: Outlook) -> None:
    for promise in ahead.promises:
        if promise.latest_at is not None or promise.due_at is not None:
            st.markdown(_promise_words(promise))
            st.caption(plain("; ".join(promise.because)))
    if ahead.longer_than_law:
        st.caption(
            _("The law (19/2023, art. 57) gives a customer who asks to negotiate 7 working days, which is sooner.")
        )


def _promise_words(promise: Promise) -> Markdown:
    name = label(promise.label, promise.label_en)
    if promise.due_at is not None:
        return md(_(":material/alarm: {name} before **{due}**"), name=name, due=due_words(promise.due_at))
    assert promise.latest_at is not None
    latest = _(":material/event_available: {name} at the latest **{due}**")
    return md(latest, name=name, due=due_words(promise.latest_at))
