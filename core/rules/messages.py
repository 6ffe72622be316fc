"""Messages that leave the register (D42, D46): through which outlets, what is sent when, how often it is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from core.rules.calendar import LOCAL, BeyondCalendar, WorkCalendar, local_day
from core.rules.notices import CHASE_TODAY, CUSTOMER_WROTE, DUE_TODAY, MAIL_FAILED, MISSED, NOTICES, WARNED
from core.rules.procedure import Term, Unit

SMTP, WEBHOOK, FILE, IMAP = "smtp", "webhook", "file", "imap"
WAYS_OUT = (SMTP, WEBHOOK, FILE)
"""The kinds of outlets that take messages; a mailbox (``IMAP``, D43) is a way in that is set up like them."""
PERSONAL = (SMTP, FILE)
"""The kinds of outlets that reach a person; a webhook reaches a department or a chat room."""
STARTTLS, TLS, NO_TLS = "starttls", "tls", "none"


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"  # handed over, and not written down yet
    SENT = "sent"
    FAILED = "failed"  # tried, and tried again by itself
    DEAD = "dead"  # tried for a day, or refused for good
    UNSURE = "unsure"  # whether it was handed over is not known: never sent again by itself
    DROPPED = "dropped"  # taken back, or read in the register before it left


TO_LOOK_AT = (State.DEAD, State.UNSURE)
"""The states that an administrator looks at."""
DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
HOURLY = 24
"""How often a message is tried each hour after the ``DELAYS``."""
LINES = 50
"""So many lines a message has at most; the rest is a number."""


def next_try(tries: int) -> timedelta | None:
    """How long after the try number ``tries`` (from 1) the next one follows; None: it was the last."""
    if tries <= len(DELAYS):
        return DELAYS[tries - 1]
    return timedelta(hours=1) if tries <= len(DELAYS) + HOURLY else None


class Choice(StrEnum):
    """When somebody gets messages of a group: the urgent ones at once and others in the morning, or always the same."""

    USUAL = "usual"
    AT_ONCE = "at_once"
    MORNING = "morning"
    OFF = "off"


APPROVALS, WEEK = "approvals", "week"
"""Lines that are no notice: how many analyses wait for approval, and the review of the week that ended."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "asked": ("mentioned", "forwarded", "reminded", "assigned", "direction_asked", "approval_asked", "action_given"),
    "answers": ("answered", "request_returned", "directed", "analysis_approved", "analysis_returned", "evidence_sent"),
    "customer": (CUSTOMER_WROTE, "customer_replied", "customer_refused", "reopened", "result_told", MAIL_FAILED),
    "deadlines": (WARNED, MISSED),
    "today": (DUE_TODAY, CHASE_TODAY, APPROVALS),
    "week": (WEEK,),
}
"""What a person chooses about: group → kinds of notices and lines."""
DAILY = ("today", "week")
"""The groups that come in the morning or not at all."""
GROUP_OF: Mapping[str, str] = {kind: group for group, kinds in GROUPS.items() for kind in kinds}


def options(group: str) -> tuple[Choice, ...]:
    """What can be chosen for a group."""
    return (Choice.USUAL, Choice.OFF) if group in DAILY else tuple(Choice)


def when(kind: str, choice: Choice) -> Choice:
    """At once, in the morning or off: what ``choice`` means for one kind."""
    if choice is Choice.OFF:
        return choice
    if GROUP_OF[kind] in DAILY:
        return Choice.MORNING
    if choice is Choice.USUAL:
        return Choice.AT_ONCE if NOTICES[kind].urgent else Choice.MORNING
    return choice


USUAL_HOURS = time(8, 30), time(17, 30)
SHORT_HOURS = 8
"""A clock that counts fewer hours than this does not wait for the office to open: MISA's one hour."""


def by_the_hour(term: Term | None) -> bool:
    """Whether what a clock of ``term`` tells would come too late in the morning."""
    return term is not None and term.unit is Unit.HOUR and term.amount < SHORT_HOURS


@dataclass(frozen=True, slots=True)
class Office:
    """When messages may arrive: the hours of the organisation's procedure, ``USUAL_HOURS`` where it states none.

    A year that the calendar does not know is taken as Monday to Friday.
    """

    calendar: WorkCalendar
    hours_stated: bool

    def hours(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when on ``day``; None where nobody works."""
        opens, closes = (datetime.combine(day, at, LOCAL) for at in USUAL_HOURS)
        try:
            if not self.calendar.is_workday(day):
                return None
            if self.hours_stated:
                return self.calendar.opening(day), self.calendar.closing(day)
        except BeyondCalendar:
            if day.weekday() > 4:  # noqa: PLR2004 (Friday)
                return None
        return opens, closes

    def held_until(self, now: datetime) -> datetime:
        """``now`` within office hours, else the next opening."""
        day = local_day(now)
        while (hours := self.hours(day)) is None or now >= hours[1]:
            day += timedelta(days=1)
        return max(now, hours[0])

    def next_morning(self, at: datetime) -> date:
        """The working day whose message tells of what came ``at`` that moment: the next one that opens."""
        day = local_day(at)
        while (hours := self.hours(day)) is None or at > hours[0]:
            day += timedelta(days=1)
        return day

    def morning(self, now: datetime) -> date | None:
        """The local day of ``now`` while its office is open; None outside, so that nothing late comes in the night."""
        day = local_day(now)
        hours = self.hours(day)
        return day if hours and hours[0] <= now < hours[1] else None

    def day_before(self, day: date) -> date:
        """The working day before ``day``."""
        day -= timedelta(days=1)
        while self.hours(day) is None:
            day -= timedelta(days=1)
        return day


@dataclass(frozen=True, slots=True)
class OutletKind:
    """What an outlet needs: names of its values, those that may be empty, and whether its secret may be."""

    values: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    has_secret: bool = False
    needs_secret: bool = False


OUTLETS: Mapping[str, OutletKind] = {
    SMTP: OutletKind(
        ("server", "port", "tls", "user", "sender", "reply_to"), frozenset({"user", "reply_to"}), has_secret=True
    ),
    WEBHOOK: OutletKind(("url", "department"), frozenset({"department"}), has_secret=True, needs_secret=True),
    FILE: OutletKind(("folder",)),
    IMAP: OutletKind(
        ("server", "port", "tls", "user", "folder", "category", "branch"), frozenset({"branch"}), has_secret=True
    ),
}
