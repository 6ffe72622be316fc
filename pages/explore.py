"""Khai thác dữ liệu: the rows behind any figure, the columns that are wanted, and exactly these as a file."""

import streamlit as st

from core.insight import facts
from core.papers import rows
from core.ui import frame
from core.ui.analysis import explore, filter_bar, metrics, pivot, served
from core.ui.text import plain

context = frame.open_page("explore")
known = facts.current(context.register)
chosen = filter_bar.read(context, "explore")
if explore.view() == "pivot":
    pivot.show(context, known, chosen)
    st.stop()

slice = explore.slice_of(context, chosen)
selection = rows.Selection(known, slice, context.now)

st.title(plain(explore.headline(selection)), anchor=False)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()

filter_bar.show(context, known, chosen, of=slice.of, is_of_rows=True)
with st.container(horizontal=True, gap="small"):
    explore.choose_view()
    explore.choose_rows(slice)
explore.cell(context, slice)
if not selection.count:
    metrics.nothing_here()
    st.stop()

page = explore.choose_page(selection)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    wanted = explore.choose_columns(selection)
    if context.may("export"):
        explore.download(selection, wanted)
    st.caption(plain(explore.totals(selection)), width="content")
explore.sums(context, selection)
explore.table(context, selection, wanted, page)
explore.turn_pages(selection, page)
served.show(context)
