"""What a category must know, as an administrator changes it: one field at a time, in the dialog of its category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.i18n import N_
from core.i18n import gettext as _
from core.register.organisation import field_changes
from core.register.organisation.entries import LONGEST_NAME
from core.rules.catalogue import REQUIRED, TYPES, Entry, Field
from core.ui import address, doing
from core.ui.context import PageContext
from core.ui.text import plain

NEW = "new"
TYPE_NAMES: Mapping[str, str] = {
    "text": N_("text"),
    "number": N_("number"),
    "money": N_("amount in đồng"),
    "moment": N_("date and time"),
    "choice": N_("choice"),
}
REQUIRED_NAMES: Mapping[str, str] = {
    "": N_("not required"),
    "intake": N_("when it is logged"),
    "forward": N_("before it is forwarded"),
}


def chosen(entry: Entry) -> str:
    """The field of the URL: a key, or ``new``; empty while the entry itself is shown."""
    return address.word("field", [NEW, *(one.key for one in entry.fields)], "")


def listing(entry: Entry) -> None:
    """The fields of a category, each with the way to its form."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(_("**What must be known of it**"))
        for field in entry.fields:
            with st.container(gap=None):
                st.button(
                    plain(field.vi),
                    type="tertiary",
                    icon=":material/edit:",
                    key=f"catalogues_field_{field.key}",
                    on_click=_go,
                    args=(field.key,),
                )
                st.caption(plain(_kind(field)))
        st.button(_("Add a detail"), icon=":material/add:", key="catalogues_field_add", on_click=_go, args=(NEW,))


def _go(field: str | None) -> None:
    address.put(field=field)


def _kind(field: Field) -> str:
    parts = [_(TYPE_NAMES[field.type])]
    if field.retired:
        return ", ".join([*parts, _("no longer asked for")])
    if field.required:
        parts.append(_("needed {when}").format(when=_(REQUIRED_NAMES[field.required])))
    if field.personal:
        parts.append(_("personal"))
    return ", ".join(parts)


def show(context: PageContext, entry: Entry, version: int) -> None:
    """The form of one field of ``entry``."""
    which = chosen(entry)
    known = {one.key: one for one in entry.fields}.get(which)
    field = known or Field("", "", "")
    st.button(
        plain(entry.vi),
        icon=":material/arrow_back:",
        type="tertiary",
        key="catalogues_back",
        on_click=_go,
        args=(None,),
    )
    wanted, choices = _form(field, f"catalogues.field.{entry.key}.{which}")
    st.caption(
        _("New and open complaints are asked for it. Its kind, and whether it is personal, stay once it is made.")
    )
    doing.button(
        context,
        _("Save"),
        lambda session, act: field_changes.put(session, entry.key, wanted, choices, act, version=version),
        _("“{name}” is saved.").format(name=wanted.vi.strip()),
        key="catalogues_field_save",
        then=lambda: _go(None),
        type="primary",
        width="stretch",
    )
    if known and not known.retired:
        doing.button(
            context,
            _("No longer ask for it"),
            lambda session, act: field_changes.drop(session, entry.key, known.key, act, version=version),
            _("“{name}” is asked for no more; what was recorded stays in the history.").format(name=known.vi),
            key="catalogues_field_drop",
            then=lambda: _go(None),
            icon=":material/visibility_off:",
        )


def _form(field: Field, key: str) -> tuple[Field, str]:
    """The field as typed, and its choices as lines of text."""
    left, right = st.columns(2)
    with left:
        vi = st.text_input(_("Vietnamese name"), value=field.vi, key=f"{key}.vi", max_chars=LONGEST_NAME)
        doing.mend("vi")
    with right:
        en = st.text_input(_("English name"), value=field.en, key=f"{key}.en", max_chars=LONGEST_NAME)
        doing.mend("en")
    left, right = st.columns(2)  # beneath, so that a phone asks in this order too
    with left:
        kind = st.selectbox(
            _("Kind"),
            TYPES,
            index=TYPES.index(field.type),
            format_func=lambda one: _(TYPE_NAMES[one]),
            key=f"{key}.type",
            disabled=bool(field.key),
        )
    with right:
        required = st.selectbox(
            _("Needed"),
            REQUIRED,
            index=REQUIRED.index(field.required),
            format_func=lambda one: _(REQUIRED_NAMES[one]),
            key=f"{key}.required",
        )
    choices = ""
    if kind == "choice":
        lines = "\n".join(f"{one.vi} / {one.en}" if one.vi != one.en else one.vi for one in field.offered)
        choices = st.text_area(
            _("Choices, one a line: Vietnamese / English"), value=lines, key=f"{key}.choices", height=150
        )
        doing.mend("choices")
    personal = st.toggle(
        _("Personal: hidden from roles that may not know the customer, and erased with the case"),
        value=field.personal,
        key=f"{key}.personal",
        disabled=bool(field.key),
    )
    wanted = replace(field, vi=vi or "", en=en or "", type=kind, required=required, personal=personal)
    return wanted, choices or ""
