"""The program as a process that ``multiprocessing`` forks from one that has imported it (``preloaded``)."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "dashboard.py"


def serve(environment: Mapping[str, str], log: Path, anew: bool) -> None:
    """``python dashboard.py`` in this environment until it is ended; what it says is added to ``log``.

    ``anew``: by an interpreter of its own, which reads the environment at its start and imports everything itself.
    """
    said = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number in (1, 2):
        os.dup2(said, number)
    os.chdir(ROOT)
    if anew:
        os.execve(sys.executable, [sys.executable, PROGRAM.name], environment)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [PROGRAM.name]
    runpy.run_path(PROGRAM.name, run_name="__main__")
