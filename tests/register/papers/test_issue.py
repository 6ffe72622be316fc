"""A paper is issued: numbered without a gap, kept as evidence, never taken back, corrected by one that names it."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import shipped
from core.errors import Invalid, NotAllowed
from core.register import rulebook
from core.register.case import case as cases
from core.register.case import complaints, issued
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import open_file
from core.register.case.issued import Issued
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Evidence, Paper, Person
from core.register.log.verify import verify
from core.register.papers import contents
from core.register.people import accounts
from core.register.people.accounts import Account
from core.register.reads import dossier, papers
from core.rules.papers import ISSUED_KINDS, text_of
from tests.conftest import Cast
from tests.local_time import at
from tests.naughty import NAUGHTY
from tests.register.cases import MON, advanced, logged, take

LATER = MON + timedelta(hours=2)
TEXT = "Chúng tôi đã kiểm tra giao dịch và hoàn lại 49.000đ.\nỲ, ỷ, ỹ, ỵ, ẵ, ặ, ữ, đ."


def words(session: Session, file_id: int) -> str:
    """The text of a paper as a reader of PDF finds it, blanks made one."""
    _row, path = open_file(session, file_id)
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def issue(
    register: Register,
    code: str,
    by: Person,
    said: str = TEXT,
    *,
    replaces: str | None = None,
    paper: str = "written_reply",
    when: datetime = LATER,
) -> Issued:
    """Issue a paper; what its event says."""
    fields: StepFields = {"paper": paper, "text": said, "replaces": replaces}
    with register.write() as session:
        complaints.take(session, code, "issue_paper", fields, Act(by, when))
        return issued.fold(cases.load(session, code).events)[-1]


@pytest.fixture
def code(register: Register, cast: Cast) -> str:
    """An acknowledged complaint."""
    complaint = logged(register, cast)
    return take(register, "acknowledge", complaint, cast.agent, LATER).code


def test_it_says_what_was_written_and_lies_with_the_case(register: Register, cast: Cast, code: str) -> None:
    one = issue(register, code, cast.agent)
    assert (one.number, one.year, one.branch, one.ordinal) == ("0001/2026/TL", 2026, "", 1)
    with register.read() as session:
        said = words(session, one.file_id)
        row = session.get_one(Evidence, one.file_id)
        assert session.get_one(Evidence, one.text_id).body == TEXT
    for part in (
        "Số: 0001/2026/TL", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Ngày 16 tháng 11 năm 2026", "VĂN BẢN TRẢ LỜI",
        "Kính gửi: Khách Thử", " ".join(TEXT.split()), "Điều 54",
        "thương lượng, hòa giải, trọng tài hoặc khởi kiện tại Tòa án", "khách hàng là người tiêu dùng",
        "19/2023/QH15", "Agent Thử", code, "Trang 1 / 1",
    ):  # fmt: skip
        assert part in said, said
    assert (row.media_type, row.file_name) == ("application/pdf", "0001-2026-TL.pdf")
    assert "BẢN XEM TRƯỚC" not in said
    assert verify(register, files=True).problems == []


def test_numbers_run_on_per_kind_and_year_and_a_refused_one_leaves_no_gap(
    register: Register, cast: Cast, code: str
) -> None:
    first = issue(register, code, cast.agent)
    with pytest.raises(Invalid):
        issue(register, code, cast.agent, "")
    with pytest.raises(ZeroDivisionError):
        _issue_and_fail(register, code, cast.agent)
    second = issue(register, code, cast.agent)
    assert (first.ordinal, second.ordinal) == (1, 2)
    third = issue(register, code, cast.agent, when=at("2027-01-04 09:00"))
    assert third.number == "0001/2027/TL", "each year begins anew"
    with register.read() as session:
        names = {row.file_name for row in session.scalars(select(Evidence)) if row.file_name}
    assert names == {"0001-2026-TL.pdf", "0002-2026-TL.pdf", "0001-2027-TL.pdf"}
    assert verify(register, files=True).orphans == []


def _issue_and_fail(register: Register, code: str, by: Person) -> None:
    """Fail after the paper was made, as a full disk would."""
    fields: StepFields = {"paper": "written_reply", "text": TEXT}
    with register.write() as session:
        complaints.take(session, code, "issue_paper", fields, Act(by, LATER))
        raise ZeroDivisionError


def test_a_corrected_one_is_a_new_number_that_names_the_old(register: Register, cast: Cast, code: str) -> None:
    wrong = issue(register, code, cast.agent, "Sai số tiền.")
    right = issue(register, code, cast.lead, "Đúng số tiền.", replaces=wrong.number)
    assert (right.number, right.replaces) == ("0002/2026/TL", "0001/2026/TL")
    with register.read() as session:
        assert "(Thay thế văn bản số 0001/2026/TL)" in words(session, right.file_id)
        assert "Sai số tiền." in words(session, wrong.file_id), "the old one stays as it was"
        row = session.scalars(select(Paper).where(Paper.number == right.number)).one()
        assert row.replaces == wrong.number


def test_each_branch_counts_for_itself(tmp_path: Path) -> None:
    """Đại Hữu 1: the slip is given at the branch; what is of no branch counts by itself."""
    register = open_up(f"sqlite:///{tmp_path / 'c.db'}", tmp_path / "evidence", organisation="dai-huu", now=MON)
    with register.write() as session:
        agent = accounts.add(session, Account("agent", "Agent Thử", "agent"), "bánh cuốn nóng 63", Act(None, MON))
    with register.write() as session:
        known = rulebook.catalogues(session)
        first, second = list(known.branches)[:2]
        category = next(iter(known.categories))
        codes = [
            complaints.log(session, Draft("office", MON, "Lỗi", category, branch=branch), Act(agent, MON)).code
            for branch in (first, first, second, None)
        ]
    numbers = [issue(register, code, agent, paper="intake_slip").number for code in codes]
    mark = [key.upper().replace("_", ".") for key in (first, second)]
    assert numbers == [
        f"0001/2026/PTN-{mark[0]}",
        f"0002/2026/PTN-{mark[0]}",
        f"0001/2026/PTN-{mark[1]}",
        "0001/2026/PTN",
    ]
    assert verify(register, files=True).problems == []
    register.engine.dispose()


REFUSED = [
    ({"paper": None}, {"paper"}, "one must be chosen"),
    ({"paper": "intake_slip"}, {"paper"}, "POPS gives no slip"),
    ({"paper": "complaint_file"}, {"paper"}, "the file of a case is made, not issued"),
    ({"paper": "board_minutes"}, {"paper"}, "they are of no case"),
    ({"text": "  "}, {"text"}, "it must say something"),
    ({"text": "a" * 10_001}, {"text"}, "at most 10,000 letters"),
    ({"text": "Kết quả: [nêu kết quả giải quyết]"}, {"text"}, "the result was not written"),
    ({"replaces": "0009/2026/TL"}, {"replaces"}, "no such paper was issued here"),
]


@pytest.mark.parametrize(("said", "fields", "why"), REFUSED, ids=[why for *_, why in REFUSED])
def test_what_is_refused(
    said: dict[str, str], fields: set[str], why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    complaint = take(sqlite_register, "acknowledge", logged(sqlite_register, sqlite_cast), sqlite_cast.agent, LATER)
    given: StepFields = {"paper": "written_reply", "text": TEXT, **said}  # type: ignore[typeddict-item]
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        complaints.take(session, complaint.code, "issue_paper", given, Act(sqlite_cast.agent, LATER))
    assert set(refused.value.fields) == fields, why


def test_before_it_is_acknowledged_no_reply_is_offered(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = logged(sqlite_register, sqlite_cast)
    with pytest.raises(Invalid):
        issue(sqlite_register, complaint.code, sqlite_cast.agent)


def test_nobody_takes_it_back(register: Register, cast: Cast, code: str) -> None:
    issue(register, code, cast.agent)
    with pytest.raises(NotAllowed, match="issue a corrected one"), register.write() as session:
        complaints.take(session, code, "undo", {}, Act(cast.agent, LATER))
    with register.read() as session:
        whole = dossier.read(session, code, by=cast.agent, now=LATER, language="vi")
    assert whole.undo_until is None


def test_ten_thousand_letters_take_less_than_a_second(register: Register, cast: Cast, code: str) -> None:
    worked = time.process_time()  # not the clock: other tests run beside this one
    one = issue(register, code, cast.agent, ("Đoạn văn dài. " * 715)[:10_000])
    assert time.process_time() - worked < 1
    with register.read() as session:
        said = re.sub("KN-2026-000001 Số 0001/2026/TL · 16/11/2026 Trang . / .", "", words(session, one.file_id))
    assert tight(said).count("Đoạnvăndài.") == 714


@pytest.fixture
def code_of_naughty(sqlite_register: Register, sqlite_cast: Cast) -> str:
    """A complaint whose every text is each of the naughty ones."""
    said = "\n".join(said for said, _why in NAUGHTY).replace("\x1b", "").replace("\x07", "")
    name = '#eval("1") $x$ *đậm* @a'
    complaint = logged(
        sqlite_register, sqlite_cast, statement=said, remedy="#panic()", customer=CustomerDraft(name, "0912 345 678")
    )
    return take(sqlite_register, "acknowledge", complaint, sqlite_cast.agent, LATER).code


def test_what_people_wrote_is_never_markup(sqlite_register: Register, sqlite_cast: Cast, code_of_naughty: str) -> None:
    texts = [said for said, _why in NAUGHTY if said.isascii() and said.isprintable()]
    one = issue(sqlite_register, code_of_naughty, sqlite_cast.agent, "\n".join(texts))
    with sqlite_register.read() as session:
        said = words(session, one.file_id)
        file = papers.file_of(session, code_of_naughty, by=sqlite_cast.agent, now=LATER)
    for text_of_them in texts:
        assert tight(text_of_them) in tight(said), text_of_them
    assert '#eval("1") $x$ *đậm* @a' in said
    assert file.startswith(b"%PDF")


def tight(said: str) -> str:
    """Without blanks and hyphens, at which lines are broken."""
    return re.sub(r"[\s\u00ad-]+", "", said)


def test_the_text_begins_with_what_is_known(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = advanced(sqlite_register, sqlite_cast, 4)
    with sqlite_register.read() as session:
        case = cases.load(session, complaint.code)
        slip = contents.first_text(session, case, "intake_slip", LATER)
        reply = contents.first_text(session, case, "written_reply", LATER)
    assert "Thời hạn giải quyết theo quy trình: 17:30 thứ Hai 23/11/2026." in slip, "the promise that runs, no other"
    assert "KN-2026-000001" in slip
    assert "[nêu kết quả giải quyết]" in reply
    told = take(
        sqlite_register, "notify_result", complaint, sqlite_cast.agent, at("2026-11-18 09:00"), text="Đã hoàn đủ."
    )
    with sqlite_register.read() as session:
        case = cases.load(session, told.code)
        assert "Đã hoàn đủ." in contents.first_text(session, case, "written_reply", LATER)
        assert "Thời hạn" not in contents.first_text(session, case, "intake_slip", LATER), "no promise runs any more"


@pytest.mark.parametrize("organisation", [*shipped.organisations()])
def test_no_first_text_promises_or_says_what_the_procedure_does_not(organisation: str) -> None:
    """Words of a promise, of an agreement or of a fault, which only whoever writes the paper can say."""
    for kind in ISSUED_KINDS:
        said = shipped.paper_part(text_of(kind), organisation).lower()
        for word in ("cam kết", "đảm bảo", "bảo đảm", "sẽ", "trong vòng", "thống nhất", "đồng ý", "lỗi của chúng tôi"):
            assert word not in said, f"{kind}: {word}"


def test_settlement_minutes_leave_agreement_to_the_customer(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = take(
        sqlite_register,
        "acknowledge",
        logged(sqlite_register, sqlite_cast, procedure="minh-tuan", channel="office"),
        sqlite_cast.agent,
        LATER,
    )
    one = issue(sqlite_register, complaint.code, sqlite_cast.agent, "Hoàn 49.000đ.", paper="settlement_minutes")
    with sqlite_register.read() as session:
        said = words(session, one.file_id)
    assert "Ý kiến của khách hàng về kết quả nêu trên Đồng ý Không đồng ý" in said
    assert "thống nhất" not in said


def test_who_sees_no_personal_data_gets_none(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 2)
    one = issue(register, complaint.code, cast.agent, "Trả lời riêng cho khách.", when=at("2026-11-16 12:00"))
    with register.read() as session:
        whole = dossier.read(session, complaint.code, by=cast.analyst, now=LATER, language="vi")
        file = papers.file_of(session, complaint.code, by=cast.analyst, now=LATER)
        with pytest.raises(NotAllowed):
            papers.first_text(session, complaint.code, "written_reply", by=cast.analyst, now=LATER)
    assert [paper.number for paper in whole.papers] == [one.number]
    moment = whole.moments[-1]
    assert "riêng" not in moment.text and not any(file.opens for file in moment.files)
    said = read(file)
    for personal in ("Khách Thử", "345 678", "Nạp 200 Stars", "Trả lời riêng"):
        assert personal not in said, personal
    assert "che thông tin cá nhân" in said and "0001/2026/TL" in said


def read(pdf: bytes) -> str:
    """The text of a PDF, blanks made one."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_the_file_of_a_case_has_facts_clocks_history_and_digests(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast)
    one = issue(register, complaint.code, cast.agent, when=at("2026-11-19 09:00"))
    with register.read() as session:
        said = read(papers.file_of(session, complaint.code, by=cast.lead, now=at("2026-11-20 09:00")))
        whole = dossier.read(session, complaint.code, by=cast.lead, now=at("2026-11-20 09:00"), language="vi")
        digest = session.get_one(Evidence, one.file_id).digest.hex()
    for part in ("HỒ SƠ KHIẾU NẠI", "Khách Thử", "0912 345 678", "Nạp 200 Stars", "Đã hoàn Stars", "0001/2026/TL",
        "Chuyển phòng ban · Phòng Thanh toán", "Chấp nhận khiếu nại", "Đối soát chậm",
    ):  # fmt: skip
        assert part in said, part
    for clock in whole.clocks:
        assert clock.label in said
        assert tight(clock.because) in tight(said), clock.because
    assert tight(digest) in tight(said)


SPOILT = [
    ("DELETE FROM papers WHERE ordinal = 1", "0001/2026/TL", "one is gone: the log has it, and there is a gap"),
    ("UPDATE papers SET kind = 'intake_slip' WHERE ordinal = 2", "0002/2026/TL", "one is of another kind"),
    ("UPDATE papers SET replaces = 'x' WHERE ordinal = 2", "0002/2026/TL", "it corrects another"),
]


@pytest.mark.parametrize(("spoil", "names", "why"), SPOILT, ids=[why for *_, why in SPOILT])
def test_verification_finds_what_was_changed(
    spoil: str, names: str, why: str, register: Register, cast: Cast, code: str
) -> None:
    issue(register, code, cast.agent)
    issue(register, code, cast.agent)
    assert verify(register).problems == []
    with register.engine.begin() as connection:
        connection.execute(text(spoil))
    assert any(names in problem for problem in map(str, verify(register).problems)), why
