"""Minh Tuấn: what is agreed on the spot is signed and closed at once; a fault goes to its team; papers are issued."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from core.i18n import gettext as _
from core.i18n import named
from core.rules.calendar import local_day
from tests.browser import driver
from tests.browser.acts import choose
from tests.browser.driver import Server, acted, settle
from tests.browser.story import Story

YEAR = local_day(datetime.now(UTC)).year


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
    papers_of_a_visitor(story)
    story.is_whole()


def papers_of_a_visitor(story: Story) -> None:
    """A visitor gets a slip, later the written reply and the minutes; the file of the case holds them all."""
    page = story.page
    story.come("agent", "log_complaint")
    story.log("Hóa đơn ghi sai tên công ty", "Trực tiếp tại văn phòng", "Phí dịch vụ, hóa đơn", {"Số tiền": "500k"})
    story.save(_("Save the complaint"), _("Saved. Give the customer this code:"))
    story.come("agent")
    write(story, "intake_slip")
    page.get_by_role("button", name=_("Look at it")).click()
    acted(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name=_("Page {n} of {pages}").format(n=1, pages=1))).to_be_visible()
    driver.shot(page, "story-minh-tuan-look-at-a-slip")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    settle(page)
    story.save_step("issue_paper")
    story.reads(f"0001/{YEAR}/PTN")
    story.take("acknowledge")
    story.take("classify", None, None, "Khiếu nại")
    story.take("notify_result", {_("The result as told to the customer"): "Đã xuất lại hóa đơn đúng tên"})
    slip = _("Write: {paper}").format(paper=named("paper", "intake_slip"))
    expect(page.get_by_role("button", name=slip)).to_have_count(0)
    for kind, number in (("written_reply", f"0001/{YEAR}/TL"), ("settlement_minutes", f"0001/{YEAR}/BB")):
        write(story, kind)
        text = story.form.get_by_label(_("What the paper says"))
        expect(text).to_have_value(re.compile("Đã xuất lại hóa đơn đúng tên"))
        story.save_step("issue_paper")
        story.reads(number)
    driver.shot(page, "story-minh-tuan-papers", whole=True)
    file = page.request.get(f"{story.server.url}/papers/{story.code}.pdf")
    said = " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(file.body())).pages).split())
    for wanted in (
        "HỒ SƠ KHIẾU NẠI",
        "Hóa đơn ghi sai tên công ty",
        f"0001/{YEAR}/PTN",
        f"0001/{YEAR}/TL",
        f"0001/{YEAR}/BB",
    ):
        assert wanted in said, wanted
    driver.resize(page, driver.PHONE)
    driver.shot(page, "story-minh-tuan-papers-390", whole=True)


def write(story: Story, kind: str) -> None:
    """Begin the paper by its button."""
    label = _("Write: {paper}").format(paper=named("paper", kind))
    story.page.get_by_role("button", name=label).click()
    acted(story.page)
    expect(story.form.get_by_label(_("What the paper says"))).to_be_visible()
    settle(story.page)
