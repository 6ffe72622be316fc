"""A complaint procedure as a frozen value, read from its TOML file: hours, terms, guides, papers and special rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum

import tomli_w

from core.errors import Invalid
from core.rules.calendar import WorkCalendar
from core.rules.catalogue import KEY, Catalogues
from core.rules.checked import Checked, read_toml, refuse
from core.rules.days import CalendarDays, Interval, Intervals
from core.rules.papers import KINDS as KINDS_OF_PAPERS
from core.rules.papers import Offer
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
DATES = "dates"
"""The stage of every date that was promised to a customer (D14): no term names it."""
RATED = (*STAGES, DATES)
"""The stages of every clock, which figures count and targets are set for."""
KINDS = ("", "inquiry", "complaint")
SWAPS = ("none", "government")
PAUSES = ("waiting_customer",)
ADMISSION_UNITS = ("working_day", "calendar_day")
HAS_LEVELS = "complaint_level"
"""The flag of a procedure that gives each complaint a level (MISA: cấp độ)."""
LEVEL_REQUIRED = "level_required"
"""The flag of a procedure by which no complaint is classified without its level (MISA 2); a question has none."""
HAS_PREVENTION = "root_cause_plan"
"""The flag of a procedure that demands an analysis and a preventive plan of each complaint (MISA 4, D25)."""
CHECKS_WORK_LOG = "work_log_checked"
"""The flag of a procedure by which the work log is looked at for the cause (Minh Tuấn 2)."""
SETTLEMENT_MINUTES = "settlement_minutes"
"""The paper that both sides sign where a complaint is settled on the spot (Minh Tuấn 4, Đại Hữu)."""
BOARD_LOOKS = "board_on_attitude"
"""The flag of a procedure by which categories that name people go to the board (MISA 4)."""
ESCALATES_TO = {"superior": "escalates_to_superior", "board": "escalates_to_board"}
"""Of whom a direction is asked (``core.rules.directions.Addressee``) → the flag of a procedure that says so."""
RESULT_AFTER_DIRECTION = "result_after_direction"
"""The flag of a procedure by which what was escalated is told once it was directed or approved (MISA 3)."""
PAPERS = (*KINDS_OF_PAPERS, "board_minutes")
"""What a procedure may name among its papers; minutes of the board are of no case, so no case offers them."""
LONGEST_TERM = 24
OLD_KEYS = {
    "version": "is not known here: the register counts versions, remove this line",
    "categories": "is not known here: categories are a list of the organisation, remove this line",
    "channels": "is not known here: channels are a list of the organisation, remove this line",
    "levels": "is not known here: levels are a list of the organisation, remove it",
}
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PLAIN = ("key", "name", "name_en", "organisation", "swaps")


@dataclass(frozen=True, slots=True)
class Term:
    """One promised clock. It starts with ``from_event`` and is met by the first of ``to_events``.

    ``else_from``: where it starts from when one of ``to_events`` comes although ``from_event`` never did. ``for_kind``:
    the kind of matter it is promised for (an inquiry has no root cause); empty: for any.
    ``stage``: what figures compare across procedures (acknowledge, resolve, prevent, negotiate). ``warn_at``: the share
    of the clock's time (open time for working units, real time otherwise) after which the deadline counts as near.
    ``is_products_own``: counted as the product's own reply term (``Procedure.with_reply_days``); no file says it.
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
    for_kind: str = ""
    repeats: Repeats = Repeats.ONCE
    is_products_own: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """How long a stage is meant to take, in working days; guidance, not a promise to the customer."""

    key: str
    label: str
    label_en: str
    at_least: int
    at_most: int
    source: str


@dataclass(frozen=True, slots=True)
class Admissible:
    """How long after the incident a complaint is taken; a product may have its own amount in the same unit."""

    amount: int
    unit: Unit
    source: str
    rule: str
    decision: str


@dataclass(frozen=True, slots=True)
class Conciliation:
    """How many rounds of proposals a customer may refuse (D7, D17)."""

    rounds: int
    rule: str
    decision: str


@dataclass(frozen=True, slots=True)
class Silence:
    """When a customer who does not answer is waited for no longer: asked again so often, after so many working days."""

    chases: int = 2
    working_days: int = 5


@dataclass(frozen=True)
class Procedure:
    """One version of one procedure (D9). ``week``: open intervals Monday to Sunday, whole days where none are stated.

    ``hours_stated``: whether the source states office hours; ``hours_rule`` and ``hours_decision``: what it says and
    what they rest on. ``conciliation``: None where the procedure has none. ``silence``: when waiting for the customer
    ends (D17). ``departments_reply``: whether a department that was asked may tell the customer the result itself.
    ``offers``: when each of ``papers`` is offered, where the document says it (D39).

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
    hours_rule: str
    hours_decision: str
    swaps: str
    terms: tuple[Term, ...]
    guides: tuple[Guide, ...]
    admissible: Admissible | None
    conciliation: Conciliation | None
    silence: Silence
    pause_on: tuple[str, ...]
    papers: tuple[str, ...]
    flags: frozenset[str]
    departments_reply: bool = False
    offers: tuple[Offer, ...] = ()

    def term(self, key: str) -> Term | None:
        """The term of that key, or None when this procedure promises no such thing."""
        for term in self.terms:
            if term.key == key:
                return term
        return None

    @property
    def gives_levels(self) -> bool:
        """Whether each complaint gets a level (MISA: cấp độ) from the organisation's list of them."""
        return HAS_LEVELS in self.flags

    def demands_level(self, kind: str | None) -> bool:
        """Whether what is classified as ``kind`` must be given a level (MISA 2)."""
        return kind == "complaint" and LEVEL_REQUIRED in self.flags

    @property
    def checks_work_log(self) -> bool:
        """Whether a note says that the work log was looked at (Minh Tuấn 2)."""
        return CHECKS_WORK_LOG in self.flags

    @property
    def demands_prevention(self) -> bool:
        """Whether each complaint is analysed (MISA 4); elsewhere an analysis may be written."""
        return HAS_PREVENTION in self.flags

    @property
    def board_looks(self) -> bool:
        """Whether complaints of categories that name people go to the board before they are closed (MISA 4)."""
        return BOARD_LOOKS in self.flags

    @property
    def escalates_to(self) -> tuple[str, ...]:
        """Of whom a direction may be asked: as its source says, of anybody above where it is silent."""
        named = tuple(whom for whom, flag in ESCALATES_TO.items() if flag in self.flags)
        return named or tuple(ESCALATES_TO)

    @property
    def result_after_direction(self) -> bool:
        """Whether the result of a complaint that was escalated is told only once the direction is there (MISA 3)."""
        return RESULT_AFTER_DIRECTION in self.flags

    @property
    def kinds_settled_at_once(self) -> tuple[str, ...]:
        """What may be settled as it comes in (D26): a complaint only where the procedure wants minutes of that."""
        return ("inquiry", "complaint") if SETTLEMENT_MINUTES in self.papers else ("inquiry",)

    def ordinary_day(self) -> Intervals:
        """The hours of an ordinary working day: those of the first weekday that is worked."""
        return next(intervals for intervals in self.week if intervals)

    def with_reply_days(self, days: int | None) -> Procedure:
        """As it counts for a complaint about a product with a reply term of its own (VHV 3), in working days.

        Every term that ends with the result takes that amount; None: the product has none.
        """
        if days is None:
            return self

        def own(term: Term) -> Term:
            return replace(term, amount=days, unit=Unit.WORKING_DAY, is_products_own=True)

        return replace(self, terms=tuple(own(term) if term.stage == "resolve" else term for term in self.terms))

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
    hours = top.table("hours")
    stated, week = _hours(hours)
    procedure = Procedure(
        key=top.text("key"),
        version=version,
        name=top.text("name"),
        name_en=top.text("name_en"),
        organisation=top.text("organisation"),
        week=week,
        hours_stated=stated,
        hours_rule=hours.text("rule"),
        hours_decision=hours.text("decision"),
        swaps=top.choice("swaps", SWAPS, "none"),
        terms=_terms(top),
        guides=tuple(_guide(row) for row in top.tables("guides")),
        admissible=_admissible(top.table("admissible"), version) if top.has("admissible") else None,
        conciliation=_conciliation(top.table("conciliation")) if top.has("conciliation") else None,
        silence=_silence(top.table("silence")) if top.has("silence") else Silence(),
        pause_on=_pauses(top),
        papers=top.texts("papers", []),
        flags=frozenset(top.texts("flags", [])),
        departments_reply=top.flag("departments_reply") if top.has("departments_reply") else False,
        offers=tuple(_offer(row) for row in top.tables("offers")) if top.has("offers") else (),
    )
    hours.done()
    top.done()
    return procedure


def dump(procedure: Procedure) -> str:
    """The TOML that ``parse`` reads to the same value; what is not set is left out."""
    hours: dict[str, object] = {
        "stated": procedure.hours_stated,
        "rule": procedure.hours_rule,
        "decision": procedure.hours_decision,
    }
    days = zip(WEEK, procedure.week, strict=True)
    hours |= {day: [interval_text(one) for one in intervals] for day, intervals in days if intervals}
    whole: dict[str, object] = {name: getattr(procedure, name) for name in _PLAIN}
    whole |= {name: list(getattr(procedure, name)) for name in ("pause_on", "papers")}
    whole |= {
        "flags": sorted(procedure.flags),
        "hours": hours,
        "terms": [_term_table(term) for term in procedure.terms],
    }
    if procedure.departments_reply:
        whole["departments_reply"] = True
    if procedure.guides:
        whole["guides"] = [{name: getattr(guide, name) for name in Guide.__slots__} for guide in procedure.guides]
    if procedure.offers:
        whole["offers"] = [_offer_table(one) for one in procedure.offers]
    if procedure.admissible:
        table = {name: getattr(procedure.admissible, name) for name in Admissible.__slots__}
        whole["admissible"] = table | {"unit": procedure.admissible.unit.value}
    if procedure.conciliation:
        whole["conciliation"] = {name: getattr(procedure.conciliation, name) for name in Conciliation.__slots__}
    if procedure.silence != Silence():
        whole["silence"] = {name: getattr(procedure.silence, name) for name in Silence.__slots__}
    return tomli_w.dumps(whole)


def interval_text(interval: Interval) -> str:
    """``08:30-17:30``; the end of the day is 24:00."""
    opens, closes = (one.isoformat().removesuffix(":00") for one in interval)
    return f"{opens}-{'24:00' if interval[1] == time(0) else closes}"


def interval_of(text: str) -> Interval:
    """The interval that ``interval_text`` writes; ValueError for anything else."""
    opens, closes = text.strip().split("-")
    return time.fromisoformat(opens.strip()), time(0) if closes.strip() == "24:00" else time.fromisoformat(
        closes.strip()
    )


def check(procedure: Procedure, catalogues: Catalogues, events: Collection[str] = EFFECTS.keys(), *, file: str) -> None:
    """Raise ``Invalid`` with file, key and reason when ``procedure`` names what neither catalogues nor ``events`` know.

    A text is read without this: versions once taken into use stay readable when the catalogues have moved on.
    """
    for i, term in enumerate(procedure.terms, 1):
        if not KEY.fullmatch(term.key) or len(term.key) > LONGEST_TERM:
            reason = f"must be lower-case letters, digits and _, 2 to {LONGEST_TERM} of them, not {term.key!r}"
            refuse(file, f"terms[{i}].key", reason)
    for mention in _mentions(procedure, events):
        mention.check(file)
    for i, offer in enumerate(procedure.offers, 1):
        _Mention(f"offers[{i}].channels", offer.channels, "channel", catalogues.channels).check(file)
    if procedure.gives_levels and not catalogues.levels:
        refuse(file, "flags", f"says {HAS_LEVELS} without any level to give: add levels or leave the flag out")
    if LEVEL_REQUIRED in procedure.flags and not procedure.gives_levels:
        refuse(file, "flags", f"says {LEVEL_REQUIRED} without {HAS_LEVELS}: add that flag or leave this one out")


@dataclass(frozen=True, slots=True)
class _Mention:
    """The names under one key of a procedure that must be known."""

    key: str
    names: Collection[str]
    what: str
    known: Collection[str]

    def check(self, file: str) -> None:
        """Raise ``Invalid`` for the first name that is not known."""
        mend = f"use one of {', '.join(self.known)}"
        for name in self.names:
            if name not in self.known:
                refuse(file, self.key, f"names an unknown {self.what} “{name}”: {mend}")


def _mentions(procedure: Procedure, events: Collection[str]) -> Iterator[_Mention]:
    for i, term in enumerate(procedure.terms, 1):
        starts = {"from": term.from_event, "else_from": term.else_from}
        for key, event in starts.items():
            yield _Mention(f"terms[{i}].{key}", [event] if event else [], "event", sorted(events))
        yield _Mention(f"terms[{i}].to", term.to_events, "event", sorted(events))
    yield _Mention("papers", procedure.papers, "paper", PAPERS)
    for i, offer in enumerate(procedure.offers, 1):
        yield _Mention(f"offers[{i}].paper", [offer.paper], "paper", procedure.papers)
        yield _Mention(f"offers[{i}].after", [offer.after], "event", sorted(events))
        yield _Mention(f"offers[{i}].until", [offer.until] if offer.until else [], "event", sorted(events))


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
    week = tuple(_intervals(hours, key, stated) for key in WEEK)
    if not any(week):
        hours.refuse("monday", "to sunday are all closed: a procedure needs working time")
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
        return interval_of(text)
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
        for_kind=row.choice("for_kind", KINDS, ""),
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


def _term_table(term: Term) -> dict[str, object]:
    names = {"from_event": "from", "to_events": "to"}
    table = {names.get(name, name): getattr(term, name) for name in Term.__slots__ if name != "is_products_own"}
    table |= {"to": list(term.to_events), "unit": term.unit.value, "after_hours": term.after_hours.value}
    for name in ("else_from", "for_kind"):
        if not table[name]:
            del table[name]
    return table | {"repeats": term.repeats.value}


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


def _offer(row: Checked) -> Offer:
    offer = Offer(
        row.text("paper"),
        row.text("after"),
        row.text("until", ""),
        row.texts("channels", []),
        row.text("source"),
        row.text("rule"),
    )
    row.done()
    return offer


def _offer_table(offer: Offer) -> dict[str, object]:
    whole: dict[str, object] = {name: value for name, value in offer._asdict().items() if value}
    return whole | ({"channels": list(offer.channels)} if offer.channels else {})


def _admissible(table: Checked, version: int) -> Admissible:
    if table.has("products"):  # like OLD_KEYS
        if version == 0:
            table.refuse("products", "is not known here: a product's own period stands in the list of products")
        table.skip("products")
    admissible = Admissible(
        amount=table.integer("amount", 1),
        unit=Unit(table.choice("unit", ADMISSION_UNITS)),
        source=table.text("source"),
        rule=table.text("rule"),
        decision=table.text("decision"),
    )
    table.done()
    return admissible


def _conciliation(table: Checked) -> Conciliation:
    conciliation = Conciliation(table.integer("rounds", 1), table.text("rule"), table.text("decision"))
    table.done()
    return conciliation


def _silence(table: Checked) -> Silence:
    silence = Silence(table.integer("chases", 0), table.integer("working_days", 0))
    table.done()
    return silence


def _pauses(top: Checked) -> tuple[str, ...]:
    pauses = top.texts("pause_on", [])
    for pause in pauses:
        if pause not in PAUSES:
            top.refuse("pause_on", f"must name {', '.join(PAUSES)}, not {pause!r}")
    return pauses
