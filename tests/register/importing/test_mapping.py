"""Mapping files: what a good one says, and that a bad one is refused with file, key and reason."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from core.errors import Invalid
from core.register.importing.mapping import parse

GOOD = """
source = "old_desk"
procedure = "pops"
[file]
missing = ["?"]
[time]
formats = ["%d/%m/%Y %H:%M"]
zone = "Asia/Ho_Chi_Minh"
[reference]
column = "number"
[columns]
recorded_at = "opened"
category = "topic"
[constants]
channel = "email"
[templates]
statement = "{title}: {text}"
[values.category]
"Sign in" = "login"
"*" = "other"
"""
HISTORY = """
[history]
state = "state"
at = "changed"
[history.stages]
New = "received"
"""


def test_two_spellings_of_one_word_may_mean_one_thing() -> None:
    spelt = GOOD.replace('"Sign in" = "login"', '"Sign in" = "login"\n"SIGN  ìn" = "login"')
    assert parse(spelt, file="old.toml").values["category"] == {"sign in": "login", "*": "other"}


def test_a_mapping_may_be_written_in_decomposed_letters() -> None:
    spelt = GOOD.replace("opened", unicodedata.normalize("NFD", "Mở lúc"))
    assert parse(spelt, file="old.toml").columns["recorded_at"] == unicodedata.normalize("NFC", "Mở lúc")


def test_a_good_mapping_says_which_columns_it_reads() -> None:
    mapping = parse(GOOD, file="old.toml")
    assert mapping.wanted() == ("number", "opened", "topic", "title", "text")
    assert mapping.missing == {"", "?"}
    assert (mapping.encoding, mapping.delimiter, mapping.header_row) == ("utf-8", "", 0), "the file decides"
    assert mapping.column_of("statement") == "title, text"
    assert mapping.column_of("recorded_at") == "opened"
    assert mapping.column_of("channel") == "channel", "a constant has no column: its field is named"


# ruff: disable[E501]  # a row of a table stays one line
BAD = [
    # replaced, by, named in the sentence, why
    ('source = "old_desk"', "", "source", "every complaint keeps where it came from"),
    ('source = "old_desk"', f'source = "{"x" * 33}"', "source", "longer than its column"),
    ('source = "old_desk"', 'source = "old_desk"\nsuorce = "x"', "suorce", "a typing slip is not silently ignored"),
    ('zone = "Asia/Ho_Chi_Minh"', 'zone = "Asia/Saign"', "time.zone", "no such zone"),
    ('formats = ["%d/%m/%Y %H:%M"]', "formats = []", "time.formats", "no way to read a time"),
    ('missing = ["?"]', 'encoding = "utf-9"', "file.encoding", "no such encoding"),
    ('missing = ["?"]', 'encoding = "hex"', "file.encoding", "a codec that gives no text"),
    ('missing = ["?"]', 'encoding = "a\\u0000b"', "file.encoding", "no name at all"),
    ('zone = "Asia/Ho_Chi_Minh"', 'zone = "Asia"', "time.zone", "a folder of zones"),
    ('formats = ["%d/%m/%Y %H:%M"]', 'formats = ["%Y %Y"]', "time.formats", "one part twice"),
    ('formats = ["%d/%m/%Y %H:%M"]', 'formats = ["%Q"]', "time.formats", "no such part"),
    ('statement = "{title}: {text}"', 'statement = "{title:>999999999}"', "templates.statement", "a cell of a gigabyte"),
    ('statement = "{title}: {text}"', 'statement = "{title:{wide}}"', "templates.statement", "a column nobody looks up"),
    ('statement = "{title}: {text}"', 'statement = "{title!r}"', "templates.statement", "Python's own writing"),
    ('channel = "email"', 'channel = "email"\n[columns.details]\nAmount = "sum"', "details.Amount", "no key of a field"),
    ('zone = "Asia/Ho_Chi_Minh"', 'zone = "Asia/Ho_Chi_Minh"\ndetails = ["time"]', "time.details.time", "a moment of no column"),
    ('"*" = "other"', '"*" = "other"\n[values.details.method]\nX = "momo"', "values.details.method", "words of no column"),
    ('channel = "email"', 'channel = "email"\n[constants.details]\na1 = "x"\n[templates.details]\na1 = "y"', "details.a1", "given twice"),
    ('statement = "{title}: {text}"', 'statement = "{}"', "templates.statement", "which column?"),
    ("[values.category]", HISTORY + "[history.fields.forward]\nwithin_days=999999999\n[values.category]", "within_days", "past the end of time"),
    ('missing = ["?"]', 'delimiter = "||"', "file.delimiter", "two characters"),
    ('missing = ["?"]', "header_row = 0", "file.header_row", "lines are counted from 1"),
    ('formats = ["%d/%m/%Y %H:%M"]', 'formats = ["%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p"]', "time.formats", "3/11 is two days"),
    ('formats = ["%d/%m/%Y %H:%M"]', 'formats = ["%d/%m/%Y %I:%M"]', "time.formats", "an hour of which half of the day?"),
    ('"Sign in" = "login"', '"Sign in" = "login"\n"SIGN  ìn" = "payment"', "values.category.SIGN  ìn", "one word with two meanings"),
    ('statement = "{title}: {text}"', 'statement = "{title}"\nsent_at = "now"', "templates.sent_at", "a moment of no column"),
    ('column = "number"', "", "reference", "without a reference every run would add everything again"),
    ('column = "number"', 'column = "number"\nhash_of = ["a"]', "reference", "which of the two?"),
    ('column = "number"', "hash_of = []", "reference.hash_of", "a digest of nothing"),
    ('recorded_at = "opened"', "", "recorded_at", "a complaint without a time"),
    ('channel = "email"', "", "channel", "a complaint without a channel"),
    ('channel = "email"', 'channel = "email"\nrecorded_at = "2026"', "recorded_at", "given twice"),
    ('channel = "email"', 'channel = "email"\nsent_at = "2026-01-01"', "sent_at", "a moment must come from a column"),
    ('statement = "{title}: {text}"', 'statement = "{title"', "templates.statement", "a brace that is not closed"),
    ('category = "topic"', 'category = "topic"\ncolour = "hue"', "colour", "no such field"),
    ("[values.category]", "[values.channel]", "values.channel", "words for a field that is a constant"),
    ("[values.category]", HISTORY.replace("received", "begun") + "[values.category]", "history.stages.New", "no such stage"),
    ("[values.category]", HISTORY + "[history.fields.forward]\ntext='x'\n[values.category]", "history.fields.forward.within_days", "a wait needs its days"),
    ('column = "number"', 'hash_of = ["number"]\n' + HISTORY, "reference", "rows of one history must share a column"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("old", "new", "named", "why"), BAD, ids=[row[-1] for row in BAD])
def test_a_bad_mapping_is_refused(old: str, new: str, named: str, why: str) -> None:
    assert old in GOOD
    with pytest.raises(Invalid) as refused:
        parse(GOOD.replace(old, new, 1), file="old.toml")
    assert "old.toml" in str(refused.value), why
    assert named in str(refused.value), why


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[3] / "data" / "mappings").glob("*.toml")), ids=lambda file: file.stem
)
def test_shipped_mappings_are_good(file: Path) -> None:
    mapping = parse(file.read_text(encoding="utf-8"), file=file.name)
    assert mapping.source == file.stem
