"""Streamlit components of our own: a folder with a script and a style sheet, and the script that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

SHARED = (Path(__file__).parent / "shared.js").read_text(encoding="utf-8")


def of_folder(folder: Path) -> ComponentRenderer:
    """The component whose ``<folder>.js`` and ``<folder>.css`` lie in ``folder``, as a function that draws it."""
    css, js = ((folder / f"{folder.name}.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return of_script(folder.name, js, css=css)


def of_script(name: str, js: str, *, css: str | None = None) -> ComponentRenderer:
    """The component of this script, put after the shared one; Streamlit knows it as ``pops_<name>``."""
    return st.components.v2.component(f"pops_{name}", css=css, js=SHARED + js)


class Act(Protocol):
    """A script that runs once where it appears; ``key``: under another one it appears anew."""

    def __call__(self, data: Mapping[str, str], *, key: str | None = None) -> None:
        """Run it with ``data``."""


def of_act(name: str, js: str) -> Act:
    """A script without a picture that runs once where it appears; ``js`` is its body, which reads ``data``.

    Not a ``<script>`` in ``st.html``: pages run no inline scripts (core/web/headers.py).
    """
    act = of_script(name, f"export default once(({{ data }}) => {{ {js} }})")

    def run(data: Mapping[str, str], *, key: str | None = None) -> None:
        act(data=dict(data), height=1, key=key)

    return run
