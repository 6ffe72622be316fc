"""Evidence on the screens: what each file shows, chosen where it is handed in; and the evidence of a case to look at.

Pictures, sound, film and PDF are shown where they lie, by the route that every file goes through
(``core/web/evidence.py``), so that the role is checked there; anything else is handed over as a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.i18n import gettext as _
from core.i18n import moment, named, number
from core.register.case.evidence import FileDraft
from core.register.case.file_kinds import MAX_FILE, MAX_FILM, MEDIA, media_type
from core.register.reads.timeline import File, Moment
from core.rules.evidence_kinds import KINDS, RECORDING, guess
from core.rules.marks import visible
from core.rules.masking import HIDDEN
from core.ui import components, drafts, fields, words
from core.ui.fields import Persist
from core.ui.text import Words, md, spoken

PREVIEWS = {
    "image/png": "image",
    "image/jpeg": "image",
    "image/webp": "image",
    "image/gif": "image",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/aac": "audio",
    "audio/wav": "audio",
    "audio/ogg": "audio",
    "video/mp4": "video",
    "video/webm": "video",
    "application/pdf": "pdf",
}
"""Media type → how it is looked at; what browsers do not show by themselves (HEIC, AMR, Word) is handed over."""
KIND = "evidence kind"
_list = components.of_folder(Path(__file__).parent)


def limits() -> Words:
    """What may be handed in, in a few words."""
    size, film = MAX_FILE >> 20, MAX_FILM >> 20
    return md(_("Files, up to {size} MB each, film and sound up to {film} MB"), size=size, film=film)


def with_kinds(files: Iterable[UploadedFile], zone: str, *, persist: Persist = "page") -> tuple[FileDraft, ...]:
    """The files as they are handed in, each with a pick list of what it shows; ``zone``: the key of their drop zone.

    A list begins with the kind that the file is for certain; nobody must choose.
    """
    return tuple(FileDraft(file.name, file, _kind_of(file, zone, persist)) for file in files)


def _kind_of(file: UploadedFile, zone: str, persist: Persist) -> str | None:
    key = f"{zone}{drafts.OF_A_FILE}{file.file_id}"
    held = fields.only(key, KINDS)
    first = held or (guess(media_type(file.name)) if file.name.lower().endswith(tuple(MEDIA)) else None)
    return st.selectbox(
        spoken(_("What does “{name}” show?").format(name=file.name)),
        KINDS,
        index=KINDS.index(first) if first else None,
        format_func=lambda kind: named(KIND, kind),
        key=key,
        placeholder=_("not said"),
        persist_state=persist,
    )


def show(moments: Sequence[Moment], *, key: str) -> None:
    """The evidence that these moments added, oldest first: to look at, with what it shows, who added it and when."""
    found = [entry for one in moments for entry in _entries(one)]
    if not found:
        st.caption(_("No files yet."))
        return
    _list(
        key=key,
        data={
            "entries": found,
            "alt": _("Evidence"),
            "words": {"pdf": _("Show it here"), "close": _("Close"), "whole": _("Open {name} whole")},
        },
    )


def _entries(one: Moment) -> Iterable[dict[str, str]]:
    whose = [_("from {code}").format(code=one.of_code)] if one.of_code else []
    undone = [_("undone")] if one.undone_at else []
    who = " · ".join([*whose, visible(words.who(one)), moment(one.logged_at), *undone])
    for file in one.files:
        yield _entry(file, who)
    if one.recording:
        name = _("Hidden: your role does not see what was written.") if one.recording == HIDDEN else one.recording
        yield {
            "name": visible(name),
            "href": "",
            "kind": named(KIND, RECORDING),
            "about": " · ".join([*call_words(one), who]),
            "shows": "",
        }


def _entry(file: File, who: str) -> dict[str, str]:
    return {
        "name": visible(file.name),
        "href": f"/evidence/{file.id}" if file.opens else "",
        "kind": named(KIND, file.kind) if file.kind else "",
        "about": f"{size_words(file.size)} · {who}",
        "shows": PREVIEWS.get(file.media_type, "") if file.opens else "",
    }


def call_words(one: Moment) -> list[str]:
    """When the call was, where that is said."""
    at = one.payload.get("recording_at")
    return [_("call of {moment}").format(moment=moment(datetime.fromisoformat(at)))] if at else []


def size_words(size: int) -> str:
    """``12 KB``, ``1,2 MB``."""
    return f"{number(size / 1024, 0)} KB" if size < 1 << 20 else f"{number(size / (1 << 20), 1)} MB"
