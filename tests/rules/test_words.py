"""Words of texts and questions: the same folding on both sides, terms of a customer, the piece that is shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.words import (
    DEPARTMENT,
    LONGEST,
    MOST_BYTES,
    NAME,
    PHONE,
    Term,
    asked_contact,
    asked_words,
    customer_terms,
    department_term,
    document,
    excerpt,
    words,
)


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("Khách hỏi “hoá đơn”, gấp!", "khach hoi hoa don gap", "signs at the edges are no part of a word"),
        ("Ứng dụng đứng hình", "ung dung dung hinh", "accents and đ"),
        ("\u00d0\u1eb7ng Th\u1ecb Thu\u00fd", "dang thi thuy", "a letter that only looks like Đ"),
        (unicodedata.normalize("NFD", "khóa học"), "khoa hoc", "accents as signs of their own"),
        ("hỏng_rồi 100%", "hong roi 100", "an underscore and a percent sign are signs too"),
        ("GD-20261116/77", "gd 20261116 77", "a code is its pieces"),
        ("x" * 100, "x" * LONGEST, "what is longer is no word"),
        ("…!?", "", "no word at all"),
    ],
)
def test_words(text: str, found: str, why: str) -> None:
    assert " ".join(words(text)) == found, why


@given(st.text())
def test_what_a_text_is_indexed_by_is_what_it_is_asked_by(text: str) -> None:
    indexed = set(document(words(text)).split())
    assert all(any(term.fits(word) for word in indexed) for term in asked_words(text))
    assert not any(word.startswith("_") for word in indexed), "terms of our own begin like no word"


@pytest.mark.parametrize(
    ("typed", "asked", "why"),
    [
        ("dang nhap", (Term("dang"), Term("nhap", True)), "the last word may be unfinished"),
        ("le an", (Term("le"), Term("an")), "a short one is whole: an begins half the names"),
        ("stars", (Term("stars", True),), "a single word too"),
        ("an an an", (Term("an"),), "once is enough"),
        ("stars 200 stars", (Term("200"), Term("stars", True)), "the last place counts"),
        ("  ", (), "nothing typed"),
    ],
)
def test_asked_words(typed: str, asked: tuple[Term, ...], why: str) -> None:
    assert asked_words(typed) == asked, why


@pytest.mark.parametrize(
    ("typed", "asked", "why"),
    [
        ("0987 654 321", PHONE + "12345678948", "a whole number, as its key from the end"),
        ("987654321", PHONE + "12345678948", "without its 0"),
        ("000654321", PHONE + "123456000", "digits that are no number"),
        ("+84 (0)987 654 321", PHONE + "12345678948", "as a letterhead writes it"),
        ("654.321", PHONE + "123456", "its last six digits"),
        ("54321", "", "five are too few"),
        ("thuy.dang", NAME + "thuydang", "the part before the @, without its signs"),
        ("thuy.dang@vi", NAME + "thuydang", "an address half typed"),
        ("thuy.dang@vidu.vn", "", "a whole address has a key of its own"),
        ("@", "", "nothing before it"),
        ("dang thuy", "", "two words are no account"),
    ],
)
def test_asked_contact(typed: str, asked: str, why: str) -> None:
    found = asked_contact(typed)
    assert (found.text if found else "") == asked, why


def test_short_accounts_are_asked_for_whole() -> None:
    assert asked_contact("an") == Term(NAME + "an")
    assert asked_contact("anh1") == Term(NAME + "anh1", begins=True)


def test_what_a_customer_is_found_by() -> None:
    terms = customer_terms("Đặng Thuý", "84987654321", "thuy.dang@vidu.vn", "thuydang88")
    assert terms == [
        *("dang", "thuy", "thuydang88", "thuy", "dang"),
        PHONE + "12345678948",
        NAME + "thuydang88",
        NAME + "thuydang",
    ], "not by the domain, which others share"
    assert customer_terms("", "", "", "") == []


def test_a_document_has_each_term_once_and_fits_the_engine() -> None:
    assert document(["b", "a", "b"]) == "b a"
    many = document(f"{n:064d}" for n in range(20_000))
    assert MOST_BYTES - 100 < len(many.encode()) <= MOST_BYTES
    assert f"{0:064d}" in many.split(), "what comes first stays"


def test_a_document_has_the_beginnings_of_longer_words_and_of_accounts() -> None:
    assert document(["khong"]).split() == ["khong", "khon_"]
    assert document(["nghiengngang"]).split() == [
        "nghiengngang",
        *("nghi_", "nghie_", "nghien_", "nghieng_"),
        "nghiengn_",
    ]
    assert set(document([NAME + "thuy88"]).split()) == {"_cthuy8_", "_cthuy88", "_cthuy_"}
    assert document([PHONE + "12345678948", DEPARTMENT + "payment"]).split() == [PHONE + "12345678948", "_dpayment"]


@pytest.mark.parametrize(
    ("term", "beginning", "why"),
    [
        (Term("khon", True), "khon_", "four letters"),
        (Term("nghiengn", True), "nghiengn_", "eight"),
        (Term("nghiengng", True), None, "few words begin with nine letters: the engine merges them"),
        (Term(NAME + "thuy", True), NAME + "thuy_", "the tag is no letter"),
        (Term(PHONE + "123456", True), None, "ends of phone numbers are few"),
    ],
)
def test_the_term_of_a_beginning(term: Term, beginning: str | None, why: str) -> None:
    assert term.beginning == beginning, why


def test_a_department_is_no_word() -> None:
    assert department_term("payment") == Term(DEPARTMENT + "payment")
    assert not department_term("pay").fits(DEPARTMENT + "payment")


# ruff: disable[E501]  # a row of a table stays one line
LONG = "Tôi đã gọi nhiều lần " * 10 + "mà ứng dụng vẫn đứng hình " + "khi mở chương mới " * 10


@pytest.mark.parametrize(
    ("texts", "typed", "shown", "marked", "why"),
    [
        (["Nạp 200 Stars"], "stars", "Nạp 200 Stars", ["Stars"], "a short text whole"),
        (["Nạp tiền", "Đã hoàn tiền\nvà xin lỗi"], "xin loi", "Đã hoàn tiền và xin lỗi", ["xin", "lỗi"], "the text that has them"),
        (["Nạp tiền", "Khác"], "zzz", "Nạp tiền", [], "the first where none has any"),
        (["", "  "], "zzz", "", [], "nothing to show"),
        ([], "zzz", "", [], "no text"),
        (["\U0001f600 đứng hình"], "dung", "\U0001f600 đứng hình", ["đứng"], "letters are counted, not bytes"),
        ([unicodedata.normalize("NFD", "bị khóa")], "khoa", "bị khóa", ["khóa"], "accents as signs of their own"),
    ],
)  # fmt: skip
# ruff: enable[E501]
def test_excerpt(texts: list[str], typed: str, shown: str, marked: list[str], why: str) -> None:
    found = excerpt(texts, asked_words(typed))
    assert found.text == shown, why
    assert [found.text[first:end] for first, end in found.marks] == marked, why


def test_a_long_text_is_cut_around_the_first_word_found() -> None:
    found = excerpt([LONG], asked_words("dung hinh"), length=80)
    assert [found.text[first:end] for first, end in found.marks][-2:] == ["đứng", "hình"]
    assert found.text.startswith("…") and found.text.endswith("…")
    assert len(found.text) <= 82
    assert not excerpt([LONG], asked_words("goi nhieu"), length=80).text.startswith("…")


@given(st.lists(st.text(max_size=300), max_size=3), st.text(max_size=20), st.integers(20, 200))
def test_marks_lie_in_the_piece_and_in_order(texts: list[str], typed: str, length: int) -> None:
    found = excerpt(texts, asked_words(typed), length)
    assert len(found.text) <= length + 2
    edges = [edge for mark in found.marks for edge in mark]
    assert edges == sorted(edges) and all(0 <= edge <= len(found.text) for edge in edges)
    for first, end in found.marks:
        assert any(term.fits(word) for term in asked_words(typed) for word in words(found.text[first:end]))
