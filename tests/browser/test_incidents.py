"""Three complaints of one cause (D24): an incident, forwarded once, answered once, told in one act; on two widths."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser import driver
from tests.browser.acts import choose

STORY = "Chương 12 bị khóa dù đã mua gói đọc"
PEOPLE = {"lan": ("agent", None), "content": ("handler", "content")}
SLOWLY = 30_000  # milliseconds: a slow machine is no fault


@pytest.fixture(scope="module")
def server_and_tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, dict[str, str]]]:
    """A server over two classified complaints of one text, and a session for each of ``PEOPLE``."""
    folder = tmp_path_factory.mktemp("incidents")
    tokens = _filled(folder)
    with driver.served(folder) as server:
        yield server, tokens


def _filled(folder: Path) -> dict[str, str]:
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="pops", now=now)
    with register.write() as session:
        people = {
            login: accounts.add(session, Account(login, login, role, department), "ba con mèo vàng ngủ", Act(None, now))
            for login, (role, department) in PEOPLE.items()
        }
        then = now - timedelta(hours=1)
        steps = [PastStep("acknowledge", then), PastStep("classify", then, {"kind": "complaint"})]
        histories = [
            (
                Draft(
                    channel,
                    then,
                    STORY,
                    "locked_chapter",
                    customer=CustomerDraft(name=name, phone=phone),
                    details={"series": "Hoa Nở Sân Trường", "chapter": "12"},
                ),
                steps,
            )
            for channel, name, phone in (
                ("hotline", "Nguyễn An", "0912 345 601"),
                ("facebook", "Trần Bình", "0912 345 602"),
            )
        ]
        complaints.write_histories(session, histories, Act(people["lan"], now))
        tokens = {login: sign_ins.open_session(session, person.id, now=now) for login, person in people.items()}
    register.engine.dispose()
    return tokens


def test_one_cause_is_handled_once(browser: Browser, server_and_tokens: tuple[driver.Server, dict[str, str]]) -> None:
    with driver.opened_page(browser) as page:
        opened(page, server_and_tokens, "lan", "log_complaint")
        log_the_third(page)
        opened(page, server_and_tokens, "lan", "complaint?code=KN-2026-000003")
        expect(page.get_by_text("2 hồ sơ khác")).to_be_visible(timeout=SLOWLY)

        opened(page, server_and_tokens, "lan", "incidents")
        expect(page.get_by_role("heading", level=1)).to_contain_text("1 sự cố đang diễn ra, 3 hồ sơ")
        driver.shots(page, "incident_opened")
        act(page, "forward")
        choose(page, _("Departments"), "Phòng Nội dung")
        page.keyboard.press("Escape")
        write(page, _("What should they check or decide?"), "Vì sao chương 12 bị khóa?")
        driver.shots(page, "incident_forward")
        save(page)
        expect(page.get_by_text("Chuyển: đã xong 2 hồ sơ")).to_be_visible(timeout=SLOWLY)  # one is not classified yet
        driver.shots(page, "incident_forwarded")

        opened(page, server_and_tokens, "content", "incidents")
        write(page, _("What did the department find or decide?"), "Bản cập nhật đêm qua gỡ nhầm quyền, đã trả lại.")
        save(page)
        expect(page.get_by_text("đã xong 2 hồ sơ")).to_be_visible(timeout=SLOWLY)
        driver.shots(page, "incident_answered")

        opened(page, server_and_tokens, "lan", "incidents")
        act(page, "notify_result")
        write(page, _("The result as told to the customers"), "Chương 12 đã mở lại, xin lỗi anh/chị.")
        save(page)
        expect(page.get_by_text("Đã báo bằng văn bản: đã xong 1 hồ sơ")).to_be_visible(timeout=SLOWLY)
        act(page, "notify_result")
        expect(page.get_by_text("0912 345 601")).to_be_visible(timeout=SLOWLY)
        page.get_by_text("Nguyễn An").first.click()
        driver.settle(page)
        write(page, _("The result as told to the customers"), "Đã gọi: chương 12 đọc được rồi.")
        driver.shots(page, "incident_call")
        save(page)
        expect(page.get_by_text("Đã báo qua điện thoại hoặc trực tiếp: đã xong 1 hồ sơ")).to_be_visible(timeout=SLOWLY)
        driver.shots(page, "incident_told")


def log_the_third(page: Page) -> None:
    """Another customer with the same words: the form proposes an incident, which is opened with the saving."""
    page.get_by_role("radio", name="Hotline").click(timeout=SLOWLY)
    for label, text in ((_("Phone, account or e-mail"), "0912 345 603"), (_("What does the customer say?"), STORY)):
        write(page, label, text)
    page.get_by_role("radio", name="Chương bị khóa").click()
    expect(page.get_by_text("3 khách hàng nói giống nhau trong 24 giờ")).to_be_visible(timeout=SLOWLY)
    page.get_by_text("Mở sự cố cùng 2 hồ sơ khác khi lưu").click()
    expect(page.get_by_label(_("What happened?"))).to_be_visible(timeout=SLOWLY)
    driver.settle(page)
    driver.shots(page, "incident_proposed")
    page.get_by_role("button", name=_("Save the complaint")).click()
    expect(page.get_by_text("Đã mở sự cố")).to_be_visible(timeout=SLOWLY)
    driver.shots(page, "incident_logged")


def opened(page: Page, server_and_tokens: tuple[driver.Server, dict[str, str]], who: str, address: str) -> None:
    """The page at ``address``, as one of ``PEOPLE``."""
    server, tokens = server_and_tokens
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": tokens[who], "url": server.url}])
    page.goto(f"{server.url}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SLOWLY)
    driver.settle(page)


def act(page: Page, key: str) -> None:
    """Choose what is done for all."""
    choose(page, _("Step"), named("act for an incident", key))


def write(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label)
    field.fill(text)
    field.press("Tab")
    driver.settle(page)


def save(page: Page) -> None:
    page.locator(".st-key-incident_acts").get_by_test_id("stBaseButton-primary").click()
    driver.settle(page)
