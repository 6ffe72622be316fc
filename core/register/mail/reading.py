"""A mail as customer care needs it: who wrote, when, what is new in it, its files; and whether a person wrote it (D43).

Whatever a mail is, it can be read: charsets that nobody declared or that do not fit, headers that break the rules,
HTML without text. What is lost on the way (the letters of a damaged charset) is still in the mail itself, which is
evidence of the case.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum
from itertools import islice

import html_text
import lxml.html
from lxml.etree import ParserError

from core.rules.text import keepable, nfc

CODE = re.compile(r"\bKN[- ]?(\d{4})[- ]?(\d{6,12})\b", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
MESSAGE_ID = re.compile(r"<[^<>\s]+>")
MOST_ATTACHMENTS, MOST_PARTS = 20, 200
LONGEST = 20_000
"""Letters of a text that becomes a statement; a longer one is cut, the mail beside it is whole."""
FALLBACKS = ("utf-8", "cp1258", "latin-1")
"""What a text without a charset that fits is read as; the last one reads everything."""
ALIASES = {"windows-1258": "cp1258", "x-windows-1258": "cp1258", "utf8": "utf-8", "x-unknown": "utf-8"}


class Author(StrEnum):
    """Who wrote a mail: only what a person wrote becomes a complaint or an answer."""

    PERSON = "person"
    AUTOMATIC = "automatic"  # out of office, a newsletter, a robot
    BOUNCE = "bounce"  # a mail server, about a mail that did not arrive


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail; ``name`` as its sender called it, empty where nobody did."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. ``references``: the ids of the mails it answers, the nearest first. ``text``: what is new in it.

    ``message_id`` is empty where the mail has none. ``sent_at``: as its sender's clock showed, None where unreadable.
    ``code``: a case code in the subject. ``bounced``: the ids of mails that a mail server says it could not deliver.
    """

    message_id: str
    references: tuple[str, ...]
    name: str
    address: str
    subject: str
    sent_at: datetime | None
    text: str
    attachments: tuple[Attachment, ...]
    author: Author
    code: str | None
    bounced: tuple[str, ...] = ()


def read(raw: bytes) -> Mail:
    """The mail that these bytes are (RFC 5322); never an error."""
    message = email.message_from_bytes(raw)
    name, address = _sender(message)
    subject = header(message, "Subject")
    found = CODE.search(subject)
    attachments, plain, html = _parts(message)
    text = new_text("\n".join(plain)) if any(part.strip() for part in plain) else new_of_html("".join(html))
    return Mail(
        message_id=next(iter(_ids(message, "Message-ID")), ""),
        references=tuple(dict.fromkeys((*_ids(message, "In-Reply-To"), *reversed(_ids(message, "References"))))),
        name=name,
        address=address,
        subject=subject,
        sent_at=_sent_at(message),
        text=text[:LONGEST],
        attachments=tuple(attachments),
        author=_author(message, address),
        code=f"KN-{found[1]}-{found[2]}" if found else None,
        bounced=tuple(_bounced(message)),
    )


def digest_of(message_id: str, raw: bytes) -> bytes:
    """By what a mail is known again: its id, which names hosts and at times people, as SHA-256; else all of it."""
    return hashlib.sha256(message_id.encode() if message_id else raw).digest()


def header(message: Message, name: str) -> str:
    """A header in letters, on one line: encoded words decoded, whatever their charset says."""
    return _words(_raw(message, name))


def _raw(message: Message, name: str) -> str:
    """A header as it came, on one line; bytes that are no ASCII as Python's parser escapes them."""
    found = (str(value) for key, value in message.raw_items() if key.lower() == name.lower())
    return " ".join(next(found, "").split())


def _words(raw: str) -> str:
    """What encoded words (RFC 2047) and plain ones say."""
    if not raw.isascii():
        return _clean(decoded(raw.encode("utf-8", "surrogateescape"), None))
    try:
        pieces = decode_header(raw)
    except (MessageError, ValueError):
        return raw
    return _clean("".join(decoded(one, named) if isinstance(one, bytes) else one for one, named in pieces)) or raw


def decoded(content: bytes, charset: str | None) -> str:
    """Bytes in letters: by ``charset`` where it fits, else by the first of ``FALLBACKS`` that does.

    What is UTF-8 is read as that whatever it is called, since hardly any other text looks like it by chance.
    Windows-1258 writes a tone as a sign of its own, so letters are put together (NFC).
    """
    named = (charset or "").strip().strip("'\"").lower()
    first = () if content.isascii() or named.startswith("utf-") else ("utf-8",)
    for one in (*first, ALIASES.get(named, named), *FALLBACKS):
        with suppress(LookupError, UnicodeDecodeError, ValueError):
            if one:
                return nfc(content.decode(one))
    return nfc(content.decode("latin-1"))


def _sender(message: Message) -> tuple[str, str]:
    """(name, address in small letters) of whoever is to be answered; an empty address where none can be read."""
    for name in ("Reply-To", "From", "Sender"):
        raw = _raw(message, name)
        for called, address in getaddresses([raw]):
            if "@" in address:
                return _words(called), _clean(address).strip().lower()
        if found := ADDRESS.search(raw):
            return _words(raw.replace(found[0], "").strip("<> ")), _clean(found[0]).lower()
    return header(message, "From"), ""


def _ids(message: Message, name: str) -> list[str]:
    return MESSAGE_ID.findall(str(message.get(name, "")))


def _sent_at(message: Message) -> datetime | None:
    with suppress(TypeError, ValueError, OverflowError):
        sent = parsedate_to_datetime(str(message.get("Date", "")))
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC)
    return None


_ROBOTS = re.compile(r"^(mailer-daemon|postmaster|no-?reply|donotreply|bounces?)\b", re.IGNORECASE)


def _author(message: Message, address: str) -> Author:
    """By the headers of RFC 3834 and what robots write besides; a person's mail has none of them."""
    if message.get_content_type() == "multipart/report" or str(message.get("Return-Path", "")).strip() == "<>":
        return Author.BOUNCE
    local = address.partition("@")[0]
    if local in ("mailer-daemon", "postmaster"):
        return Author.BOUNCE
    said = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    robots = ("X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe")
    if said != "no" or precedence in ("bulk", "junk", "list", "auto_reply") or any(one in message for one in robots):
        return Author.AUTOMATIC
    return Author.AUTOMATIC if _ROBOTS.match(local) else Author.PERSON


def _bounced(message: Message) -> Iterator[str]:
    """The ids of the mails in a report that says they were not delivered for good (RFC 3464); a delay says nothing."""
    if message.get_content_type() != "multipart/report":
        return
    parts = list(islice(message.walk(), 1, MOST_PARTS))
    if any(str(part.get("Action", "")).strip().lower() == "failed" for part in parts):
        for part in parts:
            if part.get_content_type() == "text/rfc822-headers":
                part = email.message_from_bytes(_content(part))
            yield from _ids(part, "Message-ID")[:1]


def _parts(message: Message) -> tuple[list[Attachment], list[str], list[str]]:
    """(files, plain texts, HTML texts) of the mail; of alternatives the plain one counts where there is one."""
    files: list[Attachment] = []
    plain: list[str] = []
    html: list[str] = []
    for n, part in enumerate(_leaves(message)):
        if n == MOST_PARTS:
            break
        media_type, name = part.get_content_type(), _file_name(part)
        content = _content(part)
        is_text = media_type in ("text/plain", "text/html") and part.get_content_disposition() != "attachment"
        if is_text and not name:
            text = decoded(content, part.get_content_charset())
            (plain if media_type == "text/plain" else html).append(text)
        elif content and len(files) < MOST_ATTACHMENTS:
            files.append(Attachment(name, media_type, content))
    return files, plain, html


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something; a mail within a mail is one file, not its parts."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part)


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner and isinstance(inner[0], Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _file_name(part: Message) -> str:
    with suppress(MessageError, ValueError, LookupError, TypeError):
        return _words(" ".join((part.get_filename() or "").split()))
    return ""


def _clean(text: str) -> str:
    """Letters that can be kept: bytes that no charset claimed are shown as damaged."""
    return keepable(nfc(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))).replace("\0", "")


# what is new

_WROTE = re.compile(
    r"^\s*>?\s*("
    r"(On|Vào|Ngày|Lúc|Am|Le|El)\b.{4,200}?(wrote|đã viết|viết|schrieb|a écrit|escribió)\s*:"
    r"|-{2,}\s*(Original Message|Tin nhắn gốc|Thư gốc|Tin nhắn đã trả lời|Reply message)\s*-{2,}"
    r"|_{10,}"
    r")\s*$",
    re.IGNORECASE | re.DOTALL,
)
_FROM = re.compile(r"^\s*\*?(From|Từ|Người gửi)\s*:\*?\s*\S", re.IGNORECASE)
_HEADERS = re.compile(r"^\s*\*?(Sent|Date|To|Subject|Cc|Đã gửi|Ngày|Gửi|Tới|Đến|Chủ đề|Tiêu đề)\s*:\*?", re.IGNORECASE)
_FORWARDED = re.compile(r"^\s*-{2,}\s*(Forwarded message|Thư được chuyển tiếp|Tin nhắn chuyển tiếp)\b", re.IGNORECASE)
_SIGNATURE = re.compile(r"^(-- |--|Sent from my .{2,40}|Đã gửi từ .{2,60}|Get Outlook for .{2,20})$", re.IGNORECASE)
OVER_LINES = 3
"""Over how many lines the line that introduces a quotation may be broken."""


def new_text(text: str) -> str:
    """What its writer added: without the mails quoted beneath it and without a signature of the program.

    What was forwarded is what they want to say, so it stays. Answers written between quoted lines stay with those. A
    mail that is nothing but quotation is given whole, since nobody sends nothing.
    """
    lines = _clean(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    end = _end_of_new(lines)
    kept = _without_signature(_without_trailing_quote(lines[:end]))
    found = "\n".join(line.rstrip() for line in kept).strip()
    return found or "\n".join(line.rstrip() for line in lines).strip()


def _end_of_new(lines: Sequence[str]) -> int:
    """The line with which the quoted history begins; all of them where none does."""
    for n, line in enumerate(lines):
        if _FORWARDED.match(line):
            return len(lines)
        if _FROM.match(line) and any(_HEADERS.match(one) for one in lines[n + 1 : n + 4]):
            return n
        for over in range(1, OVER_LINES + 1):
            if line.strip() and _WROTE.match(" ".join(lines[n : n + over])) and not _answers_below(lines[n + over :]):
                return n
    return len(lines)


def _answers_below(lines: Iterable[str]) -> bool:
    """Whether somebody wrote between or beneath the quoted lines, as some do."""
    rest = [line for line in lines if line.strip()]
    quoted = [line.lstrip().startswith(">") for line in rest]
    return any(quoted) and not all(quoted) and not _is_only_signature(rest, quoted)


def _is_only_signature(lines: Sequence[str], quoted: Sequence[bool]) -> bool:
    after = [line for line, is_quoted in zip(lines, quoted, strict=True) if not is_quoted]
    return bool(after) and bool(_SIGNATURE.match(after[0].strip()))


def _without_trailing_quote(lines: Sequence[str]) -> Sequence[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    return lines[:end] if end else lines


def _without_signature(lines: Sequence[str]) -> Sequence[str]:
    """Without the line of a phone's program at the end; what follows ``-- `` is a signature by RFC 3676."""
    for n, line in enumerate(lines):
        if line.rstrip("\r") in ("-- ", "--") and n:
            lines = lines[:n]
            break
    while lines and (not lines[-1].strip() or _SIGNATURE.match(lines[-1].strip())):
        lines = lines[:-1]
    return lines


_QUOTES = (
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote ')][not(contains(., 'Forwarded message'))]"
    "|//blockquote[@type='cite']|//*[@id='appendonsend']/following-sibling::*|//*[@id='divRplyFwdMsg']"
    "|//*[@id='divRplyFwdMsg']/following-sibling::*|//*[contains(@class, 'yahoo_quoted')]"
    "|//*[contains(@class, 'zmail_extra')]|//*[contains(@class, 'gmail_signature')]"
)
"""What the programs most used mark as quoted: Gmail, Apple Mail, Thunderbird, Outlook, Yahoo, Zoho."""


def new_of_html(html: str) -> str:
    """``new_text`` of a mail that has HTML alone; what is hidden in it is no text."""
    if not html.strip():
        return ""
    try:
        tree = lxml.html.document_fromstring(_clean(html))
    except (ParserError, ValueError):
        return ""
    whole = _text_of(tree)
    for quoted in tree.xpath(_QUOTES):
        if quoted.getparent() is not None:
            quoted.drop_tree()
    return new_text(_text_of(tree) or whole)


def _text_of(tree: lxml.html.HtmlElement) -> str:
    return str(html_text.extract_text(tree)).strip()
