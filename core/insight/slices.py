"""A slice names the rows behind one figure, so that a number, its list and its export count the same (D15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from core.insight import dimensions
from core.insight.filters import Filter, Query
from core.insight.tally import BUCKETS, PERSON, last_day
from core.insight.which import WHICH
from core.rules.policy import Actor
from core.rules.segments import OF_EVERYBODY

OF = ("recorded", "due", "asked", "closed", "open")
CELL_KEYS = ("breach_reason", "root_cause", "product", "platform", "state", "outcome")
"""Fields of a slice that are each a key of the dimension of that name, which no filter narrows by."""
MOST_DIGITS = 9  # of the number of an account


@dataclass(frozen=True, slots=True)
class Slice:
    """A filter, what its period applies to, and the cell of a figure.

    ``of``: complaints ``recorded`` in the period, obligations ``due`` in it, questions ``asked`` of departments whose
    answers fall due in it (D19), complaints ``closed`` in it, or complaints ``open`` now, whatever the period.
    ``stage``, ``verdict``, ``first`` (cycle number 1 only), ``stopped`` (only cycles that were), ``restated`` (only
    those that a correction changed, D21) and ``breach_reason`` narrow obligations; ``weekday`` (Monday 0) and ``hour``
    (local) narrow recorded complaints; ``segment`` and ``age`` narrow open ones. ``product`` and ``platform`` narrow
    any; ``root_cause``, ``state``, ``outcome``, ``person`` (the number of whose account has it, or ``NONE``) and
    ``which`` (of ``core.insight.which``) any complaints. None, False or empty: not narrowed.
    """

    filter: Filter
    of: str = "recorded"
    stage: str | None = None
    verdict: tuple[str, ...] = ()
    first: bool = False
    stopped: bool = False
    restated: bool = False
    breach_reason: str | None = None
    root_cause: str | None = None
    weekday: int | None = None
    hour: int | None = None
    segment: str | None = None
    age: str | None = None
    product: str | None = None
    platform: str | None = None
    state: str | None = None
    outcome: str | None = None
    person: str | None = None
    which: str | None = None

    @classmethod
    def from_query(cls, query: Query, today: date) -> Slice:
        """The slice a URL names; a bad value narrows nothing and raises nothing."""
        given = {key: value if isinstance(value, str) else ",".join(value) for key, value in query.items()}
        verdicts = given.get("verdict", "").split(",")
        return cls(
            Filter.from_query(query, today),
            of=_among(given.get("of"), OF) or "recorded",
            stage=_among(given.get("stage"), dimensions.keys("stage")),
            verdict=tuple(key for key in dimensions.keys("verdict") if key in verdicts),
            first=given.get("first") == "1",
            stopped=given.get("stopped") == "1",
            restated=given.get("restated") == "1",
            weekday=_number(given.get("weekday"), 7),
            hour=_number(given.get("hour"), 24),
            segment=_among(given.get("segment"), OF_EVERYBODY),
            age=_among(given.get("age"), dimensions.AGES),
            person=_person(given.get("person", "")),
            which=_among(given.get("which"), tuple(WHICH)),
            **{name: next(iter(dimensions.asked(name, [given.get(name, "")])), None) for name in CELL_KEYS},
        )

    def to_query(self) -> dict[str, str]:
        """The filter's query with what narrows it further; ``from_query`` reads it back."""
        more = {
            "of": "" if self.of == "recorded" else self.of,
            "stage": self.stage,
            "verdict": ",".join(self.verdict),
            "first": "1" if self.first else "",
            "stopped": "1" if self.stopped else "",
            "restated": "1" if self.restated else "",
            "weekday": self.weekday,
            "hour": self.hour,
            "segment": self.segment,
            "age": self.age,
            "person": self.person,
            "which": self.which,
            **{name: getattr(self, name) for name in CELL_KEYS},
        }
        return self.filter.to_query() | {key: str(value) for key, value in more.items() if value not in (None, "")}

    def only(self, dimension: str, *keys: str) -> Slice:
        """Narrowed to these keys of a filter's dimension."""
        return replace(self, filter=self.filter.only(dimension, *keys))

    def part(self, split: str, key: str) -> Slice | None:
        """The part under ``key`` of what a figure is split by; None where no slice says it.

        ``key`` of a stretch of days: its first day, as 2026-11-02. What is open now is of no stretch.
        """
        if split in BUCKETS:
            first = date.fromisoformat(key)
            return None if self.of == "open" else self.during(first, last_day(split, first))
        if split in dimensions.FILTERS or split.startswith(dimensions.FIELD):
            return self.only(split, key)
        return replace(self, **{split: key}) if split in (*CELL_KEYS, PERSON, "stage") else None  # type: ignore[arg-type]

    def seen_by(self, by: Actor) -> Slice:
        """As far as ``by`` sees."""
        return replace(self, filter=self.filter.seen_by(by))

    def during(self, start: date, end: date) -> Slice:
        """The part of the slice that lies in ``start`` … ``end``."""
        return replace(self, filter=self.filter.during(start, end))


def _among(given: str | None, known: tuple[str, ...]) -> str | None:
    return given if given in known else None


def _person(given: str) -> str | None:
    is_number = given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS
    return given if is_number or given == dimensions.NONE else None


def _number(given: str | None, below: int) -> int | None:
    known = [str(number) for number in range(below)]
    return known.index(given) if given in known else None
