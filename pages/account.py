"""Tài khoản của tôi: own password, language, sessions, second factor."""

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import named
from core.settings import SESSION_COOKIE
from core.ui import frame
from core.ui.account import absence, messages, notice, password, second_factor, sessions
from core.ui.pages import file_of
from core.ui.text import plain

context = frame.open_page("account")
person, token = context.person, frame.cookies().get(SESSION_COOKIE, "")
st.title(_("My account"), anchor=False)
role = [named("role", person.role)]
role += [name_of(catalogues().departments, person.department)] if person.department else []
role += [name_of(catalogues().branches, person.branch)] if person.branch else []
st.markdown(
    _("**{name}** · login name **{login}** · {role}").format(
        name=plain(person.name), login=plain(person.login), role=plain(", ".join(role))
    )
)
st.caption(_("An administrator changes name and role."))
st.page_link(file_of("rights"), label=_("Who may do what"), icon=":material/shield_person:")
notice.show()
left, right = st.columns(2)
with left.container(border=True):
    password.show(context, token)
with right.container(border=True):
    sessions.show(context, token)
with left.container(border=True):
    second_factor.show(context)
if absence.concerns(context):
    with left.container(border=True):
        absence.show(context)
with right.container(border=True):
    messages.show(context)
with right.container(border=True):
    st.subheader(_("Language"), anchor=False)
    frame.language_choice(context, "account_language")
notice.forget_problems()
