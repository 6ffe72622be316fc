"""Closing a meeting freezes what the log held at that moment: killed while it does, or while others write."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from core.commands.pack import Everything
from core.papers import review
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.verify import verify
from core.register.meetings import minutes
from core.register.reads import meetings
from tests.conftest import Cast
from tests.engines import MONDAY

ROOT = Path(__file__).parents[3]
FIRST = date(2024, 1, 1)
"""The Monday from which the writer that is killed holds a meeting a week."""


def hold(register: Register, first: date) -> None:
    """One meeting after the other, each opened, written down and closed."""
    week = first
    while week < datetime.now(UTC).date() - timedelta(days=14):
        act = Act(None, datetime.now(UTC))
        with register.write() as session:
            id = minutes.begin(session, week, act)
            minutes.note(session, id, "other", f"Tuần {week}", act, seen=0)
        review.close(register, id, act, Everything())
        week += timedelta(weeks=1)


def test_a_killed_writer_leaves_all_of_a_closing_or_nothing(register: Register) -> None:
    chance, first, closed = Random(11), FIRST, 0
    for _kill in range(4):
        words = [sys.executable, "-m", "tests.register.meetings.test_closing", register.url, str(register.evidence_dir)]
        worker = subprocess.Popen([*words, first.isoformat()], cwd=ROOT)
        for _wait in range(1_200):  # a minute, on a busy machine
            time.sleep(0.05)
            with register.read() as session:
                held = meetings.listed(session)
            if sum(one.closed_at is not None for one in held) > closed:
                break
        time.sleep(chance.random() / 3)
        worker.kill()
        assert worker.wait() == -signal.SIGKILL, "it was still writing"
        with register.read() as session:
            held = meetings.listed(session)
            frozen = {one.week: meetings.whole(session, one.week) for one in held if one.closed_at is not None}
        for week, found in frozen.items():
            assert found is not None
            assert json.loads(found.figures)["figures"]["week"] == week.isoformat(), "with its figures"
        assert len(frozen) > closed
        closed = len(frozen)
        first = held[0].week + timedelta(weeks=1)
        assert verify(register).problems == []


def test_what_others_write_meanwhile_is_in_the_figures_or_after_them(
    register: Register, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody logs a complaint of that week each time the figures were read, so that they are read again."""
    act, writes = Act(cast.lead, MONDAY), []
    with register.write() as session:
        id = minutes.begin(session, date(2026, 11, 9), act)
    read = review.read

    def disturbed(*given: object) -> review.Review:
        found = read(*given)  # type: ignore[arg-type]
        other = threading.Thread(target=write_one)
        other.start()
        other.join(timeout=0.5)  # the last time it waits: the register is locked
        writes.append(other)
        return found

    def write_one() -> None:
        with register.write() as session:
            log(session, Draft("letter", MONDAY - timedelta(days=4), "Thư", "content", procedure="pops"), act)

    monkeypatch.setattr(review, "read", disturbed)
    review.close(register, id, act, cast.lead)
    for other in writes:
        other.join()
    monkeypatch.undo()
    with register.read() as session:
        found = meetings.whole(session, date(2026, 11, 9))
    assert found is not None
    frozen = review.kept(found.figures)
    volume = next(one for one in frozen["figures"]["numbers"] if one["name"] == "volume")
    assert len(writes) == 3, "read twice in vain, then with the register locked"
    assert volume["week"]["part"] == 2, "the two that were logged before; the third waited"
    assert frozen["last_event"] == found.after
    assert verify(register).is_whole


if __name__ == "__main__":
    hold(Register(sys.argv[1], Path(sys.argv[2])), date.fromisoformat(sys.argv[3]))
