"""The steps of a procedure as cases really took them: how many, how long they had waited, where they went back.

It is a list in words wherever it is read: the drawing places the same texts, so that nothing is said by a picture only.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from pathlib import Path

import pandas as pd
import streamlit as st

from core.i18n import gettext as _
from core.i18n import named, ngettext, number
from core.insight import facts, figures, findings
from core.insight.charts import share_of
from core.insight.drawings import handling as drawings
from core.insight.filters import DEFAULT, Filter
from core.insight.times import PHASE
from core.insight.walked import EVENT
from core.rules.calendar import local_day
from core.rules.procedure import Procedure
from core.rules.steps import Phase, phases_of
from core.ui import components
from core.ui.analysis import charts, metrics
from core.ui.context import PageContext
from core.ui.text import plain

_walked = components.of_folder(Path(__file__).parent)
PAGE = "handling"
FULL = 100  # per cent


def show(context: PageContext, procedure: Procedure) -> None:
    """How cases of ``procedure`` went in the last 13 weeks, for whoever sees figures."""
    if not context.may_open(PAGE):
        return
    known = facts.current(context.register)
    chosen = Filter.of(DEFAULT, local_day(context.now)).only("procedure", procedure.key).seen_by(context.person)
    phases, found = (figures.ask("walked", known, chosen, context.now, (by,)) for by in (PHASE, EVENT))
    back = figures.ask("walked_back", known, chosen, context.now)
    drawing = drawings.walked(found, back, chosen)
    with st.container(border=True, key="procedures_walked"):
        charts.head(context, metrics.title("walked"), drawing, key="walked", help=metrics.definition("walked"))
        st.caption(plain(_("The last 13 weeks, {period}").format(period=findings.span(chosen))))
        if drawing.is_empty:
            st.caption(f":material/info: {_('No case has taken a step in these weeks.')}")
            return
        _draw(phases, back, list(map(str, phases_of(conciliates=procedure.conciliation is not None))))
        metrics.to_page(context, PAGE, _("Where the time goes"), chosen.to_query(), icon=":material/hourglass_bottom:")


def _draw(found: pd.DataFrame, back: pd.DataFrame, written: Sequence[str]) -> None:
    """The steps in the written order, those that cases took besides among them, and the ways back beneath."""
    taken = found.set_index(PHASE)
    order = [one for one in map(str, Phase) if one in taken.index or one in written]
    steps = [_step(one, taken.loc[one] if one in taken.index else None) for one in order]
    ways = [
        {
            "first": order.index(way.to_step) + 1,
            "last": order.index(way.step) + 1,
            "words": _("back to {step}: {n}").format(step=named(PHASE, way.to_step), n=_complaints(way.complaints)),
        }
        for way in back.itertuples()
    ]
    alt = _("Steps as cases took them: how many, how long they had waited, and where they went back")
    _walked(key="walked_flow", data={"steps": steps, "ways": ways, "alt": alt})


def _step(key: str, row: pd.Series | None) -> dict[str, object]:
    name = named(PHASE, key)
    if row is None:
        return {"name": name, "share": 0, "count": "–", "waited": ""}
    waited = "" if isnan(row["median"]) else _("half waited {median}, 90 % at most {p90}")
    return {
        "name": name,
        "share": round(row["share"] * FULL),
        "count": f"{_complaints(row['complaints'])} · {share_of(row['share'], int(row['all']))}",
        "waited": waited.format(median=findings.in_hours(row["median"]), p90=findings.in_hours(row["p90"])),
    }


def _complaints(n: float) -> str:
    return ngettext("{n} complaint", "{n} complaints", int(n)).format(n=number(n))
