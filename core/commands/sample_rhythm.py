"""When the sample's complaints come: week, hours, Tết, a payment incident, a cause that falls after prevention."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Generic, NotRequired, TypedDict, TypeVar, cast

from core.commands.sample_texts import Story, stories, table
from core.rules.calendar import LOCAL, WorkCalendar, local_day

WEEK = timedelta(days=7)
FEWEST_WEEKS, USUAL_WEEKS, MOST_WEEKS = 8, 60, 300
USUAL = 5_000  # complaints that fill the usual weeks; four times as many fill twice the weeks
OFFICE_FROM, OFFICE_TO = time(8, 30), time(17, 30)
T = TypeVar("T")


class Week(TypedDict):
    """``days``: Monday to Sunday, relative; ``growth``: last week over first; ``noise``: from week to week."""

    days: list[float]
    growth: float
    noise: float


class Tet(TypedDict):
    """``days``: first days of the lunar years; ``before`` and ``after`` days at ``share``, then the rebound."""

    days: list[date]
    before: int
    after: int
    share: float
    rebound: float
    rebound_days: int


Work = TypedDict("Work", {"from": time, "to": time, "weekend": bool})
"""When the staff works: from, to, and whether on weekends too."""


class Incident(TypedDict):
    """One story more for two days, ``weeks_before`` the end; ``extra``: of a week; steps get ``slower``.

    ``title``: what it is called in the register.
    """

    story: str
    weeks_before: int
    extra: float
    slower: float
    reason: str
    title: NotRequired[str]


class Running(TypedDict):
    """The open complaints of ``category`` of the last ``days`` belong to an incident that goes on (D24)."""

    title: str
    category: str
    days: int
    department: str
    question: str


class Prevention(TypedDict):
    """The share of ``story`` falls to ``left`` from ``weeks_before`` the end on."""

    story: str
    weeks_before: int
    left: float


class Rhythm(TypedDict):
    """``sample/rhythm.toml``, whose comments give the meaning of each table."""

    week: Week
    hours: dict[str, list[float]]
    tet: Tet
    work: Work
    channels: dict[str, tuple[float, str]]
    platforms: NotRequired[dict[str, list[str]]]
    levels: NotRequired[dict[str, float]]
    branches: NotRequired[dict[str, float]]
    incident: Incident
    running: NotRequired[Running]
    prevention: Prevention
    steps: dict[str, tuple[float, float]]
    shares: dict[str, float]
    reasons: dict[str, float]
    outcomes: dict[str, float]
    refusals: list[str]


def rhythm(organisation: str) -> Rhythm:
    """The rhythm of the organisation's sample."""
    return cast("Rhythm", table(organisation, "rhythm"))


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody turns to us: when, through which channel, with which story, and whether it belongs to the incident."""

    at: datetime
    channel: str
    story: Story
    in_incident: bool = False


class Draw(Generic[T]):
    """Things with their shares, drawn again and again."""

    def __init__(self, things: Iterable[tuple[T, float]]) -> None:
        pairs = list(things)
        self._things: Sequence[T] = [thing for thing, _ in pairs]
        self._shares = list(accumulate(share for _, share in pairs))

    @property
    def has_any(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self._things)

    def one(self, chance: Random) -> T:
        """One of them, each as often as its share."""
        # As ``Random.choices`` draws one, which takes four times as long.
        return self._things[bisect_right(self._shares, chance.random() * self._shares[-1], 0, len(self._shares) - 1)]


def weeks_for(count: int) -> int:
    """How many weeks so many complaints fill: about 60 for 5 000."""
    return max(FEWEST_WEEKS, min(MOST_WEEKS, round(USUAL_WEEKS * math.sqrt(count / USUAL))))


def calls(organisation: str, count: int, until: datetime, calendar: WorkCalendar, chance: Random) -> list[Call]:
    """``count`` calls at the organisation in the weeks before ``until``, oldest first; ``calendar``: when it works."""
    weeks, incident = weeks_for(count), rhythm(organisation)["incident"]
    on_top = round(incident["extra"] * count / weeks) if weeks > incident["weeks_before"] else 0
    came = _usual(organisation, count - on_top, weeks, until, calendar, chance)
    came += _of_incident(organisation, on_top, until, chance)
    return sorted(came, key=lambda call: call.at)


def _usual(
    organisation: str, count: int, weeks: int, until: datetime, calendar: WorkCalendar, chance: Random
) -> list[Call]:
    figures = rhythm(organisation)
    shares = _day_shares(figures, weeks, local_day(until), chance)
    days = {
        "open": Draw(shares.items()),
        "office": Draw((day, share if calendar.is_workday(day) else 0) for day, share in shares.items()),
    }
    hours = {kind: Draw(enumerate(figures["hours"][kind])) for kind in days}
    channels = Draw(((key, kind), share) for key, (share, kind) in figures["channels"].items())
    before, since = _story_draws(figures["prevention"], stories(organisation))
    prevented_on = local_day(until) - figures["prevention"]["weeks_before"] * WEEK
    prevented = datetime.combine(prevented_on, time(), LOCAL).astimezone(UTC)
    came = []
    for _ in range(count):
        channel, kind = channels.one(chance)
        at = _moment(days[kind].one(chance), hours[kind].one(chance), kind, chance)
        if at > until:  # of the last day only what has happened already; a week earlier is the same weekday
            at -= WEEK
        story = (since if at >= prevented else before).one(chance)
        came.append(Call(at, channel, story))
    return came


def _of_incident(organisation: str, count: int, until: datetime, chance: Random) -> list[Call]:
    """Two days of one week, one story."""
    figures = rhythm(organisation)
    day = local_day(until) - figures["incident"]["weeks_before"] * WEEK
    tuesday = day - timedelta(days=day.weekday() - 1)
    story = next(story for story in stories(organisation) if story.key == figures["incident"]["story"])
    channels = Draw(((key, kind), share) for key, (share, kind) in figures["channels"].items())
    hours = {kind: Draw(enumerate(shares)) for kind, shares in figures["hours"].items()}
    days = Draw([(tuesday, 3), (tuesday + timedelta(days=1), 2)])
    came = []
    for _ in range(count):
        channel, kind = channels.one(chance)
        at = _moment(days.one(chance), hours[kind].one(chance), kind, chance)
        came.append(Call(at, channel, story, in_incident=True))
    return came


def _moment(day: date, hour: int, kind: str, chance: Random) -> datetime:
    at = time(hour, chance.randrange(60), chance.randrange(60))
    if kind == "office":
        at = max(OFFICE_FROM, min(at, OFFICE_TO))
    return datetime.combine(day, at, LOCAL).astimezone(UTC)


def _story_draws(prevention: Prevention, told: Sequence[Story]) -> tuple[Draw[Story], Draw[Story]]:
    """The shares of the stories before and after the preventive action."""
    left = {prevention["story"]: prevention["left"]}
    return (
        Draw((story, story.share) for story in told),
        Draw((story, story.share * left.get(story.key, 1)) for story in told),
    )


def _day_shares(figures: Rhythm, weeks: int, last: date, chance: Random) -> dict[date, float]:
    week, dip = figures["week"], _tet_shares(figures["tet"])
    shares: dict[date, float] = {}
    for n in range(weeks * 7):
        day = last - timedelta(days=weeks * 7 - 1 - n)
        if n % 7 == 0:
            mood = chance.lognormvariate(0, week["noise"])
        busier = 1 + week["growth"] * n / (weeks * 7)
        shares[day] = week["days"][day.weekday()] * mood * busier * dip.get(day, 1.0)
    return shares


def _tet_shares(tet: Tet) -> dict[date, float]:
    shares: dict[date, float] = {}
    for first in tet["days"]:
        for n in range(-tet["before"], tet["after"] + 1 + tet["rebound_days"]):
            shares[first + timedelta(days=n)] = tet["share"] if n <= tet["after"] else tet["rebound"]
    return shares
