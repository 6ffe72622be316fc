"""The minutes of a weekly review as a PDF: what was said and decided, letter by letter, and the numbers of the page."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from core.__main__ import main
from core.i18n import use
from core.insight import facts
from core.papers import minutes as papers
from core.papers import review, review_words
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.meetings import decisions, minutes
from core.register.reads import meetings
from tests.conftest import Cast

WEEK = date(2026, 11, 9)
SAID = "Chờ đối tác: #let x = 1; $ 49.000 * 2, _a_b_, @anh, [x](https://evil.example) \\ <b>đậm</b>"


def words(content: bytes) -> str:
    """The text of every page, lines joined: the paper breaks them where it likes."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def act(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> Act:
    """A lead, in whose register one complaint came in the week."""
    lead = Act(sqlite_cast.lead, now)
    with sqlite_register.write() as session:
        minutes.begin(session, WEEK, lead)
        minutes.note(session, 1, "present", "Lan, Minh, Nguyễn Ườm Đặng", lead, seen=0)
        minutes.note(session, 1, "misses", SAID, lead, seen=0)
        decisions.decide(session, 1, "Xin biên bản đối soát", sqlite_cast.agent.id, date(2026, 11, 20), lead)
        draft = Draft("letter", now - timedelta(days=5), "Thư", "content", procedure="pops")
        log(session, draft, lead)
    return lead


def made(register: Register, act: Act) -> str:
    found, meeting = review.of_week(register, WEEK, act.now, act.by)  # type: ignore[arg-type]
    with register.read() as session:
        return words(papers.pdf(session, facts.current(register), found, meeting, act.now))


def test_what_was_said_and_decided_stands_there_as_it_was_written(sqlite_register: Register, act: Act) -> None:
    use("en")
    text = made(sqlite_register, act)
    assert "BIÊN BẢN HỌP GIAO BAN TUẦN" in text
    assert "Lan, Minh, Nguyễn Ườm Đặng" in text
    assert SAID in text, "as data, never as markup"
    assert "Xin biên bản đối soát" in text
    assert "20/11/2026" in text
    assert "Cuộc họp chưa kết thúc" in text
    assert "Số:" not in text, "the number comes with the closing"
    assert "Trang 1 / " in text
    use("vi")
    found, _meeting = review.of_week(sqlite_register, WEEK, act.now, act.by)  # type: ignore[arg-type]
    assert all(sentence in text for sentence in review_words.paragraph(found)), "in Vietnamese, whoever asks"


def test_after_closing_it_says_what_was_restated(sqlite_register: Register, sqlite_cast: Cast, act: Act) -> None:
    review.close(sqlite_register, 1, act, sqlite_cast.lead)
    assert "Số liệu tính lại" not in made(sqlite_register, act)
    later = Act(act.by, act.now + timedelta(hours=1))
    with sqlite_register.write() as session:
        log(session, Draft("letter", act.now - timedelta(days=4), "Thư", "content", procedure="pops"), later)
        minutes.note(session, 1, "later", "Một thư đến muộn", later, seen=0)
    text = made(sqlite_register, later)
    assert "Cuộc họp chưa kết thúc" not in text
    assert "Số: 0001/2026/BBH" in text
    assert "Hồ sơ ghi nhận: 1 → 2, tính lại ngày 16/11/2026, vì 1 bước nhập muộn" in text
    assert "Một thư đến muộn" in text


def test_minutes_are_numbered_as_their_reviews_are_closed(sqlite_register: Register, sqlite_cast: Cast) -> None:
    """By when they were closed, not by their weeks, and anew in each year as people here count it (D12, D39)."""
    closings = (
        (date(2026, 11, 9), datetime(2026, 11, 16, 3, tzinfo=UTC), "0001/2026/BBH", "the first one"),
        (date(2026, 11, 23), datetime(2026, 11, 30, 3, tzinfo=UTC), "0002/2026/BBH", "before the week before it"),
        (date(2026, 11, 16), datetime(2026, 11, 30, 4, tzinfo=UTC), "0003/2026/BBH", "an earlier week, closed later"),
        (
            date(2026, 12, 14),
            datetime(2026, 12, 31, 18, tzinfo=UTC),
            "0001/2027/BBH",
            "one at night of the new year in Vietnam",
        ),
    )
    for week, at, _number, _why in closings:
        by = Act(sqlite_cast.lead, at)
        with sqlite_register.write() as session:
            id = minutes.begin(session, week, by)
        review.close(sqlite_register, id, by, sqlite_cast.lead)
    with sqlite_register.read() as session:
        for week, _at, number, why in closings:
            held = meetings.whole(session, week)
            assert held is not None
            assert held.number == number, why


def test_what_was_typed_in_about_other_weeks_is_no_reason(
    sqlite_register: Register, sqlite_cast: Cast, act: Act
) -> None:
    review.close(sqlite_register, 1, act, sqlite_cast.lead)
    later = Act(act.by, act.now + timedelta(hours=1))
    with sqlite_register.write() as session:
        for days in (4, 40, 50):  # one of the week, two of others
            draft = Draft("letter", act.now - timedelta(days=days), "Thư", "content", procedure="pops")
            log(session, draft, later)
    text = made(sqlite_register, later)
    assert "Hồ sơ ghi nhận: 1 → 2, tính lại ngày 16/11/2026, vì 1 bước nhập muộn" in text
    late = "Tiếp nhận đúng hạn: 0 % (0 trên 1) → 0 % (0 trên 2), tính lại ngày 16/11/2026, vì 1 bước nhập muộn"
    assert late in text, "fell due in the week"
    open_now = "Đang quá hạn: 1 trên 1 → 4 trên 4, tính lại ngày 16/11/2026, vì 3 bước nhập muộn"
    assert open_now in text, "whatever the week"


def test_a_week_without_a_meeting_has_none(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    text = made(sqlite_register, Act(sqlite_cast.lead, now))
    assert "Không có quyết định mới." in text
    assert "Không có ghi chú." in text


@pytest.mark.usefixtures("act")
def test_the_command_writes_both_files(
    sqlite_register: Register,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_register.url)
    monkeypatch.setenv("DATA_DIR", str(sqlite_register.evidence_dir.parent))
    assert main(["pack", "2026-W46", "--out", str(tmp_path / "new")]) == 0
    assert {one.name for one in (tmp_path / "new").iterdir()} == {"hop-tuan-2026-W46.pptx", "hop-tuan-2026-W46.pdf"}
    assert "Xin biên bản đối soát" in words((tmp_path / "new" / "hop-tuan-2026-W46.pdf").read_bytes())
    assert main(["pack", "2099-W01"]) == 2
    assert "2099-W01" in capsys.readouterr().err
