"""Handing over against real servers on this machine: what arrives, and what is known where it did not (D42)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from core.register.messages import senders
from core.register.messages.letters import Letter
from core.register.messages.outbox import Failure
from core.register.messages.senders import NotHandedOverError, Way
from core.rules.messages import FILE, SMTP, WEBHOOK
from tests.engines import MONDAY
from tests.register.messages.sent import SECRET, mail_values
from tests.sinks import MailSink, hook_sink, mail_sink

LETTER = Letter(
    id="0123456789abcdef0123456789abcdef",
    to="lan@pops.example",
    subject="[KN-2026-000001] Phòng ban của bạn được hỏi — trước 17:30 thứ Tư 18/11/2026, nhóm Thanh toán POPS Stars",
    text="Phòng ban của bạn được hỏi\n\nKN-2026-000001 · Thanh toán\nhttps://khieunai.example/complaint?code=KN-2026-000001\n",
    html="<p>Phòng ban của bạn được hỏi</p>",
    at=MONDAY,
    sender_name="POPS Việt Nam",
    lines=[{"kind": "forwarded", "code": "KN-2026-000001"}],
)


def by_mail(sink: MailSink, **values: str) -> None:
    senders.deliver(Way(SMTP, mail_values(sink.port) | values), LETTER, Path(), MONDAY)


def failure_of(sink: MailSink) -> Failure:
    with pytest.raises(NotHandedOverError) as problem:
        by_mail(sink)
    return problem.value.failure


def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_sink() as sink:
        by_mail(sink)
    (mail,) = sink.mails
    assert mail["Subject"] == LETTER.subject
    assert str(mail["From"]) == "POPS Việt Nam <so@pops.example>"
    assert (mail["To"], mail["Message-ID"]) == ("lan@pops.example", f"<{LETTER.id}@pops.example>")
    assert (mail["Auto-Submitted"], mail["Date"].datetime) == ("auto-generated", MONDAY)
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert plain.get_content().replace("\r\n", "\n") == LETTER.text
    assert html.get_content().strip() == LETTER.html


def test_a_mail_is_letters_that_every_server_takes() -> None:
    raw = senders.mail(Way(SMTP, mail_values()), LETTER, MONDAY).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert message_from_bytes(raw, policy=default)["Subject"] == LETTER.subject


REPLIES = [
    ({"MAIL": "451 busy"}, Failure("refused 451"), "later perhaps"),
    ({"MAIL": "550 no"}, Failure("refused 550"), "it is us whom it refuses: the outlet rests, no letter is given up"),
    ({"RCPT": "450 greylisted"}, Failure("refused 450"), "later perhaps"),
    ({"RCPT": "550 no such user"}, Failure("refused 550", is_final=True), "for good"),
    ({"DATA": "554 no"}, Failure("refused 554", is_final=True), "before the text"),
    ({".": "x", "DATA": "421 closing"}, Failure("refused 421"), "later perhaps"),
]


@pytest.mark.parametrize(("answers", "wanted", "why"), REPLIES)
def test_what_a_server_refuses(answers: dict[str, str], wanted: Failure, why: str) -> None:
    with mail_sink(MailSink(answers=answers)) as sink:
        assert failure_of(sink) == wanted, why
    assert sink.mails == []


def test_a_server_that_is_not_there_may_be_asked_again() -> None:
    with mail_sink() as sink:
        pass
    assert failure_of(sink) == Failure("no connection")


def test_a_server_that_hangs_up_after_the_text_may_have_taken_it() -> None:
    with mail_sink(MailSink(hangs_up=True)) as sink:
        assert failure_of(sink) == Failure("no answer", is_unsure=True)
    assert len(sink.mails) == 1


def test_a_server_without_tls_is_not_told_a_password() -> None:
    with mail_sink() as sink, pytest.raises(NotHandedOverError) as problem:
        by_mail(sink, tls="starttls")
    assert problem.value.failure == Failure("no secure connection")


def test_a_webhook_is_signed() -> None:
    with hook_sink() as sink:
        senders.deliver(Way(WEBHOOK, {"url": sink.url}, SECRET), LETTER, Path(), MONDAY)
    ((headers, body),) = sink.posts
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert (headers["webhook-id"], int(headers["webhook-timestamp"])) == (LETTER.id, int(MONDAY.timestamp()))
    said = json.loads(body)
    assert (said["text"], said["lines"]) == (LETTER.subject, [dict(LETTER.lines[0])])
    assert senders.signature("another secret 12345", LETTER.id, 0, body) != headers["webhook-signature"]


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (302, Failure("refused 302", is_final=True)),
        (404, Failure("refused 404", is_final=True)),
        (429, Failure("refused 429")),
        (503, Failure("refused 503")),
    ],
)
def test_what_a_webhook_refuses(status: int, wanted: Failure) -> None:
    with hook_sink() as sink:
        sink.status = status
        with pytest.raises(NotHandedOverError) as problem:
            senders.deliver(Way(WEBHOOK, {"url": sink.url}, SECRET), LETTER, Path(), MONDAY)
    assert problem.value.failure == wanted


def test_a_file_is_written_once_and_for_this_account_alone(tmp_path: Path) -> None:
    way = Way(FILE, {"folder": "trial"})
    for _ in range(2):
        senders.deliver(way, LETTER, tmp_path, MONDAY)
    (file,) = (tmp_path / "outbox" / "trial").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert message_from_bytes(file.read_bytes(), policy=default)["Subject"] == LETTER.subject


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(NotHandedOverError) as problem:
        senders.deliver(Way(FILE, {"folder": "trial"}), LETTER, tmp_path, datetime.now(MONDAY.tzinfo))
    assert problem.value.failure == Failure("cannot be written")
