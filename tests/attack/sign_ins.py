"""Many sign-ins at once: passwords cost work, and whoever is in must not wait for it."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from tests.attack.scenario import Outcome, Scenario
from tests.attack.target import PASSWORD, Target, target
from tests.attack.watch import watched

PARALLEL = 60
ROUNDS = 3
ANSWERS = {303, 422, 429}  # in, not right, come back later


def attack(of: Target, count: int) -> list[tuple[httpx2.Response, float]]:
    """``count`` tries at the same moment, each for a name of its own; the answers with their seconds."""
    stranger = of.stranger()

    def one(number: int) -> tuple[httpx2.Response, float]:
        begun = time.perf_counter()
        answer = stranger.sign_in(f"nobody.{number}", PASSWORD)
        return answer, time.perf_counter() - begun

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def run(folder: Path) -> Outcome:
    """Sixty at once, three times in a row, while somebody works."""
    outcome = Outcome()
    with target(folder) as of, watched(of.person("lead"), "queue?segment=all", "KN-") as watch:
        results = [result for _round in range(ROUNDS) for result in attack(of, PARALLEL)]
        watch.settle()
    answers = Counter(answer.status_code for answer, _seconds in results)
    slowest = max(seconds for _answer, seconds in results)
    outcome.note(f"{ROUNDS} × {PARALLEL} sign-ins at once: answers {dict(answers)}, slowest {slowest:.2f} s")
    outcome.expect(set(answers) <= ANSWERS, f"sign-ins were answered {dict(answers)}")
    late = [answer for answer, _seconds in results if answer.status_code == 429]
    outcome.expect(bool(late), "nobody was told to come back later")
    outcome.expect(all(answer.headers.get("retry-after", "").isdigit() for answer in late), "a 429 without Retry-After")
    watch.report(outcome)
    return outcome


SCENARIO = Scenario("sign-ins", "60 sign-ins at once leave a signed-in page under a second", run)
