"""Large files from many sides at once: memory stays bounded, and whoever works does not notice."""

from __future__ import annotations

import secrets
import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.attack.scenario import Outcome, Scenario
from tests.attack.target import PATIENCE, Tab, Target, Visitor, target
from tests.attack.watch import watched

FILES = 12
MEGABYTE = 1 << 20
SIZE = 50 * MEGABYTE
FILM = b"\x00\x00\x00\x18ftypmp42"
STALLED = 6  # more than are read at the same time
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


@contextmanager
def stalled(visitor: Visitor, session_id: str, size: int = MEGABYTE) -> Iterator[socket.socket]:
    """The connection of an upload that was begun, and of which no more comes."""
    address = urlsplit(visitor.url)
    lines = (
        f"PUT /_stcore/upload_file/{session_id}/{uuid.uuid4()} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Cookie: {visitor.headers['cookie']}",
        f"X-Xsrftoken: {visitor.cookies['_streamlit_xsrf']}",
        "Content-Type: multipart/form-data; boundary=half",
        f"Content-Length: {size}",
    )
    with socket.create_connection((address.hostname, address.port), PATIENCE) as connection:
        connection.sendall("\r\n".join((*lines, "", "--half\r\n")).encode())
        yield connection


def status(connection: socket.socket) -> int:
    """The status of the answer, waited for."""
    begun = connection.recv(64)
    return int(begun.split()[1]) if begun else 0


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
    """12 films of 50 MB at once from three people's tabs, two more from one of them, while somebody works and the
    uploads of a fourth stand still.
    """
    outcome = Outcome()
    film = FILM + secrets.token_bytes(MEGABYTE) * (SIZE // MEGABYTE - 1)
    with target(folder) as of, watched(of.person("lead"), "queue?segment=all", "KN-") as watch:
        before = memory(of.server.pid)
        people = [of.person("agent", f"agent.{number}") for number in range(PEOPLE)]
        slow = of.person("agent", "agent.slow")
        with (
            people[0].tab() as first,
            people[1].tab() as second,
            people[2].tab() as third,
            slow.tab() as half,
            ExitStack() as stack,
        ):
            standing = opened(of, slow, half)
            halves = [stack.enter_context(stalled(slow, standing)) for _half in range(STALLED)]
            places = [opened(of, person, tab) for person, tab in zip(people, (first, second, third), strict=True)]

            def one(number: int) -> int:
                who = number % PEOPLE
                return send(people[who], places[who], film).status_code

            begun = time.perf_counter()
            with ThreadPoolExecutor(FILES) as pool:
                answers = Counter(pool.map(one, range(FILES)))
            took = time.perf_counter() - begun
            over = Counter(send(people[0], places[0], film).status_code for _file in range(2))
            given_up = Counter(status(connection) for connection in halves)
        watch.settle()
        grown = memory(of.server.pid) - before
    outcome.note(
        f"{FILES} × {SIZE // MEGABYTE} MB at once: answers {dict(answers)} in {took:.1f} s; one too many {dict(over)}"
    )
    outcome.note(f"{STALLED} uploads that stood still beside them: answers {dict(given_up)}")
    outcome.expect(set(given_up) == {408}, f"uploads that stood still were answered {dict(given_up)}, not all 408")
    outcome.note(f"memory of the server grew by {grown} MB at most")
    outcome.expect(set(answers) <= {204, 413, 503}, f"uploads were answered {dict(answers)}")
    outcome.expect(answers[204] >= FILES // 2, f"only {answers[204]} of {FILES} uploads were taken")
    outcome.expect(set(over) <= {413, 503}, f"uploads beyond what a person may have waiting were answered {dict(over)}")
    outcome.expect(grown < MEMORY, f"the server grew by {grown} MB")
    watch.report(outcome)
    return outcome


SCENARIO = Scenario(
    "uploads",
    "12 × 50 MB at once, beside uploads that stand still, leave a page under a second and memory bounded",
    run,
)
