"""Khai thác dữ liệu: the rows behind any figure, the columns that are wanted, and exactly these as a file."""

import streamlit as st

from core.insight import facts
from core.papers import rows
from core.ui import frame
from core.ui.analysis import explore, filter_bar, metrics

desk = frame.open_page("explore")
known = facts.current(desk.register)
chosen = filter_bar.read(desk, "explore")
slice = explore.slice_of(desk, chosen)
selection = rows.select(known, slice, desk.now)

st.title(explore.headline(selection), anchor=False)
if known.is_empty:
    metrics.nothing_yet(desk)
    st.stop()

filter_bar.show(desk, known, chosen, of=slice.of)
explore.choose_rows(slice)
explore.cell(slice)
if not selection.count:
    metrics.nothing_here()
    st.stop()

page = explore.choose_page(selection)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    wanted = explore.choose_columns(selection)
    if desk.may("export"):
        explore.download(selection, wanted)
    st.caption(explore.totals(selection), width="content")
explore.table(desk, selection, wanted, page)
explore.turn_pages(selection, page)
