"""How long a search takes in a register of a million complaints, on both engines, against ``LIKE`` in the same run.

``python -m tests.bench.bench_search [--complaints N] [--engine sqlite]``. The million is made by ``tests.bench.grow``.
Cold is the first question after the database's files and buffers were dropped from memory. CPU is the time that this
process and the database's spent on one question, which other work of the machine hardly changes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import (
    select,
    text,
)

from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, SearchText
from core.register.people import accounts
from core.register.people.accounts import Account
from core.register.reads import search
from core.rules.policy import Actor
from tests.bench.grow import grow
from tests.engines import MONDAY, Sqlite, postgres_server
from tests.register.cases import draft

SAMPLE = 2_000  # complaints that are copied; all in the first block of ids
RUNS, COLD_RUNS, PEER_RUNS = 60, 5, 3
ENGINES = ("sqlite", "postgresql")
SPREAD, PHONES = 7_368_787, 10**9  # a prime, so that the numbers of neighbours have nothing in common
WANTED_MS = 100


@dataclass(frozen=True)
class Question:
    """What is typed, by whom, and the words that ``LIKE`` looks for in its place; None where it could not find it."""

    name: str
    typed: str
    like: str | None
    who: str = "lead"


def main(argv: list[str] | None = None) -> None:
    """Fill a register per engine, ask every question cold and warm, and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--complaints", type=int, default=1_000_000)
    options.add_argument("--engine", choices=ENGINES, action="append")
    given = options.parse_args(argv)
    for engine in given.engine or ENGINES:
        with _database(engine) as (url, folder, forget_files):
            _measure(engine, Register(url, folder / "evidence"), given.complaints, forget_files)


@contextmanager
def _database(engine: str) -> Iterator[tuple[str, Path, Callable[[Register], None]]]:
    """The URL of an empty database, a folder, and what drops the database from memory."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if engine == "sqlite":
            yield Sqlite.url(folder / "complaints.db"), folder, lambda register: _forget_sqlite(register, folder)
        else:
            with postgres_server() as server, server.empty_database() as url:
                yield url, folder, _forget_postgresql


def _forget_sqlite(register: Register, folder: Path) -> None:
    register.engine.dispose()
    _drop_files(folder)


def _forget_postgresql(register: Register) -> None:
    with register.engine.begin() as connection:
        connection.execute(text("CHECKPOINT"))
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_buffercache"))
        connection.execute(text("SELECT pg_buffercache_evict_all()"))
        folder = Path(connection.scalar(text("SHOW data_directory")) or "")
    register.engine.dispose()
    _drop_files(folder)


def _drop_files(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            opened = os.open(file, os.O_RDONLY)
            os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(opened)


def _measure(engine: str, register: Register, count: int, forget_files: Callable[[Register], None]) -> None:
    open_up(register.url, register.evidence_dir, organisation="pops", now=MONDAY).engine.dispose()
    people = _people(register)
    began = time.perf_counter()
    made = grow(register, count, MONDAY)
    print(f"\n{engine}: {made:,} complaints made in {time.perf_counter() - began:.0f} s", flush=True)
    print(_sizes(register), flush=True)
    _print_questions(register, people, forget_files)
    print(_writing(register, people["lead"]), flush=True)
    register.engine.dispose()


def _people(register: Register) -> dict[str, Actor]:
    with register.write() as session:
        return {
            role: accounts.add(
                session, Account(login=role, name=role, role=role, department=department), None, Act(None, MONDAY)
            )
            for role, department in (("lead", None), ("handler", "payment"))
        }


def _sizes(register: Register) -> str:
    """Megabytes of the words and of the index over them."""
    if register.is_sqlite:
        size = "SELECT sum(pgsize) / 1000000 FROM dbstat WHERE name LIKE :name"
        names = {"words": "search_texts%", "index": "search_index%", "everything": "%"}
    else:
        size = "SELECT pg_relation_size(:name) / 1000000"
        names = {"words": "search_texts", "index": "ix_search_texts_words", "statements": "evidence"}
    with register.engine.connect() as connection:
        return ", ".join(f"{what} {connection.scalar(text(size), {'name': name}):,} MB" for what, name in names.items())


def _questions(register: Register) -> list[Question]:
    with register.read() as session:
        ids = select(SearchText.complaint_id).order_by(SearchText.complaint_id.desc()).limit(1)
        last = session.scalars(ids).one()
        middle = session.scalars(ids.where(SearchText.complaint_id <= last // 2)).one()  # a grown register has gaps
        phone = f"{middle * SPREAD % PHONES:09d}48"[::-1]
        code = session.get_one(Complaint, middle)
    return [
        Question("common word", "không", "khong"),
        Question("two common words", "nạp tiền", "nap"),
        Question("four words", "không đăng nhập được", "dang"),
        Question("half a word", "ngân h khoa", "ngan"),
        Question("rare word", f"gd{middle}x", f"gd{middle}x"),
        Question("common and rare", f"không gd{middle}x", f"gd{middle}x"),
        Question("missing word", "zzyzx", "zzyzx"),
        Question("common and missing", "không zzyzx", "zzyzx"),
        Question("last 6 of a phone", phone[-6:], f"_p{phone[::-1][:6]}"),
        Question("last 9 of a phone", phone[-9:], f"_p{phone[::-1][:9]}"),
        Question("whole phone, nobody's", "0999 999 999", "_p99999999948"),
        Question("account", "nguyen", "_cnguyen"),
        Question("code", f"KN {code.year} {code.number}", None),
        Question("common word, department", "không", "khong", "handler"),
        Question("missing word, department", "zzyzx", "zzyzx", "handler"),
    ]


def _print_questions(register: Register, people: dict[str, Actor], forget_files: Callable[[Register], None]) -> None:
    questions = _questions(register)
    if not register.is_sqlite:
        with register.engine.begin() as connection:
            connection.execute(
                text(
                    "CREATE TABLE peer AS SELECT complaint_id, array_to_string(tsvector_to_array(words), ' ') AS words "
                    "FROM search_texts"
                )
            )
    peer = "search_texts" if register.is_sqlite else "peer"
    print(
        f"{'question (milliseconds)':<26}{'hits':>7}{'CPU':>6}{'warm p50':>10}{'p95':>7}{'cold p50':>10}{'worst':>7}"
        f"{'LIKE':>8}{'×':>7}"
    )
    slow = []
    for question in questions:
        by = people[question.who]
        warm, cpu, found = _asked(register, question, by)
        cold = []
        for _ in range(COLD_RUNS):
            forget_files(register)
            cold.append(_once(register, question, by)[0])
        like = _like(register, peer, question.like) if question.like else None
        p95 = statistics.quantiles(warm, n=20, method="inclusive")[-1]
        middle = statistics.median(warm)
        beside = f"{like:>8.0f}{like / middle:>7.0f}" if like else f"{'–':>8}{'–':>7}"
        hits = f"{found.total:,}{'+' if found.more else ''}"
        print(
            f"{question.name:<26}{hits:>7}{cpu:>6.1f}{middle:>10.1f}{p95:>7.1f}{statistics.median(cold):>10.0f}{max(cold):>7.0f}"
            f"{beside}",
            flush=True,
        )
        if p95 > WANTED_MS:
            slow.append(question.name)
    print(f"wanted: warm p95 under {WANTED_MS} ms: {'missed by ' + ', '.join(slow) if slow else 'met by all'}")


def _asked(register: Register, question: Question, by: Actor) -> tuple[list[float], float, search.Found]:
    """Milliseconds of each warm question, CPU milliseconds of one, and what it found."""
    for _ in range(3):
        _once(register, question, by)
    before, taken = _cpu(register), []
    for _ in range(RUNS):
        milliseconds, found = _once(register, question, by)
        taken.append(milliseconds)
    return taken, (_cpu(register) - before) / RUNS, found


def _cpu(register: Register) -> float:
    """CPU milliseconds that this process and the PostgreSQL process of its one connection have spent."""
    own = time.process_time() * 1000
    if register.is_sqlite:
        return own
    with register.engine.connect() as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
    return own + int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e6


def _once(register: Register, question: Question, by: Actor) -> tuple[float, search.Found]:
    """Milliseconds of one question with its first page of 25, in a transaction of its own."""
    began = time.perf_counter()
    with register.read() as session:
        found = search.find(session, question.typed, by=by, rows=range(25))
    return (time.perf_counter() - began) * 1000, found


def _like(register: Register, table: str, words: str) -> float:
    taken = []
    query = (
        f"SELECT complaint_id FROM {table} WHERE words LIKE :like ORDER BY complaint_id DESC LIMIT {search.LISTED + 1}"
    )
    for _ in range(PEER_RUNS):
        began = time.perf_counter()
        with register.engine.connect() as connection:
            connection.execute(text(query), {"like": f"%{words}%"}).all()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _writing(register: Register, by: Actor, count: int = 200) -> str:
    """Milliseconds to log one complaint into the full register, each in its own transaction."""
    taken = []
    for n in range(count):
        began = time.perf_counter()
        with register.write() as session:
            complaints.log(
                session, draft(statement=f"Nạp 200 Stars lần {n}, đã trừ tiền mà chưa thấy"), Act(by, MONDAY)
            )
        taken.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    return f"log one complaint: p50 {statistics.median(taken):.1f} ms, p95 {p95:.1f} ms"


if __name__ == "__main__":
    main()
