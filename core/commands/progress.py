"""How far a long command is, on standard error: one line that is written over, only where somebody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from core.i18n import N_, gettext, number, percent

EVERY = 0.2  # seconds


def progress() -> Callable[[int, int], None] | None:
    """A function of steps done and wanted that shows share and time left; None where standard error is no terminal."""
    if not sys.stderr.isatty():
        return None
    began = shown = time.perf_counter()

    def show(done: int, wanted: int) -> None:
        nonlocal shown
        now = time.perf_counter()
        if now - shown >= EVERY and done:
            shown, left = now, (now - began) * max(0, wanted - done) / done
            text = gettext(N_("{share}, about {seconds} s left")).format(
                share=percent(done / max(done, wanted)), seconds=number(left)
            )
            print(f"{text:<60}", end="\r", file=sys.stderr, flush=True)

    return show


def clear() -> None:
    """Remove the line, before something else is printed."""
    if sys.stderr.isatty():
        print(" " * 60, end="\r", file=sys.stderr, flush=True)
