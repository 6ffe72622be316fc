"""Fixtures of the tests of HTTP routes: a small server over a fresh register, set up or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core.register.log.database import Register, open_register
from tests.engines import NOBODYS, Sqlite
from tests.web.site import Site


@pytest.fixture
def site(sqlite_register: Register, now: datetime) -> Site:
    """A site where only an agent can sign in."""
    site = Site(sqlite_register, now)
    site.staff("agent")
    return site


@pytest.fixture
def new_site(sqlite: Sqlite, tmp_path: Path, now: datetime) -> Iterator[Site]:
    """A site that nobody can sign in to yet, over a register that is nobody's."""
    register = open_register(sqlite.opened_database(tmp_path, NOBODYS), tmp_path / "evidence")
    yield Site(register, now)
    register.engine.dispose()
