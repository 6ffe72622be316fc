"""Vietnamese text in the one form that finds it again."""

from __future__ import annotations

import unicodedata

D_SHAPES = "đĐðÐɖƉ"  # đ and the letters that look like it: Icelandic eth and African d, which other keyboards produce
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"  # Vietnamese, with the Latin letters that names of others bring
TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng, in the order of dictionaries
_PLACES = {letter: chr(ord("a") + place) for place, letter in enumerate(ALPHABET)}
# What Unicode gives no glyph, but counts among letters and marks: joiners, fillers and variation selectors.
_SHOWS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(
    map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)])
)


class _Folded(dict[int, str]):
    """Code point → what ``fold`` makes of it, worked out once per sign (for ``str.translate``)."""

    def __missing__(self, code: int) -> str:
        self[code] = "".join(_folded(sign) for sign in unicodedata.normalize("NFKD", chr(code)))
        return self[code]


def _folded(sign: str) -> str:
    if sign in D_SHAPES:
        return "d"
    if unicodedata.combining(sign) or is_invisible(sign):
        return ""
    return " " if sign.isspace() else sign.casefold()


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Lower case without accents, đ and its look-alikes as d, one space between words: ``Đăng  nhập`` → ``dang nhap``.

    Full-width and other compatibility signs (Unicode NFKD) are the plain ones, and what nobody sees is left out.
    """
    plain = text.isascii() and text.isprintable()  # most numbers, codes and keys: no accent, and nothing unseen
    return " ".join((text.lower() if plain else text.translate(_FOLDED)).split())


def sort_key(text: str) -> tuple[str, str, str]:
    """What texts are sorted by in Vietnamese: a ă â b c d đ e ê …, then by tone, small letters first.

    As Unicode's collation of Vietnamese (CLDR ``vi``): letters decide first and tones (ngang, huyền, hỏi, ngã, sắc,
    nặng) only between texts of the same letters. A space comes before any letter, so that short names come first.
    """
    letters, tones = [], []
    for sign in " ".join(visible(unicodedata.normalize("NFKC", text)).split()).casefold():
        mark = next((mark for mark in unicodedata.normalize("NFD", sign) if mark in TONES), "")
        letter = unicodedata.normalize("NFC", unicodedata.normalize("NFD", sign).replace(mark, ""))
        letters.append(_PLACES.get("đ" if letter in D_SHAPES else letter, letter))
        tones.append(str(TONES.find(mark) + 1) if mark else "0")
    return "".join(letters), "".join(tones), text.swapcase()


def nfc(text: str) -> str:
    """``text`` with each letter and its accents as one sign (Unicode NFC), as Vietnamese keyboards write it.

    macOS and some phones hand over NFD, a letter and its accents as separate signs, which equals nothing typed here.
    """
    return unicodedata.normalize("NFC", text)


class _Shown(dict[int, int | None]):
    """Code point → itself, or None where it shows nothing, worked out once per sign (for ``str.translate``)."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if is_invisible(chr(code)) else code
        return self[code]


_SHOWN = _Shown()


def is_invisible(sign: str) -> bool:
    """Whether ``sign`` shows nothing: zero-width, direction marks, soft hyphens, control signs that are no space."""
    kind = unicodedata.category(sign)
    return kind == "Cf" or (kind == "Cc" and not sign.isspace()) or sign in _SHOWS_NOTHING


def visible(text: str) -> str:
    """``text`` without the signs that show nothing (``is_invisible``)."""
    return text if text.isprintable() and text.isascii() else text.translate(_SHOWN)


def keepable(text: str) -> str:
    """``text`` without what no database stores: NUL signs and halves of characters (lone surrogates)."""
    if "\0" not in text and (text.isascii() or _is_whole(text)):
        return text
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def snippet(text: str, length: int = 90) -> str:
    """The first words of ``text`` on one line, cut at a word with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[: line.rfind(" ", 0, length) if " " in line[:length] else length].rstrip(" ,.;:") + "…"
