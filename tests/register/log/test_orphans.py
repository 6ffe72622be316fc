"""Files that no row names: named, removed on request with an event, and never while a write may still own them."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from core.register.case.evidence import FileDraft
from core.register.log import seal
from core.register.log.database import Register
from core.register.log.tables import Event
from core.register.log.verify import verify
from core.register.proof import orphans
from tests.conftest import Cast
from tests.files import PNG
from tests.register.cases import MON, logged

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
NAME = "00ff" * 8


def leave(register: Register, name: str, written: datetime) -> None:
    register.evidence_dir.mkdir(exist_ok=True)
    (register.evidence_dir / name).write_bytes(b"left by a write that was killed")
    os.utime(register.evidence_dir / name, (written.timestamp(), written.timestamp()))


@pytest.mark.parametrize(
    ("age", "named", "why"),
    [
        (HOUR, True, "an hour old: no write takes that long"),
        (HOUR - SECOND, False, "a second less: a write may still own it"),
        (-HOUR, False, "from a clock that goes ahead"),
        (100 * HOUR, True, "old"),
    ],
)
def test_only_old_files_are_orphans(register: Register, cast: Cast, age: timedelta, named: bool, why: str) -> None:
    logged(register, cast, files=(FileDraft("a.png", BytesIO(PNG)),))
    leave(register, NAME, MON - age)
    assert verify(register, now=MON).orphans == ([NAME] if named else []), why
    assert verify(register).orphans == [NAME], "without a clock every file counts"
    removed = orphans.remove(register, MON)
    assert removed == ([NAME] if named else [])
    assert (register.evidence_dir / NAME).exists() is not named
    with register.read() as session:
        events = session.scalars(select(Event).where(Event.kind == "orphans_removed")).all()
    assert [seal.read(event.payload)["files"] for event in events] == ([[NAME]] if named else []), why
    report = verify(register)
    assert report.is_whole and report.evidence == 2, "the file of the complaint stays"


def test_the_log_keeps_no_name_that_people_gave(register: Register) -> None:
    """Whoever puts “Nguyễn Văn A.pdf” into the folder does not put it into the log for ever."""
    others = ["Nguyễn Văn A 0912345678.pdf", f"{NAME}.part", NAME.upper(), NAME[:-1]]
    for name in (NAME, *others):
        leave(register, name, MON - HOUR)
    assert sorted(orphans.remove(register, MON)) == sorted([NAME, *others])
    assert list(register.evidence_dir.iterdir()) == []
    with register.read() as session:
        event = session.scalars(select(Event).where(Event.kind == "orphans_removed")).one()
    assert seal.read(event.payload) == {"files": [NAME], "others": 4}


def test_no_file_is_named_when_files_are_left_unread(register: Register) -> None:
    leave(register, NAME, MON)
    assert verify(register, files=False).orphans == []
    assert verify(register).is_whole, "an orphan is no loss"
