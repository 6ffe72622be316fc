"""The kinds of files that can be evidence: by the name's ending, and by what the content is."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import BinaryIO

import puremagic

from core.errors import Invalid
from core.i18n import N_

MEGABYTE = 1 << 20
MAX_FILE = 20 * MEGABYTE
MAX_FILM = 50 * MEGABYTE  # film and sound
HEAD = 8_192  # bytes that tell the kind
MEDIA = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".amr": "audio/amr",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".3gp": "video/3gpp",
    ".webm": "video/webm",
    ".txt": "text/plain",
    ".log": "text/plain",
    ".csv": "text/csv",
    ".eml": "message/rfc822",
    ".msg": "application/vnd.ms-outlook",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Endings of one content: a telephone names the same recording .m4a, .mp4 or .3gp, and a picture keeps its old name.
_JPEG = frozenset({".jpg", ".jpeg", ".jfif"})
_ISO = frozenset({".mp4", ".m4a", ".mov", ".3gp", ".3ga", ".heic", ".heif"})
_MPEG = frozenset({".mp3", ".mpga", ".aac"})
_OGG = frozenset({".ogg", ".oga", ".opus"})
ALIKE = {kind: family for family in (_JPEG, _ISO, _MPEG, _OGG) for kind in family} | {
    ".msg": frozenset({".msg", ".doc"})
}
# What puremagic does not know: films of some telephones, and sound that begins without a title.
_ISO_BOX = re.compile(rb".{4}(ftyp|moov|mdat|wide|free|skip)", re.DOTALL)
_MPEG_FRAME = re.compile(rb"\xff[\xe0-\xff]|ID3", re.DOTALL)
_BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 begins, whose text is full of zero bytes
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]|\A%PDF-")
_FOLDER_INSIDE = {".docx": "word/", ".xlsx": "xl/"}


def ending(name: str) -> str:
    """``Ảnh.PNG`` → ``.png``."""
    return Path(name).suffix.lower()


def media_type(name: str) -> str:
    """The media type that the name's ending stands for; Invalid for a kind of file that is not taken."""
    if ending(name) not in MEDIA:
        raise Invalid(
            N_("“{name}” cannot be kept: send a picture, PDF, sound, video, text, e-mail, Word or Excel file."),
            name=name,
        )
    return MEDIA[ending(name)]


def limit(name: str) -> int:
    """How many bytes a file of that name may have."""
    return MAX_FILM if MEDIA.get(ending(name), "").startswith(("audio/", "video/")) else MAX_FILE


def check_head(name: str, head: bytes) -> None:
    """Raise Invalid when the first bytes of a file are not what its name says.

    A text has no control characters; anything else is recognised by its signature.
    """
    kind = ending(name)
    if MEDIA[kind].startswith(("text/", "message/")):
        fits = head.startswith(_BYTE_ORDER) or not _NOT_TEXT.search(head[:HEAD])
    else:
        fits = bool(ALIKE.get(kind, frozenset({kind})) & _seen(head[:HEAD]))
    if not fits:
        raise _mismatch(name)


def check_whole(name: str, content: BinaryIO) -> None:
    """Raise Invalid when a Word or Excel file does not hold a document of its kind inside."""
    folder = _FOLDER_INSIDE.get(ending(name))
    if folder is None:
        return
    try:
        with zipfile.ZipFile(content) as parts:
            fits = any(part.startswith(folder) for part in parts.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        fits = False
    if not fits:
        raise _mismatch(name)


def _seen(head: bytes) -> frozenset[str]:
    """The endings of the kinds that these first bytes may be."""
    try:
        found = {match.extension for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):  # unknown, empty
        found = set()
    if _ISO_BOX.match(head):
        found |= _ISO
    if _MPEG_FRAME.match(head):
        found |= _MPEG
    return frozenset(found)


def _mismatch(name: str) -> Invalid:
    return Invalid(
        N_("“{name}” is not what its name says: the content is no {kind} file. Send the file as it was made."),
        name=name,
        kind=ending(name).removeprefix(".").upper(),
    )
