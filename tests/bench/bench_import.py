"""How fast an import is beside the least a program could do with the same rows: ``python -m tests.bench.bench_import``.

20,000 invented complaints of 14,000 customers in one CSV, taken into a new SQLite register with every check, clock and
seal. The peer, in the same run: Python's csv module and one sqlite3 ``executemany`` of the same cells, committed as
often as the import does. Memory is what processes hold for themselves; the pages of the file that SQLite maps belong to
the system, which takes them back when it needs them. How it grows is seen beside a file five times as long.
"""

from __future__ import annotations

import csv
import os
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from core.commands.seldom import collecting_seldom
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Mode, take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import open_up

ROWS, BATCH, LONGER = 20_000, Mode().batch, 5
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HEADER = ("Mã phiếu", "Thời gian nhận", "Kênh", "Nhóm lỗi", "Nội dung", "Khách hàng", "Điện thoại")
MAPPING = """
source = "bench"
procedure = "pops"
[time]
formats = ["%d/%m/%Y %H:%M"]
zone = "Asia/Ho_Chi_Minh"
[reference]
column = "Mã phiếu"
[columns]
recorded_at = "Thời gian nhận"
channel = "Kênh"
category = "Nhóm lỗi"
statement = "Nội dung"
name = "Khách hàng"
phone = "Điện thoại"
[values.channel]
"Hotline" = "hotline"
"Email" = "email"
[values.category]
"Đăng nhập" = "login"
"Thanh toán" = "payment"
"""


def rows(count: int) -> Iterator[list[str]]:
    """Invented complaints of 2025, two of three customers seen before."""
    chance = random.Random(1)
    for n in range(count):
        at = datetime(2025, 1, 2, 8) + timedelta(minutes=chance.randrange(500_000))  # noqa: DTZ001 -- as a file writes it
        customer = chance.randrange(count * 7 // 10)
        yield [
            f"P-{n:06d}",
            f"{at:%d/%m/%Y %H:%M}",
            chance.choice(("Hotline", "Email")),
            chance.choice(("Đăng nhập", "Thanh toán")),
            f"Việc số {n}: nạp tiền rồi mà chưa có, báo lỗi {chance.randrange(1000)}, mong xử lý sớm giúp",
            f"Khách {customer}",
            f"09{customer:08d}",
        ]


def write(file: Path, count: int) -> None:
    """The rows as a file."""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(HEADER)
        writer.writerows(rows(count))


class Rates(NamedTuple):
    """Rows a second; rows a second of its processes' time on a core, which other work leaves alone; MB at most."""

    ours: float
    alone: float
    megabytes: float


def import_rates(file: Path, folder: Path, count: int) -> Rates:
    """Those of an import of ``count`` rows into a new register in ``folder``."""
    folder.mkdir()
    register = open_up(f"sqlite:///{folder / 'register.db'}", folder / "evidence", organisation="pops", now=NOW)
    with collecting_seldom(), most_memory() as most:
        started, worked = perf_counter(), sum(os.times()[:4])
        report = take_in(
            register, Delimited(file), parse(MAPPING, file="bench.toml"), act=Act(None, NOW), mode=Mode(ahead=True)
        )
        taken, work = perf_counter() - started, sum(os.times()[:4]) - worked
        memory = most()
    register.engine.dispose()
    assert report.accepted == count, report
    return Rates(count / taken, count / work, memory)


@contextmanager
def most_memory() -> Iterator[Callable[[], float]]:
    """The most memory in MB that this process or one that it starts held for itself (Linux), asked once it is over.

    A process of its own looks: where this one has a second thread, an import starts no other processes.
    """
    context = get_context("fork")
    ours, theirs = context.Pipe()
    watcher = context.Process(target=_watch, args=(theirs, os.getpid()), daemon=True)
    with theirs:
        watcher.start()

    def most() -> float:
        ours.send(None)
        return float(ours.recv())

    yield most
    watcher.join()


def _watch(link: Connection, of: int) -> None:
    """Look at processes of others once only: to read all of them each time took a sixth of a core from the import."""
    most, others = 0, {Path("/proc", str(os.getpid()))}
    while not link.poll(0.05):
        for process in set(Path("/proc").glob("[0-9]*")) - others:
            with suppress(OSError, KeyError):  # it ended meanwhile
                text = (process / "status").read_text(encoding="ascii")
                fields = dict(line.split(":", 1) for line in text.splitlines())
                if of in (int(fields["Pid"]), int(fields["PPid"])):
                    most = max(most, int(fields["RssAnon"].split()[0]))
                else:
                    others.add(process)
    link.send(most / 1024)


def peer_rate(file: Path, folder: Path) -> float:
    """Rows a second of csv and executemany, which check and seal nothing."""
    started = perf_counter()
    connection = sqlite3.connect(folder / "peer.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE complaints (a PRIMARY KEY, b, c, d, e, f, g)")
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        while batch := list(islice(reader, BATCH)):
            with connection:
                connection.executemany("INSERT INTO complaints VALUES (?, ?, ?, ?, ?, ?, ?)", batch)
    connection.close()
    return ROWS / (perf_counter() - started)


def main() -> None:
    """Print both rates, their ratio, and the most memory that one process held, beside that of a longer file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "rows.csv", ROWS)
        write(folder / "long.csv", ROWS * LONGER)
        peer = peer_rate(folder / "rows.csv", folder)
        ours, alone, memory = import_rates(folder / "rows.csv", folder / "short", ROWS)
        _ours, _alone, longer = import_rates(folder / "long.csv", folder / "long", ROWS * LONGER)
    held = "ok" if ours >= 3_000 else "NOT MET"
    print(f"{'import of 20,000 complaints':<58}{ours:>9,.0f} rows/s  asked ≥ 3,000  {held}")
    print(f"{'  per second of processor time':<58}{alone:>9,.0f} rows/s")
    print(f"{'  memory of one process, and with five times as many rows':<58}{memory:>9,.0f} MB  {longer:,.0f} MB")
    print(f"{'csv + sqlite3 executemany of the same cells':<58}{peer:>9,.0f} rows/s  {peer / ours:,.0f}× ours")


if __name__ == "__main__":
    main()
