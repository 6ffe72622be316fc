"""A share in per cent is all or nothing only where it is."""

from __future__ import annotations

import pytest

from core.i18n import gettext, percent, unbroken, use

SHARES = [
    # share, digits, shown, why
    (902 / 906, 0, "99,6\xa0%", "four of 906 are not kept"),
    (9999 / 10000, 0, "99,99\xa0%", "one of ten thousand"),
    (999_999 / 1_000_000, 0, "99,9999\xa0%", "one of a million"),
    (1 / 906, 0, "0,1\xa0%", "one is not none"),
    (0.9996, 1, "99,96\xa0%", "one place was asked for"),
    (1.0, 0, "100\xa0%", "all"),
    (0.0, 0, "0\xa0%", "none"),
    (0.994, 0, "99\xa0%", "rounded as ever"),
    (1.004, 0, "100\xa0%", "a change may be more than all"),
    (None, 0, "–", "no obligation"),
]


@pytest.mark.parametrize(("share", "digits", "shown", "why"), SHARES, ids=[row[-1] for row in SHARES])
def test_only_all_is_a_hundred_and_only_none_is_nothing(share: float | None, digits: int, shown: str, why: str) -> None:
    assert percent(share, digits) == shown, why


SENTENCES = [
    # sentence, as it is shown, why
    ("90 % within", "90\xa0% within", "a number that stands in a sentence"),
    ("{n} of {share}", "{n} of {share}", "none"),
    ("share in %", "share in %", "a sign without a number"),
    ("87 % → 86 %", "87\xa0% → 86\xa0%", "each of them"),
]


@pytest.mark.parametrize(("sentence", "shown", "why"), SENTENCES, ids=[row[-1] for row in SENTENCES])
def test_no_line_breaks_before_a_percent_sign(sentence: str, shown: str, why: str) -> None:
    assert unbroken(sentence) == shown, why
    assert unbroken(shown) == shown, "nothing is done twice"
    use("en")
    assert gettext(sentence) == shown, why
    use("vi")
