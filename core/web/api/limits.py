"""How often the API may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.register.api.keys import Key
from core.web.pace import Pace


@dataclass
class Limits:
    """How often, in this process: with one key; from one address with the key of a page, where anybody reads it; by
    one address on the page where a case is followed; with wrong keys from one address; with wrong secrets of one case
    by programs, whose address is that of all their customers, and from one address on that page.

    ``known``: digest of a key that was recognised → what it may do, and until when that is believed.
    """

    keys: Pace = field(default_factory=lambda: Pace(2_000, timedelta(milliseconds=2.5)))
    visitors: Pace = field(default_factory=lambda: Pace(10, timedelta(seconds=30)))
    followers: Pace = field(default_factory=lambda: Pace(30, timedelta(seconds=2)))
    wrong: Pace = field(default_factory=lambda: Pace(20, timedelta(seconds=10)))
    known: dict[bytes, tuple[Key, datetime]] = field(default_factory=dict, repr=False)
