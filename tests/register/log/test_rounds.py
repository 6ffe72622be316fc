"""Migration 0014: a register of the version before has its open questions with the day on which we ask again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from core.register.log.database import Register, migrate
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import advanced, logged, take
from tests.register.log.old_register import back_to

ASKED = [
    # day of each question, the day that counts afterwards, why
    (("2026-11-18",), date(2026, 11, 18), "the one question"),
    (("2026-11-18", "2026-11-20"), date(2026, 11, 20), "the question asked last"),
]


def test_open_questions_keep_their_day(register: Register, cast: Cast) -> None:
    codes = [_asked(register, cast, days) for days, _wanted, _why in ASKED]
    answered = _asked(register, cast, ("2026-11-18",))
    with register.read() as session:
        complaint = session.scalars(select(Complaint).where(Complaint.code == answered)).one()
    take(register, "record_reply", complaint, cast.agent, at("2026-11-17 10:00"), text="Đây")
    untouched = logged(register, cast).code
    with register.engine.begin() as connection:
        back_to(connection, "0013")
    migrate(register.url)
    with register.read() as session:
        found = {row.code: row for row in session.scalars(select(Complaint))}
        for code, (_days, wanted, why) in zip(codes, ASKED, strict=True):
            assert (found[code].chase_on, found[code].rounds) == (wanted, 0), why
        assert [found[code].chase_on for code in (answered, untouched)] == [None, None]
    assert verify(register).is_whole


def _asked(register: Register, cast: Cast, days: tuple[str, ...]) -> str:
    """A complaint whose customer is asked once for each of ``days``, the last time not answered yet; its code."""
    complaint = advanced(register, cast, 2)
    for n, day in enumerate(days):
        if n:
            complaint = take(register, "record_reply", complaint, cast.agent, at("2026-11-17 09:00"), text="Rồi")
        chase_on = date.fromisoformat(day)
        asked_at = at("2026-11-17 09:30") if n else at("2026-11-16 11:00")
        complaint = take(register, "ask_customer", complaint, cast.agent, asked_at, text="Mã?", chase_on=chase_on)
    return complaint.code
