"""Pick lists that find “truyện” when “truyen” is typed, and speak the reader's language; Streamlit has no setting.

The one script of Streamlit that narrows the lists is handed out with another comparison; everything else is as it was
installed. Where no script looks as expected, after an update of Streamlit, it is handed out unchanged, and
``tests/ui/test_pick_lists.py`` fails.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.i18n import gettext as _

SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
FOLDER = "/static/js/"
NARROWS = ("FILTER_MODE_CONTAINS?", "FILTER_MODE_PREFIX?")  # what only the script that narrows pick lists says
COMPARED = ".toLowerCase()"
FOLDED = COMPARED + '.normalize("NFD").replace(/[\\u0300-\\u036f]/g,"").replace(/\\u0111/g,"d")'
A_DAY = "public, max-age=86400"


class PickLists:
    """ASGI middleware that answers for the script which narrows pick lists, and passes everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the changed script, or pass the request on."""
        answer: ASGIApp = self.app
        folder, _sign, name = str(scope.get("path", "")).rpartition("/")
        if scope["type"] == "http" and f"{folder}/".endswith(FOLDER):
            changed = await run_in_threadpool(changed_script)
            if changed is not None and changed[0] == name:
                answer = Response(changed[1], media_type="text/javascript", headers={"Cache-Control": A_DAY})
        await answer(scope, receive, send)


@cache
def changed_script() -> tuple[str, str] | None:
    """Name and text of the script, or None where the installed Streamlit has none like it."""
    for file in sorted(SCRIPTS.glob("*.js")):
        text = file.read_text(encoding="utf-8")
        if COMPARED in text and all(words in text for words in NARROWS):
            return file.name, text.replace(COMPARED, FOLDED)
    return None


def in_our_language() -> None:
    """What pick lists say where nothing fits, and the rows that choose everything, in the reader's language.

    Where nothing fits Streamlit's words are taken away altogether: text of no size is still read aloud.
    """
    lists = ':is([data-testid="stSelectboxVirtualDropdown"], [data-testid="stMultiSelectDropdown"])'
    said = {
        f'{lists} [data-key="__select_all__"] > *': _("Choose all"),
        f'{lists} [data-key="__select_matches__"] > *': _("Choose all that fit"),
    }
    rules = (
        f"{place} {{ font-size: 0 }} {place}::after {{ content: {json.dumps(words, ensure_ascii=False)};"
        " font-size: 0.875rem }"
        for place, words in said.items()
    )
    empty, nothing = f"{lists} [role=listbox][data-empty]", json.dumps(_("Nothing fits"), ensure_ascii=False)
    said_there = f"content: {nothing}; display: block; padding: 0.4rem 0.75rem; font-size: 0.875rem"
    absent = f"{empty} span {{ display: none }} {empty}::after {{ {said_there} }}"
    st.html(f"<style>{''.join(rules)}{absent}</style>")
