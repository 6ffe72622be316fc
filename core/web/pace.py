"""How often one address may ask for something that costs a little: so many at once, then one more every so often."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

MOST_KEYS = 10_000  # remembered; whoever has everything back is forgotten before that


@dataclass
class Pace:
    """``burst`` at once for each key and one back every ``pause``; kept in the memory of this process alone.

    For what is no try of a secret: those are counted in the register (``core.register.people.attempts``).
    """

    burst: int
    pause: timedelta
    _full_at: dict[str, datetime] = field(default_factory=dict, repr=False)  # when the key has all of them back
    _lock: Lock = field(default_factory=Lock, repr=False)

    def take(self, key: str, now: datetime) -> int:
        """Take one of ``key``; the whole seconds to wait where none is left, and 0 otherwise."""
        with self._lock:
            if len(self._full_at) >= MOST_KEYS:
                self._full_at = {known: at for known, at in self._full_at.items() if at > now}
            wait = self.wait(key, now)
            if not wait:
                self._full_at[key] = max(self._full_at.get(key, now), now) + self.pause
            return wait

    def wait(self, key: str, now: datetime) -> int:
        """The whole seconds until ``key`` has one left; 0 where it has."""
        full_at = max(self._full_at.get(key, now), now)
        over = full_at + self.pause - (now + self.burst * self.pause)
        return max(0, math.ceil(over.total_seconds()))
