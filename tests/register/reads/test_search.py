"""Finding a complaint again: by code, by contact, by words, and only what the person may see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.reads import search
from core.rules.policy import Actor
from tests.conftest import Cast
from tests.engines import MONDAY

AN = CustomerDraft(name="Đặng Thị Ân", phone="0912 345 678", email="an@thu.vn", account="an_pops")
BE = CustomerDraft(name="Lê Bé", phone="0987 654 321")


@pytest.fixture
def filled(register: Register) -> Register:
    """1 and 2 are An's, 3 is Be's; 2 was forwarded to Payments."""
    ack, kind = PastStep("acknowledge", MONDAY), PastStep("classify", MONDAY, {"kind": "complaint"})
    asked = StepFields(department="payment", text="Kiểm tra", due_at=MONDAY + timedelta(days=1))
    histories = [
        (Draft("hotline", MONDAY - timedelta(days=3), "Không đăng nhập được bằng Facebook", "login", customer=AN), ()),
        (
            Draft("email", MONDAY - timedelta(days=2), "Nạp 200 Stars bị trừ tiền", "payment", customer=AN),
            (ack, kind, PastStep("forward", MONDAY, asked)),
        ),
        (Draft("web", MONDAY - timedelta(days=1), "Video giật, 100% hỏng_rồi", "app_error", customer=BE), ()),
    ]
    with register.write() as session:
        complaints.write_histories(session, histories, Act(None, MONDAY))
    return register


def found(register: Register, text: str, by: Actor) -> str:
    with register.read() as session:
        hits = search.find(session, text, by=by).hits
    return " ".join(f"{int(hit.code[-6:])}:{hit.found_by}" for hit in hits)


@pytest.mark.parametrize(
    ("typed", "wanted", "why"),
    [
        ("KN-2026-000002", "2:code", "as it is written"),
        ("kn-2026-2", "2:code", "without the zeros"),
        (" KN2026000002 ", "2:code", "without the dashes"),
        ("2026-3", "3:code", "year and number"),
        ("3", "3:code", "the number alone means this year or the last"),
        ("KN-2025-000002", "", "another year is another complaint"),
        ("0912345678", "2:contact 1:contact", "a phone number, newest complaint first"),
        ("+84 912.345.678", "2:contact 1:contact", "the same number typed abroad"),
        ("AN@THU.VN", "2:contact 1:contact", "an address in capitals"),
        ("an_pops", "2:contact 1:contact", "the login account"),
        ("0911111111", "", "nobody's number"),
        ("dang nhap", "1:words", "accents are optional, and so is đ"),
        ("ĐĂNG NHẬP", "1:words", "capitals too"),
        ("tru stars", "2:words", "both words, wherever they stand"),
        ("tru video", "", "not each from another text"),
        ("dang thi an", "2:words 1:words", "the customer's name"),
        ("100%", "3:words", "a sign of LIKE is a letter here"),
        ("hỏng_rồi", "3:words", "so is the underscore"),
        ("zzz", "", "nothing"),
        ("a", "", "one letter is no question"),
        ("   ", "", "neither is nothing"),
    ],
)
def test_what_is_typed_finds(filled: Register, cast: Cast, typed: str, wanted: str, why: str) -> None:
    assert found(filled, typed, cast.agent) == wanted, why


@pytest.mark.parametrize(
    ("role", "typed", "wanted", "why"),
    [
        ("handler", "2", "2:code", "forwarded to the department"),
        ("handler", "1", "", "not theirs, so not there"),
        ("handler", "0912345678", "2:contact", "of two complaints the department sees its own"),
        ("handler", "dang nhap", "", "words of a complaint that is not theirs"),
        ("manager", "KN-2026-000001", "1:code", "a code is no personal data"),
        ("manager", "0912345678", "", "a number found would tell that this person complained"),
        ("manager", "dang nhap", "", "texts are hidden from this role"),
        ("analyst", "Đặng Thị Ân", "", "names too"),
        ("admin", "an@thu.vn", "", "an administrator runs the register, not the cases"),
    ],
)
def test_a_role_finds_only_what_it_may_see(
    filled: Register, cast: Cast, role: str, typed: str, wanted: str, why: str
) -> None:
    assert found(filled, typed, getattr(cast, role)) == wanted, why


def test_a_hit_shows_the_text_only_to_those_who_may_read_it(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        read = search.find(session, "1", by=cast.lead).hits[0]
        hidden = search.find(session, "1", by=cast.manager).hits[0]
    assert read.snippet == "Không đăng nhập được bằng Facebook"
    assert (hidden.code, hidden.snippet) == (read.code, "")


def test_more_than_the_limit_is_said(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        one = search.find(session, "0912345678", by=cast.agent, limit=1)
        both = search.find(session, "0912345678", by=cast.agent, limit=2)
        by_words = search.find(session, "dang thi an", by=cast.agent, limit=1)
    assert (len(one.hits), one.more) == (1, True)
    assert (len(by_words.hits), by_words.more) == (1, True)
    assert (len(both.hits), both.more, both.read) == (2, False, 0)


def test_words_are_looked_for_in_the_newest_and_in_older_open_ones(
    filled: Register, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "NEWEST", 1)
    assert found(filled, "dang nhap", cast.agent) == "1:words", "old but open"
    with filled.write() as session:
        complaints.take(session, "KN-2026-000001", "withdraw", {"text": "Khách rút"}, Act(cast.agent, MONDAY))
    assert found(filled, "dang nhap", cast.agent) == "", "old and closed: until texts have an index, the screen says so"
