"""The search index follows every write in its transaction, is built from what exists, and can be checked and erased."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, inspect, select, text, update

from core.errors import NotReady
from core.register.case import complaints, search_index
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.log import transaction
from core.register.log.act import Act
from core.register.log.database import Register, migrate, open_up
from core.register.log.tables import Customer, Evidence, SearchText
from core.register.log.verify import verify
from core.rules.words import Term, asked_words
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.cases import MON, TO_CLOSED, advanced, draft, logged
from tests.register.log import old_register


def found(register: Register, *terms: str) -> list[int]:
    """Ids of the complaints that have every one of these terms."""
    with register.read() as session:
        return search_index.newest(session, [Term(term) for term in terms], 100)


def checked(register: Register) -> list[str]:
    with register.read() as session:
        return [template.format(id=key) for template, key in search_index.check_index(session)]


def test_every_text_of_a_case_is_found_and_its_department(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast)
    for step, fields, _when, _state in TO_CLOSED:
        for name in ("text", "lesson"):
            typed = str(fields.get(name, ""))
            words = [term.text for term in asked_words(typed)]
            assert not words or found(register, *words) == [complaint.id], (step, typed)
    assert found(register, "_dpayment", "stars") == [complaint.id]
    assert found(register, "_dcontent") == []
    assert checked(register) == []


def test_a_step_that_fails_leaves_the_index_as_it_was(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with suppress(ZeroDivisionError), register.write() as session:
        complaints.take(session, complaint.code, "note", {"text": "Khủng long"}, Act(cast.agent, MON))
        raise ZeroDivisionError
    assert found(register, "khung") == []
    assert checked(register) == []


def test_whole_histories_are_indexed_too(register: Register) -> None:
    note = PastStep("note", MON + timedelta(hours=1), {"text": "Khủng long"})
    with register.write() as session:
        histories = [(draft(), (note,)), (draft(statement="Con mèo"), ())]
        complaints.write_histories(session, histories, Act(None, MON + timedelta(hours=2)))
    assert (found(register, "khung", "long"), found(register, "meo")) == ([1], [2])
    assert checked(register) == []


def test_a_detail_learnt_later_finds_the_earlier_complaints_of_the_customer(register: Register, cast: Cast) -> None:
    first = logged(register, cast, customer=CustomerDraft(phone="0912 345 678"))
    assert found(register, "thuydang") == []
    second = logged(register, cast, customer=CustomerDraft(phone="0912 345 678", account="thuydang", name="Thuý"))
    assert found(register, "thuydang") == [second.id, first.id]
    assert found(register, "_cthuydang", "thuy") == [second.id, first.id]
    assert checked(register) == []


@pytest.mark.parametrize("through_customers", [False, True], ids=["by their ids", "by their customers"])
def test_more_complaints_than_one_statement_takes_are_indexed(
    sqlite_register: Register, monkeypatch: pytest.MonkeyPatch, through_customers: bool
) -> None:
    many = 90
    customers = [CustomerDraft(phone=f"0912{n:06d}") for n in range(many)]
    for half in (customers[:40], customers[40:]):  # a statement of the size tried below would be prepared already
        with sqlite_register.write() as session:
            complaints.write_histories(session, [(draft(customer=one), ()) for one in half], Act(None, MON))
    monkeypatch.setattr(search_index, "AT_ONCE", 20)
    with sqlite_register.write() as session:
        session.execute(delete(SearchText))
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        before = driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 50)
        try:
            transaction.of(session).changed_customers |= set(range(1, many + 1)) if through_customers else set()
            search_index.renew(session, [1, 1, 2] if through_customers else range(1, many + 1))
        finally:
            driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)
    assert checked(sqlite_register) == []


def test_a_complaint_without_customer_or_words_has_its_row(register: Register, cast: Cast) -> None:
    logged(register, cast, customer=CustomerDraft(), statement="…!", details={})
    assert checked(register) == []
    with register.read() as session:
        (words,) = session.scalars(select(SearchText.words))
    assert [word for word in words.split() if not word.startswith(search_index.BLOCK)] == []


SPOILT: list[tuple[str, Callable[[], object], str]] = [
    # why, what is done past the register, what is said
    ("a row is gone", lambda: delete(SearchText), "is not in it"),
    ("other words", lambda: update(SearchText).values(words="meo"), "other words"),
    ("a text was added past the register", lambda: update(Evidence).values(body="Khủng long"), "other words"),
    ("a customer was changed past it", lambda: update(Customer).values(name="Mèo"), "other words"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "spoil", "says"), SPOILT, ids=[row[0] for row in SPOILT])
def test_what_is_missing_or_wrong_is_said(
    register: Register, cast: Cast, why: str, spoil: Callable[[], object], says: str
) -> None:
    complaint = logged(register, cast)
    with register.write() as session:
        session.execute(spoil())  # type: ignore[call-overload]
    (problem,) = checked(register)
    assert says in problem, why
    assert str(complaint.id) in problem
    assert problem in verify(register).problems, "verify says it as well"


def test_a_full_text_table_that_lost_its_triggers_is_found_out(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER search_texts_insert"))
    logged(sqlite_register, sqlite_cast)
    assert checked(sqlite_register) == ["search index: complaint 1 is not in the full-text table"]


def test_an_erasure_leaves_no_word_behind(register: Register, cast: Cast) -> None:
    kept = logged(register, cast)
    erased = logged(register, cast, statement="Khủng qqwq", customer=CustomerDraft(name="Mèo vvxv"))
    assert found(register, "qqwq", "vvxv") == [erased.id]
    before = index_pages(register)
    with register.write() as session:
        search_index.forget(session, [erased.id])
    assert (found(register, "qqwq"), found(register, "vvxv")) == ([], [])
    assert kept.id in found(register, "stars")
    if register.is_sqlite:
        after = index_pages(register)
        for word in (b"qqwq", b"vvxv"):
            assert word in before and word not in after


def index_pages(register: Register) -> bytes:
    """What SQLite keeps of the words, as it stands in the file; empty on PostgreSQL."""
    if not register.is_sqlite:
        return b""
    with register.engine.connect() as connection:
        return b"".join(connection.scalars(text("SELECT block FROM search_index_data")))


def test_terms_are_found_whole_or_from_their_beginning(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, statement="Khoá Stars, khongtuongtuongduoc")
    with register.read() as session:
        for term, hits in (
            (Term("khoa"), [complaint.id]),
            (Term("khoa", begins=True), [complaint.id]),
            (Term("star"), []),
            (Term("star", begins=True), [complaint.id]),
            (Term("stars", begins=True), [complaint.id]),
            (Term("starss", begins=True), []),
            (Term("khongtuong", begins=True), [complaint.id]),
            (Term("_p876543", begins=True), [complaint.id]),
            (Term("_p976543", begins=True), []),
        ):
            assert search_index.newest(session, [term], 10) == hits, term
        assert search_index.newest(session, [], 10) == []


def test_the_newest_come_first_and_only_so_many(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "SHIFTS", (1, 2))  # PostgreSQL looks through blocks of 2 and 4 ids, then the rest
    with register.write() as session:
        many = [(draft(statement="Con mèo" if n % 4 == 1 else "Con chó"), ()) for n in range(1, 21)]
        complaints.write_histories(session, many, Act(None, MON))
    with register.read() as session:
        assert search_index.newest(session, [Term("meo")], 10) == [17, 13, 9, 5, 1]
        assert search_index.newest(session, [Term("meo")], 2) == [17, 13]
        assert search_index.newest(session, [Term("con"), Term("cho")], 3) == [20, 19, 18]


@pytest.mark.parametrize("newest_id", [1, 2047, 2048, 9_999, 131_072, 1_000_000, 12_345_678])
def test_the_stretches_hold_every_id_once_and_the_newest_first(newest_id: int) -> None:
    spans, high = [], newest_id
    for blocks, first in search_index._stretches(newest_id):
        assert first == high
        for name in blocks:
            level, block = int(name[2]), int(name[3:])
            shift = search_index.SHIFTS[level]
            assert name in search_index._blocks(high), "the next block is the one of the next id"
            spans.append(high - (block << shift) + 1)
            high = (block << shift) - 1
        if not blocks:
            high = 0
        assert len(blocks) <= 4
    assert high <= 0
    assert max(spans[:1]) <= 2048


def test_a_register_of_the_first_version_gets_its_index(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "AT_ONCE", 2)  # more than one batch
    old_register.write(empty_database_url)
    tables = old_register.contents()["tables"]
    register = open_up(empty_database_url, tmp_path, organisation="pops", now=MONDAY)
    assert checked(register) == []
    with register.read() as session:
        rows = session.scalars(select(SearchText.complaint_id).order_by(SearchText.complaint_id)).all()
        everything = session.scalars(select(SearchText.words)).all()
    assert list(rows) == sorted(row["id"] for row in tables["complaints"])
    for row in tables["evidence"]:
        if row["body"]:
            assert row["complaint_id"] in found(register, *(term.text for term in asked_words(row["body"])))
    with_phone = {row["id"] for row in tables["customers"] if row["phone"]}
    assert json.dumps(everything).count("_p") == sum(row["customer_id"] in with_phone for row in tables["complaints"])
    register.engine.dispose()


def test_what_makes_it_fast_is_there(register: Register) -> None:
    with register.engine.connect() as connection:
        found = inspect(connection)
        if register.is_sqlite:
            triggers = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            assert {"search_texts_insert", "search_texts_delete", "search_texts_update"} <= set(triggers)
        else:
            assert "ix_search_texts_words" in {index["name"] for index in found.get_indexes("search_texts")}


def test_sqlite_without_full_text_search_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.register.log.migrations import versions

    file = next(iter(Path(versions.__path__[0]).glob("*search_index.py")))
    folder = _copy(file.parent.parent, tmp_path)
    source = file.read_text(encoding="utf-8").replace("USING fts5", "USING fts_missing")
    (folder / "versions" / file.name).write_text(source, encoding="utf-8")
    monkeypatch.setattr("core.register.log.database.MIGRATIONS", folder)
    with pytest.raises(NotReady, match="FTS5"):
        migrate(f"sqlite:///{tmp_path / 'complaints.db'}")
    engine = create_engine(f"sqlite:///{tmp_path / 'complaints.db'}")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}, "all or nothing"
    engine.dispose()


def _copy(folder: Path, target: Path) -> Path:
    import shutil

    return Path(shutil.copytree(folder, target / "migrations"))


def test_no_act_reads_whole_tables_for_the_words_of_one_complaint(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        for wanted in (search_index._COMPLAINTS, search_index._TEXTS, search_index._VALUES, search_index._DEPARTMENTS):
            asked = str(wanted.compile(dialect=sqlite_register.engine.dialect))
            plan = session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {asked}", ("[1]", "", "")[: asked.count("?")]
            )
            assert not [row.detail for row in plan if row.detail.startswith("SCAN") and "json_each" not in row.detail]
