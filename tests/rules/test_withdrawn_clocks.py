"""What a withdrawal or a merge does to clocks (D13): what fell due before it stays, what is not due is cancelled."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.rules import clocks
from core.rules.clocks import Occurrence
from core.rules.verdicts import Verdict, verdict
from tests.rules.given import asked, at, days_off, happened, pausing, pops, promised, runs

RECEIVED, ACKNOWLEDGED = "received 2026-10-01 09:00", "acknowledged 2026-10-01 10:00"
TOLD, REOPENED = "result_notified 2026-10-02 10:00", "reopened 2026-10-02 11:00"
NOW = at("2026-12-01 09:00")


def gone(when: str, kind: str = "withdrawn") -> list[Occurrence]:
    """A withdrawal as it is logged now."""
    return happened(f"{kind} {when}", data={"keeps_due": True})


# Acknowledged Thursday 01/10/2026 10:00: *resolve* is due Thursday 08/10 17:30.
# ruff: disable[E501]
CASES: list[tuple[list[Occurrence], str, list[tuple[Verdict, str | None]], str]] = [
    # events, term, (verdict, when it stopped with one) of each run, why
    ([*happened(RECEIVED, ACKNOWLEDGED), *gone("2026-10-08 17:29:59")], "resolve", [(Verdict.CANCELLED, None)], "not yet due"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *gone("2026-10-08 17:30")], "resolve", [(Verdict.CANCELLED, None)], "in the due second it is not overdue yet (D29)"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *gone("2026-10-08 17:30:01")], "resolve", [(Verdict.MISSED, "2026-10-08 17:30:01")], "a second later it is: it stays missed in its week"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *gone("2026-10-09 10:00", "merged")], "resolve", [(Verdict.MISSED, "2026-10-09 10:00")], "merged away overdue"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *gone("2026-10-05 10:00", "merged")], "resolve", [(Verdict.CANCELLED, None)], "merged away in time"),
    (happened(RECEIVED, ACKNOWLEDGED, "withdrawn 2026-10-12 10:00"), "resolve", [(Verdict.CANCELLED, None)], "logged by an earlier version: what it cancelled stays cancelled"),
    ([*happened(RECEIVED, ACKNOWLEDGED, TOLD), *gone("2026-10-12 10:00")], "resolve", [(Verdict.MET, "2026-10-02 10:00")], "what was met stays met"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *gone("2026-10-12 10:00"), *happened("result_notified 2026-10-13 10:00")], "resolve", [(Verdict.MISSED, "2026-10-12 10:00")], "what follows stops nothing"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *gone("2026-10-12 10:00"), *happened("reopened 2026-10-13 10:00")], "resolve", [(Verdict.MISSED, "2026-10-12 10:00"), (Verdict.OVERDUE, None)], "opened again: the next cycle runs, the first stays missed (D6)"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *gone("2026-10-05 10:00"), *happened("reopened 2026-10-13 10:00")], "resolve", [(Verdict.CANCELLED, None), (Verdict.OVERDUE, None)], "opened again, the first stays cancelled"),
    ([*happened(RECEIVED, ACKNOWLEDGED, TOLD, REOPENED), *gone("2026-10-12 10:00")], "resolve", [(Verdict.MET, "2026-10-02 10:00"), (Verdict.MISSED, "2026-10-12 10:00")], "several cycles: each by its own due"),
    ([*happened(RECEIVED), *gone("2026-10-05 10:00")], "acknowledge", [(Verdict.MISSED, "2026-10-05 10:00")], "never acknowledged, due on Friday, withdrawn on Monday"),
    ([*happened(RECEIVED, "negotiation_requested 2026-10-01 11:00", "negotiation_requested 2026-10-09 11:00"), *gone("2026-10-13 10:00")], "negotiation", [(Verdict.MISSED, "2026-10-13 10:00"), (Verdict.CANCELLED, None)], "of two requests the one that fell due (12/10) is missed"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *promised("2026-10-02 10:00", "2026-10-06 12:00"), *gone("2026-10-06 12:00:01")], "promised_reply", [(Verdict.MISSED, "2026-10-06 12:00:01")], "a promised date that has passed"),
    ([*happened(RECEIVED, ACKNOWLEDGED), *promised("2026-10-02 10:00", "2026-10-06 12:00"), *gone("2026-10-06 12:00")], "promised_reply", [(Verdict.CANCELLED, None)], "a promised date in its second"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("events", "term", "wanted", "why"), CASES, ids=[row[-1] for row in CASES])
def test_what_becomes_of_a_clock(
    events: list[Occurrence], term: str, wanted: Sequence[tuple[Verdict, str | None]], why: str
) -> None:
    found = runs(pops(), term, events)
    stops = [(stopped and at(stopped)) for _, stopped in wanted]
    assert [(verdict(one, NOW), one.stopped_at) for one in found] == [
        (v, s) for (v, _), s in zip(wanted, stops, strict=True)
    ], why
    for one in found:
        is_kept = one.stopped_at is not None and verdict(one, NOW) is Verdict.MET
        assert (one.working_seconds is not None) == is_kept, "no time to a result that nobody gave"


PAUSED = [
    # withdrawn, verdict, why; asked on 02/10 until 06/10, which moves the due from 08/10 to 12/10 17:30
    ("2026-10-12 17:30", Verdict.CANCELLED, "not overdue: the pause gave two days back"),
    ("2026-10-12 17:30:01", Verdict.MISSED, "overdue also with the pause"),
    ("2026-10-05 10:00", Verdict.CANCELLED, "withdrawn while the customer was awaited"),
]


@pytest.mark.parametrize(("when", "wanted", "why"), PAUSED, ids=[row[-1] for row in PAUSED])
def test_a_pause_counts_as_it_does_elsewhere(when: str, wanted: Verdict, why: str) -> None:
    events = [*happened(RECEIVED, ACKNOWLEDGED), *asked("2026-10-02 10:00", "2026-10-06"), *gone(when)]
    (resolve,) = runs(pausing(), "resolve", events)
    assert verdict(resolve, NOW) is wanted, why


def test_every_clock_of_a_withdrawn_complaint_has_ended() -> None:
    events = [*happened(RECEIVED), *promised("2026-10-01 11:00", "2026-10-20 12:00"), *gone("2026-10-09 10:00")]
    found = clocks.cycles(pops(), days_off(pops()), events)
    assert len(found) > 1
    assert all(one.stopped_at or one.cancelled_at for one in found)
