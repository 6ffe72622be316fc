"""The page of a procedure on a laptop, in the dark, on a phone: the flow fits, a term is changed by looking first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from core.commands import sample
from core.i18n import gettext as _
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.browser.driver import LAPTOP, PHONE, Server, opened_page, resize, served, settle, shot

LOOKS: tuple[tuple[str, tuple[int, int], Literal["light", "dark"]], ...] = (
    ("light", LAPTOP, "light"),
    ("dark", LAPTOP, "dark"),
    ("phone", PHONE, "light"),
)


@pytest.fixture(scope="module")
def server_and_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A register of MISA beside POPS with sample complaints, and the session of an administrator."""
    folder = tmp_path_factory.mktemp("procedures")
    now = datetime.now(UTC)
    register = open_up(
        f"sqlite:///{folder / 'complaints.db'}",
        folder / "evidence",
        organisation="pops",
        procedures=("misa", "vhv"),
        now=now,
    )
    sample.fill(register, 150, now, seed=1)
    with register.write() as session:
        account = Account("quan.tri", "Quản Trị", "admin")
        person = accounts.add(session, account, "bánh cuốn nóng 63", Act(None, now))
        token = sign_ins.open_session(session, person.id, now=now)
    register.engine.dispose()
    with served(folder) as server:
        yield server, token


@pytest.mark.parametrize("key", ["pops", "misa"])
def test_the_flow_fits_and_says_everything_in_words(
    server_and_token: tuple[Server, str], browser: Browser, key: str
) -> None:
    with opened_page(browser) as page:
        enter(page, server_and_token, f"procedures?procedure={key}")
        flow = page.get_by_role(
            "list", name=_("Steps of the procedure in their order, with the clocks that start at each")
        )
        expect(flow).to_be_visible()
        expect(flow.locator(".clock").first).to_contain_text(_("until: {events}").split("{", maxsplit=1)[0])
        for look, size, scheme in LOOKS:
            page.emulate_media(color_scheme=scheme)
            resize(page, size)
            assert all(within(page, size[0])), f"{look}: something of {key} is cut off"
            shot(page, f"procedure-{key}-{look}", whole=True)


def test_a_term_is_changed_on_a_phone(server_and_token: tuple[Server, str], browser: Browser) -> None:
    with opened_page(browser, PHONE) as page:
        enter(page, server_and_token, "procedures?edit=1")
        amount = page.get_by_label(_("Amount")).nth(1)
        amount.fill("3")
        amount.press("Tab")
        settle(page)
        page.get_by_role("button", name=_("Look at the effect")).click()
        apply = page.get_by_role("button", name=_("Take into use"))
        expect(apply).to_be_visible()
        shot(page, "procedure-change-phone", whole=True)
        apply.click()
        expect(
            page.get_by_text(_("Version {version} applies {since}.").format(version=2, since=_("from now on")))
        ).to_be_visible()


def enter(page: Page, server_and_token: tuple[Server, str], address: str) -> None:
    """Open ``address`` as the administrator."""
    server, token = server_and_token
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
    page.goto(f"{server.url}/{address}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    settle(page)


def within(page: Page, width: int) -> list[bool]:
    """Whether each part of the flow lies wholly on the screen."""
    boxes = [part.bounding_box() for part in page.locator(".flow :is(.step, .clock)").all()]
    return [box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes]
