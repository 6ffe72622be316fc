"""The words of the sample: what invented customers write and are told, drawn from ``data/sample/*.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any

from core.register.case.customers import CustomerDraft
from core.rules.text import fold

FOLDER = Path(__file__).resolve().parents[2] / "data" / "sample"
Pieces = tuple[tuple[str, str], ...]  # (text, slot after it) …


@cache
def table(name: str) -> dict[str, Any]:
    """``data/sample/<name>.toml``."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Story:
    """One kind of complaint or inquiry: what it is about and what everybody says in it; ``cause`` is empty for an inquiry."""

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
    return tuple(_story(key, said) for key, said in table("stories").items() if key not in ("slots", "tone"))


def _story(key: str, said: dict[str, Any]) -> Story:
    texts = {
        name: tuple(map(_pieces, said.get(name, ())))
        for name in ("statements", "remedies", "asks", "answers", "results")
    }
    return Story(
        key, said["category"], said["cause"], said["share"], said["department"], tuple(said["products"]), **texts
    )


def _pieces(text: str) -> Pieces:
    return tuple((literal, slot or "") for literal, slot, _, _ in Formatter().parse(text))


class Writer:
    """Fills the texts by chance; one writer per sample, so that a seed always gives the same words."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.slots: dict[str, list[str]] = table("stories")["slots"]
        self.tone: dict[str, list[str]] = table("stories")["tone"]
        self.people: dict[str, Any] = table("people")["customers"]

    def one_of(self, texts: tuple[Pieces, ...], otherwise: str = "") -> str:
        """One of the texts with its slots filled."""
        if not texts:
            return otherwise
        said = "".join(
            text + (self.chance.choice(self.slots[slot]) if slot else "") for text, slot in self.chance.choice(texts)
        )
        return said[:1].upper() + said[1:]

    def statement(self, story: Story, *, plain: bool) -> str:
        """What the customer says, with a greeting and a sigh now and then; ``plain`` is typed without accents."""
        before = self.chance.choice(self.tone["before"])
        after = self.chance.choice(self.tone["asking" if story.is_inquiry else "after"])
        said = self.one_of(story.statements)
        whole = before + (said[:1].lower() + said[1:] if before.endswith((", ", ": ")) else said) + after
        return fold(whole) if plain else whole

    def customer(self, number: int, channel: str) -> CustomerDraft:
        """The invented customer of that number, with the contacts that ``channel`` gives; the same number, the same person."""
        whose = Random(number)  # noqa: S311 -- invents people, keeps no secret
        name = " ".join(whose.choice(self.people[part]) for part in ("family", "middle", "given"))
        plain = fold(name).replace(" ", "")
        phone = f"{self.people['phone_prefix']} {number * 7919 % 1_000_000:06d}"
        account = f"{plain}{number % 10_000}"
        if channel in ("hotline", "office", "letter"):
            return CustomerDraft(name=name, phone=phone)
        if channel == "email":
            return CustomerDraft(name=name, phone=phone, email=f"{account}@{self.people['mail_domain']}")
        if channel in ("facebook", "youtube"):
            return CustomerDraft(name=name, account=account)
        return CustomerDraft(phone=phone, account=account)
