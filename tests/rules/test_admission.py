"""What the rules take at all (VHV 1), drawn by hand: in time or not, by which channel."""

from __future__ import annotations

from datetime import date

import pytest

from core.rules.admission import Against, Matter, against, channels_of
from core.rules.catalogue import Entry
from tests.local_time import at

CATEGORIES = {
    "payment": Entry("payment", "Thanh toán", "Payment"),
    "contract": Entry("contract", "Hợp đồng", "Contract", taken_by=("letter", "office")),
    "annex": Entry("annex", "Phụ lục", "Annex", parent="contract"),
    "signature": Entry("signature", "Chữ ký", "Signature", parent="contract", taken_by=("office",)),
}
LAST = date(2026, 11, 16)
CASES = [
    # reached us, last day for it, channel, category, what stands against it, why
    ("2026-11-16 08:00", LAST, "email", "payment", Against(), "on the last day"),
    ("2026-11-16 23:59", LAST, "email", "payment", Against(), "to the end of the last day"),
    ("2026-11-17 00:00", LAST, "email", "payment", Against(taken_until=LAST), "the day after"),
    ("2026-11-17 00:00", None, "email", "payment", Against(), "no period, or nobody knows when it happened"),
    ("2026-11-16 08:00", None, "letter", "contract", Against(), "one of its channels"),
    ("2026-11-16 08:00", None, "email", "contract", Against(taken_by=("letter", "office")), "another channel"),
    ("2026-11-16 08:00", None, "email", "annex", Against(taken_by=("letter", "office")), "as the category above it"),
    ("2026-11-16 08:00", None, "letter", "signature", Against(taken_by=("office",)), "its own word counts"),
    ("2026-11-16 08:00", None, "email", "gone", Against(), "a category that no list knows"),
    ("2026-11-18 08:00", LAST, "email", "contract", Against(LAST, ("letter", "office")), "both"),
]


@pytest.mark.parametrize(("reached", "last", "channel", "category", "wanted", "why"), CASES, ids=[c[-1] for c in CASES])
def test_what_stands_against_a_complaint(
    reached: str, last: date | None, channel: str, category: str, wanted: Against, why: str
) -> None:
    matter = Matter(at(reached), None, None, channel, category)
    found = against(matter, taken_until=last, categories=CATEGORIES)
    assert found == wanted, why
    assert bool(found) == (wanted != Against()), why


def test_an_inquiry_is_answered_whenever_and_however_it_comes() -> None:
    matter = Matter(at("2026-11-18 08:00"), None, None, "email", "contract", "inquiry")
    assert against(matter, taken_until=LAST, categories=CATEGORIES) == Against()
    as_complaint = matter._replace(kind="complaint")
    assert against(as_complaint, taken_until=LAST, categories=CATEGORIES) != Against()


def test_a_category_without_channels_of_its_own_takes_any() -> None:
    assert channels_of(CATEGORIES, "payment") == ()
