"""No screen hands a text of others to Streamlit's Markdown as it was typed, and proof that the check sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.raw_markdown import raw_markdown
from tests.test_architecture import ROOT, put


def test_no_screen_shows_a_text_of_others_as_markdown() -> None:
    complaints = raw_markdown(ROOT)
    assert not complaints, "\n".join(complaints)


BAD = [
    # source, what is named, why
    ("st.markdown(person.name)", "person.name", "a value from the register"),
    ("st.title(f'Hồ sơ {code}')", "Hồ sơ {code}", "a value inside a sentence"),
    ("st.error(_('No file {name}').format(name=name))", "name=name", "put into a sentence of the catalogue"),
    ("st.error(sentence(error))", "sentence(error)", "an error's sentence holds what was typed"),
    ("st.caption(' · '.join([name, 'x']))", "name", "joined"),
    ("st.button('x', help=name)", "name", "a hint is Markdown too"),
    ("st.toast(_(name))", "_(name)", "the catalogue gives back what it does not know"),
    ("left.metric('x', value)", "value", "the value of a number, in a column"),
    ("st.pills('x', keys, format_func=names.get)", "names.get", "choices of pills are Markdown"),
    ("st.pills('x', keys, format_func=lambda key: names[key])", "names[key]", "also from a function"),
    ("st.table({name: plain(text) for name, text in all})", "{name: plain(text)", "the heads of a table"),
    ("st.tabs(['x', name])", "name", "one of several tabs"),
    ("for text in all:\n    st.markdown(text)", "text", "out of a loop"),
    ("text = plain(name)\ntext = name\nst.markdown(text)", "text", "one of two values is raw"),
    ("def show(text: str):\n    st.markdown(text)", "text", "a parameter that nobody looked at"),
    ("def show(text: Words):\n    st.markdown(text)\nshow(name)", "name", "the question goes to whoever calls"),
    ("def words(name) -> Words:\n    return name", "name", "or to what is returned"),
    ("shown = Markdown(name)", "name", "calling it Markdown escapes nothing"),
    ("st.markdown(md(name, x=1))", "md(name, x=1)", "a template is ours"),
    ("st.column_config.TextColumn('x', help=column.meaning)", "column.meaning", "the hint of a column"),
]  # fmt: skip
GOOD = [
    "st.markdown('**x**')",
    "st.title(_('Queue'), anchor=False)",
    "st.error(plain(sentence(error)), icon=':material/error:')",
    "st.markdown(md('**{name}**', name=person.name))",
    "st.caption(joined(' · ', [name, code]))",
    "st.markdown(f':material/info: {_(\"Nothing.\")}')",
    "st.markdown(f'{day:%d/%m}')",
    "text = plain(name) if name else _('nobody')\nst.markdown(text)",
    "def show(text: Markdown):\n    st.markdown(text)",
    "def show(text: Words):\n    st.markdown(text)\nshow(_('x'))\nshow(plain(name))",
    "st.button(_(LABELS[name]), help=_(HINTS[name]))",
    "st.selectbox(_('Who'), people, format_func=names.get)",
    "st.text(name)\nst.code(name)",
    "names.title(name)\nlog.error(name)",
]
HEAD = "import streamlit as st\nfrom core.ui.text import Markdown, Words, joined, md, plain\nfrom core import names\n"


@pytest.mark.parametrize(("source", "named", "why"), BAD, ids=[why for *_row, why in BAD])
def test_a_raw_text_is_found(tmp_path: Path, source: str, named: str, why: str) -> None:
    put(tmp_path, "core/ui/one.py", HEAD + source)
    complaints = raw_markdown(tmp_path)
    assert len(complaints) == 1, why
    assert named in complaints[0], why


@pytest.mark.parametrize("source", GOOD)
def test_an_escaped_text_is_left_alone(tmp_path: Path, source: str) -> None:
    put(tmp_path, "core/ui/one.py", HEAD + source)
    assert raw_markdown(tmp_path) == []
