"""Nothing that people use is stopped by the content policy, and nothing on a page is called from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.settings import SESSION_COOKIE
from tests import poisoned
from tests.attack.target import Target, Visitor, target
from tests.browser import driver
from tests.browser.acts import choose, save_button
from tests.browser.driver import opened_page, settle, until
from tests.files import PNG, content_of


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("policy"), sample=200) as server:
        yield server


@pytest.fixture
def trouble(page: Page) -> list[str]:
    """What the policy stopped and what the page asked of other hosts, filled while the page is used."""
    return driver.watched(page)


def enter(page: Page, visitor: Visitor) -> None:
    """Have the visitor's session in this browser."""
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": visitor.cookies[SESSION_COOKIE], "url": visitor.url}])


def test_what_scripts_do_still_happens(page: Page, of: Target, trouble: list[str], tmp_path: Path) -> None:
    enter(page, of.person("lead"))
    page.goto(f"{of.server.url}/log_complaint")
    settle(page)
    channel = page.get_by_role("radio", name="Hotline")
    until(page, "document.activeElement?.closest('[class*=st-key-log]') !== null")
    (tmp_path / "phim.mp4").write_bytes(content_of("phim.mp4"))
    (tmp_path / "ảnh.png").write_bytes(PNG)
    page.locator("input[type=file]").set_input_files([tmp_path / "phim.mp4", tmp_path / "ảnh.png"])
    expect(page.get_by_test_id("stFileChip")).to_have_count(2)
    channel.click()
    settle(page)
    page.keyboard.press("Control+Enter")  # the cursor is on a pill, which keeps the Enter key to itself
    expect(page.get_by_role("alert")).to_contain_text(_("Category"))
    assert trouble == []


def test_evidence_is_looked_at_under_the_policy(page: Page, of: Target, trouble: list[str], tmp_path: Path) -> None:
    enter(page, of.person("lead"))
    page.goto(f"{of.server.url}/complaint?code=KN-2026-000001")
    form = page.locator(".st-key-next_step")
    choose(page, _("Step"), named("step", "add_evidence"))
    (tmp_path / "ảnh.png").write_bytes(poisoned.PNG)
    (tmp_path / "biên lai.pdf").write_bytes(content_of("biên lai.pdf"))
    form.locator("input[type=file]").set_input_files([tmp_path / "ảnh.png", tmp_path / "biên lai.pdf"])
    choose(page, _("What does “{name}” show?").format(name="ảnh.png"), named("evidence kind", "error_picture"))
    save_button(page, named("step", "add_evidence")).click()
    expect(page.get_by_text(_("Saved: {step}.").format(step=named("step", "add_evidence"))).first).to_be_visible()
    settle(page)
    page.get_by_role("tab", name=_("Evidence")).click()
    picture = page.get_by_role("img", name="ảnh.png")
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
    expect(page.get_by_text(named("evidence kind", "error_picture"), exact=True)).to_be_visible()
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 1, "it was drawn"
    with page.expect_response(lambda answer: answer.url.endswith("/view")) as shown:
        page.get_by_role("button", name=_("Show it here")).click()
    assert (shown.value.status, shown.value.headers["content-type"]) == (200, "application/pdf")
    expect(page.get_by_title("biên lai.pdf")).to_be_visible()
    page.get_by_role("button", name=_("Close"), exact=True).click()
    expect(page.get_by_title("biên lai.pdf")).to_have_count(0)
    assert trouble == []


def test_a_click_on_a_cause_opens_its_rows(page: Page, of: Target, trouble: list[str]) -> None:
    enter(page, of.person("lead"))
    page.goto(f"{of.server.url}/root_causes?period=year")
    settle(page)
    until(page, "document.querySelector('.js-plotly-plot .point path') !== null")
    bars = [bar.bounding_box() for bar in page.locator(".js-plotly-plot .point path").all()]
    widest = max((bar for bar in bars if bar), key=lambda bar: bar["width"])
    page.mouse.move(widest["x"] + widest["width"] / 2, widest["y"] + widest["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/explore?*")
    settle(page)
    assert trouble == []


def test_signing_out_leads_to_the_form(page: Page, of: Target, trouble: list[str]) -> None:
    enter(page, of.person("lead"))
    page.goto(of.server.url)
    settle(page)
    page.get_by_role("button", name=_("Sign out")).click()
    page.wait_for_url("**/sign-in")
    expect(page.get_by_label(_("Login name"))).to_be_visible()
    assert trouble == []


def test_a_tab_whose_session_ended_says_so(browser: Browser, of: Target) -> None:
    visitor = of.person("lead")
    with opened_page(browser) as page:
        enter(page, visitor)
        page.goto(f"{of.server.url}/queue")
        settle(page)
        with visitor.client() as client:
            client.post("/sign-out", headers={"sec-fetch-site": "same-origin"})
        page.get_by_test_id("stSidebarNav").get_by_role("link").first.click()
        expect(page.get_by_text(_("Your session has ended."))).to_be_visible()
