"""Comment threads as people copy them from Facebook, YouTube and the app stores, in either language (D44)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.threads import MOST_COMMENTS, Comment, Site, moment, take_apart
from tests.local_time import at

NOW = at("2026-11-16 10:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

FACEBOOK = """Phù hợp nhất

Nguyễn Thị Ánh
Nạp 200 Stars mà chưa thấy.
Ad kiểm tra giúp em với
2 giờ
Thích
Phản hồi
3
POPS Worldwide
Tác giả
Chào bạn Ánh, bạn gửi giúp mình mã giao dịch nhé
1 giờ
Thích
Phản hồi
Đã chỉnh sửa
Trần Bình
Fan cứng
Mình cũng bị
45 phút
Thích
Phản hồi
Xem thêm 2 phản hồi
Viết bình luận…
"""
FACEBOOK_JOINED = "Nguyễn Thị Ánh\nNạp chưa thấy\n2 giờThíchPhản hồi\nTrần Bình\nMình cũng bị\n1 ngàyThíchPhản hồi\n"
FACEBOOK_EN = "Anh Nguyen\nStars are missing\n2h\nLike\nReply\nEdited\nBinh Tran\nTop fan\nMe too\n3d\nLike\nReply\n"
YOUTUBE = """@anhnguyen123
3 ngày trước (đã chỉnh sửa)
Xem tới tập 5 là bị khóa
12

Trả lời
2 phản hồi
@binh.tran
1 tuần trước
Mất tiếng từ phút 20
Đọc thêm
4
Trả lời
"""
YOUTUBE_EN = "@anhnguyen123\n3 days ago (edited)\nEpisode 5 is locked\n12\nReply\n2 replies\n"
PLAY = """Nguyễn Văn An
more_vert
14 tháng 11, 2026
Trừ tiền hai lần. Không ai trả lời.
3 người thấy bài đánh giá này hữu ích
Bạn thấy nội dung này có hữu ích không?
Có
Không
POPS Worldwide
15 tháng 11, 2026
Chào bạn, POPS xin lỗi.
"""
APP_STORE = "★★☆☆☆\nHay bị văng\n12/11/2026\nanhnguyen\nMở app là văng"


@pytest.mark.parametrize(
    ("text", "site", "wanted"),
    [
        (FACEBOOK, Site.FACEBOOK, [
            Comment("Nguyễn Thị Ánh", NOW - 2 * HOUR, "Nạp 200 Stars mà chưa thấy.\nAd kiểm tra giúp em với"),
            Comment("POPS Worldwide", NOW - HOUR, "Chào bạn Ánh, bạn gửi giúp mình mã giao dịch nhé"),
            Comment("Trần Bình", NOW - timedelta(minutes=45), "Mình cũng bị"),
        ]),
        (FACEBOOK_JOINED, Site.FACEBOOK, [
            Comment("Nguyễn Thị Ánh", NOW - 2 * HOUR, "Nạp chưa thấy"),
            Comment("Trần Bình", NOW - DAY, "Mình cũng bị"),
        ]),
        (FACEBOOK_EN, Site.FACEBOOK, [
            Comment("Anh Nguyen", NOW - 2 * HOUR, "Stars are missing"),
            Comment("Binh Tran", NOW - 3 * DAY, "Me too"),
        ]),
        (YOUTUBE, Site.YOUTUBE, [
            Comment("@anhnguyen123", NOW - 3 * DAY, "Xem tới tập 5 là bị khóa"),
            Comment("@binh.tran", NOW - 7 * DAY, "Mất tiếng từ phút 20"),
        ]),
        (YOUTUBE_EN, Site.YOUTUBE, [Comment("@anhnguyen123", NOW - 3 * DAY, "Episode 5 is locked")]),
        (PLAY, Site.APP_ANDROID, [
            Comment("Nguyễn Văn An", at("2026-11-14 12:00"), "Trừ tiền hai lần. Không ai trả lời."),
            Comment("POPS Worldwide", at("2026-11-15 12:00"), "Chào bạn, POPS xin lỗi."),
        ]),
        ("Chỉ là một câu\nhai dòng", None, [Comment("", None, "Chỉ là một câu\nhai dòng")]),
        ("@an.nguyen\n1 ngày trước\nKhông", Site.YOUTUBE, [Comment("@an.nguyen", NOW - DAY, "Không")]),
        ("", None, []),
        ("Thích\nPhản hồi\n", None, []),
    ],
)  # fmt: skip
def test_a_thread_as_it_is_copied(text: str, site: Site | None, wanted: list[Comment]) -> None:
    found = take_apart(text, NOW)
    assert list(found.comments) == wanted
    assert found.site is site
    assert take_apart(text.replace("\n", "\r\n"), NOW) == found, "with the line ends of Windows"


def test_the_app_store_says_its_name_after_the_time() -> None:
    (found,) = take_apart(APP_STORE, NOW).comments
    assert found.at == at("2026-11-12 12:00")
    assert "Mở app là văng" in found.what
    assert take_apart(APP_STORE, NOW).site is Site.APP_IOS


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Vừa xong", NOW),
        ("5 phút", NOW - timedelta(minutes=5)),
        ("5 phút trước", NOW - timedelta(minutes=5)),
        ("2 giờ · Đã chỉnh sửa", None),
        ("1 tuần", NOW - 7 * DAY),
        ("2w", NOW - 14 * DAY),
        ("1 năm trước", NOW - 365 * DAY),
        ("Hôm qua lúc 21:15", at("2026-11-15 21:15")),
        ("Yesterday at 9:15 PM", at("2026-11-15 21:15")),
        ("12 tháng 11 lúc 09:05", at("2026-11-12 09:05")),
        ("12 thg 11, 2025", at("2025-11-12 12:00")),
        ("24 tháng 12", at("2025-12-24 12:00")),
        ("November 12 at 9:05 AM", at("2026-11-12 09:05")),
        ("12/11/2026", at("2026-11-12 12:00")),
        ("31 tháng 2", None),
        ("12 tháng 11 lúc 25:00", None),
        ("2 giờ đồng hồ tôi chờ", None),
        ("20 phút 30 giây", None),
        ("Tôi đợi 2 giờ", None),
        ("200", None),
    ],
)
def test_when_a_line_says_it_was(line: str, wanted: datetime | None) -> None:
    assert moment(line, NOW) == wanted


@given(st.text(alphabet=st.sampled_from("aáđ @2hg\n·ThíchPhản hồitrước:/-"), max_size=300))
def test_anything_is_taken_apart_and_no_word_is_invented(text: str) -> None:
    found = take_apart(text, NOW)
    assert len(found.comments) <= MOST_COMMENTS
    words = " ".join(text.split())
    for one in found.comments:
        assert all(line in words for line in (one.who, *one.what.split("\n")))
