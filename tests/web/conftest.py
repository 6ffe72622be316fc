"""Fixtures of the tests of HTTP routes: a small server over a fresh register, set up or not."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.register.log.database import Register
from tests.web.site import Site


@pytest.fixture(autouse=True)
def quick(quick_hashes: None) -> None:
    """Argon2 that costs no time: its own parameters are tested in `tests/register/people`."""


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
