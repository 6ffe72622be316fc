"""The table of rights on the screen: what one may do by roles, readable on a phone too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

import streamlit as st

from core.i18n import N_, named
from core.i18n import gettext as _
from core.rules import rights
from core.rules.rights import Extent, Right
from core.rules.roles import ROLES
from core.ui.pages import PAGES
from core.ui.style import PHONE

HEADS: Mapping[str, str] = {
    "page": N_("Opens the page"),
    "sight": N_("Sees"),
    "step": N_("Takes the step"),
    "action": N_("May besides"),
}
SIGNS: Mapping[Extent, str] = {Extent.YES: "✓", Extent.NO: "–", Extent.OPEN: "✓¹", Extent.OWED: "✓²"}
SPOKEN: Mapping[Extent, str] = {
    Extent.YES: N_("allowed"),
    Extent.NO: N_("not allowed"),
    Extent.OPEN: N_("only while the complaint is open"),
    Extent.OWED: N_("only what the department was asked, by procedures in which departments reply (MISA)"),
}
STYLE = f"""<style>
.rights {{ overflow-x: auto }}
.rights table {{ border-collapse: collapse; width: 100%; font-size: 0.875rem }}
.rights :is(th, td) {{ padding: 0.3rem 0.5rem; border-bottom: 1px solid light-dark(#E2E8E6, #2C3B38) }}
.rights th {{ text-align: left; font-weight: 400 }}
.rights thead th, .rights .group {{ font-weight: 600 }}
.rights .group {{ padding-top: 1rem }}
.rights :is(td, thead th:not(:first-child)) {{ text-align: center }}
.rights .own {{ background: light-dark(#E6F4F1, #12302B) }}
.rights .no {{ color: light-dark(#5D6B68, #93A3A0) }}
@media (max-width: {PHONE}) {{
  .rights table {{ font-size: 0.8125rem }}
  .rights :is(th, td) {{ padding: 0.3rem 0.15rem }}
  .rights thead th:not(:first-child) span {{ writing-mode: vertical-rl; transform: rotate(180deg) }}
  .rights thead th {{ vertical-align: bottom }}
}}
</style>"""


def show(role: str) -> None:
    """The whole table; the column of ``role``, the reader's own, stands out."""
    heads = "".join(f'<th scope="col"{_own(one, role)}><span>{_said(named("role", one))}</span></th>' for one in ROLES)
    groups = "".join(_group(name, rows, role) for name, rows in rights.table().items())
    body = f"<table><thead><tr><th></th>{heads}</tr></thead>{groups}</table>"
    st.html(f'{STYLE}<div class="rights">{body}</div>')


def show_notes() -> None:
    """What the signs mean, and what limits the rights further."""
    st.caption(f"¹ {_(SPOKEN[Extent.OPEN])} · ² {_(SPOKEN[Extent.OWED])}")
    st.caption(
        _("Whoever has a branch sees its complaints alone; agents, leads and handlers also those of none.")
        + " "
        + _("What is not shown whole is shortened, in lists, files and figures alike.")
    )


def _group(name: str, rows: tuple[Right, ...], role: str) -> str:
    head = f'<tr><th class="group" scope="rowgroup" colspan="{len(ROLES) + 1}">{_said(_(HEADS[name]))}</th></tr>'
    return f"<tbody>{head}{''.join(_row(NAMES[name](row.key), row, role) for row in rows)}</tbody>"


def _row(title: str, row: Right, role: str) -> str:
    cells = "".join(f"<td{_own(one, role, extent)}>{_sign(extent)}</td>" for one, extent in row.extents.items())
    return f'<tr><th scope="row">{_said(title)}</th>{cells}</tr>'


def _sign(extent: Extent) -> str:
    return f'<span role="img" aria-label="{_said(_(SPOKEN[extent]))}">{SIGNS[extent]}</span>'


def _own(one: str, role: str, extent: Extent = Extent.YES) -> str:
    classes = [name for name, holds in (("own", one == role), ("no", extent is Extent.NO)) if holds]
    return f' class="{" ".join(classes)}"' if classes else ""


def _said(text: str) -> str:
    return escape(text[:1].upper() + text[1:])


NAMES: Mapping[str, Callable[[str], str]] = {
    "page": lambda key: next(_(page.title) for page in PAGES if page.key == key),
    "sight": lambda key: named("right", key),
    "step": lambda key: named("step", key),
    "action": lambda key: named("right", key),
}
