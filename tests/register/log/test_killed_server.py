"""A few of the kills that ``make attack`` does by the thousand: nothing acknowledged is lost, whole each time."""

from __future__ import annotations

from core.register.log.database import Register
from tests.attack.kills import Seen, kill_often, lives

KILLS = 4


def test_what_a_killed_server_acknowledged_is_there(register: Register) -> None:
    seen = Seen()
    with lives() as starter:
        kill_often(starter, register, KILLS, seen)
    assert seen.broken == []
    assert seen.acts >= KILLS - 1, "each life but the one killed at its start has answered somebody"
