"""The mail server of this folder's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import dovecot
from tests.browser.chromium import required
from tests.dovecot import Server


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """A running Dovecot."""
    if dovecot.find() is None and not required():
        pytest.skip("no Dovecot was found (try: make servers)")
    with dovecot.served() as found:
        yield found
