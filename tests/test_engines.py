"""The fixtures every other test stands on."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.errors import NotReady
from core.register.log.database import Register, migrate, open_register
from core.register.log.tables import Person
from tests.conftest import Cast


def test_a_register_is_ready_and_the_cast_is_in_it(register: Register, cast: Cast) -> None:
    register.check()
    with register.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == len(fields(Cast))
    assert cast.handler.department == "payment"
    assert cast.agent.id != cast.agent2.id


def test_each_test_has_a_register_of_its_own(register: Register) -> None:
    with register.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_an_empty_database_is_refused_until_it_is_migrated(empty_database_url: str, tmp_path: Path) -> None:
    register = open_register(empty_database_url, tmp_path)
    with pytest.raises(NotReady, match="migrate"):
        register.check()
    migrate(empty_database_url)
    register.check()
    register.engine.dispose()
