"""``kill -9`` of the server while people act: what was acknowledged is there afterwards, and the register is whole.

Nearly all lives are those of ``tests.attack.small_server``, the same write path behind a small HTTP server; a share are
of the real one, ``streamlit run dashboard.py``, acted on by exports, each of which the log records before its first
byte is sent. The PostgreSQL server itself is not killed: that is the program's business, not its database's.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import func, select

from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Event
from core.register.log.verify import verify
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.attack.scenario import Outcome, Scenario
from tests.attack.small_server import SOURCE
from tests.browser.driver import Server, served
from tests.engines import postgres_server

ROOT = Path(__file__).parents[2]
SHARE = float(os.environ.get("ATTACK_SHARE", "1"))  # for a first look: ATTACK_SHARE=0.05
SQLITE, POSTGRESQL = 1_000, 300  # kills of the small server
REAL = {"sqlite": 20, "postgresql": 10}
A_REGISTER = 50  # kills, then a new one: verifying it after each kill stays affordable
CLIENTS = 4
LIFE = 0.3  # seconds at most, from the first answer on
YOUNG = 10  # one in so many is killed while it starts, at the latest after LIFE
PATIENCE = 30  # seconds for a first answer


@dataclass
class Seen:
    """Acts that were acknowledged: code → the highest version a client was told; and how many acts that were."""

    versions: dict[str, int] = field(default_factory=dict)
    acts: int = 0
    lost: int = 0
    broken: list[str] = field(default_factory=list)


@contextmanager
def small_servers() -> Iterator[subprocess.Popen[str]]:
    """The process that starts small servers."""
    words = [sys.executable, "-m", "tests.attack.small_server"]
    starter = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield starter
    finally:
        starter.communicate()


def kill_often(starter: subprocess.Popen[str], register: Register, kills: int, seen: Seen) -> None:
    """So many lives of a small server over ``register``, each killed at a moment of chance and checked after."""
    chance = random.Random(kills)
    keys = count(1)
    for n in range(kills):
        first = threading.Event()
        assert starter.stdin is not None and starter.stdout is not None
        print(register.url, register.evidence_dir.parent, file=starter.stdin, flush=True)
        pid, port = map(int, starter.stdout.readline().split())
        clients = [threading.Thread(target=_act, args=(port, keys, seen, first)) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        if n % YOUNG:
            first.wait(PATIENCE)
        time.sleep(chance.uniform(0, LIFE))
        os.kill(pid, signal.SIGKILL)
        for client in clients:
            client.join()
        _check(register, seen)


def _act(port: int, keys: Iterator[int], seen: Seen, first: threading.Event) -> None:
    """Log and acknowledge until the server is gone; what it answered counts."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with suppress(OSError, http.client.HTTPException):
        while True:
            code = None
            for _step in range(2):
                asked = {"key": f"{port}-{next(keys)}", **({"code": code} if code else {})}
                connection.request("POST", "/act", json.dumps(asked), {"content-type": "application/json"})
                answer = connection.getresponse()
                told = answer.read()
                if answer.status != http.HTTPStatus.OK:
                    seen.broken.append(f"an act was answered with {answer.status}: {told[:80]!r}")
                    return
                done = json.loads(told)
                code = done["code"]
                seen.versions[code] = done["version"]
                seen.acts += 1
                first.set()


def _check(register: Register, seen: Seen) -> None:
    with register.read() as session:
        stored = dict(
            session.execute(select(Complaint.code, Complaint.version).where(Complaint.source == SOURCE)).all()
        )
    lost = [code for code, version in seen.versions.items() if stored.get(code, 0) < version]
    seen.lost += len(lost)
    for code in lost:
        seen.broken.append(f"{code}: version {seen.versions.pop(code)} was acknowledged, {stored.get(code)} is there")
    report = verify(register, kept=register.seals.read(), now=datetime.now(UTC))
    if not report.is_whole:
        seen.broken.append(f"not whole after a kill: {report.problems[:3]}")


def run_sqlite(folder: Path) -> Outcome:
    """Kills over SQLite files, as durable as in use."""
    outcome, kills = Outcome(), max(1, round(SQLITE * SHARE))
    with small_servers() as starter:
        for n, some in enumerate(_portions(kills)):
            _kill(starter, f"sqlite:///{folder / str(n) / 'complaints.db'}", folder / str(n), some, outcome)
    _sum_up(outcome)
    _kill_the_real_one(folder / "real", "", max(1, round(REAL["sqlite"] * SHARE)), outcome)
    return outcome


def run_postgresql(folder: Path) -> Outcome:
    """Kills over databases of a PostgreSQL server of its own."""
    outcome, kills = Outcome(), max(1, round(POSTGRESQL * SHARE))
    with postgres_server() as postgres:
        with small_servers() as starter:
            for n, some in enumerate(_portions(kills)):
                with postgres.empty_database() as url:
                    _kill(starter, url, folder / str(n), some, outcome)
        _sum_up(outcome)
        with postgres.empty_database() as url:
            _kill_the_real_one(folder / "real", url, max(1, round(REAL["postgresql"] * SHARE)), outcome)
    return outcome


def _portions(kills: int) -> list[int]:
    return [min(A_REGISTER, kills - begun) for begun in range(0, kills, A_REGISTER)]


def _kill(starter: subprocess.Popen[str], url: str, folder: Path, kills: int, outcome: Outcome) -> None:
    began, seen = time.perf_counter(), Seen()
    folder.mkdir()
    register = open_up(url, folder / "evidence", organisation="pops", now=datetime.now(UTC))
    kill_often(starter, register, kills, seen)
    register.engine.dispose()
    seconds = time.perf_counter() - began
    print(f"  {kills} kills, {seen.acts} acts acknowledged, {seen.lost} lost, {seconds:.0f} s", flush=True)
    outcome.note(f"{kills} kills, {seen.acts} acts acknowledged, {seen.lost} lost")
    for sentence in seen.broken:
        outcome.expect(False, sentence)


def _sum_up(outcome: Outcome) -> None:
    numbers = [[int(word) for word in figure.replace(",", "").split() if word.isdigit()] for figure in outcome.figures]
    kills, acts, lost = (sum(column) for column in zip(*numbers, strict=True))
    outcome.figures = [f"small server: {kills} kills, {acts} acts acknowledged, {lost} lost, verified after each kill"]
    at_work = kills - kills // YOUNG - 1  # lives that were waited for until their first answer
    outcome.expect(acts >= at_work, f"only {acts} acts in {kills} lives: the kills met nobody at work")


def _kill_the_real_one(folder: Path, url: str, kills: int, outcome: Outcome) -> None:
    """``streamlit run dashboard.py``, killed while four people export."""
    extra = {"DATABASE_URL": url} if url else {}
    acknowledged, chance = [0] * CLIENTS, random.Random(kills)
    with served(folder, **extra) as server:
        server.command("setup", "--admin", "Quản Trị", "--password-stdin", stdin="ba con mèo đen 7")
        register = Register(url or f"sqlite:///{folder / 'complaints.db'}", folder / "evidence")
        token = _manager(register)
        for _ in range(kills):
            clients = [threading.Thread(target=_export, args=(server, token, acknowledged, n)) for n in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.3, 2))
            server.kill()
            for client in clients:
                client.join()
            with register.read() as session:
                logged = session.scalar(select(func.count()).select_from(Event).where(Event.kind == "exported")) or 0
            outcome.expect(logged >= sum(acknowledged), f"{sum(acknowledged)} exports were answered, {logged} logged")
            report = verify(register, kept=register.seals.read(), now=datetime.now(UTC))
            outcome.expect(report.is_whole, f"not whole after a kill of the real server: {report.problems[:3]}")
            server.start()
        register.engine.dispose()
    outcome.note(f"streamlit run dashboard.py: {kills} kills, {sum(acknowledged)} exports answered, each in the log")
    outcome.expect(sum(acknowledged) >= kills, f"only {sum(acknowledged)} exports in {kills} lives")


def _manager(register: Register) -> str:
    now = datetime.now(UTC)
    with register.write() as session:
        person = accounts.add(session, Account("boss", "Boss", "manager"), None, Act(None, now))
        accounts.change_password(session, person.id, "ba con mèo đen 7", Act(None, now))
        return sign_ins.open_session(session, person.id, now=now)


def _export(server: Server, token: str, acknowledged: list[int], n: int) -> None:
    connection = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE)
    with suppress(OSError, http.client.HTTPException):
        while True:
            headers = {"cookie": f"{SESSION_COOKIE}={token}", "sec-fetch-site": "same-origin"}
            connection.request("GET", "/export/complaints.csv", headers=headers)
            answer = connection.getresponse()
            if answer.status != http.HTTPStatus.OK:
                return
            acknowledged[n] += 1
            answer.read()


SCENARIOS = (
    Scenario(
        "kill-sqlite",
        f"{SQLITE} kill -9 of the server under acts on SQLite: nothing acknowledged is lost, whole each time",
        run_sqlite,
    ),
    Scenario(
        "kill-postgresql",
        f"{POSTGRESQL} kill -9 of the server under acts on PostgreSQL: nothing acknowledged is lost, whole each time",
        run_postgresql,
    ),
)
