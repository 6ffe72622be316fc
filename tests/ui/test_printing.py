"""Streamlit's empty page has rules for paper before anything of ours was fetched; nothing else is answered."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.i18n import in_all_languages
from core.ui import printing
from core.ui.printing import FRAME, HEAD_ENDS, FirstFrame


@pytest.fixture
def site() -> TestClient:
    """The middleware in front of an application that answers everything with its own word."""
    everything = Route("/{path:path}", lambda _request: PlainTextResponse("theirs"), methods=["GET", "POST"])
    return TestClient(Starlette(routes=[everything], middleware=[Middleware(FirstFrame)]))


def test_it_is_the_installed_page_with_one_style_sheet_more(site: TestClient) -> None:
    theirs = FRAME.read_text(encoding="utf-8")
    assert theirs.count(HEAD_ENDS) == 1, "Streamlit's page is another one now: see core/ui/printing.py"
    for path in ("/", "/sla", "/complaint?code=KN-2026-000001"):
        answer = site.get(path)
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-cache", "or an update of Streamlit would leave its old page"
        before, _style, rest = answer.text.partition("<style>")
        style, _end, after = rest.partition("</style>")
        assert before + after == theirs
        assert style.startswith("@media print")
        for words in in_all_languages(printing.LOADING):
            assert words in style


def test_nothing_else_is_answered(site: TestClient) -> None:
    for path in ("/sla/", "/static/js/index.js", "/export/complaints.csv", "/sign-in", "/media/x"):
        assert site.get(path).text == "theirs", path
    assert site.post("/sla").text == "theirs"
