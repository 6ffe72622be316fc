"""Known events of the charts (D28): what is known of the period, and the dialog in which a lead or manager says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast, get_args

import streamlit as st

from core.catalogues import catalogues
from core.i18n import N_, day, named, ngettext, number
from core.i18n import gettext as _
from core.insight import dimensions, known
from core.register.figures import known_events
from core.register.figures.known_events import Draft, Offered
from core.rules.calendar import local_day
from core.rules.catalogue import offered
from core.rules.known_events import LONGEST_TITLE, Kind, KnownEvent
from core.rules.procedure import RATED
from core.ui import address, doing, errors, fields, frame
from core.ui.context import PageContext
from core.ui.fields import DATE_FORMAT
from core.ui.text import Markdown, md, plain

DIALOG, OPEN = "dialog", "events"  # of the address; one dialog at a time is open
TOLD = 3  # beneath the lines of the overview
MOST = 20  # incidents that are offered, the newest first
TITLE_IS = N_(
    "Everybody who opens figures reads it, and the log keeps it: no name, phone number or account of anybody."
)


def read(context: PageContext, first: date, last: date) -> list[KnownEvent]:
    """What is known to have happened in these days."""
    with context.register.read() as session:
        return known_events.standing(session, first, last)


def tell(events: Sequence[KnownEvent]) -> None:
    """What is known of twelve weeks drawn in lines that are too small to be marked: the newest ones, in words."""
    if not events:
        return
    newest = sorted(events, key=lambda one: (one.first, one.id), reverse=True)
    words = "; ".join(known.words(one) for one in newest[:TOLD])
    more = len(newest) - TOLD
    if more > 0:
        words += ngettext("; {n} earlier one", "; {n} earlier ones", more).format(n=number(more))
    sentence = _("Known of these twelve weeks: {events}").format(events=words)
    st.caption(md("{icon} {sentence}", icon=Markdown(":material/flag:"), sentence=sentence))


def show(context: PageContext, page: str, events: list[KnownEvent]) -> None:
    """The way to the dialog of known events, for who may say what happened; it stays open while the URL says so."""
    if not context.may("annotate"):
        return
    words = ngettext("Known events ({n})", "Known events ({n})", len(events)) if events else _("Known events")
    st.button(
        plain(words.format(n=number(len(events)))),
        key="known_events_open",
        icon=":material/flag:",
        type="tertiary",
        on_click=lambda: address.put(**{DIALOG: OPEN}),
        help=_("Incidents, releases and campaigns that explain a chart: who reads it sees them on it."),
    )
    if address.word(DIALOG, [OPEN], ""):
        st.dialog(_("Known events"), on_dismiss=_close, width="medium", icon=":material/flag:")(_inside)(page, events)


def _close() -> None:
    doing.leave()
    address.put(**{DIALOG: None})


def _inside(page: str, shown: list[KnownEvent]) -> None:
    """The dialog runs by itself, without the page."""
    with errors.boundary():
        context = frame.open_page(page)
        today = local_day(context.now)
        first = min((one.first for one in shown), default=today)
        with context.register.read() as session:
            standing = {one.id: one for one in known_events.standing(session, min(first, _back(today)), today)}
            incidents = known_events.offered(session, _back(today), today)[:MOST]
        for one in reversed(standing.values()):
            _one(context, one, today)
        if not standing:
            st.caption(_("Nothing is known yet of the last twelve months."))
        _incidents(context, incidents)
        _form(context, today)
        doing.finish()


def _back(today: date) -> date:
    return today.replace(year=today.year - 1, day=1)


def _one(context: PageContext, one: KnownEvent, today: date) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(md("{words} :gray[· {by}]", words=known.words(one), by=_of(one)), width="stretch")
        if one.last is None:
            doing.button(
                context,
                _("Ended today"),
                lambda session, act: known_events.end(session, one.id, today, act),
                _("The event ends today on the charts."),
                key=f"known_events_end_{one.id}",
                type="tertiary",
            )
        doing.button(
            context,
            _("Take off the charts"),
            lambda session, act: known_events.withdraw(session, one.id, act),
            _("The event is on no chart any more; the log keeps it."),
            key=f"known_events_withdraw_{one.id}",
            icon=":material/close:",
            type="tertiary",
        )


def _of(one: KnownEvent) -> str:
    """What it touches, and who said so."""
    touches = [dimensions.name_of("category", one.category)] if one.category else []
    touches += [dimensions.name_of("stage", one.stage)] if one.stage else []
    return " · ".join([*touches, one.added_by or _("the register")])


def _incidents(context: PageContext, incidents: list[Offered]) -> None:
    """Incidents of the register, each put on the charts by one click."""
    if not incidents:
        return
    st.caption(_("Incidents of the register that are on no chart yet:"))
    for one in incidents:
        _incident(context, one)


def _incident(context: PageContext, one: Offered) -> None:
    wanted = Draft("incident", one.code, one.first, one.last, category=_listed(one.category), incident=one.code)
    category = dimensions.name_of("category", one.category)
    doing.button(
        context,
        plain(f"{one.code} · {category} ({known.days(one.first, one.last)})"),
        lambda session, act: known_events.add(session, wanted, act),
        _("The incident is on the charts now."),
        key=f"known_events_incident_{one.code}",
        then=_close,
        icon=":material/add:",
        type="tertiary",
    )


def _listed(category: str) -> str | None:
    return category if category in catalogues().categories else None


def _form(context: PageContext, today: date) -> None:
    with st.container(border=True):
        st.subheader(_("Add what is known"), anchor=False)
        kinds = {kind: named("known event", kind) for kind in get_args(Kind)}
        kind = st.segmented_control(
            _("Kind"),
            list(kinds),
            format_func=lambda one: plain(kinds[one]),
            default="incident",
            required=True,
            key="known_kind",
        )
        title = st.text_input(_("In a few words"), key="known_title", max_chars=LONGEST_TITLE)
        st.caption(_(TITLE_IS))
        doing.mend("title")
        left, right = st.columns(2)
        with left:
            first = st.date_input(_("From"), value=today, max_value=today, key="known_first", format=DATE_FORMAT)
            doing.mend("first")
        with right:
            last = st.date_input(
                _("To (empty: it goes on)"), value=None, key="known_last", format=DATE_FORMAT, min_value=first
            )
            doing.mend("last")
        left, right = st.columns(2)
        with left:
            category = _choice(_("Only one category"), _categories(), "known_category")
            doing.mend("category")
        with right:
            stages = {stage: dimensions.name_of("stage", stage) for stage in RATED}
            stage = _choice(_("Only one promise"), stages, "known_stage")
        wanted = Draft(cast("Kind", kind), title or "", first, last, category=category, stage=stage)
        doing.button(
            context,
            _("Put on the charts"),
            lambda session, act: known_events.add(session, wanted, act),
            _("“{title}” is on the charts from {day} on.").format(title=wanted.title.strip(), day=day(first)),
            key="known_events_add",
            then=_close,
            type="primary",
            width="stretch",
        )


def _choice(label: str, options: Mapping[str, str], key: str) -> str | None:
    return fields.choice(plain(label), options, key, {}, key)


def _categories() -> dict[str, str]:
    known_ones = offered(catalogues().categories)
    return {key: dimensions.name_of("category", key) for key, entry in known_ones.items() if not entry.parent}
