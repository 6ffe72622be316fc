"""VHV: what comes too late is refused in one save or admitted by a lead; what is missing is asked for; prevention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from core.i18n import gettext as _
from core.i18n import named
from tests.browser import driver
from tests.browser.driver import Server
from tests.browser.story import Story

LONG_AGO = datetime.now(UTC) - timedelta(days=25)
DETAILS = {"Chức năng, đường dẫn trang lỗi": "Ký số văn bản đi"}


def late(story: Story, statement: str) -> None:
    """Log what happened long before the last day on which VHV takes it."""
    story.come("agent", "log_complaint")
    story.log(statement, "Hotline", "Lỗi phần mềm", DETAILS)
    story.moment(_("When it happened"), LONG_AGO)
    story.reads(_("Refuse it and tell the customer why, or let a lead admit it as an exception."))


def test_from_an_empty_register_to_prevention(page: Page, server: Server) -> None:
    story = Story(page, server, "VHV", "engineering")
    driver.resize(page, driver.PHONE)
    late(story, "Tháng trước không ký số được")
    driver.shot(page, "story-vhv-too-late-390")
    story.press(_("Not taken: told why, closed"))
    story.type(_("The result as told to the customer"), "Thời hạn khiếu nại là 7 ngày làm việc")
    story.save(_("Save and close"), _("Logged, answered and closed in one save. The code, for the customer:"))
    story.come("agent")
    story.reads("Không thụ lý")

    driver.resize(page, driver.LAPTOP)
    late(story, "Ký số lỗi, đã báo kỹ thuật từ tháng trước")
    story.save(_("Save the complaint"), _("Saved. Give the customer this code:"))
    story.come("lead")
    story.take("admit", {_("Why is it taken all the same?"): "Khách đã báo trong hạn, qua kỹ thuật"})
    story.come("agent")
    story.take("acknowledge")
    story.take("classify", None, None, "Khiếu nại")
    story.take("ask_customer", {_("What is the customer asked?"): "Xin ảnh màn hình lỗi và mẫu văn bản"})
    expect(page.get_by_text(_("Ask again on")).first).to_be_hidden()
    story.take("record_reply", {_("What did the customer answer?"): "Đã gửi ảnh, lỗi từ bản 3.2"})
    story.take(
        "forward",
        {_("What should they check or decide?"): "Vì sao bản 3.2 không ký được?"},
        {_("Departments"): "Phòng Kỹ thuật phần mềm"},
    )
    story.come("engineering")
    story.take("answer", {_("What did the department find or decide?"): "Chứng thư mới chưa được nhận, đã vá"})
    story.come("agent")
    story.take("notify_result", {_("The result as told to the customer"): "Đã vá, ký số lại được"})
    story.take("close", None, {_("How did it end?"): "Chấp nhận khiếu nại", _("Root cause"): "Lỗi phần mềm"})
    story.reads(named("state", "closed"))
    driver.shot(page, "story-vhv-closed")
    story.prevent("Kiểm thử ký số với chứng thư mới")
    story.is_whole()
