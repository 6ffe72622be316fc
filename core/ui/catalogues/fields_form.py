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


def form(entry: Entry, which: str) -> tuple[Field, str]:
    """One field of ``entry``, or a ``NEW`` one: as typed, and its choices as lines of text."""
    st.button(
        plain(entry.vi),
        icon=":material/arrow_back:",
        type="tertiary",
        key="catalogues_back",
        on_click=_go,
        args=(None,),
    )
    wanted, choices = _form(_field(entry, which), _key(entry, which))
    st.caption(
        _("New and open complaints are asked for it. Its kind, and whether it is personal, stay once it is made.")
    )
    return wanted, choices


def save_buttons(context: PageContext, entry: Entry, wanted: Field, choices: str, version: int) -> None:
    """Save it, or ask for it no longer."""
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
    if wanted.key and not wanted.retired:
        doing.button(
            context,
            _("No longer ask for it"),
            lambda session, act: field_changes.drop(session, entry.key, wanted.key, act, version=version),
            _("“{name}” is asked for no more; what was recorded stays in the history.").format(name=wanted.vi),
            key="catalogues_field_drop",
            then=lambda: _go(None),
            icon=":material/visibility_off:",
        )


def go_on(before: Entry, which: str, wanted: Field, newest: Entry) -> None:
    """The form over ``newest``; what this person changed in it stays as typed."""
    doing.leave()
    old, new, key = _field(before, which), _field(newest, which), _key(before, which)
    for name in ("vi", "en", "type", "required", "personal"):
        if getattr(wanted, name) == getattr(old, name):
            st.session_state[f"{key}.{name}"] = getattr(new, name)
    if st.session_state.get(f"{key}.choices") == _lines(old):
        st.session_state[f"{key}.choices"] = _lines(new)


def _field(entry: Entry, which: str) -> Field:
    return {one.key: one for one in entry.fields}.get(which, Field("", "", ""))


def _key(entry: Entry, which: str) -> str:
    """What the keys of the widgets begin with."""
    return f"catalogues.field.{entry.key}.{which}"


def _lines(field: Field) -> str:
    return "\n".join(f"{one.vi} / {one.en}" if one.vi != one.en else one.vi for one in field.offered)


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
        choices = st.text_area(
            _("Choices, one a line: Vietnamese / English"), value=_lines(field), key=f"{key}.choices", height=150
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
