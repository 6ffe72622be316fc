"""The few looks Streamlit has no setting for: an upload field in the reader's language, and what comes first on a phone."""

from __future__ import annotations

import json

import streamlit as st

from core.i18n import gettext as _

PHONE = "640px"  # where Streamlit stacks columns


def upload_in_our_language() -> None:
    """The button of upload fields says “Choose files”; the English list of endings goes, the label tells what is taken."""
    words = json.dumps(_("Choose files"), ensure_ascii=False)
    zone = '[data-testid="stFileUploaderDropzone"]'
    st.html(
        f"<style>{zone} [data-testid='stFileUploaderDropzoneInstructions'] {{ display: none }}"
        f"{zone} button p {{ font-size: 0 }}"
        f"{zone} button p::after {{ content: {words}; font-size: 0.875rem }}</style>"
    )


def last_column_first_on_phones(key: str) -> None:
    """In the container ``key``, the last of its columns comes before the others once they are stacked."""
    column = " > ".join(f'[data-testid="{name}"]' for name in ("stLayoutWrapper", "stHorizontalBlock", "stColumn"))
    st.html(f"<style>@media (max-width: {PHONE}) {{ .st-key-{key} > {column}:last-child {{ order: -1 }} }}</style>")


def focus_on(key: str) -> None:
    """Put the cursor into the field ``key`` when it first appears, so that a call can be typed without the mouse."""
    field = json.dumps(f".st-key-{key.replace('.', '-')} :is(input, textarea, button)")
    st.html(
        f"<script>setTimeout(() => document.querySelector({field})?.focus({{ preventScroll: true }}), 100)</script>",
        unsafe_allow_javascript=True,
    )
