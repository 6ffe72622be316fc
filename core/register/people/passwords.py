"""Passwords: stored as Argon2id, checked in the same time for names that exist and names that do not."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from itertools import pairwise
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.i18n import N_

MIN_LENGTH, MAX_LENGTH = 10, 256
HASHER = PasswordHasher()  # Argon2id with the parameters of RFC 9106 for little memory: 64 MiB a time
TURNS = BoundedSemaphore(4)  # so that many sign-ins at once wait for each other instead of filling the memory

COMMON = (
    "password", "matkhau", "qwerty", "iloveyou", "admin", "welcome", "letmein", "123456", "12345", "abc123", "abcdef",
    "111111", "000000", "654321", "anhyeuem", "emyeuanh", "vietnam", "saigon", "hanoi", "popskids", "pops", "khieunai",
)  # fmt: skip

GUESSABLE, FAIR, STRONG = 6, 9, 14  # signs that count: below the first refused, from the others one step more
MIXED = 3  # kinds of signs (small, capital, digit, other) that make a password one step stronger
SHORT_WORD = 4  # shorter logins are left in: taking them away would empty honest passwords

SOUNDS, VOWELS = "bdghklmnrstv", "aeiou"

STRENGTHS = (
    N_("Cannot be used"),
    N_("Weak: easy to guess"),
    N_("Fair: a few more words make it strong"),
    N_("Strong"),
    N_("Very strong"),
)


def strength(password: str, login: str = "") -> tuple[int, str]:
    """How hard ``password`` is to guess: 0 (refused) … 4, and the sentence that says so (an untranslated msgid).

    An honest rule of thumb, not entropy: what is left after well-known words, the login, repeats and runs are taken
    away counts by its length, with one step more for mixing kinds of characters.
    """
    plain = _normal(password)
    if len(plain) < MIN_LENGTH:
        return 0, N_("Too short: at least 10 characters")
    if len(plain) > MAX_LENGTH:
        return 0, N_("Too long: at most 256 characters")
    if login and plain.casefold() == _normal(login).casefold():
        return 0, N_("The password must not be the login name")
    left = _without_the_obvious(plain.casefold(), _normal(login).casefold())
    if left < GUESSABLE:
        return 0, N_("Too easy to guess: well-known words, runs and repeats do not count")
    score = 1 + sum(left >= enough for enough in (FAIR, STRONG))
    if left >= FAIR and _kinds(plain) >= MIXED:
        score += 1
    return score, STRENGTHS[score]


def suggest() -> str:
    """A strong password that can be read out over the telephone, such as ``bula-kite-romu-49-sade``."""
    words = ["".join(secrets.choice(letters) for letters in (SOUNDS, VOWELS) * 2) for _word in range(4)]
    return "-".join([*words[:3], str(10 + secrets.randbelow(90)), words[3]])


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    with TURNS:
        return HASHER.hash(_normal(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` belongs to the hash ``stored``; None takes as long and never matches."""
    nobody = _nobody()
    try:
        with TURNS:
            HASHER.verify(stored or nobody, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    """The hash of a password nobody knows."""
    return HASHER.hash(secrets.token_urlsafe(32))


def _normal(text: str) -> str:
    """One writing of the same letters: Vietnamese typed on two systems may be composed or not."""
    return unicodedata.normalize("NFC", text)


def _without_the_obvious(password: str, login: str) -> int:
    """How many characters count once known words, the login, repeats and runs are reduced to one each."""
    for word in (login, *COMMON):
        if len(word) >= SHORT_WORD:
            password = password.replace(word, "\0")
    steps = [ord(after) - ord(before) for before, after in pairwise(password)]
    boring = sum(step in (0, 1, -1) for step in steps)
    return min(len(password) - boring, 2 * len(set(password)))


def _kinds(password: str) -> int:
    tests = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum())
    return sum(any(test(sign) for sign in password) for test in tests)
