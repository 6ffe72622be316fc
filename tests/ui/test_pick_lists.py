"""The script that narrows pick lists is handed out changed, and nothing else is."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.ui import pick_lists
from core.ui.pick_lists import COMPARED, FOLDED, SCRIPTS, PickLists, changed_script


@pytest.fixture
def site() -> TestClient:
    """The middleware in front of an application that answers everything with its own word."""
    everything = Route("/{path:path}", lambda _request: PlainTextResponse("theirs"))
    return TestClient(Starlette(routes=[everything], middleware=[Middleware(PickLists)]))


def test_the_installed_streamlit_has_one_such_script() -> None:
    changed = changed_script()
    assert changed is not None, "Streamlit narrows pick lists otherwise now: see core/ui/pick_lists.py"
    name, text = changed
    theirs = (SCRIPTS / name).read_text(encoding="utf-8")
    assert text != theirs
    assert text.replace(FOLDED, COMPARED) == theirs
    alike = [
        file.name for file in SCRIPTS.glob("*.js") if all(w in file.read_text("utf-8") for w in pick_lists.NARROWS)
    ]
    assert alike == [name]


def test_only_that_script_is_ours(site: TestClient) -> None:
    changed = changed_script()
    assert changed is not None
    name, text = changed
    for path in (f"/static/js/{name}", f"/kn/static/js/{name}"):
        answer = site.get(path)
        assert answer.text == text, path
        assert answer.headers["content-type"].startswith("text/javascript")
    for path in (f"/{name}", "/static/js/other.js", f"/static/js/x/{name}", "/queue", f"/static/{name}"):
        assert site.get(path).text == "theirs", path


def test_a_streamlit_without_such_a_script_is_left_alone(site: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = changed_script()
    assert changed is not None
    monkeypatch.setattr(pick_lists, "changed_script", lambda: None)
    assert site.get(f"/static/js/{changed[0]}").text == "theirs"
