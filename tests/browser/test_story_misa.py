"""MISA: a serious complaint about somebody's conduct: the board decides, looks at its cause, and sees it prevented."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.rules.steps import VERIFY
from tests.browser import driver
from tests.browser.acts import choose
from tests.browser.driver import Server
from tests.browser.story import PEOPLE, Story

STATEMENT = "Nhân viên hẹn gọi lại ba lần mà không gọi"
WHAT, RESPONSIBLE = "Giao việc gọi lại vào lịch chung", "Trần Văn C, quản lý Lê Thị D"


def test_from_an_empty_register_to_prevention(page: Page, server: Server) -> None:
    story = Story(page, server, "MISA", "support")
    driver.resize(page, driver.PHONE)
    story.come("agent", "log_complaint")
    story.log(STATEMENT, "Số điện thoại khiếu nại", "Thái độ phục vụ", {"Nhân viên bị phản ánh": "Trần Văn C"})
    story.press("Nghiêm trọng")
    driver.shot(page, "story-misa-log-390", whole=True)
    story.save(_("Save the complaint"), _("Saved. Give the customer this code:"))
    story.come("agent")
    story.reads("Nghiêm trọng")
    verify_the_customer(story)

    driver.resize(page, driver.LAPTOP)
    story.take("acknowledge")
    story.take("classify", None, None, "Khiếu nại")
    asked = {_("What is to be decided, and what do you propose?"): "Đề xuất xin lỗi và tặng một tháng phí"}
    story.take("escalate", asked, {_("Who is asked"): named("addressee", "board")})
    story.come("manager", "queue?segment=to_direct")
    story.reads(story.code)
    story.come("manager")
    story.take("approve_proposal")
    story.come("agent")
    story.take("notify_result", {_("The result as told to the customer"): "Đã xin lỗi, tặng một tháng phí"})
    the_board_looks(story)
    story.come("agent")
    story.take("close", None, {_("How did it end?"): "Chấp nhận khiếu nại", _("Root cause"): "Thái độ phục vụ"})
    is_prevented(story)
    story.is_whole()


def verify_the_customer(story: Story) -> None:
    """What is true of the customer (MISA 2): from their tab to the form, which is scrolled to, and back."""
    page = story.page
    tab = page.get_by_role("tab", name=_("Customer"))
    tab.click()
    expect(page.get_by_text(_("not verified yet"))).to_have_count(6)
    page.locator(f".st-key-{VERIFY}").get_by_role("button", name=named("step", VERIFY)).click()
    expect(page.get_by_label("Chức danh")).to_be_visible()
    expect(story.form).to_be_in_viewport()
    driver.settle(page)
    story.type("Chức danh", "Kế toán trưởng")
    driver.shots(page, "misa-verify-form")
    story.save_step(VERIFY)
    tab.click()
    expect(page.get_by_role("cell", name=re.compile(f"Kế toán trưởng {PEOPLE['agent']}"))).to_be_visible()
    expect(page.get_by_text(_("not verified yet"))).to_have_count(5)
    page.get_by_text(_("not verified yet")).last.scroll_into_view_if_needed()
    driver.shots(page, "misa-customer")


def the_board_looks(story: Story) -> None:
    """MISA's step 4: the cause is analysed at a desk; the board, on a phone, reads who is responsible, and approves."""
    page = story.page
    story.come("agent")
    texts = {
        _("Why did it happen?"): "Không có lịch gọi lại",
        _("And why that? ({n})").format(n=2): "Mỗi người tự ghi sổ riêng",
        _("Action {n}: what is done?").format(n=1): WHAT,
        _("People responsible, and their managers"): RESPONSIBLE,
    }
    story.take("analyse", texts, {_("Root cause"): "Thái độ phục vụ", _("Who does it"): PEOPLE["agent"]})
    driver.shot(page, "story-misa-analysed")
    expect(page.get_by_text(RESPONSIBLE)).to_have_count(0)  # for the board alone

    driver.resize(page, driver.PHONE)
    story.come("manager", "prevention")
    card = page.locator(f".st-key-approval_{story.code}")
    expect(card.get_by_text(WHAT)).to_be_visible()
    driver.shot(page, "story-misa-board-390")
    card.get_by_role("button", name=_("Approve"), exact=True).click()
    story.reads(_("The analysis of {code} is approved.").format(code=story.code))
    story.come("manager")
    expect(page.get_by_text(RESPONSIBLE).first).to_be_visible()


def is_prevented(story: Story) -> None:
    """What was planned is done, shown by a picture and verified, all of it on a phone."""
    page = story.page
    story.take("action_done")
    story.choose_step("send_evidence")
    story.attach("bang-chung.png")
    story.save_step("send_evidence")
    story.choose_step("verify_evidence")
    choose(page, _("Does the evidence show it?"), named("verified", "confirmed"))
    story.save_step("verify_evidence")
    page.get_by_role("tab", name=_("Prevention")).click()
    story.reads(named("stage of an action", "verified"))
    driver.shot(page, "story-misa-case-390", whole=True)
    story.come("agent", "prevention")
    story.reads(_("Done in time"))
    driver.shot(page, "story-misa-prevention-390")
