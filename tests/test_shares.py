"""A share in per cent is all or nothing only where it is."""

from __future__ import annotations

import pytest

from core.i18n import percent

SHARES = [
    # share, digits, shown, why
    (902 / 906, 0, "99,6 %", "four of 906 are not kept"),
    (9999 / 10000, 0, "99,99 %", "one of ten thousand"),
    (999_999 / 1_000_000, 0, "99,9999 %", "one of a million"),
    (1 / 906, 0, "0,1 %", "one is not none"),
    (0.9996, 1, "99,96 %", "one place was asked for"),
    (1.0, 0, "100 %", "all"),
    (0.0, 0, "0 %", "none"),
    (0.994, 0, "99 %", "rounded as ever"),
    (1.004, 0, "100 %", "a change may be more than all"),
    (None, 0, "–", "no obligation"),
]


@pytest.mark.parametrize(("share", "digits", "shown", "why"), SHARES, ids=[row[-1] for row in SHARES])
def test_only_all_is_a_hundred_and_only_none_is_nothing(share: float | None, digits: int, shown: str, why: str) -> None:
    assert percent(share, digits) == shown, why
