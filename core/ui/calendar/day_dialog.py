"""One day of the calendar in a dialog: what it is, and what it should be instead, taken into the draft."""

from __future__ import annotations

from datetime import date, time, timedelta

import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import sentence
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.calendar.changes import Changes
from core.rules.calendar import local_day
from core.rules.days import CONFIRMED, CalendarDays, DayRule, Intervals
from core.ui import address, errors, frame
from core.ui.calendar import draft as calendar_draft
from core.ui.calendar import words
from core.ui.calendar.draft import Draft
from core.ui.calendar.words import HOURS, KINDS, OFF, ORDINARY, WORKED
from core.ui.fields import DATE_FORMAT
from core.ui.text import plain

HALF_DAY = (time(8, 30), time(12))


def chosen(days: CalendarDays) -> date | None:
    """The day of the URL, if the calendar or its coming year holds it."""
    try:
        day = date.fromisoformat(st.query_params.get("day", ""))
    except ValueError:
        return None
    return day if days.first_year <= day.year <= days.last_year + 1 else None


def open_if_chosen(days: CalendarDays, closed: frozenset[int]) -> None:
    """Show the day of the URL, until it is closed or taken into the draft."""
    if chosen(days) is not None:
        st.dialog(_("A day of the calendar"), on_dismiss=_close)(_inside)(closed)


def add_button(days: CalendarDays, year: int, closed: frozenset[int], today: date) -> None:
    """Opens the dialog without the year view: on the next ordinary working day, which can be changed to any other."""
    day = max(today + timedelta(days=1), date(year, 1, 1))
    while day.weekday() in closed or day in days.days:
        day += timedelta(days=1)
    if day.year == year:
        st.button(
            _("Change a day"),
            icon=":material/edit_calendar:",
            key="calendar_add",
            on_click=lambda: address.put(day=day.isoformat()),
        )


def _close() -> None:
    address.put(day=None)


def _inside(closed: frozenset[int]) -> None:
    """The dialog runs by itself, without the page: session and calendar are read again."""
    with errors.boundary():
        context = frame.open_page("calendar")
        with context.register.read() as session:
            days = calendars.current(session)
        day = chosen(days)
        if day is not None:
            _show(days, day, closed, local_day(context.now))


def _show(days: CalendarDays, day: date, closed: frozenset[int], today: date) -> None:
    draft = calendar_draft.of_tab()
    in_use, wanted = days.days.get(day), draft.changes.get(day, days.days.get(day))
    _describe(day, in_use, closed)
    if day <= today:
        st.caption(_("A day that has begun is not rewritten: deadlines were given on it."))
        return
    if day in draft.changes:
        change = words.change(day, in_use, draft.changes[day])
        st.markdown(f":orange[:material/edit: {_('In the draft:')}] {plain(change)}")
    key = f"calendar.{day}"
    last = _days(day, key)
    kind = _kind(wanted, day.weekday() in closed, key)
    rule, swap = _rule(wanted, kind, key), _swap(kind, key)
    if st.button(_("Take into the draft"), type="primary", key=f"{key}.take", width="stretch"):
        try:
            _take(days, draft, calendar_draft.changes_of(days, draft, (day, last), rule, swap, closed), today)
        except PopsError as refused:
            st.error(plain(sentence(refused)), icon=":material/error:")


def _describe(day: date, rule: DayRule | None, closed: frozenset[int]) -> None:
    """What the day is in the calendar in use."""
    weekday = f"**{plain(words.weekday(day))}**"
    if rule is None:
        kind = _("closed like every weekend") if day.weekday() in closed else _("an ordinary working day")
        st.markdown(f"{weekday} · {kind}")
        return
    confidence = _(words.CONFIDENCES[rule.confidence])
    st.markdown(f"{weekday} · {plain(words.kind(rule))} · {plain(words.name(rule))}")
    st.caption(_("Source: {source} ({confidence})").format(source=plain(words.source(rule)), confidence=confidence))


def _days(day: date, key: str) -> date:
    """First and last day; another first day is another dialog."""
    left, right = st.columns(2)
    left.date_input(_("Day"), value=day, key=f"{key}.first", format=DATE_FORMAT, on_change=_go, args=(f"{key}.first",))
    last = right.date_input(_("Until (several days)"), value=None, min_value=day, key=f"{key}.last", format=DATE_FORMAT)
    return last or day


def _go(widget: str) -> None:
    """To the dialog of another day; an emptied field changes nothing."""
    if st.session_state[widget] is not None:
        address.put(day=st.session_state[widget].isoformat())


def _kind(wanted: DayRule | None, is_closed: bool, key: str) -> str:
    offered = [kind for kind in KINDS if kind != WORKED or is_closed or words.kind_of(wanted) == WORKED]
    first = words.kind_of(wanted)
    if wanted is None:
        first = WORKED if is_closed else OFF
    chosen: str = st.segmented_control(
        _("What it should be"),
        offered,
        default=first,
        format_func=lambda kind: _(KINDS[kind]),
        required=True,
        key=f"{key}.kind",
        wrap=True,
    )
    return chosen


def _rule(wanted: DayRule | None, kind: str, key: str) -> DayRule | None:
    if kind == ORDINARY:
        return None
    before = wanted or calendar_changes.decided((), "")
    open: Intervals | None = {OFF: (), WORKED: None}.get(kind, ())
    if kind == HOURS:
        open = (_hours(wanted, key),)
    name = st.text_input(
        _("Name of the day"),
        value=words.name(before),
        key=f"{key}.name",
        placeholder=_("Company day off, worked for …"),
        help=_("It stands beside every deadline the day moves."),
        max_chars=120,
    )
    with st.expander(_("Source and confidence")):
        source = st.text_input(_("Source"), value=words.source(before), key=f"{key}.source", max_chars=200)
        confidence: str = st.selectbox(
            _("Confidence"),
            list(words.CONFIDENCES),
            index=list(words.CONFIDENCES).index(before.confidence if wanted else CONFIRMED),
            format_func=lambda one: _(words.CONFIDENCES[one]),
            key=f"{key}.confidence",
        )
    if name == words.name(before):  # its other language stays with it
        return DayRule(open, before.name, before.name_en, _source(source, before), confidence)
    return calendar_changes.decided(open, name or "", source=_source(source, before), confidence=confidence)


def _source(typed: str | None, before: DayRule) -> str:
    """What was typed; where nothing was changed, the source as it is written in the register."""
    return before.source if typed == words.source(before) else (typed or "").strip()


def _hours(wanted: DayRule | None, key: str) -> tuple[time, time]:
    opens, closes = wanted.open[0] if wanted and wanted.open else HALF_DAY
    left, right = st.columns(2)
    step = timedelta(minutes=15)
    first = left.time_input(_("Open from"), value=opens, key=f"{key}.opens", step=step)
    last = right.time_input(_("Open until"), value=closes, key=f"{key}.closes", step=step)
    return first, last


def _swap(kind: str, key: str) -> date | None:
    """The day worked instead of a day off."""
    if kind != OFF:
        return None
    worked: date | None = st.date_input(_("Worked instead (if any)"), value=None, key=f"{key}.swap", format=DATE_FORMAT)
    return worked


def _take(days: CalendarDays, draft: Draft, changes: Changes, today: date) -> None:
    """Take ``changes`` into the draft, tried on a copy first: what is impossible is refused here, not on applying."""
    coming = days.last_year + 1
    trial = Draft(dict(draft.changes), draft.year)
    if trial.year is None and any(day.year == coming for day in changes):
        trial.start_year(coming, calendar_changes.lawful(days, coming))
    trial.put(days, changes)
    trial.applied_to(days, today=today)
    draft.changes, draft.year, draft.look, draft.refused = trial.changes, trial.year, None, ""
    _close()
    st.rerun()
