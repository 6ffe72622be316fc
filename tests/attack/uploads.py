"""Large files from many sides at once: memory stays bounded, and whoever works does not notice."""

from __future__ import annotations

import secrets
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from tests.attack.scenario import Outcome, Scenario
from tests.attack.target import Tab, Target, Visitor, target
from tests.attack.watch import watched

FILES = 12
MEGABYTE = 1 << 20
SIZE = 50 * MEGABYTE
FILM = b"\x00\x00\x00\x18ftypmp42"
PEOPLE = 3  # who send them: one person alone would meet their own limit
MEMORY = 1_500  # MB that the server may grow by


def send(visitor: Visitor, session_id: str, content: bytes, name: str = "phim.mp4") -> httpx2.Response:
    """Upload one file as Streamlit's page does."""
    token = visitor.cookies.get("_streamlit_xsrf", "")
    with visitor.client() as client:
        return client.put(
            f"/_stcore/upload_file/{session_id}/{uuid.uuid4()}",
            files={"file": (name, content, "video/mp4")},
            headers={"X-Xsrftoken": token},
        )


def opened(of: Target, visitor: Visitor, tab: Tab) -> str:
    """The number of the tab that ``visitor`` has open on the form, ready for uploads."""
    tab.open("log_complaint")
    of.cookies_of_streamlit(visitor)
    return tab.session_id


def memory(pid: int) -> int:
    """MB of memory that the process has in use (Linux); 0 where that is not told."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def run(folder: Path) -> Outcome:
    """12 films of 50 MB at once from three people's tabs, and four more from one of them, while somebody works."""
    outcome = Outcome()
    film = FILM + secrets.token_bytes(MEGABYTE) * (SIZE // MEGABYTE - 1)
    with target(folder) as of, watched(of.person("lead"), "queue", "KN-") as watch:
        assert of.server.process is not None
        before = memory(of.server.process.pid)
        people = [of.person("agent", f"agent.{number}") for number in range(PEOPLE)]
        with people[0].tab() as first, people[1].tab() as second, people[2].tab() as third:
            places = [opened(of, person, tab) for person, tab in zip(people, (first, second, third), strict=True)]

            def one(number: int) -> int:
                who = number % PEOPLE
                return send(people[who], places[who], film).status_code

            begun = time.perf_counter()
            with ThreadPoolExecutor(FILES) as pool:
                answers = Counter(pool.map(one, range(FILES)))
            took = time.perf_counter() - begun
            over = Counter(send(people[0], places[0], film).status_code for _file in range(2))
        watch.settle()
        grown = memory(of.server.process.pid) - before
    outcome.note(
        f"{FILES} × {SIZE // MEGABYTE} MB at once: answers {dict(answers)} in {took:.1f} s; one too many {dict(over)}"
    )
    outcome.note(f"memory of the server grew by {grown} MB at most")
    outcome.expect(set(answers) <= {204, 413, 503}, f"uploads were answered {dict(answers)}")
    outcome.expect(answers[204] >= FILES // 2, f"only {answers[204]} of {FILES} uploads were taken")
    outcome.expect(set(over) <= {413, 503}, f"uploads beyond what a person may have waiting were answered {dict(over)}")
    outcome.expect(grown < MEMORY, f"the server grew by {grown} MB")
    watch.report(outcome)
    return outcome


SCENARIO = Scenario("uploads", "12 × 50 MB at once leave a signed-in page under a second and memory bounded", run)
