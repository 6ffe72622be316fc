"""Figures that corrections restated (D21): what they were, what they are, since when; and exactly their rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import isnan

from core.insight import facts, figures, restated, rows
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.rules.verdicts import FELL_DUE
from tests.conftest import Cast
from tests.local_time import at

WEEK_46 = Filter(date(2026, 11, 9), date(2026, 11, 15))
WEEK_47 = Filter(date(2026, 11, 16), date(2026, 11, 22))
NOW = at("2026-11-20 09:00")
MON, ANSWERED = at("2026-11-16 09:00"), at("2026-11-16 10:00")


def acknowledged(register: Register, cast: Cast, channel: str = "email") -> Complaint:
    with register.write() as session:
        code = complaints.log(session, Draft(channel, MON, "Lỗi", "payment"), Act(cast.agent, MON)).code
        return complaints.take(session, code, "acknowledge", {}, Act(cast.agent, ANSWERED))


def correct(register: Register, complaint: Complaint, by: object, recorded_at: str, when: datetime = NOW) -> None:
    fields = {"corrects": "recorded_at", "becomes": at(recorded_at), "text": "Gõ nhầm ngày"}
    with register.write() as session:
        complaints.take(session, complaint.code, "correct", fields, Act(by, when))  # type: ignore[arg-type]


def shown(register: Register, period: Filter, stage: str = "acknowledge") -> restated.Restated | None:
    return restated.of(facts.current(register), period, NOW + timedelta(days=2), stage)


def test_a_figure_says_what_it_was_and_opens_the_rows(register: Register, cast: Cast) -> None:
    first, *_others = [acknowledged(register, cast) for _ in range(4)]
    assert shown(register, WEEK_47) is None
    correct(register, first, cast.lead, "2026-11-12 10:00")  # due on Friday the 13th, answered on Monday: missed
    correction = date(2026, 11, 20)
    last_week = shown(register, WEEK_46)
    assert last_week is not None and isnan(last_week.share_before), "nothing fell due in it before"
    assert last_week == restated.Restated(1, 0, 0, 0, 1, 0, correction, correction)
    assert shown(register, WEEK_47) == restated.Restated(0, 1, 4, 4, 3, 3, correction, correction)
    both = Filter(WEEK_46.start, WEEK_47.end)
    assert shown(register, both) == restated.Restated(1, 0, 4, 4, 4, 3, correction, correction)
    (row,) = figures.ask("restated", facts.current(register), both, NOW + timedelta(days=2)).to_dict("records")
    assert row == {
        "stage": "acknowledge", "due_before": 4, "met_before": 4, "share_before": 1.0,
        "due": 4, "met": 3, "share": 0.75, "obligations": 1, "left": 0,
    }, "both values of the figure, each with what it is made of"  # fmt: skip
    assert shown(register, both, "resolve") is None
    its = Slice(both, "due", stage="acknowledge", verdict=FELL_DUE, restated=True)
    found = rows.obligations(facts.current(register), its, NOW)
    assert found["code"].to_list() == [first.code], "exactly the rows it counted"
    assert Slice.from_query(its.to_query(), NOW.date()) == its
    anew = facts.load(register)
    assert anew.restatements.equals(facts.current(register).restatements)


def test_before_is_before_the_first_correction(register: Register, cast: Cast) -> None:
    one = acknowledged(register, cast)
    correct(register, one, cast.lead, "2026-11-12 10:00", at("2026-11-19 09:00"))
    correct(register, one, cast.lead, "2026-11-12 09:00", NOW)
    correct(register, one, cast.lead, "2026-11-16 08:50", NOW + timedelta(days=1))
    found = shown(register, WEEK_47)
    assert found == restated.Restated(1, 0, 1, 1, 1, 1, date(2026, 11, 19), date(2026, 11, 21)), "kept after all"
    assert shown(register, WEEK_46) is None, "it never counted there but between two corrections"


def test_only_what_the_filter_keeps_counts(register: Register, cast: Cast) -> None:
    one = acknowledged(register, cast, "facebook")
    correct(register, one, cast.lead, "2026-11-12 10:00")
    assert shown(register, WEEK_46.only("channel", "email")) is None
    assert shown(register, WEEK_46.only("channel", "facebook")) is not None


def test_what_was_undone_restates_nothing(register: Register, cast: Cast) -> None:
    one = acknowledged(register, cast)
    correct(register, one, cast.lead, "2026-11-12 10:00")
    with register.write() as session:
        complaints.take(session, one.code, "undo", {}, Act(cast.lead, NOW + timedelta(minutes=1)))
    assert shown(register, WEEK_46) is None
    assert shown(register, WEEK_47) is None
