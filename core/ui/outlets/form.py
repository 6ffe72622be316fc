"""The form of an outlet: a new one, or one that is there."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.register.log.act import Act
from core.register.messages import outlets
from core.register.messages.outlets import Configured, Wanted
from core.rules.catalogue import Catalogue, offered
from core.rules.marks import visible
from core.rules.messages import FILE, IMAP, OUTLETS, SMTP, WEBHOOK
from core.ui import address, doing
from core.ui.context import PageContext
from core.ui.outlets import words
from core.ui.text import Words

SECRET = "outlet_secret"  # noqa: S105 (the key of a field)


def show(context: PageContext, one: Configured | None) -> None:
    """All fields of its kind and the button; one that is there can be removed too."""
    st.title(_("Add a connection") if one is None else _("Change the connection"), anchor=False)
    doing.show_notice()
    kinds = list(OUTLETS)
    with st.container(border=True, width=620):
        kind = one.kind if one else st.selectbox(
            _("What it is"), kinds, format_func=lambda key: _(words.KINDS[key]), key="outlet_kind"
        )  # fmt: skip
        name = st.text_input(
            _("Name of the connection"), one.name if one else _(words.KINDS[kind]), key=f"outlet_name_{kind}"
        )
        doing.mend("name")
        values = FIELDS[kind](one.values if one else {})
        secret = _secret(kind, one)
        wanted = Wanted(kind, name or "", values, secret or None)
        if one is None:
            doing.button(
                context,
                _("Save, switched off"),
                lambda session, act: outlets.set_up(session, wanted, act),
                _("{name} is saved: try it, then switch it on.").format(name=wanted.normal().name),
                key="outlet_save",
                type="primary",
                then=_back,
            )
        else:
            version = doing.seen(f"outlet.{one.id}", one.version)
            doing.button(
                context,
                _("Save"),
                lambda session, act: outlets.change(session, one.id, wanted, act, version=version),
                _("{name} is saved.").format(name=wanted.normal().name),
                key="outlet_save",
                type="primary",
                then=_back,
            )
    if one is not None:
        _removal(context, one)


def _removal(context: PageContext, one: Configured) -> None:
    with st.container(border=True, width=620):
        st.markdown(_("Removing takes the password or secret away too; what waits to be sent there is dropped."))
        sure = st.checkbox(_("I want to remove it"), key="outlet_sure")

        def remove(session: Session, act: Act) -> None:
            if sure:
                outlets.remove(session, one.id, act, version=one.version)

        if sure:
            doing.button(
                context,
                _("Remove"),
                remove,
                _("{name} is removed.").format(name=one.name),
                key="outlet_remove",
                icon=":material/delete:",
                then=_back,
            )


def back_button() -> None:
    """Back to the list."""
    st.button(_("All connections"), icon=":material/arrow_back:", type="tertiary", key="outlet_back", on_click=_back)


def _back() -> None:
    st.session_state.pop(SECRET, None)
    address.put(outlet=None)


def _server(now: Mapping[str, str], placeholder: str, port: str) -> dict[str, str]:
    """Server, port and how the connection is secured."""
    left, right = st.columns([3, 1])
    with left:
        server = st.text_input(_("Server"), now.get("server", ""), key="outlet_server", placeholder=placeholder)
        doing.mend("server")
    with right:
        typed = st.text_input(_("Port"), now.get("port", port), key="outlet_port")
        doing.mend("port")
    secured = list(words.SECURED)
    tls = st.selectbox(
        _("Security of the connection"),
        secured,
        index=secured.index(now.get("tls", secured[0])),
        format_func=lambda key: _(words.SECURED[key]),
        key="outlet_tls",
    )
    doing.mend("tls")
    return {"server": server or "", "port": typed or "", "tls": tls}


def _smtp(now: Mapping[str, str]) -> Mapping[str, str]:
    given = _server(now, "smtp.example.vn", "587")
    user = st.text_input(_("User name (empty: without signing in)"), now.get("user", ""), key="outlet_user")
    sender = st.text_input(_("Sent from the address"), now.get("sender", ""), key="outlet_sender")
    doing.mend("sender")
    reply_to = st.text_input(
        _("Customers answer to (empty: to the mailbox that is read, or to the sender)"),
        now.get("reply_to", ""),
        key="outlet_reply_to",
    )
    doing.mend("reply_to")
    st.caption(_("People get their notices by it, and customers what is written to them from a case."))
    return {**given, "user": user or "", "sender": sender or "", "reply_to": reply_to or ""}


def _imap(now: Mapping[str, str]) -> Mapping[str, str]:
    given = _server(now, "imap.example.vn", "993")
    user = st.text_input(_("User name"), now.get("user", ""), key="outlet_imap_user")
    doing.mend("user")
    folder = st.text_input(_("Folder of the mailbox"), now.get("folder", "INBOX"), key="outlet_imap_folder")
    doing.mend("folder")
    category = _pick(_("Category until somebody classifies it"), catalogues().categories, now, "category")
    branch = _pick(_("Branch"), catalogues().branches, now, "branch")
    st.caption(
        _(
            "Mails are read and left as they are. What a person wrote becomes a complaint, or goes to the case that it "
            "answers."
        )
    )
    return {**given, "user": user or "", "folder": folder or "", "category": category, "branch": branch}


def _pick(label: Words, catalogue: Catalogue, now: Mapping[str, str], name: str) -> str:
    """A key of a list, empty for none; nothing where the organisation has no such list."""
    keys = ["", *offered(catalogue, now.get(name) or None)]
    if len(keys) == 1:
        return ""
    chosen = st.selectbox(
        label,
        keys,
        index=keys.index(now.get(name, "")),
        format_func=lambda key: visible(name_of(catalogue, key)) if key else "–",
        key=f"outlet_{name}",
    )
    doing.mend(name)
    return chosen


def _webhook(now: Mapping[str, str]) -> Mapping[str, str]:
    url = st.text_input(_("Address"), now.get("url", ""), key="outlet_url", placeholder="https://")
    doing.mend("url")
    known = offered(catalogues().departments, now.get("department") or None)
    keys = ["", *known]
    department = st.selectbox(
        _("For"),
        keys,
        index=keys.index(now.get("department", "")),
        format_func=lambda key: visible(name_of(known, key)) if key else _("everybody: whatever is urgent"),
        key="outlet_department",
    )
    doing.mend("department")
    return {"url": url or "", "department": department}


def _file(now: Mapping[str, str]) -> Mapping[str, str]:
    folder = st.text_input(_("Folder, in the data folder"), now.get("folder", "trial"), key="outlet_folder")
    doing.mend("folder")
    return {"folder": folder or ""}


FIELDS = {SMTP: _smtp, WEBHOOK: _webhook, FILE: _file, IMAP: _imap}


def _secret(kind: str, one: Configured | None) -> str:
    if not OUTLETS[kind].has_secret:
        return ""
    label = _("Password") if kind in (SMTP, IMAP) else _("Secret by which the receiver knows us")
    kept = _("unchanged") if one is not None and one.has_secret else ""
    typed = st.text_input(label, type="password", key=SECRET, placeholder=kept, autocomplete="off")
    doing.mend("secret")
    if kind == WEBHOOK:
        st.caption(_("Each message is signed with it (webhook-signature, HMAC-SHA256)."))
    return typed or ""
