"""Collecting garbage seldom while a command makes millions of short-lived objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 1_000_000  # made before the youngest are looked through; 700 by default


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Bulk work leaves hardly any cycles behind, so that looking for them took an eighth of an import's time."""
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
