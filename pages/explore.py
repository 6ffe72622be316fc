"""Khai thác dữ liệu: the rows behind any figure, the columns that are wanted, and exactly these as a file."""

import streamlit as st

from core.insight import facts
from core.papers import rows
from core.ui import explore_parts, filter_bar, frame, metrics

desk = frame.open_page("explore")
known = facts.current(desk.register)
chosen = filter_bar.read(desk, "explore")
slice = explore_parts.slice_of(desk, chosen)
selection = rows.select(known, slice, desk.now)

st.title(explore_parts.headline(selection), anchor=False)
if known.is_empty:
    metrics.nothing_yet(desk)
    st.stop()

filter_bar.show(desk, known, chosen, of=slice.of)
explore_parts.choose_rows(slice)
explore_parts.cell(slice)
if not selection.count:
    metrics.nothing_here()
    st.stop()

page = explore_parts.choose_page(selection)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    wanted = explore_parts.choose_columns(selection)
    if desk.may("export"):
        explore_parts.download(selection, wanted)
    st.caption(explore_parts.totals(selection), width="content")
explore_parts.table(desk, selection, wanted, page)
explore_parts.turn_pages(selection, page)
