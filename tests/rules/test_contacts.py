"""Phones, e-mail addresses and accounts: one key for many spellings, and a reason for what is none."""

from __future__ import annotations

from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, example_number, format_number

from core.rules.contacts import (
    account_key,
    contact_kind,
    email_key,
    email_problem,
    phone_key,
    phone_problem,
    plain,
    read_email,
    read_phone,
)

PHONES = [
    ("0912 345 678", "84912345678", "as people write it"),
    ("+84 912.345.678", "84912345678", "as a phone book writes it"),
    ("84912345678", "84912345678", "as systems store it"),
    ("0901.234.567", "84901234567", "dots"),
    ("0901-234-567", "84901234567", "hyphens"),
    ("0901‑234–567", "84901234567", "the hyphens and dashes a text program makes"),
    ("901234567", "84901234567", "the 0 lost in a spreadsheet"),
    ("84901234567.0", "84901234567", "read as a decimal number"),
    ("84901234567,00", "84901234567", "a decimal number with Vietnam's comma"),
    ("901234567.0", "84901234567", "a decimal number without its 0"),
    ("'0901234567", "84901234567", "the apostrophe that keeps a cell a text"),
    ("’0901234567", "84901234567", "the same, made curly"),
    ('="0901234567"', "84901234567", "the formula that keeps a cell a text"),
    ("+84 (0)901 234 567", "84901234567", "the 0 in brackets"),
    ("(+84) 901 234 567", "84901234567", "the country in brackets"),
    ("84 0901234567", "84901234567", "country code and 0"),
    ("+840901234567", "84901234567", "country code and 0, with +"),
    ("0084901234567", "84901234567", "dialled from abroad"),
    ("00840901234567", "84901234567", "dialled from abroad, and 0"),
    ("84.901.234.567", "84901234567", "the country code says that it is no amount"),
    ("０９０１２３４５６７", "84901234567", "full-width digits"),
    ("＋８４（９０１）２３４．５６７", "84901234567", "all of it full-width"),
    ("٠٩٠١٢٣٤٥٦٧", "84901234567", "the digits of an Arabic keyboard"),
    (
        "\u202a0901\u200b234\u00a0567\u202c",
        "84901234567",
        "marks of direction, zero width, a space that does not break",
    ),
    ("\ufeff0901234567\u200f", "84901234567", "byte order mark and RTL mark"),
    ("0901234567\t\r\n", "84901234567", "a tab and a line end"),
    ("tel:+84901234567", "84901234567", "a link copied"),
    ("0901234567,", "84901234567", "the comma of a sentence"),
    ("84901200000", "84901200000", "round, but the country code says that it is no amount"),
    ("841234567", "84841234567", "no country code: a number of the 084 range that lost its 0"),
    ("84841234567", "84841234567", "the same with its country code"),
    ("0841234567", "84841234567", "the same as people write it"),
    ("(028) 3822-1234", "842838221234", "landline with area code"),
    ("028/3822 1234", "842838221234", "area code before a slash"),
    ("2838221234", "842838221234", "landline without its 0"),
    ("0500 111 222", "84500111222", "a range that is not assigned yet"),
    ("0162 123 4567", "841621234567", "eleven digits, as mobile numbers had until 2018"),
    ("19009477", "19009477", "service number"),
    ("1900 54 54 13", "1900545413", "service number of ten digits"),
    ("1800-1091", "18001091", "free of charge"),
    ("+84 1900 1234", "19001234", "service number with country code"),
    ("113", "113", "short number"),
    ("1022", "1022", "short number of four digits"),
    ("+1 650 253 0000", "16502530000", "a reader in the United States"),
    ("001 650 253 0000", "16502530000", "the same, dialled"),
    ("+82 10-1234-5678", "821012345678", "Korea"),
    ("+82 (0)10 1234 5678", "821012345678", "Korea, with the 0 used at home"),
    ("+39 06 698 12345", "390669812345", "Italy keeps its 0"),
]
SHORTENED, DATE, AMOUNT, SEVERAL, MORE, DIGITS, NONE = (
    "A spreadsheet has shortened",
    "This is a date",
    "This looks like an amount",
    "This is more than one phone number",
    "There is more than the phone number",
    "No phone number has these digits",
    "This is no phone number",
)
NO_PHONES = [
    ("8.49E+10", SHORTENED, "as Excel shows a long number"),
    ("8,49E+10", SHORTENED, "the same in a Vietnamese Excel"),
    ("9e8", SHORTENED, "no decimals"),
    ("8.4901234567e+10", SHORTENED, "whether a last 0 was dropped cannot be told"),
    ("20/11/2026", DATE, "a date"),
    ("11/20/2026", DATE, "month first"),
    ("2026-11-20 09:15", DATE, "a moment"),
    ("2026-11-20T09:15:00+07:00", DATE, "a moment in ISO"),
    ("1900-12-31", DATE, "a date, although 1900 1231 could be dialled"),
    ("350.000.000", AMOUNT, "thousands"),
    ("901,234,567", AMOUNT, "thousands, where 0901234567 would be a number"),
    ("350.000,50", AMOUNT, "with decimals"),
    ("350000000", AMOUNT, "round: 0350000000 would be a number"),
    ("1900000000", AMOUNT, "round: 1900 000000 would be a number"),
    ("3500000 đ", AMOUNT, "with the currency"),
    ("901234567 VND", AMOUNT, "with the currency"),
    ("0901234567 / 0912345678", SEVERAL, "two numbers"),
    ("0901234567/0912345678", SEVERAL, "two numbers"),
    ("0901234567, 0912345678", SEVERAL, "two numbers"),
    ("0901234567\n0912345678", SEVERAL, "two lines of a cell"),
    ("0901 234 567 0912 345 678", SEVERAL, "two numbers side by side"),
    ("0901234567-0912345678", SEVERAL, "too many digits for one"),
    ("0901 234 567 hoặc 0912 345 678", SEVERAL, "two numbers and a word"),
    ("0901 234 567 (chị Hoà)", MORE, "somebody's name after it"),
    ("SĐT: 0901234567", MORE, "a label before it"),
    ("028 3822 1234 máy lẻ 12", MORE, "an extension"),
    ("091234", DIGITS, "too short"),
    ("090123456", DIGITS, "one digit lost"),
    ("09012345678", DIGITS, "one digit gained"),
    ("0901234567 / 8", MORE, "the second number shortened to its last digit"),
    ("0912345678901234", SEVERAL, "more digits than any number has"),
    ("0123456789", DIGITS, "typed to fill the field"),
    ("500111222", DIGITS, "without 0 only numbers that are assigned"),
    ("16502530000", DIGITS, "foreign without its +: it could be an amount"),
    ("+1 650 253 000", DIGITS, "foreign, a digit lost"),
    ("+999 123 456 789", DIGITS, "no such country"),
    ("20261120", DIGITS, "a date without its signs"),
    ("12", DIGITS, "a count"),
    ("00901234567", DIGITS, "one 0 too many, not a number in Turkey"),
    ("lan.anh", NONE, "an account"),
    ("khong co", NONE, "words"),
    ("#ERROR!", NONE, "an error of a spreadsheet"),
    ("mai99", NONE, "an account with digits"),
    ("—", NONE, "a dash for nothing"),
    ("+", NONE, "a sign"),
]


@pytest.mark.parametrize(("typed", "key", "why"), PHONES)
def test_a_phone_has_one_key(typed: str, key: str, why: str) -> None:
    assert read_phone(typed) == key, why
    assert phone_key(typed) == key, why
    assert phone_problem(typed) is None, why


@pytest.mark.parametrize(("typed", "reason", "why"), NO_PHONES)
def test_what_is_no_phone_says_why(typed: str, reason: str, why: str) -> None:
    assert (phone_problem(typed) or "").startswith(reason), why
    assert phone_key(typed) is None, why


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b", "'", "\ufeff\u00a0"])
def test_nothing_typed_is_nothing_wrong(nothing: str) -> None:
    assert phone_problem(nothing) is None
    assert email_problem(nothing) is None
    assert phone_key(nothing) is email_key(nothing) is account_key(nothing) is None


MOBILE = st.text("0123456789", min_size=8, max_size=8).flatmap(
    lambda rest: st.sampled_from("35789").map(lambda first: first + rest)
)
SPELLINGS = (
    "0{}", "+84{}", "84{}", "0084{}", "+84 (0){}", "84 0{}", "'0{}", '="0{}"', "0{}.0", "84{},00", " 0{}\u200b",
    "(0{})",
)  # fmt: skip


@given(MOBILE, st.sampled_from(SPELLINGS), st.sampled_from(["", " ", ".", "-", "\u00a0", "\u200b"]))
def test_every_spelling_is_the_same_number(national: str, spelling: str, between: str) -> None:
    is_decimal = spelling.endswith(("0", "00"))
    spaced = national if is_decimal else between.join((national[:2], national[2:5], national[5:]))
    assert phone_key(spelling.format(spaced)) == "84" + national


@given(st.from_regex(r"0[3-9][0-9]{8}", fullmatch=True))
def test_a_number_without_any_sign_in_it_is_read_as_one_with_signs(typed: str) -> None:
    """The short way that most numbers take gives what the long one does."""
    assert read_phone(typed) == read_phone(f"{typed[:4]} {typed[4:]}") == read_phone(f"'{typed}")
    assert phone_problem(typed) is None


@given(st.text(ascii_letters + digits, max_size=25))
def test_letters_and_digits_are_tidy_already(typed: str) -> None:
    assert plain(typed) == plain(f" {typed} ") == typed


@given(MOBILE, st.integers(0, 8))
def test_a_digit_lost_or_gained_is_never_a_number(national: str, at: int) -> None:
    assert phone_key("0" + national[:at] + national[at + 1 :]) is None
    # A second digit 2 or 1 at the start would be a landline or an old mobile number, which have ten digits.
    assert phone_key("0" + national[: at + 1] + "7" + national[at + 1 :]) is None


@given(st.text("0123456789 +-./()'\"=,eEđ\u200bhoa@", max_size=25))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    key = phone_key(text)
    if key is not None:
        assert key.isascii()
        assert key.isdigit()
        assert 3 <= len(key) <= 15
        assert phone_key(key if key.startswith("1") and len(key) <= 10 else "+" + key) == key
        assert phone_problem(text) is None
    else:
        assert (phone_problem(text) is None) == (plain(text) == "")


@pytest.mark.parametrize("country", ["US", "KR", "JP", "AU", "DE", "LA", "KH", "SG", "TW", "CN", "FR", "GB", "CZ"])
def test_numbers_of_other_countries_are_valid(country: str) -> None:
    number = example_number(country)
    assert number is not None
    e164 = format_number(number, PhoneNumberFormat.E164)
    for form in (e164, format_number(number, PhoneNumberFormat.INTERNATIONAL), "00" + e164[1:]):
        assert phone_key(form) == e164[1:], form


EMAILS = [
    (" Lan@Pops.VN ", "lan@pops.vn", "trimmed, lower case"),
    ("lan@pops.vn.", "lan@pops.vn", "the dot of a sentence"),
    ("lan@pops.vn,", "lan@pops.vn", "the comma of a list"),
    ("<lan@pops.vn>", "lan@pops.vn", "as mail programs write it"),
    ("mailto:Lan@pops.vn", "lan@pops.vn", "a link copied"),
    ("'lan@pops.vn", "lan@pops.vn", "the apostrophe that keeps a cell a text"),
    ("lan\u200b@pops\u00ad.vn\ufeff", "lan@pops.vn", "invisible signs"),
    ("ｌａｎ＠ｐｏｐｓ．ｖｎ", "lan@pops.vn", "full-width"),
    ("lan@pops。vn", "lan@pops.vn", "the full stop of a Chinese keyboard"),
    ("lan@sách.vn", "lan@xn--sch-ela.vn", "a domain with accents as the network writes it"),
    ("lan@SA\u0301CH.vn", "lan@xn--sch-ela.vn", "the same in separate accents and capitals"),
    ("lan@xn--sch-ela.vn", "lan@xn--sch-ela.vn", "the same as the network writes it"),
    ("lan.anh+pops@mail.pops.com.vn", "lan.anh+pops@mail.pops.com.vn", "a tag, and a domain of four parts"),
    ("0912345678@gmail.com", "0912345678@gmail.com", "a number before the @"),
    ("o'brien@vidu.vn", "o'brien@vidu.vn", "an apostrophe inside"),
]
NO_EMAILS = [
    ("lan@pops", "no ending"),
    ("lan pops@vn.vn", "a space"),
    ("lan@@pops.vn", "two @"),
    ("@pops.vn", "nobody"),
    ("lan@", "nowhere"),
    ("lan@pops..vn", "an empty part"),
    (".lan@pops.vn", "a dot first"),
    ("lan..anh@pops.vn", "two dots"),
    ("lan@gmail,com", "a comma for the dot"),
    ("lan@-pops.vn", "a hyphen first"),
    ("lan@pops.v", "an ending of one letter"),
    ("lan@1.2.3.4", "a machine's number"),
    ("lan@pops.vn (chị Lan)", "words beside it"),
    ("khong co", "words"),
    (f"{'a' * 65}@pops.vn", "longer than any mailbox"),
    (f"lan@{'a' * 64}.vn", "a part longer than any"),
    ("lan@" + "a." * 130 + "vn", "longer than any address"),
]


@pytest.mark.parametrize(("typed", "key", "why"), EMAILS)
def test_an_address_has_one_key(typed: str, key: str, why: str) -> None:
    assert read_email(typed) == email_key(typed) == key, why
    assert email_problem(typed) is None, why
    assert email_key(key) == key


@pytest.mark.parametrize(("typed", "why"), NO_EMAILS)
def test_what_is_no_address_is_refused(typed: str, why: str) -> None:
    assert email_key(typed) is None, why
    assert (email_problem(typed) or "").startswith("This is no e-mail address"), why


@pytest.mark.parametrize("typed", ["a@vidu.vn, b@vidu.vn", "a@vidu.vn; b@vidu.vn", "a@vidu.vn hoặc b@vidu.vn"])
def test_two_addresses_are_not_one(typed: str) -> None:
    assert email_key(typed) is None
    assert (email_problem(typed) or "").startswith("This is more than one e-mail address")


@given(st.text(max_size=40))
def test_whatever_is_typed_is_an_address_or_none(text: str) -> None:
    key = email_key(f"{text}@vidu.vn")
    assert key is None or email_key(key) == key


def test_accounts_are_compared_without_case_edges_and_invisible_signs() -> None:
    assert account_key("  LanAnh ") == "lananh"
    assert account_key("ＬａｎＡｎｈ\u200b") == "lananh"
    assert account_key("Lan  Anh") == "lan anh"
    assert account_key("lan_anh") != account_key("lananh")


KINDS = [
    ("0912 345 678", "phone", "a number"),
    ("+84 912-345-678", "phone", "a number from abroad"),
    ("0912 34", "phone", "a number half typed: it must be mended, not become an account"),
    ("1900 1234", "phone", "a hotline"),
    ("８４９０１２３４５６７", "phone", "full-width"),
    ("8.49E+10", "phone", "a number that lost digits: no account"),
    ("20/11/2026", "phone", "a date: no account"),
    ("350.000 đ", "phone", "an amount: no account"),
    ("0901234567 / 0912345678", "phone", "two numbers"),
    ("chị Hoà 0901234567", "phone", "a number with words"),
    ("mai@gmail.com", "email", "an address"),
    ("mai@", "email", "an address half typed"),
    ("ｍａｉ＠gmail.com", "email", "a full-width @"),
    ("mainguyen99", "account", "a login name"),
    ("mai.0901234567", "account", "a login name that ends with a number"),
    ("99mai", "account", "a login name that begins with digits"),
    ("khong co", "account", "words"),
    ("", "account", "nothing"),
]


@pytest.mark.parametrize(("typed", "kind", "why"), KINDS)
def test_the_one_field_knows_what_was_typed(typed: str, kind: str, why: str) -> None:
    assert contact_kind(typed) == kind, why


@given(st.text(max_size=30))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert phone_key(plain(text)) == phone_key(text)
    assert email_key(plain(text)) == email_key(text)
