"""The form of a new key (D41), and the key itself, which is shown here and never again."""

from __future__ import annotations

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues
from core.i18n import N_, named
from core.i18n import gettext as _
from core.register.api import keys
from core.register.api.keys import CREATE, SCOPES, Draft
from core.register.log.act import Act
from core.rules.catalogue import offered
from core.ui import doing, fields
from core.ui.context import PageContext
from core.ui.steps.view import names_in
from core.ui.text import plain

NEW = "api_keys_new"
PROGRAM, SITE = "program", "site"
USES = {
    PROGRAM: N_("A program or server keeps it secret"),
    SITE: N_("It stands in the pages of a website"),
}
EMBED = '<script src="{address}/api/v1/form.js" data-key="{key}" async></script>'


def show(context: PageContext) -> None:
    """The form of the next key; first the one that was just made, until whoever made it has kept it."""
    made: tuple[str, bool] | None = st.session_state.get(NEW)
    if made:
        _show_made(context, *made)
    else:
        _show_form(context)


def _show_made(context: PageContext, key: str, is_public: bool) -> None:
    with st.container(border=True):
        st.markdown(_("**The key, shown only now.** Keep it where the program reads it; nobody can show it again."))
        st.code(key, language=None, wrap_lines=True)
        if is_public:
            st.markdown(_("For the page of the website, where the form is to stand:"))
            st.code(EMBED.format(address=context.settings.address, key=key), language="html", wrap_lines=True)
        st.button(_("I have kept it"), icon=":material/check:", key="api_keys_kept", on_click=_forget)


def _show_form(context: PageContext) -> None:
    """Name, channel, who holds it, what it may do."""
    with st.expander(_("Make a key"), icon=":material/add:", key="api_keys_form"):
        name = st.text_input(_("Which program or site uses it"), key="api_keys_name", max_chars=keys.LONGEST_NAME)
        doing.mend("name")
        channels = names_in(offered(catalogues().channels))
        channel = fields.choice(_("Channel of its complaints"), channels, "api_keys_channel", {}, "channel")
        doing.mend("channel")
        use = st.segmented_control(
            _("Who holds it"),
            list(USES),
            format_func=lambda one: _(USES[one]),
            default=PROGRAM,
            required=True,
            key="api_keys_use",
            wrap=True,
        )
        wanted = _of_site(name, channel) if use == SITE else _of_program(name, channel)
        made: list[str] = []

        def make(session: Session, act: Act) -> None:
            made.append(keys.make(session, wanted, act))

        def keep() -> None:
            st.session_state[NEW] = (made[-1], bool(wanted.origins))

        done = _("The key of {name} is made.").format(name=wanted.name.strip())
        doing.button(context, _("Make the key"), make, done, key="api_keys_make", then=keep, type="primary")


def _of_site(name: str, channel: str | None) -> Draft:
    typed = st.text_area(_("Sites, one a line, like https://www.example.vn"), key="api_keys_origins")
    doing.mend("origins", "scopes")
    st.caption(_("Everybody can read it there: it logs complaints from pages of these sites, and nothing else."))
    return Draft(name, channel or "", (CREATE,), keys.origins_of(typed) or ("",))


def _of_program(name: str, channel: str | None) -> Draft:
    scopes = st.pills(
        _("It may"),
        list(SCOPES),
        selection_mode="multi",
        default=list(SCOPES),
        format_func=lambda one: plain(named("api scope", one)),
        key="api_keys_scopes",
    )
    doing.mend("scopes")
    return Draft(name, channel or "", tuple(scopes))


def _forget() -> None:
    st.session_state.pop(NEW, None)
