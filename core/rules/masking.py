"""What is shown of a person to those who may not know them: enough to distinguish two, not enough to find one.

Every mask keeps an empty value empty, and masking twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata

from core.rules.text import visible

DOTS = "•••"
SHOWN_DIGITS = 3  # of a phone, in all; the seven that are hidden leave ten million numbers
SHORT_PHONE = 7  # digits below which a phone shows none of them
SHORT_ACCOUNT = 3  # signs up to which an account shows nothing
LONGEST_ENDING = 5  # letters after the dot beyond which a file name has no ending, but a word
HIDDEN = "…"  # what stands for a whole text where no sentence fits, as in a cell of a table
PUBLIC_MAIL = frozenset({
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.com.vn", "ymail.com", "rocketmail.com", "hotmail.com",
    "outlook.com", "outlook.com.vn", "live.com", "msn.com", "icloud.com", "me.com", "mac.com", "aol.com",
    "proton.me", "protonmail.com", "zoho.com", "gmx.com", "gmx.net", "mail.com", "yandex.com", "mail.ru",
    "naver.com", "hanmail.net", "daum.net", "qq.com", "163.com", "126.com", "vnn.vn", "hcm.vnn.vn", "hn.vnn.vn",
})  # fmt: skip
"""Domains that millions share, so that they tell of nobody; every other one may be a company's or a person's own."""
_MASKED_PHONE = re.compile(rf"{DOTS} \d{{{SHOWN_DIGITS}}}")
_MASKED_ACCOUNT = re.compile(rf".{{0,2}}{DOTS}")


def mask_name(name: str | None) -> str:
    """``Nguyễn Thị Mai`` → ``N. T. M.``: initials only; a word without letters, as a number typed there, is hidden."""
    return " ".join(_initial(word) for word in _tidy(name).split())


def _initial(word: str) -> str:
    letter = next((sign for sign in word if sign.isalpha()), None)
    return f"{letter.upper()[0]}." if letter else DOTS


def mask_phone(phone: str | None) -> str:
    """``0912 345 123`` → ``••• 123``: the last three digits; none of a number shorter than seven."""
    text = _tidy(phone)
    if not text or _MASKED_PHONE.fullmatch(text):
        return text
    digits = _digits(text)
    return f"{DOTS} {digits[-SHOWN_DIGITS:]}" if len(digits) >= SHORT_PHONE else DOTS


def mask_email(email: str | None) -> str:
    """``mai.nguyen@gmail.com`` → ``m•••@gmail.com``: the first letter, and the domain if it is a public one.

    ``mai@congty.vn`` → ``m•••@•••``: a domain of one's own names the person or the company.
    """
    text = _tidy(email)
    user, at, domain = text.rpartition("@") if "@" in text else (text, "", "")
    if not user:
        return ""
    letter = user[0] if user[0].isalpha() and len(user) > 1 else ""
    shown = domain if domain.casefold() in PUBLIC_MAIL else DOTS
    return f"{letter}{DOTS}{at}{shown if at else ''}"


def mask_account(account: str | None) -> str:
    """``mainguyen99`` → ``ma•••``: the first two signs, none of three or fewer.

    An address is masked as ``mask_email`` does, and what holds the digits of a phone as ``mask_phone`` does.
    """
    text = _tidy(account)
    if "@" in text[1:]:
        return mask_email(text)
    if _MASKED_PHONE.fullmatch(text) or len(_digits(text)) >= SHORT_PHONE:
        return mask_phone(text)
    if not text or _MASKED_ACCOUNT.fullmatch(text):
        return text
    return (text[:2] if len(text) > SHORT_ACCOUNT else "") + DOTS


def _tidy(text: str | None) -> str:
    """Full-width signs plain and nothing invisible, or a digit in disguise would be shown."""
    return visible(unicodedata.normalize("NFKC", text or "")).strip()


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def mask_text(text: str | None, instead: str = HIDDEN) -> str:
    """A text people wrote → ``instead``: names and numbers hide anywhere in free text, so none of it is shown."""
    return instead if (text or "").strip() else ""


def mask_file_name(name: str | None) -> str:
    """``CCCD Nguyễn Mai.jpg`` → ``•••.jpg``: people name files after themselves, or after a number."""
    if not name:
        return ""
    _stem, dot, ending = name.rpartition(".")
    is_word = ending.isalnum() and len(ending) <= LONGEST_ENDING and len(_digits(ending)) < SHOWN_DIGITS
    return f"{DOTS}.{ending}" if dot and is_word else DOTS
