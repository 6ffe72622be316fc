"""Masks, drawn by hand: what the analyst reads instead of a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.rules import masking

NAMES = [
    ("Nguyễn Thị Mai", "N. T. M.", "initials tell two people apart, no more"),
    ("đỗ  văn   an", "Đ. V. A.", "typed carelessly"),
    ("Mai", "M.", "one word"),
    ("", "", "nothing stays nothing"),
    (None, "", "nothing stays nothing"),
]
PHONES = [
    ("0912345123", "0912 ••• 123", "network and last three"),
    ("+84 912 345 123", "8491 ••• 123", "any usual form"),
    ("1900 1234", "••• 234", "a short number shows less"),
    ("12345", "•••", "too short to show any of it"),
    ("khách không nhớ", "•••", "no digits, still something a person wrote"),
    (None, "", "nothing stays nothing"),
]
EMAILS = [
    ("mai.nguyen@gmail.com", "m•••@gmail.com", "first letter and the domain"),
    ("@gmail.com", "", "no person in it"),
    ("mai", "m•••", "no domain"),
    ("", "", "nothing stays nothing"),
]
ACCOUNTS = [
    ("mainguyen99", "ma•••", "first two signs"),
    ("mai", "•••", "two of three would be nearly all"),
    ("mai@gmail.com", "m•••@gmail.com", "an address used as account"),
    (None, "", "nothing stays nothing"),
]


@pytest.mark.parametrize(("given", "masked", "why"), NAMES)
def test_a_name_becomes_initials(given: str | None, masked: str, why: str) -> None:
    assert masking.mask_name(given) == masked, why


@pytest.mark.parametrize(("given", "masked", "why"), PHONES)
def test_a_phone_keeps_its_ends(given: str | None, masked: str, why: str) -> None:
    assert masking.mask_phone(given) == masked, why


@pytest.mark.parametrize(("given", "masked", "why"), EMAILS)
def test_an_address_keeps_its_domain(given: str | None, masked: str, why: str) -> None:
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
        (None, "", "nothing stays nothing"),
    ],
)
def test_a_file_keeps_its_ending(given: str | None, masked: str, why: str) -> None:
    assert masking.mask_file_name(given) == masked, why


@pytest.mark.parametrize("mask", [masking.mask_phone, masking.mask_email, masking.mask_account, masking.mask_name])
@pytest.mark.parametrize("given", ["0912345123", "mai@gmail.com", "mainguyen99", "Nguyễn Mai"])
def test_masking_twice_changes_nothing(mask: Callable[[str | None], str], given: str) -> None:
    once = mask(given)
    assert mask(once) == once
