"""Comments that were copied from a page, put into the form of a complaint (D44)."""

from __future__ import annotations

from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from core.register.log.database import Register
from core.rules.threads import Comment
from core.ui.fields import typed
from core.ui.log.pasted import Said, said_by
from tests.conftest import Cast
from tests.local_time import at
from tests.pages.screen import Screen
from tests.rules.test_threads import FACEBOOK, YOUTUBE

PASTED, BY, TAKE = "log.1.pasted", "log.1.pasted_by", "log.1.pasted_take"


@pytest.fixture
def form(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)


def by(form: AppTest, channel: str) -> AppTest:
    return form.pills(key="log.1.channel").set_value(channel).run()


def boxes(app: AppTest) -> set[str]:
    return {str(area.key) for area in app.text_area}


def test_the_box_is_there_where_comments_are(form: AppTest) -> None:
    assert PASTED not in boxes(form)
    for channel in ("facebook", "youtube", "app_ios", "app_android"):
        assert PASTED in boxes(by(form, channel)), channel
    assert PASTED not in boxes(by(form, "hotline"))


def test_one_persons_comments_fill_the_form(form: AppTest) -> None:
    app = by(form, "facebook")
    app.text_area(key=PASTED).set_value(FACEBOOK).run()
    lines = app.radio(key=BY).options
    assert lines[0] == "Nguyễn Thị Ánh · 16/11 07:00 · Nạp 200 Stars mà chưa thấy. Ad kiểm tra giúp em với"
    assert len(lines) == 3
    app.button(key=TAKE).click().run()
    assert app.text_area(key="log.1.statement").value == "Nạp 200 Stars mà chưa thấy.\nAd kiểm tra giúp em với"
    assert app.text_input(key="log.1.name").value == "Nguyễn Thị Ánh"
    assert app.datetime_input(key="log.1.sent_at").value == typed(at("2026-11-16 07:00"))


def test_what_was_copied_says_by_which_channel_it_came(form: AppTest) -> None:
    app = by(form, "facebook")
    app.text_area(key=PASTED).set_value(YOUTUBE).run()
    app.radio(key=BY).set_value(1).run()
    app.button(key=TAKE).click().run()
    assert app.session_state["log.1.channel"] == "youtube"
    assert app.text_input(key="log.1.name").value == "binh.tran"
    assert app.text_area(key="log.1.statement").value == "Mất tiếng từ phút 20"


def test_a_shorter_text_than_before_still_has_somebody_chosen(form: AppTest) -> None:
    app = by(form, "facebook")
    app.text_area(key=PASTED).set_value(FACEBOOK).run()
    app.radio(key=BY).set_value(2).run()
    app.text_area(key=PASTED).set_value("Chỉ một câu").run()
    assert not app.exception
    app.button(key=TAKE).click().run()
    assert app.text_area(key="log.1.statement").value == "Chỉ một câu"


def test_a_text_without_anybody_says_what_to_copy(form: AppTest) -> None:
    app = by(form, "facebook")
    app.text_area(key=PASTED).set_value("Thích\nPhản hồi").run()
    assert any("chép bình luận kèm tên" in caption.value for caption in app.caption)


def test_what_one_person_wrote_in_parts_stands_together(now: datetime) -> None:
    comments = [Comment("An", now, "Một"), Comment("Bình", None, "Hai"), Comment("An", now, "Ba")]
    assert said_by(comments) == [Said("An", now, "Một\n\nBa"), Said("Bình", None, "Hai")]
