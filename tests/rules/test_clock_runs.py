"""Which event starts and which one stops a clock (D4, D6, D13): met early, met twice, re-opened while it runs, one per action."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from core import shipped
from core.rules import clocks
from core.rules.clocks import NEGOTIATION
from core.rules.procedure import AfterHours, Repeats, Unit
from tests.rules.given import at, days_off, happened, pops, promised, runs, with_term

RECEIVED, ACKNOWLEDGED = "received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00"

RUNS = [
    # events, term, runs as (started, stopped, cancelled), why
    ([RECEIVED, ACKNOWLEDGED, "reopened 2026-10-05 10:00"], "resolve", [("2026-10-01 10:00", None, None)], "re-opened while it runs: no second run"),
    ([RECEIVED, ACKNOWLEDGED, "result_notified 2026-10-02 10:00", "reopened 2026-10-05 10:00", "reopened 2026-10-06 10:00"], "resolve", [("2026-10-01 10:00", "2026-10-02 10:00", None), ("2026-10-05 10:00", None, None)], "re-opened twice before it is answered: the first re-opening counts"),
    ([RECEIVED, ACKNOWLEDGED, "withdrawn 2026-10-02 10:00", "reopened 2026-10-05 10:00"], "resolve", [("2026-10-01 10:00", None, "2026-10-02 10:00"), ("2026-10-05 10:00", None, None)], "a withdrawn run has ended: re-opening starts the next"),
    ([RECEIVED, "reopened 2026-10-05 10:00"], "resolve", [("2026-10-05 10:00", None, None)], "nothing ran: re-opening starts the first"),
    ([RECEIVED, ACKNOWLEDGED, "reopened 2026-10-05 10:00"], "acknowledge", [("2026-10-01 09:00", "2026-10-01 10:00", None)], "a term that runs once is not started by a re-opening"),
    ([RECEIVED, ACKNOWLEDGED, "result_notified 2026-10-02 10:00", "result_notified 2026-10-05 10:00"], "resolve", [("2026-10-01 10:00", "2026-10-02 10:00", None)], "the first result stops it, a second changes nothing"),
    ([RECEIVED, ACKNOWLEDGED, "result_notified 2026-10-02 10:00", "withdrawn 2026-10-05 10:00"], "resolve", [("2026-10-01 10:00", "2026-10-02 10:00", None)], "what was met is not cancelled (D13)"),
    ([RECEIVED, ACKNOWLEDGED, "withdrawn 2026-10-02 10:00", "result_notified 2026-10-05 10:00"], "resolve", [("2026-10-01 10:00", None, "2026-10-02 10:00")], "what follows a withdrawal meets nothing"),
    ([RECEIVED, "withdrawn 2026-10-01 09:30", ACKNOWLEDGED], "resolve", [], "what follows a withdrawal starts nothing"),
    ([RECEIVED, "merged 2026-10-01 09:30", "reopened 2026-10-02 10:00", "acknowledged 2026-10-02 11:00"], "acknowledge", [("2026-10-01 09:00", None, "2026-10-01 09:30")], "what was cancelled stays cancelled when the case is alive again"),
    ([RECEIVED, ACKNOWLEDGED, "result_notified 2026-10-02 10:00", "withdrawn 2026-10-05 10:00", "reopened 2026-10-06 10:00", "result_notified 2026-10-07 10:00"], "resolve", [("2026-10-01 10:00", "2026-10-02 10:00", None), ("2026-10-06 10:00", "2026-10-07 10:00", None)], "alive again, a result counts again"),
    (["acknowledged 2026-10-01 08:40", "acknowledged 2026-10-01 08:50", RECEIVED], "acknowledge", [("2026-10-01 09:00", "2026-10-01 08:40", None)], "met twice before it began: the first of the early events counts"),
    (["acknowledged 2026-10-01 08:40", RECEIVED, "acknowledged 2026-10-01 11:00"], "acknowledge", [("2026-10-01 09:00", "2026-10-01 08:40", None)], "met before it began: a later one changes nothing"),
    ([RECEIVED, "acknowledged 2026-10-01 09:00"], "acknowledge", [("2026-10-01 09:00", "2026-10-01 09:00", None)], "answered the instant it arrived"),
    ([RECEIVED, "received 2026-10-02 09:00"], "acknowledge", [("2026-10-01 09:00", None, None)], "received twice: the first counts"),
    ([RECEIVED, "received 2026-10-01 09:30", "result_notified 2026-10-02 10:00"], "resolve", [("2026-10-01 09:00", "2026-10-02 10:00", None)], "never acknowledged: it runs from the first receipt, once"),
    ([RECEIVED, "result_notified 2026-10-02 10:00", "acknowledged 2026-10-05 10:00"], "resolve", [("2026-10-01 09:00", "2026-10-02 10:00", None)], "acknowledged only after the result: no second run"),
    ([RECEIVED, "negotiation_requested 2026-10-02 10:00", "negotiation_requested 2026-10-05 10:00", "remedy_proposed 2026-10-06 10:00"], "negotiation", [("2026-10-02 10:00", "2026-10-06 10:00", None), ("2026-10-05 10:00", None, None)], "each request has its own clock, the earliest is met first"),
    ([RECEIVED, "negotiation_requested 2026-10-02 10:00", "reopened 2026-10-05 10:00"], "negotiation", [("2026-10-02 10:00", None, None)], "a re-opening is no request"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "term", "wanted", "why"), RUNS, ids=[row[-1] for row in RUNS])
def test_what_starts_and_what_stops_a_clock(
    steps: Sequence[str], term: str, wanted: Sequence[tuple[str, str | None, str | None]], why: str
) -> None:
    found = runs(pops(), term, happened(*steps))
    instants = [tuple(moment and at(moment) for moment in run) for run in wanted]
    assert [(cycle.starts_at, cycle.stopped_at, cycle.cancelled_at) for cycle in found] == instants, why
    assert [cycle.number for cycle in found] == list(range(1, len(wanted) + 1)), why


ACTIONS = [
    # action of the evidence, stops of the runs of the actions a, b, none, why
    ("a", ("2026-10-08 10:00", None, None), "evidence of an action meets the clock of that action"),
    ("b", (None, "2026-10-08 10:00", None), "and of no other"),
    (None, ("2026-10-08 10:00", None, None), "evidence that names no action meets the earliest"),
    ("c", (None, None, "2026-10-08 10:00"), "of an action that no run names it meets the run without a name"),
]


@pytest.mark.parametrize(("action", "stops", "why"), ACTIONS, ids=[row[-1] for row in ACTIONS])
def test_evidence_meets_the_clock_of_its_action(action: str | None, stops: tuple[str | None, ...], why: str) -> None:
    misa = shipped.procedure("misa")
    events = happened("received 2026-10-01 09:00")
    for name, day in (("a", 5), ("b", 6), (None, 7)):
        events += happened(f"action_done 2026-10-0{day} 10:00", data={"action": name} if name else None)
    events += happened("action_evidence_sent 2026-10-08 10:00", data={"action": action} if action else None)
    found = [cycle.stopped_at for cycle in runs(misa, "action_evidence", events)]
    assert found == [stop and at(stop) for stop in stops], why


STARTS = [
    # unit, after hours, arrived, starts counting, arrived_at kept, due, why
    (Unit.WORKING_DAY, AfterHours.NEXT_OPEN, "2026-10-02 18:00", "2026-10-05 08:30", True, "2026-10-06 17:30", "Friday evening is deemed Monday (D2)"),
    (Unit.WORKING_DAY, AfterHours.SAME_DAY, "2026-10-02 18:00", "2026-10-02 18:00", False, "2026-10-05 17:30", "Friday is the uncounted day"),
    (Unit.HOUR, AfterHours.NEXT_OPEN, "2026-10-02 18:00", "2026-10-02 18:00", False, "2026-10-02 19:00", "an hour of the clock never waits for the opening (D3)"),
    (Unit.WORKING_MINUTE, AfterHours.NEXT_OPEN, "2026-10-02 18:00", "2026-10-05 08:30", True, "2026-10-05 08:31", "one open minute"),
    (Unit.CALENDAR_DAY, AfterHours.SAME_DAY, "2026-10-02 18:00", "2026-10-02 18:00", False, "2026-10-06 00:00", "a last day off moves to the next working day"),
    (Unit.CALENDAR_DAY, AfterHours.SAME_DAY, "2026-10-01 18:00", "2026-10-01 18:00", False, "2026-10-03 00:00", "a last day that is worked stays"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "after_hours", "arrived", "starts", "moved", "due", "why"), STARTS, ids=[row[-1] for row in STARTS]
)
def test_when_each_unit_starts_and_ends(
    unit: Unit, after_hours: AfterHours, arrived: str, starts: str, moved: bool, due: str, why: str
) -> None:
    procedure = with_term("acknowledge", unit=unit, after_hours=after_hours, amount=1)
    (cycle,) = runs(procedure, "acknowledge", happened(f"received {arrived}"))
    assert (cycle.starts_at, cycle.due_at) == (at(starts), at(due)), why
    assert cycle.arrived_at == (at(arrived) if moved else None), why


def test_a_term_may_run_from_the_incident_which_comes_before_everything() -> None:
    procedure = with_term("acknowledge", from_event="incident", unit=Unit.HOUR, amount=24)
    events = happened("received 2026-10-01 00:00")
    found = clocks.cycles(procedure, days_off(procedure), events, incident_on=date(2026, 10, 1))
    assert [(c.term, c.starts_at, c.due_at) for c in found] == [
        ("acknowledge", at("2026-10-01 00:00"), at("2026-10-02 00:00"))
    ]


def test_the_incident_comes_before_everything_that_happened_on_its_day() -> None:
    """A clock for each incident, met by the receipt: it would run for ever if the incident came after it."""
    procedure = with_term("acknowledge", from_event="incident", to_events=("received",), repeats=Repeats.EACH)
    events = happened("received 2026-10-01 00:00", "noted 2026-10-01 10:00")
    (cycle,) = clocks.cycles(procedure, days_off(procedure), events, incident_on=date(2026, 10, 1))
    assert cycle.stopped_at == at("2026-10-01 00:00")


def test_a_term_without_its_starting_events_does_not_run() -> None:
    assert clocks.cycles(pops(), days_off(pops()), happened("noted 2026-10-01 10:00")) == ()
    assert runs(with_term("resolve", else_from=""), "resolve", happened(RECEIVED, "closed 2026-10-02 10:00")) == []


def test_events_of_one_instant_keep_their_order() -> None:
    """A withdrawal and a re-opening recorded with one time: the case is alive, not gone."""
    steps = [RECEIVED, "withdrawn 2026-10-01 09:30", "reopened 2026-10-01 09:30", "acknowledged 2026-10-01 09:30"]
    assert [cycle.starts_at for cycle in runs(pops(), "resolve", happened(*steps))] == [at("2026-10-01 09:30")]


def test_the_statutory_clock_is_what_the_law_says() -> None:
    """Consumer Law 19/2023 art. 57(2): seven working days from the day of the request, whatever the hour."""
    assert (NEGOTIATION.amount, NEGOTIATION.unit, NEGOTIATION.warn_at) == (7, Unit.WORKING_DAY, 0.75)
    assert (NEGOTIATION.after_hours, NEGOTIATION.repeats) == (AfterHours.SAME_DAY, Repeats.EACH)
    for ends in ("remedy_proposed", "result_notified", "closed"):
        (cycle,) = runs(
            pops(), "negotiation", happened("negotiation_requested 2026-10-02 10:00", f"{ends} 2026-10-05 10:00")
        )
        assert cycle.stopped_at == at("2026-10-05 10:00"), ends


def test_a_term_is_found_behind_its_cycle() -> None:
    events = happened(RECEIVED, "negotiation_requested 2026-10-02 10:00")
    events += promised("2026-10-02 11:00", "2026-10-09 10:00")
    found = clocks.cycles(pops(), days_off(pops()), events)
    assert [clocks.term_of(cycle, pops()) for cycle in found] == [pops().term("acknowledge"), NEGOTIATION, None]
