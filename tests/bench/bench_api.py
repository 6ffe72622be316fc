"""How many complaints a second programs can log, and that none is lost or doubled while the server is killed.

``python -m tests.bench.bench_api [--seconds N] [--clients N] [--kills N]``: on each engine one server, killed (``kill
-9``) and started again at equal distances, while clients log complaints and send each one again until it is answered,
and while people click (``tests.bench.bench_crowd``). Afterwards every answered complaint is there once, and the
register is whole.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import statistics
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import create_engine, select, text

from core.register.api import keys
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from core.web.api import BASE
from tests.attack.kills import lives
from tests.bench import bench_crowd
from tests.bench.bench_pages import p95
from tests.browser.driver import free_port
from tests.engines import postgres_server

WANTED = 200  # answered a second
PAUSE = 0.05  # seconds before a request is sent again
Answers = list[tuple[str, float]]
"""Code, and how many milliseconds it took from the first sending to the answer."""


def main(words: list[str] | None = None) -> None:
    """Measure SQLite, then PostgreSQL."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--clients", type=int, default=32)
    options.add_argument("--kills", type=int, default=5)
    options.add_argument("--people", type=int, default=5)
    given = options.parse_args(words)
    at_once = f"{given.clients} clients and {given.people} people"
    print(f"\ncomplaints by the API, {at_once} for {given.seconds} s, {given.kills} kills of the server")
    heads = f"{'answered':>10}{'a second':>10}{'p50 ms':>9}{'p95 ms':>9}{'lost':>6}{'doubled':>9}{'pages':>7}{'p95':>7}"
    print(f"{'engine':<14}{heads}")
    with tempfile.TemporaryDirectory() as folder:
        _measure("sqlite", f"sqlite:///{folder}/complaints.db", Path(folder), given)
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server, server.empty_database() as url:
        _durable(url)
        _measure("postgresql", url, Path(folder), given)


def _measure(engine: str, url: str, folder: Path, given: argparse.Namespace) -> None:
    register = open_up(url, folder / "evidence", organisation="pops", now=datetime.now(UTC))
    with register.write() as session:
        key = keys.make(session, keys.Draft("Bench", "app_android"), Act(None, datetime.now(UTC)))
    port, pages = free_port(), bench_crowd.Found()
    people = bench_crowd.clickers_of(f"http://localhost:{port}", bench_crowd.sessions(register, given.people), "")
    until = time.monotonic() + given.seconds
    clicking = [threading.Thread(target=one.click, args=(until, pages)) for one in people]
    with lives() as starter, clients(port, key, given) as answers:
        for thread in clicking:
            thread.start()
        every = given.seconds / (given.kills + 1)
        for _ in range(given.kills):
            pid = _start(starter, port, url, folder)
            time.sleep(every)
            _kill(pid)
        pid = _start(starter, port, url, folder)
        found = answers()
        for thread in clicking:
            thread.join()
        _kill(pid)
    _report(engine, register, found, pages.every, given.seconds)
    register.engine.dispose()


def _start(starter: subprocess.Popen[str], port: int, url: str, folder: Path) -> int:
    assert starter.stdin is not None and starter.stdout is not None
    print(port, url, folder, file=starter.stdin, flush=True)
    return int(starter.stdout.readline())


def _kill(pid: int) -> None:
    """End it at once, and wait until its port is free."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        while True:
            time.sleep(0.01)
            os.kill(pid, 0)


@contextmanager
def clients(port: int, key: str, given: argparse.Namespace) -> Iterator[Callable[[], Answers]]:
    """Clients in a process of their own; yields what waits for their answers."""
    spawn = get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_clients, args=(port, key, given.clients, given.seconds, there))
    process.start()
    there.close()  # else nobody would notice that the clients ended without a result
    try:
        yield here.recv
    finally:
        process.join()


def _clients(port: int, key: str, count: int, seconds: int, result: Connection) -> None:
    found: Answers = []
    _log_on(port, key, 0, found)  # once the server is there
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=_log_on, args=(port, key, until, found)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.send(found)


def _log_on(port: int, key: str, until: float, found: Answers) -> None:
    """Log one complaint after the other until the time is over, each until it is answered; at least one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    while True:
        began, name = time.monotonic(), uuid.uuid4().hex
        while (code := _sent(connection, key, name)) is None:
            connection.close()
            time.sleep(PAUSE)
        found.append((code, (time.monotonic() - began) * 1000))
        if time.monotonic() >= until:
            return


def _sent(connection: http.client.HTTPConnection, key: str, name: str) -> str | None:
    """The code that one sending is answered with; None where it must be sent again."""
    customer = {"name": "Khách Thử", "phone": f"09{int(name, 16) % 100_000_000:08d}"}
    body = json.dumps({"statement": f"Nạp 200 Stars, chưa thấy ({name})", "category": "content", "customer": customer})
    headers = {"authorization": f"Bearer {key}", "idempotency-key": name, "content-type": "application/json"}
    try:
        connection.request("POST", f"{BASE}/complaints", body.encode(), headers)
        answer = connection.getresponse()
        told = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return None
    assert answer.status == HTTPStatus.CREATED, told
    return str(json.loads(told)["code"])


def _report(engine: str, register: Register, found: Answers, pages: list[float], seconds: int) -> None:
    taken = [spent for _code, spent in found]
    answered = {code for code, _ in found}
    with register.read() as session:
        stored = set(session.scalars(select(Complaint.code)))
    lost, doubled = len(answered - stored), len(stored - answered) + len(found) - len(answered)
    rate = len(found) / seconds
    whole = verify(register, kept=register.seals.read(), now=datetime.now(UTC)).is_whole
    held = "ok" if rate >= WANTED and not lost and not doubled and whole else "NOT MET"
    figures = f"{len(found):>10,}{rate:>10.0f}{statistics.median(taken):>9.0f}{p95(taken):>9.0f}{lost:>6}{doubled:>9}"
    figures += f"{len(pages):>7}{p95(pages):>7.0f}" if len(pages) > 1 else f"{len(pages):>7}{'–':>7}"
    print(f"{engine:<14}{figures}  asked: {WANTED} a second, none lost or doubled, whole {held}", flush=True)


def _durable(url: str) -> None:
    """Let the server write as in use, though it is one of the tests."""
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ALTER SYSTEM RESET ALL"))
        connection.execute(text("SELECT pg_reload_conf()"))


if __name__ == "__main__":
    main()
