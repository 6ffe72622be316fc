"""Finding a complaint again: by code, by contact, by words, and only what the person may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Request
from core.register.reads import search
from core.rules.policy import Actor
from tests.conftest import Cast
from tests.engines import MONDAY, STAFFED, Beginning

AN = CustomerDraft(name="Đặng Thị Ân", phone="0912 345 678", email="an@thu.vn", account="an_pops")
BE = CustomerDraft(name="Lê Bé", phone="0987 654 321")


def fill(register: Register) -> None:
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


THREE = Beginning("three complaints", fill, STAFFED)


@pytest.fixture
def beginning(request: pytest.FixtureRequest, beginning: Beginning) -> Beginning:
    return THREE if "filled" in request.fixturenames else beginning


@pytest.fixture
def filled(register: Register) -> Register:
    """The register with what ``fill`` wrote."""
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
        ("KN 2026 000003", "3:code", "with blanks, as it is read out"),
        ("kn2026000003.", "3:code", "the full stop of a sentence"),
        ("KN–2026–000003", "3:code", "the dashes that Word makes of them"),
        ("2026000003", "3:code", "copied without letters and dashes"),
        ("2026/3", "3:code", "with a slash"),
        ("#3", "3:code", "with a number sign"),
        ("kn 3", "3:code", "letters and number"),
        ("3", "3:code", "the number alone means this year or the last"),
        ("KN-2025-000002", "", "another year is another complaint"),
        ("0912345678", "2:contact 1:contact", "a phone number, newest complaint first"),
        ("+84 912.345.678", "2:contact 1:contact", "the same number typed abroad"),
        ("AN@THU.VN", "2:contact 1:contact", "an address in capitals"),
        ("an_pops", "2:contact 1:contact", "the login account"),
        ("912345678", "2:contact 1:contact", "the number without its 0"),
        ("345678", "2:contact 1:contact", "its last six digits"),
        ("5.678", "", "fewer digits would be half the register"),
        ("345 67", "", "not digits from its middle"),
        ("an@", "2:contact 1:contact", "the part of the address before the @"),
        ("an@thu", "2:contact 1:contact", "an address half typed"),
        ("an@other.vn", "", "a whole address is that address"),
        ("an_po", "2:contact 1:contact", "an account half typed"),
        ("AnPops", "2:contact 1:contact", "an account without its underscore"),
        ("0911111111", "", "nobody's number"),
        ("dang nhap", "1:words", "accents are optional, and so is đ"),
        ("ĐĂNG NHẬP", "1:words", "capitals too"),
        ("tru stars", "2:words", "both words, wherever they stand"),
        ("tru video", "", "not each from another complaint"),
        ("kiem tra", "2:words", "what a department was asked"),
        ("an stars", "2:words", "a word of the name and one of the text"),
        ("nhap dang", "1:words", "in any order"),
        ("đăng nhập!", "1:words", "signs at the edge of a word"),
        ("“bằng Facebook,”", "1:words", "quotation marks and comma"),
        ("facebo", "1:words", "the last word half typed"),
        ("face dang", "", "no other word is"),
        ("fac", "", "not below four letters: it would fit too much"),
        ("dang thi an", "2:words 1:words", "the customer's name"),
        ("\u00d0ang Thi \u00c2n", "2:words 1:words", "a letter that only looks like Đ"),
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


def test_a_hit_shows_person_and_text_only_to_those_who_may_read_them(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        read = search.find(session, "1", by=cast.lead).hits[0]
        hidden = search.find(session, "1", by=cast.manager).hits[0]
    assert read.excerpt.text == "Không đăng nhập được bằng Facebook"
    assert (read.customer.text, read.contact) == ("Đặng Thị Ân", "0912 345 678")
    assert hidden.code == read.code
    assert (hidden.excerpt.text, hidden.customer.text, hidden.contact) == ("", "", "")


def test_a_hit_shows_the_text_that_has_the_words_and_where(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        (hit,) = search.find(session, "kiem tra", by=cast.agent).hits
    assert hit.excerpt.text == "Kiểm tra"
    assert [hit.excerpt.text[first:end] for first, end in hit.excerpt.marks] == ["Kiểm", "tra"]


def test_contacts_come_before_words_and_each_group_is_newest_first(filled: Register, cast: Cast) -> None:
    said = Draft("web", MONDAY, "Gọi tôi: an_pops", "other")
    with filled.write() as session:
        complaints.log(session, said, Act(None, MONDAY))
    assert found(filled, "an_pops", cast.agent) == "2:contact 1:contact 4:words"


def test_rows_are_a_page_of_all_that_fit(filled: Register, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled.read() as session:
        first = search.find(session, "dang thi an", by=cast.agent, rows=range(1))
        second = search.find(session, "dang thi an", by=cast.agent, rows=range(1, 2))
        monkeypatch.setattr(search, "LISTED", 1)
        cut = search.find(session, "dang thi an", by=cast.agent)
    assert [hit.code for page in (first, second) for hit in page.hits] == ["KN-2026-000002", "KN-2026-000001"]
    assert (first.total, first.more) == (2, False)
    assert (len(cut.hits), cut.total, cut.more) == (1, 1, True)


def test_the_newest_received_comes_first_whenever_it_was_logged(filled: Register, cast: Cast) -> None:
    old = Draft("web", MONDAY - timedelta(days=40), "Đăng nhập mãi không vào", "login")
    with filled.write() as session:
        complaints.log(session, old, Act(None, MONDAY))
    assert found(filled, "dang nhap", cast.agent) == "1:words 4:words"


def test_a_handler_sees_nothing_that_the_index_still_names_as_theirs(filled: Register, cast: Cast) -> None:
    """The index only saves reading; who sees what is decided by the complaint itself."""
    with filled.write() as session:
        its = select(Complaint.id).where(Complaint.number == 2).scalar_subquery()
        session.execute(update(Request).where(Request.complaint_id == its).values(department="content"))
    assert found(filled, "stars", cast.handler) == ""
    assert found(filled, "stars", cast.agent) == "2:words"
