"""Until when a stage is meant to be done (D18): from the events, in working days, and never a promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from core import shipped
from core.rules import guides
from core.rules.steps import Phase
from tests.local_time import at


@dataclass
class Happened:
    """An event as guides read it."""

    kind: str
    when: str
    payload: Mapping[str, object] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return at(self.when)


RECEIVED = Happened("received", "2026-11-16 09:00")
ACK = Happened("acknowledged", "2026-11-16 10:00")
KIND = Happened("classified", "2026-11-17 11:00")
SENT = Happened("forwarded", "2026-11-17 12:00")
OFFERED = Happened("remedy_proposed", "2026-11-18 09:00")
REFUSED = Happened("remedy_refused", "2026-11-19 09:00")
AGREED = Happened("remedy_accepted", "2026-11-19 15:00")
TOLD = Happened("result_notified", "2026-11-20 10:00")
LATE_ACK = Happened("acknowledged", "2026-11-20 17:30")
UNCLASSIFIED = Happened("customer_replied", "2026-11-18 10:00", {"leads_to": "acknowledged"})
ASKED = Happened("customer_asked", "2026-11-17 09:00")
REOPENED = Happened("reopened", "2026-11-23 09:00")

MARKS = [
    # procedure, events, guide, due, why
    ("pops", [RECEIVED], None, None, "not acknowledged yet: that is promised"),
    ("pops", [RECEIVED, ACK], "classify", "2026-11-17 17:30", "one working day after the acknowledgement"),
    (
        "pops",
        [RECEIVED, LATE_ACK],
        "classify",
        "2026-11-25 17:30",
        "Friday 17:30 counts as Monday (D2), 24/11 is a day off",
    ),
    ("pops", [RECEIVED, ACK, KIND], "investigate", "2026-11-25 17:30", "at most five working days, 24/11 is a day off"),
    ("pops", [RECEIVED, ACK, KIND, SENT], "investigate", "2026-11-25 17:30", "asking a department begins no stage"),
    (
        "pops",
        [RECEIVED, ACK, ASKED],
        "investigate",
        "2026-11-25 17:30",
        "the customer is asked before it is classified",
    ),
    (
        "pops",
        [RECEIVED, ACK, ASKED, UNCLASSIFIED],
        "classify",
        "2026-11-19 17:30",
        "and then it is still to be classified",
    ),
    ("pops", [RECEIVED, ACK, KIND, OFFERED], "conciliate", "2026-11-26 17:30", "a proposal begins the conciliation"),
    (
        "pops",
        [RECEIVED, ACK, KIND, OFFERED, REFUSED],
        "conciliate",
        "2026-11-26 17:30",
        "a refusal begins no other stage (POPS 5)",
    ),
    ("pops", [RECEIVED, ACK, KIND, OFFERED, AGREED], "notify", "2026-11-20 17:30", "the result is told within a day"),
    ("pops", [RECEIVED, ACK, KIND, TOLD], "close", "2026-11-23 17:30", "closed the working day after"),
    ("pops", [RECEIVED, ACK, KIND, TOLD, Happened("closed", "2026-11-20 11:00")], None, None, "at its end"),
    (
        "pops",
        [RECEIVED, ACK, KIND, TOLD, Happened("closed", "2026-11-20 11:00"), REOPENED],
        "investigate",
        "2026-12-01 17:30",
        "opened again, from there",
    ),
    ("pops", [RECEIVED, ACK, Happened("withdrawn", "2026-11-16 11:00")], None, None, "withdrawn"),
    ("pops", [RECEIVED, ACK, Happened("merged", "2026-11-16 11:00")], None, None, "merged away"),
    (
        "pops",
        [RECEIVED, ACK, Happened("noted", "2026-11-17 16:00")],
        "classify",
        "2026-11-17 17:30",
        "a note is no stage",
    ),
    ("misa", [RECEIVED, ACK], "analyse", "2026-11-17 00:00", "at once: the same day, which has no stated hours"),
    ("vhv", [RECEIVED, ACK], None, None, "the procedure has no guides"),
]


@pytest.mark.parametrize(("procedure", "events", "guide", "due", "why"), MARKS, ids=[row[-1] for row in MARKS])
def test_until_when_a_stage_is_meant_to_be_done(
    procedure: str, events: list[Happened], guide: str | None, due: str | None, why: str
) -> None:
    rules = shipped.procedures()[procedure]
    found = guides.mark(rules, rules.calendar(shipped.calendar_days()), events)
    assert (found.guide.key if found else None) == guide, why
    assert (found.due_at if found else None) == (at(due) if due else None), why


def test_every_shipped_guide_is_of_a_phase() -> None:
    known = {key for keys in guides.GUIDES_OF.values() for key in keys}
    assert {one.key for rules in shipped.procedures().values() for one in rules.guides} <= known


def test_the_phase_of_a_fresh_complaint() -> None:
    assert guides.stage([RECEIVED]) == (None, None)
    assert guides.stage([RECEIVED, ACK]) == (Phase.CLASSIFY, ACK.at)
