"""Mailboxes that an administrator set up, read by the worker (D42, D43)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from core.errors import Invalid
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Message
from core.register.mail import mailbox
from core.register.messages import outlets
from core.register.messages import worker as rounds
from core.register.messages.outlets import Configured, Wanted
from core.register.messages.worker import POLL, Worker
from core.rules.messages import IMAP, SMTP
from tests.conftest import Cast
from tests.dovecot import PASSWORD, Mailbox, Server
from tests.engines import MONDAY
from tests.register.mail.test_mailbox import a_mail
from tests.register.messages.sent import SITE, Clock, Post, use

NUMBERS = count(1)


@pytest.fixture
def box(mail_server: Server) -> Mailbox:
    return mail_server.mailbox(f"worker{next(NUMBERS)}")


def values(box: Mailbox, **changes: str) -> dict[str, str]:
    said = {"server": "127.0.0.1", "port": str(box.port), "tls": "none", "user": box.user, "folder": "INBOX"}
    return {**said, "category": "other", "branch": "", **changes}


def set_up(register: Register, cast: Cast, box: Mailbox, secret: str = PASSWORD, **changes: str) -> int:
    with register.write() as session:
        act = Act(cast.admin, MONDAY)
        id = outlets.set_up(session, Wanted(IMAP, "CSKH", values(box, **changes), secret), act)
        outlets.switch(session, id, act, version=1, is_on=True)
    return id


def codes(register: Register) -> list[str]:
    with register.read() as session:
        return list(session.scalars(select(Complaint.code).order_by(Complaint.id)))


def state(register: Register) -> Configured:
    with register.read() as session:
        return next(one for one in outlets.listed(session) if one.kind == IMAP)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(register: Register, clock: Clock) -> Iterator[Worker]:
    found = Worker(register, SITE, "test", clock, Post())
    yield found
    found.lease.give_back()


def test_the_worker_reads_a_mailbox_each_minute(
    register: Register, cast: Cast, box: Mailbox, worker: Worker, clock: Clock
) -> None:
    set_up(register, cast, box)
    box.receive(a_mail(1))
    worker.round()
    assert codes(register) == ["KN-2026-000001"]
    assert (state(register).sent_at, state(register).failed_with) == (clock.now, None)
    box.receive(a_mail(2))
    clock.pass_by(POLL - timedelta(seconds=1))
    worker.round()
    assert len(codes(register)) == 1, "not yet"
    clock.pass_by(timedelta(seconds=1))
    worker.round()
    assert len(codes(register)) == 2


def test_a_full_mailbox_holds_up_nothing(
    register: Register, cast: Cast, box: Mailbox, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "MOST", 2)
    set_up(register, cast, box)
    for n in range(3):
        box.receive(a_mail(n))
    worker.round()
    assert len(codes(register)) == 2, "the rest waits until messages were sent"
    worker.round()
    assert len(codes(register)) == 3, "in the next round, not in a minute"


def test_a_mailbox_that_is_off_is_not_read(register: Register, cast: Cast, box: Mailbox, worker: Worker) -> None:
    id = set_up(register, cast, box)
    with register.write() as session:
        outlets.switch(session, id, Act(cast.admin, MONDAY), version=2, is_on=False)
    box.receive(a_mail(1))
    worker.round()
    assert codes(register) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"secret": "sai mật khẩu"}, "wrong password"),
        ({"folder": "Nowhere"}, "no folder"),
        ({"port": "1"}, "no connection"),
        ({"tls": "tls"}, "no secure connection"),
    ],
)
def test_a_mailbox_that_cannot_be_read_says_why_and_stops_no_other(
    register: Register,
    cast: Cast,
    box: Mailbox,
    mail_server: Server,
    worker: Worker,
    changes: dict[str, str],
    why: str,
) -> None:
    set_up(register, cast, box, **changes)
    good = mail_server.mailbox(f"good{next(NUMBERS)}")
    set_up(register, cast, good)
    good.receive(a_mail(1))
    worker.round()
    assert state(register).failed_with == why
    assert codes(register) == ["KN-2026-000001"]


def test_what_cannot_be_logged_is_said(
    register: Register, cast: Cast, box: Mailbox, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(register, cast, box)
    monkeypatch.setattr(mailbox, "TOO_LARGE", 10)
    box.receive(a_mail(1))
    worker.round()
    assert (codes(register), state(register).failed_with) == ([], "unread mail")


def test_a_mailbox_takes_no_messages(register: Register, cast: Cast, box: Mailbox, worker: Worker) -> None:
    set_up(register, cast, box)
    box.receive(a_mail(1))
    worker.round()
    with register.read() as session:
        assert session.scalars(select(Message)).all() == []
        assert outlets.in_use(session) == []
    use(register, cast.admin, SMTP)
    with register.read() as session:
        assert [one.kind for one in outlets.in_use(session)] == [SMTP]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"server": "two words"}, "server"),
        ({"port": "0"}, "port"),
        ({"tls": "maybe"}, "tls"),
        ({"server": "imap.pops.example"}, "tls"),
        ({"user": ""}, "user"),
        ({"folder": ""}, "folder"),
        ({"category": "nothing_such"}, "category"),
        ({"branch": "nowhere"}, "branch"),
    ],
)
def test_what_must_be_mended_of_a_mailbox(
    sqlite_register: Register, sqlite_cast: Cast, box: Mailbox, changes: dict[str, str], field: str
) -> None:
    wanted = Wanted(IMAP, "CSKH", values(box, **changes), PASSWORD)
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        outlets.set_up(session, wanted, Act(sqlite_cast.admin, MONDAY))
    assert set(refused.value.fields) == {field}


def test_a_mailbox_needs_a_password(sqlite_register: Register, sqlite_cast: Cast, box: Mailbox) -> None:
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        outlets.set_up(session, Wanted(IMAP, "CSKH", values(box)), Act(sqlite_cast.admin, MONDAY))
    assert set(refused.value.fields) == {"secret"}
