"""What departments are asked (D19), drawn by hand: events → requests, what a row says, who sees it, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from core.rules import requests
from core.rules.requests import Request, RequestPayload
from core.rules.verdicts import Verdict, verdict
from tests.engines import MONDAY


class Event(NamedTuple):
    """One event of a complaint."""

    kind: str
    at: datetime
    payload: RequestPayload


def told(line: str) -> list[Event]:
    """``ask payment 2`` is asked on its turn and due in two hours; one step an hour; ``old`` marks what names none."""
    events: list[Event] = []
    for hour, text in enumerate(filter(None, (part.strip() for part in line.split(";")))):
        at, (word, *given) = MONDAY + timedelta(hours=hour), text.split()
        payload: RequestPayload = {}
        if word in ("ask", "old"):
            payload = {"department": given[0], "due_at": (at + timedelta(hours=int(given[1]))).isoformat()}
        if word == "ask":
            payload["request"] = 1 + sum(event.kind == "forwarded" for event in events)
        elif word == "told":
            payload = {"answered": [int(number) for number in given]} if given else {}
        elif given and word != "old":
            payload = {"request": int(given[0])}
        events.append(Event(KINDS[word], at, payload))
    return events


KINDS = {
    "ask": "forwarded", "old": "forwarded", "answer": "department_answered", "return": "request_returned",
    "recall": "request_recalled", "remind": "department_reminded", "told": "result_notified", "withdraw": "withdrawn",
    "note": "noted",
}  # fmt: skip

# ruff: disable[E501]  # a row of a table stays one line
# the steps, each request as DEPARTMENT:END, department of the row and whether it waits, who sees it, who owes, why
FOLDED = [
    ("note", "", "- -", "", "", "nobody was asked"),
    ("ask payment 2", "payment:", "payment waits", "payment", "payment", "asked"),
    ("ask payment 9; ask legal 2", "payment: legal:", "legal waits", "payment legal", "payment legal", "due first"),
    ("ask payment 2; ask legal 1", "payment: legal:", "payment waits", "payment legal", "payment legal", "same due"),
    ("ask payment 2; ask legal 9; answer 2", "payment: legal:answered", "payment waits", "payment legal", "payment", "one of two answered"),
    ("ask payment 2; ask legal 9; answer 2; answer 1", "payment:answered legal:answered", "legal -", "payment legal", "", "all answered: the department asked last"),
    ("ask payment 2; return 1", "payment:returned", "payment -", "", "", "not theirs: they see it no more"),
    ("ask payment 2; recall 1", "payment:recalled", "payment -", "", "", "taken back: neither"),
    ("ask payment 2; recall 1; ask payment 3", "payment:recalled payment:", "payment waits", "payment", "payment", "asked anew, of its own"),
    ("ask payment 2; answer 1; ask payment 3; return 2", "payment:answered payment:returned", "payment -", "payment", "", "what they answered stays theirs"),
    ("ask payment 2; ask payment 3; answer 1", "payment:answered payment:", "payment waits", "payment", "payment", "two questions to one department"),
    ("ask payment 2; ask legal 2; told", "payment:released legal:released", "legal -", "payment legal", "", "the result releases all"),
    ("ask payment 2; ask legal 2; told 2", "payment:released legal:answered", "legal -", "payment legal", "", "the department told it itself (MISA 2)"),
    ("ask payment 2; answer 1; withdraw", "payment:answered", "payment -", "payment", "", "what was answered stays so"),
    ("ask payment 2; ask legal 2; recall 1; withdraw", "payment:recalled legal:released", "legal -", "legal", "", "released when withdrawn"),
    ("old payment 2; old legal 2", "payment:released legal:", "legal waits", "payment legal", "legal", "earlier versions awaited one at a time"),
    ("old payment 2; answer; old legal 2", "payment:answered legal:", "legal waits", "payment legal", "legal", "answered before the next was asked"),
    ("old payment 2; ask legal 9", "payment: legal:", "payment waits", "payment legal", "payment legal", "asked before the update, and beside it after"),
    ("ask payment 2; ask legal 9; answer", "payment:answered legal:answered", "legal -", "payment legal", "", "a history that does not say which: all"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("line", "each", "row", "sees", "owes", "why"), FOLDED, ids=[row[-1] for row in FOLDED])
def test_requests_follow_from_the_events(line: str, each: str, row: str, sees: str, owes: str, why: str) -> None:
    found = folded(told(line))
    assert [f"{one.department}:{one.ended or ''}" for one in found] == each.split()
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    department, is_waiting, due_at = requests.summary(found)
    assert f"{department or '-'} {'waits' if is_waiting else '-'}" == row
    assert due_at == min((one.due_at for one in found if one.ended is None), default=None)
    assert (requests.seen_by(found), requests.owing(found)) == (
        frozenset(sees.split()),
        frozenset(owes.split()),
    ), why


def folded(events: Sequence[Event]) -> tuple[Request, ...]:
    found: tuple[Request, ...] = ()
    for event in events:
        found = requests.follow(found, event)
    return found


def test_reminders_are_counted_and_change_nothing_else() -> None:
    first, second = folded(told("ask payment 2; ask legal 2; remind 1; remind 1"))
    assert (first.reminded, second.reminded) == (2, 0)
    assert first.due_at == MONDAY + timedelta(hours=2)
    assert first.ended is None


# the steps, hours from the question to now, verdict of the first request, why
JUDGED = [
    ("ask payment 2", 2, Verdict.RUNNING, "the due second itself is in time"),
    ("ask payment 2", 3, Verdict.OVERDUE, "nobody answered"),
    ("ask payment 2; answer 1", 9, Verdict.MET, "answered"),
    ("ask payment 1; answer 1", 9, Verdict.MET, "answered in the due second"),
    ("ask payment 1; note; answer 1", 9, Verdict.MISSED, "answered too late"),
    ("ask payment 2; return 1", 9, Verdict.CANCELLED, "not theirs"),
    ("ask payment 1; note; return 1", 9, Verdict.MISSED, "returned once it was late"),
    ("ask payment 2; recall 1", 9, Verdict.CANCELLED, "taken back in time"),
    ("ask payment 1; note; recall 1", 9, Verdict.MISSED, "taken back once it was late"),
    ("ask payment 2; told", 9, Verdict.CANCELLED, "nobody needs the answer any more (D13)"),
    ("ask payment 1; note; told", 9, Verdict.MISSED, "the result did without it, and it was late"),
    ("ask payment 2; told 1", 9, Verdict.MET, "told the customer itself"),
]


class Judged(NamedTuple):
    """The clock of a request."""

    due_at: datetime
    stopped_at: datetime | None
    cancelled_at: datetime | None


@pytest.mark.parametrize(("line", "hours", "wanted", "why"), JUDGED, ids=[row[-1] for row in JUDGED])
def test_the_verdict_of_a_request(line: str, hours: int, wanted: Verdict, why: str) -> None:
    first = folded(told(line))[0]
    clock = Judged(first.due_at, requests.stopped_at(first), requests.cancelled_at(first))
    assert verdict(clock, MONDAY + timedelta(hours=hours)) is wanted, why
