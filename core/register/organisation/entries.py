"""What a list of the organisation may become: keys for new entries, and why a changed list cannot be kept (D20)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from core.i18n import N_
from core.rules.catalogue import ATTRIBUTES, KEY, LONGEST_KEY, Catalogue, Entry, Field, counted_as, offered
from core.rules.contacts import email_problem
from core.rules.text import fold, keepable, nfc
from core.rules.words import words

LONGEST_NAME = 80
MOST_DAYS = 365
NEEDED: Mapping[str, frozenset[str]] = {
    "channels": frozenset(),
    "categories": frozenset(),
    "causes": frozenset(),
    "outcomes": frozenset({"withdrawn", "not_recorded", "inadmissible"}),
    "breach_reasons": frozenset({"not_recorded"}),
}
"""Lists of which logging or closing asks for an entry → those of its entries that no form offers."""


EVERYTHING_ELSE = frozenset({"other", "khac", "unknown", "not_recorded"})
"""Keys of entries for what no other entry fits, which stand last; ``khac`` is made of the name “Khác”."""


class Problem(NamedTuple):
    """What is to be mended: of which entry, in which of its fields, as a sentence to be translated."""

    key: str
    field: str
    sentence: str


def clean(name: str) -> str:
    """A name as it is kept: composed letters, on one line, one blank between words."""
    return " ".join(nfc(keepable(name)).split())


def cleaned(entry: Entry) -> Entry:
    """An entry with every name as it is kept."""
    fields = tuple(
        replace(
            field,
            vi=clean(field.vi),
            en=clean(field.en),
            choices=tuple(replace(one, vi=clean(one.vi), en=clean(one.en)) for one in field.choices),
        )
        for field in entry.fields
    )
    return replace(entry, vi=clean(entry.vi), en=clean(entry.en), mailbox=entry.mailbox.strip(), fields=fields)


def name_problem(name: str) -> str:
    """Why this cannot be the name of an entry or an organisation, as a sentence to be translated; empty: it can."""
    if not fold(name):
        return N_("Write the name.")
    return N_("Shorten the name: at most 80 characters.") if len(name) > LONGEST_NAME else ""


def propose_key(name: str, taken: Collection[str]) -> str:
    """A key for the entry of that Vietnamese name: ``Ví điện tử`` → ``vi_dien_tu``, a number behind it where taken."""
    letters = "_".join("".join(sign for sign in word if sign.isascii()) for word in words(name)).strip("_")
    if not letters[:1].isalpha():
        letters = f"k_{letters}".rstrip("_")
    base = letters[:LONGEST_KEY].rstrip("_")
    if len(base) > 1 and base not in taken:
        return base
    for number in range(2, len(taken) + 3):
        end = f"_{number}"
        key = base[: LONGEST_KEY - len(end)].rstrip("_") + end
        if key not in taken:
            return key
    raise AssertionError("one of as many numbers as there are entries is free")


def with_new(before: Catalogue, entry: Entry) -> Catalogue:
    """The list with ``entry`` at its end, before those for everything else where they stand last of what is offered."""
    known = list(before.values())
    place = len(known)
    for at in range(len(known) - 1, -1, -1):
        if known[at].key in EVERYTHING_ELSE:
            place = at
        elif not known[at].retired:
            break
    return {one.key: one for one in (*known[:place], entry, *known[place:])}


def problems(
    name: str,
    before: Catalogue,
    after: Catalogue,
    *,
    categories: Catalogue,
    channels: Catalogue,
    staffed: Collection[str],
) -> list[Problem]:
    """Why list ``name`` cannot become ``after``; looked at are the entries that differ from ``before``.

    ``categories``: those that causes may suit. ``channels``: those that a category may be taken by. ``staffed``: keys
    that people with an account belong to.
    """
    found = [Problem(key, "key", N_("A key once used never goes: retire it.")) for key in before if key not in after]
    for key, entry in after.items():
        if before.get(key) == entry:
            continue
        found += [Problem(key, field, sentence) for field, sentence in _of_entry(name, entry, after, categories)]
        if any(one not in channels for one in entry.taken_by):
            found.append(Problem(key, "taken_by", N_("Choose channels that are in the list of channels.")))
        known = before[key].fields if key in before else ()
        found += [Problem(key, f"fields.{field}", sentence) for field, sentence in fields_problems(entry.fields, known)]
        if entry.retired and (key not in before or not before[key].retired):
            found += [Problem(key, "retired", sentence) for sentence in _of_retiring(name, key, after, staffed)]
    return found


def _of_entry(name: str, entry: Entry, after: Catalogue, categories: Catalogue) -> Iterator[tuple[str, str]]:
    if not KEY.fullmatch(entry.key):
        yield "key", N_("A key is 2 to 31 small letters, digits and _, the first a letter.")
    yield from _of_names(entry, after)
    known = ATTRIBUTES[name]
    if "mailbox" in known and (sentence := email_problem(entry.mailbox)):
        yield "mailbox", sentence
    for field in ("complaint_days", "reply_days"):
        days: int | None = getattr(entry, field)
        if field in known and days is not None and not 1 <= days <= MOST_DAYS:
            yield field, N_("Write whole days, 1 to 365, or leave it empty.")
    if any(key not in categories for key in entry.suits):
        yield "suits", N_("Choose categories that are in the list of categories.")
    if entry.parent and (sentence := _of_parent(entry, after)):
        yield "parent", sentence
    if entry.into and entry.into not in after:
        yield "into", N_("Choose another entry of this list.")
    elif (end := after.get(counted_as(after, entry.key))) is not None and end.into:
        yield "into", N_("These entries are merged into each other: one of them must count for itself.")
    if entry.into and not entry.retired:
        yield "into", N_("A merged entry is no longer offered.")


def field_problems(field: Field, others: Iterable[Field], before: Field | None = None) -> dict[str, str]:
    """What is wrong with one detail of a category; ``others``: those beside it, ``before``: as it was until now.

    Its names, ``choices`` and ``type``, by which what was recorded is kept.
    """
    wrong: dict[str, str] = {}
    others = [one for one in others if not one.retired and not field.retired]
    for name in ("vi", "en"):
        text: str = getattr(field, name)
        if not fold(text):
            wrong[name] = N_("Write the name.")
        elif len(text) > LONGEST_NAME:
            wrong[name] = N_("Shorten the name: at most 80 characters.")
        elif any(fold(text) == fold(getattr(one, name)) for one in others):
            wrong[name] = N_("Another detail of this category has this name.")
    if field.type == "choice" and not field.offered:
        wrong["choices"] = N_("Write at least one choice.")
    for text in (text for one in field.choices for text in (one.vi, one.en)):
        if sentence := name_problem(text):
            wrong["choices"] = sentence
    if before is not None and {one.key for one in before.choices} - {one.key for one in field.choices}:
        wrong["choices"] = N_("A key once used never goes: retire it.")
    if before is not None and (field.type, field.personal) != (before.type, before.personal):
        wrong["type"] = N_("What kind of detail it is, and whether it is personal, stays once it is made.")
    return wrong


def fields_problems(fields: Collection[Field], before: Iterable[Field]) -> Iterator[tuple[str, str]]:
    """What is wrong with the details of a category or of customers, under ``KEY`` or ``KEY.name``.

    ``before``: as they were until now.
    """
    known = {field.key: field for field in before}
    left = {field.key for field in fields}
    for key in known:
        if key not in left:
            yield key, N_("A key once used never goes: retire it.")
    for field in fields:
        others = [one for one in fields if one.key != field.key]
        if field != known.get(field.key):
            for name, sentence in field_problems(field, others, known.get(field.key)).items():
                yield f"{field.key}.{name}", sentence


def _of_names(entry: Entry, after: Catalogue) -> Iterator[tuple[str, str]]:
    others = [one for one in offered(after).values() if one.key != entry.key and not entry.retired]
    for field in ("vi", "en"):
        name: str = getattr(entry, field)
        if sentence := name_problem(name):
            yield field, sentence
        elif any(fold(name) == fold(getattr(one, field)) for one in others):
            yield field, N_("Another entry that is offered has this name.")


def _of_parent(entry: Entry, after: Catalogue) -> str:
    above = after.get(entry.parent)
    if above is None or above.key == entry.key or (above.retired and not entry.retired):
        return N_("Choose another category that is offered.")
    if above.parent:
        return N_("This is a sub-category itself: one level only.")
    if any(one.parent == entry.key for one in after.values()):
        return N_("It has sub-categories itself: one level only.")
    return ""


def _of_retiring(name: str, key: str, after: Catalogue, staffed: Collection[str]) -> Iterator[str]:
    left = offered(after)
    if name in NEEDED and not left.keys() - NEEDED[name]:
        yield N_("It is the last one offered, and every complaint needs one: add another first.")
    if any(one.parent == key for one in left.values()):
        yield N_("It has sub-categories that are offered: retire them or give them another category first.")
    if key in staffed:
        yield N_("People belong to it: change their accounts first.")
