"""How often the API may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from core.web.pace import Pace


@dataclass
class Limits:
    """How often, in this process: with one key; from one address with the key of a page, where anybody reads it; by
    one address on the page where a case is followed; with wrong keys and secrets from one address.
    """

    keys: Pace = field(default_factory=lambda: Pace(2_000, timedelta(milliseconds=2.5)))
    visitors: Pace = field(default_factory=lambda: Pace(10, timedelta(seconds=30)))
    followers: Pace = field(default_factory=lambda: Pace(30, timedelta(seconds=2)))
    wrong: Pace = field(default_factory=lambda: Pace(20, timedelta(seconds=10)))
