"""How strong a password is said to be, and that it is recognised however it was typed."""

import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.i18n import gettext
from core.register.people import passwords

FAIR, STRONG, VERY_STRONG = 1, 2, 3


@pytest.mark.parametrize(
    ("password", "score", "why"),
    [
        ("hjwqzfgkrt", FAIR, "ten letters that say nothing"),
        ("hjW9zf?krt", FAIR, "the same of four kinds: capitals and signs are guessed too, length is not"),
        ("ba con mèo đen 7", FAIR, "a short sentence"),
        ("ba con mèo đen ăn cá", STRONG, "a longer one, though only letters and spaces"),
        ("ba con mèo đen ăn 7 con cá!", VERY_STRONG, "a sentence with a number and a sign"),
    ],
)
def test_strength_is_how_many_guesses_it_withstands(password: str, score: int, why: str) -> None:
    assert passwords.strength(password, ["quan.tri", "Quản Trị"]) == (score, passwords.STRENGTHS[score]), why


# ruff: disable[E501]
@pytest.mark.parametrize(
    ("password", "reason", "why"),
    [
        ("", "Quá ngắn: ít nhất 10 ký tự", "nothing"),
        ("Tr0ub4d&r", "Quá ngắn: ít nhất 10 ký tự", "nine characters"),
        ("x9K?" * 65, "Quá dài: nhiều nhất 256 ký tự", "four too many"),
        ("1234567890", "Quá dễ đoán: đây là một trong những mật khẩu phổ biến nhất", "the first of ten characters on every list"),
        ("1q2w3e4r5t6y", "Quá dễ đoán: đây là một trong những mật khẩu phổ biến nhất", "on the list of the common 10,000"),
        ("P@ssw0rd2027", "Quá dễ đoán: đây là một trong những mật khẩu phổ biến nhất", "signs for letters hide nothing"),
        ("matkhau123456", "Quá dễ đoán: được tạo từ một từ mà ở đây ai cũng thử trước", "Vietnamese for password"),
        ("Mật khẩu 2027", "Quá dễ đoán: được tạo từ một từ mà ở đây ai cũng thử trước", "the same with accents and a space"),
        ("anhyeuem1314", "Quá dễ đoán: được tạo từ một từ mà ở đây ai cũng thử trước", "I love you"),
        ("popskids2027!", "Quá dễ đoán: được tạo từ một từ mà ở đây ai cũng thử trước", "the organisation's own name and a year"),
        ("nguyen.lan.9", "Quá dễ đoán: đừng dùng tên hoặc tên đăng nhập của bạn", "the login name and a digit"),
        ("NguyenLan2027", "Quá dễ đoán: đừng dùng tên hoặc tên đăng nhập của bạn", "without its dot, in capitals"),
        ("Lan Nguyễn 90", "Quá dễ đoán: đừng dùng tên hoặc tên đăng nhập của bạn", "the name turned round"),
        ("popsvietnam2027", "Quá dễ đoán: được tạo từ một từ mà ở đây ai cũng thử trước", "two known words and a year"),
        ("aaaaaaaaaaaaaaaa", "Quá dễ đoán: cùng một đoạn lặp đi lặp lại", "one letter"),
        ("qwertyqwerty", "Quá dễ đoán: cùng một đoạn lặp đi lặp lại", "one word twice"),
        ("zxcvbnm,./", "Quá dễ đoán: các phím nằm cạnh nhau trên bàn phím", "a row of the keyboard"),
        ("bcdefghijklmn", "Quá dễ đoán: dãy liên tiếp như abc hoặc 123", "a run"),
        ("20/11/1990", "Quá dễ đoán: ngày tháng hoặc năm", "a birthday"),
        ("chocolates", "Quá dễ đoán: một từ quen thuộc là chưa đủ, hãy dùng vài từ", "one English word"),
    ],
)  # fmt: skip
# ruff: enable[E501]
def test_what_is_easy_to_guess_is_refused_with_the_reason(password: str, reason: str, why: str) -> None:
    score, sentence = passwords.strength(password, ["nguyen.lan", "Nguyễn Lan"])
    assert (score, gettext(sentence)) == (0, reason), why


def test_the_words_of_one_person_are_no_reason_for_the_next() -> None:
    assert passwords.strength("xuyenchi-8a", ["xuyenchi"])[0] == 0
    assert passwords.strength("xuyenchi-8a", ["somebody"])[0] > 0


@pytest.mark.parametrize("unit", ["4@8({[</369&#1!|7$5+0%2", "<|se9&6[{s#!#(+{36%%s0+4$40", "(a", "1"])
def test_no_password_keeps_the_estimate_busy(unit: str) -> None:
    """Signs that stand for letters make zxcvbn try every combination: 72 of them took six seconds."""
    worked = time.thread_time()  # not the clock: other tests run beside this one
    passwords.strength((unit * 256)[: passwords.MAX_LENGTH])
    assert time.thread_time() - worked < 2


def test_the_same_letters_match_composed_or_not() -> None:
    kept = passwords.hash_password(unicodedata.normalize("NFC", "mười hai con cò"))
    assert passwords.matches(kept, unicodedata.normalize("NFD", "mười hai con cò"))
    assert not passwords.matches(kept, "muoi hai con co")


def test_no_account_and_a_broken_hash_never_match() -> None:
    assert not passwords.matches(None, "")
    assert not passwords.matches("not a hash", "whatever it is")


@pytest.mark.usefixtures("products_hashes")
def test_a_hash_of_weaker_times_is_seen_as_outdated() -> None:
    parameters = extract_parameters(passwords.hash_password("ba con mèo đen 7"))
    assert (parameters.type, parameters.memory_cost, parameters.time_cost) == (Type.ID, 64 << 10, 3), "RFC 9106"
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8192).hash("x"))
    assert not passwords.is_outdated(passwords.hash_password("ba con mèo đen 7"))


def test_whoever_asks_is_served_by_the_threads_that_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of one's account hashes as signing in does, so no number of them takes the cores from the pages."""
    names: set[str] = set()

    class Hasher:
        def hash(self, _password: str) -> str:
            names.add(threading.current_thread().name)
            return ""

        def verify(self, _stored: str, password: str) -> None:
            self.hash(password)

    monkeypatch.setattr(passwords, "HASHER", Hasher())
    with ThreadPoolExecutor(4) as pages:
        list(pages.map(passwords.hash_password, ["ba con mèo đen 7"] * 8))
        list(pages.map(passwords.matches, ["x"] * 8, ["ba con mèo đen 7"] * 8))
    assert len(names) == passwords.THREADS
    assert all(name.startswith("password") for name in names)


@pytest.mark.parametrize("reason", [VerifyMismatchError, InvalidHashError])
def test_what_does_not_match_is_no_error(monkeypatch: pytest.MonkeyPatch, reason: type[Exception]) -> None:
    class Hasher:
        def hash(self, _password: str) -> str:
            return ""

        def verify(self, _stored: str, _password: str) -> None:
            raise reason

    monkeypatch.setattr(passwords, "HASHER", Hasher())
    assert not passwords.matches("x", "ba con mèo đen 7")
