"""A case that nobody has, on which templates are tried: every text is there, with signs that are markup elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.papers.data import Data, date_words, qr_of
from core.rules.papers import KINDS, number_of

AT = datetime(2026, 11, 16, 2, 15, tzinfo=UTC)
CODE = "KN-2026-000000"
TITLES = {
    "intake_slip": "Phiếu tiếp nhận",
    "confirmation_of_receipt": "Giấy xác nhận tiếp nhận",
    "settlement_minutes": "Biên bản kết quả giải quyết",
    "written_reply": "Văn bản trả lời",
    "apology_letter": "Thư xin lỗi",
    "complaint_file": "Hồ sơ khiếu nại",
}


def of(session: Session, kind: str) -> Data:
    """What a paper of that kind is made of."""
    number = number_of(KINDS[kind].mark, 2026, 1, None)
    return Data(
        kind=kind,
        title=TITLES[kind],
        number=number if KINDS[kind].asks_text else "",
        is_draft=True,
        organisation=rulebook.organisation(session).name,
        branch="",
        date=date_words(AT),
        footer=f"Số {number} · 16/11/2026",
        code=CODE,
        qr=qr_of(CODE),
        logo=None,
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
    )
