"""When two customers say the same: a table of texts, each pair with the reason."""

from __future__ import annotations

import pytest

from core.rules.alike import alike, is_alike, said

STORY = "Nạp 200 Stars đã trừ tiền mà chưa thấy Stars"
PAIRS = [
    # one, the other, alike, why
    (STORY, STORY, True, "pasted"),
    (STORY, "nap 200 stars, da tru tien ma chua thay stars!!!", True, "without accents, with other signs"),
    (STORY, f"Shop ơi {STORY}", True, "pasted with a greeting"),
    (STORY, "Đã trừ tiền mà chưa thấy Stars, nạp 200 Stars", True, "in another order"),
    (STORY, "Nạp 500 Stars đã bị trừ tiền mà vẫn chưa thấy Stars", True, "another amount, two words more"),
    (STORY, "Không đăng nhập được bằng Google từ sáng nay", False, "another story"),
    (STORY, "Nạp tiền lỗi", False, "three words are too few to tell"),
    ("Lỗi", "lỗi!", True, "as short as it is, the same text is the same"),
    ("Lỗi", "Lỗi thanh toán", False, "one word of it is not"),
    (
        "Chương 12 bị khóa",
        "Chương 12 bị khóa dù đã mua gói, hoàn tiền ngay hoặc tôi kiện lên cơ quan bảo vệ người tiêu dùng",
        False,
        "a short beginning of a long story",
    ),
    ("", "", False, "nothing is like nothing"),
    ("!!!", "???", False, "signs say nothing"),
]


@pytest.mark.parametrize(("one", "other", "wanted", "why"), PAIRS)
def test_who_says_the_same(one: str, other: str, wanted: bool, why: str) -> None:
    assert is_alike(said(one), said(other)) is wanted, why
    assert is_alike(said(other), said(one)) is wanted, "whoever is compared with whom"


def test_those_alike_among_many() -> None:
    others = [(1, STORY), (2, "Không xem được video nào cả"), (3, STORY.upper()), (4, "")]
    assert list(alike(STORY, others)) == [1, 3]
    assert list(alike(" ", others)) == []
