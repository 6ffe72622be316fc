"""A real mailbox, read by IMAP from Debian's Dovecot: every mail once, whatever ends the reading in between (D43)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotReady
from core.register.log.database import Register
from core.register.log.tables import Complaint, MailMessage
from core.register.mail import mailbox as reading
from core.register.mail import poll as poll_module
from core.register.mail.intake import Arrived, Became, Box, Taken, take
from core.register.mail.mailbox import Place, Position
from core.register.mail.poll import poll, position
from tests.dovecot import PASSWORD, Mailbox, Server
from tests.local_time import at
from tests.register.mail.test_reading import mail

BOX = Box("pops", "other")
NOW = at("2026-11-16 10:00")
NUMBERS = count(1)


@pytest.fixture
def box(mail_server: Server) -> Mailbox:
    return mail_server.mailbox(f"cskh{next(NUMBERS)}")


def place(box: Mailbox) -> Place:
    return Place("127.0.0.1", box.port, box.user, PASSWORD, secure="none")


def read_all(register: Register, box: Mailbox, now: datetime = NOW) -> Counter[Became]:
    return poll(register, "cskh", place(box), BOX, lambda: now)


def a_mail(n: int) -> bytes:
    return mail(f"Thư số {n}", headers={"Message-ID": f"<m{n}@example.com>"}).as_bytes()


def codes(register: Register) -> list[str]:
    with register.read() as session:
        return list(session.scalars(select(Complaint.code).order_by(Complaint.id)))


def test_what_arrived_is_taken_once(register: Register, box: Mailbox) -> None:
    assert read_all(register, box) == {}
    for n in range(3):
        box.receive(a_mail(n))
    assert read_all(register, box) == {Became.LOGGED: 3}
    assert read_all(register, box) == {}
    box.receive(a_mail(1))  # delivered a second time, as mail servers do
    box.receive(a_mail(3))
    assert read_all(register, box) == {Became.KNOWN: 1, Became.LOGGED: 1}
    assert codes(register) == [f"KN-2026-{n:06d}" for n in (1, 2, 3, 4)]


def test_mails_stay_as_they_are(sqlite_register: Register, box: Mailbox) -> None:
    box.receive(a_mail(1))
    read_all(sqlite_register, box)
    with reading.opened(place(box)) as connection:
        connection.select("INBOX")
        assert connection.uid("SEARCH", "UNSEEN")[1] == [b"1"]


def test_a_folder_made_anew_doubles_nothing(sqlite_register: Register, box: Mailbox) -> None:
    its = replace(place(box), folder="Hỗ trợ")
    seen = []
    for mails in (range(2), range(3)):
        _fill_anew(its, mails)
        found = poll(sqlite_register, "cskh", its, BOX, lambda: NOW)
        with sqlite_register.read() as session:
            seen.append(position(session, "cskh"))
    assert found == {Became.KNOWN: 2, Became.LOGGED: 1}
    assert len(codes(sqlite_register)) == 3
    assert seen[0].validity != seen[1].validity


def _fill_anew(place: Place, mails: Iterable[int]) -> None:
    """The folder as its server has it after it was deleted and restored: other numbers, the same mails."""
    with reading.opened(place) as connection:
        name = reading.written(place.folder)
        connection.delete(name)
        assert connection.create(name)[0] == "OK"
        for n in mails:
            connection.append(name, "", "", a_mail(n))


def test_what_is_cut_off_goes_on_where_it_was(
    register: Register, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        box.receive(a_mail(n))
    taken = []

    def dies(session: Session, arrived: Arrived, box: Box, *, now: datetime) -> Taken:
        done = take(session, arrived, box, now=now)
        taken.append(done)
        if len(taken) == 3:
            raise KeyboardInterrupt  # after the third was taken, before its transaction ended
        return done

    monkeypatch.setattr(poll_module, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        read_all(register, box)
    assert codes(register) == ["KN-2026-000001", "KN-2026-000002"]
    monkeypatch.undo()
    assert read_all(register, box) == {Became.LOGGED: 2}
    assert codes(register) == [f"KN-2026-{n:06d}" for n in (1, 2, 3, 4)]


def test_a_mail_too_large_for_any_case_is_left_where_it_is(
    sqlite_register: Register, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "TOO_LARGE", 1_000)
    box.receive(mail("dài " * 1_000).as_bytes())
    box.receive(a_mail(1))
    assert read_all(sqlite_register, box) == {Became.REFUSED: 1, Became.LOGGED: 1}
    assert read_all(sqlite_register, box) == {}, "it is not asked for again and again"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"password": "sai"}, "was refused"),
        ({"port": 1}, "does not answer"),
        ({"folder": "Không có"}, "There is no folder"),
        ({"secure": "tls"}, "does not answer"),
    ],
)
def test_a_mailbox_that_cannot_be_read_says_why(
    sqlite_register: Register, box: Mailbox, changed: dict[str, object], says: str
) -> None:
    with pytest.raises(NotReady, match=says):
        poll(sqlite_register, "cskh", replace(place(box), **changed), BOX, lambda: NOW)  # type: ignore[arg-type]


def test_a_folder_with_vietnamese_letters(sqlite_register: Register, box: Mailbox) -> None:
    name = 'Khiếu nại & "gấp"'
    with reading.opened(place(box)) as connection:
        assert connection.create(reading.written(name))[0] == "OK"
        connection.append(reading.written(name), "", "", a_mail(1))
    found = poll(sqlite_register, "cskh", replace(place(box), folder=name), BOX, lambda: NOW)
    assert found == {Became.LOGGED: 1}


def test_a_password_is_in_no_text() -> None:
    assert "mật" not in repr(Place("h", 1, "cskh", PASSWORD))


def test_the_moment_of_arrival_counts_not_the_one_the_sender_claims(sqlite_register: Register, box: Mailbox) -> None:
    box.receive(mail(headers={"Date": "Mon, 16 Nov 2030 09:00:00 +0700"}).as_bytes())
    now = datetime.now(NOW.tzinfo)
    read_all(sqlite_register, box, now)
    with sqlite_register.read() as session:
        case = session.scalars(select(Complaint)).one()
        assert now - timedelta(minutes=1) < case.recorded_at <= now
        assert case.sent_at is None
        assert session.scalars(select(MailMessage)).one().complaint_id == case.id
        assert position(session, "cskh") == Position(position(session, "cskh").validity, 1)
