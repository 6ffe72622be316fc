"""One worker among many (D42): what it tells when, and that nothing is lost or doubled wherever it is cut off."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import ModuleType
from unittest.mock import patch

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.register.log.database import Register
from core.register.log.tables import Message, Notice, OutletState, WorkerState
from core.register.log.verify import verify
from core.register.messages import lease, outbox
from core.register.messages.letters import Letter, message_id
from core.register.messages.outbox import Failure, New
from core.register.messages.senders import Way
from core.register.messages.worker import Worker
from core.rules.messages import FILE, SMTP, State
from core.rules.notices import CHASE_TODAY, DUE_TODAY, MISSED, WARNED
from tests.browser.driver import FORKS
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import MON, logged, take
from tests.register.messages.endless import serve
from tests.register.messages.sent import Clock, Post, everything, give_addresses, mail_values, rows, told, use, worker
from tests.sinks import MailSink, mail_sink


def notices(register: Register, kind: str) -> list[tuple[int, datetime]]:
    with register.read() as session:
        its = select(Notice.person_id, Notice.at).where(Notice.kind == kind).order_by(Notice.person_id)
        return [(row.person_id, row.at) for row in session.execute(its)]


def walk(its: Worker, clock: Clock, until: datetime, step: timedelta = timedelta(minutes=10)) -> None:
    while clock.now < until:
        clock.now = min(until, clock.now + step)
        its.round()


def test_a_clock_warns_and_is_missed_once(register: Register, cast: Cast) -> None:
    """POPS: acknowledged within one working day; holder and leads are told, here the lead alone."""
    clock, post = Clock(MON), Post()
    use(register, cast.admin, FILE)
    its = worker(register, clock, post)
    its.round()
    logged(register, cast)
    walk(its, clock, at("2026-11-17 18:00"))
    assert [person for person, _at in notices(register, WARNED)] == [cast.lead.id]
    ((person, missed_at),) = notices(register, MISSED)
    assert person == cast.lead.id
    assert timedelta(0) < missed_at - at("2026-11-17 17:30") <= timedelta(minutes=10)
    overdue = next(row for row in rows(register) if told(row)[0][0] == MISSED)
    assert overdue.due_at == at("2026-11-18 08:30"), "nobody is woken"
    walk(its, clock, at("2026-11-18 09:00"))
    assert [told(row)[0][0] for row in rows(register)] == [WARNED, MISSED]
    assert {row.state for row in rows(register)} == {State.SENT}


def test_an_hour_of_misa_does_not_wait(register: Register, cast: Cast) -> None:
    clock, post = Clock(at("2026-11-16 20:00")), Post()
    use(register, cast.admin, FILE)
    its = worker(register, clock, post)
    its.round()
    logged(register, cast, procedure="misa", recorded_at=at("2026-11-16 20:05"))
    walk(its, clock, at("2026-11-16 21:30"), timedelta(minutes=1))
    assert [told(row)[0][0] for row in rows(register)] == [WARNED, MISSED]
    assert {row.state for row in rows(register)} == {State.SENT}, "in the evening"


def test_what_was_missed_while_no_worker_ran_is_told_and_nobody_is_warned_too_late(
    register: Register, cast: Cast
) -> None:
    clock = Clock(MON)
    its = worker(register, clock)
    its.round()
    its.lease.give_back()
    logged(register, cast)
    clock.now = at("2026-11-19 10:00")
    worker(register, clock, holder="two").round()
    assert notices(register, WARNED) == []
    assert [person for person, _at in notices(register, MISSED)] == [cast.lead.id]


def test_the_morning_tells_what_is_due_and_whom_to_ask_again(register: Register, cast: Cast) -> None:
    clock, post = Clock(at("2026-11-16 08:00")), Post()
    use(register, cast.admin, FILE)
    its = worker(register, clock, post)
    its.round()
    one = take(register, "acknowledge", logged(register, cast), cast.agent, MON)
    asked = take(
        register, "ask_customer", one, cast.agent, MON, channel="hotline", text="Mã giao dịch?",
        chase_on=at("2026-11-18 00:00").date(),
    )  # fmt: skip
    due = logged(register, cast, recorded_at=at("2026-11-17 09:00"))
    walk(its, clock, at("2026-11-18 08:20"))
    assert notices(register, CHASE_TODAY) == []
    walk(its, clock, at("2026-11-18 08:40"))
    assert [person for person, _at in notices(register, CHASE_TODAY)] == [cast.agent.id]
    assert [person for person, _at in notices(register, DUE_TODAY)] == [cast.lead.id]
    today = [row for row in everything(register) if row.cause == "digest:2026-11-18"]
    assert {(row.person_id, *told(row)) for row in today} == {
        (cast.agent.id, (CHASE_TODAY, asked.code)),
        (cast.lead.id, (DUE_TODAY, due.code)),
    }
    walk(its, clock, at("2026-11-18 16:00"))
    assert len([row for row in everything(register) if row.cause == "digest:2026-11-18"]) == 2, "once a day"


def test_the_week_is_named_to_managers_on_its_first_working_day(register: Register, cast: Cast) -> None:
    clock = Clock(at("2026-11-13 09:00"))
    use(register, cast.admin, FILE)
    its = worker(register, clock, Post())
    its.round()
    walk(its, clock, at("2026-11-18 12:00"), timedelta(hours=1))
    week = [row for row in everything(register) if "week" in row.lines]
    assert [(row.person_id, row.cause) for row in week] == [(cast.manager.id, "digest:2026-11-16")]
    assert '"2026-W46"' in week[0].lines


def test_notices_and_messages_of_ninety_days_ago_go_in_the_morning(register: Register, cast: Cast) -> None:
    clock = Clock(MON)
    use(register, cast.admin, FILE)
    logged(register, cast)
    with register.write() as session:
        for days in (89, 91):
            then = MON - timedelta(days=days)
            session.add(Notice(person_id=cast.lead.id, cause=f"event:{days}", kind="answered", complaint_id=1, at=then))
            outbox.put(session, New(1, "everybody", None, f"event:{days}", "notice"), due_at=then, now=then)
    worker(register, clock, Post()).round()
    with register.read() as session:
        assert [one.cause for one in session.scalars(select(Notice)) if one.cause.startswith("event")] == ["event:89"]
    assert [one.cause for one in rows(register)] == ["event:89"]


def test_one_of_two_works_until_it_ends(register: Register) -> None:
    clock = Clock(MON)
    first, second = worker(register, clock, holder="first"), worker(register, clock, holder="second")
    assert (first.round(), second.round(), first.round()) == (True, False, True)
    clock.pass_by(timedelta(minutes=1))
    assert (first.round(), second.round()) == (True, False), "it renews its lease"
    first.lease.give_back()
    assert (second.round(), first.round()) == (True, False)
    second.lease.give_back()


def test_one_that_is_not_heard_of_any_more_is_followed_by_another(sqlite_register: Register) -> None:
    clock = Clock(MON)
    first, second = worker(sqlite_register, clock, holder="first"), worker(sqlite_register, clock, holder="second")
    assert first.round()
    clock.pass_by(lease.LASTS - timedelta(seconds=1))
    assert not second.round()
    clock.pass_by(timedelta(seconds=1))
    assert second.round()
    clock.pass_by(timedelta(minutes=1))
    assert not first.round(), "it goes on later and finds another name"
    with sqlite_register.read() as session:
        assert session.get_one(WorkerState, 1).holder == "second"


def test_one_that_hangs_while_it_sends_doubles_nothing(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, clock, arrived = sqlite_register, Clock(MON), Post()
    use(register, sqlite_cast.admin, FILE)
    second = worker(register, clock, arrived, holder="second")

    def hang(_way: Way, letter: Letter, _folder: Path, _now: datetime) -> None:
        clock.pass_by(timedelta(hours=1))
        second.round()
        arrived.letters.append(letter)

    one = take(register, "acknowledge", logged(register, sqlite_cast), sqlite_cast.agent, MON)
    take(register, "assign", one, sqlite_cast.lead, MON, assignee_id=sqlite_cast.agent2.id)
    with register.write() as session:  # assigned is told in the morning: here at once
        message = Message(
            outlet_id=1, reader="everybody", cause="try:x", kind="try", lines="[]", state="waiting",
            due_at=MON, tries=0, written_at=MON,
        )  # fmt: skip
        session.add(message)
    Worker(register, "https://x.example", "first", clock, hang).round()
    second.round()
    tries = [row for row in rows(register) if row.cause == "try:x"]
    assert [row.state for row in tries] == [State.SENT], "the first one wrote down what it had done"
    assert [letter.subject for letter in arrived.letters].count("Tin thử kết nối") == 1


def test_a_mail_server_that_is_down_for_an_hour_loses_and_doubles_nothing(register: Register, cast: Cast) -> None:
    give_addresses(register, cast)
    sink, clock = MailSink(), Clock(MON)
    with mail_sink(sink):
        pass  # it gets its port, and goes
    use(register, cast.admin, SMTP, mail_values(sink.port))
    its = worker(register, clock)
    for minute in range(60):
        if minute % 6 == 0:
            one = take(register, "acknowledge", logged(register, cast), cast.agent, MON)
            one = take(register, "classify", one, cast.agent, MON, kind="complaint", category="payment")
            due = at("2026-11-18 17:30")
            take(register, "forward", one, cast.agent, clock.now, department="payment", text="?", due_at=due)
        its.round()
        clock.pass_by(timedelta(minutes=1))
    assert sink.mails == []
    with mail_sink(sink):
        walk(its, clock, clock.now + timedelta(hours=2), timedelta(minutes=1))
    forwarded = [mail for mail in sink.mails if "được hỏi" in str(mail["Subject"])]
    assert len(forwarded) == 10
    assert max(Counter(sink.ids()).values()) == 1
    assert {row.state for row in everything(register)} == {State.SENT}
    its.lease.give_back()


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def dying_at(register: Register, nth: int) -> Iterator[Callable[[], None]]:
    """Die at the ``nth`` of the places around every transaction and every handing over; a place calls what is given."""
    places = 0

    def place() -> None:
        nonlocal places
        places += 1
        if places == nth:
            raise Killed

    real = register.write

    @contextmanager
    def write() -> Iterator[Session]:
        place()
        with real() as session:
            yield session
            session.flush()
            place()  # before it is committed
        place()

    register.write = write  # type: ignore[method-assign] # of this object alone
    try:
        yield place
    finally:
        del register.write


def test_wherever_it_is_cut_off_nothing_is_lost_or_doubled(sqlite_register: Register, sqlite_cast: Cast) -> None:
    """A worker dies at each place in turn, another goes on: what was not surely sent says so, all else came once."""
    register, clock, arrived, deaths = sqlite_register, Clock(at("2026-11-17 08:30")), Post(), 0
    use(register, sqlite_cast.admin, FILE)
    worker(register, clock, arrived).round()
    for nth in range(1, 60):
        clock.pass_by(timedelta(minutes=3))
        one = take(register, "acknowledge", logged(register, sqlite_cast), sqlite_cast.agent, MON)
        one = take(register, "classify", one, sqlite_cast.agent, MON, kind="complaint", category="payment")
        due = at("2026-11-19 17:30")
        take(register, "forward", one, sqlite_cast.agent, clock.now, department="payment", text="?", due_at=due)
        with dying_at(register, nth) as place:

            def deliver(
                _way: Way, letter: Letter, _folder: Path, _now: datetime, die: Callable[[], None] = place
            ) -> None:
                die()
                arrived.letters.append(letter)
                die()

            try:
                Worker(register, "https://x.example", f"dies at {nth}", clock, deliver).round()
                survived = True
            except Killed:
                survived, deaths = False, deaths + 1
        clock.pass_by(lease.LASTS)
        worker(register, clock, arrived, holder=f"after {nth}").round()
        clock.pass_by(lease.LASTS)
        if survived:
            break
    assert deaths > 12, "each transaction and each handing over has its places"
    assert survived, "the last one came through"
    ids = Counter(letter.id for letter in arrived.letters)
    assert max(ids.values()) == 1, "nothing is doubled"
    by_state = Counter(row.state for row in everything(register))
    assert set(by_state) == {State.SENT, State.UNSURE}, "nothing is lost"
    assert by_state[State.SENT] <= len(ids) <= by_state[State.SENT] + by_state[State.UNSURE]
    assert by_state[State.UNSURE] <= 5, "between taking a message and writing down what became of it, and nowhere else"


def test_processes_that_are_killed_lose_and_double_nothing(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    count, chance = 400, Random(5)
    with register.write() as session:
        for number in range(count):
            session.add(
                Message(
                    outlet_id=1, reader="everybody", cause=f"try:{number}", kind="try", lines="[]", state="waiting",
                    due_at=MON, tries=0, written_at=MON,
                )
            )  # fmt: skip
    kills, folder = 3, register.evidence_dir.parent / "outbox" / "trial"
    for _kill in range(kills):
        running = [FORKS.Process(target=serve, args=(register.url, register.evidence_dir)) for _ in range(2)]
        with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):  # else it runs again in each process
            for process in running:
                process.start()
        _wait_for_progress(register)
        time.sleep(chance.random() / 10)
        for process in running:
            process.kill()
            process.join()
            assert process.exitcode == -signal.SIGKILL
        if register.is_sqlite:  # the lease of one that was killed runs out, here at once
            with register.write() as session:
                session.execute(update(WorkerState).values(until=MON))
    assert any(one.state == State.WAITING for one in everything(register)), "there was something left to lose"
    last = Worker.of_process(register, "https://x.example", lambda: datetime.now(UTC))
    for _wait in range(100):
        last.round()
        if not any(one.state in (State.WAITING, State.SENDING) for one in everything(register)):
            break
        time.sleep(0.1)
    last.lease.give_back()
    by_state = Counter(one.state for one in everything(register) if one.kind == "try")
    assert set(by_state) <= {State.SENT, State.UNSURE}
    assert sum(by_state.values()) == count
    assert by_state[State.UNSURE] <= kills, "at most the one that was being handed over"
    found = {one.stem for one in folder.glob("*.eml")}
    sent = {message_id(one) for one in everything(register) if one.state == State.SENT}
    assert sent <= found, "what is said to be sent is there"
    assert verify(register).problems == []


def _wait_for_progress(register: Register) -> None:
    """Until one of the processes has sent something."""
    before = sum(one.state == State.SENT for one in everything(register))
    for _wait in range(600):
        time.sleep(0.02)
        if sum(one.state == State.SENT for one in everything(register)) > before:
            return


def test_a_step_that_fails_is_noted_and_the_others_go_on(
    register: Register, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.register.messages import mornings

    def fail(*_given: object) -> bool:
        raise OSError("the disk")

    use(register, cast.admin, FILE)
    monkeypatch.setattr(mornings, "write", fail)
    post = Post()
    with register.write() as session:
        session.add(
            Message(
                outlet_id=1, reader="everybody", cause="try:x", kind="try", lines="[]", state="waiting",
                due_at=MON, tries=0, written_at=MON,
            )
        )  # fmt: skip
    its = worker(register, Clock(MON), post)
    assert its.round()
    assert len(post.letters) == 1
    with register.read() as session:
        state = session.get_one(WorkerState, 1)
        assert (state.failed_at, state.failed_with) == (MON, "OSError")


def test_an_outlet_that_was_switched_off_keeps_what_waits(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    one = take(register, "acknowledge", logged(register, cast), cast.agent, MON)
    one = take(register, "classify", one, cast.agent, MON, kind="complaint", category="payment")
    take(register, "forward", one, cast.agent, MON, department="payment", text="?", due_at=at("2026-11-18 17:30"))
    with register.write() as session:
        session.execute(update(OutletState).values(is_on=False))
    post = Post(failure=Failure("never asked"))
    worker(register, Clock(MON), post).round()
    assert [row.state for row in rows(register)] == [State.WAITING]


def test_it_ends_when_it_is_told(register: Register) -> None:
    stop = threading.Event()
    its = Worker.of_process(register, "https://x.example", lambda: MON)
    thread = threading.Thread(target=its.run, args=(stop,))
    thread.start()
    for _wait in range(200):
        with register.read() as session:
            if session.get(WorkerState, 1) is not None:
                break
        time.sleep(0.05)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert worker(register, Clock(MON), holder="next").round(), "its place is free at once"
