"""How fast an import is beside the least a program could do with the same rows: ``python -m tests.bench.bench_import``.

20,000 invented complaints of 14,000 customers in one CSV, taken into a new SQLite register with every check, clock and
seal. The peer, in the same run: Python's csv module and one sqlite3 ``executemany`` of the same cells, committed as
often as the import does.
"""

from __future__ import annotations

import csv
import os
import random
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from core.commands.seldom import collecting_seldom
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Mode, take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import open_up

ROWS, BATCH = 20_000, Mode().batch
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


def write(file: Path) -> None:
    """The rows as a file."""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(HEADER)
        writer.writerows(rows(ROWS))


def import_rates(file: Path, folder: Path) -> tuple[float, float]:
    """Rows of the import a second, and a second of its processes' time on a core, which other work leaves alone."""
    register = open_up(f"sqlite:///{folder / 'register.db'}", folder / "evidence", organisation="pops", now=NOW)
    started, worked = perf_counter(), sum(os.times()[:4])
    with collecting_seldom():
        report = take_in(
            register, Delimited(file), parse(MAPPING, file="bench.toml"), act=Act(None, NOW), mode=Mode(ahead=True)
        )
    taken, work = perf_counter() - started, sum(os.times()[:4]) - worked
    register.engine.dispose()
    assert report.accepted == ROWS, report
    return ROWS / taken, ROWS / work


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
    """Print both rates, their ratio, and the most memory that one process ever held."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "rows.csv")
        peer = peer_rate(folder / "rows.csv", folder)
        ours, alone = import_rates(folder / "rows.csv", folder)
    held = "ok" if ours >= 3_000 else "NOT MET"
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    most = max(resource.getrusage(who).ru_maxrss for who in whose) // 1024
    print(f"{'import of 20,000 complaints':<58}{ours:>9,.0f} rows/s  asked ≥ 3,000  {held}")
    print(f"{'  per second of processor time':<58}{alone:>9,.0f} rows/s  {most} MB at most")
    print(f"{'csv + sqlite3 executemany of the same cells':<58}{peer:>9,.0f} rows/s  {peer / ours:,.0f}× ours")


if __name__ == "__main__":
    main()
