"""Naughty texts in every field of the register, on every page that shows them: none reaches Markdown raw."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from google.protobuf.message import Message  # type: ignore[import-untyped]
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element, Node

from core.register.log.database import Register, open_register
from core.register.log.tables import Person
from tests import poisoned
from tests.engines import MONDAY, Sqlite
from tests.pages.screen import Screen

# What ``core.ui.text`` leaves of a naughty text never holds one of these.
ALIVE = re.compile(
    r"https?://evil|www\.evil|(?<!\\):material/home|(?<!\\):smile|(?<!\\):red\[|(?<!\\)\$x|(?<!\\)<b|\u202e"
)
READ_AS_MARKDOWN = {"body", "label", "help", "content", "title", "delta", "text", "description"}
SHOWN_AS_TEXT = {"text", "code", "bidi_component", "plotly_chart", "arrow_data_frame"}
PAGES = [
    # role, page, query, how often at least the texts are there
    ("lead", "overview", {}, 1),
    ("lead", "log_complaint", {}, 3),
    ("lead", "queue", {}, 1),
    ("lead", "queue", {"category": "login"}, 1),
    ("lead", "complaint", {"code": poisoned.CODE}, 15),
    ("handler", "complaint", {"code": poisoned.CODE}, 5),
    ("lead", "breakdown", {"period": "year"}, 2),
    ("lead", "sla", {"period": "year"}, 1),
    ("lead", "root_causes", {"period": "year"}, 1),
    ("lead", "explore", {"period": "year"}, 1),
    ("admin", "people", {}, 1),
    ("admin", "people", {"person": "1"}, 2),
    ("admin", "calendar", {}, 3),
]


Poisoned = tuple[Register, dict[str, Person]]


@pytest.fixture(scope="module")
def register(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poisoned]:
    """The register of naughty texts and its people; tests only read it."""
    folder = tmp_path_factory.mktemp("poisoned")
    register = open_register(sqlite.opened_database(folder), folder / "evidence")
    yield register, poisoned.fill(register, MONDAY)
    register.engine.dispose()


@pytest.mark.parametrize(
    ("role", "page", "query", "least"), PAGES, ids=[f"{row[1]} {row[0]} {row[2]}" for row in PAGES]
)
def test_no_page_hands_a_naughty_text_to_markdown(
    register: Poisoned, monkeypatch: pytest.MonkeyPatch, role: str, page: str, query: dict[str, str], least: int
) -> None:
    app = Screen(register[0], register[1][role], MONDAY).open(page, monkeypatch, **query)
    assert not app.exception
    shown = list(sources(app))
    assert [text for text in shown if ALIVE.search(text)] == []
    assert sum("evil" in text or "material" in text for text in shown) >= least


def test_a_search_and_an_error_show_what_was_typed(register: Poisoned, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Screen(register[0], register[1]["lead"], MONDAY).open("complaint", monkeypatch, code=poisoned.SHORT)
    assert app.error
    assert [text for text in sources(app) if ALIVE.search(text)] == []
    app.text_input(key="search").set_value("evil").run()
    assert [text for text in sources(app) if ALIVE.search(text)] == []


def sources(app: AppTest) -> Iterator[str]:
    """Every string of the page that Streamlit reads as Markdown."""
    for node in walk(app._tree):
        kind = getattr(node, "type", "")
        proto = getattr(node, "proto", None)
        if isinstance(proto, Message) and kind not in SHOWN_AS_TEXT:
            yield from strings(proto)


def walk(node: Node) -> Iterator[Element | Block]:
    """Every element and block of a page."""
    for child in getattr(node, "children", {}).values():
        yield child
        yield from walk(child)


def strings(message: Message) -> Iterator[str]:
    """The strings of a message in fields that hold Markdown, those of messages inside it too."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        for one in values:
            if isinstance(one, Message):
                yield from strings(one)
            elif isinstance(one, str) and field.name in READ_AS_MARKDOWN:
                yield one
