"""What the tests of the analysis pages share: a register with a hundred believable complaints, filled once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.commands import sample
from core.register.log.database import Register, open_register
from tests.conftest import Cast, people_of
from tests.engines import MONDAY, Sqlite


@pytest.fixture(scope="package")
def filled(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Register, Cast]]:
    """A filled register and its people; tests only read it."""
    folder = tmp_path_factory.mktemp("filled")
    register = open_register(sqlite.opened_database(folder), folder / "evidence")
    sample.fill(register, 400, MONDAY, seed=7, force=True)
    yield register, people_of(register)
    register.engine.dispose()
