"""Passwords: stored as Argon2id, checked in the same time for names that exist and names that do not."""

from __future__ import annotations

import os
import re
import secrets
import sys
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock, get_native_id
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from core.i18n import N_
from core.rules.text import fold

MIN_LENGTH, MAX_LENGTH = 10, 256
HASHER = PasswordHasher()  # Argon2id with the parameters of RFC 9106 for little memory: 64 MiB a time
THREADS = 1  # one hash uses every core of a small machine for a moment, and 64 MiB
NICE = 10  # how far such work stands behind the threads that draw pages

# What people at this organisation and in this country try first, beside the lists of zxcvbn, which are English.
WELL_KNOWN = (
    "matkhau", "matkhaumoi", "khongcomatkhau", "popskids", "popsstars", "pops", "khieunai", "chamsockhachhang", "cskh",
    "khachhang", "anhyeuem", "emyeuanh", "toiyeuem", "yeuemnhieu", "mailaem", "giadinh", "hanhphuc", "vietnam",
    "saigon", "hanoi", "danang", "haiphong", "cantho", "tphcm", "hochiminh", "xinchao", "chaoban", "tuoitre",
    "quantri", "nhanvien", "phongban", "congty", "tongdai", "password", "admin", "welcome",
)  # fmt: skip
# Powers of ten that a password withstands: below the first refused, then fair, strong, very strong. Three known words
# in a row count as 8 with zxcvbn, whatever they are.
GUESSES = (9, 12, 16)
SIGNIFICANT = 24  # signs that zxcvbn looks at: strong within them is strong, and its time grows steeply with them
OWN_WORD = 3  # letters of a login name or name from which on it counts as a word
ESTIMATE = Lock()  # zxcvbn keeps the person's own words in a global table while it works

STRENGTHS = (
    N_("Cannot be used"),
    N_("Fair: another word makes it strong"),
    N_("Strong"),
    N_("Very strong"),
)
TOO_EASY = N_("Too easy to guess: use a few words that do not belong together")
REASONS = {
    "own": N_("Too easy to guess: leave out your name and your login name"),
    "well_known": N_("Too easy to guess: it is built on a word that everybody here tries first"),
    "passwords": N_("Too easy to guess: it is one of the most common passwords"),
    "dictionary": N_("Too easy to guess: one known word is not enough, use a few"),
    "spatial": N_("Too easy to guess: keys beside each other on the keyboard"),
    "repeat": N_("Too easy to guess: the same again and again"),
    "sequence": N_("Too easy to guess: a run such as abc or 123"),
    "regex": N_("Too easy to guess: a date or a year"),
    "date": N_("Too easy to guess: a date or a year"),
}


def give_way() -> None:
    """Let pages go before this thread, where the system gives each thread a priority of its own (Linux)."""
    if sys.platform == "linux":
        thread = get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(NICE, os.getpriority(os.PRIO_PROCESS, thread)))


HASHING = ThreadPoolExecutor(THREADS, "password", initializer=give_way)
T = TypeVar("T")


def strength(password: str, own: Iterable[str] = ()) -> tuple[int, str]:
    """How hard ``password`` is to guess: 0 (refused) … 3, and the sentence that says so (an untranslated msgid).

    ``own``: the person's login name and name, which are guessed first. Estimated by zxcvbn (Wheeler, USENIX Security
    2016) without accents and spaces, as somebody who guesses would begin. At most a quarter of a second.
    """
    plain = _normal(password)
    if len(plain) < MIN_LENGTH:
        return 0, N_("Too short: at least 10 characters")
    if len(plain) > MAX_LENGTH:
        return 0, N_("Too long: at most 256 characters")
    words = _words_of(own)
    with ESTIMATE:
        found = zxcvbn(_squeezed(plain)[:SIGNIFICANT], user_inputs=[*words, *WELL_KNOWN])
    level = sum(found["guesses_log10"] >= enough for enough in GUESSES)
    return level, STRENGTHS[level] if level else _reason(found["sequence"], words)


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    return _in_turn(lambda: HASHER.hash(_normal(password)))


def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` belongs to the hash ``stored``; None takes as long and never matches."""
    nobody = _nobody()
    try:
        _in_turn(lambda: HASHER.verify(stored or nobody, _normal(password)))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def _in_turn(work: Callable[[], T]) -> T:
    """The result of ``work`` by the threads that hash, for sign-in, pages and commands alike: others keep the cores."""
    return HASHING.submit(work).result()


@cache
def _nobody() -> str:
    """The hash of a password nobody knows."""
    return HASHER.hash(secrets.token_urlsafe(32))


def _normal(text: str) -> str:
    """One writing of the same letters: Vietnamese typed on two systems may be composed or not."""
    return unicodedata.normalize("NFC", text)


def _squeezed(text: str) -> str:
    """Without accents, capitals and spaces."""
    return fold(text).replace(" ", "")


def _words_of(own: Iterable[str]) -> set[str]:
    """A person's own words as they may stand in a password: each word, all of them in one, and as they are."""
    words = set[str]()
    for text in own:
        single = re.split(r"[\W_]+", fold(text))
        words |= {*single, "".join(single), _squeezed(text)}
    return {word for word in words if len(word) >= OWN_WORD}


def _reason(sequence: list[dict[str, Any]], own: set[str]) -> str:
    """Why it is easy: the person's own words first, else what the longest part that is not random is."""
    known = [part for part in sequence if part["pattern"] != "bruteforce"]
    kinds = {_kind(part, own): len(part["token"]) for part in sorted(known, key=lambda part: len(part["token"]))}
    if "own" in kinds or not kinds:
        return REASONS["own"] if kinds else TOO_EASY
    return REASONS[max(kinds, key=kinds.__getitem__)]


def _kind(part: dict[str, Any], own: set[str]) -> str:
    pattern: str = part["pattern"]
    if pattern != "dictionary":
        return pattern
    if part["matched_word"] in own:
        return "own"
    lists = {"user_inputs": "well_known", "passwords": "passwords"}
    return lists.get(part["dictionary_name"], "dictionary")
