"""What the screens say and the Vietnamese catalogues translate: each check takes a source tree, returns complaints."""

from __future__ import annotations

import ast
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

MARKS = {"_", "gettext", "N_"}
BASE_ERROR = "PopsError"


@dataclass(frozen=True)
class Said:
    """A message in the source, with where it is said; ``text`` is None where it is made up at run time."""

    where: str
    text: str | None
    plural: str | None = None


@dataclass(frozen=True)
class Entry:
    """A catalogue entry."""

    file: str
    message: Message

    @property
    def text(self) -> str:
        """The English, its singular where it has two."""
        return self.message.id[0] if isinstance(self.message.id, tuple) else str(self.message.id)

    @property
    def words(self) -> list[str]:
        """The Vietnamese, one per plural form."""
        given = self.message.string
        return [str(word) for word in given] if isinstance(given, tuple | list) else [str(given)]


@cache  # reading the whole tree takes seconds, and each check asks for it
def said(root: Path) -> list[Said]:
    """Every message of the modules and of the HTML forms under core/ and pages/."""
    found: list[Said] = []
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in _sources(root, "*.py")}
    errors = _error_names(list(trees.values()))
    for file, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found += _said_by(node, f"{file.relative_to(root)}:{node.lineno}", errors)
    for file in _sources(root, "*.html"):
        with file.open("rb") as lines:
            for line, function, message, _comments in babel_extract(lines, ("_", "gettext", "ngettext"), (), {}):
                where = f"{file.relative_to(root)}:{line}"
                one, many = message if function == "ngettext" and isinstance(message, tuple) else (message, None)
                if isinstance(one, str):  # a variable's text is marked where it is written
                    found.append(Said(where, one, many))
    return found


def _sources(root: Path, pattern: str) -> list[Path]:
    return sorted([*root.glob(f"core/**/{pattern}"), *root.glob(f"pages/**/{pattern}")])


def _error_names(trees: list[ast.Module]) -> set[str]:
    """The names of the classes below PopsError, found where they are written."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    names = {BASE_ERROR}
    while more := {name for name, above in bases.items() if above & names} - names:
        names |= more
    return names


def _said_by(call: ast.Call, where: str, errors: set[str]) -> Iterator[Said]:
    name, first = _name(call.func), call.args[0] if call.args else None
    if name in MARKS and first is not None:
        yield from (Said(where, text) for text in _texts(first))
    elif name == "ngettext" and len(call.args) > 1:
        one, many = (_texts(given) for given in call.args[:2])
        yield from (Said(where, single, plural) for single, plural in zip(one, many, strict=False))
    elif name in errors:
        fields = [keyword.value for keyword in call.keywords if keyword.arg == "fields"] + call.args[1:2]
        for given in (first, *(value for field in fields if isinstance(field, ast.Dict) for value in field.values)):
            yield from (Said(where, text) for text in _texts(given))


def _texts(given: ast.expr | None) -> Iterator[str | None]:
    """A literal is a text; a made-up one is None; a name or a call: nothing, its text is marked where it is written."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.JoinedStr | ast.BinOp):
        yield None
    elif isinstance(given, ast.IfExp):
        yield from _texts(given.body)
        yield from _texts(given.orelse)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@cache
def entries(root: Path) -> list[Entry]:
    """Every entry of the Vietnamese catalogues that translates a message, not those of keys (they have a context)."""
    found = []
    for file in sorted((root / "core" / "locale" / "vi").glob("*.po")):
        with file.open("rb") as lines:
            catalogue = read_po(lines, locale="vi", abort_invalid=True)
        every = [*catalogue, *catalogue.obsolete.values()]
        found += [Entry(file.name, message) for message in every if message.id and message.context is None]
    return found


def made_up(root: Path) -> list[str]:
    """Messages put together at run time, which no catalogue can hold."""
    return [
        f"{each.where} makes its message up at run time: use a {{placeholder}}"
        for each in said(root)
        if each.text is None
    ]


def untranslated(root: Path) -> list[str]:
    """Messages without Vietnamese."""
    ready = {entry.text for entry in entries(root) if not entry.message.fuzzy and all(entry.words)}
    missing = defaultdict(list)
    for each in said(root):
        if each.text and each.text not in ready:
            missing[each.text].append(each.where)
    return [f"{places[0]} says “{text}” and no catalogue translates it" for text, places in missing.items()]


def unused(root: Path) -> list[str]:
    """Entries nothing says any more."""
    used = {each.text for each in said(root)}
    return [
        f"{entry.file} translates “{entry.text}”, which nothing says"
        for entry in entries(root)
        if entry.text not in used
    ]


def wrong_plurals(root: Path) -> list[str]:
    """Messages with two forms whose entry has one, or another second one."""
    known = {entry.text: entry.message.id for entry in entries(root)}
    return [
        f"{each.where} counts “{each.text}” / “{each.plural}”, its entry does not"
        for each in said(root)
        if each.plural and each.text in known and known[each.text] != (each.text, each.plural)
    ]


def wrong_placeholders(root: Path) -> list[str]:
    """Translations that name other values than the English does."""
    complaints = []
    for entry in entries(root):
        given = entry.message.id
        forms = (given,) if isinstance(given, str) else given
        allowed = {frozenset(_placeholders(form)) for form in forms}
        complaints += [
            f"{entry.file} “{entry.text}” → “{word}”: not the same {{placeholders}}"
            for word in entry.words
            if word and frozenset(_placeholders(word)) not in allowed
        ]
    return complaints


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def clashes(root: Path) -> list[str]:
    """One message, two translations: which one is shown would depend on the order of files."""
    kept: dict[str, Entry] = {}
    complaints = []
    for entry in entries(root):
        before = kept.setdefault(entry.text, entry)
        if before.words != entry.words:
            complaints.append(f"{before.file} and {entry.file} translate “{entry.text}” differently")
    return complaints


def careless(root: Path) -> list[str]:
    """English left standing as Vietnamese, letters that are not composed, and blanks at the ends that differ."""
    complaints = []
    for entry in entries(root):
        for word in filter(None, entry.words):
            if word == entry.text and " " in word:
                complaints.append(f"{entry.file} leaves “{entry.text}” in English")
            if not unicodedata.is_normalized("NFC", word):
                complaints.append(f"{entry.file} “{word}” has letters that are not composed (NFC)")
            if (word[:1].isspace(), word[-1:].isspace()) != (entry.text[:1].isspace(), entry.text[-1:].isspace()):
                complaints.append(f"{entry.file} “{entry.text}” → “{word}”: blanks at the ends differ")
    return complaints
