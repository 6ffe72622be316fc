"""The texts of the sample: what invented customers write and get answered, drawn from the organisation's stories."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random
from string import Formatter
from typing import Any, NotRequired, TypedDict, cast

from core.register.case.customers import CustomerDraft
from core.rules.catalogue import Field
from core.rules.text import fold
from core.shipped import DATA

ORGANISATIONS = DATA / "organisations"
SHARED = "common"
TEXTS = ("statements", "remedies", "asks", "answers", "results")
MADE_SLOTS = frozenset({"organisation", "branch", "phone", "mail", "digits"})
"""Slots that are filled from the complaint and not drawn from ``[slots]``."""
Pieces = tuple[tuple[str, str], ...]  # (text, slot after it) …


@cache
def table(organisation: str, name: str) -> dict[str, Any]:
    """``sample/<name>.toml`` of the organisation over the one that all share; whoever reads it gives it its shape.

    Tables of both files are one table, in which the organisation's own keys count.
    """
    both = dict(_read(SHARED, name))
    for key, value in _read(organisation, name).items():
        both[key] = {**both.get(key, {}), **value} if isinstance(value, dict) else value
    return both


def _read(organisation: str, name: str) -> dict[str, Any]:
    file = ORGANISATIONS / organisation / "sample" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


class Names(TypedDict):
    """Parts that customers' names and contacts are put together from."""

    family: list[str]
    middle: list[str]
    given: list[str]
    phone_prefix: str
    mail_domain: str


class People(TypedDict):
    """``sample/people.toml``; rows of ``staff`` (customer care), ``leads``, ``handlers`` and ``board`` are accounts."""

    customers: Names
    staff: list[dict[str, str]]
    handlers: NotRequired[list[dict[str, str]]]
    board: NotRequired[list[dict[str, str]]]
    leads: NotRequired[list[dict[str, str]]]


def people(organisation: str) -> People:
    """Who appears in the sample of the organisation."""
    return cast("People", table(organisation, "people"))


@dataclass(frozen=True, kw_only=True)
class Story:
    """One kind of complaint or inquiry with the texts of everybody in it; ``cause`` is empty for an inquiry.

    ``level``, ``outcome``: always this one; drawn by chance where empty. ``incident_days``: least and most days since
    it happened. ``settled``: how often it is agreed on the spot (D26), of those that come in person or by phone.
    """

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
    level: str = ""
    outcome: str = ""
    incident_days: tuple[int, int] | None = None
    settled: float = 0.0

    @property
    def is_inquiry(self) -> bool:
        """Whether it asks rather than complains (POPS step 3, A)."""
        return not self.cause


@cache
def stories(organisation: str) -> tuple[Story, ...]:
    """Every story of the organisation, in its file's order."""
    return tuple(_story(key, fields) for key, fields in table(organisation, "stories")["stories"].items())


def _story(key: str, table: dict[str, Any]) -> Story:
    """The story of one table; TypeError for a key too few or too many."""
    texts = {name: pieces(table.get(name, ())) for name in TEXTS}
    days = table.get("incident_days")
    return Story(
        key=key,
        **{**table, **texts, "products": tuple(table["products"]), "incident_days": tuple(days) if days else None},
    )


def pieces(texts: Iterable[str]) -> tuple[Pieces, ...]:
    """Each text cut where a slot is to be filled."""
    return tuple(tuple((literal, slot or "") for literal, slot, _, _ in Formatter().parse(text)) for text in texts)


def _all_pieces(table: Mapping[str, Iterable[str]]) -> dict[str, tuple[Pieces, ...]]:
    return {key: pieces(texts) for key, texts in table.items()}


class Writer:
    """Fills the texts of one complaint after another by chance; one writer per sample, so that a seed repeats itself.

    ``begin`` starts a complaint: a slot filled once says the same in every text of it.
    """

    def __init__(self, organisation: str, name: str, chance: Random) -> None:
        told = table(organisation, "stories")
        self.chance, self.name = chance, name
        self.slots: dict[str, list[str]] = told["slots"]
        self.tone = _all_pieces(told["tone"])
        self.words = _all_pieces(told["words"])
        self.facts: dict[str, list[str]] = told.get("facts", {})
        self.details = {category: _all_pieces(fields) for category, fields in told.get("details", {}).items()}
        self.names = people(organisation)["customers"]
        self.said: dict[str, str] = {}

    def begin(self, **given: str) -> None:
        """Start a complaint: slots are drawn anew, except those ``given``."""
        self.said = {"organisation": self.name, **{slot: text for slot, text in given.items() if text}}

    def one_of(self, texts: tuple[Pieces, ...]) -> str:
        """One of the texts with its slots filled, beginning with a capital letter; empty where there is none."""
        if not texts:
            return ""
        text = "".join(literal + (self._slot(slot) if slot else "") for literal, slot in self.chance.choice(texts))
        return text[:1].upper() + text[1:]

    def values(self, category: str, fields: Iterable[Field], until: datetime, chance: Random) -> dict[str, str]:
        """Field of the category → what the customer knows of it: a moment before ``until``, a choice, or a told text.

        Drawn from ``chance``; slots that the statement filled say the same here, and new ones in the texts after it.
        """
        told = self.details.get(category, {})
        found = {}
        for field in fields:
            if field.type == "moment":
                found[field.key] = (until - timedelta(minutes=chance.randrange(5, 2_000))).isoformat()
            elif field.type == "choice":
                found[field.key] = chance.choice(field.offered).key
            elif text := self._told(told.get(field.key, ()), chance):
                found[field.key] = text
        return found

    def verified(self, fields: Iterable[Field], whose: Random, known: float) -> dict[str, str]:
        """Customer field → what is found of the customer whose chance this is; each as often as ``known``."""
        found = {}
        for field in fields:
            texts = [choice.key for choice in field.offered] or self.facts.get(field.key, [])
            if texts and whose.random() < known:
                found[field.key] = whose.choice(texts)
        return found

    def _told(self, texts: tuple[Pieces, ...], chance: Random) -> str:
        """One of the texts that can be filled: a customer who gave no address has none to sign in with."""
        known = {"", "digits", *self.said, *self.slots}
        texts = tuple(text for text in texts if all(slot in known for _literal, slot in text))
        before, self.chance = self.chance, chance
        try:
            return self.one_of(texts)
        finally:
            self.chance = before

    def word(self, key: str) -> str:
        """One of the short texts of that key in ``[words]``."""
        return self.one_of(self.words[key])

    def statement(self, story: Story, *, plain: bool) -> str:
        """The customer's statement, with a greeting and a sigh now and then; ``plain`` is typed without accents."""
        before = self.one_of(self.tone["before"])
        after = self.one_of(self.tone["asking" if story.is_inquiry else "after"])
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
        match channel:
            case "email" | "support" | "chat":
                return CustomerDraft(name=name, phone=phone, email=f"{account}@{names['mail_domain']}")
            case "facebook" | "youtube":
                return CustomerDraft(name=name, account=account)
            case "app_ios" | "app_android" | "web":
                return CustomerDraft(phone=phone, account=account)
            case _:
                return CustomerDraft(name=name, phone=phone)

    def _slot(self, slot: str) -> str:
        if slot not in self.said:
            drawn = f"{self.chance.randrange(10**6):06d}" if slot == "digits" else self.chance.choice(self.slots[slot])
            self.said[slot] = drawn
        return self.said[slot]
