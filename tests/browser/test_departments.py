"""Two departments are asked in one save (D19): one answers, one returns, a third is reminded and not waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from core.i18n import gettext as _
from core.i18n import named
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Person
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser import driver
from tests.browser.acts import choose, take
from tests.register.ways import PAYMENT

CODE = "KN-2026-000001"
PEOPLE = {
    "lan": ("agent", None),
    "payment": ("handler", "payment"),
    "engineering": ("handler", "engineering"),
}
Tokens = dict[str, str]
Staff = Mapping[str, tuple[str, str | None]]
"""Login → role and department; an agent ``lan`` among them, who logged the complaint."""


@pytest.fixture(scope="module")
def server_and_tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, Tokens]]:
    """A server over one classified complaint, and a session for each of ``PEOPLE``."""
    folder, now = tmp_path_factory.mktemp("departments"), datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    tokens = filled(register, PEOPLE)
    register.engine.dispose()
    with driver.served(folder) as server:
        yield server, tokens


def filled(
    register: Register, staff: Staff, also: Callable[[Session, dict[str, Person], datetime], None] = lambda *_: None
) -> Tokens:
    """Write one classified complaint about a payment; a session of each of ``staff``.

    ``also``: what is written besides, in the same transaction.
    """
    now = datetime.now(UTC)
    with register.write() as session:
        people = {
            login: accounts.add(session, Account(login, login, role, department), "ba con mèo vàng ngủ", Act(None, now))
            for login, (role, department) in staff.items()
        }
        steps = [PastStep("acknowledge", now), PastStep("classify", now, {"kind": "complaint"})]
        draft = Draft("hotline", now, "Nạp 200 Stars, đã trừ tiền mà không thấy Stars.", "payment", details=PAYMENT)
        complaints.write_histories(session, [(draft, steps)], Act(people["lan"], now))
        also(session, people, now)
        return {login: sign_ins.open_session(session, person.id, now=now) for login, person in people.items()}


def test_two_departments_one_answers_one_returns(
    browser: Browser, server_and_tokens: tuple[driver.Server, Tokens]
) -> None:
    with driver.opened_page(browser) as page:
        opened(page, server_and_tokens, "lan")
        forward(page, "Phòng Thanh toán", "Phòng Kỹ thuật", text="Khách có bị trừ tiền không?")
        expect(page.get_by_text("cần trả lời trước")).to_have_count(4)  # at the head and in the timeline
        driver.shots(page, "departments_asked")

        opened(page, server_and_tokens, "payment")
        take(page, named("step", "answer"), **{_("What did the department find or decide?"): "Có trừ, đã hoàn"})
        opened(page, server_and_tokens, "engineering")
        driver.shots(page, "departments_handler")
        choose(page, _("Step"), named("step", "return_request"))
        page.get_by_label(_("Why is it not the department's?")).fill("Lỗi ở bên nội dung")
        page.get_by_label(_("Why is it not the department's?")).press("Tab")
        choose(page, _("Whose is it? (if known)"), "Phòng Nội dung")
        driver.shots(page, "departments_return")
        page.locator(".st-key-next_step").get_by_test_id("stBaseButton-primary").click()
        expect(page.get_by_text(_("This complaint is not with your department any more."))).to_be_visible()
        driver.shots(page, "departments_returned")

        opened(page, server_and_tokens, "lan")
        expect(page.get_by_text("thuộc Phòng Nội dung").first).to_be_visible()
        choose(page, _("Step"), named("step", "forward"))
        forward(page, "Phòng Nội dung", text="Chương nào bị lỗi?")
        take(page, named("step", "remind"))
        expect(page.get_by_text("đã nhắc 1 lần").first).to_be_visible()
        page.goto(f"{server_and_tokens[0].url}/queue?segment=waiting_department")
        expect(page.get_by_text("đã nhắc 1 lần")).to_be_visible()
        driver.shots(page, "departments_queue")
        opened(page, server_and_tokens, "lan")
        choose(page, _("Step"), named("step", "notify_result"))
        expect(page.get_by_text("Còn chờ trả lời của: Phòng Nội dung")).to_be_visible()
        driver.shots(page, "departments_warned")
        take(page, named("step", "notify_result"), **{_("The result as told to the customer"): "Đã hoàn 200 Stars"})
        expect(page.locator(".st-key-case_history").get_by_text("cần trả lời trước")).to_have_count(3)
        expect(page.get_by_text("Chờ Phòng")).to_have_count(0)  # nobody owes anything any more
        driver.shots(page, "departments_told")


def opened(page: Page, server_and_tokens: tuple[driver.Server, Tokens], who: str) -> None:
    """The page of the complaint, as one of ``PEOPLE``."""
    server, tokens = server_and_tokens
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": tokens[who], "url": server.url}])
    page.goto(f"{server.url}/complaint?code={CODE}")
    expect(page.get_by_text("Nạp 200 Stars")).to_be_visible()
    driver.settle(page)


def forward(page: Page, *departments: str, text: str) -> None:
    """Choose the departments and ask them."""
    for department in departments:
        choose(page, _("Departments"), department)
    page.keyboard.press("Escape")  # the list stays open for more
    take(page, named("step", "forward"), **{_("What should they check or decide?"): text})
