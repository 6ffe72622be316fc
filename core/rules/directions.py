"""Directions asked of a superior or the board: who may give one, what is awaited, what became of each.

A direction moves no clock (D5, D7): its due is an internal mark, like those of stages (D18). One is awaited at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypedDict, cast

from core.rules.steps import ANSWERED, STEP_OF_EVENT, Direction, Step


class Addressee(StrEnum):
    """Of whom a direction can be asked."""

    superior = "superior"
    board = "board"


ANSWERED_BY: Mapping[str, frozenset[str]] = {
    Addressee.superior: frozenset({"lead", "manager"}),
    Addressee.board: frozenset({"manager"}),
}
"""Addressee → the roles that answer what is asked of it."""


class Standing(StrEnum):
    """How far a direction is; the register stores these words."""

    waiting = "waiting"
    directed = "directed"
    approved = "approved"
    returned = "returned"
    recalled = "recalled"
    released = "released"


CAME_BACK = (Standing.directed, Standing.approved, Standing.returned)
_ENDS = {
    Direction.DIRECTS: Standing.directed,
    Direction.APPROVES: Standing.approved,
    Direction.RETURNS: Standing.returned,
    Direction.RECALLS: Standing.recalled,
    Direction.RELEASES: Standing.released,
}


class Columns(TypedDict):
    """What the complaint's row says of it; all empty where nothing is awaited and nothing came back.

    ``direction``: waiting, or how it came back until somebody goes on. ``direction_due_at`` while it is awaited.
    """

    direction: str | None
    direction_from: str | None
    direction_by_id: int | None
    direction_due_at: datetime | None
    direction_reminded: int


NOTHING = Columns(
    direction=None, direction_from=None, direction_by_id=None, direction_due_at=None, direction_reminded=0
)


class DirectionPayload(TypedDict, total=False):
    """What is read of an event's payload."""

    addressee: str | None
    due_at: str | None
    text_id: int


class DirectionEvent(Protocol):
    """What is read of an event."""

    @property
    def kind(self) -> str:
        """Its name in the log."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def actor_id(self) -> int | None:
        """Who caused it."""

    @property
    def payload(self) -> DirectionPayload:
        """What was recorded with it."""


class Asker(Protocol):
    """Who acts, as far as it matters here."""

    @property
    def id(self) -> int:
        """Their account."""

    @property
    def role(self) -> str:
        """Their role."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One direction that was asked for; ``question_id``: the text in ``evidence``."""

    addressee: str
    asked_by: int | None
    asked_at: datetime
    due_at: datetime
    question_id: int | None
    standing: Standing = Standing.waiting
    reminded: int = 0


def follow(row: Columns, event: DirectionEvent, step: Step) -> None:
    """Change the columns by one more step; whoever goes on with the work has read what came back."""
    match step.direction:
        case None:
            if row["direction"] in CAME_BACK and not step.beside:
                row.update(NOTHING)
        case Direction.ASKS:
            asking = Columns(
                direction=Standing.waiting.value,
                direction_from=event.payload["addressee"],
                direction_by_id=event.actor_id,
                direction_due_at=_due(event),
                direction_reminded=0,
            )
            row.update(asking)
        case Direction.REMINDS:
            row["direction_reminded"] += 1
        case way if way in ANSWERED:
            row["direction"], row["direction_due_at"], row["direction_reminded"] = _ENDS[way].value, None, 0
        case _:
            row.update(NOTHING)


def asked(events: Iterable[DirectionEvent]) -> tuple[Asked, ...]:
    """What was asked for, oldest first, by the events that count (``core.rules.undo.effective``)."""
    found: list[Asked] = []
    for event in events:
        step = STEP_OF_EVENT.get(event.kind)
        way = step.direction if step else None
        if way is Direction.ASKS:
            payload = event.payload
            addressee = payload["addressee"] or ""
            found.append(Asked(addressee, event.actor_id, event.at, _due(event), payload.get("text_id")))
        elif way is not None and found and found[-1].standing is Standing.waiting:
            last = found[-1]
            is_reminder = way is Direction.REMINDS
            found[-1] = replace(last, reminded=last.reminded + 1) if is_reminder else replace(last, standing=_ENDS[way])
    return tuple(found)


def awaited(found: Iterable[Asked]) -> Asked | None:
    """The one that is awaited now."""
    return next((one for one in found if one.standing is Standing.waiting), None)


def is_owed(found: Iterable[Asked]) -> bool:
    """Whether the last one is awaited still, or was returned: nobody above agreed to anything (MISA 3).

    One that was taken back was none.
    """
    standing = [one.standing for one in found if one.standing is not Standing.recalled]
    return bool(standing) and standing[-1] in (Standing.waiting, Standing.returned)


def is_awaited(complaint: Mapping[str, object]) -> bool:
    """Whether a direction about a complaint with these columns is awaited."""
    return complaint["direction"] == Standing.waiting


def may_answer(by: Asker, complaint: Mapping[str, object]) -> bool:
    """Whether ``by`` may give the direction that is awaited: never who asked for it."""
    roles = ANSWERED_BY.get(str(complaint["direction_from"]), frozenset())
    return is_awaited(complaint) and by.role in roles and by.id != complaint["direction_by_id"]


def answers(role: str) -> tuple[str, ...]:
    """The addressees for whom ``role`` answers."""
    return tuple(whom for whom, roles in ANSWERED_BY.items() if role in roles)


def _due(event: DirectionEvent) -> datetime:
    return datetime.fromisoformat(cast("str", event.payload["due_at"]))
