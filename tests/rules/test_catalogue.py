"""Catalogue files: what is taken, and the sentence for what is not."""

from __future__ import annotations

from contextvars import Context
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from core import catalogues as in_use
from core import shipped
from core.catalogues import catalogues, name_of
from core.errors import Invalid
from core.i18n import use
from core.rules.catalogue import Catalogues, Entry, parse


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
    found = shipped.catalogues()
    assert list(found.categories) == ["login", "content", "app_error", "payment", "locked_chapter", "other"]
    assert all(getattr(found, name) for name in Catalogues.__slots__)
    assert {key for cause in found.causes.values() for key in cause.suits} <= set(found.categories)


def test_procedures_and_levels_name_themselves() -> None:
    found = shipped.catalogues()
    assert found.procedures["minh-tuan"] == Entry("minh-tuan", "Minh Tuấn", "Minh Tuấn")
    assert list(found.levels) == ["normal", "serious", "critical"]
    assert found.levels["serious"] == Entry("serious", "Nghiêm trọng", "Serious")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"“channels\.toml” cannot be opened"):
        shipped.read_catalogues(tmp_path, {})


def test_where_none_are_in_use_no_file_answers_in_their_place() -> None:
    with pytest.raises(LookupError, match=r"core\.catalogues\.use"):
        Context().run(catalogues)


def test_each_thread_has_its_own_in_use() -> None:
    found: list[str] = []

    def work() -> None:
        mine = {"payment": Entry("payment", "Tiền nong", "Money")}
        in_use.use(replace(shipped.catalogues(), categories=mine))
        found.append(name_of(catalogues().categories, "payment"))

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["Tiền nong"]
    assert catalogues() is shipped.catalogues()


def test_names_follow_the_reader() -> None:
    assert name_of(catalogues().categories, "locked_chapter") == "Chương bị khóa"
    use("en")
    assert name_of(catalogues().categories, "locked_chapter") == "Locked chapters"
    assert name_of(catalogues().categories, None) == "–"
    assert name_of(catalogues().categories, "gone_key") == "gone_key"
