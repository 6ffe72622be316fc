"""Minh Tuấn: what is agreed on the spot is signed and closed at once; a fault goes to the team that owns it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from core.i18n import gettext as _
from core.i18n import named
from tests.browser import driver
from tests.browser.acts import choose
from tests.browser.driver import Server
from tests.browser.story import Story


def test_from_an_empty_register_to_prevention(page: Page, server: Server) -> None:
    story = Story(page, server, "Minh Tuấn", "systems")
    driver.resize(page, driver.PHONE)
    story.come("agent", "log_complaint")
    story.log("Thu phí gia hạn hai lần", "Trực tiếp tại văn phòng", "Phí dịch vụ, hóa đơn", {"Số tiền": "1tr2"})
    story.press(_("Agreed on the spot"))
    story.type(_("The result as told to the customer"), "Hoàn 1.200.000đ tại quầy, hai bên đã ký")
    choose(page, _("How did it end?"), "Chấp nhận khiếu nại")
    choose(page, _("Root cause"), "Từ phía khách hàng")
    story.attach("biên bản.png")
    driver.shot(page, "story-minh-tuan-on-the-spot-390")
    story.save(_("Save and close"), _("Logged, answered and closed in one save. The code, for the customer:"))
    story.come("agent")
    story.reads(named("state", "closed"), "Hoàn 1.200.000đ tại quầy, hai bên đã ký")
    page.get_by_role("tab", name=_("Evidence")).click()
    expect(page.get_by_role("link", name="biên bản.png", exact=True)).to_be_visible()

    driver.resize(page, driver.LAPTOP)
    story.come("agent", "log_complaint")
    story.log("Máy chủ chậm từ sáng", "Điện thoại", "Gián đoạn dịch vụ", {"Mã dịch vụ": "VPS-119"})
    story.save(_("Save the complaint"), _("Saved. Give the customer this code:"))
    story.come("agent")
    story.take("acknowledge")
    story.take("ask_customer", {_("What is the customer asked?"): "Xin ảnh màn hình và biên lai"})
    story.take("record_reply", {_("What did the customer answer?"): "Đã gửi ảnh đo tốc độ"})
    story.take("classify", None, None, "Khiếu nại")
    story.take(
        "forward",
        {_("What should they check or decide?"): "Máy chủ VPS-119 quá tải từ lúc nào?"},
        {_("Departments"): "Bộ phận Quản trị hệ thống"},
    )
    story.come("systems")
    driver.shot(page, "story-minh-tuan-systems")
    story.take("answer", {_("What did the department find or decide?"): "Bị tấn công, đã chặn"})
    story.come("agent")
    story.take(
        "escalate", {_("What is to be decided, and what do you propose?"): "Bù nửa tháng phí cho khách được không?"}
    )
    story.come("lead")
    story.take("direct", {_("What is to be done?"): "Bù nửa tháng"})
    story.come("agent")
    story.take("notify_result", {_("The result as told to the customer"): "Đã chặn, bù nửa tháng phí"})
    choose(page, _("How did it end?"), "Chấp nhận khiếu nại")
    choose(page, _("Root cause"), "Máy chủ quá tải")
    story.take("close", {_("What do we learn? (optional)"): "Đặt ngưỡng cảnh báo tải"})
    story.prevent("Đặt cảnh báo tải ở mọi máy chủ")
    story.come("lead", "lessons")
    story.reads("Đặt ngưỡng cảnh báo tải")
    driver.shot(page, "story-minh-tuan-lessons")
    story.is_whole()
