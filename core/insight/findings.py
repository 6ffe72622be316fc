"""Titles of the pages of figures: the finding in one sentence, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import isnan

import pandas as pd

from core.i18n import MOST_DIGITS, N_, day, label, named, ngettext, number, percent
from core.i18n import gettext as _
from core.insight import tet
from core.insight.charts import target_words
from core.insight.comparison import (
    CLOSED,
    ENOUGH_DAYS,
    NOT_BEGUN,
    NOT_CHOSEN,
    NOT_COVERED,
    NOT_OVER,
    OVERLAPS,
    TOO_LONG,
    TOO_SOON,
    UNKNOWN_YEAR,
    Comparison,
    DayOff,
)  # fmt: skip
from core.insight.compliance import is_met, whole
from core.insight.control_chart import spans_years, unusually, week_number
from core.insight.dimensions import NONE, name_of
from core.insight.filters import Filter
from core.insight.histories import CUSTOMER, DEPARTMENT, US
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.rules.calendar import LOCAL
from core.rules.spans import DAY

Row = Mapping[str, float]
"""A figure in one row: column → value."""
DECIMAL_BELOW = 10  # hours: fewer are written with a decimal
FEW_WEEKS, HALF = 3, 0.5  # of fewer weeks none stands out; the part of a rise that one week has to have
WEEKEND = 3  # days from a Friday off to a Monday off: one run
HOUR, MINUTES = 3600, 60  # an hour in seconds, in minutes
RUNS = 3  # of days off that are named; more are counted


def attention(counts: Mapping[str, int], *, of_department: bool = False) -> str:
    """What needs a person now (``backlog.segments``); ``of_department``: only one department's was counted."""
    if not counts["all"]:
        return _("Nothing is open with your department") if of_department else _("Nothing is open")
    overdue, today, unacknowledged = (counts[name] for name in ("overdue", "due_today", "unacknowledged"))
    sentences = [
        ngettext("{n} complaint overdue", "{n} complaints overdue", overdue).format(n=number(overdue))
        if overdue
        else "",
        _("{n} due today").format(n=number(today)) if today else "",
        _("{n} not acknowledged").format(n=number(unacknowledged)) if unacknowledged else "",
    ]
    return ", ".join(filter(None, sentences)) or _("Nothing is overdue or due today")


def compliance(weeks: Mapping[str, pd.DataFrame], stage: str) -> str:
    """The finding of ``stage`` (stage → ``compliance.by_week``, the promise that counts most first), which it names.

    Where nothing of it fell due, the finding of a stage of which something did: a title never says that nothing fell
    due above a number that counts something.
    """
    fell_due = [name for name in (stage, *weeks) if weeks[name]["due"].sum()]
    told = fell_due[0] if fell_due else stage
    return _of_weeks(weeks[told], name_of("stage", told))


def _of_weeks(weeks: pd.DataFrame, stage: str) -> str:
    """First whether the target is met, then whether the week is unusual (D16).

    Of the last week that has ended with anything due; where too little was due in it, of the whole period.
    """
    ended = weeks[weeks["ended"] & (weeks["due"] > 0)]
    last = None if ended.empty else ended.iloc[-1]
    if last is not None and last["due"] >= ENOUGH:
        usual = "" if isnan(last["lower"]) else _(", as usual")
        unusual = unusually(last["signal"], last["rule"])
        week = week_number(last["week"].date(), spans_years([week.date() for week in weeks["week"]]))
        against = in_words(int(last["due"]), last["share"], last["target"])
        return _("{stage}, week {week}: {judged}").format(
            stage=stage, week=week, judged=against + (f", {unusual}" if unusual else usual)
        )
    found = whole(weeks)
    due = int(found["due"])
    if due >= ENOUGH:
        judged_so = in_words(due, found["share"], found["target"])
        return _("{stage}, this period: {judged}").format(stage=stage, judged=judged_so)
    if due:
        sentence = _("{stage}: {met} of {n} met, too few to judge")
        return sentence.format(stage=stage, met=number(found["met"]), n=number(due))
    if weeks["running"].sum():
        return _("{stage}: nothing has fallen due yet in this period").format(stage=stage)
    return _("{stage}: nothing fell due in this period").format(stage=stage)


def in_words(due: int, share: float, target: float) -> str:
    """``chưa đạt chỉ tiêu 95 % (87 % của 214)``."""
    sentence = _("target of {target} met ({share} of {n})")
    if not is_met(share, target):
        sentence = _("target of {target} missed ({share} of {n})")
    return sentence.format(target=target_words(target), share=beside_target(share, target), n=number(due))


def on_target(weeks: Iterable[tuple[int, float, float]]) -> tuple[int, int]:
    """How many weeks reach their target, and how many are judged (D16).

    ``weeks``: of each how many fell due, the share met, its target; of fewer than ``ENOUGH`` none is judged.
    """
    judged = [is_met(share, target) for due, share, target in weeks if due >= ENOUGH]
    return sum(judged), len(judged)


def beside_target(share: float, target: float) -> str:
    """A share met with as many digits as tell it from a target that it misses: 94,6 % of 95 %, never 95 % of 95 %."""
    digits = 0
    while not is_met(share, target) and digits < MOST_DIGITS and is_met(round(share, digits + 2), target):
        digits += 1
    return percent(share, digits)


def categories(found: pd.DataFrame, weekly: pd.DataFrame, against: Comparison, now: datetime) -> str:
    """The category that changed most beyond chance, and the week in which; else the largest.

    ``found``: ``volume.by_category``; ``weekly``: ``volume.by_week_and_category``.
    """
    count = int(found["count"].sum())
    if count < ENOUGH:
        return _too_few(count) if count else _("No complaint in this period")
    moved = [row for row in found.itertuples() if row.moved and max(row.count, row.before) >= ENOUGH]
    if not moved:
        first = found.iloc[0]
        largest = _("{category}: {share} of {n} complaints").format(
            category=name_of("category", first["key"]), share=percent(first["share"]), n=number(count)
        )
        return largest if against.before is None else largest + _("; none rose or fell beyond chance")
    most = max(moved, key=lambda row: abs(row.count - expected(row.before, against)))
    counts = int(most.count), int(most.before), float(most.ratio)
    where = _in_week(weekly[weekly["category"] == most.key], counts[1], against, now)
    return _moved(name_of("category", most.key), counts, where, against)


def causes(pareto: pd.DataFrame, risen: pd.DataFrame, weekly: pd.DataFrame, against: Comparison, now: datetime) -> str:
    """The cause that rose most beyond chance, the week in which, and how many others did; else the most frequent one.

    ``weekly``: ``causes.by_week`` of ``most_risen``.
    """
    closed = int(pareto["count"].sum())
    key = most_risen(risen, against)
    if key is not None:
        row = risen.set_index("key").loc[key]
        counts = int(row["count"]), int(row["before"]), float(row["ratio"])
        sentence = _moved(name_of("root_cause", key), counts, _in_week(weekly, counts[1], against, now), against)
        others = int(risen["rose"].sum()) - 1
        more = ngettext("; {n} other cause rose too", "; {n} other causes rose too", others)
        return sentence + (more.format(n=number(others)) if others else "")
    stated = pareto[pareto["key"] != NONE]
    if stated.empty:
        return _("No cause stated in this period")
    if closed < ENOUGH:
        return _too_few(closed)
    first = stated.iloc[0]
    frequent = _("{cause}: {share} of {n} closed complaints").format(
        cause=name_of("root_cause", first["key"]), share=percent(first["share"]), n=number(closed)
    )
    return frequent if against.before is None else frequent + _("; no cause rose beyond chance")


def most_risen(risen: pd.DataFrame, against: Comparison) -> str | None:
    """The cause with most closed beyond what the rate before explains, of those that rose; none from too few."""
    rose = [row for row in risen.itertuples() if row.rose and row.count >= ENOUGH]
    most = max(rose, key=lambda row: row.count - expected(row.before, against), default=None)
    return None if most is None else str(most.key)


def expected(before: float, against: Comparison) -> float:
    """How many there would be in this period at the rate per open hour of the other one."""
    return before * against.open_now / against.open_before


def handling(took: Row, spent: pd.DataFrame) -> str:
    """How long results took in open time, and who most of it was waited for.

    ``took``: the row of ``resolve_hours``; ``spent``: ``time_spent`` by who is waited for.
    """
    n = int(took["count"])
    if n < ENOUGH:
        told = ngettext("{n} result told in this period", "{n} results told in this period", n)
        return told.format(n=number(n)) + _(": too few to tell how long they take") if n else _("No result told yet")
    sentence = _("Half of the results within {median} of open time, 90 % within {p90}").format(
        median=in_hours(took["median"]), p90=in_hours(took["p90"])
    )
    waited = spent[spent["share"] > 0]
    if waited.empty:
        return sentence
    most = waited.sort_values("hours", ascending=False).iloc[0]
    return sentence + _("; {share} of the time waiting for {whom}").format(
        share=percent(most["share"]), whom=whom(str(most["waits_for"]))
    )


def whom(waits_for: str) -> str:
    """Who is waited for, in a sentence."""
    words = {US: N_("customer care"), DEPARTMENT: N_("a department"), CUSTOMER: N_("the customer")}
    return _(words[waits_for])


def in_hours(hours: float) -> str:
    """``12 phút``, ``6,2 giờ``, ``14 giờ``; a dash for none."""
    if isnan(hours):
        return "–"
    minutes = round(hours * MINUTES)
    if minutes < MINUTES:
        return _("{n} min").format(n=number(minutes))
    return _("{n} h").format(n=number(hours, 1 if hours < DECIMAL_BELOW else 0))


def outcomes(upheld: Row, reopened: Row) -> str:
    """How often the customer was right, and how often a case was opened again: the rows of these figures."""
    decided, ended = int(upheld["decided"]), int(reopened["ended"])
    right = _("The customer was right in {share} of {n} decisions").format(
        share=percent(upheld["share"]), n=number(decided)
    )
    again = _("{share} of {n} cases were opened again").format(share=percent(reopened["share"]), n=number(ended))
    told = [words for words, n in ((right, decided), (again, ended)) if n >= ENOUGH]
    if told:
        sentence = "; ".join(told)
        return f"{sentence[:1].upper()}{sentence[1:]}"
    return _too_few(ended) if ended else _("No case of this period has ended yet")


def narrowed(slice: Slice) -> Iterator[str]:
    """What rows are narrowed to that only a figure names, a few words each."""
    if slice.waits_for:
        yield _("waited for {whom}").format(whom=whom(slice.waits_for))
    if slice.phase:
        yield _("step: {name}").format(name=named("phase", slice.phase))
    if slice.event:
        yield named("event", slice.event)
    if slice.to:
        yield _("back to {name}").format(name=named("phase", slice.to))
    if slice.field:
        yield _("with an amount")
    if slice.issue:
        dimension, _colon, key = slice.issue.partition(":")
        yield _("an issue of {name}").format(name=name_of(dimension, key))


def signed(change: float) -> str:
    """``+12 %``, ``-3 %``; a dash where there was nothing before."""
    return "–" if isnan(change) else f"{'+' if change > 0 else ''}{percent(change)}"


def other(against: Comparison) -> str:
    """What the other period is called."""
    if against.is_chosen and against.wanted:
        return period(*against.wanted)
    if against.choice == "last_year":
        return _("the same weeks last year")
    return _("last week") if against.period.preset == "this_week" else _("the period before")


def before_words(against: Comparison) -> str:
    """What the numbers of the other period are called above a column of them."""
    return other(against) if against.is_chosen else _("Before")


def compared(against: Comparison) -> str:
    """What the period is compared with, how long both were open, and the days off in them; or why with nothing."""
    if against.before is None:
        return _not_compared(against)
    sentence, unit = _("{now} open hours against {before}"), HOUR
    if against.is_by_days:
        sentence, unit = _("{now} working days against {before}"), DAY
    hours = sentence.format(now=_open(against.open_now, unit), before=_open(against.open_before, unit))
    off = [
        _("off {which}: {days}").format(which=which, days=days_off(days))
        for which, days in ((_("this period"), against.off_now), (other(against), against.off_before))
        if days
    ]
    lengths = [] if against.before.until or against.before.days == against.now.days else [_other_length(against)]
    return " · ".join([_("compared with {period}").format(period=span(against.before)), *lengths, hours, *off])


def _other_length(against: Comparison) -> str:
    """Of two periods that were chosen by their days: that they are of different length, and what is done about it."""
    assert against.before is not None
    sentence = _("{now} days against {before}, so numbers are compared per open hour")
    return sentence.format(now=number(against.now.days), before=number(against.before.days))


def _not_compared(against: Comparison) -> str:
    if against.why_not == NOT_CHOSEN or (against.since is None and against.why_not == NOT_COVERED):
        return ""
    sentences = {
        NOT_BEGUN: _("Not compared: this period has not begun."),
        TOO_LONG: _("Not compared with last year: this period is longer than a year."),
        NOT_COVERED: _("Not compared with {wanted}: the register has all of this only from {since} on."),
        CLOSED: _("Not compared: no open hour has passed in this period, or there was none in {wanted}."),
        UNKNOWN_YEAR: _("Not compared: the calendar does not know the years of {wanted}."),
        OVERLAPS: _("Not compared with {wanted}: it shares days with this period. Choose days that lie apart."),
        NOT_OVER: _("Not compared with {wanted}: it is not over yet. Choose it as the period, and this one beside it."),
        TOO_SOON: _(
            "Not compared with {wanted}: of this period, still running, {n} days must have passed first, or both have "
            "as many days."
        ),
    }
    values = {
        "wanted": period(*against.wanted) if against.wanted else "",
        "since": day(against.since) if against.since else "",
        "n": ENOUGH_DAYS,
    }
    return sentences[against.why_not].format(**values)


def days_off(days: Sequence[DayOff]) -> str:
    """``16/02–20/02 (Tết Nguyên Đán), 24/11 (Ngày Văn hóa Việt Nam)``; of many, how many there were."""
    runs: list[list[DayOff]] = []
    for one in days:
        if runs and (one.day - runs[-1][-1].day).days <= WEEKEND:
            runs[-1].append(one)
        else:
            runs.append([one])
    if len(runs) > RUNS:
        return ngettext("{n} day", "{n} days", len(days)).format(n=number(len(days)))
    return ", ".join(_run(run) for run in runs)


def _run(run: Sequence[DayOff]) -> str:
    first, last = run[0], run[-1]
    named = next((one for one in run if one.vi == tet.NAME), first)
    days = f"{first.day:%d/%m}" if first is last else f"{first.day:%d/%m}–{last.day:%d/%m}"
    name = label(named.vi, named.en)
    return f"{days} ({name})" if name else days


def _moved(name: str, counts: tuple[int, int, float], where: str, against: Comparison) -> str:
    """``Thanh toán tăng 37 %, dồn vào tuần 41 (412 hồ sơ, trước đó 301)``: by percentage only where it is of enough.

    ``counts``: now, before, and how the rate changed.
    """
    count, before, ratio = counts
    values = {"count": number(count), "before": number(before), "other": other(against)}
    if before < ENOUGH:
        sentence = _("{name} rose to {count} complaints from {before}{where}")
        if against.is_chosen:
            sentence = _("{name}: {count} complaints, {before} in {other}{where}")
        return sentence.format(name=name, where=where, **values)
    by = percent(abs(ratio))
    if against.open_now != against.open_before:
        by = _("{ratio} per open hour").format(ratio=by)
    sentence = (
        _("{name} rose by {ratio}{where} ({count} complaints, {before} before)")
        if ratio > 0
        else _("{name} fell by {ratio}{where} ({count} complaints, {before} before)")
    )
    if against.is_chosen:
        sentence = (
            _("{name} is up by {ratio}{where} ({count} complaints, {before} in {other})")
            if ratio > 0
            else _("{name} is down by {ratio}{where} ({count} complaints, {before} in {other})")
        )
    return sentence.format(name=name, ratio=by, where=where, **values)


def _in_week(weeks: pd.DataFrame, before: int, against: Comparison, now: datetime) -> str:
    """In which week most of a rise happened; nothing where no week has half of it."""
    mondays = [week.date() for week in weeks["week"]]
    rate = before / against.open_before
    beyond = [
        count - rate * against.open_during(monday, monday + timedelta(days=6), now)
        for monday, count in zip(mondays, weeks["count"].to_list(), strict=True)
    ]
    rise = sum(beyond)
    if len(mondays) < FEW_WEEKS or rise <= 0 or max(beyond) < rise * HALF:
        return ""
    monday = mondays[beyond.index(max(beyond))]
    return _(", mostly in week {week}").format(week=week_number(monday, spans_years(mondays)))


def _too_few(count: int) -> str:
    sentence = ngettext(
        "{n} complaint in this period: too few to tell", "{n} complaints in this period: too few to tell", count
    )
    return sentence.format(n=number(count))


def _open(seconds: int, unit: int) -> str:
    return number(seconds / unit, 0 if seconds % unit == 0 else 1)


def change(now: float, before: float, *, points: bool = False) -> str | None:
    """The difference as a metric shows it: ``+12``, ``-9 points``; None where there is nothing to compare.

    The minus is ASCII, since Streamlit reads the sign. ``points``: of two shares 0…1, in percentage points.
    """
    if isnan(now) or isnan(before):
        return None
    difference = round(now * 100) - round(before * 100) if points else round(now - before)  # as both are shown
    sign = "+" if difference > 0 else "-" if difference < 0 else ""
    signed = f"{sign}{number(abs(difference))}"
    return _("{n} points").format(n=signed) if points else signed


def span(filter: Filter) -> str:
    """``period`` of a filter, up to when where it ends within its last day."""
    days = period(filter.start, filter.end)
    return days if filter.until is None else _("{period} until {time}").format(period=days, time=clock(filter.until))


def clock(moment: datetime) -> str:
    """``10:00`` on the local clock."""
    return f"{moment.astimezone(LOCAL):%H:%M}"


def period(start: date, end: date) -> str:
    """``24/08–22/11/2026``; both years where they differ."""
    return f"{start:%d/%m/%Y}–{end:%d/%m/%Y}" if start.year != end.year else f"{start:%d/%m}–{end:%d/%m/%Y}"
