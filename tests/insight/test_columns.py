"""Columns out of PostgreSQL: connections are kept, and each read sees the register as it is then."""

from __future__ import annotations

from contextlib import ExitStack

import polars as pl
import pytest
from sqlalchemy import text

from core.insight import columns
from core.register.log.database import Register
from tests.engines import CAST, employ

pytestmark = [pytest.mark.postgresql, pytest.mark.parametrize("engine", ["postgresql"], indirect=True)]
BACKEND = {"pg_backend_pid()": pl.Int64}


def backend(register: Register) -> int:
    with columns.reader(register) as read:
        return int(read(BACKEND, "").item())


def people(register: Register) -> int:
    with columns.reader(register) as read:
        return len(read({"id": pl.Int64}, "FROM people"))


def test_a_connection_is_kept_and_sees_what_was_written_since(register: Register) -> None:
    first = backend(register)
    assert people(register) == 0
    with register.write() as session:
        employ(session)
        assert people(register) == 0, "what is not committed yet is not seen"
    assert people(register) == len(CAST)
    assert backend(register) == first


def test_a_failed_read_leaves_the_next_one_whole(register: Register) -> None:
    with pytest.raises(Exception, match="nowhere"), columns.reader(register) as read:
        read({"id": pl.Int64}, "FROM nowhere")
    assert backend(register)


def test_connections_that_the_server_ended_are_replaced(register: Register) -> None:
    """As after its restart: none of those that were kept is there any more."""
    with ExitStack() as stack:
        readers = [stack.enter_context(columns.reader(register)) for _kept in range(columns.KEPT)]
        ended = {int(read(BACKEND, "").item()) for read in readers}
    assert len(ended) == columns.KEPT
    with register.read() as session:
        for pid in ended:
            session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    assert backend(register) not in ended


def test_none_is_left_when_the_register_is_closed(register: Register) -> None:
    mine = backend(register)
    register.engine.dispose()
    with register.read() as session:
        left = session.scalars(text("SELECT pid FROM pg_stat_activity WHERE pid = :pid"), {"pid": mine}).all()
    assert not left
