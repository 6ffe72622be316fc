"""Every dimension through everything that knows dimensions; what forgot one is named."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pytest

from core import catalogues, i18n
from core.i18n import named
from core.insight import backlog, compliance, dimensions, rows, typed, volume
from core.insight.dimensions import DIMENSIONS, NONE, Dimension
from core.insight.drawings import compliance as drawings
from core.insight.drawings.drawing import ordered
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers.dictionary import COLUMNS
from core.rules.catalogue import Entry
from core.ui.analysis import filter_bar
from tests.engines import everything
from tests.insight.given import NOVEMBER, NOW, TODAY, Case, beside, random_case, register

MORE = {
    "branches": {"hue": Entry("hue", "Chi nhánh Huế", "Hue branch")},
    "categories": {"wallet": Entry("wallet", "Ví điện tử", "Wallets", parent="payment")},
}
LISTED = replace(everything(), **{name: {**getattr(everything(), name), **more} for name, more in MORE.items()})
"""What POPS does not have, so that every dimension has keys."""


def _changed(case: Case, **columns: object) -> Case:
    case.update(columns)
    return case


_chance = random.Random(15)
CROWD = register(
    (_changed(random_case(_chance), category=category, branch=branch)
     for category in ("payment", "wallet", "login") for branch in (None, "hue") for _ in range(50)),
    dimensions.counted(LISTED),
)  # fmt: skip


@pytest.fixture(autouse=True)
def listed() -> None:
    """The catalogues of the crowd are in use."""
    catalogues.use(LISTED)


def forgotten(dimension: Dimension) -> Iterator[str]:
    """What does not know ``dimension``, one line each."""
    yield from _unnamed(dimension)
    key = dimension.key
    if not dimensions.keys(key):
        yield f"{key}: no keys"
    if dimension.column and key not in CROWD.complaints.columns:
        yield f"{key}: not among the columns of the facts"
    if (dimension.carried or dimension.of_cycles) and key not in CROWD.cycles.columns:
        yield f"{key}: not among the columns of the cycles"
    if dimension.column and key not in COLUMNS:
        yield f"{key}: no column of an export"
    elif dimension.column and COLUMNS[key].kind != "code":
        yield f"{key}: an export shows its keys, not their names"
    if dimension.filter:
        yield from _not_narrowed(dimension)
    if dimension.split is not None:
        yield from _not_split(dimension)


def _unnamed(dimension: Dimension) -> Iterator[str]:
    key = dimension.key
    for language in i18n.LANGUAGES:
        i18n.use(language)
        if dimensions.title(key) == key:
            yield f"{key}: no name in {language}"
        if dimension.optional and dimensions.name_of(key, None) == key:
            yield f"{key}: no words for no value in {language}"
        for value in dimensions.keys(key):
            if dimensions.name_of(key, value) == value:
                yield f"{key}: {value} has no name in {language}"


def _not_narrowed(dimension: Dimension) -> Iterator[str]:
    key = dimension.key
    for value in (dimensions.keys(key)[0], NONE):
        narrowed = NOVEMBER.only(key, value)
        if Filter.from_query(narrowed.to_query(), TODAY) != narrowed:
            yield f"{key}: the URL does not bring {value} back"
        for of in ("recorded", "due", "closed", "open"):
            try:
                rows.count(CROWD, Slice(narrowed, of), NOW)
            except pl.exceptions.ColumnNotFoundError:
                yield f"{key}: {of} rows cannot be narrowed by it"
    if key not in filter_bar.QUERY:
        yield f"{key}: the filter bar does not keep it in the URL"
    counted = volume.by(CROWD, beside(CROWD, NOVEMBER), key)
    for row in counted.itertuples():
        if rows.count(CROWD, Slice(NOVEMBER).only(key, row.key), NOW) != row.count:
            yield f"{key}: {row.key} opens other rows than it counted"


def _not_split(dimension: Dimension) -> Iterator[str]:
    key = dimension.key
    if key not in dimensions.SPLITS:
        yield f"{key}: not among the splits of the SLA page"
        return
    drawing = drawings.by(compliance.by(CROWD, NOVEMBER, NOW, key, "resolve"), NOVEMBER, "resolve", key)
    if drawing.is_empty or drawing.headers[0] == key:
        yield f"{key}: the split is not drawn"


@pytest.mark.parametrize("dimension", DIMENSIONS.values(), ids=DIMENSIONS)
def test_nothing_forgets_a_dimension(dimension: Dimension) -> None:
    found = list(forgotten(dimension))
    assert not found, "\n".join(found)


# What is broken on purpose: the declaration, what is to be named.
BROKEN = [
    (Dimension("mood", ("good", "bad"), column=False, carried=False), "mood: no name in vi"),
    (Dimension("mood", ("good", "bad"), column=False, carried=False), "mood: bad has no name in en"),
    (Dimension("mood", ("good", "bad"), optional=True), "mood: no words for no value in vi"),
    (Dimension("mood", ("good", "bad")), "mood: not among the columns of the facts"),
    (Dimension("mood", ("good", "bad")), "mood: not among the columns of the cycles"),
    (Dimension("mood", ("good", "bad")), "mood: no column of an export"),
    (Dimension("code", ("app", "shop")), "code: an export shows its keys, not their names"),
    (Dimension("mood", ()), "mood: no keys"),
    (replace(DIMENSIONS["outcome"], filter=True), "outcome: due rows cannot be narrowed by it"),
    (replace(DIMENSIONS["product"], split=9), "product: not among the splits of the SLA page"),
]


@pytest.mark.parametrize(("dimension", "line"), BROKEN, ids=[row[1] for row in BROKEN])
def test_what_forgot_one_is_named(monkeypatch: pytest.MonkeyPatch, dimension: Dimension, line: str) -> None:
    monkeypatch.setattr(dimensions, "DIMENSIONS", {**DIMENSIONS, dimension.key: dimension})
    if dimension.filter:
        monkeypatch.setattr(dimensions, "FILTERS", (*dimensions.FILTERS, dimension.key))
    assert line in list(forgotten(dimension))


def test_the_lists_derived_from_the_table() -> None:
    assert typed.COMPLAINT_COLUMNS.keys() >= set(dimensions.STORED)
    assert set(dimensions.COLUMNS) - set(dimensions.STORED) == {"subcategory"}, "made from the category"
    assert set(dimensions.COLUMNS) == {
        "procedure", "state", "kind", "category", "subcategory", "level", "channel", "product", "platform", "branch",
        "department", "outcome", "root_cause", "breach_reason",
    }  # fmt: skip
    assert set(dimensions.COLUMNS) - set(dimensions.CARRIED) == {"state", "outcome", "root_cause", "breach_reason"}
    assert dimensions.OF_CYCLES == ("breach_reason",)
    assert dimensions.FILTERS == (
        "procedure", "category", "subcategory", "channel", "department", "level", "kind", "branch",
    )  # fmt: skip
    assert dimensions.SPLITS == ("category", "channel", "department", "procedure")


NAMES = [
    # dimension, key, name, why
    ("verdict", "running", "Chưa đến hạn", "the code's own key"),
    ("state", "waiting_customer", "Chờ khách hàng", "the same words as on the screens of a case"),
    ("category", "login", "Đăng nhập/đăng xuất", "from the catalogue"),
    ("procedure", "pops", "POPS", "from the procedures"),
    ("channel", "carrier_pigeon", "carrier_pigeon", "no longer listed"),
    ("department", NONE, "chưa chuyển phòng ban", "no value"),
    ("department", None, "chưa chuyển phòng ban", "no value"),
    ("category", None, "không có", "no value where there should be one"),
]


@pytest.mark.parametrize(("dimension", "key", "name", "why"), NAMES, ids=[f"{row[0]} {row[1]}" for row in NAMES])
def test_names(dimension: str, key: str | None, name: str, why: str) -> None:
    assert dimensions.name_of(dimension, key).startswith(name), why


def test_keys_come_in_the_catalogues_order_and_then_those_no_longer_listed() -> None:
    assert ordered("verdict", ["x", "running", "met"]) == ["met", "running", "x"]


def test_segments_have_names() -> None:
    for language in i18n.LANGUAGES:
        i18n.use(language)
        assert [key for key in backlog.segments(CROWD, NOVEMBER, NOW) if named("segment", key) == key] == []
