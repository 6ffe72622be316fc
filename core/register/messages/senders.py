"""Handing a message over (D42): by SMTP, to a webhook, into a file. The only place from which the register calls out.

What is refused before the last byte is a ``NotHandedOver`` and may be tried again; once the whole message is on its
way, a missing answer leaves open whether it arrived, and trying again could double it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from core.register.log import private
from core.register.messages.letters import Letter
from core.register.messages.outbox import Failure
from core.rules import messages as rules


class Letters(EmailPolicy):
    """How mails are written so that every server takes them.

    A subject and the name of a sender are folded by ``email.header``: the folding of ``EmailPolicy`` loses blanks
    where a text goes over a line, and between words with and without letters that every server knows, as Vietnamese
    has them in every sentence. The ids of a thread stand one a line: ``EmailPolicy`` would encode one that is longer
    than a line, and nobody would know it again.
    """

    def fold(self, name: str, value: str) -> str:
        """One header with its line end."""
        if name.lower() in ("references", "in-reply-to"):
            return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}"
        if name.lower() == "subject" and not str(value).isascii():
            return f"{name}: {self._words(name, str(value))}{self.linesep}"
        if isinstance(value, AddressHeader) and not str(value).isascii():
            (one,) = value.addresses
            return f"{name}: {self._words(name, one.display_name)}{self.linesep} <{one.addr_spec}>{self.linesep}"
        return str(super().fold(name, value))

    def _words(self, name: str, value: str) -> str:
        return Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same as bytes."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


LETTERS = Letters(linesep="\r\n", cte_type="7bit")
PATIENCE = 20.0
"""Seconds that each answer of a server may take."""
FOLDER = "outbox"
"""The folder in the data folder where messages of file outlets are written."""
LAST = 500, 600
"""From which to before which reply code a mail server refuses for good."""
TRY_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(frozen=True, slots=True)
class Way:
    """An outlet as it is used: its kind, values and secret."""

    kind: str
    values: Mapping[str, str]
    secret: str = field(default="", repr=False)


class NotHandedOverError(Exception):
    """Why, as ``Failure`` has it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.name)


def deliver(way: Way, letter: Letter, data_dir: Path, now: datetime) -> None:
    """Hand the letter over. Raises ``NotHandedOverError``."""
    WAYS[way.kind](way, letter, data_dir, now)


def mail(way: Way, letter: Letter, now: datetime) -> EmailMessage:
    """The letter as an e-mail: plain text and HTML, its subject in UTF-8, marked as made by a program where it is."""
    sender = way.values.get("sender", "register@localhost")
    message = EmailMessage(policy=LETTERS)
    message["Subject"] = letter.subject
    message["From"] = formataddr((letter.sender_name, sender))
    if letter.to:
        message["To"] = letter.to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = own_id(letter.id, sender)
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    if letter.thread:
        message["In-Reply-To"], message["References"] = letter.thread[-1], " ".join(letter.thread)
    if not letter.is_by_person:
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    for one in letter.enclosed:
        message.add_attachment(one.content, maintype="application", subtype="pdf", filename=one.name)
    return message


def own_id(id: str, sender: str) -> str:
    """The Message-ID of a letter that leaves from the address ``sender``."""
    return f"<{id}@{sender.rpartition('@')[2]}>"


def _smtp(way: Way, letter: Letter, _data_dir: Path, now: datetime) -> None:
    message = mail(way, letter, now).as_bytes()
    with _explained():
        server = _connected(way)
    try:
        with _explained():
            if way.values.get("user"):
                server.login(way.values["user"], way.secret)
            code, _said = server.mail(way.values["sender"])
            if code >= HTTPStatus.BAD_REQUEST:  # it is us whom it refuses, whatever the letter: the outlet rests
                raise NotHandedOverError(Failure(f"refused {code}"))
            _accepted(*server.rcpt(letter.to))
        try:
            _accepted(*server.data(message))
        except (smtplib.SMTPDataError, NotHandedOverError):
            raise
        except (smtplib.SMTPException, OSError) as lost:
            raise NotHandedOverError(Failure("no answer", is_unsure=True)) from lost
    except smtplib.SMTPDataError as refused:
        raise NotHandedOverError(_refused(refused.smtp_code)) from refused
    finally:
        server.close()


def _connected(way: Way) -> smtplib.SMTP:
    host, port = way.values["server"].strip("[]"), int(way.values["port"])
    if way.values["tls"] == rules.TLS:
        return smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=PATIENCE)
    if way.values["tls"] == rules.STARTTLS:
        server.starttls(context=ssl.create_default_context())
    server.ehlo_or_helo_if_needed()
    return server


def _accepted(code: int, _said: bytes) -> None:
    if code >= HTTPStatus.BAD_REQUEST:
        raise NotHandedOverError(_refused(code))


def _refused(code: int) -> Failure:
    return Failure(f"refused {code}", is_final=LAST[0] <= code < LAST[1])


@contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong inside becomes a ``NotHandedOverError`` that may be tried again."""
    try:
        yield
    except (smtplib.SMTPException, OSError, http.client.HTTPException) as error:
        raise NotHandedOverError(Failure(name_of(error))) from error


def name_of(error: Exception) -> str:
    """What went wrong between us and a server, by a name of the program: errors may quote what was sent."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "wrong password"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"refused {error.smtp_code}"
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return "no secure connection"
    if isinstance(error, TimeoutError):
        return "no answer"
    return "no connection"


def signature(secret: str, id: str, at: int, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256, in base64, of id, moment (seconds since 1970) and body with full stops between.

    As Standard Webhooks (standardwebhooks.com) defines it; the key is the secret as it was typed, in UTF-8.
    """
    signed = f"{id}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _webhook(way: Way, letter: Letter, _data_dir: Path, now: datetime) -> None:
    body = json.dumps(
        {"id": letter.id, "at": letter.at.isoformat(), "text": letter.subject, "lines": letter.lines},
        ensure_ascii=False,
    ).encode()
    at = int(now.timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "complaint-register",
        "webhook-id": letter.id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(way.secret, letter.id, at, body),
    }
    parts = urlsplit(way.values["url"])
    connection = _to_host(parts.scheme, parts.hostname or "", parts.port)
    try:
        with _explained():
            connection.connect()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        except (http.client.HTTPException, OSError) as lost:
            raise NotHandedOverError(Failure("no answer", is_unsure=True)) from lost
    finally:
        connection.close()
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        is_final = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in TRY_AGAIN
        raise NotHandedOverError(Failure(f"refused {status}", is_final=is_final))


def _to_host(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=PATIENCE)


def _file(way: Way, letter: Letter, data_dir: Path, now: datetime) -> None:
    """A file ``<id>.eml``: one that is there already is the same message."""
    folder = data_dir / FOLDER / way.values["folder"]
    try:
        private.make_folder(folder)
        path = folder / f"{letter.id}.eml"
        if not path.exists():
            unfinished = path.with_suffix(".part")
            unfinished.unlink(missing_ok=True)
            with private.create(unfinished) as file:
                file.write(mail(way, letter, now).as_bytes())
            unfinished.replace(path)
    except OSError as error:
        raise NotHandedOverError(Failure("cannot be written")) from error


WAYS: Mapping[str, Callable[[Way, Letter, Path, datetime], None]] = {
    rules.SMTP: _smtp,
    rules.WEBHOOK: _webhook,
    rules.FILE: _file,
}
FAILURES = (
    "no connection", "no secure connection", "no answer", "wrong password", "refused", "cannot be written",
    "not written", "ended", "no address", "nothing to say", "bounced",
)  # fmt: skip
"""Every name of a failure; ``refused`` is followed by the reply code."""
