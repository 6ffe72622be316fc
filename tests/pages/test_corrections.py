"""Correcting on the page of a complaint (D21): what is offered, the effect before saving, the timeline after."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from tests.conftest import Cast
from tests.local_time import at
from tests.pages.screen import Screen, said
from tests.pages.test_complaint import CODE, Seat, Sit

NOW = at("2026-11-19 09:00")


@pytest.fixture
def sit(sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Sit:
    """In front of a closed complaint of Monday, acknowledged within the hour."""
    monday = at("2026-11-16 09:00")
    first = Draft("email", monday, "Nạp 200 Stars", "payment", customer=CustomerDraft("Nguyễn Văn An", "0912 345 123"))
    steps = [
        PastStep("acknowledge", at("2026-11-16 10:00"), {"text": "Đã nhận"}, sqlite_cast.agent.id),
        PastStep("classify", at("2026-11-16 10:05"), {"kind": "complaint", "category": "payment"}),
        PastStep("notify_result", at("2026-11-18 09:00"), {"text": "Đã hoàn"}),
        PastStep("close", at("2026-11-18 09:10"), {"outcome": "upheld", "root_cause": "unknown"}),
    ]
    with sqlite_register.write() as session:
        complaints.write_histories(session, [(first, steps)], Act(sqlite_cast.agent, at("2026-11-18 10:00")))

    def sit_down(who: str, later: timedelta = timedelta(), code: str = CODE) -> Seat:
        screen = Screen(sqlite_register, getattr(sqlite_cast, who), NOW + later)
        return Seat(screen.open("complaint", monkeypatch, code=code))

    return sit_down


def stored(register: Register) -> Complaint:
    with register.read() as session:
        return session.scalars(select(Complaint)).one()


def local(hour: int, minute: int) -> datetime:
    """Of Monday, as a field holds it."""
    return datetime(2026, 11, 16, hour, minute)  # noqa: DTZ001


def offered(seat: Seat) -> list[str]:
    return list(seat.app.selectbox(key=f"step.{CODE}.{seat.round}.correct.corrects").options)


ALWAYS = [
    "Liên hệ của khách hàng", "Nội dung phản ánh", "Yêu cầu của khách hàng", "Kênh tiếp nhận", "Sản phẩm", "Nền tảng",
    "Lúc khách gửi", "Lúc xảy ra sự cố",
]  # fmt: skip
OF_LEADS = ["Lúc tiếp nhận (hạn tính từ đây)", "Thời điểm của một bước", "Kết quả xử lý", "Nguyên nhân gốc"]


@pytest.mark.parametrize(("who", "wanted"), [("agent", ALWAYS), ("lead", [*ALWAYS, *OF_LEADS])])
def test_what_is_offered(who: str, wanted: list[str], sit: Sit) -> None:
    assert offered(sit(who).choose("correct")) == wanted, "POPS has neither branches nor levels"


def test_a_time_shows_what_it_moves_before_it_is_saved(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("lead").choose("correct").fill("correct", corrects="recorded_at")
    page = said(seat.app)
    assert "Đang ghi: 16/11/2026 09:00" in page and "hạn nào" not in page.replace("Không hạn nào", "hạn nào")
    seat.fill("correct", **{"becomes.recorded_at": datetime(2026, 11, 12, 10, 0)})  # noqa: DTZ001 - as the field gives it
    page = said(seat.app)
    assert "Phản hồi tiếp nhận: hạn 17/11/2026 17:30, đúng hạn → hạn 13/11/2026 17:30, trễ hạn" in page
    assert stored(sqlite_register).recorded_at == at("2026-11-16 09:00"), "nothing is saved yet"
    seat.press("correct.save")
    assert "Ghi lý do sửa" in said(seat.app), "a reason is owed"
    seat.fill("correct", text="Khách gửi từ thứ Năm").press("correct.save")
    page = said(seat.app)
    assert stored(sqlite_register).recorded_at == at("2026-11-12 10:00")
    assert "Lúc tiếp nhận (hạn tính từ đây): 16/11/2026 09:00 → 12/11/2026 10:00" in page
    assert "Trước là đúng hạn: Lead Thử sửa ngày 19/11/2026 thành trễ hạn." in page
    assert "đã sửa, trước ghi 16/11/2026 09:00" in page and "Khách gửi từ thứ Năm" in page
    manager = said(sit("manager").app)
    assert "Trước là đúng hạn" in manager and "Khách gửi từ thứ Năm" not in manager, "what people write is hidden"


def test_the_time_of_one_step(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("lead").choose("correct").fill("correct", corrects="happened_at", of="2")
    assert seat.holds("correct")["becomes.happened_at.2"] == local(10, 0)
    seat.fill("correct", **{"becomes.happened_at.2": local(9, 30)}, text="Ghi muộn")
    assert "Không hạn nào và không kết luận" in said(seat.app), "half an hour moves no term of days"
    seat.press("correct.save")
    assert stored(sqlite_register).acknowledged_at == at("2026-11-16 09:30")
    assert "thời điểm “Phản hồi tiếp nhận”: 16/11/2026 10:00 → 16/11/2026 09:30" in said(seat.app)


def test_a_contact_is_completed_and_the_head_follows(sit: Sit) -> None:
    seat = sit("agent").choose("correct").fill("correct", corrects="contact")
    assert seat.holds("correct")["becomes.phone"] == "0912 345 123", "the field holds what stands"
    seat.fill("correct", **{"becomes.email": "an.nguyen@gmail.com"}).press("correct.save")
    page = said(seat.app)
    assert "E-mail: chưa có → an.nguyen@gmail.com" in page, "no reason is owed where nothing was known"
    seat.choose("correct").fill("correct", corrects="contact", **{"becomes.phone": "0987 654 321"})
    seat.fill("correct", text="Nhầm số").press("correct.save")
    assert "Số điện thoại: 0912 345 123 → 0987 654 321" in said(seat.app)
    masked = said(sit("manager").app)
    assert "0912 345 123" not in masked and "0987 654 321" not in masked and "an.nguyen@gmail.com" not in masked
    assert "Số điện thoại: *** 123 → *** 321" in masked or "123 → " in masked


def test_a_text_is_corrected_and_the_old_one_stays_readable(sit: Sit) -> None:
    seat = sit("agent").choose("correct").fill("correct", corrects="statement")
    assert seat.holds("correct")["becomes.statement"] == "Nạp 200 Stars"
    seat.fill("correct", **{"becomes.statement": "Nạp 500 Stars"}, text="Nghe nhầm").press("correct.save")
    page = said(seat.app)
    assert "**Sửa thông tin đã ghi** · Nội dung phản ánh" in page and "Trước khi sửa:" in page
    assert "Nạp 200 Stars" in page and "Nạp 500 Stars" in page
    assert "Nạp 200" not in said(sit("manager").app)


def test_undone_it_stands_in_the_form_again(sit: Sit, sqlite_register: Register) -> None:
    seat = sit("agent").choose("correct").fill("correct", corrects="channel", **{"becomes.channel": "hotline"})
    seat.fill("correct", text="Khách gọi").press("correct.save")
    assert stored(sqlite_register).channel == "hotline"
    seat.press("undo")
    assert stored(sqlite_register).channel == "email"
    held = seat.holds("correct")
    assert (held["corrects"], held["becomes.channel"], held["text"]) == ("channel", "hotline", "Khách gọi")
