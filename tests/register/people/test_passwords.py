"""How strong a password is said to be, and that it is recognised however it was typed."""

import unicodedata

import pytest

from core.register.people import passwords


@pytest.mark.parametrize(
    ("password", "score", "why"),
    [
        ("", 0, "nothing"),
        ("Tr0ub4d&r", 0, "nine characters"),
        ("1234567890", 0, "a run"),
        ("qwertyqwerty", 0, "a known word twice"),
        ("password123456", 0, "two known words"),
        ("ababababab", 0, "two letters beside each other in the alphabet"),
        ("popskids2027!", 1, "the product's own name and a year"),
        ("hjwqzfgkrt", 2, "ten letters that say nothing"),
        ("hjW9zf?krt", 3, "the same of four kinds"),
        ("ba con mèo đen ăn cá", 3, "a sentence, but only letters and spaces"),
        ("ba con mèo đen ăn 7 con cá!", 4, "a sentence with a number and a sign"),
    ],
)
def test_strength_is_what_is_left_without_the_obvious(password: str, score: int, why: str) -> None:
    assert passwords.strength(password, "lan")[0] == score, why


def test_the_login_inside_a_password_does_not_count() -> None:
    assert passwords.strength("nguyenlan-8a", "nguyenlan")[0] == 0
    assert passwords.strength("nguyenlan-8a", "somebody")[0] > 0


def test_the_same_letters_match_composed_or_not() -> None:
    kept = passwords.hash_password(unicodedata.normalize("NFC", "mười hai con cò"))
    assert passwords.matches(kept, unicodedata.normalize("NFD", "mười hai con cò"))
    assert not passwords.matches(kept, "muoi hai con co")


def test_no_account_and_a_broken_hash_never_match() -> None:
    assert not passwords.matches(None, "")
    assert not passwords.matches("not a hash", "whatever it is")


def test_a_hash_of_weaker_times_is_seen_as_outdated() -> None:
    from argon2 import PasswordHasher

    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8192).hash("x"))
    assert not passwords.is_outdated(passwords.hash_password("ba con mèo đen 7"))
