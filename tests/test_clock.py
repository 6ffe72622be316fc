"""One clock for the whole program, and it shows whole seconds (D29)."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import clock
from core.rules.calendar import whole_second
from core.ui import frame
from core.web import door
from tests import architecture

ROOT = Path(__file__).parents[1]
ASKS = {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"}


@pytest.mark.parametrize("now", [clock.utc_now, frame.utc_now, door.utc_now])
def test_every_now_is_a_whole_second(now: object) -> None:
    assert callable(now)
    shown = [now() for _ in range(20)]
    assert shown == [whole_second(moment) for moment in shown]


def test_nobody_else_asks_what_time_it_is() -> None:
    asking = {
        module.name
        for module in architecture.modules(ROOT)
        for _node, asked in architecture._asked(module)
        if asked in ASKS
    }
    assert asking == {"core.clock"}
