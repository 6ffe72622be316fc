"""Complaints that nobody types: the app's stands in the queue, the website's form logs one, its customer follows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from core.register.api import keys
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.verify import verify
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.steps import State
from core.settings import SESSION_COOKIE
from tests.browser import driver
from tests.files import PNG
from tests.register.api.given import brought_to

SECOND = 1.0


@dataclass
class Company:
    """A server over a register, a lead who is signed in, and the key of the app."""

    server: driver.Server
    register: Register
    token: str
    app: str

    def key_of(self, site: str) -> str:
        """A key for the pages of ``site``."""
        with self.register.write() as session:
            return keys.make(session, keys.Draft("Trang web", "web", (keys.CREATE,), (site,)), Act(None, now()))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def company(register: Register, tmp_path: Path) -> Iterator[Company]:
    """POPS, with nothing logged yet, on each engine in turn."""
    with register.write() as session:
        lead = accounts.add(session, Account("lan", "Lan Anh", "lead"), "ba con mèo vàng ngủ", Act(None, now()))
        token = sign_ins.open_session(session, lead.id, now=now())
        app = keys.make(session, keys.Draft("Ứng dụng POPS", "app_android"), Act(None, now()))
    with driver.served(tmp_path, **driver.environment(register.url)) as server:
        yield Company(server, register, token, app)


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder; nothing is written to the terminal."""

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@contextmanager
def website(folder: Path) -> Iterator[str]:
    """The origin of another server, with the pages of ``folder``."""
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def test_what_the_app_sends_stands_in_the_queue_at_once(company: Company, page: Page) -> None:
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": company.token, "url": company.server.url}])
    page.goto(f"{company.server.url}/queue")
    driver.settle(page)
    headers = {"authorization": f"Bearer {company.app}", "idempotency-key": "a-name"}
    body = {"statement": "Nạp 200 Stars, chưa thấy Stars", "category": "content"}
    begun = time.monotonic()
    answer = httpx2.post(f"{company.server.url}/api/v1/complaints", json=body, headers=headers)
    assert answer.status_code == 201
    assert time.monotonic() - begun < SECOND, "the app waits for the commit and for nothing else"
    page.goto(f"{company.server.url}/queue?segment=all")
    row = page.locator(f"a[data-key='{answer.json()['code']}']")
    expect(row).to_be_visible()
    row.click()
    expect(page.get_by_text("Nạp 200 Stars, chưa thấy Stars").first).to_be_visible()
    expect(page.get_by_text("khách hàng, qua Ứng dụng POPS").first).to_be_visible()
    driver.shot(page, "api_case", whole=True)


def test_a_customer_complains_on_the_website_and_follows_it_to_an_agreement(
    company: Company, browser: Browser, tmp_path: Path
) -> None:
    with website(tmp_path / "site") as site, driver.opened_page(browser) as page:
        script = f"{company.server.url}/api/v1/form.js?lang=vi"
        embed = f'<!doctype html><h1>POPS</h1><script src="{script}" data-key="{company.key_of(site)}" async></script>'
        (tmp_path / "site" / "help.html").write_text(f'<meta charset="utf-8">{embed}', encoding="utf-8")
        code, secret = complain(page, f"{site}/help.html")
        page.goto(f"{company.server.url}/follow")
        follow(page, code, "AAAA-AAAA-AAAA-AAAA")
        expect(page.get_by_text("Không có hồ sơ nào ứng với mã")).to_be_visible()
        follow(page, code, secret.lower())
        expect(page.get_by_role("heading", name="Đã nhận, chưa xem xét")).to_be_visible()
        shots(page, "follow_received")
        with company.register.write() as session:
            brought_to(session, code, State.proposed, now())
        page.get_by_role("button", name="Xem lại").click()
        expect(page.get_by_text("Nội dung của bước propose")).to_be_visible()
        shots(page, "follow_proposal")
        page.get_by_role("button", name="Tôi đồng ý").click()
        expect(page.get_by_text("Cảm ơn quý khách")).to_be_visible()
        expect(page.get_by_role("heading", name="Đang xem xét")).to_be_visible()
        assert secret not in page.url and code not in page.url
    assert verify(company.register).is_whole


def complain(page: Page, address: str) -> tuple[str, str]:
    """Fill in the form of the website, wrong at first; the code and the secret that it shows."""
    page.goto(address)
    page.get_by_label("Khiếu nại về việc gì?").select_option(label="Nội dung")
    page.get_by_label("Tập, chương").fill("Tập 3")
    page.get_by_label("Số điện thoại").fill("123")
    page.get_by_label("Chuyện gì đã xảy ra?").fill("Tập 3 không có tiếng")
    page.get_by_label("Ảnh hoặc tài liệu").set_input_files(
        {"name": "màn hình.png", "mimeType": "image/png", "buffer": PNG}
    )
    shots(page, "embed")
    page.get_by_role("button", name="Gửi khiếu nại").click()
    expect(page.get_by_role("alert")).to_contain_text("Hãy sửa các trường được nêu")
    expect(page.get_by_label("Số điện thoại")).to_have_attribute("aria-invalid", "true")
    shots(page, "embed_wrong")
    page.get_by_label("Số điện thoại").fill("0912 345 678")
    page.get_by_role("button", name="Gửi khiếu nại").click()
    expect(page.get_by_role("status")).to_contain_text("Chúng tôi đã nhận được khiếu nại")
    shots(page, "embed_sent")
    said = page.locator("[role=status] code")
    return said.nth(0).inner_text(), said.nth(1).inner_text()


def follow(page: Page, code: str, secret: str) -> None:
    page.get_by_label("Mã hồ sơ").fill(code)
    page.get_by_label("Mã bí mật").fill(secret)
    page.get_by_role("button", name="Xem tình trạng").click()


def shots(page: Page, name: str) -> None:
    """Pictures at both widths; these pages are none of Streamlit's."""
    for look, size in (("phone", driver.PHONE), ("laptop", driver.LAPTOP)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        driver.shot(page, f"{name}_{look}", whole=True)
