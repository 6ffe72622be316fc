"""Masks, drawn by hand: what the analyst reads instead of a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules import masking

NAMES = [
    ("Nguyễn Thị Mai", "N. T. M.", "initials tell two people apart, no more"),
    ("đỗ  văn   an", "Đ. V. A.", "typed carelessly"),
    ("Mai", "M.", "one word"),
    ("Chị Mai 0912 345 678", "C. M. ••• ••• •••", "a number typed beside the name"),
    ("(Mai)", "M.", "the letter, not the sign before it"),
    ("0 9 1 2 3 4 5 6 7 8", "••• ••• ••• ••• ••• ••• ••• ••• ••• •••", "a number in pieces"),
    ("\u200bMai", "M.", "an invisible sign first"),
    ("", "", "nothing stays nothing"),
    (None, "", "nothing stays nothing"),
]
PHONES = [
    ("0912345123", "••• 123", "the last three, no more"),
    ("+84 912 345 123", "••• 123", "any usual form"),
    ("０９１２３４５１２３", "••• 123", "full-width digits"),
    ("1900 1234", "••• 234", "a service number"),
    ("0901234567 / 0912345678", "••• 678", "two numbers, kept before they were refused"),
    ("••• 0912345123", "••• 123", "dots typed in front hide nothing"),
    ("091234", "•••", "too short to show any of it"),
    ("113", "•••", "too short to show any of it"),
    ("khách không nhớ", "•••", "no digits, still something a person wrote"),
    (None, "", "nothing stays nothing"),
]
EMAILS = [
    ("mai.nguyen@gmail.com", "m•••@gmail.com", "first letter, and a domain that millions share"),
    ("Mai@Yahoo.com.vn", "M•••@Yahoo.com.vn", "as typed"),
    ("mai@congtymai.vn", "m•••@•••", "a domain of one's own names the person"),
    ("mai@gmail.com.congtymai.vn", "m•••@•••", "only looks public"),
    ("mai@x@congtymai.vn", "m•••@•••", "two @"),
    ("0912345123@gmail.com", "•••@gmail.com", "a number before the @"),
    ("m@gmail.com", "•••@gmail.com", "one letter would be all of it"),
    ("ｍai＠gmail.com", "m•••@gmail.com", "full-width"),
    ("@gmail.com", "", "no person in it"),
    ("mai", "m•••", "no domain"),
    ("", "", "nothing stays nothing"),
]
ACCOUNTS = [
    ("mainguyen99", "ma•••", "first two signs"),
    ("mai", "•••", "two of three would be nearly all"),
    ("mai@gmail.com", "m•••@gmail.com", "an address used as account"),
    ("mai@congtymai.vn", "m•••@•••", "an address used as account"),
    ("0912345123", "••• 123", "a phone used as account"),
    ("mai_0912345123", "••• 123", "a phone in it"),
    ("••• 0912345123", "••• 123", "dots typed in front hide nothing"),
    ("@mai", "@m•••", "a handle"),
    (None, "", "nothing stays nothing"),
]


@pytest.mark.parametrize(("given", "masked", "why"), NAMES)
def test_a_name_becomes_initials(given: str | None, masked: str, why: str) -> None:
    assert masking.mask_name(given) == masked, why


@pytest.mark.parametrize(("given", "masked", "why"), PHONES)
def test_a_phone_keeps_its_last_three_digits(given: str | None, masked: str, why: str) -> None:
    assert masking.mask_phone(given) == masked, why


@pytest.mark.parametrize(("given", "masked", "why"), EMAILS)
def test_an_address_keeps_a_public_domain(given: str | None, masked: str, why: str) -> None:
    assert masking.mask_email(given) == masked, why


@pytest.mark.parametrize(("given", "masked", "why"), ACCOUNTS)
def test_an_account_keeps_two_signs(given: str | None, masked: str, why: str) -> None:
    assert masking.mask_account(given) == masked, why


def test_no_word_of_a_text_is_left() -> None:
    assert masking.mask_text("Tôi là Mai, số 0912345123") == "…"
    assert masking.mask_text("Tôi là Mai", "ẩn") == "ẩn"
    assert masking.mask_text(" \n ") == ""


@pytest.mark.parametrize(
    ("given", "masked", "why"),
    [
        ("CCCD Nguyễn Mai.jpg", "•••.jpg", "the kind of file tells nothing of the person"),
        ("Nguyễn.Mai 0912", "•••", "what follows the dot is no ending"),
        ("README", "•••", "no ending at all"),
        ("ghi âm.mp3", "•••.mp3", "an ending with a digit"),
        ("Mai 0912.34567", "•••", "the end of a number is no ending"),
        (None, "", "nothing stays nothing"),
    ],
)
def test_a_file_keeps_its_ending(given: str | None, masked: str, why: str) -> None:
    assert masking.mask_file_name(given) == masked, why


MASKS = [masking.mask_phone, masking.mask_email, masking.mask_account, masking.mask_name, masking.mask_file_name]


@pytest.mark.parametrize("mask", MASKS)
@given(given=st.text(max_size=40) | st.text("0123456789 •.@+ma１", max_size=25))
def test_masking_twice_changes_nothing(mask: Callable[[str | None], str], given: str) -> None:
    once = mask(given)
    assert mask(once) == once


@pytest.mark.parametrize("mask", MASKS)
@given(
    number=st.text("0123456789", min_size=7, max_size=12),
    before=st.text("ma .@•+", max_size=5),
    after=st.text(" .x", max_size=3),
)
def test_no_mask_shows_more_than_three_digits(
    mask: Callable[[str | None], str], number: str, before: str, after: str
) -> None:
    shown = mask(before + number + after)
    assert sum(sign.isdigit() for sign in shown) <= 3, shown


@pytest.mark.parametrize("mask", MASKS)
@given(given=st.text("ab1 .@", min_size=1, max_size=8))
def test_nothing_of_what_was_given_is_shown_whole(mask: Callable[[str | None], str], given: str) -> None:
    assert mask(given) == "" or "•" in mask(given) or mask is masking.mask_name
