"""Writers take turns: first come, first served, in one process and between processes, and the dead hold up nobody."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import Unavailable
from core.register.log import database
from core.register.log.database import Register
from core.register.log.turns import ProcessTurns, ThreadTurns
from tests.engines import Postgres

ROOT = Path(__file__).parents[3]
PATIENCE = 30  # seconds


def test_threads_are_served_in_the_order_they_came() -> None:
    turns, order = ThreadTurns(), list[int]()

    def work(n: int) -> None:
        with turns:
            order.append(n)

    workers = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    with turns:
        for n, worker in enumerate(workers):
            worker.start()
            while len(turns._waiting) <= n:
                time.sleep(0.001)
    for worker in workers:
        worker.join()
    assert order == list(range(20))


def test_a_thread_that_asks_again_at_once_overtakes_nobody() -> None:
    """With a plain lock the greedy thread takes nearly every turn."""
    turns, order, both = ThreadTurns(), list[str](), threading.Barrier(2)

    def work(name: str) -> None:
        both.wait()
        for _ in range(50):
            with turns:
                order.append(name)
                time.sleep(0.001)

    workers = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    repeats = sum(one == two for one, two in pairwise(order))
    assert len(order) == 100 and repeats <= 10, "".join(order)


def test_an_error_gives_the_turn_back(tmp_path: Path) -> None:
    turns, between = ThreadTurns(), ProcessTurns(tmp_path / "c.db", PATIENCE)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turns, between.taken():
            raise ZeroDivisionError


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def test_a_wait_that_is_interrupted_leaves_the_queue() -> None:
    """By a signal of our own: whoever starts the tests in the background has them ignore SIGINT."""
    turns, me = ThreadTurns(), threading.main_thread().ident
    before = signal.signal(signal.SIGUSR1, _interrupt)
    with turns:
        threading.Timer(0.2, signal.pthread_kill, [me, signal.SIGUSR1]).start()
        with pytest.raises(KeyboardInterrupt):
            turns.__enter__()
        assert not turns._waiting
    signal.signal(signal.SIGUSR1, before)
    with turns:
        assert turns._is_taken


GREEDY = """
import sys, time
from pathlib import Path
from core.register.log.turns import ProcessTurns
turns = ProcessTurns(Path(sys.argv[1]), 30)
until, waits = time.monotonic() + 2, []
print("ready", flush=True)
while time.monotonic() < until:
    asked = time.monotonic()
    with turns.taken():
        waits.append(time.monotonic() - asked)
        time.sleep(0.01)
print(len(waits), max(waits), flush=True)
"""


def start(code: str, database: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, str(database)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_processes_that_ask_without_a_pause_share_the_turns(tmp_path: Path) -> None:
    """Four at once, 10 ms a turn: nobody waits a second, nobody gets less than half of an even share."""
    processes = [start(GREEDY, tmp_path / "c.db") for _ in range(4)]
    said = [process.communicate(timeout=PATIENCE)[0].split("\n")[1].split() for process in processes]
    turns = [int(count) for count, _ in said]
    assert max(float(waited) for _, waited in said) < 1, said
    assert min(turns) * 8 >= sum(turns), said


HOLDING = """
import sys, time
from pathlib import Path
from core.register.log.turns import ProcessTurns
with ProcessTurns(Path(sys.argv[1]), 30).taken():
    print("mine", flush=True)
    time.sleep(60)
"""


def test_a_killed_process_holds_up_nobody(tmp_path: Path) -> None:
    holder = start(HOLDING, tmp_path / "c.db")
    assert holder.stdout is not None and holder.stdout.readline() == "mine\n"
    waiting = start(HOLDING, tmp_path / "c.db")
    time.sleep(1.0)
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert waiting.stdout is not None and waiting.stdout.readline() == "mine\n"
    waiting.kill()
    waiting.communicate()


def test_a_stopped_process_holds_up_nobody_for_ever(sqlite_register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped, not dead: the system keeps its turn for it. SQLite decides then, as it does without turns."""
    file = Path(sqlite_register.engine.url.database or "")
    holder = start(HOLDING, file)
    assert holder.stdout is not None and holder.stdout.readline() == "mine\n"
    os.kill(holder.pid, signal.SIGSTOP)
    monkeypatch.setattr(database, "BUSY_MS", 200)
    register = Register(sqlite_register.url, sqlite_register.evidence_dir)
    try:
        asked = time.monotonic()
        for _ in range(2):
            with register.write():
                pass
        assert 0.4 <= time.monotonic() - asked < 5
        writing = sqlite3.connect(file, isolation_level=None)
        writing.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable), register.write():
            pass
        writing.rollback()
        writing.close()
    finally:
        holder.kill()
        holder.communicate()
        register.engine.dispose()


@pytest.mark.postgresql
def test_a_hung_writer_on_postgresql_loses_its_turn(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits is told so in time, and writes as soon as the server has ended the one that hangs."""
    monkeypatch.setattr(database, "BUSY_MS", 300)
    monkeypatch.setattr(database, "HUNG_MS", 1_500)

    def write(register: Register, meanwhile: Callable[[], None] = lambda: None) -> None:
        with register.write() as session:
            meanwhile()
            session.execute(text("SELECT 1"))

    def others_write() -> None:
        with pytest.raises(Unavailable) as told:
            write(other)
        assert "hung process" in told.value.advice
        time.sleep(2.0)
        write(other)

    with postgres.opened_database() as url:
        hung, other = Register(url, tmp_path / "evidence"), Register(url, tmp_path / "evidence")
        try:
            with pytest.raises(Unavailable, match="idle-in-transaction"):
                write(hung, others_write)
        finally:
            hung.engine.dispose()
            other.engine.dispose()
