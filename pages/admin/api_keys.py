"""Khóa API: by which programs and sites complaints come in, each with a key of its own."""

import streamlit as st

from core.i18n import gettext as _
from core.ui import doing, frame
from core.ui.api_keys import form, list

context = frame.open_page("api_keys")
st.title(_("API keys"), anchor=False)
st.caption(_("Each program or site that sends complaints has a key of its own. Its developers read docs/api.md."))
doing.show_notice()
form.show(context)
list.show(context)
doing.finish()
