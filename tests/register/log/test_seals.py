"""Seals kept outside the database: one a day, never changed, and the proof that a log written anew is found by them."""

from __future__ import annotations

import fcntl
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select, text, update

from core.errors import NotReady
from core.register.log import seal
from core.register.log.database import Register
from core.register.log.seal import EventRow
from core.register.log.seals import HEADER, Kept, Seals
from core.register.log.tables import Event
from core.register.log.verify import verify
from core.register.proof.guards import ON_SQLITE
from tests.conftest import Cast
from tests.register.cases import MON, advanced, logged, take
from tests.register.log.test_log import unguarded

DAY = timedelta(days=1)


def written_anew(register: Register) -> None:
    """Another channel in the first complaint, every later seal computed again, the guards back in place."""
    with register.write() as session:
        unguarded(session)
        previous = seal.GENESIS
        for found in session.execute(select(*Event.__table__.columns).order_by(Event.id)).all():
            row = cast("EventRow", dict(found._mapping)) | {"previous": previous}
            row["payload"] = row["payload"].replace('"channel":"hotline"', '"channel":"email"')
            previous = seal.fingerprint(row)
            its = {"payload": row["payload"], "previous": row["previous"], "hash": previous}
            session.execute(update(Event).where(Event.id == row["id"]).values(its))
        session.execute(text("UPDATE complaints SET channel = 'email'"))
        if register.is_sqlite:
            for name in ("events_refuse_UPDATE", "events_refuse_DELETE"):
                session.execute(text(ON_SQLITE[name]))
        else:
            session.execute(text("ALTER TABLE events ENABLE TRIGGER USER"))


def test_a_log_written_anew_is_found_by_a_kept_seal_alone(register: Register, cast: Cast) -> None:
    advanced(register, cast)
    before = verify(register)
    register.keep_seal(MON + DAY)
    kept = register.seals.read()
    assert before.is_whole and kept and verify(register, kept=kept, wanted=before.seal).is_whole
    written_anew(register)
    assert verify(register).is_whole, "nothing inside the database tells"
    assert any("seal kept on 2026-11-17" in problem for problem in verify(register, kept=kept).problems)
    assert verify(register, wanted=before.seal[:16]).problems == [
        f"the seal {before.seal[:16]} is not in the log: it was written anew, or belongs to another"
    ]


def test_a_log_cut_at_its_end_is_found_by_a_kept_seal(register: Register, cast: Cast) -> None:
    logged(register, cast)
    with register.read() as session:
        number, newest = seal.newest(session)
    beyond = [Kept(date(2026, 11, 16), number + 1, newest)]
    assert any(f"for event {number + 1}" in problem for problem in verify(register, kept=beyond).problems)


@pytest.mark.parametrize("old", [0, 5])
def test_a_seal_of_any_age_is_found(sqlite_register: Register, sqlite_cast: Cast, old: int) -> None:
    seals = []
    for _ in range(6):
        logged(sqlite_register, sqlite_cast)
        seals.append(verify(sqlite_register).seal)
    assert verify(sqlite_register, wanted=seals[old]).is_whole


def test_the_first_write_of_a_day_keeps_a_seal(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    days = [kept.day for kept in register.seals.read()]
    assert days == [date(2026, 11, 16)], "one a day, however much is written"
    take(register, "acknowledge", complaint, cast.agent, MON + DAY)
    with register.read() as session:
        newest = seal.newest(session)
    assert register.seals.read()[1:] == [Kept(date(2026, 11, 17), *newest)]
    register.keep_seal(MON + DAY)
    register.keep_seal(MON)
    assert len(register.seals.read()) == 2, "neither another of that day nor one of a day before"
    register.keep_seal(MON + 2 * DAY)
    assert [kept.day.day for kept in register.seals.read()] == [16, 17, 18], "a start keeps one too"
    assert verify(register, kept=register.seals.read()).kept_seals == 3


def test_another_process_adds_no_second_seal_of_the_day(register: Register, cast: Cast) -> None:
    logged(register, cast)
    other = Register(register.url, register.evidence_dir)
    logged(other, cast)
    other.engine.dispose()
    assert len(register.seals.read()) == 1


def test_a_process_that_wrote_yesterday_sees_what_another_wrote_today(tmp_path: Path) -> None:
    one, other = Seals(tmp_path / "seals.csv"), Seals(tmp_path / "seals.csv")
    today = date(2026, 11, 16)
    assert one.keep(Kept(today - DAY, 1, b"a"))
    assert not other.keep(Kept(today - DAY, 2, b"b"))
    assert one.keep(Kept(today, 3, b"c"))
    assert not other.keep(Kept(today, 4, b"d")), "kept by the other process since this one looked"
    assert [(kept.day, kept.event) for kept in one.read()] == [(today - DAY, 1), (today, 3)]


def test_a_seal_waits_for_whoever_writes_one_and_looks_again(tmp_path: Path) -> None:
    seals, today = Seals(tmp_path / "seals.csv"), date(2026, 11, 16)
    with ThreadPoolExecutor(1) as pool, seals.path.open("w", encoding="ascii") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        kept = pool.submit(seals.keep, Kept(today, 2, b"b"))
        with pytest.raises(TimeoutError):
            kept.result(0.5)
        other.write(f"{HEADER}{today},1,{b'a'.hex()}\n")
        other.flush()
        fcntl.flock(other, fcntl.LOCK_UN)
        assert not kept.result(20)
    assert seals.read() == [Kept(today, 1, b"a")]


def test_processes_that_write_at_the_same_time_keep_one_seal_a_day(tmp_path: Path) -> None:
    many, days = 4, 20
    processes = [Seals(tmp_path / "seals.csv") for _process in range(many)]
    together = threading.Barrier(many)

    def keep(seals: Seals) -> int:
        kept = 0
        for number in range(days):
            together.wait(20)
            kept += seals.keep(Kept(date(2026, 11, 1) + number * DAY, number + 1, b"a"))
        return kept

    with ThreadPoolExecutor(many) as pool:
        assert sum(pool.map(keep, processes)) == days
    assert [kept.event for kept in processes[0].read()] == list(range(1, days + 1))


def test_the_file_is_for_its_owner_alone(sqlite_register: Register, sqlite_cast: Cast) -> None:
    logged(sqlite_register, sqlite_cast)
    assert stat.S_IMODE(sqlite_register.seals.path.stat().st_mode) == 0o600


def test_a_write_stays_written_where_no_seal_can_be_kept(
    sqlite_register: Register, sqlite_cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_register.seals.path.unlink(missing_ok=True)
    sqlite_register.seals.path.mkdir()
    sqlite_register.seals._last = date.min
    logged(sqlite_register, sqlite_cast)
    assert verify(sqlite_register).complaints == 1
    assert "No seal was kept in seals.csv" in caplog.text


@pytest.mark.parametrize("line", ["2026-11-16,x,00", "2026-11-16,1", "sixteenth,1,00", "2026-11-16,1,zz"])
def test_a_damaged_file_is_named_with_its_line(sqlite_register: Register, sqlite_cast: Cast, line: str) -> None:
    logged(sqlite_register, sqlite_cast)
    with sqlite_register.seals.path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(NotReady, match=r"Line 3 of seals\.csv"):
        sqlite_register.seals.read()
