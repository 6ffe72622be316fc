"""A complaint procedure as a frozen value, read from its TOML file: hours, terms, guides, papers and special rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from types import MappingProxyType

from core.errors import Invalid
from core.rules.calendar import WorkCalendar
from core.rules.catalogue import KEY, Catalogues
from core.rules.checked import Checked, read_toml, refuse
from core.rules.days import CalendarDays, Interval, Intervals
from core.rules.spans import WHOLE_DAY, spans_of
from core.rules.steps import EFFECTS


class Unit(StrEnum):
    """What a term counts: working days (D1), calendar days, hours of the clock (D3), or minutes of open time."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    HOUR = "hour"
    WORKING_MINUTE = "working_minute"


class AfterHours(StrEnum):
    """What arrives outside office hours is deemed received at the next opening, or on its own calendar day (D2)."""

    NEXT_OPEN = "next_open"
    SAME_DAY = "same_day"


class Repeats(StrEnum):
    """How often a term runs: once, again after each re-opening (D6), or for each of its starting events."""

    ONCE = "once"
    ON_REOPENING = "on_reopening"
    EACH = "each"


STAGES = ("acknowledge", "resolve", "prevent", "negotiate")
SWAPS = ("none", "government")
PAUSES = ("waiting_customer",)
ADMISSION_UNITS = ("working_day", "calendar_day")
HAS_LEVELS = "complaint_level"
"""The flag of a procedure that gives each complaint a level (MISA: cấp độ)."""
LONGEST_TERM = 24
OLD_KEYS = {
    "version": "is not known here: the register counts versions, remove this line",
    "categories": "is not known here: categories are a list of the organisation, remove this line",
    "channels": "is not known here: channels are a list of the organisation, remove this line",
    "levels": "is not known here: levels are a list of the organisation, remove it",
}
_WEEK_KEYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Term:
    """One promised clock. It starts with ``from_event`` and is met by the first of ``to_events``.

    ``else_from``: where it starts from when one of ``to_events`` comes although ``from_event`` never did.
    ``stage``: what figures compare across procedures (acknowledge, resolve, prevent, negotiate). ``warn_at``: the share
    of the clock's time (open time for working units, real time otherwise) after which the deadline counts as near.
    """

    key: str
    stage: str
    label: str
    label_en: str
    from_event: str
    to_events: tuple[str, ...]
    amount: int
    unit: Unit
    after_hours: AfterHours
    warn_at: float
    source: str
    rule: str
    decision: str
    else_from: str = ""
    repeats: Repeats = Repeats.ONCE


@dataclass(frozen=True, slots=True)
class Guide:
    """How long a stage is meant to take, in working days; guidance, not a promise to the customer."""

    key: str
    label: str
    label_en: str
    at_least: int
    at_most: int
    source: str


@dataclass(frozen=True)
class Admissible:
    """How long after the incident a complaint is taken; ``products`` have their own amounts in the same unit."""

    amount: int
    unit: Unit
    source: str
    rule: str
    decision: str
    products: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Procedure:
    """One version of one procedure (D9). ``week``: open intervals Monday to Sunday, whole days where none are stated.

    ``version``: counted by the register that took it into use, from 1; 0 for a file that no register has taken into
    use.
    """

    key: str
    version: int
    name: str
    name_en: str
    organisation: str
    week: tuple[Intervals, ...]
    hours_stated: bool
    swaps: str
    terms: tuple[Term, ...]
    guides: tuple[Guide, ...]
    admissible: Admissible | None
    conciliation_rounds: int
    pause_on: tuple[str, ...]
    papers: tuple[str, ...]
    flags: frozenset[str]

    def term(self, key: str) -> Term | None:
        """The term of that key, or None when this procedure promises no such thing."""
        return next((term for term in self.terms if term.key == key), None)

    @property
    def gives_levels(self) -> bool:
        """Whether each complaint gets a level (MISA: cấp độ) from the organisation's list of them."""
        return HAS_LEVELS in self.flags

    def ordinary_day(self) -> Intervals:
        """The hours of an ordinary working day: those of the first weekday that is worked."""
        return next(intervals for intervals in self.week if intervals)

    def calendar(self, days: CalendarDays) -> WorkCalendar:
        """The procedure's office hours over one version of the organisation's days."""
        ordinary = self.ordinary_day()
        exceptions = {day: ordinary if rule.open is None else rule.open for day, rule in days.days.items()}
        names = {day: (rule.name, rule.name_en or rule.name) for day, rule in days.days.items()}
        return WorkCalendar(
            dict(enumerate(self.week)), exceptions, years=(days.first_year, days.last_year), names=names
        )


def parse(text: str, *, file: str, version: int = 0) -> Procedure:
    """The procedure a TOML text describes; anything wrong raises ``Invalid`` naming file, key and reason.

    ``version``: which one of the register's it is; 0 for a file that is still to be taken into use.
    """
    top = read_toml(text, file)
    _refuse_old_keys(top, version)
    stated, week = _hours(top.table("hours"))
    procedure = Procedure(
        key=top.text("key"),
        version=version,
        name=top.text("name"),
        name_en=top.text("name_en"),
        organisation=top.text("organisation"),
        week=week,
        hours_stated=stated,
        swaps=top.choice("swaps", SWAPS, "none"),
        terms=_terms(top),
        guides=tuple(_guide(row) for row in top.tables("guides")),
        admissible=_admissible(top.table("admissible")) if top.has("admissible") else None,
        conciliation_rounds=_rounds(top),
        pause_on=_pauses(top),
        papers=top.texts("papers", []),
        flags=frozenset(top.texts("flags", [])),
    )
    top.done()
    return procedure


def check(procedure: Procedure, catalogues: Catalogues, events: Collection[str] = EFFECTS.keys(), *, file: str) -> None:
    """Raise ``Invalid`` with file, key and reason when ``procedure`` names what neither catalogues nor ``events`` know.

    A text is read without this: versions once taken into use stay readable when the catalogues have moved on.
    """
    for i, term in enumerate(procedure.terms, 1):
        if not KEY.fullmatch(term.key) or len(term.key) > LONGEST_TERM:
            reason = f"must be lower-case letters, digits and _, 2 to {LONGEST_TERM} of them, not {term.key!r}"
            refuse(file, f"terms[{i}].key", reason)
    for mention in _mentions(procedure, catalogues, events):
        mention.check(file)
    if procedure.gives_levels and not catalogues.levels:
        refuse(file, "flags", f"says {HAS_LEVELS} without any level to give: add levels or leave the flag out")


@dataclass(frozen=True, slots=True)
class _Mention:
    """The names under one key of a procedure that must be known; ``listed_in``: the catalogue they could join."""

    key: str
    names: Collection[str]
    what: str
    known: Collection[str]
    listed_in: str = ""

    def check(self, file: str) -> None:
        """Raise ``Invalid`` for the first name that is not known."""
        mend = f"use one of {', '.join(self.known)}"
        mend += f", or add it to {self.listed_in}" if self.listed_in else ""
        for name in self.names:
            if name not in self.known:
                refuse(file, self.key, f"names an unknown {self.what} “{name}”: {mend}")


def _mentions(procedure: Procedure, known: Catalogues, events: Collection[str]) -> Iterator[_Mention]:
    if procedure.admissible:
        own_limits = procedure.admissible.products
        yield _Mention("admissible.products", own_limits, "product", known.products, "the products")
    for i, term in enumerate(procedure.terms, 1):
        starts = {"from": term.from_event, "else_from": term.else_from}
        for key, event in starts.items():
            yield _Mention(f"terms[{i}].{key}", [event] if event else [], "event", sorted(events))
        yield _Mention(f"terms[{i}].to", term.to_events, "event", sorted(events))


def _refuse_old_keys(top: Checked, version: int) -> None:
    """Leave out what files held before the register counted versions and kept the lists of the organisation itself.

    Versions that are stored still have it; a file that is still to be taken into use must not.
    """
    for key, reason in OLD_KEYS.items():
        if top.has(key):
            if version == 0:
                top.refuse(key, reason)
            top.skip(key)


def _hours(hours: Checked) -> tuple[bool, tuple[Intervals, ...]]:
    stated = hours.flag("stated")
    hours.text("rule")
    hours.text("decision")
    week = tuple(_intervals(hours, key, stated) for key in _WEEK_KEYS)
    if not any(week):
        hours.refuse("monday", "to sunday are all closed: a procedure needs working time")
    hours.done()
    return stated, week


def _intervals(hours: Checked, key: str, stated: bool) -> Intervals:
    spans = tuple(_interval(hours, key, text) for text in hours.texts(key, []))
    try:
        spans_of(spans, key)
    except Invalid as wrong:
        hours.refuse(key, f"is impossible ({wrong})".replace(".)", ")"))
    if spans and not stated and spans != WHOLE_DAY:
        hours.refuse(key, "gives hours although `stated` is false: write 00:00-24:00")
    return spans


def _interval(hours: Checked, key: str, text: str) -> Interval:
    try:
        opens, closes = text.split("-")
        return time.fromisoformat(opens), time(0) if closes == "24:00" else time.fromisoformat(closes)
    except ValueError:
        hours.refuse(key, f'must hold intervals like "08:30-17:30", not {text!r}')


def _terms(top: Checked) -> tuple[Term, ...]:
    terms = tuple(_term(row) for row in top.tables("terms"))
    keys = [term.key for term in terms]
    if not terms:
        top.refuse("terms", "is missing: a procedure promises at least one term")
    if len(set(keys)) < len(keys):
        top.refuse("terms", "gives one key to two terms")
    return terms


def _term(row: Checked) -> Term:
    term = Term(
        key=row.text("key"),
        stage=row.choice("stage", STAGES),
        label=row.text("label"),
        label_en=row.text("label_en"),
        from_event=row.text("from"),
        else_from=row.text("else_from", ""),
        to_events=row.texts("to"),
        amount=row.integer("amount", 1),
        unit=Unit(row.choice("unit", list(Unit))),
        after_hours=AfterHours(row.choice("after_hours", list(AfterHours))),
        warn_at=row.fraction("warn_at"),
        repeats=Repeats(row.choice("repeats", list(Repeats), Repeats.ONCE)),
        source=row.text("source"),
        rule=row.text("rule"),
        decision=row.text("decision"),
    )
    if not term.to_events:
        row.refuse("to", "must name the event that meets the term")
    row.done()
    return term


def _guide(row: Checked) -> Guide:
    at_least = row.integer("at_least", 0)
    guide = Guide(
        row.text("key"),
        row.text("label"),
        row.text("label_en"),
        at_least,
        row.integer("at_most", at_least),
        row.text("source"),
    )
    row.done()
    return guide


def _admissible(table: Checked) -> Admissible:
    products = MappingProxyType(table.table("products").integers() if table.has("products") else {})
    admissible = Admissible(
        amount=table.integer("amount", 1),
        unit=Unit(table.choice("unit", ADMISSION_UNITS)),
        source=table.text("source"),
        rule=table.text("rule"),
        decision=table.text("decision"),
        products=products,
    )
    table.done()
    return admissible


def _rounds(top: Checked) -> int:
    if not top.has("conciliation"):
        return 0
    table = top.table("conciliation")
    rounds = table.integer("rounds", 1)
    table.text("rule")
    table.text("decision")
    table.done()
    return rounds


def _pauses(top: Checked) -> tuple[str, ...]:
    pauses = top.texts("pause_on", [])
    for pause in pauses:
        if pause not in PAUSES:
            top.refuse("pause_on", f"must name {', '.join(PAUSES)}, not {pause!r}")
    return pauses
