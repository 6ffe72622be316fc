"""Catalogue files: what is taken, and the sentence for what is not."""

from __future__ import annotations

import pytest

from core.catalogues import catalogues, name_of
from core.errors import Invalid
from core.i18n import use
from core.rules.catalogue import Catalogues, parse


def test_entries_keep_the_order_of_the_file() -> None:
    found = parse('[b_key]\nvi = "Bê"\nen = "B"\n[a_key]\nvi = "A"\nen = "A"\nsuits = ["login"]\n', file="x.toml")
    assert list(found) == ["b_key", "a_key"]
    assert found["a_key"].suits == ("login",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[Bad]\nvi="a"\nen="b"', "Bad"),
        ('[one]\nvi="a"', "one"),
        ('[one]\nvi="a"\nen="b"\ncolour="red"', "colour"),
        ("[one", "x.toml"),
    ],
)
def test_a_broken_file_is_named_with_key_and_reason(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        parse(text, file="x.toml")


def test_the_shipped_catalogues_hold_the_words_of_the_procedure() -> None:
    shipped = catalogues()
    assert list(shipped.categories) == ["login", "content", "app_error", "payment", "locked_chapter", "other"]
    assert all(getattr(shipped, name) for name in Catalogues.__slots__)
    assert {key for cause in shipped.causes.values() for key in cause.suits} <= set(shipped.categories)


def test_names_follow_the_reader() -> None:
    assert name_of(catalogues().categories, "locked_chapter") == "Chương bị khóa"
    use("en")
    assert name_of(catalogues().categories, "locked_chapter") == "Locked chapters"
    assert name_of(catalogues().categories, None) == "–"
    assert name_of(catalogues().categories, "gone_key") == "gone_key"
