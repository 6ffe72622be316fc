"""Vietnamese text and contact details in one form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.text import account_key, email_key, fold, is_invisible, nfc, phone_key, snippet


@pytest.mark.parametrize(
    ("given_text", "folded", "why"),
    [
        ("Đăng  nhập", "dang nhap", "đ and Đ are letters of their own; spaces collapse"),
        ("ĐỔI MẬT KHẨU", "doi mat khau", "capitals"),
        (unicodedata.normalize("NFD", "khóa"), "khoa", "phones often send accents as separate marks"),
        ("\u00d0\u1eb7ng", "dang", "Icelandic capital eth, as PDF and old fonts write Đ"),
        ("\u00f0\u1ed5i", "doi", "small eth"),
        ("\u0189ổi \u0256ổi", "doi doi", "African D and its small letter"),
        ("ＤＡＮＧ　ｎｈａｐ １２", "dang nhap 12", "full-width letters, digits and space of an Asian keyboard"),
        ("ﬁle ① ℃ ²", "file 1 °c 2", "ligatures and other compatibility signs"),
        ("đăng\u00a0nhập", "dang nhap", "a space that does not break is a space"),
        ("đă\u200bng\ufeff nh\u00adập\u200f", "dang nhap", "zero width, byte order mark, soft hyphen, RTL mark"),
        ("đăng\x00 nhập\x08\u2060\ufe0f", "dang nhap", "control signs, word joiner, variation selector"),
        ("a\u2028b\tc\r\nd", "a b c d", "every kind of line end and tab"),
        ("STRASSE Straße İstanbul", "strasse strasse istanbul", "letters whose case is no single letter"),
        ("", "", "nothing stays nothing"),
    ],
)
def test_fold(given_text: str, folded: str, why: str) -> None:
    assert fold(given_text) == folded, why


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_every_way_to_write_the_same_letters_folds_alike(text: str) -> None:
    forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {fold(text)}
    assert fold(nfc(text)) == fold(text)


@given(st.text())
def test_what_is_folded_has_no_accent_no_capital_and_nothing_invisible(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.casefold().split())
    assert not any(unicodedata.combining(sign) or is_invisible(sign) for sign in folded)


def test_nfc_joins_letters_and_accents() -> None:
    assert nfc(unicodedata.normalize("NFD", "Đặng Thị Thuý")) == "Đặng Thị Thuý"
    assert nfc("ﬁle ①") == "ﬁle ①", "only joined, nothing replaced"


@pytest.mark.parametrize(
    ("typed", "key", "why"),
    [
        ("0912 345 678", "84912345678", "as people write it"),
        ("+84 912.345.678", "84912345678", "as a phone book writes it"),
        ("0084912345678", "84912345678", "dialled from abroad"),
        ("84912345678", "84912345678", "as systems store it"),
        ("(028) 3822-1234", "842838221234", "landline with area code"),
        ("19009477", "19009477", "service number"),
        ("+1 650 253 0000", "16502530000", "a reader abroad"),
        ("091234", None, "too short to be a number"),
        ("0912345678901234", None, "too long"),
        ("lan.anh", None, "an account, not a phone"),
        ("", None, "nothing typed"),
    ],
)
def test_phone_key(typed: str, key: str | None, why: str) -> None:
    assert phone_key(typed) == key, why


@pytest.mark.parametrize(
    ("typed", "key"), [(" Lan@Pops.VN ", "lan@pops.vn"), ("lan@pops", None), ("lan pops@vn.vn", None), ("", None)]
)
def test_email_key(typed: str, key: str | None) -> None:
    assert email_key(typed) == key


def test_account_key_ignores_case_and_edges() -> None:
    assert account_key("  LanAnh ") == "lananh"
    assert account_key("  ") is None


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [
        ("ngắn", 10, "ngắn"),
        ("hai\ndòng", 20, "hai dòng"),
        ("nạp tiền nhưng không nhận được", 15, "nạp tiền nhưng…"),
        ("x" * 30, 10, "x" * 10 + "…"),
    ],
)
def test_snippet_cuts_at_a_word(text: str, length: int, short: str) -> None:
    assert snippet(text, length) == short
