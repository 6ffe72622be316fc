"""Fixtures of the tests of HTTP routes: a small server over a fresh register, set up or not."""

from __future__ import annotations

from datetime import datetime

import pytest
from argon2 import PasswordHasher

from core.register.log.database import Register
from core.register.people import passwords
from tests.web.site import Site


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with parameters that cost no time: its own are tested in `tests/register/people`."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))


@pytest.fixture
def site(sqlite_register: Register, now: datetime) -> Site:
    """A site where only an agent can sign in."""
    site = Site(sqlite_register, now)
    site.staff("agent")
    return site


@pytest.fixture
def new_site(sqlite_register: Register, now: datetime) -> Site:
    """A site that nobody can sign in to yet."""
    return Site(sqlite_register, now)
