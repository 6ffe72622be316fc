"""Words of a text as they are looked for: folded, without the signs around them, and where they stand in it.

A complaint is indexed under the words of its texts and of its customer, and under terms with a ``_``, which no word
has: the phone number from its end to its front, the account and the part of the e-mail before the @ as one word, the
department, and the beginnings of longer words (to merge all words that begin alike takes too long in a large register).
A question is made of the same terms, so index and question cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from core.rules.contacts import email_key, phone_key
from core.rules.text import fold, nfc

LONGEST = 64
"""Letters of a word that count: what is longer is no word that anybody types."""
MOST_BYTES = 1_000_000
"""Of the terms of one complaint; PostgreSQL keeps at most 1 MB of them."""
UNFINISHED = 4
"""From so many letters on, the last word typed may be the beginning of one; below, it would fit nearly everything."""
BEGINNINGS = range(UNFINISHED, 9)
"""Lengths of the beginnings that are indexed; few words begin with the same nine letters."""
RECENT = 20_000
"""Words remembered as they are folded, and with their beginnings: the complaints of an import share most of them."""
DIGITS = 6
"""From so many digits on, a number typed may be the end of a phone number."""
PHONE, NAME, DEPARTMENT, BEGINNING = "_p", "_c", "_d", "_"

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[\d\s.\-()/+]+")


class Term(NamedTuple):
    """One thing looked for; ``begins``: everything that begins with it fits."""

    text: str
    begins: bool = False

    @property
    def beginning(self) -> str | None:
        """The term of the longer words that begin with it; None where only the engine can find them."""
        indexed = not self.text.startswith(PHONE) and len(self.text.removeprefix(NAME)) in BEGINNINGS
        return self.text + BEGINNING if indexed else None

    def fits(self, word: str) -> bool:
        """Whether the indexed ``word`` is what is looked for."""
        return word.startswith(self.text) if self.begins else word == self.text


def words(text: str) -> list[str]:
    """The folded words of ``text`` in its order: ``“Hoá đơn, đứng hình!”`` → ``hoa don dung hinh``."""
    return list(_words(text.split()))


def each_word(texts: Iterable[str]) -> Iterable[str]:
    """The folded words of the texts in their order; of what stands in them several times most are given once."""
    return _words(dict.fromkeys(" ".join(texts).split()))


def _words(pieces: Collection[str]) -> Iterable[str]:
    # A sign is folded by itself, whatever stands beside it. Long pieces are not remembered: they could fill the memory.
    of_piece = _words_of if max(map(len, pieces), default=0) <= LONGEST else _words_of.__wrapped__
    return chain.from_iterable(map(of_piece, pieces))


def customer_terms(name: str, phone: str, email: str, account: str) -> list[str]:
    """What a customer is found by; ``phone`` is its key, and of an e-mail only the part before the @ counts."""
    local = email.partition("@")[0]
    joined = [_joined(part) for part in (account, local) if part]
    return [
        *words(f"{name} {account} {local}"),
        *([PHONE + phone[::-1]] if phone else []),
        *(NAME + word for word in joined if word),
    ]


def document(terms: Iterable[str]) -> str:
    """The terms of one complaint and their beginnings as they are stored: each once, with blanks between.

    At most ``MOST_BYTES``; what comes later is left out.
    """
    each = dict.fromkeys(terms)
    # They have no beginnings, and would drive words out of what is remembered.
    phones = [term for term in each if term.startswith(PHONE)]
    for phone in phones:
        del each[phone]
    whole = " ".join(dict.fromkeys(chain(phones, chain.from_iterable(map(_with_beginnings, each)))))
    return whole if len(whole.encode()) < MOST_BYTES else " ".join(_first_that_fit([*phones, *each]))


def asked_words(typed: str) -> tuple[Term, ...]:
    """The words of a question, each once; the last may be unfinished from four letters on."""
    found = words(typed)
    ends = found[-1:]
    whole = [word for word in dict.fromkeys(found[:-1]) if word not in ends]
    return (*map(Term, whole), *(Term(word, len(word) >= UNFINISHED) for word in ends))


def asked_contact(typed: str) -> Term | None:
    """The contact that a question may mean: the end of a phone number, an account, the part of an e-mail before the @.

    None where it is none of these, and for a whole e-mail address, which is known by its key.
    """
    if _NUMBER.fullmatch(typed.strip()):
        digits = phone_key(typed) or "".join(sign for sign in fold(typed) if sign.isdigit())
        return Term(PHONE + digits[::-1], begins=True) if len(digits) >= DIGITS else None
    if len(typed.split()) != 1 or email_key(typed):
        return None
    word = _joined(typed.partition("@")[0])
    return Term(NAME + word, len(word) >= UNFINISHED) if word else None


def department_term(department: str) -> Term:
    """The term of the complaints that are with ``department``."""
    return Term(DEPARTMENT + department)


class Excerpt(NamedTuple):
    """A piece of a text; ``marks``: where in ``text`` the words stand that were looked for, as (first, end)."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def excerpt(texts: Sequence[str], asked: Sequence[Term], length: int = 160) -> Excerpt:
    """The piece of the first of ``texts`` with the most words looked for, on one line, about ``length`` letters.

    The first text from its beginning where none has any.
    """
    lines = [" ".join(nfc(text).split()) for text in texts if text.strip()]
    if not lines:
        return Excerpt("")
    line = max(lines, key=lambda one: len({term for _, _, term in _places(one, asked)}))
    places = _places(line, asked)
    start = _start(line, places[0][0] if places else 0, length)
    end = _end(line, start, length)
    before, after = "…" if start else "", "…" if end < len(line) else ""
    shift = len(before) - start
    marks = tuple((first + shift, last + shift) for first, last, _ in places if first >= start and last <= end)
    return Excerpt(f"{before}{line[start:end]}{after}", marks)


def _first_that_fit(terms: Iterable[str]) -> dict[str, None]:
    kept: dict[str, None] = {}
    size = 0
    for term in terms:
        new = [one for one in _with_beginnings(term) if one not in kept]
        size += sum(len(one.encode()) + 1 for one in new)
        if size > MOST_BYTES:
            break
        kept.update(dict.fromkeys(new))
    return kept


@lru_cache(maxsize=RECENT)
def _words_of(piece: str) -> Sequence[str]:
    return [word[:LONGEST] for word in _WORD.findall(fold(piece))]


@lru_cache(maxsize=RECENT)
def _with_beginnings(term: str) -> Sequence[str]:
    tag = NAME if term.startswith(NAME) else ""
    if not tag and term.startswith("_"):
        return (term,)
    word = term.removeprefix(tag)
    return (term, *(f"{tag}{word[:size]}{BEGINNING}" for size in BEGINNINGS if size < len(word)))


def _joined(text: str) -> str:
    return "".join(words(text))[:LONGEST]


def _places(line: str, asked: Sequence[Term]) -> list[tuple[int, int, Term]]:
    """(first, end, term) of every word of ``line`` that is looked for."""
    found = []
    for match in _WORD.finditer(line):
        word = fold(match.group())[:LONGEST]
        term = next((term for term in asked if term.fits(word)), None)
        if term is not None:
            found.append((match.start(), match.end(), term))
    return found


def _start(line: str, first: int, length: int) -> int:
    """Where the piece begins: at a word, a little before the first one found, at the beginning where that shows it."""
    if first < length * 2 // 3:
        return 0
    begin = first - length // 4
    return line.find(" ", begin, first) + 1 or first


def _end(line: str, start: int, length: int) -> int:
    if len(line) - start <= length:
        return len(line)
    return max(line.rfind(" ", start + 1, start + length), 0) or start + length
