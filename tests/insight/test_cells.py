"""Counting per cell of a split against the same done row by row."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from math import isqrt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight import cells
from core.insight.cells import WIDEST, Cells

PARTS = [
    # values, why
    (pl.Series("a", [3, None, 5, 3], dtype=pl.Int32), "numbers of accounts, and nobody"),
    (pl.Series("a", [None, None], dtype=pl.Int32), "nobody alone"),
    (pl.Series("a", [0, 10 * WIDEST, -4], dtype=pl.Int64), "far apart"),
    (pl.Series("a", ["x", None, "y", "x"], dtype=pl.Categorical), "codes"),
    (pl.Series("a", [date(2026, 11, 2), date(2026, 10, 1)]), "days"),
    (pl.Series("a", [255, 0, 7], dtype=pl.UInt8), "small numbers"),
    (pl.Series("a", [], dtype=pl.Int32), "no rows"),
]


@pytest.mark.parametrize(("values", "why"), PARTS, ids=[why for _values, why in PARTS])
def test_a_part_gives_back_its_values(values: pl.Series, why: str) -> None:
    one = cells.part(values)
    assert one.keys.dtype == values.dtype
    assert one.keys.gather(one.places).to_list() == values.to_list(), why


def test_combinations_give_back_the_keys_of_each_part() -> None:
    columns = [
        pl.Series("who", [7, None, 9, 7], dtype=pl.Int32),
        pl.Series("what", ["x", "y", None, "x"], dtype=pl.Categorical),
        pl.Series("wide", [0, WIDEST - 1, 5, 0]),
    ]
    split = cells.cells(4, [cells.part(column) for column in columns])
    assert split.size > WIDEST, "beyond what sixteen bits hold"
    named = split.named(pl.DataFrame({"cell": split.of, "n": [1, 2, 3, 4]}))
    assert named.columns == ["who", "what", "wide", "n"]
    assert [named[column.name].to_list() for column in columns] == [column.to_list() for column in columns]
    assert split.of[0] == split.of[3]


ROWS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3), st.integers(0, 10**6)), max_size=40)
SIZES = st.sampled_from([4, 4 * WIDEST, 4 << 28])
"""Cells as they are, and spread so far apart that they take more than sixteen bits, or with their complaints 31."""


@given(ROWS, SIZES)
def test_rows_are_counted_and_added_up_per_cell(rows: list[tuple[int, int, int]], size: int) -> None:
    rows.sort(key=lambda row: row[0])  # those of a complaint together
    whose, places, amounts = (np.array([row[n] for row in rows], np.int64) for n in range(3))
    places *= size // 4
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for id, cell, amount in zip(whose, places, amounts, strict=True):
        sums[int(cell), int(id)] += int(amount)
    side = pl.int_range(isqrt(size), eager=True)
    split = Cells(places, (side, side))
    found = cells.added_up(split, whose, amounts)
    assert sorted(zip(found.cells.of.tolist(), found.amounts.tolist(), strict=True)) == sorted(
        (cell, amount) for (cell, _id), amount in sums.items()
    )
    if size == 4:
        assert cells.each_once(places, size, whose).tolist() == [
            len({id for its, id in sums if its == cell}) for cell in range(size)
        ]
    told = cells.quantiles(found.cells.of, found.amounts, size, (0.5, 0.9))
    assert told["cell"].is_sorted() and set(told["cell"]) == {cell for cell, _id in sums}
    for cell, count, total, *quantiles in told.iter_rows():
        its = [amount for (one, _id), amount in sums.items() if one == cell]
        assert (count, total) == (len(its), sum(its))
        assert quantiles == pytest.approx([np.percentile(its, 50), np.percentile(its, 90)])


def test_without_a_split_all_rows_are_one_cell() -> None:
    split = cells.cells(3, [])
    assert split.size == 1 and split.of.tolist() == [0, 0, 0]
    assert cells.each_once(split.of, split.size, np.array([4, 4, 9])).tolist() == [2]
