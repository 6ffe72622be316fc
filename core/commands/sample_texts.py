"""The texts of the sample: what invented customers write and get answered, drawn from ``data/sample/*.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any, TypedDict, cast

from core.register.case.customers import CustomerDraft
from core.rules.text import fold

FOLDER = Path(__file__).resolve().parents[2] / "data" / "sample"
TEXTS = ("statements", "remedies", "asks", "answers", "results")
Pieces = tuple[tuple[str, str], ...]  # (text, slot after it) …


@cache
def table(name: str) -> dict[str, Any]:
    """``data/sample/<name>.toml``; whoever reads it gives it its shape."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


class Names(TypedDict):
    """Parts that customers' names and contacts are put together from."""

    family: list[str]
    middle: list[str]
    given: list[str]
    phone_prefix: str
    mail_domain: str


class People(TypedDict):
    """``data/sample/people.toml``; a row of ``staff`` has the fields of an account."""

    customers: Names
    staff: list[dict[str, str]]


def people() -> People:
    """Who appears in the sample."""
    return cast("People", table("people"))


@dataclass(frozen=True)
class Story:
    """One kind of complaint or inquiry with the texts of everybody in it; ``cause`` is empty for an inquiry."""

    key: str
    category: str
    cause: str
    share: float
    department: str
    products: tuple[str, ...]
    statements: tuple[Pieces, ...]
    remedies: tuple[Pieces, ...]
    asks: tuple[Pieces, ...]
    answers: tuple[Pieces, ...]
    results: tuple[Pieces, ...]

    @property
    def is_inquiry(self) -> bool:
        """Whether it asks rather than complains (POPS step 3, A)."""
        return not self.cause


@cache
def stories() -> tuple[Story, ...]:
    """Every story of the sample, in its file's order."""
    return tuple(_story(key, fields) for key, fields in table("stories").items() if key not in {"slots", "tone"})


def _story(key: str, table: dict[str, Any]) -> Story:
    """The story of one table; KeyError or TypeError for a key too few or too many."""
    texts = {name: tuple(map(_pieces, table.get(name, ()))) for name in TEXTS}
    return Story(key, **{**table, **texts, "products": tuple(table["products"])})


def _pieces(text: str) -> Pieces:
    return tuple((literal, slot or "") for literal, slot, _, _ in Formatter().parse(text))


class Writer:
    """Fills the texts by chance; one writer per sample, so that a seed always gives the same words."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.slots: dict[str, list[str]] = table("stories")["slots"]
        self.tone: dict[str, list[str]] = table("stories")["tone"]
        self.names = people()["customers"]

    def one_of(self, texts: tuple[Pieces, ...], otherwise: str = "") -> str:
        """One of the texts with its slots filled."""
        if not texts:
            return otherwise
        pieces = self.chance.choice(texts)
        text = "".join(literal + (self.chance.choice(self.slots[slot]) if slot else "") for literal, slot in pieces)
        return text[:1].upper() + text[1:]

    def statement(self, story: Story, *, plain: bool) -> str:
        """The customer's statement, with a greeting and a sigh now and then; ``plain`` is typed without accents."""
        before = self.chance.choice(self.tone["before"])
        after = self.chance.choice(self.tone["asking" if story.is_inquiry else "after"])
        text = self.one_of(story.statements)
        whole = before + (text[:1].lower() + text[1:] if before.endswith((", ", ": ")) else text) + after
        return fold(whole) if plain else whole

    def customer(self, number: int, channel: str) -> CustomerDraft:
        """The invented customer of that number, with contacts that suit ``channel``; one number is one person."""
        whose = Random(number)  # noqa: S311 -- invents people, keeps no secret
        names = self.names
        name = " ".join(whose.choice(part) for part in (names["family"], names["middle"], names["given"]))
        plain = fold(name).replace(" ", "")
        phone = f"{names['phone_prefix']} {number * 7919 % 1_000_000:06d}"
        account = f"{plain}{number % 10_000}"
        if channel in ("hotline", "office", "letter"):
            return CustomerDraft(name=name, phone=phone)
        if channel == "email":
            return CustomerDraft(name=name, phone=phone, email=f"{account}@{names['mail_domain']}")
        if channel in ("facebook", "youtube"):
            return CustomerDraft(name=name, account=account)
        return CustomerDraft(phone=phone, account=account)
