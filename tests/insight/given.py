"""Small hand-made registers for figures: a complaint with its clocks in one line, in local time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import cast

import polars as pl

from core import shipped
from core.insight import comparison, dimensions, facts, typed
from core.insight.codes import Codes
from core.insight.comparison import Comparison
from core.insight.dimensions import Counted
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.typed import AS_STORED, Block, InForce, Reading
from core.rules.calendar import WorkCalendar
from core.rules.clocks import PROMISED
from core.rules.exposure import Exposure
from core.rules.targets import Targets
from tests import local_time

CODES = Codes()  # of all facts made here, so that they can be compared
NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)  # Wednesday 18/11/2026 10:00 in Vietnam, ISO week 47
TODAY = date(2026, 11, 18)
WEEK_46 = Filter(date(2026, 11, 9), date(2026, 11, 15))
WEEK_47 = Filter(date(2026, 11, 16), date(2026, 11, 22))
NOVEMBER = Filter(date(2026, 11, 2), date(2026, 11, 29))  # four whole weeks, 45 … 48


CALENDAR: WorkCalendar = shipped.procedures()["pops"].calendar(shipped.calendar_days())
"""Monday to Friday 08:30–17:30, with the days off that come with the program."""


Moment = str | datetime
"""An instant, or ``"2026-11-09 08:30"`` on the local clock."""


def at(moment: Moment) -> datetime:
    """The moment in UTC."""
    return (local_time.at(moment) if isinstance(moment, str) else moment).astimezone(UTC)


@dataclass(frozen=True)
class Clock:
    """A cycle; ``hours`` are the working hours stored when it stopped, ``reason`` why it was missed."""

    due: Moment
    stopped: Moment | None = None
    term: str = "resolve"
    number: int = 1
    cancelled: Moment | None = None
    hours: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Asked:
    """A question to a department; ``ended``: how it ended, ``at`` when."""

    department: str
    due: Moment
    ended: str | None = None
    at: Moment | None = None
    asked: Moment = "2026-11-02 09:00"


RARE = ("prevent", "negotiate", f"{PROMISED}4")
WHEN = (("2026-11-12 17:30", "2026-11-12 17:30"), ("2026-11-12 17:30", "2026-11-13 08:30"), ("2026-11-12 17:30", None))
"""Due and stopped: in time, late, overdue."""


class Case(dict[str, object]):
    """A complaint's columns with its ``clocks``; what is not said has a quiet default."""

    def __init__(self, *clocks: Clock, recorded: Moment = "2026-11-02 09:00", **columns: object) -> None:
        ended = columns.get("closed_at") is not None
        quiet = {
            "procedure": "pops",
            "category": "payment",
            "channel": "hotline",
            "state": "closed" if ended else "received",
        }
        super().__init__(quiet | columns | {"recorded_at": recorded})
        self.clocks = clocks
        self.asked: tuple[Asked, ...] = ()
        self.rows: dict[str, list[dict[str, object]]] = {}

    def asking(self, *asked: Asked) -> Case:
        """With these questions to departments."""
        self.asked = asked
        return self

    def having(self, table: str, *rows: Mapping[str, object]) -> Case:
        """With these rows of a table beside (``issues``, ``actions``, ``details``)."""
        self.rows[table] = [{"number": number, "seq": number, **row} for number, row in enumerate(rows, start=2)]
        return self


LONG_SINCE = Case(
    Clock("2026-09-14 17:30", "2026-09-14 10:00"), recorded="2026-09-14 09:00", category="other", state="resolved"
)
"""With it a register covers the weeks before November; it lies in none of the periods here, nor in those before."""


def register(
    cases: Iterable[Case], counted: Counted = AS_STORED, targets: Targets = (), exposure: Exposure = ()
) -> Facts:
    """Facts of these cases, numbered 1, 2, 3 …, counted as the lists say, judged by these targets."""
    complaints: list[dict[str, object]] = []
    cycles: list[dict[str, object]] = []
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in typed.BESIDE}
    for id, case in enumerate(cases, start=1):
        complaints.append(
            {"waiting_department": 0, "reopened": 0, "rounds": 0} | case | {"id": id, "code": f"KN-2026-{id:06d}"}
        )
        cycles += [_cycle(id, clock) for clock in case.clocks]
        rows["requests"] += [_request(id, number, asked) for number, asked in enumerate(case.asked, start=1)]
        for table, its in case.rows.items():
            rows[table] += [{"complaint_id": id} | row for row in its]
    stages = {(one.key, term.key): term.stage for one in shipped.procedures().values() for term in one.terms}
    frames = _frame(complaints, typed.COMPLAINT_COLUMNS), _frame(cycles, typed.CYCLE_COLUMNS)
    beside = {name: _frame(rows[name], columns) for name, columns in typed.BESIDE.items()}
    reading = Reading(stages, counted, CODES, InForce({"pops": CALENDAR}, exposure), b"a key of tests")
    found = facts.whole(len(complaints), [Block(typed.frames(reading, *frames, beside))], reading)
    return replace(found, targets=targets)


def weeks_before(due: int, met: int, *, weeks: int = 10, term: str = "resolve") -> list[Case]:
    """``due`` obligations in each of the weeks before week 45, ``met`` of them kept: what is usual in November."""
    found = []
    for week in range(1, weeks + 1):
        day = date(2026, 11, 4) - timedelta(weeks=week)
        stops = [f"{day} 09:00"] * met + [f"{day} 20:00"] * (due - met)
        recorded = f"{day - timedelta(days=2)} 09:00"
        found += [Case(Clock(f"{day} 17:30", stop, term=term), recorded=recorded) for stop in stops]
    return found


def beside(
    facts: Facts, filter: Filter, counts: str = "recorded", *, choice: str = "before", now: datetime = NOW
) -> Comparison:
    """What ``filter`` is compared with, by the office hours of POPS."""
    return comparison.of(facts, filter, CALENDAR, now, choice, counts)


def crowd() -> Facts:
    """Three hundred random complaints around November, re-opened, withdrawn, late, open and closed."""
    chance, asking = random.Random(15), random.Random(19)
    return register([LONG_SINCE, *(random_case(chance).asking(*random_requests(asking)) for _ in range(300))])


@cache
def busy(seed: int, size: int, *, is_covered: bool = False) -> Facts:
    """``size`` random complaints with all that figures count: steps, holders, customers, issues, amounts, actions.

    ``is_covered``: with ``LONG_SINCE``, so that periods are compared.
    """
    chance = random.Random(seed)
    cases = [random_case(chance).asking(*random_requests(chance)) for _ in range(size)]
    for one in cases:
        if closed := one.get("closed_at"):
            one["recorded_at"], one["closed_at"] = sorted((one["recorded_at"], closed))  # type: ignore[type-var]
        one.clocks += tuple(Clock(*when, term=term) for term, when in zip(RARE, chance.sample(WHEN, 3), strict=True))
        one["reopened"] = chance.randrange(3)
        one["assignee_id"] = chance.choice([None, 3, 4])
        one["outcome"] = chance.choice(["upheld", "rejected", None]) if one.get("closed_at") else None
        issues = [{"category": chance.choice(["login", "content"])} for _ in range(chance.randrange(3))]
        due = chance.choice(["2026-11-05 17:30", "2026-11-20 17:30"])
        done = chance.choice([None, "2026-11-05 17:00", "2026-11-12 09:00"])
        action = {"root_cause": "unknown", "approved_at": "2026-11-03 09:00", "due_at": due, "done_at": done}
        method = {"field": "method", "value": chance.choice(["momo", "card"])}
        money = [{"field": "amount", "value": str(chance.randrange(1, 9) * 10_000)}] if chance.random() < 0.5 else []
        one["customer_id"] = chance.choice([None, *range(1, 60)])
        events = _events(chance, one)
        one["rounds"] = chance.randrange(2) + sum(event["kind"] == "remedy_proposed" for event in events)
        one.having("events", *events)
        one.having("issues", *issues).having("details", method, *money).having(
            "actions", *([action] if chance.random() < 0.3 else [])
        )
    return register([*([LONG_SINCE] if is_covered else []), *cases], dimensions.counted(shipped.catalogues("pops")))


def _events(chance: random.Random, case: Case) -> list[dict[str, object]]:
    """Some steps of the case, one an hour, and its end where it has one; whoever acknowledged it has it."""
    steps = ("acknowledged", "classified", "customer_asked", "customer_replied", "remedy_proposed", "result_notified",
             "remedy_refused")  # fmt: skip
    start, found = at(cast("Moment", case["recorded_at"])), list[dict[str, object]]()
    for n, kind in enumerate(steps[: chance.randrange(len(steps) + 1)], start=1):
        found.append({"kind": kind, "at": start + timedelta(hours=n)})
    if found:
        found[0] |= {"payload": '{"holds":true}', "actor_id": chance.choice([3, 4])}
    if case.get("closed_at"):
        last = cast("datetime", found[-1]["at"]) if found else start
        found.append({"kind": "closed", "at": max(at(cast("Moment", case["closed_at"])), last)})
    elif len(found) == len(steps) and chance.random() < 0.5:
        again = start + timedelta(days=2)
        found += [{"kind": "closed", "at": again}, {"kind": "reopened", "at": again + timedelta(days=1)}]
    return found


def random_requests(chance: random.Random) -> list[Asked]:
    """None to three questions to departments around November, of every end."""
    start, found = at("2026-10-26 00:00"), []
    for department in chance.sample(("payment", "legal", "content"), chance.randrange(4)):
        due, ended_at = (start + timedelta(hours=chance.randrange(24 * 40)) for _ in range(2))
        ended = chance.choice((None, "answered", "returned", "recalled", "released"))
        found.append(Asked(department, due, ended, ended_at if ended else None))
    return found


def random_case(chance: random.Random) -> Case:
    start = at("2026-10-26 00:00")
    hours = chance.sample(range(24 * 40), 5)
    recorded, due, stopped, second, closed = (start + timedelta(hours=h) for h in hours)
    gone = chance.random() < 0.1
    ended = gone or chance.random() < 0.5
    case = Case(
        Clock(due, chance.choice([None, stopped]), term="acknowledge", cancelled=NOW if gone else None, hours=3),
        Clock(second, chance.choice([None, stopped]), cancelled=NOW if gone else None, hours=3),
        *([Clock(closed, None, number=2)] if chance.random() < 0.2 else []),
        recorded=recorded,
        closed_at=closed if ended else None,
        state="withdrawn"
        if gone
        else "closed"
        if ended
        else chance.choice(["received", "investigating", "waiting_customer", "resolved"]),
        category=chance.choice(["payment", "login", "content"]),
        channel=chance.choice(["email", "hotline"]),
        department=chance.choice([None, "legal", "payment"]),
        kind=chance.choice([None, "inquiry", "complaint"]),
        root_cause=chance.choice([None, "unknown", "otp_delivery"]) if ended else None,
        breach_reason=chance.choice([None, "overload"]),
        next_due_at=chance.choice([None, due, second]),
        waiting_department=int(chance.random() < 0.3),
    )
    reasons = (None, None, None) if case["breach_reason"] is None else ("third_party", "overload", None)
    case.clocks = tuple(replace(one, reason=reason) for one, reason in zip(case.clocks, reasons, strict=False))
    case["unexplained_due_at"] = min(filter(None, map(_unexplained_due, case.clocks)), default=None)
    return case


def _unexplained_due(clock: Clock) -> datetime | None:
    due, stopped = at(clock.due), at(clock.stopped) if clock.stopped else None
    is_late = stopped is None or stopped > due
    return due if is_late and clock.cancelled is None and clock.reason is None else None


def _cycle(id: int, clock: Clock) -> dict[str, object]:
    return {
        "complaint_id": id,
        "term": clock.term,
        "number": clock.number,
        "starts_at": "2026-11-02 09:00",
        "due_at": clock.due,
        "stopped_at": clock.stopped,
        "cancelled_at": clock.cancelled,
        "working_seconds": None if clock.hours is None else int(clock.hours * 3600),
        "breach_reason": clock.reason,
    }


def _request(id: int, number: int, asked: Asked) -> dict[str, object]:
    return {
        "complaint_id": id,
        "number": number,
        "department": asked.department,
        "asked_at": asked.asked,
        "due_at": asked.due,
        "ended_at": asked.at,
        "ended": asked.ended,
    }


def _frame(rows: list[dict[str, object]], columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    return pl.DataFrame([{name: _kept(name, row.get(name)) for name in columns} for row in rows], schema=columns)


def _kept(name: str, value: object) -> object:
    """Instants as SQLite keeps them: microseconds since 1970."""
    if (name == "at" or name.endswith("_at")) and isinstance(value, str | datetime):
        return round(at(value).timestamp() * 1_000_000)
    return value
