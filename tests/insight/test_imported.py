"""Importing the questions counts nothing yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOK = """
import importlib, pkgutil, core.insight
from pathlib import Path
for module in pkgutil.walk_packages(core.insight.__path__, "core.insight."):
    importlib.import_module(module.name)
names = [(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
print(sum(name.startswith("polars-") and name[-1].isdigit() for name in names))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are listed by Linux alone")
def test_it_starts_no_thread_that_a_forked_process_would_miss() -> None:
    """What Polars is asked while a module is imported starts its threads; a process forked then waits for ever."""
    assert _threads() == 0
    assert _threads("import polars; polars.Series([1]).implode()") > 0, "else the look finds nothing"


def _threads(first: str = "") -> int:
    done = subprocess.run(
        [sys.executable, "-c", first + LOOK], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return int(done.stdout)
