"""One register, opened right: schema checks, pragmas, and writers that wait for each other."""

from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, func, inspect, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from core.errors import Invalid, NotReady
from core.register.case import complaints
from core.register.case.evidence import FileDraft
from core.register.log.act import Act
from core.register.log.database import Register, head, migrate, open_up
from core.register.log.tables import CalendarVersion, CatalogueVersion, Complaint, Event, Evidence, ProcedureVersion
from core.register.log.verify import verify
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.catalogue import LISTS
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.files import PNG, content_of
from tests.register.cases import MON, draft, logged

SEARCH = ("search_index", "ix_search_texts")


def test_an_empty_database_asks_for_migration(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="migrate"):
        Register(empty_database_url, tmp_path).check()


def test_migrating_twice_changes_nothing(empty_database_url: str, tmp_path: Path) -> None:
    migrate(empty_database_url)
    before = _contents(empty_database_url)
    migrate(empty_database_url)
    assert _contents(empty_database_url) == before
    Register(empty_database_url, tmp_path).check()


def _contents(url: str) -> dict[str, tuple[list[str], list[tuple[object, ...]]]]:
    """Table → names of its columns and its rows."""
    engine, schema = create_engine(url), MetaData()
    schema.reflect(engine)
    with engine.connect() as connection:
        found = {
            table.name: (table.columns.keys(), [tuple(row) for row in connection.execute(select(table))])
            for table in schema.sorted_tables
        }
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "newer version"),
        ("DELETE FROM alembic_version", "migrate"),
        ("DROP TABLE failed_sign_ins", "half migrated"),
        ("ALTER TABLE people DROP COLUMN language", "half migrated"),
    ],
)
def test_it_does_not_open_on_a_schema_it_does_not_know(register: Register, spoil: str, says: str) -> None:
    register.check()
    with register.engine.begin() as connection:
        connection.execute(text(spoil))
    with pytest.raises(NotReady, match=says):
        register.check()


def test_a_newer_schema_is_not_migrated_down(register: Register) -> None:
    with register.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotReady, match="newer version"):
        migrate(register.url)


def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.register.log.migrations import versions

    broken = next(iter(Path(versions.__path__[0]).glob("0001*.py")))
    source = broken.read_text(encoding="utf-8")
    monkeypatch.setattr(
        "core.register.log.database.MIGRATIONS", _copy_with(broken, source + '    op.execute("SELECT no_such_thing")\n')
    )
    with pytest.raises(Exception, match="no_such_thing"):
        migrate(empty_database_url)
    engine = create_engine(empty_database_url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def _copy_with(broken: Path, source: str) -> Path:
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp()) / "migrations"
    shutil.copytree(broken.parent.parent, folder)
    (folder / "versions" / broken.name).write_text(source, encoding="utf-8")
    return folder


def test_the_schema_is_the_one_the_tables_describe(register: Register) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from core.register.log.tables import Base

    # SQLite keeps texts of any length, so that widening a column there would rewrite the table for nothing.
    lengths_count = not register.is_sqlite
    # What makes search fast differs by engine and is no table of the model: tests/register/case/test_search_index.py.
    opts = {"compare_type": lengths_count, "include_name": lambda name, *_: not (name or "").startswith(SEARCH)}
    with register.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, Base.metadata)
    assert differences == []
    assert head() == "0029"


def test_shipped_rules_are_taken_into_use_once(register: Register) -> None:
    again = open_up(register.url, register.evidence_dir, now=MONDAY)
    with again.read() as session:
        assert session.scalar(select(func.count()).select_from(CalendarVersion)) == 1
        versions = session.execute(select(ProcedureVersion.key, ProcedureVersion.version)).all()
        catalogues = session.execute(select(CatalogueVersion.name, CatalogueVersion.version)).all()
    assert dict(versions)["pops"] == 1 and len(versions) == len(dict(versions))
    assert dict(catalogues) == dict.fromkeys((*LISTS, "organisation"), 1) | {"levels": 2}
    assert len(catalogues) == len(LISTS) + 2, "the levels of MISA's procedure came after those of POPS"


def test_sqlite_is_durable_and_checked(sqlite_register: Register) -> None:
    with sqlite_register.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15_000}


def test_naive_datetimes_are_refused_by_the_column(register: Register) -> None:
    naive = datetime(2026, 11, 16, 9, 0)  # noqa: DTZ001 - the point of the test
    with pytest.raises((StatementError, Invalid)), register.read() as session:
        session.scalars(select(Event).where(Event.happened_at == naive)).all()


def test_instants_come_back_as_they_went_in(register: Register, cast: Cast) -> None:
    moment = datetime(2026, 11, 16, 2, 0, 0, 123_456, tzinfo=UTC)
    complaint = logged(register, cast)
    with register.write() as session:  # the column keeps what it is given; complaints are given whole seconds (D29)
        session.execute(update(Complaint).where(Complaint.id == complaint.id).values(recorded_at=moment))
    with register.read() as session:
        kept = session.get_one(Complaint, complaint.id).recorded_at
    assert kept == moment and kept.tzinfo is UTC


def test_many_writers_at_once_lose_nothing_and_share_no_code(register: Register, cast: Cast) -> None:
    """Eight threads on separate engines, as eight processes would be: 40 complaints, 40 codes, one chain."""
    problems: list[BaseException] = []

    def write() -> None:
        try:
            own = Register(register.url, register.evidence_dir)
            for _ in range(5):
                with own.write() as session:
                    complaints.log(session, draft(), Act(cast.agent, MON))
            own.engine.dispose()
        except BaseException as problem:  # noqa: BLE001 - handed to the main thread
            problems.append(problem)

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert problems == []
    with register.read() as session:
        codes = set(session.scalars(select(Complaint.code)))
    assert codes == {f"KN-2026-{n:06d}" for n in range(1, 41)}
    assert verify(register).problems == []


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("virus.exe", b"MZ", "cannot be kept"),
        ("rong.png", b"", "is empty"),
        ("to.png", PNG + b"x" * 20 * 1024 * 1024, "larger than 20 MB"),
        ("phim.mp4", content_of("phim.mp4") + b"x" * 50 * 1024 * 1024, "larger than 50 MB"),
        ("doi-ten.png", b"%PDF-1.7", "not what its name says"),
    ],
)
def test_a_refused_file_leaves_no_trace(
    sqlite_register: Register, sqlite_cast: Cast, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        logged(
            sqlite_register,
            sqlite_cast,
            files=(FileDraft("tot.png", BytesIO(PNG)), FileDraft(name, BytesIO(content))),
        )
    kept = list(sqlite_register.evidence_dir.glob("*")) if sqlite_register.evidence_dir.exists() else []
    assert kept == [], "files of a refused complaint are removed again"
    with sqlite_register.read() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 0


def test_a_reader_sees_one_moment(register: Register) -> None:
    with register.read() as session:
        before = session.scalar(select(func.count()).select_from(Event))
        with register.write() as other:
            accounts.add(other, Account(login="new", name="Mới", role="agent"), None, Act(None, MONDAY))
        assert session.scalar(select(func.count()).select_from(Event)) == before, "whatever is written meanwhile"


def test_a_file_is_read_from_its_start_and_its_name_outlasts_a_power_cut(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = FileDraft("ảnh\0.png", BytesIO(PNG))
    with pytest.raises(ZeroDivisionError), sqlite_register.write() as session:
        _log_and_fail(session, file, sqlite_cast)
    sqlite_register.keep_seal(MON)  # a file of its own, once a day
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda opened: synced.append(stat.S_ISDIR(os.fstat(opened).st_mode)))
    with sqlite_register.write() as session:
        complaints.log(session, draft(files=(file,)), Act(sqlite_cast.agent, MON))
    assert synced == [False, True], "the file, then the folder that names it"
    with sqlite_register.read() as session:
        kept = session.scalars(select(Evidence).where(Evidence.kind == "file")).one()
    assert (kept.file_name, kept.size) == ("ảnh.png", len(PNG))


def _log_and_fail(session: Session, file: FileDraft, cast: Cast) -> None:
    complaints.log(session, draft(files=(file,)), Act(cast.agent, MON))
    raise ZeroDivisionError
