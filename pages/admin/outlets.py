"""Kết nối ra ngoài: where messages go, what was not sent, who gets what (D42)."""

import streamlit as st

from core.i18n import gettext as _
from core.register.messages import outlets
from core.ui import address, doing, frame
from core.ui.outlets import choosing, forecast, form, listing, unsent

context = frame.open_page("outlets")
with context.register.read() as session:
    there = outlets.listed(session)
by_id = {str(one.id): one for one in there}
chosen = address.word(listing.CHOSEN, [listing.NEW, *by_id], "")

if chosen:
    form.back_button()
    form.show(context, by_id.get(chosen))
else:
    st.title(_("Connections to the outside"), anchor=False)
    doing.show_notice()
    st.caption(
        _("Messages to colleagues hold codes, categories, deadlines and links: no names, no text that anybody wrote.")
    )
    listing.show(context, there)
    unsent.show(context)
    choosing.show_defaults(context)
    forecast.show(context)
doing.finish()
