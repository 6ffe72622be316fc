"""Answer texts: what is offered where a customer is told something, where each fits, and how it is filled in (D20)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import tomli_w

from core.rules.catalogue import KEY, LONGEST_KEY, Catalogue, counted_as
from core.rules.checked import Checked, read_toml
from core.rules.steps import STEPS
from core.rules.text import fold

FIELDS = ("name", "code", "deadline", "holder")
"""What a text may leave open, in braces: the customer, the case code, when the result is due, who holds the case."""
DRAFT, APPROVED, DROPPED, RETIRED = STATUSES = ("draft", "approved", "dropped", "retired")
"""What a version is: waiting for approval, offered, a draft that was refused, no longer offered."""
TELLING = tuple(key for key, step in STEPS.items() if "answer_text" in step.field_names())
"""The steps in which the customer is told something."""
MAX_TITLE, MAX_BODY = 120, 4_000  # letters
_FIELD = re.compile(r"\{([^{}]*)\}")
_GAP = re.compile(r"\{[^{}]*\}|\[[^\[\]\n]+\]")  # a field, or in square brackets what a person fills in: [số tiền]
_NO_LETTER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Text:
    """One text; ``category``, ``step`` and ``channel`` narrow where it is offered, None for everywhere."""

    title: str
    body: str
    category: str | None = None
    step: str | None = None
    channel: str | None = None

    @property
    def narrowed_by(self) -> int:
        """By how many of the three it is narrowed: the more, the better it fits where it is offered."""
        return sum(bool(one) for one in (self.category, self.step, self.channel))


NARROWING = ("category", "step", "channel")
CONTENT = ("title", "body", *NARROWING)
"""The attributes of ``Text``."""


def open_fields(body: str) -> tuple[str, ...]:
    """What stands in braces, in the order of the text, each once."""
    return tuple(dict.fromkeys(found.group(1) for found in _FIELD.finditer(body)))


def filled(body: str, values: Mapping[str, str]) -> str:
    """``body`` with its fields replaced; one whose value is empty or missing stays as it is written."""
    return _FIELD.sub(lambda found: values.get(found.group(1)) or found.group(), body)


def left_open(said: str) -> tuple[str, ...]:
    """What is still to be filled in by hand: fields without a value, and what stands in square brackets."""
    return tuple(dict.fromkeys(_GAP.findall(said)))


def is_unchanged(body: str, said: str) -> bool:
    """Whether ``said`` is ``body`` with something in the place of each gap; white space does not count.

    What a gap was filled with is not looked at, so words added right beside one are no change.
    """
    first, *others = _between_gaps(body)
    rest = _spaced(said)
    if not others:
        return rest == first
    if not rest.startswith(first):
        return False
    rest = rest[len(first) :]
    *middle, last = others
    for part in middle:
        _, found, rest = rest.partition(part) if part else ("", " ", rest)
        if not found:
            return False
    return rest.endswith(last)


@lru_cache
def _between_gaps(body: str) -> tuple[str, ...]:
    return tuple(_spaced(part) for part in _GAP.split(body))


def fits(text: Text, categories: Catalogue, *, category: str, step: str, channel: str) -> bool:
    """Whether the text is offered there; one of a category is offered in its sub-categories too, and after a merge."""
    return (
        text.step in (None, step)
        and text.channel in (None, channel)
        and (text.category is None or counted_as(categories, text.category) in _ways_up(categories, category))
    )


def propose_key(title: str, taken: Collection[str]) -> str:
    """A key made of the title's letters that is not ``taken``: ``Đã hoàn tiền`` → ``da_hoan_tien``."""
    letters = _NO_LETTER.sub("_", fold(title)).strip("_")
    key = (letters if KEY.match(letters) else f"text_{letters}")[:LONGEST_KEY].strip("_")
    free, n = key, 1
    while free in taken:
        n += 1
        free = f"{key[: LONGEST_KEY - len(str(n)) - 1]}_{n}"
    return free


def parse(text: str, *, file: str) -> Mapping[str, Text]:
    """The TOML of shipped texts (tables ``[key]`` with ``title``, ``body`` and what narrows it) → key → text.

    Raises Invalid naming file, key and reason; whether category and channel exist is checked by whoever has the lists.
    """
    top = read_toml(text, file)
    return MappingProxyType({key: _text(key, top.table(key)) for key in top.left()})


def dump(texts: Mapping[str, Text]) -> str:
    """The TOML that ``parse`` reads to the same texts; what is not set is left out."""
    return tomli_w.dumps(
        {key: {name: value for name in CONTENT if (value := getattr(text, name))} for key, text in texts.items()},
        multiline_strings=True,
    )


def check(texts: Mapping[str, Text], categories: Catalogue, channels: Catalogue, *, file: str) -> None:
    """Raise Invalid where a text of ``file`` names a category or channel that the lists do not have."""
    for key, text in texts.items():
        for name, value, known in (("category", text.category, categories), ("channel", text.channel, channels)):
            if value and value not in known:
                Checked(file, key, {}).refuse(name, f"names “{value}”, which the organisation does not have")


def _text(key: str, table: Checked) -> Text:
    if not KEY.fullmatch(key):
        table.refuse("", f"a key is lower-case letters, digits and _, 2 to {LONGEST_KEY} of them")
    text = Text(
        table.text("title"),
        table.text("body").strip(),
        table.text("category", "") or None,
        table.choice("step", ("", *TELLING), "") or None,
        table.text("channel", "") or None,
    )
    for name, longest in (("title", MAX_TITLE), ("body", MAX_BODY)):
        if len(getattr(text, name)) > longest:
            table.refuse(name, f"is longer than {longest} letters")
    for field in open_fields(text.body):
        if field not in FIELDS:
            table.refuse("body", f"has the field {{{field}}}, which is none of {', '.join(FIELDS)}")
    table.done()
    return text


def _ways_up(categories: Catalogue, category: str) -> set[str]:
    """What ``category`` counts as, and what the category above it counts as."""
    parent = categories[category].parent if category in categories else ""
    return {counted_as(categories, key) for key in (category, parent) if key}


def _spaced(text: str) -> str:
    """``text`` without its white space."""
    return "".join(text.split())
