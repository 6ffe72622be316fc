"""Dates promised to the customer (D14): what replaces one, what keeps it, what cancels it, and from when it is near."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.rules import clocks, terms, verdicts
from core.rules.clocks import ClockPayload, Cycle, Occurrence
from core.rules.verdicts import Verdict
from tests.rules.given import at, days_off, happened, pops, promised, runs

DUE = "2026-10-12 12:00"

# ruff: disable[E501]
REPLACED = [
    # told, verdict of the first promise, cancelled, why
    ("2026-10-12 11:59:59", Verdict.CANCELLED, "2026-10-12 11:59:59", "told before it fell due: replaced"),
    ("2026-10-12 12:00:00", Verdict.CANCELLED, "2026-10-12 12:00:00", "told on the due instant, which is still in time (D10)"),
    ("2026-10-12 12:00:01", Verdict.OVERDUE, None, "told a second too late: the broken promise stays broken"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("told", "verdict", "cancelled", "why"), REPLACED, ids=[row[-1] for row in REPLACED])
def test_a_new_date_replaces_one_that_has_not_fallen_due(
    told: str, verdict: Verdict, cancelled: str | None, why: str
) -> None:
    events = promised("2026-10-06 10:00", DUE) + promised(told, "2026-10-20 12:00")
    first, second = runs(pops(), "promised_reply", events)
    assert verdicts.verdict(first, at("2026-10-15 09:00")) is verdict, why
    assert (first.cancelled_at, second.cancelled_at) == (cancelled and at(cancelled), None), why
    assert verdicts.verdict(second, at("2026-10-15 09:00")) is Verdict.RUNNING, why


def test_a_promise_broken_by_a_late_new_date_is_missed_once_answered() -> None:
    events = promised("2026-10-06 10:00", DUE) + promised("2026-10-12 12:00:01", "2026-10-20 12:00")
    first, second = runs(pops(), "promised_reply", events + happened("result_notified 2026-10-19 09:00"))
    now = at("2026-12-01 09:00")
    assert (verdicts.verdict(first, now), verdicts.verdict(second, now)) == (Verdict.MISSED, Verdict.MET)


def test_a_date_of_another_kind_replaces_nothing() -> None:
    events = promised("2026-10-06 10:00", DUE) + promised("2026-10-07 10:00", "2026-10-20 12:00", "visit")
    reply, visit = (runs(pops(), f"promised_{kind}", events) for kind in ("reply", "visit"))
    assert [(cycle.number, cycle.cancelled_at) for cycle in (*reply, *visit)] == [(1, None), (1, None)]


KEPT = [
    # kind, what happens, stopped, cancelled, why
    ("reply", "result_notified", True, False, "the result is the reply"),
    ("reply", "closed", True, False, "closing ends the waiting"),
    ("reply", "acknowledged", False, False, "a receipt is no reply"),
    ("reply", "remedy_proposed", False, False, "a proposal is no reply"),
    ("reply", "merged", False, True, "merged away"),
    ("reply", "withdrawn", False, True, "withdrawn"),
    ("reply", "noted", False, False, "an internal note tells the customer nothing"),
    ("update", "acknowledged", True, False, "the customer hears from us"),
    ("update", "customer_asked", True, False, "the customer hears from us"),
    ("update", "date_promised", True, False, "a new date is word to the customer"),
    ("update", "remedy_proposed", True, False, "the customer hears from us"),
    ("update", "result_notified", True, False, "the customer hears from us"),
    ("update", "closed", True, False, "closing ends the waiting"),
    ("update", "customer_replied", False, False, "the customer wrote, nobody answered"),
    ("update", "merged", False, True, "merged away"),
    ("update", "progress_told", True, False, "the customer hears from us"),
    ("update", "customer_chased", True, False, "the customer hears from us"),
    ("update", "remedy_refused", False, False, "the customer wrote, nobody answered"),
    ("reply", "progress_told", False, False, "a word about progress is no reply"),
    ("solution", "remedy_proposed", True, False, "another proposal is what was promised (D17)"),
    ("solution", "result_notified", True, False, "the official result is the last word"),
    ("solution", "closed", True, False, "closing ends the waiting"),
    ("solution", "customer_asked", False, False, "a question is no other solution"),
    ("solution", "progress_told", False, False, "a word about progress is no other solution"),
    ("solution", "final_decision", False, False, "the customer has not been told yet"),
    ("solution", "withdrawn", False, True, "withdrawn"),
    ("visit", "result_notified", True, False, "a kind of its own is kept as a reply is"),
    ("visit", "acknowledged", False, False, "a kind of its own is kept as a reply is"),
]


@pytest.mark.parametrize(("kind", "event", "stopped", "cancelled", "why"), KEPT)
def test_what_keeps_a_promised_date(kind: str, event: str, stopped: bool, cancelled: bool, why: str) -> None:
    moment = at("2026-10-08 10:00")
    other = ClockPayload(kind="other", due_at="2026-10-30T10:00+07:00")
    data = other if event in ("date_promised", "remedy_refused") else None
    events = promised("2026-10-06 10:00", DUE, kind) + happened(f"{event} 2026-10-08 10:00", data=data)
    (cycle,) = runs(pops(), f"promised_{kind}", events)
    assert (cycle.stopped_at, cycle.cancelled_at) == (moment if stopped else None, moment if cancelled else None), why


def test_a_kept_promise_stays_kept() -> None:
    events = promised("2026-10-06 10:00", DUE) + happened(
        "result_notified 2026-10-07 10:00", "withdrawn 2026-10-08 10:00"
    )
    (cycle,) = runs(pops(), "promised_reply", events)
    assert (cycle.stopped_at, cycle.cancelled_at) == (at("2026-10-07 10:00"), None)
    assert cycle.working_seconds == 9 * 3600, "one working day from Tuesday 10:00 to Wednesday 10:00"


def test_a_promise_kept_while_the_office_is_closed_took_no_working_time() -> None:
    events = promised("2026-10-06 18:00", DUE) + happened("result_notified 2026-10-06 21:00")
    assert runs(pops(), "promised_reply", events)[0].working_seconds == 0


def test_a_promise_is_written_down_whole() -> None:
    (cycle,) = runs(pops(), "promised_reply", promised("2026-10-06 10:00", DUE))
    start = at("2026-10-06 10:00")
    assert cycle == Cycle("promised_reply", 1, start, at(DUE), None, None, None, 0, at(DUE), None)


def test_a_promise_recorded_after_its_answer_is_worth_no_time() -> None:
    events = happened("result_notified 2026-10-05 10:00") + promised("2026-10-06 10:00", DUE)
    assert runs(pops(), "promised_reply", events)[0].stopped_at is None, "only what comes after a promise keeps it"


@pytest.mark.parametrize(
    "data", [{}, {"kind": "reply"}, {"due_at": "2026-10-12T12:00+07:00"}, {"kind": "reply", "due_at": "soon"}]
)
def test_a_promise_without_kind_or_date_is_refused(data: ClockPayload) -> None:
    with pytest.raises(Invalid, match="kind and a due time"):
        clocks.cycles(pops(), days_off(pops()), happened("date_promised 2026-10-06 10:00", data=data))


# ruff: disable[E501]
NEAR = [
    # promised at, due, near from, why
    ("2026-10-05 10:00", "2026-10-09 10:00", "2026-10-08 10:00", "three quarters of four days of the clock, nights included"),
    ("2026-10-09 17:30", "2026-10-13 17:30", "2026-10-12 17:30", "three quarters over a weekend as well"),
    ("2026-10-05 10:00", "2026-10-05 10:00", "2026-10-05 10:00", "due the instant it is promised: near at once"),
    ("2026-10-05 10:00", "2026-10-04 10:00", "2026-10-05 10:00", "a date already past: near from the promise, never before it"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("told", "due", "near", "why"), NEAR, ids=[row[-1] for row in NEAR])
def test_a_promised_date_is_near_after_three_quarters_of_its_time(told: str, due: str, near: str, why: str) -> None:
    (cycle,) = runs(pops(), "promised_reply", promised(told, due))
    assert terms.warns_at(cycle, pops(), days_off(pops())) == at(near), why


seconds = st.integers(-86_400, 30 * 86_400)


@given(st.lists(st.tuples(st.integers(0, 30 * 86_400), seconds), min_size=1, max_size=6))
def test_of_many_promises_only_the_last_can_still_run(drawn: Sequence[tuple[int, int]]) -> None:
    """A promise is cancelled exactly when the next is told at or before its due instant."""
    first = at("2026-10-01 09:00")
    told = sorted((first + timedelta(seconds=after), length) for after, length in drawn)
    given_dates: list[tuple[datetime, datetime]] = [(when, when + timedelta(seconds=length)) for when, length in told]
    events = [
        Occurrence("date_promised", when, {"kind": "reply", "due_at": due.isoformat()}) for when, due in given_dates
    ]
    found = runs(pops(), "promised_reply", events)
    for number, (when, due) in enumerate(given_dates):
        later = [other for other, _ in given_dates[number + 1 :]]
        replaced = next((other for other in later if other <= due), None)
        assert found[number].starts_at == when
        assert found[number].cancelled_at == replaced
