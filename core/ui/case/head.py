"""The head of `Hồ sơ`: code, category, state, assignee; the customer's statement, the files, the customer."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import due_words, label, moment, named, ngettext, number
from core.i18n import gettext as _
from core.register.reads.dossier import Dossier, OpenRequest
from core.register.reads.incidents import Name
from core.rules.catalogue import Catalogue
from core.rules.masking import HIDDEN
from core.rules.steps import OPEN, State
from core.rules.text import snippet
from core.rules.verdicts import is_past
from core.ui import admission, badges, details, links, words
from core.ui.analysis import metrics
from core.ui.case import timeline
from core.ui.case.clocks import badge_of
from core.ui.context import PageContext
from core.ui.steps import STATE_BADGES
from core.ui.steps.intake import WITH_LETTER
from core.ui.text import Markdown, joined, md, plain

QUESTION = 160  # letters of a question at the head; the timeline has it whole


def show(dossier: Dossier, context: PageContext) -> None:
    """Code and category, then badges, the incident, what departments owe, and one line of facts."""
    complaint, known = dossier.complaint, catalogues()
    st.title(joined(" · ", [complaint.code, name_of(known.categories, complaint.category)]), anchor=False)
    show_state(dossier, context)
    facts = [
        name_of(known.channels, complaint.channel),
        *(name_of(names, key) for names, key in _products(dossier) if key),
        _("recorded {moment}").format(moment=moment(complaint.recorded_at)),
        _("with {name}").format(name=dossier.assignee) if dossier.assignee else _("nobody has taken it yet"),
        label(dossier.procedure.name, dossier.procedure.name_en),
    ]
    st.caption(plain(" · ".join(facts)))
    if State(complaint.state) in OPEN:
        admission.warn(dossier.against)


def show_state(dossier: Dossier, context: PageContext) -> None:
    """Badges, the incident, then what departments owe."""
    with st.container(horizontal=True, gap="small"):
        _badges(dossier)
    if dossier.incident:
        _incident(context, dossier.incident)
    if dossier.requests:
        st.markdown(joined("  \n", [_owed(request, context.now) for request in dossier.requests]))


def show_statement(dossier: Dossier) -> None:
    """The customer's statement and the remedy sought, letter by letter."""
    with st.container(border=True):
        st.subheader(_("The customer says"), anchor=False)
        timeline.body(dossier.statement)
        if dossier.complaint.sent_at:
            st.caption(plain(_("The customer sent it {moment}").format(moment=moment(dossier.complaint.sent_at))))
        if dossier.complaint.incident_at:
            st.caption(plain(_("It happened {moment}").format(moment=moment(dossier.complaint.incident_at))))
        if dossier.remedy:
            st.markdown(f"**{plain(_('The customer wants'))}**")
            timeline.body(dossier.remedy)
        details.show(dossier.values, is_open=State(dossier.complaint.state) in OPEN)


def show_customer(dossier: Dossier, context: PageContext) -> None:
    """Who complains, as far as the reader may know, and their other complaints."""
    contact = dossier.contact
    if contact is None:
        st.caption(_("The customer left no name and no contact."))
        return
    details = {
        _("Name"): contact.name,
        _("Name given this time"): dossier.named_as,
        _("Phone"): contact.phone,
        _("E-mail"): contact.email,
        _("Account"): contact.account,
    }
    st.table({plain(name): plain(text) for name, text in details.items() if text}, border="horizontal", width="content")
    if dossier.is_masked:
        st.caption(_("Shortened: your role does not see who the customer is."))
    st.markdown(f"**{_('Other complaints')}**")
    if not dossier.others:
        st.caption(_("No other complaints by this customer."))
    for other in dossier.others:
        links.to_case(other, context.now)


def _badges(dossier: Dossier) -> None:
    """What is late or nearly so first, then the state."""
    complaint = dossier.complaint
    for clock in dossier.clocks:
        if clock.is_broken or clock.is_near:
            badge = badge_of(clock)
            badges.draw(f"{words.promise(clock)}: {badge.word}", badge.icon, badge.colour)
    STATE_BADGES[complaint.state].show()
    if complaint.kind:
        badges.draw(named(WITH_LETTER, complaint.kind), "", "gray")
    if complaint.level:
        badges.draw(name_of(catalogues().levels, complaint.level), "", "orange")


def _incident(context: PageContext, found: tuple[Name, int]) -> None:
    """The incident it belongs to (D24), linked, with how many others belong to it."""
    name, others = found
    title = "" if name.title == HIDDEN else name.title
    rest = ngettext("{n} other complaint", "{n} other complaints", others).format(n=number(others))
    words = " · ".join(filter(None, (_("Incident {code}").format(code=name.code), title, rest)))
    metrics.to_page(context, "incidents", words, {"code": name.code}, icon=":material/crisis_alert:")


def _owed(request: OpenRequest, now: datetime) -> Markdown:
    """Which department owes an answer until when, and to what question (D19): a line that a phone can break."""
    late = is_past(request.due_at, now)
    due = _("answer was due {due}") if late else _("answer before {due}")
    facts = [
        name_of(catalogues().departments, request.department),
        due.format(due=due_words(request.due_at)),
        *([words.reminded(request.reminded)] if request.reminded else []),
    ]
    owed = f"{_('Waiting for')} {' · '.join(facts)}"
    line = md(":{colour}[:material/hourglass_top: {owed}]", colour=Markdown("red" if late else "primary"), owed=owed)
    if request.question in ("", HIDDEN):
        return line
    return joined(" ", [line, md(":gray[“{question}”]", question=snippet(request.question, QUESTION))])


def _products(dossier: Dossier) -> tuple[tuple[Catalogue, str | None], ...]:
    known = catalogues()
    complaint = dossier.complaint
    return (
        (known.products, complaint.product),
        (known.platforms, complaint.platform),
        (known.branches, complaint.branch),
    )
