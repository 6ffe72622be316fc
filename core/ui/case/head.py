"""The head of `Hồ sơ`: code, category, state, assignee; the customer's statement, the files, the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import due_words, label, moment, named, ngettext, number
from core.i18n import gettext as _
from core.register.reads.dossier import AwaitedDirection, Contact, Dossier, OpenRequest
from core.register.reads.incidents import Name
from core.register.reads.merges import End, TakenIn
from core.rules.catalogue import Catalogue
from core.rules.issues import FIRST, Issue
from core.rules.masking import HIDDEN
from core.rules.steps import OPEN, VERIFY, State
from core.rules.text import snippet
from core.rules.verdicts import is_past
from core.ui import admission, badges, details, links, words
from core.ui.analysis import metrics
from core.ui.case import step_form, timeline
from core.ui.case.clocks import badge_of
from core.ui.context import PageContext
from core.ui.steps import STATE_BADGES, issues
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
        *([words.away(dossier.away)] if dossier.away else []),
        label(dossier.procedure.name, dossier.procedure.name_en),
    ]
    st.caption(plain(" · ".join(facts)))
    if State(complaint.state) in OPEN:
        admission.warn(dossier.against)


def show_state(dossier: Dossier, context: PageContext) -> None:
    """Badges, how each issue ended, where it went on, the incident, then what a superior and departments owe."""
    with st.container(horizontal=True, gap="small"):
        _badges(dossier)
    if dossier.complaint.outcome and dossier.issues:
        st.markdown(joined("  \n", [_ended(one) for one in _issues(dossier)]))
    if dossier.end:
        _went_to(dossier.end)
    if dossier.incident:
        _incident(context, dossier.incident)
    if dossier.taken_in:
        _taken_in(dossier.taken_in)
    if dossier.direction:
        st.markdown(_awaited(dossier.direction, context.now))
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
    else:
        _contact(contact, dossier.named_as)
    for another in dossier.contacts:
        st.markdown(f"**{_('Customer of what was merged in')}**")
        _contact(another)
    if contact is None:
        return
    if dossier.is_masked:
        st.caption(_("Shortened: your role does not see who the customer is."))
    details.show_facts(dossier.facts)
    if VERIFY in dossier.steps:
        st.button(
            plain(named("step", VERIFY)),
            key=VERIFY,
            icon=":material/person_check:",
            on_click=step_form.begin,
            args=(dossier.complaint.code, VERIFY, {}),
        )
    st.markdown(f"**{_('Other complaints')}**")
    if not dossier.others:
        st.caption(_("No other complaints by this customer."))
    for other in dossier.others:
        links.to_case(other, context.now)


def _contact(contact: Contact, named_as: str = "") -> None:
    details = {
        _("Name"): contact.name,
        _("Name given this time"): named_as,
        _("Phone"): contact.phone,
        _("E-mail"): contact.email,
        _("Account"): contact.account,
    }
    st.table({plain(name): plain(text) for name, text in details.items() if text}, border="horizontal", width="content")


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
    if not complaint.outcome:
        for one in _issues(dossier):
            badges.draw(issues.words(one), ":material/list_alt:", "violet")


def _issues(dossier: Dossier) -> Sequence[Issue]:
    """Each issue of a case that holds several, the first one included (D34)."""
    complaint = dossier.complaint
    first = Issue(FIRST, complaint.category, complaint.outcome, complaint.root_cause)
    return (first, *dossier.issues) if dossier.issues else ()


def _ended(one: Issue) -> Markdown:
    """How the issue ended and why it happened: a line that a phone can break."""
    known = catalogues()
    cause = name_of(known.causes, one.root_cause) if one.root_cause else ""
    ended = " · ".join(filter(None, (name_of(known.outcomes, one.outcome), cause)))
    return md(":violet[:material/list_alt: {issue}] · {ended}", issue=issues.words(one), ended=ended)


def _incident(context: PageContext, found: tuple[Name, int]) -> None:
    """The incident it belongs to (D24), linked, with how many others belong to it."""
    name, others = found
    title = "" if name.title == HIDDEN else name.title
    rest = ngettext("{n} other complaint", "{n} other complaints", others).format(n=number(others))
    words = " · ".join(filter(None, (_("Incident {code}").format(code=name.code), title, rest)))
    metrics.to_page(context, "incidents", words, {"code": name.code}, icon=":material/crisis_alert:")


def _went_to(end: End) -> None:
    """The complaint in which it goes on (D13), one click away for who may open it."""
    if end.opens:
        links.to_complaint(end.code, _("Merged: it goes on in {code}").format(code=end.code), icon=":material/merge:")
    else:
        st.markdown(md(_(":material/merge: Merged: it goes on in {code}"), code=end.code))


def _taken_in(found: Sequence[TakenIn]) -> None:
    """How many complaints go on in it, each with its link."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        n = len(found)
        said = ngettext("{n} complaint merged in:", "{n} complaints merged in:", n).format(n=number(n))
        st.markdown(md(":material/merge: {said}", said=said), width="content")
        told = [one.complaint.code for one in found if one.moments]
        for code in told:
            links.to_complaint(code, code, icon="")
        if more := n - len(told):
            with st.expander(plain(_("and {n} received before these").format(n=number(more))), type="compact"):
                st.markdown(plain(", ".join(one.complaint.code for one in found if not one.moments)))
                st.caption(_("What was said there, and the files, are on their own pages."))


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


def _awaited(direction: AwaitedDirection, now: datetime) -> Markdown:
    """Of whom a direction is awaited, since when, until when, and who asked what."""
    late = is_past(direction.due_at, now)
    due = _("was needed by {due}") if late else _("needed by {due}")
    facts = [
        _("Waiting for a direction of {whom}").format(whom=named("addressee in a sentence", direction.addressee)),
        _("since {moment}").format(moment=moment(direction.asked_at)),
        due.format(due=due_words(direction.due_at)),
        *([words.reminded(direction.reminded)] if direction.reminded else []),
    ]
    line = md(
        ":{colour}[:material/assistant_direction: {facts}]",
        colour=Markdown("red" if late else "primary"),
        facts=" · ".join(facts),
    )
    if direction.question in ("", HIDDEN):
        return line
    asked = md(":gray[{who}: “{question}”]", who=direction.who, question=snippet(direction.question, QUESTION))
    return joined(" ", [line, asked])


def _products(dossier: Dossier) -> tuple[tuple[Catalogue, str | None], ...]:
    known = catalogues()
    complaint = dossier.complaint
    return (
        (known.products, complaint.product),
        (known.platforms, complaint.platform),
        (known.branches, complaint.branch),
    )
