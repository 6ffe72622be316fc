"""Lists of the calendar page: the year's special days, what is proposed for it, and every version ever applied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, ngettext, number
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.calendar.calendars import Version
from core.register.people import accounts
from core.rules.days import COMPUTED, EXPECTED, CalendarDays, DayRule
from core.ui import address, go, paging
from core.ui.calendar import draft as calendar_draft
from core.ui.calendar import words as calendar_words
from core.ui.calendar.draft import Draft
from core.ui.calendar.words import HOURS, OFF, WORKED
from core.ui.calendar.year_view import Mark
from core.ui.context import PageContext
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import Markdown, joined, md, plain

VERSIONS_SHOWN, CHANGES_SHOWN = 10, 8


def marks(special: Mapping[date, DayRule | None], draft: Draft) -> dict[date, Mark]:
    """The special days as the year view marks them; changes of the draft among them."""
    return {day: _mark(rule, day in draft.changes) for day, rule in special.items()}


def legend(shown: Mapping[date, Mark], *, with_today: bool) -> dict[str, str]:
    """Mark → its word, for the marks there are."""
    words = {OFF: _("day off"), f"{OFF} unsure": _("day off, only expected"), WORKED: _("worked instead")}
    words |= {HOURS: _("own hours"), "changed": _("in the draft"), "today": _("today")}
    there = {mark.kind for mark in shown.values() if not mark.is_unsure} | {OFF, WORKED}
    there |= {f"{mark.kind} unsure" for mark in shown.values() if mark.is_unsure}
    there |= {"today"} if with_today else set()
    there |= {"changed"} if any(mark.is_changed for mark in shown.values()) else set()
    return {name: word for name, word in words.items() if name in there}


def _mark(rule: DayRule | None, is_changed: bool) -> Mark:
    kind = calendar_words.kind_of(rule)
    text = calendar_words.kind(rule)
    if rule is not None:
        text += f": {calendar_words.name(rule)} ({_(calendar_words.CONFIDENCES[rule.confidence])})"
    if is_changed:
        text += f", {_('in the draft')}"
    return Mark(kind, text, rule is not None and rule.confidence == EXPECTED, is_changed)


def show_year(year: int, special: Mapping[date, DayRule | None], draft: Draft) -> None:
    """The special days of the year with source and confidence, each leading to its dialog."""
    st.subheader(_("Special days of {year}").format(year=year), anchor=False)
    columns = (
        Column(_("Day"), 13, "first"),
        Column(_("Kind of day"), 12, "last"),
        Column(_("Name of the day"), 0, "second"),
        Column(_("Source, confidence"), 19),
    )
    rows = [_row(year, day, rule, day in draft.changes) for day, rule in special.items()]
    table(columns, rows, key="calendar_days", alt=_("Special days of {year}").format(year=year), list_id=str(year))


def _row(year: int, day: date, rule: DayRule | None, is_changed: bool) -> Row:
    sure = _(calendar_words.CONFIDENCES[rule.confidence]) if rule else ""
    name = calendar_words.name(rule) if rule else _("as ordinary as its weekday")
    return Row(
        key=day.isoformat(),
        href=go.address("calendar", year=str(year), day=day.isoformat()),
        cells=(
            Cell(calendar_words.weekday(day)),
            Cell(
                calendar_words.kind(rule),
                below=_("in the draft") if is_changed else "",
                tone="near" if is_changed else "",
            ),
            Cell(f"{name} ({sure})" if rule and rule.confidence == EXPECTED else name),
            Cell(calendar_words.source(rule) if rule else "", below=sure),
        ),
    )


def show_proposals(days: CalendarDays, year: int, today: date) -> None:
    """Days that law and State propose and the calendar lacks, ticked if in the draft; a coming year is drafted here."""
    draft = calendar_draft.of_tab()
    is_coming = year > days.last_year
    proposed = {day: rule for day, rule in calendar_changes.proposals(days, year).items() if is_coming or day > today}
    if not proposed:
        return
    with st.container(border=True):
        n = len(proposed)
        st.subheader(ngettext("{n} proposed day", "{n} proposed days", n).format(n=n), anchor=False)
        st.caption(
            _(
                "From the holidays package: the law as it reads today, and swaps the State announced, which bind "
                "civil servants, not companies. What counts is what you approve."
            )
            + " "
            + _("To change a day or add another, click it in the calendar.")
        )
        if is_coming and draft.year != year:
            _start_year_button(days, draft, year)
            st.markdown(joined("\n", (md("- {day}", day=_proposal(day, rule)) for day, rule in proposed.items())))
            return
        for day, rule in proposed.items():
            _proposal_box(days, draft, day, rule)


def _start_year_button(days: CalendarDays, draft: Draft, year: int) -> None:
    rules = calendar_changes.lawful(days, year)
    st.button(
        _("Draft {year} from {n} days of the law").format(year=year, n=len(rules)),
        type="primary",
        icon=":material/playlist_add_check:",
        key="calendar_start_year",
        on_click=draft.start_year,
        args=(year, rules),
    )


def _proposal(day: date, rule: DayRule) -> Markdown:
    """The day with its name, and what is unusual about it: no day off, another source than the law, not certain."""
    more = []
    if calendar_words.kind_of(rule) != OFF:
        more.append(calendar_words.kind(rule))
    if rule.source != calendar_changes.LAW:
        more.append(calendar_words.source(rule))
    if rule.confidence != COMPUTED:
        more.append(_(calendar_words.CONFIDENCES[rule.confidence]))
    text = plain(f"{calendar_words.weekday(day)}: {calendar_words.name(rule)}")
    return md("{text} :gray[· {more}]", text=text, more=", ".join(more)) if more else text


def _proposal_box(days: CalendarDays, draft: Draft, day: date, rule: DayRule) -> None:
    key = f"calendar.{draft.round}.proposal.{day}"
    st.session_state[key] = draft.changes.get(day) is not None
    st.checkbox(_proposal(day, rule), key=key, on_change=_tick, args=(days, draft, day, rule, key))


def _tick(days: CalendarDays, draft: Draft, day: date, rule: DayRule, key: str) -> None:
    if st.session_state[key]:
        draft.put(days, {day: rule})
    else:
        draft.take_out(day)


def show_versions(context: PageContext) -> None:
    """The audit: every version applied, by whom, why, and what it changed; newest first."""
    with context.register.read() as session:
        every = calendars.versions(session)
        page = paging.number("versions", len(every), VERSIONS_SHOWN)
        shown = every[(page - 1) * VERSIONS_SHOWN : page * VERSIONS_SHOWN]
        names = {person.id: person.name for person in accounts.list_people(session)}
        contents = {
            number: calendars.as_applied(session, number)
            for number in {one.version - back for one in shown for back in (0, 1)}
        }
    st.subheader(_("Versions"), anchor=False, help=_("A deadline keeps the version it was promised on (D8)."))
    for one in shown:
        _version(one, names, contents[one.version], contents[one.version - 1])
    paging.turn("versions", len(every), VERSIONS_SHOWN, page)


def _version(one: Version, names: Mapping[int, str], after: CalendarDays | None, before: CalendarDays | None) -> None:
    who = names.get(one.applied_by or 0, _("with the program"))
    with st.container(border=True, gap="xsmall"):
        st.markdown(
            md(
                _("**Version {version}** · {moment} · {who}"),
                version=one.version,
                moment=moment(one.applied_at),
                who=who,
            )
        )
        st.markdown(plain(_(one.reason)))
        if before and after:
            st.caption("  \n".join(plain(line) for line in _changes(before, after)))


def _changes(before: CalendarDays, after: CalendarDays) -> list[str]:
    """The first changes between two versions, and how many more there are."""
    changes = [calendar_words.change(day, *pair) for day, pair in calendar_changes.differences(before, after).items()]
    lines, more = changes[:CHANGES_SHOWN], len(changes) - CHANGES_SHOWN
    if more > 0:
        lines.append(_("and {n} more changes").format(n=number(more)))
    return lines


def choose_year(days: CalendarDays, today: date) -> int:
    """The year of the URL, this year where it names none; never beyond the first that is not approved."""
    known = [str(year) for year in range(days.first_year, days.last_year + 2)]
    day = st.query_params.get("day", "")[:4]
    default = day if day in known else str(min(today.year, days.last_year + 1))
    return int(address.word("year", known, default))


def year_list(days: CalendarDays, year: int, today: date) -> None:
    """The list of years."""
    known = list(range(days.last_year + 1, days.first_year - 1, -1))
    changed = address.follow("calendar_year", year, "year", default=today.year, forget=("day", "moved"))
    st.selectbox(
        _("Year"),
        known,
        format_func=lambda one: _("{year}, not approved").format(year=one) if one > days.last_year else str(one),
        key="calendar_year",
        on_change=changed,
        label_visibility="collapsed",
        width=190,
    )
