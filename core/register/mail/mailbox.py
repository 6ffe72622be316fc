"""A mailbox over IMAP (RFC 9051): what arrived since the last time, read without changing anything in it (D43)."""

from __future__ import annotations

import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

from core.errors import NotReady
from core.i18n import N_

TIMEOUT = 30  # seconds for an answer of the server
AT_ONCE = 50
"""Mails asked for at a time."""
TOO_LARGE = 60 << 20
"""Bytes above which a mail is not fetched: no mail server takes such a one."""
_BEYOND_ASCII = re.compile(r"[^\x20-\x7e]+")
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')
Secure = Literal["tls", "starttls", "none"]
WRONG_PASSWORD, NO_CONNECTION, NOT_SECURE, NO_FOLDER = (
    "wrong password",
    "no connection",
    "no secure connection",
    "no folder",
)  # as ``core.register.messages.senders.FAILURES`` has the first three


class UnreadableError(NotReady):
    """Why a mailbox cannot be read: ``name`` for the register, a sentence for people."""

    def __init__(self, name: str, template: str, **values: object) -> None:
        super().__init__(template, **values)
        self.name = name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is and who may read it; ``secure``: encrypted from the beginning, after a word, or not at all."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    secure: Secure = "tls"


class Position(NamedTuple):
    """How far a mailbox was read: the number its server gives the mailbox, and the highest of a mail."""

    validity: int = 0
    uid: int = 0


class Fetched(NamedTuple):
    """One mail: how far the mailbox is read with it, its bytes (None where it is too large), when it arrived."""

    position: Position
    raw: bytes | None
    at: datetime | None


@contextmanager
def opened(place: Place) -> Iterator[imaplib.IMAP4]:
    """A connection that is signed in; Raises UnreadableError."""
    connection: imaplib.IMAP4 | None = None
    try:
        connection = _connected(place)
        connection.authenticate("PLAIN", lambda _: f"\0{place.user}\0{place.password}".encode())
        yield connection
    except imaplib.IMAP4.error as refused:
        raise UnreadableError(
            WRONG_PASSWORD,
            N_("The mailbox “{user}” at {host} was refused: check user, password and folder."),
            user=place.user,
            host=place.host,
        ) from refused
    except OSError as unreachable:
        raise UnreadableError(
            NOT_SECURE if isinstance(unreachable, ssl.SSLError) else NO_CONNECTION,
            N_("The mail server {host}:{port} does not answer: check address, port and encryption."),
            host=place.host,
            port=place.port,
        ) from unreachable
    finally:
        if connection is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                connection.logout()


def _connected(place: Place) -> imaplib.IMAP4:
    if place.secure == "tls":
        return imaplib.IMAP4_SSL(place.host, place.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
    connection = imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT)
    if place.secure == "starttls":
        connection.starttls(ssl.create_default_context())
    return connection


def newer(connection: imaplib.IMAP4, folder: str, since: Position) -> Iterator[Fetched]:
    """The mails after ``since``, in the order in which they arrived; they stay unread.

    A mailbox that was made anew numbers its mails anew, so all of it is read again; what was taken is known by its id.
    Raises UnreadableError where there is no such folder.
    """
    validity, uids = _uids(connection, folder, since)
    for begin in range(0, len(uids), AT_ONCE):
        some = uids[begin : begin + AT_ONCE]
        sizes = _sizes(connection, some)
        for uid in some:
            if uid in sizes:
                yield _fetch(connection, Position(validity, uid), sizes[uid])


def count_newer(connection: imaplib.IMAP4, folder: str, since: Position) -> int:
    """How many mails ``newer`` gives; none of them is read. Raises as it does."""
    return len(_uids(connection, folder, since)[1])


def _uids(connection: imaplib.IMAP4, folder: str, since: Position) -> tuple[int, list[int]]:
    """The number that the server gives the folder, and those of its mails after ``since``."""
    status, _ = connection.select(written(folder), readonly=True)
    if status != "OK":
        raise UnreadableError(NO_FOLDER, N_("There is no folder “{folder}” in the mailbox."), folder=folder)
    validity = int(connection.response("UIDVALIDITY")[1][0] or 0)
    last = since.uid if validity == since.validity else 0
    _, found = connection.uid("SEARCH", f"UID {last + 1}:*")
    return validity, sorted(uid for uid in map(int, (found[0] or b"").split()) if uid > last)  # “*” is one at least


def written(folder: str) -> str:
    """The name of a folder as IMAP writes it: letters beyond ASCII in modified UTF-7 (RFC 3501), in quotation marks."""

    def encoded(letters: re.Match[str]) -> str:
        return f"&{b64encode(letters[0].encode('utf-16-be'), b'+,').rstrip(b'=').decode()}-"

    name = _BEYOND_ASCII.sub(encoded, folder.replace("&", "&-"))
    return '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))


def _sizes(connection: imaplib.IMAP4, uids: list[int]) -> dict[int, int]:
    """Uid → bytes, of those that are still there."""
    _, answers = connection.uid("FETCH", ",".join(map(str, uids)), "(RFC822.SIZE)")
    found = {}
    for answer in answers:
        line = answer[0] if isinstance(answer, tuple) else answer or b""
        uid, size = _UID.search(line), _SIZE.search(line)
        if uid and size:
            found[int(uid[1])] = int(size[1])
    return found


def _fetch(connection: imaplib.IMAP4, at: Position, size: int) -> Fetched:
    if size > TOO_LARGE:
        return Fetched(at, None, None)
    _, answers = connection.uid("FETCH", str(at.uid), "(INTERNALDATE BODY.PEEK[])")
    for answer in answers:
        if isinstance(answer, tuple):
            return Fetched(at, answer[1], _arrived(answer[0]))
    return Fetched(at, None, None)  # deleted meanwhile


def _arrived(line: bytes) -> datetime | None:
    found = _DATE.search(line)
    if found:
        with suppress(ValueError):
            return parsedate_to_datetime(found[1].decode("ascii", "replace").replace("-", " ")).astimezone(UTC)
    return None
