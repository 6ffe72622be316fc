"""Every benchmark in one run, on both engines: ``make bench``; at other sizes: ``make bench SIZES=10000000``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import bench_api, bench_calendar, bench_import, bench_mail, bench_questions, bench_search
from tests.bench.place import ENGINES, Lines, arguments, of

SIZES = (100_000, 1_000_000)
WANTED = 1.5  # times SQLite, of each line


def main() -> None:
    """Measure what needs no large register, then each size on each engine, and how the engines compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sizes", type=int, nargs="*", default=SIZES)
    sizes = options.parse_args().sizes or SIZES
    bench_calendar.main()
    bench_import.main()
    for size in sizes:
        _compare(size, {engine: _measured(size, engine) for engine in ENGINES})
    with of(arguments(__doc__).parse_args([]), is_searched=False) as here:
        bench_questions.measure_here(here)
    bench_search.main([])
    bench_api.main([])
    bench_mail.main([])


def _measured(size: int, engine: str) -> Lines:
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "lines.json"
        asked = ("--complaints", str(size), "--engine", engine, "--into", str(into))
        subprocess.run([sys.executable, "-m", "tests.bench.of_register", *asked], check=True)
        lines: Lines = json.loads(into.read_text(encoding="utf-8"))
    return lines


def _compare(size: int, found: dict[str, Lines]) -> None:
    sqlite, other = found["sqlite"], found["postgresql"]
    print(f"\nPostgreSQL beside SQLite at {size:,} complaints (milliseconds; asked: at most {WANTED} times)")
    for name, taken in sqlite.items():
        times = other[name] / taken
        print(f"{name:<28}{taken:>12,.1f}{other[name]:>12,.1f}{times:>8.2f} ×{'' if times <= WANTED else '  NOT MET'}")


main()
