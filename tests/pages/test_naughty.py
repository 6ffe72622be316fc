"""Naughty texts in every field of the register, on every page that shows them: none reaches Markdown raw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.message import Message  # type: ignore[import-untyped]
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element, Node

from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Base, Person
from core.register.people import sign_ins
from core.register.people.devices import device
from core.rules.marks import visible
from core.rules.steps import STEPS
from core.settings import ROOT, SESSION_COOKIE
from core.ui import frame, pages, results
from core.ui.queue.actions import TABLE
from tests import poisoned
from tests.engines import MONDAY, Sqlite
from tests.naughty import TEXTS
from tests.pages import rows
from tests.pages.screen import Screen, as_read, said
from tests.register import ways

# What ``core.ui.text`` leaves of a naughty text never holds one of these.
ALIVE = re.compile(
    r"https?://evil|www\.evil|\w@evil|(?<!\\):material/home|(?<!\\):smile|(?<!\\):red\[r\]|(?<!\\)\$x|(?<!\\)<b|\u202e"
)
READ_AS_MARKDOWN = {"body", "label", "help", "content", "title", "delta", "text", "description"}
TYPED = {"default", "value", "set_value"}  # what a field holds stays as it was typed
# Streamlit gives a screen reader the labels of these as they are, with the signs that escape something.
READ_ALOUD = {"checkbox", "multiselect", "number_input", "popover", "slider", "text_area", "text_input", "time_input"}
SHOWN_AS_TEXT = {"text", "code", "bidi_component", "plotly_chart", "arrow_data_frame"}
PAGES = [
    # role, page, query, how often at least the texts are there
    ("lead", "overview", {}, 1),
    ("lead", "log_complaint", {}, 3),
    ("lead", "queue", {}, 1),
    ("lead", "queue", {"category": "login"}, 1),
    ("lead", "complaint", {"code": poisoned.CODE}, 15),
    ("lead", "complaint", {"code": poisoned.WHOLE_LIFE}, 25),
    ("handler", "complaint", {"code": poisoned.CODE}, 5),
    ("lead", "answer_texts", {}, 2),
    ("lead", "answer_texts", {"text": poisoned.ANSWER_TEXT}, 4),
    ("lead", "search", {}, 1),
    ("lead", "account", {}, 2),
    ("lead", "notices", {}, 1),
    ("lead", "procedures", {}, 3),
    ("lead", "rights", {}, 0),
    ("reporter", "my_complaints", {}, 1),
    ("lead", "breakdown", {"period": "year"}, 2),
    ("lead", "incidents", {}, 1),
    ("analyst", "incidents", {}, 0),
    ("lead", "prevention", {}, 0),
    ("manager", "prevention", {}, 1),
    ("lead", "lessons", {}, 1),
    ("lead", "meeting", {}, 2),
    ("lead", "meeting", {"write": "1"}, 2),
    ("lead", "sla", {"period": "year"}, 1),
    ("manager", "sla", {"dialog": "events"}, 1),
    ("lead", "sla", {"dialog": "rebase"}, 1),
    ("lead", "handling", {"period": "year", "time": "person"}, 1),
    ("lead", "outcomes", {"period": "year"}, 1),
    ("lead", "what_if", {}, 1),
    ("lead", "root_causes", {"period": "year"}, 1),
    ("lead", "explore", {"period": "year"}, 1),
    ("lead", "explore", {"period": "year", "category": "login"}, 1),
    ("lead", "breakdown", {"period": "year", "category": "login"}, 2),
    ("admin", "people", {}, 1),
    ("admin", "people", {"person": "1"}, 2),
    ("admin", "calendar", {}, 3),
    ("admin", "api_keys", {}, 1),
    ("admin", "catalogues", {"list": "channels"}, 0),
    ("admin", "catalogues", {"list": "channels", "entry": "hotline"}, 1),
    ("admin", "catalogues", {"list": "categories", "entry": "payment"}, 2),
    ("admin", "catalogues", {"list": "categories", "entry": "payment", "field": "transaction"}, 2),
    ("admin", "catalogues", {"list": "organisation"}, 1),
    ("admin", "catalogues", {"list": "targets"}, 0),
    ("admin", "catalogues", {"list": "changes"}, 1),
    ("admin", "outlets", {}, 1),
    ("admin", "outlets", {"outlet": "1"}, 1),
    ("admin", "operations", {}, 0),
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
    as_markdown = list(sources(app))
    assert sum("evil" in text or "material" in text for text in as_markdown) >= least
    assert_harmless(app)


def test_every_page_is_looked_at() -> None:
    assert {page.key for page in pages.PAGES} == {page for _role, page, _query, _least in PAGES}


def test_every_step_is_taken() -> None:
    assert set(poisoned.LIFE) == set(STEPS)


# Fields of forms in which nobody's words stand: keys, moments, digits, and values with fields of their own; those of an
# analysis are looked at apart.
KEYS_OF_STEPS = {
    "addressee", "work_log", "mail", "enclosed",
    "channel", "kind", "category", "level", "assignee_id", "department", "due_at", "promised", "chase_on", "outcome",
    "root_cause", "explains", "breach_reason", "files", "details", "answer_text", "corrects", "of", "becomes",
    "request", "belongs_to", "action", "verified", "effect", "whys", "actions",
    "incident", "merged_into", "recording_at", "wanted", "came", "facts", "still",
    "issue", "issue_category", "issue_outcomes", "issue_causes", "paper", "replaces",
}  # fmt: skip
KEYS_OF_DRAFTS = {
    "channel", "recorded_at", "category", "procedure", "customer", "sent_at", "incident_at", "product", "platform",
    "level", "branch", "details", "issues", "files", "is_closed", "phone", "kind",
}  # fmt: skip


def test_every_field_that_people_write_is_naughty() -> None:
    assert set(StepFields.__annotations__) == {*poisoned.TYPED} | KEYS_OF_STEPS
    draft = poisoned.draft(MONDAY, "payment")
    for form in (draft, draft.customer):
        plain = {name for name in form._fields if not is_naughty(str(getattr(form, name)))}
        written = {*form._fields} - KEYS_OF_DRAFTS
        assert not plain & written


WRITTEN = [(step, name) for step in STEPS for name in sorted(STEPS[step].field_names() & {*poisoned.TYPED, "files"})]


@pytest.mark.parametrize(("step", "field"), WRITTEN)
def test_what_a_step_holds_is_read_letter_by_letter(
    register: Poisoned, monkeypatch: pytest.MonkeyPatch, step: str, field: str
) -> None:
    reader = "manager" if field == "people" else "lead"  # whom an analysis names is for the board alone
    app = Screen(register[0], register[1][reader], MONDAY).open("complaint", monkeypatch, code=poisoned.WHOLE_LIFE)
    app = app.toggle(key="timeline.all").set_value(True).run()
    if field == "files":
        assert any(as_read(text).startswith(f"{step} [x](https:") for text in sources(app))
    elif field == "wanted_more":  # one thing a line, named in the line of its step
        assert any(visible(poisoned.written(step, field)) in as_read(text) for text in sources(app))
    else:
        assert visible(poisoned.written(step, field)) in [text.value for text in app.text]


def test_an_analysis_is_read_letter_by_letter(register: Poisoned, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Screen(register[0], register[1]["lead"], MONDAY).open("complaint", monkeypatch, code=poisoned.WHOLE_LIFE)
    shown = "\n".join(text.value for text in app.text)
    for field in ("why", "what"):
        assert visible(poisoned.written("analyse", field)) in shown
    assert visible(poisoned.written("analyse", "people")) not in shown, "the names are for the board alone"


# Columns of text in which nobody's words stand: table → column → what does.
NOT_TYPED = {
    "api_keys": {"channel": "a key", "scopes": "names of the program", "origins": "addresses of sites"},
    "decisions": {"ending": "a name of the program"},
    "meeting_texts": {"item": "a name of the program"},
    "actions": {"cause": "a key", "effect": "a name of the program"},
    "answer_texts": {
        "status": "a name of the program", "category": "a key", "step": "a key", "channel": "a key",
    },
    "answer_text_uses": {"key": "a key", "kind": "a name of the program"},
    "catalogue_versions": {"name": "the file"},
    "complaints": dict.fromkeys(
        (
            "procedure", "state", "kind", "category", "level", "channel", "product", "platform", "branch", "department",
            "outcome", "root_cause", "breach_reason", "analysis", "merged_into", "direction", "direction_from",
        ),
        "a key of rules or catalogues",
    )
    | {"code": "made by the register", "incident": "made by the register"},
    "customers": {"phone": "digits; a text without them is refused", "phone_key": "digits"},
    "details": {"field": "a key"},
    "drafts": {"form": "a name of the program", "token": "drawn at random"},
    "events": {"subject": "a name of the program", "kind": "a name of the program"},
    "evidence": {
        "kind": "a name of the program", "media_type": "found by the register", "stored_as": "drawn at random",
    },
    "incidents": {"code": "made by the register", "category": "a key"},
    "issues": {"category": "a key", "outcome": "a key", "root_cause": "a key"},
    "people": {
        "role": "a key", "department": "a key", "branch": "a key", "language": "a key",
        "password_hash": "made by the register",
    },
    "message_choices": {"who": "a key", "group": "a key", "choice": "a key"},
    "messages": {"lines": "codes and keys"} | dict.fromkeys(
        ("reader", "cause", "kind", "state", "taken_by", "failed_with"), "made by the register"
    ),
    "outlets": {"kind": "a name of the program"},
    "outlet_states": {"failed_with": "a name of the program"},
    "worker_state": {"holder": "made by the register", "failed_with": "a name of the program"},
    "mail_messages": {"became": "a name of the program"},
    "mailboxes": {"name": "made by the register"},
    "notices": {"cause": "made by the register", "kind": "a name of the program"},
    "papers": {"kind": "a key", "branch": "a key"} | dict.fromkeys(("number", "replaces"), "made by the register"),
    "procedure_versions": {"key": "a key"},
    "requests": {"department": "a key", "ended": "a name of the program"},
    "restatements": dict.fromkeys(("term", "verdict_before", "verdict_after"), "a key"),
    "second_factors": {"secret": "drawn at random"},
    "rebases": {"stage": "a key"},
    "known_events": {"kind": "a key", "category": "a key", "stage": "a key", "incident": "a code"},
    "sign_ins": {"awaits": "a name of the program"},
    "sla_cycles": {"term": "a key", "breach_reason": "a key"},
}  # fmt: skip


def test_every_column_that_people_write_is_naughty(register: Poisoned) -> None:
    found: dict[str, set[str]] = {}
    with register[0].read() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if column.type.python_type is str and not any(map(is_naughty, session.scalars(select(column)))):
                    found.setdefault(table.name, set()).add(column.name)
    assert found == {table: set(columns) for table, columns in NOT_TYPED.items()}


def is_naughty(text: str | None) -> bool:
    return bool(text) and any(sign in str(text) for sign in ("evil", ":material/home:", ":smile:"))


TYPED_INTO_SEARCH = [poisoned.SHORT, poisoned.POISON[:200], "evil", ":smile:evil", "lan@evil.example", "\u202eevil"]


@pytest.mark.parametrize("typed", TYPED_INTO_SEARCH)
@pytest.mark.parametrize("role", ["lead", "handler"])
def test_a_search_shows_what_was_typed_and_what_was_found(
    register: Poisoned, monkeypatch: pytest.MonkeyPatch, role: str, typed: str
) -> None:
    app = Screen(register[0], register[1][role], MONDAY).open("overview", monkeypatch)
    app.text_input(key="search").set_value(typed).run()
    assert not app.exception
    assert_harmless(app)
    app.session_state[results.WORDS] = typed
    app.switch_page(str(pages.file_of("search"))).run()
    assert not app.exception
    assert app.text_input(key=results.FIELD).value == typed
    assert_harmless(app)
    if role == "lead" and typed == "evil":
        every = [poisoned.REPORTED, poisoned.CODE, poisoned.WHOLE_LIFE, ways.SURVIVOR]
        assert rows.keys(app) == every, "the newest first; the last one is of the same customer"
        assert visible(poisoned.POISON)[:30] in " ".join(rows.texts(app, poisoned.CODE))


def test_an_error_shows_what_was_typed(register: Poisoned, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Screen(register[0], register[1]["lead"], MONDAY).open("complaint", monkeypatch, code=poisoned.SHORT)
    assert as_read(app.error[0].value).count("[X](HTTPS://EVIL.EXAMPLE)") == 1
    assert_harmless(app)


def test_the_devices_of_my_sessions(register: Poisoned, monkeypatch: pytest.MonkeyPatch) -> None:
    with register[0].write() as session:
        token = sign_ins.open_session(session, register[1]["lead"].id, now=MONDAY, device=poisoned.SHORT)
    screen = Screen(register[0], register[1]["lead"], MONDAY)
    screen.open("account", monkeypatch)
    monkeypatch.setattr(frame, "cookies", lambda: {SESSION_COOKIE: token})
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=20).run()
    assert said(app).count(visible(poisoned.SHORT)) >= 3, "the name, this session, the other one"
    assert_harmless(app)


@pytest.mark.parametrize("browser", [poisoned.POISON, poisoned.SHORT, *TEXTS])
def test_what_a_browser_says_of_itself_is_not_kept(browser: str) -> None:
    assert device(browser) == ""


def test_drafts_come_back_as_they_were_typed(register: Poisoned, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(register[0], register[1]["lead"], MONDAY)
    app = screen.open("log_complaint", monkeypatch)
    assert app.text_area(key="log.1.statement").value == poisoned.POISON
    assert app.text_input(key="log.1.contact").value == poisoned.SHORT
    assert_harmless(app)
    app = screen.open("complaint", monkeypatch, code=poisoned.CODE)
    assert app.text_area(key=f"step.{poisoned.CODE}.1.note.text").value == poisoned.POISON
    assert_harmless(app)


def test_ticked_rows_are_answered_alike(sqlite: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register = open_register(sqlite.opened_database(tmp_path), tmp_path / "evidence")
    lead = poisoned.fill(register, MONDAY)["lead"]
    with register.write() as session:
        new = complaints.log(session, Draft("hotline", MONDAY, poisoned.POISON, "payment"), Act(lead, MONDAY)).code
    app = Screen(register, lead, MONDAY).open("queue", monkeypatch, segment="all")
    app = rows.tick(app, TABLE, *rows.keys(app))
    (field,) = [area for area in app.text_area if area.key == "queue_answered"]
    assert field.value == poisoned.POISON, "the draft for all"
    assert_harmless(app)
    app = app.button(key="queue_acknowledge").click().run()
    assert app.warning, "one of them is acknowledged already"
    assert_harmless(app)
    app = Screen(register, lead, MONDAY).open("complaint", monkeypatch, code=new)
    assert [text.value for text in app.text].count(visible(poisoned.POISON)) == 2, "statement and answer"
    register.engine.dispose()


def assert_harmless(app: AppTest) -> None:
    """Nothing of a naughty text is alive, every sign that nobody sees is named, and no escape is read aloud."""
    aloud = [text for kind, name, text in strings(app) if is_read_aloud(kind, name)]
    assert [text for text in aloud if re.search(r"\\[^\w\s]|:small\[\]", text)] == []
    assert [text for text in sources(app) if ALIVE.search(text)] == []
    assert [text for text in shown(app) if "\u202e" in text or "\\u202e" in text] == []


def is_read_aloud(kind: str, name: str) -> bool:
    """Whether this string of an element is what a screen reader says."""
    return name == "alt" or (name == "label" and kind in READ_ALOUD)


def sources(app: AppTest) -> Iterator[str]:
    """Every string of the page that Streamlit reads as Markdown."""
    yield from (text for kind, name, text in strings(app) if kind not in SHOWN_AS_TEXT and name in READ_AS_MARKDOWN)


def shown(app: AppTest) -> Iterator[str]:
    """Every string of the page, but for what is in its fields and what the script of drafts knows them to hold."""
    draft = '{"person": '
    yield from (text for _kind, name, text in strings(app) if name not in TYPED and not text.startswith(draft))


def strings(app: AppTest) -> Iterator[tuple[str, str, str]]:
    """(kind of element, name of the field of its message, string) for all there is on the page."""
    for node in walk(app._tree):
        proto = getattr(node, "proto", None)
        if isinstance(proto, Message):
            yield from ((getattr(node, "type", ""), name, text) for name, text in texts_in(proto))


def walk(node: Node) -> Iterator[Element | Block]:
    """Every element and block of a page."""
    for child in getattr(node, "children", {}).values():
        yield child
        yield from walk(child)


def texts_in(message: Message) -> Iterator[tuple[str, str]]:
    """(field, string) of a message, and of those inside it."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        for one in values:
            if isinstance(one, Message):
                yield from texts_in(one)
            elif isinstance(one, str):
                yield field.name, one
