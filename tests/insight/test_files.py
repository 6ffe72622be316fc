"""The files of the facts: another process finds in them what it would have read, or does not believe them."""

from __future__ import annotations

import fcntl
import json
import os
import random
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.insight import compliance, facts, files, volume
from core.insight.codes import Codes, keys
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.typed import Frames
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, SlaCycle
from tests.insight.given import TODAY, beside
from tests.insight.test_facts import edit
from tests.register.log.test_log import unguarded

SPAN = 4
FIRST, EDITS = 1_000, 1_030  # numbers of events; the register has some of its own


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A register is large from its fifth complaint on, and every change is worth writing."""
    monkeypatch.setattr(facts, "SPAN", SPAN)
    monkeypatch.setattr(facts, "UNSAVED", 1)


@pytest.fixture
def chance(register: Register, now: datetime) -> random.Random:
    """What draws the edits of a register that had some already."""
    chance = random.Random(7)
    _edit(register, chance, now, range(FIRST, EDITS))
    return chance


def _edit(register: Register, chance: random.Random, now: datetime, changes: range) -> None:
    with register.write() as session:
        for change in changes:
            edit(session, chance, change, now)
            session.execute(insert(Event).values(_event(change, now)))


def _event(change: int, now: datetime) -> dict[str, object]:
    seal = change.to_bytes(32)
    text = {"subject": "complaint", "kind": "noted", "payload": "{}"}
    return (
        {"id": change, "subject_id": 1, "seq": change, "happened_at": now, "logged_at": now}
        | text
        | {
            "previous": seal,
            "hash": seal,
        }
    )


def other_process(register: Register) -> Register:
    """The same register as a process sees it that has just started."""
    return Register(register.url, register.evidence_dir)


def texts(known: Facts) -> list[list[tuple[object, ...]]]:
    """All rows, whatever the numbers of their keys."""
    frames = [getattr(known, name) for name in Frames._fields]
    return [sorted(frame.with_columns(pl.col(pl.Categorical).cast(pl.String)).rows(), key=str) for frame in frames]


@pytest.fixture
def whole_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gets a line each time the whole register is read."""
    seen: list[str] = []
    load = facts.load

    def counted(register: Register) -> Facts:
        seen.append("load")
        return load(register)

    monkeypatch.setattr(facts, "load", counted)
    return seen


def test_another_process_finds_what_it_would_have_read(
    register: Register, chance: random.Random, now: datetime, whole_reads: list[str]
) -> None:
    first = facts.current(register)
    assert len(first.blocks) > 2
    assert all(block.file for block in first.blocks)
    whole_reads.clear()
    there = other_process(register)
    assert texts(facts.current(there)) == texts(first)
    _edit(register, chance, now, range(EDITS, EDITS + 30))
    assert (
        texts(facts.current(there)) == texts(facts.current(register)) == texts(facts.current(other_process(register)))
    )
    assert not whole_reads, "what changed is read, not all"
    assert texts(facts.current(register)) == texts(facts.load(other_process(register)))


@pytest.mark.usefixtures("chance")
def test_figures_are_the_same_from_files(register: Register, now: datetime) -> None:
    year, read = Filter.of("year", TODAY), facts.current(register)
    mapped = facts.current(other_process(register))
    for one in ("stage", "category"):
        assert compliance.by(mapped, year, now, one, "resolve").equals(compliance.by(read, year, now, one, "resolve"))
    counted = volume.by_category(read, beside(read, year))
    assert volume.by_category(mapped, beside(mapped, year)).equals(counted)
    assert counted["count"].sum() > SPAN


def _of_another_program(folder: Path) -> None:
    _rewrite(folder, made_of="0" * 64)


def _no_list(folder: Path) -> None:
    (folder / files.LIST).unlink()


def _half_a_list(folder: Path) -> None:
    text = (folder / files.LIST).read_text()
    (folder / files.LIST).write_text(text[: len(text) // 2])


def _a_file_is_missing(folder: Path) -> None:
    next(folder.glob("*-cycles.arrow")).unlink()


def _a_file_is_cut(folder: Path) -> None:
    file = next(folder.glob("*-cycles.arrow"))
    _put(file, file.read_bytes()[:100])


def _a_file_is_garbage(folder: Path) -> None:
    _put(next(folder.glob("*-complaints.arrow")), b"garbage" * 999)


def _a_key_is_missing(folder: Path) -> None:
    _rewrite(folder, codes={})


def _put(file: Path, content: bytes) -> None:
    """In the place of the file, which stays as it was for who maps it."""
    file.unlink()
    file.write_bytes(content)


def _rewrite(folder: Path, **changed: object) -> None:
    listed = json.loads((folder / files.LIST).read_text())
    (folder / files.LIST).write_text(json.dumps(listed | changed))


@pytest.mark.usefixtures("chance")
@pytest.mark.parametrize(
    "damage",
    [
        _of_another_program,
        _no_list,
        _half_a_list,
        _a_file_is_missing,
        _a_file_is_cut,
        _a_file_is_garbage,
        _a_key_is_missing,
    ],
)
def test_files_that_cannot_be_believed_are_made_anew(
    register: Register, damage: Callable[[Path], None], whole_reads: list[str]
) -> None:
    first = facts.current(register)
    damage(files.folder_of(register))
    whole_reads.clear()
    assert texts(facts.current(other_process(register))) == texts(first)
    assert whole_reads == ["load"]
    assert texts(facts.current(other_process(register))) == texts(first)
    assert whole_reads == ["load"], "the next process finds files again"


@pytest.mark.usefixtures("chance")
def test_a_restored_register_does_not_find_the_facts_of_another(
    register: Register, now: datetime, whole_reads: list[str]
) -> None:
    """It went another way since the copy was made: the event of that number is not the one it was."""
    facts.current(register)
    with register.write() as session:
        unguarded(session)
        session.execute(delete(Event).where(Event.id == EDITS - 1))
        session.execute(insert(Event).values(_event(EDITS - 1, now) | {"hash": b"\x01" * 32}))
        _forget_one(session)
    whole_reads.clear()
    there = other_process(register)
    assert texts(facts.current(there)) == texts(facts.load(other_process(register)))
    assert whole_reads[0] == "load"


def _forget_one(session: Session) -> None:
    id = session.scalars(select(Complaint.id).limit(1)).one()
    session.execute(delete(SlaCycle).where(SlaCycle.complaint_id == id))


@pytest.mark.usefixtures("chance")
def test_who_cannot_write_goes_on_in_memory(register: Register) -> None:
    files.folder_of(register).write_text("a file where the folder should be")
    found = facts.current(register)
    assert not any(block.file for block in found.blocks)
    assert texts(found) == texts(facts.load(other_process(register)))


def test_one_process_writes_at_a_time(register: Register, chance: random.Random, now: datetime) -> None:
    facts.current(register)
    folder = files.folder_of(register)
    listed = (folder / files.LIST).read_text()
    opened = os.open(folder / files.LOCK, os.O_RDWR)
    fcntl.flock(opened, fcntl.LOCK_EX)
    _edit(register, chance, now, range(EDITS, EDITS + 3))
    found = facts.current(register)
    assert (folder / files.LIST).read_text() == listed
    os.close(opened)
    assert texts(found) == texts(facts.load(other_process(register)))


def test_files_that_no_list_names_go_after_a_while(register: Register, chance: random.Random, now: datetime) -> None:
    """Not at once: another process may be about to list them."""
    before = facts.current(register)
    folder = files.folder_of(register)
    rows = texts(before)
    _edit(register, chance, now, range(EDITS, EDITS + 3))
    facts.current(register)
    replaced = {block.file for block in before.blocks} - {block.file for block in facts.current(register).blocks}
    assert replaced
    assert all((folder / f"{file}-cycles.arrow").exists() for file in replaced)
    long_ago = time.time() - files.ABANDONED - 1
    for path in folder.iterdir():
        os.utime(path, (long_ago, long_ago))
    _edit(register, chance, now, range(EDITS + 3, EDITS + 6))
    latest = facts.current(register)
    named = {f"{block.file}-{name}.arrow" for block in latest.blocks for name in Frames._fields}
    assert {path.name for path in folder.glob("*.arrow")} == named
    assert texts(before) == rows, "what somebody holds stays readable"


@pytest.mark.usefixtures("chance")
def test_the_files_are_for_this_account_alone(register: Register) -> None:
    facts.current(register)
    folder = files.folder_of(register)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.arrow"))


def test_keys_keep_their_numbers() -> None:
    kind = Codes().of("category")
    first = pl.Series(["payment", "login"], dtype=kind)
    second = pl.Series(["content", "login", None], dtype=kind)
    assert keys([second]) == ["-0", "login", "content"], "a number nobody uses is filled"
    again = Codes({"category": keys([first, second])})
    assert pl.Series([2, 1, 0], dtype=pl.UInt16).cat.to(again.of("category")).to_list() == [
        "content",
        "login",
        "payment",
    ]
    assert pl.Series(["new"], dtype=again.of("category")).to_physical().to_list() == [3]
