"""A register of the version before is brought up to date: it opens, it is whole, and every figure stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register, migrate, open_up
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from tests.local_time import at
from tests.register.log import old_register
from tests.register.log.old_register import OF_MISA, OF_POPS, figures_of, report_of

NOW = at("2026-11-27 09:00")


@pytest.fixture(params=[OF_POPS, OF_MISA])
def old(request: pytest.FixtureRequest, empty_database_url: str, tmp_path: Path) -> Iterator[tuple[str, Register]]:
    """The name of what was kept, and the register made of it, at its own schema."""
    old_register.write(empty_database_url, request.param)
    register = Register(empty_database_url, tmp_path / "evidence")
    yield request.param, register
    register.engine.dispose()


def test_it_is_whole_and_every_figure_stays(old: tuple[str, Register]) -> None:
    """Also the root causes of MISA that closing was said to have found: they keep the procedure they began by (D9)."""
    name, register = old
    before = old_register.contents(name)
    migrate(register.url)
    assert report_of(register) == before["report"]
    assert figures_of(register) == before["cycles"]
    open_up(register.url, register.evidence_dir, now=NOW)
    assert report_of(register)["clocks"] == before["report"]["clocks"]
    assert figures_of(register) == before["cycles"]


def test_its_cases_go_on(old: tuple[str, Register]) -> None:
    """An open one is withdrawn and a closed one is re-opened, by steps that the version before had otherwise."""
    _name, register = old
    open_up(register.url, register.evidence_dir, now=NOW)
    with register.write() as session:
        states = {one.state: one.code for one in session.scalars(select(Complaint).order_by(Complaint.id))}
        going = next(code for state, code in states.items() if state not in ("closed", "withdrawn"))
        for code, step, state in ((going, "withdraw", "withdrawn"), (states["closed"], "reopen", "investigating")):
            assert complaints.take(session, code, step, {"text": "Khách gọi lại"}, Act(None, NOW)).state == state
    assert verify(register).problems == []
