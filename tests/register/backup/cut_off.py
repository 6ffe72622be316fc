"""Run in a process of its own: back up or restore, and die by SIGKILL at one place.

``python -m tests.register.backup.cut_off backup|restore URL DATA_DIR FOLDER MODULE.FUNCTION CALL``: dies when FUNCTION
of ``core.register.backup`` is called for the CALL-th time (0: after the call, the first one).
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.register.backup.load import restore
from core.register.backup.save import save
from core.register.log.database import Register
from tests.engines import MONDAY


def die_at(place: str, call: int) -> None:
    owner_name, _, name = place.rpartition(".")
    owner: Any = Path if owner_name == "Path" else importlib.import_module(f"core.register.backup.{owner_name}")
    real: Callable[..., object] = getattr(owner, name)
    calls = 0

    def dying(*args: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **named)
        if call == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


def main(what: str, url: str, data_dir: str, folder: str, place: str, call: str) -> None:
    evidence_dir = Path(data_dir) / "evidence"
    die_at(place, int(call))
    if what == "restore":
        restore(url, evidence_dir, Path(folder), now=MONDAY)
        return
    with Register(url, evidence_dir).read() as session:
        save(session.connection(), Path(folder), evidence_dir, now=MONDAY)


if __name__ == "__main__":
    main(*sys.argv[1:])
