"""Streamlit components of our own: a folder with a script and a style sheet, and the script that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

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


def of_act(name: str, js: str) -> Callable[[Mapping[str, str]], None]:
    """A script without a picture that runs once where it appears; ``js`` is its body, which reads ``data``.

    Not a ``<script>`` in ``st.html``: pages run no inline scripts (core/web/headers.py).
    """
    act = of_script(name, f"export default once(({{ data }}) => {{ {js} }})")

    def run(data: Mapping[str, str]) -> None:
        act(data=dict(data), height=1)

    return run
