"""MISA's step 4 in a browser: a closed case is analysed, the board approves, the action is done, shown and verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.log.verify import verify
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser import driver
from tests.browser.acts import choose, save_button
from tests.files import PNG

WHAT = "Nhắc khách nộp sớm ba ngày trước hạn"


@pytest.fixture(scope="module")
def server_and_tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[driver.Server, Mapping[str, str]]]:
    """A server over a closed complaint, and the sessions of an agent and of the board."""
    folder = tmp_path_factory.mktemp("prevention")
    tokens = _filled(folder)
    with driver.served(folder) as server:
        yield server, tokens
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", now=datetime.now(UTC))
    assert verify(register, files=True).problems == []
    register.engine.dispose()


def _filled(folder: Path) -> dict[str, str]:
    now = datetime.now(UTC)
    register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", organisation="misa", now=now)
    then = now - timedelta(hours=3)
    steps = [
        PastStep("acknowledge", then, {"text": "Đã nhận"}),
        PastStep("classify", then, {"kind": "complaint", "category": "tax_filing"}),
        PastStep("notify_result", then, {"text": "Đã gửi được tờ khai"}),
        PastStep("close", then, {"outcome": "upheld", "root_cause": "tax_gateway"}),
    ]
    with register.write() as session:
        for login, name in (("agent", "Lan Anh"), ("manager", "Hoàng Long")):
            accounts.add(session, Account(login, name, login), "ba con mèo vàng ngủ", Act(None, now))
        draft = Draft("hotline", then, "Không nộp được tờ khai", "tax_filing")
        complaints.write_histories(session, [(draft, steps)], Act(None, now))
        tokens = {
            login: sign_ins.open_session(session, accounts.find(session, login).id, now=now)
            for login in ("agent", "manager")
        }
    register.engine.dispose()
    return tokens


def test_a_closed_case_is_analysed_approved_and_its_action_verified(
    browser: Browser, server_and_tokens: tuple[driver.Server, Mapping[str, str]]
) -> None:
    """The agent writes the analysis at a desk; the board, and later the agent with a picture, have a phone."""
    server, tokens = server_and_tokens
    code = f"KN-{datetime.now(UTC):%Y}-000001"
    with driver.opened_page(browser) as page:
        come_as(page, server, tokens["agent"])
        page.goto(f"{server.url}/")
        expect(page.get_by_test_id("stMetric").filter(has_text=_("Prevention"))).to_be_visible()
        driver.settle(page)
        driver.shot(page, "prevention_overview")
        page.goto(f"{server.url}/prevention")
        page.locator(f"a[data-key='{code}']").click()
        form = page.locator(".st-key-next_step")
        save = save_button(page, named("step", "analyse"))
        expect(save).to_be_visible()
        form.get_by_label(_("Why did it happen?")).fill("Tờ khai không gửi được")
        form.get_by_label(_("And why that? ({n})").format(n=2)).fill("Hệ thống thuế gián đoạn")
        form.get_by_label(_("Action {n}: what is done?").format(n=1)).fill(WHAT)
        choose(page, _("Who does it"), "Lan Anh")
        driver.shot(page, "prevention_form")
        save.click()
        expect(page.get_by_text(_("Saved: {step}.").format(step=named("step", "analyse"))).first).to_be_visible()
        driver.shot(page, "prevention_analysed")

        driver.resize(page, driver.PHONE)
        come_as(page, server, tokens["manager"])
        page.goto(f"{server.url}/prevention")
        card = page.locator(f".st-key-approval_{code}")
        expect(card.get_by_text(WHAT)).to_be_visible()
        driver.settle(page)
        driver.shot(page, "prevention_board")
        card.get_by_role("button", name=_("Approve"), exact=True).click()
        expect(page.get_by_text(_("The analysis of {code} is approved.").format(code=code))).to_be_visible()

        come_as(page, server, tokens["agent"])
        page.goto(f"{server.url}/complaint?code={code}")
        step(page, "action_done")
        step(page, "send_evidence", file=True)
        form.get_by_role("combobox", name=_("Does the evidence show it?")).wait_for()
        choose(page, _("Does the evidence show it?"), named("verified", "confirmed"))
        step(page, "verify_evidence")
        driver.settle(page)
        page.get_by_role("tab", name=_("Prevention")).click()
        expect(page.get_by_text(named("stage of an action", "verified")).first).to_be_visible()
        driver.settle(page)
        driver.shot(page, "prevention_case", whole=True)
        page.goto(f"{server.url}/prevention")
        expect(page.get_by_text(_("Done in time"))).to_be_visible()
        driver.settle(page)
        driver.shot(page, "prevention_page")


def come_as(page: Page, server: driver.Server, token: str) -> None:
    """The same browser with another person in front of it."""
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])


def step(page: Page, key: str, *, file: bool = False) -> None:
    """Take the step that stands first, which is the one the action waits for."""
    form = page.locator(".st-key-next_step")
    save = save_button(page, named("step", key))
    expect(save).to_be_visible()
    driver.settle(page)  # the form of the step before is gone
    if file:
        upload = {"name": "bang-chung.png", "mimeType": "image/png", "buffer": PNG}
        form.locator("input[type=file]").set_input_files(upload)  # type: ignore[arg-type] # a FilePayload
        expect(form.get_by_text("bang-chung.png").first).to_be_visible()
    driver.settle(page)
    save.click()
    expect(page.get_by_text(_("Saved: {step}.").format(step=named("step", key))).first).to_be_visible()
