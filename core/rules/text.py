"""Vietnamese text and contact details in the one form that finds them again."""

from __future__ import annotations

import re
import unicodedata

_DD = str.maketrans({"đ": "d", "Đ": "D"})
_SEPARATORS = re.compile(r"[\s.\-()/]+")
_PHONE = re.compile(r"84\d{8,10}|1[89]00\d{4,6}|(?!0|84)\d{7,15}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def fold(text: str) -> str:
    """Lower case without accents, đ as d, one space between words: ``Đăng  nhập`` → ``dang nhap``."""
    plain = unicodedata.normalize("NFD", text.translate(_DD))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).lower().split())


def phone_key(text: str) -> str | None:
    """``0912 345 678``, ``+84 912.345.678`` and ``84912345678`` → ``84912345678``; None when it is no phone number."""
    digits = _SEPARATORS.sub("", text.strip())
    digits = digits.removeprefix("+").removeprefix("00") if digits.startswith(("+", "00")) else digits
    if digits.startswith("0"):
        digits = "84" + digits[1:]
    return digits if _PHONE.fullmatch(digits) else None


def email_key(text: str) -> str | None:
    """The address in lower case; None when it is no address."""
    address = text.strip().lower()
    return address if _EMAIL.fullmatch(address) else None


def account_key(text: str) -> str | None:
    """The login account as it is compared: trimmed, lower case."""
    return text.strip().casefold() or None


def keepable(text: str) -> str:
    """``text`` without what no database stores: NUL signs and halves of characters (lone surrogates)."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def snippet(text: str, length: int = 90) -> str:
    """The first words of ``text`` on one line, cut at a word with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[: line.rfind(" ", 0, length) if " " in line[:length] else length].rstrip(" ,.;:") + "…"
