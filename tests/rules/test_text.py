"""Vietnamese text in one form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.text import fold, is_invisible, nfc, snippet, sort_key, visible


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


SORTED = [
    # texts in the order of a Vietnamese dictionary; why
    (["Dũng", "Duyên", "Đạt", "Đông", "Em"], "đ is a letter of its own, after every d and before e"),
    (["an", "ăn", "ân", "ba"], "ă and â are letters of their own, after a"),
    (["em", "êm", "gà"], "ê comes after e"),
    (["on", "ôn", "ơn", "phở"], "ô and ơ come after o"),
    (["ung", "ưng", "vân"], "ư comes after u"),
    (["ma", "mà", "mả", "mã", "má", "mạ"], "the tones in the order of dictionaries"),
    (["lê", "lề", "lể", "lễ", "lế", "lệ"], "the tones on a letter with a mark"),
    (["Hoá", "Hoà An", "Hoa Bình", "Hoà Bình"], "letters decide before tones"),
    (["An", "An Bình", "Anh"], "a shorter word comes first"),
    (["Lê Văn An", "Lê Văn Đức", "Lê Vân An", "Lý An"], "full names"),
    (["an", "An", "AN"], "small letters first where nothing else differs"),
    (["10 Bình", "2 Bình", "An"], "digits before letters"),
    (["Jack", "Kim", "Wendy", "Xuân", "Yến", "Zoe"], "letters that only names of others have"),
    (["Zoe", "Ольга", "金"], "other scripts come last"),
    (["Dung", "Ðông", "Em"], "a look-alike of đ stands where đ does"),
]


@pytest.mark.parametrize(("in_order", "why"), SORTED)
def test_texts_sort_as_in_a_vietnamese_dictionary(in_order: list[str], why: str) -> None:
    for form in ("NFC", "NFD"):
        right = [unicodedata.normalize(form, text) for text in in_order]
        backwards = right[::-1]  # sorting keeps what is equal in the order it came
        assert sorted(backwards, key=sort_key) == right, why


@given(st.text(), st.text())
def test_two_texts_sort_alike_only_when_they_are_the_same(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (one.swapcase() == other.swapcase())


def test_what_shows_nothing_is_taken_out() -> None:
    assert visible("Đặng\u200b \u202eThị\ufeff\x00 \u00adThuý\n") == "Đặng Thị Thuý\n", "line ends are seen"
    assert visible("plain") == "plain"
    assert visible("a\x07b") == "ab"


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
