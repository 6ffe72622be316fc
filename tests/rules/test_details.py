"""Values of what a category must know: every way of typing them that is read, and every one that is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import i18n
from core.catalogues import dong, shown
from core.errors import Invalid
from core.rules.calendar import LOCAL
from core.rules.catalogue import Entry, Field
from core.rules.details import MOST_DIGITS, fields_of, is_value, missing, moment_of, parse, problem

TEXT, NUMBER, MONEY, MOMENT = (Field("f", "Ô", "Field", kind) for kind in ("text", "number", "money", "moment"))
CHOICES = (Entry("momo", "Ví MoMo", "MoMo wallet"), Entry("card", "Thẻ ngân hàng", "Bank card"))
CHOICE = Field("f", "Ô", "Field", "choice", choices=CHOICES)

READ = [
    # field, typed, kept, why
    (TEXT, "  FT 26\u200b320 ", "FT 26320", "trimmed, on one line, nothing invisible"),
    (TEXT, "Hoa\u0300n", "Hoàn", "composed (NFC)"),
    (TEXT, "x" * 200, "x" * 200, "as long as it may be"),
    (TEXT, "１２", "１２", "a text is kept as it is typed"),
    (NUMBER, "1.234", "1234", "Vietnamese thousands"),
    (NUMBER, "1 234 567", "1234567", "blanks between thousands"),
    (NUMBER, "0012", "12", "leading zeros say nothing"),
    (NUMBER, "９", "9", "full-width digits"),
    (MONEY, "50.000đ", "50000", "as screens show it"),
    (MONEY, "50.000 ₫", "50000", "the sign of đồng"),
    (MONEY, "50,000VND", "50000", "as banks write it in messages"),
    (MONEY, "12 500 000 đồng", "12500000", "blanks between thousands"),
    (MONEY, "1234567", "1234567", "plain digits"),
    (MONEY, "50k", "50000", "thousands"),
    (MONEY, "50 nghìn", "50000", "thousands in words"),
    (MONEY, "49,5k", "49500", "with a decimal comma"),
    (MONEY, "49.5k", "49500", "with a decimal point: one digit after it groups nothing"),
    (MONEY, "1,2tr", "1200000", "millions"),
    (MONEY, "1.25 triệu", "1250000", "millions in words"),
    (MONEY, "1tr2", "1200000", "as it is spoken"),
    (MONEY, "1tr250", "1250000", "as it is spoken, with thousands"),
    (MONEY, "1tr05", "1050000", "the zero counts"),
    (MONEY, "2 tỷ", "2000000000", "thousands of millions"),
    (MONEY, "50,000.00", "50000", "a statement's decimals are zeros"),
    (MONEY, "50.000,00", "50000", "the same the other way round"),
    (MONEY, "500đ", "500", "a small amount that names its unit"),
    (MONEY, "0", "0", "nothing is nothing in any unit"),
    (NUMBER, "0" * 90 + "12", "12", "zeros before it"),
    (MONEY, "9" * MOST_DIGITS, "9" * MOST_DIGITS, "as large as it may be"),
    (MOMENT, "16/11/2026 09:00", "2026-11-16T02:00:00+00:00", "local time"),
    (MOMENT, "09:00 ngày 16/11/2026", "2026-11-16T02:00:00+00:00", "time first"),
    (MOMENT, "9h05 16-11-2026", "2026-11-16T02:05:00+00:00", "as it is spoken"),
    (MOMENT, "1.2.2026 23:59:59", "2026-02-01T16:59:59+00:00", "the day comes before the month"),
    (MOMENT, "2026-11-16T09:00", "2026-11-16T02:00:00+00:00", "ISO 8601 without a zone is local"),
    (MOMENT, "2026-11-16T09:00:00.9+09:00", "2026-11-16T00:00:00+00:00", "another zone; cut to the second (D29)"),
    (CHOICE, "momo", "momo", "a key"),
    (CHOICE, "vi momo", "momo", "a name without accents"),
    (CHOICE, "BANK CARD", "card", "a name in the other language"),
]  # fmt: skip
IN_FULL, IN_DONG, WHOLE = "two ways", "amount in đồng", "whole number"
REFUSED = [
    # field, typed, part of the sentence, why
    (TEXT, "x" * 201, "200 characters", "too long"),
    (TEXT, "a\0", "cannot be kept", "no database keeps NUL"),
    (NUMBER, "1,234", WHOLE, "a comma is a decimal sign in Vietnamese"),
    (NUMBER, "12.34", WHOLE, "groups have three digits"),
    (NUMBER, "-3", WHOLE, "nothing is counted below zero"),
    (NUMBER, "mười", WHOLE, "a word"),
    (NUMBER, "1" * (MOST_DIGITS + 1), "too large", "more than anybody counts"),
    (NUMBER, "1" * 5_000, "too large", "more than Python reads as a number"),
    (MONEY, "1" * 5_000 + "tr", "too large", "the same with a unit"),
    (MONEY, "50", "đồng or thousands", "many write 50 for 50.000"),
    (MONEY, "999", "đồng or thousands", "the last such number"),
    (MONEY, "1.234k", IN_FULL, "1.234.000 or 1.234 đồng"),
    (MONEY, "1,234tr", IN_FULL, "the same with a comma"),
    (MONEY, "50.00", IN_FULL, "fifty, or five thousand with a digit lost"),
    (MONEY, "50.5", IN_FULL, "there is no half a đồng"),
    (MONEY, "1.23.456", IN_FULL, "no groups of three"),
    (MONEY, "12,500.000", IN_FULL, "two signs that group"),
    (MONEY, "1.200.000,5", IN_FULL, "a fraction of a đồng"),
    (MONEY, "1,25tr5", IN_FULL, "two fractions"),
    (MONEY, "50k5", IN_DONG, "nobody says so"),
    (MONEY, "-50.000", IN_DONG, "an amount has no sign"),
    (MONEY, "5 usd", IN_DONG, "another currency"),
    (MONEY, "khoảng 50k", IN_DONG, "about"),
    (MOMENT, "16/11/2026", "day and time", "a day is no moment"),
    (MOMENT, "2026-11-16", "day and time", "nor is one in ISO 8601"),
    (MOMENT, "11/16/2026 09:00", "day and time", "there is no sixteenth month"),
    (MOMENT, "16/11/26 09:00", "day and time", "a year has four digits"),
    (MOMENT, "16/11/1926 09:00", "year", "no such year here"),
    (MOMENT, "hôm qua", "day and time", "a word"),
    (CHOICE, "tiền mặt", "from the list", "not in it"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "typed", "kept", "why"), READ)
def test_what_is_read(field: Field, typed: str, kept: str, why: str) -> None:
    assert parse(field, typed) == kept, why
    assert is_value(field, kept), why
    assert problem(field, typed) is None, why


@pytest.mark.parametrize(("field", "typed", "sentence", "why"), REFUSED)
def test_what_is_refused(field: Field, typed: str, sentence: str, why: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        parse(field, typed)
    assert sentence in (problem(field, typed) or ""), why


@pytest.mark.parametrize("field", [TEXT, NUMBER, MONEY, MOMENT, CHOICE])
def test_nothing_typed_is_no_value_and_no_problem(field: Field) -> None:
    assert (parse(field, " \u200b "), problem(field, "")) == ("", None)


@given(st.integers(0, 10**MOST_DIGITS - 1), st.sampled_from(["vi", "en"]))
def test_an_amount_is_read_back_as_it_is_shown(amount: int, language: str) -> None:
    i18n.use(language)
    assert parse(MONEY, dong(amount)) == str(amount)
    assert parse(MONEY, shown(MONEY, str(amount))) == str(amount)


@given(st.integers(1, 999_999), st.sampled_from([("k", 1_000), ("tr", 1_000_000), ("tỷ", 10**9)]))
def test_units_multiply(count: int, unit: tuple[str, int]) -> None:
    assert parse(MONEY, f"{count}{unit[0]}") == str(count * unit[1])


@given(st.integers(0, 10**MOST_DIGITS - 1))
def test_a_number_is_read_back_as_it_is_shown(count: int) -> None:
    i18n.use("vi")
    assert parse(NUMBER, shown(NUMBER, str(count))) == str(count)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30)))  # noqa: DTZ001 (local)
def test_a_moment_is_kept_to_the_second_and_read_back(at: datetime) -> None:
    kept = parse(MOMENT, at.isoformat(" "))
    assert moment_of(kept) == at.replace(microsecond=0, tzinfo=LOCAL).astimezone(UTC)
    assert parse(MOMENT, kept) == kept


@given(st.text(max_size=220))
def test_any_text_is_read_or_refused_and_reading_it_again_changes_nothing(typed: str) -> None:
    for field in (TEXT, NUMBER, MONEY, MOMENT, CHOICE):
        if problem(field, typed) is None and (kept := parse(field, typed)):
            assert is_value(field, kept), field.type


def test_a_sub_category_knows_what_its_parent_must_know() -> None:
    own, shared = Field("who", "Ai", "Who"), Field("when", "Khi nào", "When", "moment", "forward")
    categories = {
        "conduct": Entry("conduct", "Ứng xử", "Conduct", fields=(shared, Field("who", "Người", "Person"))),
        "attitude": Entry("attitude", "Thái độ", "Attitude", parent="conduct", fields=(own,)),
        "login": Entry("login", "Đăng nhập", "Sign-in", fields=(Field("who", "Ai", "Who", personal=True),)),
    }
    found = fields_of(categories, "attitude")
    assert [*found] == ["when", "who"]
    assert found["who"].vi == "Ai", "its own field wins"
    assert found["who"].personal, "a value moves with the complaint, so one category's word is enough"
    assert fields_of(categories, "weather") == {}


@pytest.mark.parametrize(
    ("known", "before", "lacking"),
    [((), "intake", "a"), ((), "forward", "a b"), (("a",), "forward", "b"), (("a", "b"), "forward", "")],
)
def test_what_is_missing_before_a_step(known: tuple[str, ...], before: str, lacking: str) -> None:
    fields = [Field("a", "A", "A", required="intake"), Field("b", "B", "B", required="forward"), Field("c", "C", "C")]
    assert [field.key for field in missing(fields, known, before)] == lacking.split()
