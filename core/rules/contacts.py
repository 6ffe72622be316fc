"""Phones, e-mail addresses and accounts by one rule: what a text is, in the one form that finds the customer again.

Forms, imports, search and exports ask here, so that one number in many spellings is one customer, and what only looks
like a number is refused with its own sentence instead of being stored. The numbering plans are those of
``phonenumbers`` (region VN); what Vietnam's own plan says beyond it is written here (Circular 25/2015/TT-BTTTT).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberMatcher

from core.errors import Invalid
from core.rules.text import visible

HOME, REGION = "84", "VN"
# What Vietnam's plan allows after 0 or +84, assigned or not: carriers get new ranges before any library knows them.
_SUBSCRIBER = re.compile(r"[3-9]\d{8}|[12]\d{9}")
_MOBILE = re.compile(r"0[3-9][0-9]{8}")
_SERVICE = re.compile(r"1[89]00\d{4}(\d{2})?")
_SHORT = re.compile(r"11[1-9]|1022|108\d")
RECENT = 5_000  # texts remembered: checking, finding and storing one complaint read the same ones again and again
_MOST_DIGITS = 15  # of one number (ITU-T E.164)

_QUOTED = re.compile(r"""=?["'’‘`´]+(.*?)["'’‘`´]*""", re.DOTALL)
_SCHEME = re.compile(r"(?:tel|mailto):", re.IGNORECASE)
_DECIMALS = re.compile(r"(\+?\d+)[.,]0{1,2}")
_SEPARATORS = re.compile(r"[\s.\-()‐‑‒–—―−·•]+")
_SLASH_AFTER_AREA = re.compile(r"^(\(?\+?[\d ]{1,5}\)?) ?/ ?(?=\d)")
_NUMBER = re.compile(r"(\+?)(\d+)")

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d{2}"
_DATE = re.compile(
    rf"(?:{_DAY}[/.-]{_MONTH}[/.-]{_YEAR}|{_MONTH}[/.-]{_DAY}[/.-]{_YEAR}|{_YEAR}[/.-]{_MONTH}[/.-]{_DAY})"
    r"(?:[T\s]+\d{1,2}:\d{2}.*)?"
)
_AMOUNT = re.compile(
    r"(?!84\.)[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*(?:[.,]\d{1,2})?"  # grouped by thousands: 350.000.000
    r"|(?!84\d{9,10}$)[1-9]\d*0{5}"  # round, and without the 0, + or 84 of a phone: 350000000
    r"|[\d.,\s]*\d\s*(?:đ|₫|đồng|vnđ|vnd|usd|\$)\.?",
    re.IGNORECASE,
)

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]+)")
_ATOM = r"[^\s@.,;:<>()\[\]\\\"]+"
_MAILBOX = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LONGEST_MAILBOX, _LONGEST_ADDRESS = 64, 254  # signs (RFC 5321)

Kind = Literal["phone", "email", "account"]


@lru_cache(maxsize=RECENT)
def plain(text: str) -> str:
    """A contact detail as it is kept: what was typed, without what a keyboard or a spreadsheet left in it.

    Full-width signs become plain ones (NFKC), invisible ones and spaces at the edges go, and so do the apostrophe or
    ``="…"`` that keep a cell a text, ``tel:`` and ``mailto:``, the dot or comma that ended a sentence, and the decimals
    of a whole number: ``'901234567.0``.
    """
    if text.isascii() and text.isalnum():
        return text  # as most numbers are written: nothing below would change it
    tidy = visible(unicodedata.normalize("NFKC", text)).strip()
    if not tidy.isascii():
        tidy = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in tidy)
    if quoted := _QUOTED.fullmatch(tidy):
        tidy = quoted[1].strip()
    if scheme := _SCHEME.match(tidy):
        tidy = tidy[scheme.end() :].strip()
    tidy = tidy.lstrip("<").rstrip(">.,; ")
    decimals = _DECIMALS.fullmatch(tidy)
    return decimals[1] if decimals else tidy


@lru_cache(maxsize=RECENT)
def read_phone(text: str) -> str:
    """The key of a phone number: ``+84 (0)912.345.678`` and ``912345678`` → ``84912345678``.

    A foreign number keeps its country code, ``+1 650 253 0000`` → ``16502530000``; service and short numbers are as
    dialled, ``1900 1234`` → ``19001234``. What is written without 0, + or 84 must be a number that is assigned, since
    amounts and counts look the same. Raises Invalid, with a sentence of its own for each kind of text that is no phone.
    """
    if _MOBILE.fullmatch(text):
        return HOME + text[1:]  # as most are written: all of the below gives the same
    tidy = plain(text)
    if refused := _lookalike(tidy):
        raise refused
    number = _NUMBER.fullmatch(_SEPARATORS.sub("", _SLASH_AFTER_AREA.sub(r"\1", tidy)))
    key = _key(number[2], has_plus=bool(number[1])) if number else None
    if key is None:
        raise _no_phone(tidy, number[2] if number else "")
    return key


def phone_key(text: str) -> str | None:
    """As ``read_phone``; None when it is no phone number."""
    try:
        return read_phone(text) if text else None  # many complaints of a file have no number
    except Invalid:
        return None


def phone_problem(text: str) -> str | None:
    """Why ``text`` is no phone number, as a sentence to be translated; None for a number, and for nothing typed."""
    try:
        if plain(text):
            read_phone(text)
    except Invalid as refused:
        return refused.template
    return None


def read_email(text: str) -> str:
    """The key of an e-mail address: lower case, the domain in ASCII (IDNA): ``Lan@Sách.VN.`` → ``lan@xn--sch-ela.vn``.

    Raises Invalid for what is no address, or more than one.
    """
    tidy = plain(text).casefold()
    if sum("@" in part for part in re.split(r"[\s,;/]+", tidy)) > 1:
        raise Invalid("This is more than one e-mail address: keep one here, and write the others into the text.")
    mailbox, _at, domain = tidy.partition("@")
    domain = _ascii(domain)
    address = f"{mailbox}@{domain}"
    is_short = len(mailbox) <= _LONGEST_MAILBOX and len(address) <= _LONGEST_ADDRESS
    if not (is_short and _MAILBOX.fullmatch(mailbox) and _DOMAIN.fullmatch(domain)):
        raise Invalid("This is no e-mail address: write it like ten@congty.vn.")
    return address


def email_key(text: str) -> str | None:
    """As ``read_email``; None when it is no address."""
    try:
        return read_email(text) if text else None  # most complaints of a file have no address
    except Invalid:
        return None


def email_problem(text: str) -> str | None:
    """Why ``text`` is no e-mail address, as a sentence to be translated; None for one, and for nothing typed."""
    try:
        if plain(text):
            read_email(text)
    except Invalid as refused:
        return refused.template
    return None


def account_key(text: str) -> str | None:
    """The login account as it is compared: lower case, spaces once, nothing invisible; None when nothing is left."""
    return " ".join(plain(text).casefold().split()) or None


def contact_kind(text: str) -> Kind:
    """What was meant by a text in a field that takes all three, also where it is wrong and must be mended.

    An @ means an address; a number, or what only looks like one, a phone; anything else an account.
    """
    tidy = plain(text)
    if "@" in tidy:
        return "email"
    if not any(sign.isdigit() for sign in tidy):
        return "account"
    if phone_key(tidy) or _lookalike(tidy) or not any(sign.isalpha() for sign in tidy):
        return "phone"
    # An account may end with somebody's number, but it has no space in it.
    return "phone" if len(tidy.split()) > 1 and _numbers_in(tidy) else "account"


def _lookalike(tidy: str) -> Invalid | None:
    """What else it is, although its digits might pass for a phone number."""
    if _SCIENTIFIC.fullmatch(tidy):
        return Invalid(
            "A spreadsheet has shortened this number and digits are lost: show its column as text, and copy it again."
        )
    if _DATE.fullmatch(tidy):
        return Invalid("This is a date and no phone number: write the number like 0912 345 678.")
    if _AMOUNT.fullmatch(tidy):
        return Invalid("This looks like an amount: write a phone number with its 0, like 0912 345 678.")
    return None


def _no_phone(tidy: str, digits: str) -> Invalid:
    numbers = _numbers_in(tidy)
    if numbers > 1 or len(digits) > _MOST_DIGITS:
        return Invalid("This is more than one phone number: keep one here, and write the others into the text.")
    if digits:
        return Invalid(
            "No phone number has these digits: check each of them. Foreign numbers begin with + and their country code."
        )
    if numbers:
        return Invalid(
            "There is more than the phone number: keep the number alone here, and write the rest into the text."
        )
    return Invalid("This is no phone number: write it like 0912 345 678 or +84 912 345 678.")


def _numbers_in(tidy: str) -> int:
    return sum(1 for _number in PhoneNumberMatcher(tidy, REGION))


def _key(digits: str, *, has_plus: bool) -> str | None:
    if has_plus or digits.startswith("00"):
        digits = digits if has_plus else digits[2:]
        return _home(digits[2:], is_marked=True) if digits.startswith(HOME) else _foreign(digits)
    if _SHORT.fullmatch(digits):
        return digits
    marked = _home(digits.removeprefix(HOME), is_marked=True) if digits.startswith(("0", HOME)) else None
    return marked or _home(digits, is_marked=False)


def _home(digits: str, *, is_marked: bool) -> str | None:
    """The key of a number of Vietnam; ``is_marked``: its 0 or 84 says that it is one, so it need not be assigned."""
    national = digits.removeprefix("0")
    if _SERVICE.fullmatch(national):
        return national
    if not _SUBSCRIBER.fullmatch(national):
        return None
    is_phone = is_marked or phonenumbers.is_valid_number(PhoneNumber(int(HOME), int(national)))
    return HOME + national if is_phone else None


def _foreign(digits: str) -> str | None:
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


def _ascii(domain: str) -> str:
    """The domain as the network writes it, ``sách.vn`` → ``xn--sch-ela.vn``; empty where no network would."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""
