"""``kill -9`` of the server while people act: what was acknowledged is there afterwards, and the register is whole.

Every life is one of ``dashboard.py`` itself (``tests.attack.lives``): three clients log complaints and take steps of
every kind (``tests.attack.lives.WALKS``), one exports as a manager, which the log records before the first byte is
sent. The PostgreSQL server itself is not killed: that is the program's business, not its database's.
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
from tests.browser.driver import NOT_INHERITED, free_port
from tests.engines import postgres_server
from tests.register.ways import log_survivor, open_incident

ROOT = Path(__file__).parents[2]
SHARE = float(os.environ.get("ATTACK_SHARE", "1"))  # for a first look: ATTACK_SHARE=0.05
SQLITE, POSTGRESQL = 1_000, 300  # kills
A_REGISTER = 50  # kills, then a new one: verifying it after each kill stays affordable
CLIENTS = 4  # the last of them exports
LIFE = 0.5  # seconds at most, from the first answer on
YOUNG = 10  # one in so many is killed while it starts, at the latest after LIFE
PATIENCE = 30  # seconds for a first answer


@dataclass
class Seen:
    """What was acknowledged: code → the highest version a client was told; how many acts and exports that were."""

    versions: dict[str, int] = field(default_factory=dict)
    acts: int = 0
    exports: int = 0
    lost: int = 0
    broken: list[str] = field(default_factory=list)


@contextmanager
def lives() -> Iterator[subprocess.Popen[str]]:
    """The process that starts servers."""
    words = [sys.executable, "-m", "tests.attack.lives"]
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    starter = subprocess.Popen(words, cwd=ROOT, env=inherited, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield starter
    finally:
        starter.communicate()


def kill_often(starter: subprocess.Popen[str], register: Register, kills: int, seen: Seen) -> None:
    """So many lives of the server over ``register``, each killed at a moment of chance and checked after."""
    with register.write() as session:
        accounts.add(session, Account("lead", "Lead", "lead"), None, Act(None, datetime.now(UTC)))
        log_survivor(session, datetime.now(UTC))
        open_incident(session, datetime.now(UTC))
    chance, keys, token = random.Random(kills), count(1), _manager(register)
    folder = register.evidence_dir.parent
    for n in range(kills):
        first, port = threading.Event(), free_port()
        assert starter.stdin is not None and starter.stdout is not None
        print(port, register.url, folder, file=starter.stdin, flush=True)
        pid = int(starter.stdout.readline())
        ended = threading.Event()
        clients = [threading.Thread(target=_act, args=(port, keys, seen, first, ended)) for _ in range(CLIENTS - 1)]
        clients.append(threading.Thread(target=_export, args=(port, token, seen, ended)))
        for client in clients:
            client.start()
        if n % YOUNG and not first.wait(PATIENCE):
            seen.broken.append(f"no answer within {PATIENCE} s: {_last_words(folder)}")
        time.sleep(chance.uniform(0, LIFE))
        os.kill(pid, signal.SIGKILL)
        ended.set()
        for client in clients:
            client.join()
        _check(register, seen)


@contextmanager
def _connected(port: int, ended: threading.Event) -> Iterator[http.client.HTTPConnection]:
    """A connection to the server as soon as it listens, until it is killed, which is no error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with suppress(OSError, http.client.HTTPException):
        while not ended.is_set():
            try:
                connection.connect()
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        yield connection
    connection.close()


def _act(port: int, keys: Iterator[int], seen: Seen, first: threading.Event, ended: threading.Event) -> None:
    """Log complaints and walk them to their ends until the server is gone; what it answered counts."""
    with _connected(port, ended) as connection:
        while not ended.is_set():
            code, is_over = None, False
            while not is_over:
                asked = {"key": f"{port}-{next(keys)}", **({"code": code} if code else {})}
                connection.request("POST", "/act", json.dumps(asked), {"content-type": "application/json"})
                answer = connection.getresponse()
                told = answer.read()
                if answer.status != http.HTTPStatus.OK:
                    seen.broken.append(f"an act was answered with {answer.status}: {told[:80]!r}")
                    return
                done = json.loads(told)
                code, is_over = done["code"], done["is_over"]
                seen.versions[code] = done["version"]
                seen.acts += 1
                first.set()


def _export(port: int, token: str, seen: Seen, ended: threading.Event) -> None:
    """Export until the server is gone; an export counts when its first byte has come."""
    headers = {"cookie": f"{SESSION_COOKIE}={token}", "sec-fetch-site": "same-origin"}
    with _connected(port, ended) as connection:
        while not ended.is_set():
            connection.request("GET", "/export/complaints.csv", headers=headers)
            answer = connection.getresponse()
            if answer.status != http.HTTPStatus.OK:
                seen.broken.append(f"an export was answered with {answer.status}")
                return
            seen.exports += 1
            answer.read()


def _last_words(folder: Path) -> str:
    return (folder / "server.log").read_text(encoding="utf-8", errors="replace")[-500:]


def _check(register: Register, seen: Seen) -> None:
    with register.read() as session:
        stored = dict(session.execute(select(Complaint.code, Complaint.version)).all())
        logged = session.scalar(select(func.count()).select_from(Event).where(Event.kind == "exported")) or 0
    if logged < seen.exports:
        seen.broken.append(f"{seen.exports} exports were answered, {logged} are in the log")
    lost = [code for code, version in seen.versions.items() if stored.get(code, 0) < version]
    seen.lost += len(lost)
    for code in lost:
        seen.broken.append(f"{code}: version {seen.versions.pop(code)} was acknowledged, {stored.get(code)} is there")
    report = verify(register, kept=register.seals.read(), now=datetime.now(UTC))
    if not report.is_whole:
        seen.broken.append(f"not whole after a kill: {report.problems[:3]}")


def run_sqlite(folder: Path) -> Outcome:
    """Kills over SQLite files, as durable as in use."""
    outcome = Outcome()
    with lives() as starter:
        for n, some in enumerate(_portions(SQLITE)):
            _kill(starter, f"sqlite:///{folder / str(n) / 'complaints.db'}", folder / str(n), some, outcome)
    _sum_up(outcome)
    return outcome


def run_postgresql(folder: Path) -> Outcome:
    """Kills over databases of a PostgreSQL server of its own."""
    outcome = Outcome()
    with postgres_server() as postgres, lives() as starter:
        for n, some in enumerate(_portions(POSTGRESQL)):
            with postgres.empty_database() as url:
                _kill(starter, url, folder / str(n), some, outcome)
    _sum_up(outcome)
    return outcome


def _portions(kills: int) -> list[int]:
    wanted = max(1, round(kills * SHARE))
    return [min(A_REGISTER, wanted - begun) for begun in range(0, wanted, A_REGISTER)]


def _kill(starter: subprocess.Popen[str], url: str, folder: Path, kills: int, outcome: Outcome) -> None:
    began, seen = time.perf_counter(), Seen()
    folder.mkdir()
    register = open_up(url, folder / "evidence", organisation="pops", now=datetime.now(UTC))
    kill_often(starter, register, kills, seen)
    register.engine.dispose()
    figures = f"{kills} kills, {seen.acts} acts and {seen.exports} exports acknowledged, {seen.lost} lost"
    print(f"  {figures}, {time.perf_counter() - began:.0f} s", flush=True)
    outcome.note(figures)
    for sentence in seen.broken:
        outcome.expect(False, sentence)


def _sum_up(outcome: Outcome) -> None:
    numbers = [[int(word) for word in figure.replace(",", "").split() if word.isdigit()] for figure in outcome.figures]
    kills, acts, exports, lost = (sum(column) for column in zip(*numbers, strict=True))
    outcome.figures = [
        f"dashboard.py: {kills} kills, {acts} acts and {exports} exports acknowledged, {lost} lost, verified after each"
    ]
    at_work = kills - kills // YOUNG - 1  # lives that were waited for until their first answer
    outcome.expect(acts >= at_work, f"only {acts} acts in {kills} lives: the kills met nobody at work")


def _manager(register: Register) -> str:
    """The token of a session that may export."""
    now = datetime.now(UTC)
    with register.write() as session:
        person = accounts.add(session, Account("boss", "Boss", "manager"), None, Act(None, now))
        accounts.change_password(session, person.id, "ba con mèo đen 7", Act(None, now))
        return sign_ins.open_session(session, person.id, now=now)


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
