"""Quy trình: what is promised, by which source, in which version (D9); an administrator changes it."""

import streamlit as st

from core.register.organisation import procedure_versions
from core.ui import frame
from core.ui.text import plain

context = frame.open_page("procedures")
with context.register.read() as session:
    procedure = procedure_versions.newest(session, "pops")
st.title(plain(procedure.name), anchor=False)
