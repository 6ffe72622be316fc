"""What the reads of one run see: one moment, and a later one after a write, a failure or a refresh of the facts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.errors import Invalid, PopsError
from core.insight import facts
from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from tests.register.cases import MON, draft


def _seen(register: Register, *, anew: bool = False) -> int:
    """How many complaints there are."""
    with register.read(anew=anew) as session:
        return session.scalar(select(func.count()).select_from(Complaint)) or 0


def _elsewhere(act: Callable[[], object]) -> None:
    """Do it in another thread, as another person's run does."""
    other = threading.Thread(target=act)
    other.start()
    other.join()


def _log(register: Register) -> None:
    with register.write() as session:
        complaints.log(session, draft(recorded_at=MON), Act(None, MON))


def test_reads_of_a_run_see_one_moment_in_one_session(register: Register) -> None:
    sessions = list[Session]()
    with register.one_moment():
        for _ in range(2):
            with register.read() as session:
                sessions.append(session)
            assert _seen(register) == 0
            _elsewhere(lambda: _log(register))
    assert sessions[0] is sessions[1]
    assert _seen(register) == 2


def test_without_a_run_each_read_sees_the_present(register: Register) -> None:
    assert _seen(register) == 0
    _log(register)
    assert _seen(register) == 1


def _write(register: Register) -> None:
    _log(register)


def _write_that_reads_before_its_end(register: Register) -> None:
    with register.write() as session:
        complaints.log(session, draft(recorded_at=MON), Act(None, MON))
        assert _seen(register) == 0


def _write_that_is_undone(register: Register) -> None:
    _elsewhere(lambda: _log(register))
    with suppress(Invalid), register.write() as session:
        complaints.log(session, draft(recorded_at=MON), Act(None, MON))
        raise Invalid("")


def _facts(register: Register) -> None:
    _elsewhere(lambda: _log(register))
    assert facts.current(register).complaints.height == 1


def _facts_that_others_read(register: Register) -> None:
    _elsewhere(lambda: _log(register))
    _elsewhere(lambda: facts.current(register))
    assert facts.current(register).complaints.height == 1


@pytest.mark.parametrize(
    "act",
    [
        _write,  # the page shows what its person just did
        _write_that_reads_before_its_end,
        _write_that_is_undone,
        _facts,  # else a page would look in vain for a complaint that its figures count
        _facts_that_others_read,
    ],
)
def test_what_is_read_afterwards_is_of_a_later_moment(act: Callable[[Register], None], register: Register) -> None:
    with register.one_moment():
        assert _seen(register) == 0
        act(register)
        assert _seen(register) == 1


def test_who_asks_for_the_present_gets_it_for_all_that_follows(register: Register) -> None:
    with register.one_moment():
        assert _seen(register) == 0
        _elsewhere(lambda: _log(register))
        assert (_seen(register), _seen(register, anew=True), _seen(register)) == (0, 1, 1)


def test_a_read_that_failed_does_not_fail_the_next_one(register: Register) -> None:
    """PostgreSQL answers nothing more in a transaction with an error."""
    with register.one_moment():
        assert _seen(register) == 0
        with pytest.raises((DBAPIError, PopsError)), register.read() as session:
            session.execute(text("SELECT nothing FROM nowhere"))
        assert _seen(register) == 0


def test_another_thread_reads_in_a_session_of_its_own(register: Register) -> None:
    seen = list[int]()
    with register.one_moment():
        assert _seen(register) == 0
        _elsewhere(lambda: _log(register))
        _elsewhere(lambda: seen.append(_seen(register)))
        assert (seen, _seen(register)) == ([1], 0)


def test_no_connection_is_kept_after_a_run(register: Register) -> None:
    with register.one_moment():
        _seen(register)
        _log(register)
        _seen(register, anew=True)
        assert register.engine.pool.checkedout() == 2  # type: ignore[attr-defined] # a QueuePool
    assert register.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # the same
