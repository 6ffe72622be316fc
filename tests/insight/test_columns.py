"""Columns out of PostgreSQL: connections are kept, and each read sees the register as it is then."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text

from core.errors import Unavailable
from core.i18n import advice
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


@pytest.mark.parametrize("password", ["a b", "a+b", "a@b/c:d?e#f", "a%20b", "a'b\\c", "$a {b}", "mật khẩu"])
def test_the_password_of_the_register_is_handed_on_as_it_is(register: Register, tmp_path: Path, password: str) -> None:
    """Nobody is asked for one here: what counts is that libpq takes the address to be what it is."""
    other = Register(
        register.engine.url.set(password=password).render_as_string(hide_password=False).replace(" ", "%20"), tmp_path
    )
    assert backend(other)
    assert conninfo_to_dict(columns._conninfo(other))["password"] == password
    other.engine.dispose()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ({"query": {}, "host": "127.0.0.1", "port": 1, "password": "a secret"}, "127.0.0.1:1 không trả lời"),
        ({"database": "no_such_database"}, "chưa có cơ sở dữ liệu này"),
    ],
)
def test_a_server_that_does_not_answer_is_said(
    register: Register, tmp_path: Path, address: dict[str, Any], says: str
) -> None:
    """Pages say so and keep what was typed; before, a figure of the same moment was an error that nobody foresaw."""
    away = Register(register.engine.url.set(**address).render_as_string(hide_password=False), tmp_path)
    with pytest.raises(Unavailable) as found, columns.reader(away):
        pass
    assert says in advice(found.value)
    assert "secret" not in advice(found.value)
