"""Where a benchmark's register is: a grown one on either engine, which servers and other processes find too."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from core.register.log.database import Register, open_register, open_up
from core.register.log.tables import Complaint
from core.settings import Settings
from tests.bench.grow import grow
from tests.engines import postgres_server

ENGINES = ("sqlite", "postgresql")
Lines = dict[str, float]
"""What was measured → milliseconds."""


@dataclass(frozen=True)
class Place:
    """A register of ``complaints`` complaints; ``folder`` is its DATA_DIR, which the environment names as well."""

    engine: str
    folder: Path
    register: Register
    complaints: int

    def title(self, what: str) -> str:
        """The line above a table."""
        return f"\n{what} at {self.complaints:,} complaints on {self.engine}"


def arguments(description: str | None, complaints: int = 1_000_000) -> argparse.ArgumentParser:
    """``--complaints``, ``--engine``, ``--data-dir``."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--complaints", type=int, default=complaints)
    options.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    options.add_argument("--data-dir", type=Path, help="keep the register there and use it again (SQLite)")
    return options


@contextmanager
def of(given: argparse.Namespace, *, is_searched: bool = True) -> Iterator[Place]:
    """The register that ``arguments`` ask for, grown unless the folder has one."""
    with ExitStack() as stack:
        folder = given.data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["DATA_DIR"] = str(folder.resolve())
        os.environ.pop("DATABASE_URL", None)
        if given.engine == "postgresql":
            server = stack.enter_context(postgres_server())
            os.environ["DATABASE_URL"] = stack.enter_context(server.empty_database())
        settings, now, began = Settings.from_env(os.environ), datetime.now(UTC), time.perf_counter()
        register = open_up(settings.database_url, settings.evidence_dir, organisation="pops", now=now)
        count = grow(register, given.complaints, now, is_searched=is_searched)
        print(f"\n{count:,} complaints on {given.engine} after {time.perf_counter() - began:.0f} s", flush=True)
        yield Place(given.engine, folder.resolve(), register, count)
        register.engine.dispose()


def case_of(register: Register) -> str:
    """The code of a case that is being investigated and has its whole history: copies in a grown register have none."""
    with register.read() as session:
        wanted = select(Complaint.code).where(Complaint.state == "investigating").order_by(Complaint.id).limit(1)
        return session.scalars(wanted).one()


def here() -> Register:
    """The register that the environment names, in another process."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    return register
