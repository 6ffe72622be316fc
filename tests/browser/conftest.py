"""Fixtures of the browser stories; without a browser they are left out and said so, and on CI that is a failure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium, driver

HERE = Path(__file__).parent
expect.set_options(timeout=driver.STEP_SECONDS * 1000)  # a busy machine draws a page in more than the usual 5 s


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the stories; take them out where there is no browser and nobody insists."""
    stories = [item for item in items if item.path.is_relative_to(HERE)]
    for item in stories:
        item.add_marker(pytest.mark.browser)
    if stories and not chromium.required() and chromium.find() is None:
        items[:] = [item for item in items if item not in stories]
        config.hook.pytest_deselected(items=stories)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for the stories of this worker, which keeps the compiled scripts of the pages.

    The stories come first (``tests.conftest``); with the last of them ends Playwright's event loop, so that the tests
    after it may run theirs.
    """
    with driver.chromium_browser(chromium.HASTY) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page, signed in nowhere."""
    with driver.opened_page(browser) as page:
        yield page


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone's page, signed in nowhere."""
    with driver.opened_page(browser, driver.PHONE) as page:
        yield page


@pytest.fixture
def server(tmp_path: Path) -> Iterator[driver.Server]:
    """A running server over an empty register of its own."""
    with driver.served(tmp_path / "data") as server:
        yield server
