"""Complaints that wait for each other are written together, each answered after its commit and none twice (D41)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from core.errors import Invalid, NotAllowed, PopsError, Unavailable
from core.register.api import keys
from core.register.api.intake import Logged, Sent
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from core.web.api import desk
from core.web.api.desk import Desk
from tests.engines import MONDAY
from tests.register.api.given import made, sent

Answer = Logged | BaseException


def all_at_once(register: Register, wanted: Sequence[Sent]) -> list[Answer]:
    async def asked() -> list[Answer]:
        one = Desk()
        return await asyncio.gather(*(one.log(register, each) for each in wanted), return_exceptions=True)

    return asyncio.run(asked())


def watched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many were written in each transaction, filled while the desk works."""
    sizes: list[int] = []
    write = desk._write

    def writes(register: Register, some: Sequence[Sent]) -> Sequence[Logged | PopsError]:
        sizes.append(len(some))
        return write(register, some)

    monkeypatch.setattr(desk, "_write", writes)
    return sizes


def stored(register: Register) -> int:
    with register.read() as session:
        return session.scalar(select(func.count()).select_from(Complaint)) or 0


def test_what_waits_is_written_together(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, (key_id, _key) = watched(monkeypatch), made(register)
    answers = all_at_once(register, [sent(key_id, statement=f"Lỗi {n}") for n in range(desk.MOST + 20)])
    codes = [one.code for one in answers if isinstance(one, Logged)]
    assert codes == [f"KN-2026-{n:06d}" for n in range(1, desk.MOST + 21)], "each its own, in the order they came"
    assert sizes == [desk.MOST, 20]
    assert verify(register).is_whole


def test_one_request_sent_twice_at_once_is_done_once(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, (key_id, _key) = watched(monkeypatch), made(register)
    wanted = sent(key_id, "a-name")
    first, other, again, third = all_at_once(register, [wanted, sent(key_id), wanted, wanted])
    assert isinstance(first, Logged) and first == again == third != other
    assert sizes == [2, 1, 1] and stored(register) == 2


def test_what_is_refused_keeps_nobody_waiting(register: Register) -> None:
    key_id, _key = made(register)
    answers = all_at_once(register, [sent(key_id), sent(key_id, statement=""), sent(key_id)])
    assert [type(one) for one in answers] == [Logged, Invalid, Logged]


def test_where_one_breaks_the_others_are_written_by_themselves(register: Register) -> None:
    key_id, _key = made(register)
    revoked, _key = made(register)
    with register.write() as session:
        keys.revoke(session, revoked, Act(None, MONDAY))
    answers = all_at_once(register, [sent(key_id), sent(revoked), sent(key_id)])
    assert [type(one) for one in answers] == [Logged, NotAllowed, Logged]
    assert stored(register) == 2 and verify(register).is_whole


def test_a_register_that_does_not_answer_is_not_asked_for_each(
    sqlite_register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, _key = made(sqlite_register)
    asked = []

    def fails(_register: Register, some: Sequence[Sent]) -> Sequence[Logged | PopsError]:
        asked.append(len(some))
        raise Unavailable("It does not answer.", "Start it.")

    monkeypatch.setattr(desk, "_write", fails)
    answers = all_at_once(sqlite_register, [sent(key_id) for _ in range(3)])
    assert [type(one) for one in answers] == [Unavailable] * 3
    assert asked == [3]
