"""Lines of the history of lists: names and numbers of the reader's language instead of what the log holds."""

from __future__ import annotations

import pytest

from core import catalogues, shipped
from core.i18n import use
from core.register.organisation.audit import Applied
from core.register.rulebook import ORGANISATION, TARGETS, Change
from core.ui.catalogues import words
from core.ui.procedures import words as procedure_words
from tests.engines import MONDAY

AMOUNT = "Số tiền / Amount (money)"
CHOICES = (
    "Cách trả / Method (choice, forward, personal, retired, a1 = Ví, thẻ / Wallet, card, b1 = Khác / Other (retired))"
)
LINES = [
    # list, what of it, before, after, Vietnamese, English, why
    (
        "categories", "field", AMOUNT, "Số tiền đơn / Order amount (money, intake)",
        "Số tiền (số tiền (đồng)) → Số tiền đơn (số tiền (đồng), bắt buộc khi ghi nhận)",
        "Amount (amount in đồng) → Order amount (amount in đồng, needed when it is logged)",
        "a detail",
    ),
    ("categories", "field", "", "Gì đó", "– → Gì đó", "– → Gì đó", "what cannot be told apart stays"),
    (ORGANISATION, "declined", "", "channels: Fax", "Kênh tiếp nhận: Fax", "Channels: Fax", "there is no before"),
    (ORGANISATION, "declined", "", "procedures: pops", "Quy trình: POPS", "Procedures: POPS", "a procedure's name"),
    (TARGETS, "2026-12-01", "95", "97.5", "95\xa0% → 97,5\xa0%", "95\xa0% → 97.5\xa0%", "numbers as written here"),
    (TARGETS, "2026-12-01", "", "97.5", "– → 97,5\xa0%", "– → 97.5\xa0%", "none before"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "what", "before", "after", "vi", "en", "why"), LINES, ids=[row[-1] for row in LINES])
def test_a_line_speaks_the_readers_language(
    name: str, what: str, before: str, after: str, vi: str, en: str, why: str
) -> None:
    catalogues.use(shipped.catalogues())
    key = {TARGETS: "resolve", ORGANISATION: ORGANISATION}.get(name, "payment")
    change = Change(key, what, before, after)
    said = []
    for language in ("vi", "en"):
        use(language)
        said.append(words.change(Applied(MONDAY, None, "catalogue", name, 2, (change,)), change)[1])
    use("vi")
    assert said == [vi, en], why


def test_a_detail_with_choices_is_told_apart() -> None:
    catalogues.use(shipped.catalogues())
    change = Change("payment", "field", "", CHOICES)
    _what, how = words.change(Applied(MONDAY, None, "catalogue", "categories", 2, (change,)), change)
    assert "Method" not in how and "retired" not in how
    assert how.startswith("– → Cách trả (lựa chọn, bắt buộc trước khi chuyển")
    assert how.endswith("Ví, thẻ, Khác (không còn hỏi))")


def test_a_procedure_is_said_to_be_begun_as_another_by_its_name() -> None:
    catalogues.use(shipped.catalogues("empty"))
    change = Change("hoa-sen", "like", "", "own")
    assert procedure_words.change(change, shipped.procedure("own")) == "bắt đầu theo “Tổ chức của bạn”"
