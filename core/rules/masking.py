"""What is shown of a person to those who may not know them: enough to distinguish two, not enough to find one.

Every mask keeps an empty value empty, and masking twice changes nothing.
"""

from __future__ import annotations

DOTS = "•••"
LONG_PHONE, SHORT_PHONE = 9, 7  # digits from which a phone shows its first four, and its last three
SHORT_ACCOUNT = 3  # signs up to which an account shows nothing
LONGEST_ENDING = 5  # letters after the dot beyond which a file name has no ending, but a word
HIDDEN = "…"  # what stands for a whole text where no sentence fits, as in a cell of a table


def mask_name(name: str | None) -> str:
    """``Nguyễn Thị Mai`` → ``N. T. M.``: initials only."""
    return " ".join(f"{word[0].upper()}." for word in (name or "").split())


def mask_phone(phone: str | None) -> str:
    """``0912 345 123`` → ``0912 ••• 123``: the network's digits and the last three, shorter numbers show less."""
    if DOTS in (phone or ""):
        return phone or ""
    digits = "".join(sign for sign in phone or "" if sign.isdigit())
    if not digits:
        return DOTS if (phone or "").strip() else ""
    head = digits[:4] if len(digits) >= LONG_PHONE else ""
    tail = digits[-3:] if len(digits) >= SHORT_PHONE else ""
    return " ".join(part for part in (head, DOTS, tail) if part)


def mask_email(email: str | None) -> str:
    """``mai.nguyen@gmail.com`` → ``m•••@gmail.com``: first letter and domain."""
    user, at, domain = (email or "").strip().partition("@")
    return f"{user[:1]}{DOTS}{at}{domain}" if user else ""


def mask_account(account: str | None) -> str:
    """``mainguyen99`` → ``ma•••``: the first two signs; none of three or fewer; an address as ``mask_email``."""
    trimmed = (account or "").strip()
    if "@" in trimmed:
        return mask_email(trimmed)
    if DOTS in trimmed:
        return trimmed
    return (trimmed[:2] if len(trimmed) > SHORT_ACCOUNT else "") + DOTS if trimmed else ""


def mask_text(text: str | None, instead: str = HIDDEN) -> str:
    """A text people wrote → ``instead``: names and numbers hide anywhere in free text, so none of it is shown."""
    return instead if (text or "").strip() else ""


def mask_file_name(name: str | None) -> str:
    """``CCCD Nguyễn Mai.jpg`` → ``•••.jpg``: people name files after themselves."""
    if not name:
        return ""
    _stem, dot, ending = name.rpartition(".")
    is_ending = bool(dot) and ending.isalnum() and len(ending) <= LONGEST_ENDING
    return f"{DOTS}.{ending}" if is_ending else DOTS
