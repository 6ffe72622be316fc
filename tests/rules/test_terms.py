"""Deadlines, cycles and verdicts: the examples that must hold, and a case for each decision D1-D10 and D14."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import shipped
from core.errors import Invalid
from core.rules import clocks, reasons, terms, verdicts
from core.rules.calendar import BeyondCalendar, WorkCalendar
from core.rules.clocks import ClockPayload, Cycle, Occurrence
from core.rules.clocks_vector import VERDICTS, terms_many
from core.rules.procedure import Procedure
from core.rules.verdicts import Verdict
from tests.local_time import at


def happened(*steps: str, data: ClockPayload | None = None) -> list[Occurrence]:
    """ "received 2026-10-09 10:00" and so on; ``data`` goes with every step."""
    return [Occurrence(step.split(" ", 1)[0], at(step.split(" ", 1)[1]).astimezone(UTC), data or {}) for step in steps]


def under(key: str, swaps: str = "none") -> tuple[Procedure, WorkCalendar]:
    procedure = shipped.procedure(key)
    return procedure, procedure.calendar(shipped.calendar_days(swaps))


def clock(key: str, term: str, *steps: str, swaps: str = "none", number: int = 1) -> Cycle:
    return next(c for c in clocks.cycles(*under(key, swaps), happened(*steps)) if (c.term, c.number) == (term, number))


# ruff: disable[E501]  # a row of a table stays one line
EXAMPLES = [
    ("pops", "none", "acknowledge", ["received 2026-10-09 17:29"], "2026-10-12 17:30", "inside hours; first day not counted"),
    ("pops", "none", "acknowledge", ["received 2026-10-09 17:30:00"], "2026-10-13 17:30", "17:30 is closed, deemed Monday"),
    ("pops", "none", "acknowledge", ["received 2026-10-12 08:29"], "2026-10-13 17:30", "deemed 08:30 the same day"),
    ("pops", "none", "acknowledge", ["received 2026-10-12 08:30"], "2026-10-13 17:30", "the opening second is open"),
    ("pops", "none", "acknowledge", ["received 2026-10-10 10:00"], "2026-10-13 17:30", "Saturday is deemed Monday"),
    ("pops", "none", "acknowledge", ["received 2026-11-23 10:00"], "2026-11-25 17:30", "24/11 is a day off"),
    ("pops", "none", "acknowledge", ["received 2026-11-24 10:00"], "2026-11-26 17:30", "a day off is deemed 25/11"),
    ("pops", "none", "acknowledge", ["received 2026-02-13 17:29"], "2026-02-23 17:30", "Tết lies between"),
    ("pops", "none", "acknowledge", ["received 2026-02-13 17:30"], "2026-02-24 17:30", "deemed after Tết"),
    ("pops", "none", "acknowledge", ["received 2026-12-31 10:00"], "2027-01-04 17:30", "New Year's Day, then a weekend"),
    ("pops", "none", "resolve", ["received 2026-11-20 09:00", "acknowledged 2026-11-20 10:00"], "2026-11-30 17:30", "24/11 is a day off"),
    ("pops", "none", "resolve", ["received 2026-11-20 09:00", "acknowledged 2026-11-20 17:30"], "2026-12-01 17:30", "taken in after hours, deemed Monday"),
    ("pops", "government", "acknowledge", ["received 2025-04-25 10:00"], "2025-04-26 17:30", "a swapped Saturday is worked"),
    ("pops", "none", "acknowledge", ["received 2025-04-25 10:00"], "2025-04-28 17:30", "swaps do not bind companies"),
    ("pops", "government", "acknowledge", ["received 2025-04-26 09:00"], "2025-04-28 17:30", "received on a worked Saturday"),
    ("pops", "government", "acknowledge", ["received 2026-01-01 10:00"], "2026-01-06 17:30", "02/01 off too: deemed Monday 05/01"),
    ("pops", "none", "acknowledge", ["received 2026-01-01 10:00"], "2026-01-05 17:30", "02/01 worked: deemed Friday"),
    ("misa", "none", "acknowledge", ["received 2026-10-10 22:30"], "2026-10-10 23:30", "elapsed hours"),
    ("misa", "none", "acknowledge", ["received 2026-10-10 23:30"], "2026-10-11 00:30", "over midnight"),
    ("misa", "none", "reply", ["received 2026-10-09 15:00", "acknowledged 2026-10-09 15:20"], "2026-10-10 15:20", "a day is 24 hours from intake"),
    ("misa", "government", "root_cause", ["received 2026-08-27 09:00", "acknowledged 2026-08-27 09:10", "result_notified 2026-08-27 15:00"], "2026-09-05 00:00", "31/8 swapped, National Day 1-2/9: end of Fri 04/09"),
    ("misa", "none", "root_cause", ["received 2026-08-27 09:00", "acknowledged 2026-08-27 09:10", "result_notified 2026-08-27 15:00"], "2026-09-04 00:00", "National Day 1-2/9: end of Thu 03/09"),
    ("misa", "none", "action_evidence", ["received 2026-10-01 09:00", "action_done 2026-10-09 16:00"], "2026-10-15 00:00", "end of Wed 14/10"),
    ("dai-huu", "none", "feedback", ["received 2026-10-09 16:00"], "2026-10-10 16:00", "elapsed hours, weekend included"),
    ("dai-huu", "none", "resolve", ["received 2026-10-09 16:00"], "2026-11-07 00:00", "20 working days: end of Fri 06/11"),
    ("vhv", "none", "reply", ["received 2026-10-10 10:00"], "2026-10-24 00:00", "same-day counting, Monday is day 1 of 10: end of Fri 23/10"),
    ("vhv", "none", "reply", ["received 2026-10-09 23:59"], "2026-10-24 00:00", "no office hours: Friday is the uncounted day"),
    ("minh-tuan", "none", "resolve", ["received 2026-01-26 09:00"], "2026-03-17 00:00", "30 working days across Tết 16-20/02: end of Mon 16/03"),
    ("minh-tuan", "none", "feedback", ["received 2026-02-16 09:00"], "2026-02-17 09:00", "24 hours also over Tết"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("key", "swaps", "term", "steps", "due", "why"), EXAMPLES)
def test_examples_that_must_hold(key: str, swaps: str, term: str, steps: list[str], due: str, why: str) -> None:
    assert clock(key, term, *steps, swaps=swaps).due_at == at(due), why


@pytest.mark.parametrize(
    ("swaps", "incident", "until", "why"),
    [
        ("government", "2026-08-24", "2026-09-07", "31/8 swapped, National Day 1-2/9"),
        ("none", "2026-08-24", "2026-09-04", "National Day 1-2/9"),
        ("none", "2026-10-10", "2026-10-20", "an incident on a Saturday: Monday is day 1"),
    ],
)
def test_vhv_takes_complaints_for_seven_working_days(swaps: str, incident: str, until: str, why: str) -> None:
    found = terms.admissible_until(*under("vhv", swaps), date.fromisoformat(incident))
    assert found == date.fromisoformat(until), why


def test_other_procedures_always_take_complaints() -> None:
    for key in ("pops", "misa", "minh-tuan", "dai-huu"):
        assert terms.admissible_until(*under(key), date(2020, 1, 1)) is None


@pytest.mark.parametrize(
    ("stopped", "now", "verdict", "why"),
    [
        ("2026-10-12 17:30", "2026-10-20 09:00", "met", "on the due instant is in time"),
        ("2026-10-12 17:30:01", "2026-10-20 09:00", "missed", "a second after is late"),
        (None, "2026-10-12 17:30", "running", "due now is not yet overdue"),
        (None, "2026-10-12 17:30:01", "overdue", "decided when read, not by a job"),
    ],
)
def test_verdicts(stopped: str | None, now: str, verdict: str, why: str) -> None:
    steps = ["received 2026-10-09 10:00"] + [f"acknowledged {stopped}"] * bool(stopped)
    assert verdicts.verdict(clock("pops", "acknowledge", *steps), at(now)) == Verdict(verdict), why


@pytest.mark.parametrize("leaving", ["withdrawn", "merged"])
def test_leaving_cancels_what_runs_and_keeps_what_was_decided(leaving: str) -> None:
    steps = ["received 2026-10-01 10:00", "acknowledged 2026-10-07 10:00", f"{leaving} 2026-10-08 10:00"]
    acknowledged, resolve = (clock("pops", term, *steps) for term in ("acknowledge", "resolve"))
    now = at("2026-11-30 10:00")
    assert verdicts.verdict(acknowledged, now) is Verdict.MISSED
    assert verdicts.verdict(resolve, now) is Verdict.CANCELLED
    assert resolve.cancelled_at == at("2026-10-08 10:00")


def test_working_seconds_are_stored_when_a_clock_stops() -> None:
    steps = ["received 2026-10-09 16:30", "acknowledged 2026-10-12 09:30"]
    assert clock("pops", "acknowledge", *steps).working_seconds == 2 * 3600
    assert clock("pops", "resolve", *steps).working_seconds is None


def test_an_answer_without_an_acknowledgement_is_the_first_contact() -> None:
    steps = ["received 2026-10-09 10:00", "result_notified 2026-10-13 10:00"]
    acknowledge, resolve = (clock("pops", term, *steps) for term in ("acknowledge", "resolve"))
    assert acknowledge.stopped_at == resolve.stopped_at == at("2026-10-13 10:00")
    assert resolve.starts_at == at("2026-10-09 10:00"), "skipping a step shortens no clock: it runs from the receipt"
    assert verdicts.verdict(acknowledge, at("2026-10-20 10:00")) is Verdict.MISSED
    assert verdicts.verdict(resolve, at("2026-10-20 10:00")) is Verdict.MET


def test_closing_ends_what_nobody_will_act_on_any_more() -> None:
    steps = ["received 2026-10-09 10:00", "closed 2026-10-09 15:00"]
    cycles = clocks.cycles(*under("pops"), happened(*steps))
    assert [(c.term, c.stopped_at) for c in cycles] == [
        ("acknowledge", at("2026-10-09 15:00")),
        ("resolve", at("2026-10-09 15:00")),
    ]


def test_before_the_first_answer_resolving_has_not_begun() -> None:
    assert [c.term for c in clocks.cycles(*under("pops"), happened("received 2026-10-09 10:00"))] == ["acknowledge"]


def test_an_internal_note_or_a_reply_of_the_customer_meets_nothing() -> None:
    steps = [
        "received 2026-10-01 10:00",
        "noted 2026-10-01 11:00",
        "assigned 2026-10-01 11:00",
        "customer_replied 2026-10-01 12:00",
    ]
    assert verdicts.verdict(clock("pops", "acknowledge", *steps), at("2026-10-09 10:00")) is Verdict.OVERDUE


def test_only_the_first_acknowledgement_counts() -> None:
    steps = ["received 2026-10-01 10:00", "acknowledged 2026-10-01 11:00", "acknowledged 2026-10-05 11:00"]
    assert clock("pops", "resolve", *steps).starts_at == at("2026-10-01 11:00")


def test_events_may_come_in_any_order() -> None:
    steps = happened("received 2026-10-01 10:00", "acknowledged 2026-10-01 11:00", "result_notified 2026-10-05 11:00")
    assert clocks.cycles(*under("pops"), steps) == clocks.cycles(*under("pops"), reversed(steps))


def test_an_acknowledgement_noted_before_the_receipt_is_met_and_worth_nothing() -> None:
    cycle = clock("pops", "acknowledge", "acknowledged 2026-10-01 09:00", "received 2026-10-01 10:00")
    assert (verdicts.verdict(cycle, at("2026-10-09 10:00")), cycle.working_seconds) == (Verdict.MET, 0)


def test_reopening_starts_a_numbered_cycle_and_leaves_the_verdict_before() -> None:
    steps = [
        "received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00", "result_notified 2026-10-12 10:00",
        "closed 2026-10-12 11:00", "reopened 2026-10-15 18:00", "result_notified 2026-10-16 09:00",
    ]  # fmt: skip
    first, second = (clock("pops", "resolve", *steps, number=n) for n in (1, 2))
    now = at("2026-11-30 10:00")
    assert first.stopped_at == at("2026-10-12 10:00")
    assert verdicts.verdict(first, now) is Verdict.MISSED
    assert second.starts_at == at("2026-10-16 08:30"), "re-opened after hours, deemed the next opening"
    assert second.due_at == at("2026-10-23 17:30")
    assert verdicts.verdict(second, now) is Verdict.MET
    assert [c.term for c in clocks.cycles(*under("pops"), happened(*steps))] == ["acknowledge", "resolve", "resolve"]


def test_a_refusal_or_a_change_of_kind_restarts_nothing() -> None:
    plain = ["received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00"]
    more = ["remedy_refused 2026-10-02 10:00", "classified 2026-10-05 10:00", "forwarded 2026-10-05 11:00"]
    assert clock("pops", "resolve", *plain) == clock("pops", "resolve", *plain, *more)


def test_waiting_for_the_customer_stops_no_clock_by_default() -> None:
    plain = happened("received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00")
    asked = happened("customer_asked 2026-10-02 10:00", data={"chase_on": "2026-10-06"})
    assert clocks.cycles(*under("pops"), plain) == clocks.cycles(*under("pops"), plain + asked)


@pytest.mark.parametrize(
    ("replied", "due", "paused_hours", "why"),
    [
        ("2026-10-05 10:00", "2026-10-09 17:30", 9, "over one working day: Friday 10:00 to Monday 10:00"),
        ("2026-10-02 16:00", "2026-10-08 17:30", 6, "within a day nothing moves"),
        (None, "2026-10-12 17:30", 7.5 + 18, "lapses by itself at the end of the chase date"),
        ("2026-10-20 10:00", "2026-10-12 17:30", 7.5 + 18, "a late reply earns no more than the chase date"),
    ],
)
def test_an_earned_pause(replied: str | None, due: str, paused_hours: float, why: str) -> None:
    pausing = replace(shipped.procedure("pops"), pause_on=("waiting_customer",))
    calendar = pausing.calendar(shipped.calendar_days())
    events = happened("received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00")
    events += happened("customer_asked 2026-10-02 10:00", data={"chase_on": "2026-10-06"})
    events += happened(f"customer_replied {replied}") if replied else []
    acknowledge, resolve = clocks.cycles(pausing, calendar, events)
    assert resolve.due_at == at(due), why
    assert resolve.due_without_pause == at("2026-10-08 17:30")
    assert resolve.paused_seconds == paused_hours * 3600
    assert acknowledge.paused_seconds == 0


def test_a_pause_needs_its_chase_date_and_rescues_no_missed_deadline() -> None:
    pausing = replace(shipped.procedure("pops"), pause_on=("waiting_customer",))
    calendar = pausing.calendar(shipped.calendar_days())
    plain = happened("received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00")
    unchased = happened("customer_asked 2026-10-02 10:00")
    late = happened("customer_asked 2026-10-12 10:00", data={"chase_on": "2026-10-20"})
    for events in (plain + unchased, plain + late):
        assert clocks.cycles(pausing, calendar, events)[1].due_at == at("2026-10-08 17:30")


def test_paused_time_is_not_working_time() -> None:
    pausing = replace(shipped.procedure("pops"), pause_on=("waiting_customer",))
    events = happened("received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00")
    events += happened("customer_asked 2026-10-02 10:00", data={"chase_on": "2026-10-06"})
    events += happened("customer_replied 2026-10-05 10:00", "result_notified 2026-10-05 11:00")
    resolve = clocks.cycles(pausing, pausing.calendar(shipped.calendar_days()), events)[1]
    assert resolve.working_seconds == (7.5 + 1.5 + 1) * 3600


def test_the_statutory_negotiation_clock() -> None:
    steps = ["received 2026-10-01 09:00", "negotiation_requested 2026-10-09 18:00"]
    cycle = clock("vhv", "negotiation", *steps)
    assert cycle.due_at == at("2026-10-21 00:00"), "seven working days after Friday: end of Tue 20/10"
    answered = clock("vhv", "negotiation", *steps, "result_notified 2026-10-20 23:00")
    assert verdicts.verdict(answered, at("2026-12-01 09:00")) is Verdict.MET


def test_who_promises_less_than_the_law() -> None:
    less = {key for key, procedure in shipped.procedures().items() if terms.promises_less_than_law(procedure)}
    assert less == {"vhv", "minh-tuan", "dai-huu"}


def promised(kind: str, due_at: str, told: str) -> list[Occurrence]:
    return happened(f"date_promised {told}", data={"kind": kind, "due_at": due_at})


@pytest.mark.parametrize(
    ("kind", "steps", "verdict", "why"),
    [
        ("reply", ["result_notified 2026-10-09 09:00"], "met", "answered by the promised date"),
        ("reply", ["result_notified 2026-10-13 09:00"], "missed", "answered after it"),
        ("reply", ["customer_asked 2026-10-09 09:00"], "overdue", "a question is not the promised answer"),
        ("update", ["customer_asked 2026-10-09 09:00"], "met", "any word to the customer is an update"),
        ("update", [], "overdue", "silence"),
        ("reply", ["withdrawn 2026-10-09 09:00"], "cancelled", "withdrawn"),
    ],
)
def test_promised_dates(kind: str, steps: list[str], verdict: str, why: str) -> None:
    events = happened("received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00", *steps)
    events += promised(kind, "2026-10-12T12:00+07:00", "2026-10-06 10:00")
    cycle = next(c for c in clocks.cycles(*under("pops"), events) if c.term == f"promised_{kind}")
    assert cycle.due_at == at("2026-10-12 12:00")
    assert verdicts.verdict(cycle, at("2026-12-01 09:00")) == Verdict(verdict), why


@pytest.mark.parametrize(
    ("told", "first", "why"),
    [
        ("2026-10-12 11:00", "cancelled", "a new date told in time replaces the old one"),
        ("2026-10-12 12:01", "overdue", "told too late, the old promise stays broken"),
    ],
)
def test_a_second_promise(told: str, first: str, why: str) -> None:
    events = promised("reply", "2026-10-12T12:00+07:00", "2026-10-06 10:00") + promised(
        "reply", "2026-10-20T12:00+07:00", told
    )
    old, new = (c for c in clocks.cycles(*under("pops"), events) if c.term == "promised_reply")
    assert (old.number, new.number) == (1, 2)
    assert verdicts.verdict(old, at("2026-10-15 09:00")) == Verdict(first), why
    assert verdicts.verdict(new, at("2026-10-15 09:00")) is Verdict.RUNNING


def test_a_promise_without_a_date_is_refused() -> None:
    with pytest.raises(Invalid, match="due time"):
        clocks.cycles(
            *under("pops"), happened("date_promised 2026-10-06 10:00", data={"kind": "reply", "due_at": "soon"})
        )


def test_each_action_has_its_own_evidence_clock() -> None:
    events = happened("received 2026-10-01 09:00")
    for name, done in (("a", "2026-10-05 10:00"), ("b", "2026-10-06 10:00")):
        events += happened(f"action_done {done}", data={"action": name})
    events += happened("action_evidence_sent 2026-10-07 10:00", data={"action": "b"})
    a, b = (c for c in clocks.cycles(*under("misa"), events) if c.term == "action_evidence")
    assert (a.number, a.due_at, a.stopped_at) == (1, at("2026-10-09 00:00"), None)
    assert (b.number, b.due_at, b.stopped_at) == (2, at("2026-10-10 00:00"), at("2026-10-07 10:00"))


@pytest.mark.parametrize(
    ("key", "term", "steps", "warns", "why"),
    [
        (
            "pops",
            "acknowledge",
            ["received 2026-10-05 08:30"],
            "2026-10-06 13:00",
            "three quarters of two open days of nine hours",
        ),
        ("misa", "acknowledge", ["received 2026-10-10 22:30"], "2026-10-10 23:00", "half of an hour of the clock"),
        ("dai-huu", "feedback", ["received 2026-10-09 16:00"], "2026-10-10 10:00", "three quarters of 24 hours"),
    ],
)
def test_a_deadline_is_near_after_its_share_of_time(
    key: str, term: str, steps: list[str], warns: str, why: str
) -> None:
    assert terms.warns_at(clock(key, term, *steps), *under(key)) == at(warns), why


def test_preview_says_what_is_promised_before_anything_happened() -> None:
    acknowledge, resolve = terms.preview(*under("pops"), at("2026-11-20 16:02"))
    assert (acknowledge.due_at, acknowledge.latest_at) == (at("2026-11-23 17:30"), at("2026-11-23 17:30"))
    assert (resolve.due_at, resolve.latest_at) == (None, at("2026-12-01 17:30"))


def test_preview_follows_the_chain_as_far_as_it_has_deadlines() -> None:
    found = {p.term: p for p in terms.preview(*under("misa"), at("2026-08-27 14:00"))}
    assert found["reply"].latest_at == at("2026-08-28 15:00")
    assert found["root_cause"].latest_at == at("2026-09-05 00:00")
    assert found["action_evidence"].latest_at is None


def test_a_preview_at_the_edge_of_the_calendar_promises_what_it_knows() -> None:
    acknowledge, resolve = terms.preview(*under("pops"), at("2027-12-29 10:00"))
    assert acknowledge.due_at == at("2027-12-30 17:30")
    assert resolve.latest_at is None


def test_a_deadline_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(BeyondCalendar):
        clocks.cycles(*under("pops"), happened("received 2027-12-31 10:00"))


FIRST = datetime(2026, 1, 2, tzinfo=UTC)
moments = st.integers(0, 300 * 86_400).map(lambda s: FIRST + timedelta(seconds=s))


@given(
    st.sampled_from(sorted(shipped.procedures())),
    st.lists(
        st.tuples(moments, st.none() | moments, st.none() | moments, st.none() | moments), min_size=1, max_size=20
    ),
    moments,
)
def test_many_complaints_at_once_are_judged_as_one_by_one(
    key: str, rows: list[tuple[datetime | None, ...]], now: datetime
) -> None:
    kinds = ("received", "acknowledged", "result_notified", "closed")
    columns = {
        kind: np.array([t and t.replace(tzinfo=None) for t in column], "datetime64[s]")
        for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)
    }
    procedure, calendar = under(key)
    many = terms_many(procedure, calendar, columns, now)
    for i, row in enumerate(rows):
        events = [Occurrence(kind, t) for kind, t in zip(kinds, row, strict=True) if t is not None]
        one = {c.term: c for c in clocks.cycles(procedure, calendar, events)}
        for term, found in many.items():
            cycle = one.get(term)
            if cycle is None:
                assert found.verdict[i] == -1
                continue
            assert found.starts_at[i].item().replace(tzinfo=UTC) == cycle.starts_at
            assert found.due_at[i].item().replace(tzinfo=UTC) == cycle.due_at
            assert VERDICTS[found.verdict[i]] is verdicts.verdict(cycle, now)
            assert found.working_seconds[i] == (-1 if cycle.working_seconds is None else cycle.working_seconds)


@given(moments, st.lists(st.integers(0, 20 * 86_400), max_size=3))
def test_later_events_never_move_a_deadline_already_given(start: datetime, gaps: list[int]) -> None:
    events = [Occurrence("received", start)]
    before = {(c.term, c.number): c.due_at for c in clocks.cycles(*under("pops"), events)}
    for kind, gap in zip(("acknowledged", "result_notified", "closed"), gaps, strict=False):
        events.append(Occurrence(kind, events[-1].at + timedelta(seconds=gap)))
        after = {(c.term, c.number): c.due_at for c in clocks.cycles(*under("pops"), events)}
        assert before.items() <= after.items()
        before = after


@pytest.mark.parametrize("ending", ["result_notified", "withdrawn", "closed", "reopened"])
def test_nobody_waits_for_a_customer_who_was_answered(ending: str) -> None:
    pausing = replace(shipped.procedure("pops"), pause_on=("waiting_customer",))
    events = happened("received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00")
    events += happened("customer_asked 2026-10-02 10:00", data={"chase_on": "2026-10-30"})
    events += happened(f"{ending} 2026-10-02 11:00", "closed 2026-10-02 11:30", "reopened 2026-10-05 09:00")
    resolve = clocks.cycles(pausing, pausing.calendar(shipped.calendar_days()), events)[-1]
    assert (resolve.term, resolve.due_at) == ("resolve", at("2026-10-12 17:30")), (
        "the second cycle has its own five days"
    )


def test_a_pause_that_moved_nothing_is_not_given_as_a_reason() -> None:
    pausing = replace(shipped.procedure("pops"), pause_on=("waiting_customer",))
    calendar = pausing.calendar(shipped.calendar_days())
    events = happened("received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00")
    events += happened("customer_asked 2026-10-02 10:00", data={"chase_on": "2026-10-06"})
    said = {}
    for replied in ("2026-10-02 16:00", "2026-10-05 10:00"):
        resolve = clocks.cycles(pausing, calendar, events + happened(f"customer_replied {replied}"))[1]
        said[replied] = "chờ khách hàng" in reasons.because(resolve, pausing, calendar)
    assert said == {"2026-10-02 16:00": False, "2026-10-05 10:00": True}
