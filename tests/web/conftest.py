"""A house to knock at."""

from __future__ import annotations

from datetime import datetime

import pytest
from argon2 import PasswordHasher

from core.register.log.database import Register
from core.register.people import passwords
from tests.web.house import House


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with parameters for tests: these are about the doors, `tests/register` is about the locks."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))


@pytest.fixture
def house(sqlite_register: Register, now: datetime) -> House:
    """A house where only an agent can sign in."""
    house = House(sqlite_register, now)
    house.staff("agent")
    return house


@pytest.fixture
def new_house(sqlite_register: Register, now: datetime) -> House:
    """A house that nobody can sign in to yet."""
    return House(sqlite_register, now)
