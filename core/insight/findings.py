"""Titles of the pages of figures: the finding in one sentence, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import isnan

import pandas as pd

from core.i18n import gettext as _
from core.i18n import ngettext, number, percent
from core.insight.dimensions import NONE, name_of

NOTICED = 0.1  # a change smaller than this is "about as much"
NAMED = 2  # causes that a title names; more of them are counted
ENOUGH = 20  # fewer complaints than this before make a ratio mean little


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
    """The finding of ``stage`` (stage → ``compliance.by_week``, the promise that counts most first).

    Where nothing of it fell due, the finding of a stage of which something did: a title never says that nothing fell
    due above a number that counts something. Every stage but the first is named.
    """
    fell_due = [name for name in (stage, *weeks) if weeks[name]["due"].sum()]
    told = fell_due[0] if fell_due else stage
    finding = _of_weeks(weeks[told])
    return finding if told == next(iter(weeks)) else f"{name_of('stage', told)}: {finding}"


def _of_weeks(weeks: pd.DataFrame) -> str:
    """The last week that has ended with anything due, against its limits."""
    ended = weeks[weeks["ended"] & (weeks["due"] > 0)]
    if ended.empty:
        return _still_running(weeks)
    last = ended.iloc[-1]
    met = _("Week {week}: {share} met").format(week=last["week"].isocalendar().week, share=percent(last["share"]))
    usual = "" if isnan(last["centre"]) else _(", as usual")
    judged = {"below": _(", below the lower limit"), "above": _(", above the upper limit"), "": usual}
    return met + judged[last["signal"]]


def categories(found: pd.DataFrame) -> str:
    """The largest category, and how the total changed (``volume.by_category``)."""
    count, before = int(found["count"].sum()), int(found["before"].sum())
    if not count:
        return _("No complaint in this period")
    first = found.iloc[0]
    largest = _("{category}: {share} of complaints").format(
        category=name_of("category", first["key"]), share=percent(first["share"])
    )
    return largest + ", " + _change_of_total(count, before)


def causes(pareto: pd.DataFrame, risen: pd.DataFrame) -> str:
    """Which causes rose beyond chance; else the most frequent one."""
    rose = [name_of("root_cause", key) for key in risen[risen["rose"]]["key"]] if len(risen) else []
    if rose:
        names = _(" and ").join(rose) if len(rose) <= NAMED else _("{n} causes").format(n=number(len(rose)))
        return _("{causes} rose beyond chance").format(causes=names)
    stated = pareto[pareto["key"] != NONE] if len(pareto) else pareto
    if stated.empty:
        return _("No cause stated in this period")
    first = stated.iloc[0]
    return _("{cause}: {share} of closed complaints; no cause rose beyond chance").format(
        cause=name_of("root_cause", first["key"]), share=percent(first["share"])
    )


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


def period(start: date, end: date) -> str:
    """``24/08–22/11/2026``; both years where they differ."""
    return f"{start:%d/%m/%Y}–{end:%d/%m/%Y}" if start.year != end.year else f"{start:%d/%m}–{end:%d/%m/%Y}"


def _still_running(weeks: pd.DataFrame) -> str:
    due, met = int(weeks["due"].sum()), int(weeks["met"].sum())
    if due:
        return _("This week so far: {share} met").format(share=percent(met / due))
    if weeks["running"].sum():
        return _("Nothing has fallen due yet in this period")
    return _("Nothing fell due in this period")


def _change_of_total(count: int, before: int) -> str:
    if before < ENOUGH:
        return _("{n} in all ({before} before)").format(n=number(count), before=number(before))
    ratio = count / before - 1
    if abs(ratio) < NOTICED:
        return _("about as many as before")
    sentence = _("{ratio} more than before") if ratio > 0 else _("{ratio} fewer than before")
    return sentence.format(ratio=percent(abs(ratio)))
