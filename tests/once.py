"""Work that is the same in every test, done once per worker: each test opens a register of its own.

A third of the time of the tests of the register went into compiling the same statements for another engine and into
parsing the same shipped procedures, catalogues and calendars.
"""

from __future__ import annotations

from functools import cache, lru_cache, wraps
from typing import Any, cast

from argon2 import PasswordHasher
from sqlalchemy import Compiled, Engine
from sqlalchemy.util import LRUCache
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import local_script_runner

from core.register.log import database
from core.register.people import passwords
from core.rules import catalogue, procedure
from core.rules.calendar import WorkCalendar
from core.rules.days import CalendarDays
from core.rules.procedure import Procedure

STATEMENTS, TEXTS = 4000, 400
"""How many compiled statements, and how many parsed texts of each kind, are kept."""

PRODUCTS_HASHER = passwords.HASHER
"""How passwords are hashed outside tests."""


class SharedStatements:
    """Compiled statements for all engines of one dialect: SQLAlchemy keeps them per engine."""

    def __init__(self) -> None:
        self._compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)

    def get(self, key: tuple[Any, ...]) -> Compiled | None:
        """The compiled statement, or None; ``key`` begins with the engine's own dialect object."""
        compiled: Compiled | None = self._compiled.get((key[0].name, *key[1:]))
        return compiled

    def __setitem__(self, key: tuple[Any, ...], compiled: Compiled) -> None:
        self._compiled[key[0].name, *key[1:]] = compiled


def share() -> None:
    """From now on; passwords are hashed so that it costs no time (but for tests of ``products_hashes``)."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    _share_statements()
    _share_parsed_texts()
    _share_calendars()
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    local_script_runner.require_widgets_deltas = _wait_for


def _wait_for(runner: local_script_runner.LocalScriptRunner, timeout: float = 3) -> None:
    """Wait for the run of a page; Streamlit looks a thousand times a second whether it has ended, which slows it."""
    if thread := runner._script_thread:
        thread.join(timeout)
        if thread.is_alive():
            runner.request_stop()
            raise RuntimeError(f"The page was not drawn within {timeout} s")


def _share_statements() -> None:
    make, statements = database.engine_for, SharedStatements()

    @wraps(make)
    def engine_for(url: str) -> Engine:
        engine = make(url)
        engine.update_execution_options(compiled_cache=statements)
        return engine

    database.engine_for = engine_for


def _share_parsed_texts() -> None:
    """What is parsed is never changed: threads share it in the product too (``Rulebook``)."""
    catalogue.parse = lru_cache(TEXTS)(catalogue.parse)
    procedure.parse = lru_cache(TEXTS)(procedure.parse)
    CalendarDays.from_json = lru_cache(TEXTS)(CalendarDays.from_json)  # type: ignore[method-assign]


def _share_calendars() -> None:
    """The working time of a procedure on calendar days: both are the same objects once their texts are."""
    make = Procedure.calendar
    made: dict[tuple[int, int], tuple[Procedure, CalendarDays, WorkCalendar]] = {}

    def calendar(self: Procedure, days: CalendarDays) -> WorkCalendar:
        name = id(self), id(days)
        if name not in made:
            made[name] = self, days, make(self, days)
        return made[name][2]

    Procedure.calendar = cast("Any", calendar)  # type: ignore[method-assign]
