"""What a file is, by its name and by its content."""

from __future__ import annotations

import io

import pytest

from core.errors import Invalid
from core.register.case import file_kinds
from core.register.case.file_kinds import MAX_FILE, MAX_FILM, MEDIA
from tests.files import HEADS, TEXT, content_of, document

UTF16 = "Xin chào".encode("utf-16")


def check(name: str, content: bytes) -> None:
    file_kinds.check_head(name, content)
    file_kinds.check_whole(name, io.BytesIO(content))


@pytest.mark.parametrize("kind", MEDIA)
def test_every_kind_is_known_by_its_content(kind: str) -> None:
    check(f"tệp{kind}", content_of(f"tệp{kind}"))
    check(f"TỆP{kind.upper()}", content_of(f"tệp{kind}"))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.mp4", HEADS[".mov"], "a film that was renamed on the way"),
        ("a.m4a", HEADS[".3gp"], "a recording of an old telephone"),
        ("a.mp4", b"\x00\x00\x00\x1cftypavc1" + bytes(20), "a brand that puremagic does not know"),
        ("a.mov", b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "an old film without a brand"),
        ("a.heic", b"\x00\x00\x00\x18ftypmif1" + bytes(20), "a picture of another telephone"),
        ("a.mp3", b"\xff\xf3\x90\x64" + bytes(20), "sound without a title, of low quality"),
        ("a.jpg", b"\xff\xd8\xff\xdb" + bytes(20), "a picture straight from a camera's chip"),
        ("a.jpeg", HEADS[".jpg"], "two ways to write one kind"),
        ("a.ogg", HEADS[".opus"], "WhatsApp and Telegram name them so"),
        ("a.txt", UTF16, "how Notepad once wrote"),
        ("a.txt", b"x,y\tz\n\x1b[0m", "a log with colours"),
        ("a.log", "Lỗi".encode("cp1258", "replace"), "an old code page is text too"),
        ("a.csv", b"x" * 8_191 + "ạ".encode(), "a letter cut in half where the look ends"),
    ],
)
def test_what_is_right_is_taken(name: str, content: bytes, why: str) -> None:
    try:
        check(name, content)
    except Invalid as refused:
        raise AssertionError(why) from refused


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.png", content_of("a.pdf"), "a PDF"),
        ("a.png", b"MZ\x90\x00" + bytes(60), "a program"),
        ("a.pdf", b"<!doctype html><script>alert(1)</script>", "a page"),
        ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a drawing that runs"),
        ("a.mp4", b"RIFF\x24\x00\x00\x00AVI LIST", "another film"),
        ("a.txt", b"MZ\x90\x00" + bytes(60), "a program"),
        ("a.txt", content_of("a.pdf"), "a PDF"),
        ("a.csv", content_of("a.xlsx"), "a workbook"),
        ("a.eml", content_of("a.msg"), "Outlook's own way"),
        ("a.msg", content_of("a.eml"), "the other way round"),
        ("a.docx", content_of("a.xlsx"), "a workbook"),
        ("a.docx", document("a.txt"), "any zip file"),
        ("a.xlsx", b"PK\x03\x04 and no more", "a zip file cut off"),
        ("a.png", TEXT, "text"),
        ("a.mp3", b"\xff", "too short to be anything"),
    ],
)
def test_content_that_is_not_what_its_name_says_is_refused(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Invalid, match="is not what its name says") as refused:
        check(name, content)
    assert name in str(refused.value), why


@pytest.mark.parametrize("name", ["a.exe", "a.html", "a.svg", "a", ".png", "a.png.exe", "a.png "])
def test_other_kinds_are_not_taken(name: str) -> None:
    with pytest.raises(Invalid, match="cannot be kept"):
        file_kinds.media_type(name)


@pytest.mark.parametrize(
    ("name", "limit"),
    [("a.mp4", MAX_FILM), ("a.OGG", MAX_FILM), ("a.amr", MAX_FILM), ("a.pdf", MAX_FILE), ("a.eml", MAX_FILE)],
)
def test_film_and_sound_may_be_larger(name: str, limit: int) -> None:
    assert file_kinds.limit(name) == limit
