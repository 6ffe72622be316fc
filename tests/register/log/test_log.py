"""The event log refuses change, and what is changed behind its back is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.register.case.evidence import text_row
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.seal import Subject
from core.register.log.tables import Complaint, Customer, Evidence, Person
from core.register.log.verify import verify
from tests.conftest import Cast, people_of
from tests.engines import STAFFED, Beginning
from tests.files import PNG
from tests.register.cases import MON, advanced, logged, take

BEHIND_THE_BACK = {
    "sqlite": ["DROP TRIGGER events_refuse_UPDATE", "DROP TRIGGER events_refuse_DELETE"],
    "postgresql": ["ALTER TABLE events DISABLE TRIGGER USER"],
}


def unguarded(session: Session) -> None:
    """What somebody with full rights on the database could do first."""
    for statement in BEHIND_THE_BACK[session.get_bind().dialect.name]:
        session.execute(text(statement))


CLOSED = Beginning("a closed complaint", lambda register: advanced(register, people_of(register)), STAFFED)


@pytest.fixture
def beginning(request: pytest.FixtureRequest, beginning: Beginning) -> Beginning:
    return CLOSED if "closed" in request.fixturenames else beginning


@pytest.fixture
def closed(register: Register) -> Register:
    """The register with a closed complaint."""
    return register


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET kind = 'noted' WHERE id = 1",
        "DELETE FROM events WHERE id = 1",
        "INSERT INTO events SELECT * FROM events WHERE id = 1",
    ],
)
def test_the_database_refuses_to_change_the_log(register: Register, cast: Cast, statement: str) -> None:
    logged(register, cast)
    with pytest.raises(DBAPIError), register.write() as session:
        session.execute(text(statement))
    assert verify(register).is_whole


def test_sqlite_refuses_to_replace_an_event(sqlite_register: Register, sqlite_cast: Cast) -> None:
    logged(sqlite_register, sqlite_cast)
    with pytest.raises(DBAPIError, match="append-only"), sqlite_register.write() as session:
        session.execute(text("INSERT OR REPLACE INTO events SELECT * FROM events WHERE id = 1"))


def _change_kind(session: Session) -> None:
    unguarded(session)
    session.execute(text("UPDATE events SET kind = 'noted' WHERE kind = 'classified'"))


def _drop_event(session: Session) -> None:
    unguarded(session)
    session.execute(text("DELETE FROM events WHERE kind = 'classified'"))


def _drop_last_event(session: Session) -> None:
    unguarded(session)
    session.execute(text("DELETE FROM events WHERE id = (SELECT max(id) FROM events)"))


def _reseal_one(session: Session) -> None:
    """Forge a payload and its own seal, but not the seals that follow."""
    unguarded(session)
    row = session.execute(text("SELECT * FROM events WHERE kind = 'acknowledged'")).mappings().one()
    forged = row["payload"].replace("hotline", "email")
    session.execute(
        text("UPDATE events SET payload = :p, hash = :h WHERE id = :id"), {"p": forged, "h": bytes(32), "id": row["id"]}
    )


def _move_projection(session: Session) -> None:
    session.execute(text("UPDATE complaints SET root_cause = 'gateway_fault'"))


def _move_clock(session: Session) -> None:
    session.execute(text("DELETE FROM sla_cycles WHERE term = 'resolve'"))


def _lose_complaint(session: Session) -> None:
    for table in ("details", "evidence", "issues", "requests", "sla_cycles", "search_texts", "notices"):
        session.execute(text(f"DELETE FROM {table}"))
    session.execute(text("DELETE FROM complaints"))


def _rewrite_statement(session: Session) -> None:
    session.execute(text("UPDATE evidence SET body = 'Khách rất hài lòng' WHERE kind = 'statement'"))


def _forge_statement(session: Session) -> None:
    """Another text with the digest that fits it, as somebody does who knows the table."""
    forged = text_row(session, 1, 1, "statement", "Khách rất hài lòng", MON)
    session.execute(
        text("UPDATE evidence SET body = :body, salt = :salt, digest = :digest WHERE kind = 'statement'"),
        {name: forged[name] for name in ("body", "salt", "digest")},
    )


def _lose_answer(session: Session) -> None:
    session.execute(text("DELETE FROM evidence WHERE kind = 'answer'"))


def _slip_in_a_paper(session: Session) -> None:
    session.execute(insert(Evidence).values(text_row(session, 99, 1, "note", "Chưa từng có", MON)))


def _rewrite_calendar(session: Session) -> None:
    session.execute(text("UPDATE calendar_versions SET content = replace(content, '2026-11-24', '2026-11-25')"))


def _rewrite_procedure(session: Session) -> None:
    session.execute(text("UPDATE procedure_versions SET content = content || '# ' WHERE key = 'pops'"))


def _lose_procedure(session: Session) -> None:
    session.execute(text("DELETE FROM procedure_versions WHERE key = 'vhv'"))


def _weaken_guard(session: Session) -> None:
    """A guard of the same name that refuses nothing."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TRIGGER events_refuse_DELETE"))
        never = "WHEN 1 = 0 BEGIN SELECT RAISE(ABORT, ''); END"
        session.execute(text(f"CREATE TRIGGER events_refuse_DELETE BEFORE DELETE ON events {never}"))
    else:
        nothing = "CREATE OR REPLACE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        session.execute(text(f"{nothing} $$ BEGIN RETURN OLD; END $$"))


def _raise_oneself(session: Session) -> None:
    session.execute(text("UPDATE people SET role = 'admin' WHERE login = 'agent'"))


def _change_department(session: Session) -> None:
    session.execute(text("UPDATE people SET department = 'tech' WHERE login = 'handler'"))


def _close_an_account(session: Session) -> None:
    session.execute(text("UPDATE people SET active = false WHERE login = 'lead'"))


def _slip_in_a_person(session: Session) -> None:
    session.add(Person(login="ghost", name="Ma", role="admin", language="vi", active=True, created_at=MON))


def _lose_a_person(session: Session) -> None:
    session.execute(text("DELETE FROM people WHERE login = 'analyst'"))


def _rewrite_customer(session: Session) -> None:
    session.execute(text("UPDATE customers SET phone = '0912 345 679'"))


def _empty_customer(session: Session) -> None:
    """What is erased without the event that says so is lost."""
    session.execute(text("UPDATE customers SET name = NULL, phone = NULL, salt = NULL"))


def _slip_in_a_customer(session: Session) -> None:
    session.add(Customer(id=99, name="Không có", salt=b"s", created_at=MON))


def _lose_customer(session: Session) -> None:
    session.execute(text("UPDATE complaints SET customer_id = NULL"))
    session.execute(text("DELETE FROM customers"))


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (unguarded, "trigger events_refuse_"),
        (_weaken_guard, "trigger events_refuse_"),
        (_raise_oneself, "person 1.role: register says admin, log says agent"),
        (_change_department, "person 4.department: register says tech, log says payment"),
        (_close_an_account, "person 3.active"),
        (_slip_in_a_person, "is in the register but not in the log"),
        (_lose_a_person, "person 6: is in the log but not in the register"),
        (_rewrite_customer, "customer 1: details are not the ones the log attests"),
        (_empty_customer, "customer 1: details are not the ones the log attests"),
        (_slip_in_a_customer, "customer 99: is in the register but not in the log"),
        (_lose_customer, "customer 1: is in the log but not in the register"),
        (_rewrite_calendar, "calendar  version 1"),
        (_rewrite_procedure, "procedure pops version 1"),
        (_lose_procedure, "procedure vhv version 1"),
        (_change_kind, "was changed after it was written"),
        (_drop_event, "missing, the log goes on"),
        (_drop_last_event, "register says"),
        (_reseal_one, "does not follow the one before it"),
        (_move_projection, "root_cause"),
        (_move_clock, "clock resolve 1"),
        (_lose_complaint, "not in the register"),
        (_rewrite_statement, "content is missing or was changed"),
        (_forge_statement, "is not the one the log attests"),
        (_lose_answer, "is in the log but not in the register"),
        (_slip_in_a_paper, "is not the one the log attests"),
    ],
)
def test_what_is_changed_behind_its_back_is_found(
    closed: Register, tamper: Callable[[Session], None], says: str
) -> None:
    assert verify(closed).is_whole
    with closed.write() as session:
        tamper(session)
    report = verify(closed)
    assert not report.is_whole
    assert any(says in problem for problem in report.problems), report.problems


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'person'",
        "subject_id = subject_id + 1000",
        "seq = seq + 1000",
        "kind = 'noted'",
        "happened_at = logged_at",
        "logged_at = happened_at",
        "actor_id = 999",
        "payload = replace(payload, 'hotline', 'email')",
    ],
)
def test_every_word_of_an_event_is_sealed(register: Register, cast: Cast, change: str) -> None:
    complaint = logged(register, cast)
    take(register, "acknowledge", complaint, cast.agent, MON + timedelta(hours=2), happened_at=MON + timedelta(hours=1))
    with register.write() as session:
        unguarded(session)
        session.execute(text(f"UPDATE events SET {change} WHERE kind = 'acknowledged'"))
    assert any("was changed after it was written" in problem for problem in verify(register).problems), change


def test_a_failed_step_leaves_neither_event_nor_row(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    before = verify(register)
    with pytest.raises(ZeroDivisionError), register.write() as session:
        _change_and_fail(session, complaint.id)
    assert verify(register).seal == before.seal


def _change_and_fail(session: Session, complaint_id: int) -> None:
    session.get_one(Complaint, complaint_id).category = "other"
    session.flush()
    seal.append(session, Subject("register", 0), "noted", {}, Act(None, MON).stamp)
    raise ZeroDivisionError


def test_payloads_have_one_text() -> None:
    assert seal.canonical({"b": 1, "a": "đ"}) == '{"a":"đ","b":1}'


def test_a_file_changed_on_disk_is_found(register: Register, cast: Cast) -> None:
    from io import BytesIO

    from core.register.case import complaints
    from core.register.case.evidence import FileDraft

    complaint = logged(register, cast)
    with register.write() as session:
        complaints.take(
            session,
            complaint.code,
            "add_evidence",
            {"files": (FileDraft("màn hình.png", BytesIO(PNG)),)},
            Act(cast.agent, MON),
        )
    with register.read() as session:
        paper = session.query(Evidence).filter_by(kind="file").one()
    assert paper.file_name == "màn hình.png" and paper.size == len(PNG)
    assert verify(register).is_whole
    (register.evidence_dir / str(paper.stored_as)).write_bytes(b"khac")
    assert any("evidence" in problem for problem in verify(register).problems)
