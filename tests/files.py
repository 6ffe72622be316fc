"""The smallest contents that are what their names say, one per kind of file that can be evidence."""

from __future__ import annotations

import io
import zipfile

from core.register.case.file_kinds import ending

PNG = b"\x89PNG\r\n\x1a\n"
ISO = b"\x00\x00\x00\x18ftyp"
TEXT = "Xin chào, tôi bị trừ tiền hai lần.\r\n".encode()
HEADS = {
    ".png": PNG,
    ".jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    ".jpeg": b"\xff\xd8\xff\xe1\x00\x10Exif\x00",
    ".webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    ".gif": b"GIF89a",
    ".heic": ISO + b"heic",
    ".pdf": b"%PDF-1.7\n",
    ".mp3": b"ID3\x03\x00",
    ".m4a": ISO + b"M4A ",
    ".aac": b"\xff\xf1\x50\x80",
    ".wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    ".ogg": b"OggS\x00\x02",
    ".opus": b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead",
    ".amr": b"#!AMR\n",
    ".mp4": ISO + b"isom",
    ".mov": ISO + b"qt  ",
    ".3gp": ISO + b"3gp4",
    ".webm": b"\x1aE\xdf\xa3\x01"
    + b"\x00" * 6
    + b"\x1fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
    ".txt": TEXT,
    ".log": TEXT,
    ".csv": b"code;text\r\n1;hello\r\n",
    ".eml": b"From: a@example.vn\r\nTo: b@example.vn\r\nSubject: x\r\n\r\nhello\r\n",
    ".msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
}


def content_of(name: str) -> bytes:
    """Content of the kind that ``name`` says."""
    kind = ending(name)
    if kind in (".docx", ".xlsx"):
        return document("word/document.xml" if kind == ".docx" else "xl/workbook.xml")
    head = HEADS[kind]
    return head if kind in (".txt", ".log", ".csv", ".eml") else head + b"\x00" * 600


def document(part: str) -> bytes:
    """A zip file with that part in it, as Word and Excel write them."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr(part, "<x/>")
    return whole.getvalue()
