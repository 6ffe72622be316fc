"""Messages of notices (D42): a row with its cause, once a reader, held at night, gone where it is not needed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.errors import NotFound
from core.register.case import complaints, forward_many
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from core.register.messages import choices, outbox, outlets
from core.register.messages.outbox import Failure
from core.register.notices import reads
from core.register.people import accounts
from core.rules.messages import FILE, SMTP, WEBHOOK, State
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import MON, logged, take
from tests.register.messages.sent import Clock, Post, give_addresses, rows, told, use, worker

NIGHT = at("2026-11-16 20:00")
MORNING = at("2026-11-17 08:30")


def forwarded(register: Register, cast: Cast, when: datetime = MON) -> Complaint:
    one = take(register, "acknowledge", logged(register, cast), cast.agent, MON)
    one = take(register, "classify", one, cast.agent, MON, kind="complaint", category="payment")
    due = at("2026-11-18 17:30")
    return take(register, "forward", one, cast.agent, when, department="payment", text="Kiểm tra", due_at=due)


def test_without_an_outlet_nothing_is_written(register: Register, cast: Cast) -> None:
    forwarded(register, cast)
    assert rows(register) == []


def test_a_forward_is_written_for_the_department_and_its_room(register: Register, cast: Cast) -> None:
    use(register, cast.admin, SMTP)
    use(register, cast.admin, WEBHOOK)
    use(register, cast.admin, WEBHOOK, {"department": "content"})
    give_addresses(register, cast)
    one = forwarded(register, cast)
    found = [(row.reader, told(row), row.state, row.due_at) for row in rows(register)]
    line = [("forwarded", one.code)]
    assert found == [
        (f"person:{cast.handler.id}", line, State.WAITING, MON),
        ("department:payment", line, State.WAITING, MON),
    ]
    assert not any(word in str(row.lines) for row in rows(register) for word in ("Kiểm tra", "Khách Thử", "0912"))


def test_an_answer_comes_back_in_the_morning_unless_chosen_otherwise(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    with register.write() as session:
        choices.choose(session, {"answers": "at_once"}, Act(cast.agent, MON))
    one = forwarded(register, cast)
    take(register, "answer", one, cast.handler, MON, text="Đã hoàn")
    assert [told(row) for row in rows(register)][1:] == [[("answered", one.code)]]
    with register.write() as session:
        choices.choose(session, {"answers": "off"}, Act(cast.agent, MON))
    two = forwarded(register, cast)
    take(register, "answer", two, cast.handler, MON, text="Đã hoàn")
    assert [told(row)[0][0] for row in rows(register)] == ["forwarded", "answered", "forwarded"]


def test_at_night_it_waits_and_is_not_needed_when_read_by_then(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    clock, post = Clock(NIGHT), Post()
    one, two = forwarded(register, cast, NIGHT), forwarded(register, cast, NIGHT)
    assert {row.due_at for row in rows(register)} == {MORNING}
    its = worker(register, clock, post)
    its.round()
    assert post.letters == []
    with register.write() as session:
        reads.read(session, cast.handler, now=NIGHT, complaint_id=one.id)
    clock.now = MORNING
    its.round()
    codes = [code for letter in post.letters for code in (one.code, two.code) if code in letter.subject]
    assert codes == [two.code]
    assert [row.state for row in rows(register)][:2] == [State.DROPPED, State.SENT]


def test_what_is_undone_is_not_sent(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    use(register, cast.admin, WEBHOOK)
    one = forwarded(register, cast, NIGHT)
    take(register, "undo", one, cast.agent, NIGHT + timedelta(minutes=1), version=one.version)
    assert {row.state for row in rows(register)} == {State.DROPPED}


def test_many_of_one_act_are_one_message(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    cases = [logged(register, cast) for _ in range(3)]
    for n, one in enumerate(cases):
        one = take(register, "acknowledge", one, cast.agent, MON)
        cases[n] = take(register, "classify", one, cast.agent, MON, kind="complaint", category="payment")
    with register.write() as session:
        wanted: StepFields = {"department": "payment", "text": "Kiểm tra cả ba", "due_at": at("2026-11-18 17:30")}
        forward_many.forward_all(session, {one.code: one.version for one in cases}, wanted, Act(cast.agent, MON))
    (only,) = rows(register)
    assert told(only) == [("forwarded", one.code) for one in cases]


def test_who_left_gets_nothing(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    forwarded(register, cast)
    with register.write() as session:
        accounts.deactivate(session, cast.handler.id, Act(cast.admin, MON))
    post = Post()
    worker(register, Clock(MON), post).round()
    assert [row.state for row in rows(register)] == [State.DROPPED]


def test_a_message_is_tried_for_a_day_then_waits_for_an_administrator(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    forwarded(register, cast)
    clock, tried = Clock(MON), []
    while rows(register)[0].state != State.DEAD:
        with register.write() as session:
            if (message := outbox.take(session, "one", now=clock.now)) is not None:
                tried.append((clock.now - MON) // timedelta(minutes=1))
                outbox.settle(session, message, "one", now=clock.now, failure=Failure("no connection"))
        clock.pass_by(timedelta(minutes=1))
    assert tried == [0, 1, 6, 21, *range(81, 81 + 25 * 60, 60)]
    (dead,) = rows(register)
    assert (dead.tries, dead.failed_with) == (29, "no connection")
    with register.write() as session:
        outbox.resend(session, dead.id, Act(cast.admin, clock.now))
        with pytest.raises(NotFound):
            outbox.resend(session, dead.id, Act(cast.admin, clock.now))
    clock.pass_by(timedelta(minutes=2))
    worker(register, clock, Post()).round()
    assert rows(register)[0].state == State.SENT
    assert verify(register).problems == []


def test_what_is_refused_for_good_is_not_tried_again_and_holds_nobody_up(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    forwarded(register, cast)
    clock, post = Clock(MON), Post(failure=Failure("refused 550", is_final=True))
    its = worker(register, clock, post)
    its.round()
    assert rows(register)[0].state == State.DEAD
    post.failure = None
    forwarded(register, cast)
    its.round()
    assert rows(register)[1].state == State.SENT, "the outlet itself works"


def test_an_outlet_that_does_not_answer_costs_what_waits_none_of_its_tries(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    for _ in range(5):
        forwarded(register, cast)
    clock, post = Clock(MON), Post(failure=Failure("no connection"))
    its = worker(register, clock, post)
    its.round()
    assert [row.tries for row in rows(register)] == [1, 0, 0, 0, 0]
    clock.pass_by(timedelta(minutes=1))
    post.failure = None
    its.round()
    assert [row.state for row in rows(register)] == [State.SENT] * 5
    with register.read() as session:
        assert outlets.listed(session)[0].failed_with is None


def test_an_outlet_is_tried_by_hand(register: Register, cast: Cast) -> None:
    id = use(register, cast.admin, FILE)
    with register.write() as session:
        outbox.try_out(session, id, Act(cast.admin, NIGHT))
    post = Post()
    worker(register, Clock(NIGHT), post).round()
    assert [letter.subject for letter in post.letters] == ["Tin thử kết nối"], "at night too, and nothing else"


def test_writing_histories_tells_nobody(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    with register.write() as session:
        complaints.write_histories(session, [], Act(None, MON))
    assert rows(register) == []
