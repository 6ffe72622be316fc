"""A backup is one moment of a running register, and comes back whole on either engine, or not at all."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import OperationalError

from core.errors import Invalid, NotReady, Unavailable
from core.register.backup import load
from core.register.backup import manifest as manifests
from core.register.backup.load import restore
from core.register.backup.manifest import Manifest
from core.register.backup.save import save
from core.register.case import complaints
from core.register.case.evidence import FileDraft
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.database import RESTORING, TAKE_WRITE_LOCK, WRITE_LOCK, Register, bring_up_to_date, open_up
from core.register.log.tables import Base, Complaint, Event
from core.register.log.verify import verify
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from tests.conftest import BOTH_ENGINES, Cast
from tests.engines import MONDAY, Postgres, Sqlite
from tests.files import PNG
from tests.register.cases import MON, advanced, draft, logged
from tests.register.log import old_register

ROOT = Path(__file__).parents[3]
FILE = FileDraft("màn hình.png", BytesIO(PNG + b"anh"))


def backed_up(register: Register, folder: Path, *, evidence: bool = True) -> Manifest:
    with register.read() as session:
        return save(session.connection(), folder, register.evidence_dir, now=MONDAY, evidence=evidence)


@pytest.fixture
def target_engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def target(target_engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a database without any table, and the evidence folder of a data folder that is not there yet."""
    folder = tmp_path / "target"
    if target_engine == "sqlite":
        yield Sqlite.url(folder / "complaints.db"), folder / "evidence"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        with postgres.empty_database() as url:
            yield url, folder / "evidence"


on_both = pytest.mark.parametrize("target_engine", BOTH_ENGINES, indirect=True)


def contents(register: Register) -> dict[str, list[tuple[object, ...]]]:
    """Table → its rows in the order of the key; what no backup takes along is left out."""
    with register.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
            if not table.info.get("passing")
        }


@on_both
def test_a_backup_comes_back_whole_on_either_engine(
    register: Register, cast: Cast, target: tuple[str, Path], tmp_path: Path
) -> None:
    advanced(register, cast)
    logged(register, cast, files=(FILE,))
    with register.write() as session:
        accounts.change_password(session, cast.agent.id, "ba con mèo đen 7", Act(None, MON))
    sign_ins.sign_in(register, "agent", "ba con mèo đen 7", now=MON)
    before, was = contents(register), verify(register)
    made = backed_up(register, tmp_path / "backup")
    assert (made.events, made.seal, made.files, made.missing) == (was.events, was.seal, 1, [])
    restore(*target, tmp_path / "backup", now=MONDAY)

    back = Register(*target)
    back.check()
    after, report = contents(back), verify(back, kept=back.seals.read(), wanted=made.seal)
    event = seal.read(str(after["events"][-1][8]))
    assert after | {"events": after["events"][:-1]} == before
    assert (after["events"][-1][4], event["seal"], event["events"]) == ("restored", made.seal, was.events)
    assert report.problems == [] and report.evidence == was.evidence and report.orphans == []
    assert back.seals.read() == register.seals.read() != []
    with back.read() as session:
        assert session.execute(text("SELECT count(*) FROM sign_ins")).scalar() == 0, "everybody signs in again"
    with back.write() as session:
        accounts.add(session, Account(login="new", name="Mới", role="agent"), None, Act(None, MON))
        complaints.log(session, draft(), Act(None, MON))
    assert verify(back).is_whole, "and it goes on"
    back.engine.dispose()


@on_both
def test_a_seal_kept_while_it_is_made_stays_behind(
    register: Register, cast: Cast, target: tuple[str, Path], tmp_path: Path
) -> None:
    """The rows are of one moment, seals.csv is read later: the first write of another day has gone on meanwhile."""
    logged(register, cast)
    with register.read() as session:
        seen = session.connection()
        newest = session.scalar(text("SELECT max(id) FROM events"))
        with register.write() as writing:
            complaints.log(writing, draft(), Act(cast.agent, MON + timedelta(days=2)))
        save(seen, tmp_path / "backup", register.evidence_dir, now=MONDAY)
    kept = register.seals.read()
    assert kept[-1].event > newest >= kept[0].event, "the case is what its name says"
    restore(*target, tmp_path / "backup", now=MONDAY)
    back = Register(*target)
    assert back.seals.read() == kept[:-1]
    assert verify(back, kept=back.seals.read()).is_whole
    back.engine.dispose()


def test_it_is_for_its_owner_alone(sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path) -> None:
    logged(sqlite_register, sqlite_cast, files=(FILE,))
    backed_up(sqlite_register, tmp_path / "backup")
    restore(Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence", tmp_path / "backup", now=MONDAY)
    for folder in (tmp_path / "backup", tmp_path / "new"):
        for path in (folder, *folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert not list(tmp_path.rglob("*.part")) + list(tmp_path.rglob("*.restoring"))


@on_both
def test_one_moment_while_four_write(register: Register, cast: Cast, target: tuple[str, Path], tmp_path: Path) -> None:
    """Each writes until three backups are made: every copy is whole and its seal is one of the log's."""
    stop, written = threading.Event(), [0] * 4

    def write(n: int) -> None:
        while not stop.is_set():
            with register.write() as session:
                complaints.log(session, draft(files=(FileDraft("a.png", BytesIO(PNG)),)), Act(cast.agent, MON))
            written[n] += 1

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    try:
        made = [backed_up(register, tmp_path / f"backup{n}") for n in range(3)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert all(written)
    restore(*target, tmp_path / "backup2", now=MONDAY)
    back = Register(*target)
    report = verify(back)
    assert report.problems == [] and report.orphans == []
    assert 0 < report.complaints == made[2].rows["complaints"] == made[2].files <= sum(written)
    assert all(verify(register, wanted=each.seal).is_whole for each in made)
    back.engine.dispose()


def cut_off(what: str, register: tuple[str, Path], folder: Path, place: str, call: int) -> None:
    words = [what, register[0], str(register[1].parent), str(folder), place, str(call)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.register.backup.cut_off", *words], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize(
    ("place", "call", "why"),
    [
        ("rows.write", 3, "between two tables"),
        ("manifest.copy", 2, "between two files"),
        ("manifest.write", 1, "all there, but for the manifest"),
        ("Path.replace", 1, "the manifest written, not yet under its name"),
    ],
)
def test_a_half_backup_is_none(
    sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path, place: str, call: int, why: str
) -> None:
    for _ in range(2):
        logged(sqlite_register, sqlite_cast, files=(FILE,))
    folder = tmp_path / "backup"
    cut_off("backup", (sqlite_register.url, sqlite_register.evidence_dir), folder, place, call)
    with pytest.raises(NotReady, match=r"no finished backup: manifest\.json is missing"):
        restore(Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence", folder, now=MONDAY)
    assert not (tmp_path / "new").exists(), why
    with pytest.raises(Invalid, match="is not empty"):
        backed_up(sqlite_register, folder)
    assert verify(sqlite_register).is_whole


@on_both
@pytest.mark.parametrize(
    ("place", "call", "why"),
    [
        ("load._bring", 2, "between two files"),
        ("rows.load", 1, "before the first table"),
        ("rows.load", 5, "between two tables"),
        ("load._fill", 0, "all rows there, on SQLite not yet in their place"),
    ],
)
def test_a_half_restore_is_refused_and_can_be_run_again(
    sqlite_register: Register,
    sqlite_cast: Cast,
    target: tuple[str, Path],
    tmp_path: Path,
    place: str,
    call: int,
    why: str,
) -> None:
    for _ in range(2):
        logged(sqlite_register, sqlite_cast, files=(FILE,))
    made = backed_up(sqlite_register, tmp_path / "backup")
    cut_off("restore", target, tmp_path / "backup", place, call)
    with pytest.raises(NotReady, match="A restore was cut off"):
        open_up(*target, now=MONDAY)
    assert restore(*target, tmp_path / "backup", now=MONDAY) == made
    back = Register(*target)
    back.check()
    report = verify(back, wanted=made.seal)
    assert report.problems == [] and report.orphans == [], why
    assert report.events == made.events + 1, "restored once"
    back.engine.dispose()
    with pytest.raises(NotReady, match="There is a register already"):
        restore(*target, tmp_path / "backup", now=MONDAY)


def test_a_backup_without_evidence_asks_for_the_folder_before_it_makes_anything(
    sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path
) -> None:
    logged(sqlite_register, sqlite_cast, files=(FILE,))
    made = backed_up(sqlite_register, tmp_path / "backup", evidence=False)
    new = Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence"
    for _ in range(2):
        with pytest.raises(NotReady, match="put the folder “evidence” back first"):
            restore(*new, tmp_path / "backup", now=MONDAY)
        assert not (tmp_path / "new").exists()
    shutil.copytree(sqlite_register.evidence_dir, new[1])
    assert restore(*new, tmp_path / "backup", now=MONDAY) == made
    assert verify(Register(*new)).is_whole


@pytest.mark.usefixtures("sqlite_cast")
def test_a_backup_without_evidence_of_a_register_without_any_asks_for_nothing(
    sqlite_register: Register, tmp_path: Path
) -> None:
    made = backed_up(sqlite_register, tmp_path / "backup", evidence=False)
    new = Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence"
    assert restore(*new, tmp_path / "backup", now=MONDAY) == made


def test_the_seals_of_a_lost_database_are_set_aside(
    sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path
) -> None:
    """The database is lost, the data folder is not: its seals of later events are told of once, not for ever."""
    data = sqlite_register.evidence_dir.parent
    made = backed_up(sqlite_register, tmp_path / "backup")
    with sqlite_register.write() as session:
        complaints.log(session, draft(), Act(sqlite_cast.agent, MON + timedelta(days=2)))
    lost = (data / "seals.csv").read_bytes()
    assert sqlite_register.seals.read()[-1].event > made.events
    new = Sqlite.url(tmp_path / "new.db"), sqlite_register.evidence_dir
    restore(*new, tmp_path / "backup", now=MONDAY)
    back = Register(*new)
    aside = data / "seals-before-restore-2026-11-16.csv"
    assert load.set_aside(new[1], MONDAY) == [aside]
    assert aside.read_bytes() == lost and stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert verify(back, kept=back.seals.read()).is_whole
    with back.write() as session:
        complaints.log(session, draft(), Act(sqlite_cast.agent, MON + timedelta(days=3)))
    restore(Sqlite.url(tmp_path / "again.db"), new[1], tmp_path / "backup", now=MONDAY)
    assert load.set_aside(new[1], MONDAY) == [data / "seals-before-restore-2026-11-16-2.csv", aside]
    assert load.set_aside(new[1], MONDAY + timedelta(days=1)) == []
    back.engine.dispose()


def test_seals_that_the_backup_answers_for_stay(sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path) -> None:
    """They are what a backup that was written anew is found by."""
    logged(sqlite_register, sqlite_cast)
    backed_up(sqlite_register, tmp_path / "backup")
    kept = sqlite_register.seals.read()
    new = Sqlite.url(tmp_path / "new.db"), sqlite_register.evidence_dir
    restore(*new, tmp_path / "backup", now=MONDAY)
    assert load.set_aside(new[1], MONDAY) == []
    assert Register(*new).seals.read() == kept != []


@on_both
def test_never_over_a_live_register(register: Register, cast: Cast, target: tuple[str, Path], tmp_path: Path) -> None:
    logged(register, cast)
    backed_up(register, tmp_path / "backup")
    open_up(*target, now=MONDAY).engine.dispose()
    before = contents(Register(*target))
    with pytest.raises(NotReady, match="There is a register already"):
        restore(*target, tmp_path / "backup", now=MONDAY)
    assert contents(Register(*target)) == before


def test_the_log_file_of_an_old_database_joins_nothing(
    sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path
) -> None:
    """Somebody deleted complaints.db and left -wal and -shm: SQLite would play the old -wal into the new file."""
    logged(sqlite_register, sqlite_cast)
    backed_up(sqlite_register, tmp_path / "backup")
    folder = tmp_path / "target"
    folder.mkdir()
    file = folder / "complaints.db"
    shutil.copy(sqlite_register.url.removeprefix("sqlite:///"), tmp_path / "old.db")
    with sqlite3.connect(tmp_path / "old.db") as old:
        old.execute("PRAGMA journal_mode=WAL")
        old.execute("UPDATE alembic_version SET version_num = '9999'")
        old.commit()
        for tail in ("-wal", "-shm"):
            shutil.copy(f"{tmp_path / 'old.db'}{tail}", f"{file}{tail}")
    old.close()
    assert Path(f"{file}-wal").stat().st_size > 0
    restore(Sqlite.url(file), folder / "evidence", tmp_path / "backup", now=MONDAY)
    assert not Path(f"{file}-wal").exists()
    assert verify(Register(Sqlite.url(file), folder / "evidence")).problems == []


def test_a_file_that_is_no_database_is_not_written_over(sqlite_register: Register, tmp_path: Path) -> None:
    backed_up(sqlite_register, tmp_path / "backup")
    file = tmp_path / "new" / "c.db"
    file.parent.mkdir()
    file.write_bytes(b"this is a text, not a database. " * 200)
    with pytest.raises(NotReady, match="There is a register already"):
        restore(Sqlite.url(file), file.with_name("evidence"), tmp_path / "backup", now=MONDAY)
    assert file.read_bytes().startswith(b"this is a text")


def test_a_server_that_is_down_is_named(sqlite_register: Register, tmp_path: Path) -> None:
    backed_up(sqlite_register, tmp_path / "backup")
    url = "postgresql+psycopg://pops@127.0.0.1:1/pops"
    with pytest.raises(Unavailable, match="The database server at 127.0.0.1:1 does not answer"):
        restore(url, tmp_path / "new" / "evidence", tmp_path / "backup", now=MONDAY)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("place", ["load._fill", "load._came_from"])
def test_what_stops_a_restore_is_explained(
    sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    backed_up(sqlite_register, tmp_path / "backup")
    new = Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence"
    if place == "load._came_from":
        restore(*new, tmp_path / "backup", now=MONDAY)
        (tmp_path / "new" / RESTORING).touch()

    def full(*_: object) -> None:
        raise OperationalError("", {}, _sqlite_error("database or disk is full"))

    monkeypatch.setattr(f"core.register.backup.{place}", full)
    with pytest.raises(Unavailable, match="is full: free some space"):
        restore(*new, tmp_path / "backup", now=MONDAY)


def _sqlite_error(says: str) -> sqlite3.Error:
    error = sqlite3.OperationalError(says)
    error.sqlite_errorname = "SQLITE_FULL"
    return error


def test_a_file_is_no_backup(sqlite_register: Register, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_bytes(b"PK")
    with pytest.raises(NotReady, match="holds no finished backup"):
        restore(Sqlite.url(tmp_path / "c.db"), sqlite_register.evidence_dir, file, now=MONDAY)


def test_a_copy_before_a_migration_that_does_not_fit_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's backup interface raises the driver's own errors, not SQLAlchemy's."""
    url = Sqlite.url(tmp_path / "c.db")
    old_register.write(url)
    connect = sqlite3.connect

    def small(path: Path) -> sqlite3.Connection:
        target = connect(path)
        target.execute("PRAGMA max_page_count = 2")
        return target

    monkeypatch.setattr("core.register.backup.before.sqlite3.connect", small)
    with pytest.raises(Unavailable, match="is full: free some space"):
        bring_up_to_date(url, tmp_path / "evidence", now=MONDAY)


@pytest.mark.parametrize("name", ["tables/events.jsonl.gz", "tables/customers.jsonl.gz", "seals.csv", "SHA256SUMS"])
@pytest.mark.parametrize("harm", ["change", "lose"])
def test_a_damaged_backup_is_refused_by_name(
    sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path, name: str, harm: str
) -> None:
    logged(sqlite_register, sqlite_cast)
    backed_up(sqlite_register, tmp_path / "backup")
    file = tmp_path / "backup" / name
    content = file.read_bytes()
    file.unlink()
    if harm == "change":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(NotReady, match=name):
        restore(Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence", tmp_path / "backup", now=MONDAY)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("change", "says"), [({"schema": "9999"}, "newer version"), ({"format": 2}, "of another version")]
)
def test_what_a_newer_program_wrote_is_refused(
    sqlite_register: Register, tmp_path: Path, change: dict[str, str], says: str
) -> None:
    made = backed_up(sqlite_register, tmp_path / "backup")
    (tmp_path / "backup" / manifests.MANIFEST).unlink()
    manifests.write(tmp_path / "backup", replace(made, **change))  # type: ignore[arg-type] # of the right types
    with pytest.raises(NotReady, match=says):
        restore(Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence", tmp_path / "backup", now=MONDAY)


def test_a_missing_evidence_file_is_named_and_the_rest_is_saved(
    sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path
) -> None:
    logged(sqlite_register, sqlite_cast, files=(FILE,))
    lost = next(sqlite_register.evidence_dir.iterdir())
    lost.unlink()
    made = backed_up(sqlite_register, tmp_path / "backup")
    assert (made.missing, made.files) == ([lost.name], 0)


# before a migration


@pytest.fixture
def old(empty_database_url: str, tmp_path: Path) -> Iterator[Register]:
    """Five complaints as version 0.1 left them, at schema 0001."""
    old_register.write(empty_database_url)
    register = Register(empty_database_url, tmp_path / "evidence")
    yield register
    register.engine.dispose()


@on_both
def test_a_copy_is_made_before_a_migration(old: Register, target: tuple[str, Path], tmp_path: Path) -> None:
    copies = [bring_up_to_date(old.url, old.evidence_dir, now=MONDAY).copy]
    assert copies[0] is not None
    assert copies[0].parent == tmp_path / "backups"
    assert re.fullmatch(f"schema-0001-before-{_schema(old)}-20261116T020000-[0-9a-f]{{6}}", copies[0].stem)
    assert bring_up_to_date(old.url, old.evidence_dir, now=MONDAY).copy is None
    assert list((tmp_path / "backups").iterdir()) == copies, "nothing to migrate, nothing to copy"
    if old.is_sqlite:
        assert stat.S_IMODE(copies[0].stat().st_mode) == 0o600
        copy = Register(Sqlite.url(copies[0]), old.evidence_dir)
        assert _schema(copy) == "0001"
    else:
        target[1].mkdir(parents=True)
        restore(*target, copies[0], now=MONDAY)
        copy = Register(*target)
        assert _schema(copy) == "0001"
    again = open_up(copy.url, copy.evidence_dir, now=MONDAY)
    assert verify(again, files=False).problems == []
    with again.read() as session:
        assert len(session.scalars(select(Complaint)).all()) == old_register.contents()["report"]["complaints"]
        restored = session.scalars(select(Event).where(Event.kind == "restored")).all()
    assert len(restored) == (0 if old.is_sqlite else 1)
    again.engine.dispose()


def test_the_newest_five_copies_stay_and_all_that_people_made(old: Register, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    stay = {"2026-11-15", "before-upgrade-2026-01-01", "schema-notes", f"schema-0001-before-0002-{1:06}T000000-abcdef"}
    for name in stay:
        (folder / name).mkdir(parents=True)
    for day in range(1, 8):  # seven older ones of either engine, the last of them cut off
        name = f"schema-0001-before-0002-202601{day:02}T000000-abcdef"
        if day == 7:
            (folder / f"{name}.db.part").touch()
            (folder / name).mkdir()
        elif day % 2:
            (folder / f"{name}.db").touch()
        else:
            (folder / name).mkdir()
            (folder / name / "manifest.json").touch()
    (folder / "schema-0001-before-0002-20260101T000000-000000").mkdir()  # cut off long ago
    copy = bring_up_to_date(old.url, old.evidence_dir, now=MONDAY).copy
    assert copy is not None
    left = {path.name for path in folder.iterdir()} - stay
    assert stay <= {path.name for path in folder.iterdir()}
    assert left == {
        copy.name,
        *(f"schema-0001-before-0002-202601{day:02}T000000-abcdef{'.db' * (day % 2)}" for day in range(3, 7)),
        "schema-0001-before-0002-20260107T000000-abcdef",
        "schema-0001-before-0002-20260107T000000-abcdef.db.part",
    }


def test_two_that_migrate_at_once_migrate_once(postgres: Postgres, tmp_path: Path) -> None:
    """Both wait for the lock of the writers here, then one after the other reads what is there."""
    with postgres.empty_database() as url:
        old_register.write(url)
        environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": str(tmp_path), "LANG": "en_US.UTF-8", "LC_ALL": ""}
        engine = create_engine(url)
        with engine.begin() as holder:
            holder.execute(TAKE_WRITE_LOCK, {"key": WRITE_LOCK})
            migrating = [
                subprocess.Popen(
                    [sys.executable, "-m", "core", "migrate"],
                    cwd=ROOT,
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
                for _ in range(2)
            ]
            _wait_for_two(engine, migrating)
        said = sorted(process.communicate(timeout=60)[0] for process in migrating)
        engine.dispose()
    assert [process.returncode for process in migrating] == [0, 0], said
    assert sum("migrated from schema 0001" in each for each in said) == 1, said
    assert sum("nothing to migrate" in each for each in said) == 1, said
    assert len(list((tmp_path / "backups").iterdir())) == 2


def _wait_for_two(engine: Engine, processes: list[subprocess.Popen[str]]) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    until = time.monotonic() + 60
    while time.monotonic() < until and all(process.poll() is None for process in processes):
        with engine.connect() as connection:
            if connection.scalar(waiting) == 2:
                return
        time.sleep(0.05)
    for process in processes:
        process.kill()
    pytest.fail(str([process.communicate()[0] for process in processes]))


def test_a_new_register_needs_no_copy(empty_database_url: str, tmp_path: Path) -> None:
    open_up(empty_database_url, tmp_path / "evidence", now=MONDAY).engine.dispose()
    assert not (tmp_path / "backups").exists()


def _schema(register: Register) -> str:
    with register.engine.connect() as connection:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
