"""A page as one person sees it: the real shell over a register of the test's own, at the moment the test says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element

from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.people import sign_ins
from core.rules import roles
from core.settings import ROOT, Settings
from core.ui import frame

Open = Callable[..., AppTest]
"""Opens a page: which one, as whom, at which address is said where the fixture is."""


@dataclass
class Screen:
    """``person`` in front of the screen; ``now`` is what the clocks show."""

    register: Register
    person: Person
    now: datetime

    def open(self, page: str, monkeypatch: pytest.MonkeyPatch, /, **query: str) -> AppTest:
        """The page ``page``, drawn once."""
        settings = Settings(self.register.url, self.register.evidence_dir.parent)
        monkeypatch.setattr(frame, "the_register", lambda: (self.register, settings))
        monkeypatch.setattr(sign_ins, "who", lambda _session, _token, **_now: self.person)
        monkeypatch.setattr(frame, "cookies", dict)
        monkeypatch.setattr(frame, "utc_now", lambda: self.now)
        monkeypatch.setattr(roles, "FIRST_PAGE", page)
        monkeypatch.setattr(roles, "first_page", lambda _role: page)
        app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=20)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()


def values(drawn: Iterable[Element | Block]) -> list[str]:
    """The text of each element."""
    return [str(element.value) for element in drawn if isinstance(element, Element)]


def said(app: AppTest) -> str:
    """Everything a person reads on the main part of the page, one text per line, Markdown's escapes taken off."""
    texts = []
    for kind in ("title", "subheader", "markdown", "caption", "text", "error", "warning", "success", "info", "code"):
        texts += values(app.main.get(kind))
    texts += [block.label for block in app.expander]
    return as_read("\n".join(texts))


def as_read(source: str) -> str:
    """What a person reads of Markdown that ``core.ui.text`` made: no escapes, no live word broken, plain blanks."""
    return re.sub(r"\\([^\w\s]|_)", r"\1", source.replace(":small[]", "").replace("\u00a0", " "))
