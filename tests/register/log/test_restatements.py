"""Migration 0017: a register of the version before opens, is whole, and keeps from then on what was restated (D21)."""

from __future__ import annotations

from sqlalchemy import select

from core.insight import facts
from core.register.log.database import Register, migrate
from core.register.log.tables import Restatement
from core.register.log.verify import verify
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import advanced, take
from tests.register.log.old_register import back_to


def test_a_register_of_the_version_before_takes_corrections(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast)
    before = facts.load(register)
    with register.engine.begin() as connection:
        back_to(connection, "0014")
    migrate(register.url)
    assert verify(register).is_whole
    after = facts.load(register)
    assert after.cycles.equals(before.cycles), "every figure is what it was"
    assert after.restatements.is_empty()
    when, was = at("2026-11-19 09:00"), at("2026-11-12 10:00")
    take(register, "correct", complaint, cast.lead, when, corrects="recorded_at", becomes=was, text="Gõ nhầm")
    with register.read() as session:
        assert [row.verdict_after for row in session.scalars(select(Restatement))] == ["missed"]
    assert verify(register).is_whole
