"""The line of those who sign in: one after the other, counted, with an end."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from contextvars import ContextVar

import pytest

from core.register.people import passwords
from core.web.line import Line

WHO: ContextVar[str] = ContextVar("who", default="nobody")


def test_one_is_served_at_a_time_by_a_thread_of_its_own_and_in_its_own_context() -> None:
    at_work, most, names = 0, 0, set()

    def work(number: int) -> str:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        names.add(threading.current_thread().name)
        time.sleep(0.005)
        at_work -= 1
        return f"{number} of {WHO.get()}"

    async def all_at_once() -> list[str]:
        WHO.set("me")
        return await asyncio.gather(*(served.run(work, number) for number in range(8)))

    served = Line()
    assert asyncio.run(all_at_once()) == [f"{number} of me" for number in range(8)]
    assert most == passwords.THREADS
    assert all(name.startswith("sign-in") for name in names)
    assert served.length == 0


def test_an_error_leaves_the_line() -> None:
    served = Line()
    with pytest.raises(ZeroDivisionError):
        asyncio.run(served.run(lambda: 1 // 0))
    assert served.length == 0


@pytest.mark.parametrize(
    ("length", "seconds", "is_full", "wait", "why"),
    [
        (0, 0.1, False, 1, "nobody there"),
        (19, 0.1, False, 2, "one place left"),
        (20, 0.1, True, 2, "twenty wait"),
        (5, 1.9, False, 10, "a slow machine, and a short line"),
        (6, 1.9, True, 12, "the next one would wait more than ten seconds"),
    ],
)
def test_the_line_ends_where_the_wait_would_be_too_long(
    length: int, seconds: float, is_full: bool, wait: int, why: str
) -> None:
    served = Line(length=length, seconds=seconds)
    assert (served.is_full, served.wait) == (is_full, wait), why


def test_what_one_takes_is_measured() -> None:
    served = Line(seconds=0)
    asyncio.run(served.run(lambda: time.sleep(0.04)))
    assert 0.01 <= served.seconds < 0.04


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has the priority of its process")
def test_pages_go_first() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert asyncio.run(Line().run(priority)) == max(passwords.NICE, priority())
    assert priority() < passwords.NICE or priority() == os.getpriority(os.PRIO_PROCESS, 0), "the others keep theirs"
