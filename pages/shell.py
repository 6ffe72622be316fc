"""The one entry script: who is this, which pages may they see, run the page."""

import streamlit as st

from core.register.operations.page_times import OF_PROCESS
from core.ui import errors, frame, pages, pick_lists, printing, search, spoken, style
from core.ui.notices import bell

st.set_page_config(layout="wide", page_icon=frame.MARK)  # before the menu, or the tab's icon is asked of another host
style.of_every_page()
context = frame.enter()
pick_lists.in_our_language()
page = pages.navigation(context)
frame.name_register(context)
with st.sidebar, errors.boundary():
    spoken.in_our_language()
    printing.of_every_page(context)
    search.box(context, over_results=pages.is_open("search", page))
with errors.boundary():
    search.box_of_phones(context)
with errors.boundary():
    bell.show(context, case=st.query_params.get("code") if pages.is_open("complaint", page) else None)
frame.foot(context)
with errors.boundary(), OF_PROCESS.measured(pages.key_of(page)):
    page.run()
