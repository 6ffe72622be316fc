"""The first page a stranger sees: our own type, in both modes, and nothing fetched from anywhere else."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Request

from tests.browser import driver

VIETNAMESE = "Tiếp nhận khiếu nại, xử lý đúng hạn ắằẳẵặ"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_speaks_vietnamese_in_our_own_type(
    server: driver.Server, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    with driver.opened_page(browser, scheme=scheme) as page:
        page.on("request", note)
        page.goto(f"{server.url}/sign-in")
        loaded = page.evaluate(
            "text => document.fonts.load('400 15px BeVietnamPro', text).then(faces => faces.length)", VIETNAMESE
        )
        assert loaded == 1
        assert page.evaluate("document.documentElement.lang") == "vi"
        assert [url for url in asked if not url.startswith((server.url, "data:"))] == []
        assert any(url.endswith("/app/static/BeVietnamPro-Regular.woff2") for url in asked)
        driver.shot(page, f"sign-in-{scheme}")
