"""Undo (D22): which events of a history count, and who may take the last step back until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from core.errors import NotAllowed
from core.rules import undo
from core.rules.steps import OTHER_EVENTS, STEPS
from core.rules.undo import Last
from tests.rules.test_policy import AGENT, Somebody


class Told(NamedTuple):
    """An event of a history."""

    seq: int
    kind: str
    payload: Mapping[str, object]
    at: datetime = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def history(drawn: str) -> list[Told]:
    """``received noted undone:2`` → its events."""
    parts = [word.partition(":") for word in drawn.split()]
    return [Told(n, kind, {"undoes": int(of)} if of else {}) for n, (kind, _, of) in enumerate(parts, 1)]


COUNT = [
    # the events, the numbers of those that count, why
    ("received", "1", "nothing was undone"),
    ("received acknowledged noted", "1 2 3", "nothing was undone"),
    ("received acknowledged undone:2", "1", "the step and its undoing are gone"),
    ("received acknowledged undone:2 acknowledged", "1 4", "taken anew, it counts"),
    ("received noted noted undone:3 noted undone:5", "1 2", "each undoes what stood right before it"),
    ("received noted undone:2 recalculated noted", "1 4 5", "what the register itself wrote counts"),
]


@pytest.mark.parametrize(("drawn", "numbers", "why"), COUNT)
def test_what_was_undone_does_not_count_and_neither_does_the_undoing(drawn: str, numbers: str, why: str) -> None:
    assert [event.seq for event in undo.effective(history(drawn))] == [int(n) for n in numbers.split()], why


CORRECTED = [
    # the events after receipt and acknowledgement, the channel the receipt says, the minute of the acknowledgement, why
    ("", "email", 0, "nothing was corrected"),
    ("channel=web", "web", 0, "it says what it should have"),
    ("channel=web noted channel=phone", "phone", 0, "the newest correction counts"),
    ("channel=web undone:3", "email", 0, "a correction that was undone counts no more"),
    ("channel=web channel=phone undone:4", "web", 0, "and the one before it counts again"),
    ("at=5 channel=", None, 5, "when it happened, and a value that is not known any more"),
]


@pytest.mark.parametrize(("drawn", "channel", "minute", "why"), CORRECTED)
def test_an_event_says_what_the_newest_correction_says(drawn: str, channel: str | None, minute: int, why: str) -> None:
    told = [Told(1, "received", {"channel": "email"}), Told(2, "acknowledged", {})]
    for n, word in enumerate(drawn.split(), 3):
        kind, _, undoes = word.partition(":")
        field, _, value = word.partition("=")
        if undoes:
            told.append(Told(n, kind, {"undoes": int(undoes)}))
        elif field == "at":
            at = told[1].at + timedelta(minutes=int(value))
            told.append(Told(n, "corrected", {"corrects": "happened_at", "of": 2, "at": at.isoformat()}))
        elif "=" in word:
            told.append(Told(n, "corrected", {"corrects": field, "of": 1, **({field: value} if value else {})}))
        else:
            told.append(Told(n, kind, {}))
    first, second, *rest = undo.effective(told)
    assert first.payload["channel"] == channel, why
    assert second.at == told[1].at + timedelta(minutes=minute), why
    assert {event.kind for event in rest} <= {"noted"}, "neither corrections nor undoings are left"


def test_what_was_undone_is_told_with_what_undid_it() -> None:
    assert {seq: by.seq for seq, by in undo.undone(history("received noted noted undone:3")).items()} == {3: 4}


AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
MOMENTS = [
    # how long after the step, possible, why
    (timedelta(), True, "at once"),
    (timedelta(minutes=14, seconds=59), True, "within the time"),
    (timedelta(minutes=15), True, "the last second belongs to it"),
    (timedelta(minutes=15, microseconds=999_999), True, "fractions of a second are cut off (D29)"),
    (timedelta(minutes=15, seconds=1), False, "too late"),
    (timedelta(seconds=-3), True, "another server's clock runs ahead"),
]


@pytest.mark.parametrize(("after", "possible", "why"), MOMENTS)
def test_a_step_is_undone_within_15_minutes(after: timedelta, possible: bool, why: str) -> None:
    last = Last("noted", AGENT.id, AT)
    until = undo.possible_until(AGENT, last, AT + after)
    assert until == (AT + timedelta(minutes=15) if possible else None), why
    if not possible:
        with pytest.raises(NotAllowed, match="15 minutes"):
            undo.check(AGENT, last, AT + after)


OTHERS = [
    # last event, who, what is said, why
    (Last("noted", 8, AT), AGENT, "somebody else's", "a colleague's"),
    (Last("noted", None, AT), AGENT, "somebody else's", "the register's own: a sample, an import without a person"),
    (Last("noted", None, AT), None, "somebody else's", "not even the register's for the register itself"),
    (Last("noted", 7, AT), None, "somebody else's", "a person's for the register itself"),
    (Last("noted", 7, AT, is_imported=True), AGENT, "import", "it came in with a file"),
    (Last("undone", 7, AT), AGENT, "undone already", "an undoing is not undone"),
    (Last("received", 7, AT), AGENT, "nothing to undo", "a receipt is no step"),
    (Last("recalculated", 7, AT), AGENT, "nothing to undo", "a calendar change moved its deadlines since"),
    (Last("closed_untimed", 7, AT), AGENT, "nothing to undo", "it came in as closed (D30)"),
]


@pytest.mark.parametrize(("last", "who", "said", "why"), OTHERS)
def test_nothing_else_is_undone(last: Last, who: Somebody | None, said: str, why: str) -> None:
    with pytest.raises(NotAllowed, match=said):
        undo.check(who, last, AT)
    if who:
        assert undo.possible_until(who, last, AT) is None, why


def test_every_step_but_the_undoing_and_what_the_customer_holds_can_be_undone() -> None:
    assert {key for key, step in STEPS.items() if not undo.can_be_undone(step.event)} == {"undo", "issue_paper"}
    assert not any(undo.can_be_undone(kind) for kind in OTHER_EVENTS)
