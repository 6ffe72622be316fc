"""What a customer was asked to send, item by item (VHV 1, Minh Tuấn 2): asked for with a question, ticked as it comes.

An event ``customer_asked`` names its items in this order: ``wanted``, each a field of the category (``detail.KEY``) or
a kind of evidence (``evidence.KEY``); then ``wanted_lines`` lines of the text ``wanted_id``, which is personal like any
other. Later events say by ``came`` the numbers of what came. Items are numbered from 1 within the complaint, over the
history as it counts; whoever says that something came is the one who looked at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, cast

MOST = 20
"""How many items one question may have."""
DETAIL, EVIDENCE = "detail.", "evidence."
"""How an item begins that is a field of the category, or a kind of evidence."""


class AskingEvent(Protocol):
    """What is read of an event; a history of these is as it counts (``core.rules.undo.effective``)."""

    @property
    def kind(self) -> str:
        """Its name in the log."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def payload(self) -> Mapping[str, object]:
        """What was recorded with it."""

    @property
    def actor_id(self) -> int | None:
        """Who caused it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that must come; ``what``: ``detail.KEY``, ``evidence.KEY``, or empty for line ``line`` of ``text_id``.

    ``came_at``: None as long as it has not come; ``came_by``: who said that it did.
    """

    number: int
    what: str
    asked_at: datetime
    text_id: int | None = None
    line: int = 0
    came_at: datetime | None = None
    came_by: int | None = None


def fold(events: Iterable[AskingEvent]) -> dict[int, Item]:
    """Number → item, in the order they were asked for."""
    items: dict[int, Item] = {}
    for event in events:
        for item in items_of(event, after=len(items)):
            items[item.number] = item
        for number in cast("Iterable[int]", event.payload.get("came") or ()):
            items[number] = replace(items[number], came_at=event.at, came_by=event.actor_id)
    return items


def items_of(event: AskingEvent, *, after: int) -> list[Item]:
    """The items that this event alone asks for, numbered from ``after`` + 1."""
    payload = event.payload
    found = [Item(0, what, event.at) for what in cast("Iterable[str]", payload.get("wanted") or ())]
    text_id = cast("int | None", payload.get("wanted_id"))
    lines = cast("int", payload.get("wanted_lines") or 0)
    found += [Item(0, "", event.at, text_id, line) for line in range(lines)]
    return [replace(item, number=after + n) for n, item in enumerate(found, 1)]


def missing(items: Mapping[int, Item]) -> list[int]:
    """The numbers of what has not come yet."""
    return [number for number, item in items.items() if item.came_at is None]


def lines_of(text: str) -> list[str]:
    """The items that somebody typed, one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]
