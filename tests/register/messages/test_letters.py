"""A message in words (D42): in the reader's language, with links that open the case, nothing that people wrote."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Message, Person
from core.register.messages import letters, outbox
from core.register.messages.letters import Letter
from core.register.messages.outbox import DIGEST, NOTICE, TRY, Line, New
from core.register.people import accounts
from core.rules.messages import FILE, LINES
from core.rules.notices import NOTICES
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.cases import logged
from tests.register.messages.sent import SITE, everything, use

CODE = "KN-2026-000001"


def line(kind: str = "forwarded", code: str = CODE) -> Line:
    return Line(kind=kind, code=code, category="payment", due="2026-11-18T10:30:00+00:00", cause="event:1")


def letter(register: Register, person: Person | None, kind: str, lines: list[Line]) -> Letter:
    """The message as that person gets it."""
    with register.write() as session:
        id = person.id if person else None
        new = New(1, outbox.reader_of(id) if id else outbox.EVERYBODY, id, f"event:{len(lines)}", kind, lines)
        outbox.put(session, new, due_at=MONDAY, now=MONDAY)
    message = everything(register)[-1]
    with register.read() as session:
        return letters.compose(session, message, SITE)


@pytest.fixture
def register(sqlite_register: Register, sqlite_cast: Cast) -> Register:
    use(sqlite_register, sqlite_cast.admin, FILE)
    logged(sqlite_register, sqlite_cast)
    return sqlite_register


def test_one_notice_names_the_case_and_when_it_is_due(register: Register, sqlite_cast: Cast) -> None:
    got = letter(register, sqlite_cast.handler, NOTICE, [line()])
    assert got.subject == f"[{CODE}] Phòng ban của bạn được hỏi"
    assert f"{CODE} · Thanh toán" in got.text
    assert "hạn 17:30 thứ Tư 18/11/2026" in got.text
    assert f"{SITE}/complaint?code={CODE}" in got.text
    assert f'href="{SITE}/complaint?code={CODE}"' in got.html
    assert f"{SITE}/account" in got.text
    assert not re.search(r"Thử|Khách|0912|Stars, đã", got.text + got.html + got.subject), "no names, no texts"


def test_a_reader_of_english_gets_english(register: Register, sqlite_cast: Cast) -> None:
    with register.write() as session:
        accounts.set_language(session, "en", Act(sqlite_cast.handler, MONDAY))
    got = letter(register, sqlite_cast.handler, NOTICE, [line()])
    assert got.subject == f"[{CODE}] Your department is asked"
    assert 'lang="en"' in got.html


def test_the_day_counts_its_lines(register: Register, sqlite_cast: Cast) -> None:
    lines = [line("due_today"), line("due_today", "KN-2026-000002"), line("answered"), Line(kind="approvals", n=3)]
    got = letter(register, sqlite_cast.manager, DIGEST, [*lines, Line(kind="week", week="2026-W46")])
    assert got.subject == (
        "Việc trong ngày 16/11/2026: Đến hạn hôm nay (2) · Phòng ban đã trả lời (1) · 3 phân tích chờ duyệt"
        " · Họp tuần 2026-W46"
    )
    assert f"{SITE}/meeting?week=2026-W46" in got.text
    assert f"{SITE}/prevention" in got.text


def test_what_is_too_long_ends_in_a_number(register: Register, sqlite_cast: Cast) -> None:
    lines = [line("forwarded", f"KN-2026-{n:06d}") for n in range(1, LINES + 11)]
    got = letter(register, sqlite_cast.handler, NOTICE, lines)
    assert got.subject == f"{LINES + 10} hồ sơ: Phòng ban của bạn được hỏi ({LINES + 10})"
    assert got.text.count("/complaint?code=") == LINES
    assert "và 10 việc khác" in got.text


def test_a_room_gets_data_without_a_cause_and_no_account(register: Register) -> None:
    got = letter(register, None, NOTICE, [line()])
    assert (got.to, len(got.lines)) == ("", 1)
    assert json.loads(json.dumps(got.lines))[0] == {
        "kind": "forwarded",
        "code": CODE,
        "category": "payment",
        "due": "2026-11-18T10:30:00+00:00",
        "text": "Phòng ban của bạn được hỏi",
        "link": f"{SITE}/complaint?code={CODE}",
    }
    assert "/account" not in got.text


def test_names_of_lists_are_shown_letter_by_letter(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "name_of", lambda _names, _key: "<script>alert(1)</script>")
    got = letter(register, sqlite_cast.handler, NOTICE, [line()])
    assert "<script>" not in got.html
    assert "&lt;script&gt;" in got.html


@pytest.mark.parametrize("kind", NOTICES)
def test_every_kind_has_its_words(register: Register, sqlite_cast: Cast, kind: str) -> None:
    got = letter(register, sqlite_cast.agent, NOTICE, [line(kind)])
    assert re.fullmatch(r"\[KN-2026-000001\] \S.*", got.subject)


def test_the_id_of_a_message_stays(register: Register, sqlite_cast: Cast) -> None:
    first = letter(register, sqlite_cast.agent, TRY, [])
    message = everything(register)[-1]
    assert letters.message_id(message) == first.id
    other = Message(outlet_id=1, reader=message.reader, cause=message.cause, written_at=MONDAY + timedelta(seconds=1))
    assert letters.message_id(other) != first.id
