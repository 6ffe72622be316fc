"""Lessons: the last one that was said at closing, found by its own words, seen by whoever sees its complaint."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Person
from core.register.log.verify import verify
from core.register.reads import lessons
from core.register.reads.lessons import Lessons
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.local_time import at
from tests.register.cases import advanced, logged, take
from tests.register.log import old_register

FIRST, SECOND = "Đối soát hằng giờ", "Báo trước khi bảo trì cổng thanh toán"
LATER = at("2026-11-19 09:10")


def found(register: Register, by: Person, typed: str = "", rows: range = range(25), **narrowed: str) -> Lessons:
    with register.read() as session:
        return lessons.find(session, typed, by=by, rows=rows, **narrowed)


def texts(found: Lessons) -> list[str]:
    return [one.text.text for one in found.rows]


def lessons_of(session: Session) -> dict[int, int | None]:
    return {one.id: one.lesson_id for one in session.scalars(select(Complaint))}


def again(register: Register, complaint: Complaint, cast: Cast, when: datetime, lesson: str) -> None:
    """Opened again, told and closed with that lesson."""
    take(register, "reopen", complaint, cast.lead, when, text="Khách gọi lại")
    take(register, "notify_result", complaint, cast.agent, when, text="Đã xem lại")
    take(register, "close", complaint, cast.agent, when, outcome="upheld", root_cause="unknown", lesson=lesson)


def test_the_newest_is_first_with_its_category_and_cause(register: Register, cast: Cast) -> None:
    first, second = advanced(register, cast), advanced(register, cast)
    again(register, first, cast, LATER, lesson=SECOND)
    its = found(register, cast.agent)
    assert (texts(its), its.total, its.more) == ([SECOND, FIRST], 2, False)
    newest = its.rows[0]
    assert (newest.code, newest.category, newest.closed_at) == (first.code, "payment", LATER)
    assert found(register, cast.agent, rows=range(1, 2)).rows == (its.rows[1],)
    assert its.rows[1].code == second.code


HOW = [
    ("doi soat", [FIRST], "accents are not needed"),
    ("soát giờ", [FIRST], "words anywhere in it"),
    ("bao tri", [SECOND], "another one"),
    ("thanh toán", [SECOND], "not where only the customer's own words say it"),
    ("đối trì", [], "all words in one lesson"),
    ("hang", [FIRST], "a short word is whole"),
    ("trư", [], "too short for a beginning"),
    ("bảo tr", [], "so is this one"),
]


@pytest.mark.parametrize(("typed", "wanted", "why"), HOW, ids=[row[0] for row in HOW])
def test_words_find_the_lessons_that_say_them(
    register: Register, cast: Cast, typed: str, wanted: list[str], why: str
) -> None:
    again(register, advanced(register, cast), cast, LATER, lesson=SECOND)
    advanced(register, cast)
    assert texts(found(register, cast.agent, typed)) == wanted, why


def test_many_complaints_that_say_a_word_do_not_hide_a_lesson(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index is asked for more until the lessons are enough."""
    monkeypatch.setattr(lessons, "LISTED", 1)
    advanced(sqlite_register, sqlite_cast)
    with sqlite_register.write() as session:
        for number in range(20):
            draft = Draft("web", LATER, f"Đối soát sai lần {number}", "payment")
            complaints.log(session, draft, Act(sqlite_cast.agent, LATER))
    assert texts(found(sqlite_register, sqlite_cast.agent, "đối soát")) == [FIRST]


def test_a_category_and_a_cause_narrow_the_list(register: Register, cast: Cast) -> None:
    advanced(register, cast)
    assert found(register, cast.agent, category="payment", cause="late_reconciliation").total == 1
    assert found(register, cast.agent, category="login").total == 0
    assert found(register, cast.agent, "đối", cause="unknown").total == 0


def undone(register: Register, complaint: Complaint, cast: Cast) -> None:
    take(register, "undo", complaint, cast.agent, LATER + timedelta(minutes=1))


def without_a_lesson(register: Register, complaint: Complaint, cast: Cast) -> None:
    again(register, complaint, cast, LATER + timedelta(hours=1), lesson="")


WHAT_FOLLOWS: list[tuple[Callable[[Register, Complaint, Cast], None], str, str]] = [
    (undone, FIRST, "a closing that was undone taught nothing"),
    (without_a_lesson, SECOND, "a closing without a lesson leaves the last one"),
]


@pytest.mark.parametrize(("follows", "wanted", "why"), WHAT_FOLLOWS, ids=[row[2] for row in WHAT_FOLLOWS])
def test_what_follows_a_closing(
    register: Register, cast: Cast, follows: Callable[[Register, Complaint, Cast], None], wanted: str, why: str
) -> None:
    complaint = advanced(register, cast)
    again(register, complaint, cast, LATER, lesson=SECOND)
    follows(register, complaint, cast)
    assert texts(found(register, cast.agent)) == [wanted], why
    assert verify(register).is_whole


def test_who_does_not_see_the_complaint_or_reads_no_texts_finds_nothing(register: Register, cast: Cast) -> None:
    advanced(register, cast)
    logged_elsewhere = logged(register, cast)
    assert logged_elsewhere.lesson_id is None
    assert found(register, cast.handler).total == 1, "Payments was asked"
    with register.write() as session:
        session.get_one(Person, cast.handler.id).department = "engineering"
    with register.read() as session:
        other = session.get_one(Person, cast.handler.id)
    assert found(register, other).total == found(register, other, "đối soát").total == 0
    for person in (cast.manager, cast.analyst, cast.admin, cast.reporter):
        assert found(register, person).total == found(register, person, "đối soát").total == 0


def test_a_register_of_the_version_before_brings_its_lessons(register: Register, cast: Cast) -> None:
    complaint, other = advanced(register, cast), advanced(register, cast)
    again(register, complaint, cast, LATER, lesson=SECOND)
    undone(register, complaint, cast)
    logged(register, cast)
    with register.read() as session:
        before = lessons_of(session)
    with register.write() as session:
        old_register.back_to(session, "0018")
    migrated = open_up(register.url, register.evidence_dir, now=MONDAY)
    with migrated.read() as session:
        after = lessons_of(session)
    assert after == before
    assert after[other.id] and texts(found(migrated, cast.agent)) == [FIRST, FIRST]
    assert verify(migrated).is_whole
    migrated.engine.dispose()
