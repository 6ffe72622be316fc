"""Which broken promise is explained by what, drawn by hand: closings of earlier versions gave one reason for all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from core.rules import misses
from core.rules.clocks import Cycle
from core.rules.misses import ReasonPayload


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


class Happened(NamedTuple):
    kind: str
    at: datetime
    payload: ReasonPayload


def explained(promise: str, reason: str, day: int = 20) -> Happened:
    return Happened("miss_explained", at(day), {"explains": promise, "breach_reason": reason})


def closed(day: int, **reasons: str) -> Happened:
    """A closing as it is written now: ``acknowledge_1="overload"``."""
    return Happened("closed", at(day), {"breach_reasons": {key.replace("_", "."): v for key, v in reasons.items()}})


def closed_once(day: int, reason: str) -> Happened:
    """A closing as earlier versions wrote it: one reason for the complaint."""
    return Happened("closed", at(day), {"breach_reason": reason})


# acknowledge.1 was missed on the 18th; resolve.1 overdue since the 23rd and stopped on the 25th; resolve.2, of a
# re-opening, overdue since the 28th; promised_reply.1 kept; promised_update.1 overdue since the 19th and cancelled on
# the 26th.
CYCLES = (
    Cycle("acknowledge", 1, at(16), at(17), at(18)),
    Cycle("resolve", 1, at(16), at(23), at(25)),
    Cycle("resolve", 2, at(26), at(28)),
    Cycle("promised_reply", 1, at(16), at(20), at(20)),
    Cycle("promised_update", 1, at(16), at(19), None, at(26)),
)
NOTHING = Happened("closed", at(27), {})
REASONS: list[tuple[list[Happened], dict[str, str], str]] = [
    ([], {}, "nobody said anything"),
    ([NOTHING], {}, "closed while every promise was kept, or explained"),
    ([explained("acknowledge.1", "overload")], {"acknowledge.1": "overload"}, "one promise, and no other"),
    (
        [explained("acknowledge.1", "overload"), explained("resolve.1", "third_party", 24)],
        {"acknowledge.1": "overload", "resolve.1": "third_party"},
        "each its own",
    ),
    (
        [explained("acknowledge.1", "overload"), explained("acknowledge.1", "third_party", 19)],
        {"acknowledge.1": "third_party"},
        "the one given last, whatever it is dated",
    ),
    (
        [explained("acknowledge.1", "overload"), closed(27, resolve_1="third_party")],
        {"acknowledge.1": "overload", "resolve.1": "third_party"},
        "closing gives what was left",
    ),
    (
        [closed(27, acknowledge_1="overload", resolve_1="third_party")],
        {"acknowledge.1": "overload", "resolve.1": "third_party"},
        "closing gives each its own",
    ),
    (
        [closed(27, resolve_1="overload"), explained("resolve.1", "third_party", 28)],
        {"resolve.1": "third_party"},
        "a lead corrects what closing said",
    ),
    (
        [explained("resolve.2", "overload", 29), closed(29, acknowledge_1="third_party")],
        {"resolve.2": "overload", "acknowledge.1": "third_party"},
        "the run of a re-opening has its own",
    ),
    (
        [closed_once(27, "overload")],
        {"acknowledge.1": "overload", "resolve.1": "overload"},
        "an earlier closing explains what was broken by then, not the kept, the cancelled and the later one",
    ),
    (
        [closed_once(24, "overload")],
        {"acknowledge.1": "overload", "resolve.1": "overload", "promised_update.1": "overload"},
        "overdue by then is broken by then, also what was cancelled afterwards",
    ),
    (
        [closed_once(23, "overload")],
        {"acknowledge.1": "overload", "promised_update.1": "overload"},
        "due is no miss yet",
    ),
    (
        [closed_once(27, "overload"), closed_once(29, "third_party")],
        {"acknowledge.1": "third_party", "resolve.1": "third_party", "resolve.2": "third_party"},
        "closing again asked for the complaint's reason anew, and its answer took the place of the first",
    ),
    (
        [closed_once(27, "overload"), closed(29, resolve_2="third_party")],
        {"acknowledge.1": "overload", "resolve.1": "overload", "resolve.2": "third_party"},
        "closed by the version before, re-opened and closed by this one",
    ),
    ([Happened("noted", at(20), {"breach_reason": "overload"})], {}, "no other event gives reasons"),
]


@pytest.mark.parametrize(("events", "wanted", "why"), REASONS, ids=[row[-1] for row in REASONS])
def test_each_miss_has_the_reason_given_last(events: list[Happened], wanted: dict[str, str], why: str) -> None:
    assert misses.reasons(events, CYCLES) == wanted, why


NAMES = [
    ("resolve.1", misses.Promise("resolve", 1)),
    ("promised_update.12", misses.Promise("promised_update", 12)),
]


@pytest.mark.parametrize(("name", "promise"), NAMES)
def test_a_name_means_its_promise(name: str, promise: misses.Promise) -> None:
    assert misses.named(name) == promise
    assert misses.name_of(promise) == name
