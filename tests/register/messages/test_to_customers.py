"""What is said to customers by mail (D46): what a step refuses, the mail that leaves, its thread, what became of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_string
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from itertools import count
from typing import Any, Unpack

import pytest
from sqlalchemy import select

from core.errors import Invalid, NotAllowed
from core.register.case.customers import CustomerDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, MailMessage, Message, Notice
from core.register.log.verify import verify
from core.register.mail.intake import Became
from core.register.messages import lease, outbox, outlets, to_customers
from core.register.messages.letters import Enclosed, Letter
from core.register.messages.outbox import Failure
from core.register.messages.senders import NotHandedOverError, Way, mail
from core.register.messages.to_customers import FAILED, SENT, UNSURE
from core.register.messages.worker import POLL, Worker
from core.register.reads import dossier as dossiers
from core.register.reads.dossier import Dossier
from core.register.reads.mails import HELD, NO_WORKER, ON_ITS_WAY, TRIED
from core.rules.messages import IMAP, SMTP, State
from core.rules.steps import STEPS
from tests.conftest import Cast
from tests.dovecot import Mailbox, Server
from tests.engines import MONDAY
from tests.local_time import at
from tests.register.cases import MON, logged, take
from tests.register.mail.test_intake import arrive
from tests.register.mail.test_reading import mail as mail_of
from tests.register.mail.test_worker_reads import set_up
from tests.register.messages.sent import SITE, Clock, Post, mail_values, rows, use, worker
from tests.sinks import MailSink, mail_sink

TEN = at("2026-11-16 10:00")
ADDRESS = "anh.nguyen@example.com"
CUSTOMER = CustomerDraft(name="Nguyễn Thị Ánh", email=ADDRESS)
SAID = "Chào chị Ánh,\n\nChúng tôi đã nhận <được> khiếu nại & đang kiểm tra.\nTrân trọng"
BY_MAIL: StepFields = {"channel": "email", "text": SAID, "mail": True}
NUMBERS = count(1)


@pytest.fixture
def by_mail(register: Register, cast: Cast) -> Complaint:
    """A complaint of somebody with an address, where a mail server is in use."""
    use(register, cast.admin, SMTP)
    return logged(register, cast, channel="email", customer=CUSTOMER)


@pytest.fixture
def here(sqlite_register: Register, sqlite_cast: Cast) -> Complaint:
    """The same on SQLite, for what has nothing to do with the engine."""
    use(sqlite_register, sqlite_cast.admin, SMTP)
    return logged(sqlite_register, sqlite_cast, channel="email", customer=CUSTOMER)


def acknowledge(register: Register, cast: Cast, complaint: Complaint, **changes: Unpack[StepFields]) -> Complaint:
    fields: StepFields = {**BY_MAIL, **changes}
    return take(register, "acknowledge", complaint, cast.agent, TEN, **fields)


def refused(register: Register, cast: Cast, complaint: Complaint, **changes: Unpack[StepFields]) -> dict[str, str]:
    with pytest.raises(Invalid) as problem:
        acknowledge(register, cast, complaint, **changes)
    return dict(problem.value.fields)


def events(register: Register) -> list[tuple[str, int | None]]:
    """What was logged of mails, and by whom."""
    with register.read() as session:
        its = select(Event.kind, Event.actor_id).where(Event.subject == to_customers.SUBJECT).order_by(Event.id)
        return [(row.kind, row.actor_id) for row in session.execute(its)]


def told(register: Register) -> set[int]:
    """Who has a notice that a mail may not have arrived."""
    with register.read() as session:
        return set(session.scalars(select(Notice.person_id).where(Notice.kind == "mail_failed")))


def read(register: Register, cast: Cast, code: str, now: datetime = TEN) -> Dossier:
    with register.read() as session:
        return dossiers.read(session, code, by=cast.agent, now=now, language="vi")


def became(register: Register, cast: Cast, code: str, now: datetime = TEN) -> list[str]:
    """What the timeline says of each mail of the case."""
    return [one.mail.became for one in read(register, cast, code, now).moments if one.mail]


# what a step refuses


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"text": ""}, "text", "a mail says something, though what was answered may stay unsaid elsewhere"),
        ({"text": "Hạn trả lời: {deadline}"}, "text", "a field of an answer text that had no value"),
        ({"channel": "hotline"}, "mail", "it goes through the channel that it says"),
        ({"subject": "Tin\r\nBcc: ai.do@example.com"}, "subject", "a header of its own"),
        ({"subject": "Tin\nX"}, "subject", "a line of its own"),
        ({"subject": "Tin\u2028X"}, "subject", "some programs break lines there"),
        ({"subject": "Tin\x00X"}, "subject", "no header holds it"),
        ({"subject": "\ud800"}, "subject", "half a sign"),
        ({"subject": "x" * 201}, "subject", "too long"),
        ({"text": "x" * 20_001}, "text", "longer than any text of the register"),
        ({"enclosed": ["0001/2026/XX"]}, "enclosed", "no paper of this case"),
    ],
)  # fmt: skip
def test_what_must_be_mended_before_a_mail_leaves(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint, changes: dict[str, Any], field: str, why: str
) -> None:
    assert set(refused(sqlite_register, sqlite_cast, here, **changes)) == {field}, why
    assert rows(sqlite_register) == [], "nothing is sent of what is not saved"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "none"),
        ("an@example.com, binh@example.com", "two in one field"),
        ("an@example.com;binh@example.com", "two in one field"),
        ("Ánh <an@example.com>", "with a name beside it"),
        ("an@example.com>\r\nRCPT TO:<binh@example.com", "a command of its own"),
        ("ánh@example.com", "no server is known to take it"),
        ("an@localhost", "no domain"),
    ],
)
def test_a_mail_goes_to_exactly_one_address(
    sqlite_register: Register, sqlite_cast: Cast, address: str, why: str
) -> None:
    use(sqlite_register, sqlite_cast.admin, SMTP)
    complaint = logged(sqlite_register, sqlite_cast, channel="email", customer=CustomerDraft("Ánh", "0912 345 678"))
    with sqlite_register.write() as session:  # as an import or an older version may have left it
        session.connection().exec_driver_sql("UPDATE customers SET email = ?", (address,))
    assert set(refused(sqlite_register, sqlite_cast, complaint)) == {"mail"}, why
    assert read(sqlite_register, sqlite_cast, complaint.code).mails_from == "", "nor is it offered"


def test_without_a_mail_server_nothing_is_offered_and_nothing_leaves(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    complaint = logged(sqlite_register, sqlite_cast, channel="email", customer=CUSTOMER)
    assert set(refused(sqlite_register, sqlite_cast, complaint)) == {"mail"}
    assert read(sqlite_register, sqlite_cast, complaint.code).mails_from == ""
    acknowledge(sqlite_register, sqlite_cast, complaint, mail=False)
    assert rows(sqlite_register) == []


def test_a_mail_cannot_be_dated_back(sqlite_register: Register, sqlite_cast: Cast, here: Complaint) -> None:
    """Else the clock would stop before the customer knew."""
    with pytest.raises(Invalid) as problem:
        take(sqlite_register, "acknowledge", here, sqlite_cast.agent, TEN, happened_at=MON, **BY_MAIL)
    assert set(problem.value.fields) == {"happened_at"}


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", "[KN-2026-000001] Đã tiếp nhận khiếu nại của Quý khách"),
        ("  Về 200 Stars ", "[KN-2026-000001] Về 200 Stars"),
        ("Re: 200 Stars (KN-2026-000001)", "Re: 200 Stars (KN-2026-000001)"),
    ],
)
def test_the_subject_has_the_code(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint, typed: str, wanted: str
) -> None:
    acknowledge(sqlite_register, sqlite_cast, here, subject=typed)
    assert read(sqlite_register, sqlite_cast, here.code).moments[-1].subject == wanted


# what leaves


def sent(register: Register, clock: Clock | None = None) -> list[Letter]:
    """The letters of one round."""
    post = Post()
    its = worker(register, clock or Clock(TEN), post)
    its.round()
    its.lease.give_back()
    return post.letters


def test_it_leaves_at_once_as_it_was_written_and_the_log_says_so(
    register: Register, cast: Cast, by_mail: Complaint
) -> None:
    night = at("2026-11-16 23:30")
    take(register, "acknowledge", by_mail, cast.agent, night, **BY_MAIL)
    (row,) = rows(register)
    assert (row.reader, row.kind, row.person_id, row.due_at) == ("customer", "customer", None, night)
    assert ADDRESS not in row.lines and "Chào" not in row.lines, "the row holds neither text nor address"
    assert became(register, cast, by_mail.code) == [ON_ITS_WAY]
    (letter,) = sent(register, Clock(night))
    assert (letter.to, letter.text, letter.sender_name) == (ADDRESS, f"{SAID}\n", "POPS")
    assert "&lt;được&gt; khiếu nại &amp; đang" in letter.html, "what was typed is no HTML"
    assert events(register) == [(SENT, None)]
    assert became(register, cast, by_mail.code) == [SENT]
    with register.read() as session:
        complaint = session.get_one(Complaint, by_mail.id)
        assert complaint.version == 2, "who fills in the next step meanwhile is not overtaken"
        assert verify(register).problems == []
        logged_texts = "\n".join(session.scalars(select(Event.payload)))
    assert ADDRESS not in logged_texts and "tiếp nhận" not in logged_texts, "nothing personal in the log"
    assert told(register) == set()


def test_each_step_that_tells_the_customer_something_may_send_it(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint
) -> None:
    told_by = [key for key, step in STEPS.items() if "mail" in step.field_names()]
    assert told_by == ["acknowledge", "ask_customer", "chase", "propose", "tell_progress", "promise", "notify_result"]
    after, by = acknowledge(sqlite_register, sqlite_cast, here), sqlite_cast.agent
    classified = take(sqlite_register, "classify", after, by, TEN, kind="complaint", category="payment")
    day: Any = {"chase_on": TEN.date() + timedelta(days=2)}
    due: Any = {"due_at": TEN + timedelta(days=1), "promised": "update"}
    steps: list[tuple[str, Any]] = [
        ("promise", due), ("tell_progress", {}), ("ask_customer", day), ("chase", day), ("record_reply", {}),
        ("propose", day), ("notify_result", {}),
    ]  # fmt: skip
    for n, (step, fields) in enumerate(steps):
        its: Any = {"text": "Ví MoMo"} if step == "record_reply" else {**BY_MAIL, **fields}
        take(sqlite_register, step, classified, by, TEN + timedelta(minutes=n), **its)
    letters = sent(sqlite_register, Clock(TEN + timedelta(hours=1)))
    assert [one.subject.partition("] ")[2] for one in letters] == [
        "Đã tiếp nhận khiếu nại của Quý khách",
        "Thời hạn xử lý khiếu nại của Quý khách",
        "Tiến độ xử lý khiếu nại của Quý khách",
        "Cần Quý khách bổ sung thông tin",
        "Nhắc lại: cần Quý khách phản hồi",
        "Đề xuất giải quyết khiếu nại của Quý khách",
        "Kết quả giải quyết khiếu nại của Quý khách",
    ]


@pytest.mark.parametrize(
    ("reply_to", "user", "wanted", "why"),
    [
        ("", "", "", "no mailbox is read: an answer goes to the sender"),
        ("", "cskh@pops.example", "cskh@pops.example", "the mailbox that is read"),
        ("", "cskh", "", "a user name says no address"),
        ("", "so@pops.example", "", "the sender's own"),
        ("hoi@pops.example", "cskh@pops.example", "hoi@pops.example", "an administrator said where"),
    ],
)
def test_an_answer_goes_where_it_is_read(
    sqlite_register: Register, sqlite_cast: Cast, reply_to: str, user: str, wanted: str, why: str
) -> None:
    use(sqlite_register, sqlite_cast.admin, SMTP, {"reply_to": reply_to})
    if user:
        box = {"server": "127.0.0.1", "port": "1", "tls": "none", "user": user, "folder": "INBOX", "category": "other"}
        with sqlite_register.write() as session:
            act = Act(sqlite_cast.admin, MONDAY)
            id = outlets.set_up(session, outlets.Wanted(IMAP, "CSKH", box, "mật khẩu"), act)
            outlets.switch(session, id, act, version=1, is_on=True)
    acknowledge(sqlite_register, sqlite_cast, logged(sqlite_register, sqlite_cast, channel="email", customer=CUSTOMER))
    (letter,) = sent(sqlite_register)
    assert letter.reply_to == wanted, why


@pytest.mark.parametrize("reply_to", ["hoi", "a@b.example, c@d.example", "Hỏi <a@b.example>"])
def test_an_answer_goes_to_one_address(sqlite_register: Register, sqlite_cast: Cast, reply_to: str) -> None:
    with pytest.raises(Invalid) as problem:
        use(sqlite_register, sqlite_cast.admin, SMTP, {"reply_to": reply_to})
    assert set(problem.value.fields) == {"reply_to"}


LETTER = Letter(
    "0" * 32, ADDRESS, "[KN-2026-000001] Đã nhận", f"{SAID}\n", to_customers.html(SAID), TEN, "POPS", (),
    is_by_person=True,
)  # fmt: skip


def written(**changes: object) -> str:
    letter = replace(LETTER, **changes)  # type: ignore[arg-type] # fields of a letter
    return mail(Way(SMTP, mail_values()), letter, TEN).as_bytes().decode("ascii")


def test_a_mail_of_a_person_is_not_marked_as_automatic() -> None:
    assert "Auto-Submitted" not in written() and "X-Auto-Response-Suppress" not in written()
    assert "Auto-Submitted: auto-generated" in written(is_by_person=False)


def test_a_thread_of_long_ids_is_kept_letter_by_letter() -> None:
    """Python would encode an id that is longer than a line, and no mail program would know it again."""
    ids = tuple(f"<{'x' * n}@mail.example.com>" for n in (20, 90, 220))
    text = written(thread=ids)
    assert f"In-Reply-To: {ids[-1]}\r\n" in text
    assert f"References: {ids[0]}\r\n {ids[1]}\r\n {ids[2]}\r\n" in text


@pytest.mark.parametrize(
    "name",
    [
        "Công ty Cổ phần MISA, Trung tâm Chăm sóc và Hỗ trợ Khách hàng",
        'Công ty TNHH Một thành viên Đầu tư Thương mại và Dịch vụ Minh Tuấn, chi nhánh "Sài Gòn"',
        "Ú" * 120,
        'POPS, Inc. "Kids"',
        "POPS",
    ],
)
def test_the_name_of_the_sender_comes_whole(name: str) -> None:
    """Python loses blanks, or doubles them, where a name goes over a line."""
    text = written(sender_name=name)
    assert max(map(len, text.partition("\r\n\r\n")[0].split("\r\n"))) <= 78
    shown, address = parseaddr(message_from_string(text)["From"].replace("\r\n", ""))
    assert (str(make_header(decode_header(shown))), address) == (name, "so@pops.example")


def test_a_paper_goes_along() -> None:
    text = written(enclosed=(Enclosed("văn bản.pdf", b"%PDF-1.7"),))
    assert "application/pdf" in text and "filename*=utf-8''v%C4%83n%20b%E1%BA%A3n.pdf" in text


def test_what_is_loaded_from_elsewhere_or_runs_cannot_come_in() -> None:
    html = to_customers.html("<script>alert(1)</script><img src='https://x.example/1.png'>")
    assert "<script" not in html and "<img" not in html


def test_a_text_of_one_long_line_is_broken_for_servers_and_comes_whole() -> None:
    said = "Đã hoàn tiền. " * 1_400
    text = written(text=f"{said}\n", html=to_customers.html(said))
    assert max(map(len, text.split("\r\n"))) <= 998, "RFC 5322"
    parsed = message_from_string(text, policy=default)
    assert isinstance(parsed, EmailMessage)
    assert plain(parsed).strip() == said.strip()


# ruff: disable[E501]  # a row of a table stays one line
@pytest.mark.parametrize(
    ("headers", "thread", "why"),
    [
        (b"Message-ID: <a@x.example>\n", ("<a@x.example>",), "the beginning of a thread"),
        (b"Message-ID: <a@x.example>\nReferences: <1@x> <2@x>\nIn-Reply-To: <2@x>\n", ("<1@x>", "<2@x>", "<a@x.example>"), "each once, the oldest first"),
        (b"Message-ID: <a@x.example>\nReferences: <1@x>\n <a@x.example>\n", ("<1@x>", "<a@x.example>"), "a program that names its own mail"),
        (b"Message-ID: <\xe1\xba\xa3nh@x>\nReferences: <1@x>\n", ("<1@x>",), "no id is other than ASCII"),
        (b"Message-ID: <" + b"x" * 300 + b"@x>\nReferences: <1@x>\n", ("<1@x>",), "too long to be taken by servers"),
        (b"Message-ID: a@x\nReferences: Bcc: ai@x.example\n", (), "no ids"),
        (b"Subject: =?nonsense?q?=FF?=\n", (), "none at all, and a charset that there is not"),
        (b"Message-ID: <a@x>\nReferences: " + b" ".join(b"<%d@x>" % n for n in range(90)) + b"\n", (*(f"<{n}@x>" for n in range(70, 90)), "<a@x>"), "the newest of a long thread"),
    ],
)  # fmt: skip
# ruff: enable[E501]
def test_a_thread_goes_on_whatever_the_customers_program_wrote(
    sqlite_register: Register, sqlite_cast: Cast, headers: bytes, thread: tuple[str, ...], why: str
) -> None:
    use(sqlite_register, sqlite_cast.admin, SMTP)
    raw = b"From: anh.nguyen@example.com\n" + headers + b"\nStars?"
    taken = arrive(sqlite_register, raw, when=MON)
    with sqlite_register.read() as session:
        case = session.scalars(select(Complaint).where(Complaint.code == taken.code)).one()
    acknowledge(sqlite_register, sqlite_cast, case)
    (letter,) = sent(sqlite_register)
    assert letter.thread == thread, why
    assert mail(Way(SMTP, mail_values()), letter, TEN).as_bytes().count(b"\nBcc") == 0


def test_without_the_file_of_the_mail_it_leaves_outside_its_thread(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    use(sqlite_register, sqlite_cast.admin, SMTP)
    taken = arrive(sqlite_register, mail_of(), when=MON)
    with sqlite_register.read() as session:
        case = session.scalars(select(Complaint).where(Complaint.code == taken.code)).one()
    acknowledge(sqlite_register, sqlite_cast, case)
    for file in sqlite_register.evidence_dir.iterdir():
        file.unlink()
    (letter,) = sent(sqlite_register)
    assert letter.thread == ()


# what becomes of it


@pytest.mark.parametrize(
    ("failure", "state", "event", "says"),
    [
        (Failure("refused 550", is_final=True), State.DEAD, FAILED, FAILED),
        (Failure("no answer", is_unsure=True), State.UNSURE, UNSURE, UNSURE),
        (Failure("no connection"), State.FAILED, None, TRIED),
    ],
)
def test_who_sent_it_and_who_holds_the_case_learn_that_it_may_not_have_arrived(
    sqlite_register: Register,
    sqlite_cast: Cast,
    here: Complaint,
    failure: Failure,
    state: State,
    event: str | None,
    says: str,
) -> None:
    acknowledge(sqlite_register, sqlite_cast, here)
    take(sqlite_register, "assign", here, sqlite_cast.lead, TEN, assignee_id=sqlite_cast.agent2.id)
    clock, post = Clock(TEN), Post(failure=failure)
    its = worker(sqlite_register, clock, post)
    its.round()
    ((row_state, _),) = [(row.state, row.id) for row in rows(sqlite_register) if row.kind == "customer"]
    assert row_state == state
    assert events(sqlite_register) == ([(event, None)] if event else [])
    assert told(sqlite_register) == ({sqlite_cast.agent.id, sqlite_cast.agent2.id} if event else set())
    assert became(sqlite_register, sqlite_cast, here.code) == [says]
    clock.pass_by(timedelta(minutes=1))
    its.round()
    assert len(events(sqlite_register)) <= 1, "said once"
    assert verify(sqlite_register).problems == []


def test_one_that_was_given_up_is_sent_again_by_an_administrator(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint
) -> None:
    acknowledge(sqlite_register, sqlite_cast, here)
    clock, post = Clock(TEN), Post(failure=Failure("refused 550", is_final=True))
    its = worker(sqlite_register, clock, post)
    its.round()
    with sqlite_register.read() as session:
        (waiting,) = outbox.listed(session, [State.DEAD], 10)
    assert (waiting.code, waiting.person, waiting.reader) == (here.code, None, "customer"), "whose, and no more"
    with sqlite_register.write() as session:
        outbox.resend(session, waiting.id, Act(sqlite_cast.admin, TEN))
    assert became(sqlite_register, sqlite_cast, here.code) == [ON_ITS_WAY]
    post.failure = None
    clock.pass_by(timedelta(minutes=5))
    its.round()
    assert [one.to for one in post.letters] == [ADDRESS]
    assert events(sqlite_register) == [(FAILED, None), (SENT, None)]
    assert became(sqlite_register, sqlite_cast, here.code) == [SENT]


def test_what_is_undone_before_it_left_is_not_sent(register: Register, cast: Cast, by_mail: Complaint) -> None:
    after = acknowledge(register, cast, by_mail)
    take(register, "undo", after, cast.agent, TEN)
    assert sent(register) == []
    assert [row.state for row in rows(register)] == [State.DROPPED]
    assert became(register, cast, by_mail.code) == []


def test_what_has_left_cannot_be_undone(sqlite_register: Register, sqlite_cast: Cast, here: Complaint) -> None:
    after = acknowledge(sqlite_register, sqlite_cast, here)
    assert read(sqlite_register, sqlite_cast, here.code).undo_until is not None
    sent(sqlite_register)
    with pytest.raises(NotAllowed, match="has left"):
        take(sqlite_register, "undo", after, sqlite_cast.agent, TEN)
    assert read(sqlite_register, sqlite_cast, here.code).undo_until is None


REPORT = """\
From: MAILER-DAEMON@mx.example.com
To: so@pops.example
Message-ID: <report@mx.example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

No such user.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; anh.nguyen@example.com
Action: {action}
Status: 5.1.1
--x
Content-Type: {of}

Message-ID: {id}
Subject: Tin

--x--
"""


@pytest.mark.parametrize(
    ("action", "of", "is_ours", "wanted", "why"),
    [
        ("failed", "message/rfc822", True, FAILED, "the whole mail comes back"),
        ("Failed", "text/rfc822-headers", True, FAILED, "its headers come back"),
        ("delayed", "message/rfc822", True, SENT, "the customer's server tries on"),
        ("failed", "message/rfc822", False, SENT, "a mail that somebody sent otherwise"),
    ],
)
def test_a_mail_that_comes_back_did_not_arrive(
    sqlite_register: Register,
    sqlite_cast: Cast,
    here: Complaint,
    action: str,
    of: str,
    is_ours: bool,
    wanted: str,
    why: str,
) -> None:
    acknowledge(sqlite_register, sqlite_cast, here)
    (letter,) = sent(sqlite_register)
    id = f"<{letter.id}@pops.example>" if is_ours else "<other@pops.example>"
    report = REPORT.format(action=action, of=of, id=id).encode()
    back_at = TEN + timedelta(hours=3)
    assert arrive(sqlite_register, report, when=back_at).became is Became.IGNORED
    (mailed,) = [one.mail for one in read(sqlite_register, sqlite_cast, here.code).moments if one.mail]
    assert mailed.became == wanted, why
    assert mailed.at is not None
    assert (mailed.at >= back_at) is (wanted == FAILED), "when it came back, not when it left"
    assert told(sqlite_register) == ({sqlite_cast.agent.id} if wanted == FAILED else set())
    with sqlite_register.read() as session:
        waits = [one.failed_with for one in outbox.listed(session, [State.DEAD], 10)]
        assert session.get_one(Complaint, here.id).version == 2
    assert waits == (["bounced"] if wanted == FAILED else [])


def test_one_that_was_given_up_goes_with_its_step(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint
) -> None:
    after = acknowledge(sqlite_register, sqlite_cast, here)
    worker(sqlite_register, Clock(TEN), Post(failure=Failure("refused 550", is_final=True))).round()
    take(sqlite_register, "undo", after, sqlite_cast.agent, TEN)
    assert [row.state for row in rows(sqlite_register) if row.kind == "customer"] == [State.DROPPED]
    assert told(sqlite_register) == set(), "nobody has to call"


@pytest.mark.parametrize("taken", ["address", "text"])
def test_what_is_not_there_any_more_is_not_sent(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint, taken: str
) -> None:
    acknowledge(sqlite_register, sqlite_cast, here)
    with sqlite_register.write() as session:  # as an erasure does
        gone = "UPDATE customers SET email = NULL" if taken == "address" else "UPDATE evidence SET body = ''"
        session.connection().exec_driver_sql(gone)
    assert sent(sqlite_register) == []
    assert [row.state for row in rows(sqlite_register) if row.kind == "customer"] == [State.DEAD]
    assert told(sqlite_register) == {sqlite_cast.agent.id}


def test_who_removes_the_mail_server_loses_no_mail_unseen(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint
) -> None:
    acknowledge(sqlite_register, sqlite_cast, here)
    with sqlite_register.write() as session:
        outlets.remove(session, 1, Act(sqlite_cast.admin, TEN), version=2)
    assert sent(sqlite_register) == []
    assert events(sqlite_register) == [(FAILED, None)]
    assert told(sqlite_register) == {sqlite_cast.agent.id}
    assert became(sqlite_register, sqlite_cast, here.code) == [FAILED]


def test_a_mail_server_that_is_removed_while_it_refuses_leaves_nothing_waiting(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint
) -> None:
    acknowledge(sqlite_register, sqlite_cast, here)

    def remove(*_given: object) -> None:
        with sqlite_register.write() as session:
            outlets.remove(session, 1, Act(sqlite_cast.admin, TEN), version=2)
        raise NotHandedOverError(Failure("no connection"))

    Worker(sqlite_register, SITE, "test", Clock(TEN), remove).round()
    assert events(sqlite_register) == [(FAILED, None)]


def test_a_mail_that_no_worker_sends_says_so(sqlite_register: Register, sqlite_cast: Cast, here: Complaint) -> None:
    """Nobody is told at the bell either, since that is what a worker does."""
    acknowledge(sqlite_register, sqlite_cast, here)

    def after(minutes: int) -> list[str]:
        return became(sqlite_register, sqlite_cast, here.code, TEN + timedelta(minutes=minutes))

    assert after(1) == [ON_ITS_WAY], "one that took over would have begun by now, but only just"
    assert after(2) == [NO_WORKER]
    its = worker(sqlite_register, Clock(TEN + timedelta(minutes=2)), Post(failure=Failure("no connection")))
    its.round()
    assert after(3) == [TRIED], "and the mail server does not answer"


@pytest.mark.parametrize("is_off", [True, False])
def test_a_mail_that_waits_for_an_hour_is_told_of_and_leaves_later_all_the_same(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint, is_off: bool
) -> None:
    """Its customer knows nothing yet: the server does not answer, or somebody switched it off."""
    acknowledge(sqlite_register, sqlite_cast, here)

    def switch(version: int, *, is_on: bool) -> None:
        with sqlite_register.write() as session:
            outlets.switch(session, 1, Act(sqlite_cast.admin, TEN), version=version, is_on=is_on)

    if is_off:
        switch(2, is_on=False)
    clock, post = Clock(TEN), Post(failure=None if is_off else Failure("no connection"))
    its = worker(sqlite_register, clock, post)
    while clock.now < TEN + timedelta(minutes=59):
        its.round()
        clock.pass_by(timedelta(minutes=1))
    assert told(sqlite_register) == set()
    for _minute in range(3):
        clock.pass_by(timedelta(minutes=1))
        its.round()
    assert told(sqlite_register) == {sqlite_cast.agent.id}
    assert events(sqlite_register) == []
    assert became(sqlite_register, sqlite_cast, here.code) == [HELD if is_off else TRIED]
    if is_off:
        switch(3, is_on=True)
    post.failure = None
    clock.pass_by(timedelta(hours=1))
    its.round()
    assert [one.to for one in post.letters if one.is_by_person] == [ADDRESS]
    assert events(sqlite_register) == [(SENT, None)]
    assert told(sqlite_register) == set(), "it has left after all: nobody has to call"


def test_one_that_waits_behind_a_server_without_an_answer_is_not_said_to_be_on_its_way(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint
) -> None:
    """The second mail was not tried at all: the server rests after the first."""
    after, by = acknowledge(sqlite_register, sqlite_cast, here), sqlite_cast.agent
    its = worker(sqlite_register, Clock(TEN), Post(failure=Failure("no connection")))
    its.round()
    classified = take(sqlite_register, "classify", after, by, TEN, kind="complaint", category="payment")
    take(sqlite_register, "tell_progress", classified, by, TEN, **BY_MAIL)
    its.round()
    assert [row.state for row in rows(sqlite_register) if row.kind == "customer"] == [State.FAILED, State.WAITING]
    assert became(sqlite_register, sqlite_cast, here.code) == [TRIED, TRIED]


@pytest.mark.parametrize("is_read", [True, False])
def test_who_was_told_of_a_delay_is_told_again_when_the_mail_comes_back(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint, is_read: bool
) -> None:
    """In between the case said that it was sent, so nobody telephoned."""
    acknowledge(sqlite_register, sqlite_cast, here)
    clock, post = Clock(TEN), Post(failure=Failure("no connection"))
    its = worker(sqlite_register, clock, post)
    its.round()
    clock.pass_by(timedelta(hours=1))
    its.round()
    assert told(sqlite_register) == {sqlite_cast.agent.id}
    if is_read:
        with sqlite_register.write() as session:
            session.connection().exec_driver_sql("UPDATE notices SET read_at = at")
    post.failure = None
    clock.pass_by(timedelta(hours=1))
    its.round()
    (letter,) = [one for one in post.letters if one.is_by_person]
    report = REPORT.format(action="failed", of="message/rfc822", id=f"<{letter.id}@pops.example>").encode()
    arrive(sqlite_register, report, when=clock.now)
    with sqlite_register.read() as session:
        unread = session.scalars(select(Notice.person_id).where(Notice.read_at.is_(None))).all()
    assert unread == [sqlite_cast.agent.id]


def test_a_restored_register_does_not_know_what_became_of_it(
    sqlite_register: Register, sqlite_cast: Cast, here: Complaint
) -> None:
    acknowledge(sqlite_register, sqlite_cast, here)
    with sqlite_register.write() as session:  # messages pass: no backup takes them along
        session.connection().exec_driver_sql("DELETE FROM messages")
    assert became(sqlite_register, sqlite_cast, here.code) == [UNSURE]


class KilledError(BaseException):
    """The process ends here."""


def test_a_crash_between_the_handing_over_and_its_writing_down_sends_nothing_twice(
    register: Register, cast: Cast, by_mail: Complaint
) -> None:
    acknowledge(register, cast, by_mail)
    clock, arrived = Clock(TEN), list[Letter]()

    def hand_over(_way: Way, letter: Letter, *_given: object) -> None:
        arrived.append(letter)
        raise KilledError

    dies = Worker(register, SITE, "dies", clock, hand_over)
    with pytest.raises(KilledError):
        dies.round()
    if not register.is_sqlite:  # the server frees the lock of a process that is gone
        dies.lease.give_back()
    clock.pass_by(lease.LASTS)
    after = Post()
    its = worker(register, clock, after, holder="after")
    for _round in range(3):
        its.round()
        clock.pass_by(timedelta(hours=1))
    assert (len(arrived), [one for one in after.letters if one.is_by_person]) == (1, [])
    assert events(register) == [(UNSURE, None)]
    assert told(register) == {cast.agent.id}
    with register.read() as session:
        assert len(session.scalars(select(MailMessage)).all()) == 1, "an answer to it finds its case all the same"


# the whole story


@pytest.fixture
def box(mail_server: Server) -> Mailbox:
    return mail_server.mailbox(f"story{next(NUMBERS)}")


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as found:
        yield found


def from_customer(sink: MailSink, n: int, text: str) -> bytes:
    """What a mail program makes of an answer to the newest mail: its thread, and a subject of the customer's own."""
    last = sink.mails[-1]
    thread = {"In-Reply-To": str(last["Message-ID"]), "References": f"{last['References']} {last['Message-ID']}"}
    return mail_of(text, headers={**thread, "Message-ID": f"<k{n}@example.com>", "Subject": "Thông tin"}).as_bytes()


def plain(one: EmailMessage) -> str:
    body = one.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_mail_becomes_a_closed_case_by_mail_only(
    register: Register, cast: Cast, box: Mailbox, sink: MailSink, caplog: pytest.LogCaptureFixture
) -> None:
    """Real servers: Dovecot, from which the customer's mails are read, and one that takes what the register sends."""
    caplog.set_level(logging.DEBUG)
    set_up(register, cast, box)
    use(register, cast.admin, SMTP, mail_values(sink.port))
    clock = Clock(MON)
    its = Worker(register, SITE, "story", clock)
    box.receive(mail_of().as_bytes())
    its.round()
    with register.read() as session:
        case = session.scalars(select(Complaint)).one()

    def say(step: str, **fields: Unpack[StepFields]) -> None:
        clock.pass_by(POLL)
        take(register, step, case, cast.agent, clock.now, **fields)
        clock.pass_by(POLL)
        its.round()

    say("acknowledge", channel="email", text=SAID, mail=True)
    say("classify", kind="complaint", category="payment")
    say("ask_customer", text="Chị trả qua ví nào?", mail=True, chase_on=MON.date() + timedelta(days=2))
    box.receive(from_customer(sink, 2, "Ví MoMo ạ"))
    clock.pass_by(POLL)
    its.round()
    with register.read() as session:
        assert session.get_one(Complaint, case.id).state == "investigating", (
            "by the thread alone: no code in its subject"
        )
        assert len(session.scalars(select(Complaint)).all()) == 1
    say("notify_result", channel="email", text="Đã hoàn 200 Stars cho chị.", subject="Kết quả", mail=True)
    say("close", outcome="upheld", root_cause="unknown")
    with register.read() as session:
        assert session.get_one(Complaint, case.id).state == "closed"

    first, asked, result = sink.mails
    assert {str(one["To"]) for one in sink.mails} == {ADDRESS}
    assert [str(one["Subject"]) for one in sink.mails] == [
        f"[{case.code}] Đã tiếp nhận khiếu nại của Quý khách",
        f"[{case.code}] Cần Quý khách bổ sung thông tin",
        f"[{case.code}] Kết quả",
    ]
    assert plain(first).replace("\r\n", "\n") == f"{SAID}\n"
    assert str(first["From"]) == "POPS <so@pops.example>"
    assert [str(one["In-Reply-To"]) for one in sink.mails] == [
        "<m1@example.com>",
        "<m1@example.com>",
        "<k2@example.com>",
    ]
    assert str(result["References"]).split() == [
        "<m1@example.com>", str(asked["Message-ID"]), "<k2@example.com>"
    ]  # fmt: skip
    for one in sink.mails:
        assert one["Auto-Submitted"] is None and one["Reply-To"] is None
        assert one.get_content_type() == "multipart/alternative"
        assert "http" not in one.as_string(), "nothing that is fetched, nothing that tells"
    assert len(set(sink.ids())) == 3
    for word in (ADDRESS, "Ánh", "MoMo", "Stars", "Chào", *sink.ids()):
        assert word not in caplog.text, f"{word} in the log of the program"
    with register.read() as session:
        assert [row.state for row in session.scalars(select(Message).where(Message.kind == "customer"))] == ["sent"] * 3
    assert events(register) == [(SENT, None)] * 3
    assert verify(register).problems == []
    its.lease.give_back()
