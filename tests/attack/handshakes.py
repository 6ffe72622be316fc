"""Websockets of other sites, other hosts and strangers: refused at once, before Streamlit sees them."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from websockets.exceptions import InvalidStatus

from tests.attack.scenario import Outcome, Scenario
from tests.attack.target import Target, Visitor, target
from tests.attack.watch import watched

FOREIGN = 200
AT_ONCE = 20
PAGES = 20  # opened at least while it lasts
# Headers of a handshake that must not be: (headers, whether with a valid session, why)
BAD: tuple[tuple[dict[str, str], bool, str], ...] = (
    ({"origin": "http://evil.example"}, True, "a page of another site, with the person's cookie"),
    ({"origin": ""}, True, "no page at all"),
    ({"origin": "null"}, True, "a sandboxed frame"),
    ({"origin": "http://evil.example", "host": "evil.example"}, True, "a name pointed at this server"),
    ({}, False, "our own page without a session"),
)


def status_of(visitor: Visitor, **headers: str) -> int:
    """What the server answers to a handshake: 101 when it opens."""
    try:
        with visitor.tab(**headers):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def attack(of: Target, count: int, at_once: int = AT_ONCE) -> tuple[Counter[int], float]:
    """``count`` bad handshakes, ``at_once`` at a time; the answers, and the seconds of the slowest."""
    person, stranger = of.person("agent"), of.stranger()

    def one(number: int) -> tuple[int, float]:
        headers, is_signed_in, _why = BAD[number % len(BAD)]
        begun = time.perf_counter()
        status = status_of(person if is_signed_in else stranger, **headers)
        return status, time.perf_counter() - begun

    with ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(one, range(count)))
    return Counter(status for status, _seconds in results), max(seconds for _status, seconds in results)


def run(folder: Path) -> Outcome:
    """200 handshakes that must not be, again and again, while somebody works."""
    outcome = Outcome()
    with target(folder) as of, watched(of.person("lead"), "queue?segment=all", "KN-") as watch:
        answers, slowest = attack(of, FOREIGN)
        while not watch.has_seen(PAGES):
            more, seconds = attack(of, FOREIGN)
            answers, slowest = answers + more, max(slowest, seconds)
        watch.settle()
    outcome.note(f"foreign handshakes, {FOREIGN} and again: answers {dict(answers)}, slowest {slowest:.2f} s")
    outcome.expect(set(answers) == {403}, f"foreign handshakes were answered {dict(answers)}, not all 403")
    watch.report(outcome)
    return outcome


SCENARIO = Scenario("handshakes", "foreign handshakes are refused and cost nobody anything", run)
