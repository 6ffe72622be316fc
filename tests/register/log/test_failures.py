"""What fails because the database or a disk does not work becomes advice to whoever runs the register."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from core.errors import NotReady, Unavailable
from core.i18n import advice, sentence, use
from core.register.log import database, failures
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.people import accounts
from core.register.people.accounts import Account
from tests.engines import MONDAY, Postgres, postgres_server

PEOPLE_READ = "Sổ khiếu nại không trả lời."


def _garbage(file: Path) -> None:
    file.write_bytes(b"this is a text, not a database. " * 200)


def _damaged(file: Path) -> None:
    """A register whose first table page was written over."""
    migrate(f"sqlite:///{file}")
    with sqlite3.connect(file) as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xff" * 3996
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [(_garbage, "hỏng hoặc không phải sổ khiếu nại"), (_damaged, "hỏng hoặc không phải sổ khiếu nại")],
    ids=["another file", "damaged pages"],
)
def test_a_file_that_is_no_register(tmp_path: Path, spoil: Callable[[Path], None], says: str) -> None:
    file = tmp_path / "complaints.db"
    spoil(file)
    with pytest.raises(Unavailable) as found:
        Register(f"sqlite:///{file}", tmp_path).check()
    assert says in advice(found.value) and str(file) in advice(found.value)
    assert sentence(found.value).startswith(PEOPLE_READ) and str(file) not in sentence(found.value)


def test_a_register_held_by_another_program(
    sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MS", 50)
    register = Register(sqlite_register.url, tmp_path)
    holder = sqlite3.connect(sqlite_register.engine.url.database or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as found, register.write():
        pass
    holder.rollback()
    holder.close()
    assert "đang bị chương trình khác giữ" in advice(found.value)
    with register.write():
        pass  # and it works again once the other one has let go


def test_a_register_that_may_only_be_read(sqlite_register: Register, tmp_path: Path) -> None:
    file = sqlite_register.engine.url.database
    register = Register(f"sqlite:///file:{file}?mode=ro&uri=true", tmp_path)
    with pytest.raises(Unavailable) as found, register.write() as session:
        _add_somebody(session)
    assert "không ghi được" in advice(found.value)


def test_a_full_disk_saves_nothing(sqlite_register: Register) -> None:
    with pytest.raises(Unavailable) as found:
        _write_until_full(sqlite_register)
    assert "đã đầy" in advice(found.value)
    sqlite_register.engine.dispose()
    with sqlite_register.read() as session:
        assert accounts.list_people(session) == []


def _write_until_full(register: Register) -> None:
    with register.write() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(2_000):
            _add_somebody(session, f"somebody{number}")


@pytest.mark.parametrize(
    ("number", "says", "why"),
    [
        (errno.ENOSPC, "đã đầy", "a disk"),
        (errno.EDQUOT, "đã đầy", "a quota"),
        (errno.EROFS, "không ghi được", "mounted to be read"),
        (errno.EACCES, "không ghi được", "another user's folder"),
    ],
)
def test_the_disk_of_the_evidence_files(number: int, says: str, why: str) -> None:
    with pytest.raises(Unavailable) as found, failures.explained("sqlite:////data/complaints.db"):
        raise OSError(number, os.strerror(number), "/data/evidence/abc")
    assert says in advice(found.value) and "/data/evidence" in advice(found.value), why


def _of(server: str) -> Callable[[Postgres], str]:
    return lambda _postgres: f"postgresql+psycopg://{server}/complaints"


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("url_of", "says"),
    [
        (_of("cskh:secret@127.0.0.1:1"), "127.0.0.1:1 không trả lời"),
        (_of("cskh:secret@no-such-host.invalid"), "Không có máy chủ nào tên no-such-host.invalid"),
        (lambda postgres: postgres.url("no_such_database"), "chưa có cơ sở dữ liệu này"),
        (
            lambda postgres: postgres.url("postgres").replace("postgres@", "nobody:secret@"),
            "không nhận tài khoản hoặc mật khẩu này",
        ),
    ],
)
def test_a_server_that_cannot_be_used(
    postgres: Postgres, tmp_path: Path, url_of: Callable[[Postgres], str], says: str
) -> None:
    with pytest.raises(Unavailable) as found:
        Register(url_of(postgres), tmp_path).check()
    assert says in advice(found.value)
    assert "secret" not in advice(found.value) + sentence(found.value)


@pytest.mark.postgresql
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_stores_other_letters(postgres: Postgres, tmp_path: Path, encoding: str) -> None:
    """SQL_ASCII is what PostgreSQL gives by default on a server whose language nobody has set."""
    template = sql.SQL("TEMPLATE template0 LOCALE 'C' ENCODING {}").format(encoding)
    with postgres._database(template) as url:
        with pytest.raises(NotReady) as found:
            database.bring_up_to_date(url, tmp_path / "evidence", now=MONDAY)
        with pytest.raises(NotReady):
            Register(url, tmp_path / "evidence").check()
    assert f"theo bảng mã {encoding}" in sentence(found.value)


@pytest.mark.postgresql
def test_a_wrong_password(tmp_path: Path) -> None:
    with postgres_server() as server:
        info = server._server.get_postmaster_info()
        (Path(info.pgdata) / "pg_hba.conf").write_text("local all all scram-sha-256\n", encoding="ascii")
        os.kill(info.pid, signal.SIGHUP)
        register = Register(server.url("blank").replace("postgres@", "postgres:secret@"), tmp_path)
        found = _first_failure(register)
        (Path(info.pgdata) / "pg_hba.conf").write_text("local all all trust\n", encoding="ascii")
        os.kill(info.pid, signal.SIGHUP)
    assert "không nhận tài khoản hoặc mật khẩu này" in advice(found)
    assert "secret" not in advice(found)


def _first_failure(register: Register) -> Unavailable:
    """The server reads its file of who may come in again a moment after it is told to."""
    for _ in range(100):
        try:
            register.check()
        except Unavailable as refused:
            return refused
        finally:
            register.engine.dispose()
        time.sleep(0.05)
    raise AssertionError("the server still lets everybody in")


@pytest.mark.postgresql
def test_a_server_that_goes_away_while_somebody_writes(postgres: Postgres, tmp_path: Path) -> None:
    with postgres.opened_database() as url:
        register = Register(url, tmp_path)
        with pytest.raises(Unavailable) as found:
            _write_while_it_goes_away(register)
        assert "không trả lời" in advice(found.value)
        with register.read() as session:
            assert accounts.list_people(session) == [], "and it answers again, with nothing half written"
        register.engine.dispose()


def _write_while_it_goes_away(register: Register) -> None:
    with register.write() as session:
        _add_somebody(session)
        mine = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with create_engine(register.url).connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        session.execute(text("SELECT 1"))


def test_a_mistake_of_the_program_is_no_failure_of_the_database(register: Register) -> None:
    with pytest.raises((ProgrammingError, OperationalError)), register.read() as session:
        session.execute(text("SELECT * FROM no_such_table"))
    with pytest.raises(IntegrityError), register.write() as session:
        session.execute(text("INSERT INTO setup_codes (code_hash) VALUES (NULL)"))
    with pytest.raises(FileNotFoundError), register.read():
        Path("no such file").read_bytes()


def test_advice_is_read_in_both_languages() -> None:
    found = Unavailable(failures.NO_ANSWER, failures.FULL, place="/data", says="")
    assert advice(found) == "Ổ đĩa của /data đã đầy: hãy giải phóng dung lượng. Chưa có gì được lưu."
    use("en")
    assert advice(found) == "The disk of /data is full: free some space. Nothing of this was saved."


def _add_somebody(session: Session, login: str = "moi") -> None:
    accounts.add(session, Account(login, "Mới", "agent"), None, Act(None, MONDAY))
