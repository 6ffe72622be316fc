"""Đại Hữu: a complaint at a branch goes to the unit that owns it, the customer hears how it goes, until prevention."""

from __future__ import annotations

from playwright.sync_api import Page

from core.i18n import gettext as _
from core.i18n import named
from tests.browser import driver
from tests.browser.acts import choose
from tests.browser.driver import Server
from tests.browser.story import Story


def test_from_an_empty_register_to_prevention(page: Page, server: Server) -> None:
    story = Story(page, server, "Đại Hữu", "technical")
    story.come("agent", "log_complaint")
    choose(page, "Chi nhánh", "Chi nhánh Đà Nẵng")
    story.log(
        "Mạng chập chờn ba ngày nay",
        "Trực tiếp tại chi nhánh",
        "Gián đoạn, chất lượng kết nối",
        {"Mã hợp đồng": "DH-2211"},
    )
    driver.shot(page, "story-dai-huu-log")
    story.save(_("Save the complaint"), _("Saved. Give the customer this code:"))
    story.come("agent")
    story.reads("Chi nhánh Đà Nẵng")
    story.take("acknowledge", {_("What was answered (optional)"): "Đã nhận, kỹ thuật sẽ kiểm tra"})
    story.take("classify", None, None, "Khiếu nại")
    story.take(
        "forward", {_("What should they check or decide?"): "Đo lại tuyến cáp"}, {_("Departments"): "Phòng Kỹ thuật"}
    )

    driver.resize(page, driver.PHONE)
    story.come("technical")
    driver.shot(page, "story-dai-huu-technical-390")
    story.take("answer", {_("What did the department find or decide?"): "Đầu nối lỏng, đã thay"})
    story.come("agent")
    driver.shot(page, "story-dai-huu-case-390")
    story.take(
        "promise",
        {_("What was the customer told?"): "Chiều nay báo lại"},
        {_("What is the date for?"): named("promised", "update")},
    )
    story.take("tell_progress", {_("What was the customer told?"): "Đã thay đầu nối, đang theo dõi"})
    driver.resize(page, driver.LAPTOP)
    story.take("notify_result", {_("The result as told to the customer"): "Đường truyền đã ổn định"})
    story.take("close", None, {_("How did it end?"): "Chấp nhận khiếu nại", _("Root cause"): "Thiết bị hỏng"})
    story.prevent("Kiểm tra đầu nối hằng quý")
    story.come("lead", "sla")
    story.reads("Giữ đúng ngày hẹn")
    driver.shot(page, "story-dai-huu-sla")
    story.is_whole()
