"""A case that nobody has, on which templates are tried: every text is there, with signs that are markup elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.papers.data import Data, Meeting, date_words, qr_of
from core.rules.colours import parse
from core.rules.papers import COLOURS, KINDS, number_of

AT = datetime(2026, 11, 16, 2, 15, tzinfo=UTC)
CODE = "KN-2026-000000"
TITLES = {
    "intake_slip": "Phiếu tiếp nhận",
    "confirmation_of_receipt": "Giấy xác nhận tiếp nhận",
    "settlement_minutes": "Biên bản kết quả giải quyết",
    "written_reply": "Văn bản trả lời",
    "apology_letter": "Thư xin lỗi",
    "complaint_file": "Hồ sơ khiếu nại",
    "board_minutes": "Biên bản họp giao ban tuần",
}
MEETING = Meeting(
    week="Tuần 46 (09/11–15/11/2026)",
    time="14:00 ngày 16/11/2026 đến 15:10 ngày 16/11/2026",
    present="Trần Văn Thử, Nguyễn Thị Ánh",
    said=["Thông báo kết quả: đạt chỉ tiêu 95 % (96 % của 120)."],
    numbers=[
        ["Chỉ số", "Tuần này", "Từ", "Chỉ tiêu", "Tuần trước", "4 tuần liền trước", "Cùng tuần năm ngoái"],
        ["Kết quả đúng hạn", "96 %", "115 trên 120", "95 %", "94 %", "95 %", "–"],
    ],
    lists=[
        {
            "title": "Phân loại khiếu nại",
            "rows": [["Phân loại", "Tuần này", "Tuần trước"], ["Thanh toán", "22", "18"], ["Nội dung", "12", "14"]],
            "more": "",
        }
    ],
    overdue=[["KN-2026-000000", "17:30 13/11/2026", "Thanh toán", "Trần Văn Thử"]],
    overdue_more="và 2 hồ sơ khác",
    notes=[["Về các lần trễ", "Chờ đối tác đối soát (#1, $ 49.000 * 2, a_b, @anh)."]],
    decisions=[["Xin biên bản đối soát", "Trần Văn Thử", "20/11/2026", "còn mở"]],
    carried=[["Sửa câu trả lời mẫu", "Nguyễn Thị Ánh", "13/11/2026", "đã xong"]],
    restated=["Kết quả đúng hạn: 96 % (115 trên 120) → 95 % (114 trên 120)"],
    later="Số liệu đã đính chính.",
    is_open=False,
)


def of(session: Session, kind: str) -> Data:
    """What a paper of that kind is made of."""
    number, whose = number_of(KINDS[kind].mark, 2026, 1, None), rulebook.organisation(session)
    colours = parse(rulebook.paper_part(session, COLOURS)[0], file=COLOURS)
    return Data(
        kind=kind,
        title=TITLES[kind],
        number=number if KINDS[kind].asks_text else "",
        is_draft=True,
        organisation=whose.name,
        branch="",
        date=date_words(AT),
        footer=f"Số {number} · 16/11/2026",
        code=CODE,
        qr=qr_of(CODE),
        logo=None,
        accent=colours.accent,
        second=colours.second,
        replaces="",
        customer=[["Họ và tên", "Nguyễn Thị Ánh"], ["Điện thoại", "0912 345 678"]],
        customer_name="Nguyễn Thị Ánh",
        addressee="Nguyễn Thị Ánh",
        facts=[["Mã hồ sơ", CODE], ["Tiếp nhận lúc", "09:15 16/11/2026"], ["Nhóm khiếu nại", "Thanh toán"]],
        statement="Bị trừ tiền hai lần (#1, $ 49.000 * 2, a_b, @anh).",
        remedy="Hoàn lại một lần.",
        body="Chúng tôi đã tiếp nhận.\n\nThời hạn giải quyết theo quy trình: 17:30 thứ Hai 23/11/2026.",
        writer="Trần Văn Thử",
        refused=True,
        is_masked=False,
        clocks=[
            {
                "name": "Giải quyết khiếu nại",
                "due": "17:30 thứ Hai 23/11/2026",
                "verdict": "đang chạy",
                "because": "5 ngày làm việc từ 09:15 thứ Hai 16/11/2026",
            }
        ],
        moments=[{"at": "16/11/2026 09:15", "what": "Tiếp nhận", "who": "Trần Văn Thử", "said": "Qua tổng đài."}],
        evidence=[{"name": "anh-loi.png", "who": "Trần Văn Thử, 16/11/2026", "digest": "0f" * 32}],
        version="1",
        made_at="16/11/2026 09:15",
        meeting=MEETING,
    )
