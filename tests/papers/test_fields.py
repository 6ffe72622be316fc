"""What the categories must know as columns: typed, masked, exported, added up; on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from core import i18n
from core.catalogues import catalogues, use
from core.insight import facts
from core.insight.slices import Slice
from core.papers import csv, rows
from core.papers.csv import Words
from core.papers.dictionary import COLUMNS, Column, known, names, of_fields
from core.papers.rows import Selection
from core.register import rulebook
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.organisation import lists
from core.rules.catalogue import Entry, Field
from core.ui.analysis import explore

CODE = "0123456789012345"
GIVEN: tuple[tuple[str, dict[str, str]], ...] = (
    ("payment", {"amount": "1,2tr", "transaction": CODE, "time": "16/11/2026 08:00", "method": "momo"}),
    ("payment", {"amount": "300.000"}),
    ("content", {"title": "=1+1", "minute": "12"}),
    ("login", {"account": "an@thu.vn", "method": "google"}),
    ("other", {}),
)


@pytest.fixture
def filled(register: Register, now: datetime) -> Register:
    with register.write() as session:
        for n, (category, values) in enumerate(GIVEN):
            at = now - timedelta(hours=n)
            complaints.log(session, Draft("email", at, f"Lỗi {n}", category, details=values), Act(None, now))
    return register


def selected(register: Register, now: datetime, **query: str) -> Selection:
    return rows.Selection(facts.current(register), Slice.from_query(query, date(2026, 11, 16)), now)


def cells(register: Register, now: datetime, column: Column, *, whole: bool) -> list[object]:
    (frame,) = rows.stretches(register, selected(register, now), [column], whole=whole)
    return frame[column.key].to_list()


CELLS = [
    # column, kind, cells for who may see them, for the others, why
    ("amount", "number", [1_200_000, 300_000, None, None, None], None, "money is a number"),
    ("minute", "number", [None, None, 12, None, None], None, "so is a number"),
    ("method", "code", ["momo", None, None, "google", None], None, "one key of two categories is one column"),
    ("title", "text", [None, None, "=1+1", None, None], None, "a text as it was typed"),
    ("time", "moment", [datetime(2026, 11, 16, 1, tzinfo=UTC), None, None, None, None], None, "an instant"),
    ("transaction", "text", [CODE, None, None, None, None], ["…", None, None, None, None], "personal"),
    ("account", "text", [None, None, None, "an@thu.vn", None], [None, None, None, "…", None], "personal"),
]


@pytest.mark.parametrize(("key", "kind", "seen", "hidden", "why"), CELLS)
def test_a_field_is_a_column_of_its_type(
    key: str, kind: str, seen: list[object], hidden: list[object] | None, why: str, filled: Register, now: datetime
) -> None:
    column = known(obligations=False)[f"field_{key}"]
    assert column.kind == kind
    assert cells(filled, now, column, whole=True) == seen, why
    assert cells(filled, now, column, whole=False) == (hidden or seen), why


def test_a_number_that_tells_of_a_person_is_left_out_where_it_is_masked(filled: Register, now: datetime) -> None:
    secret = Entry("payment", "Tiền", "Money", fields=(Field("amount", "Số tiền", "Amount", "money", personal=True),))
    column = of_fields({"payment": secret})["field_amount"]
    assert cells(filled, now, column, whole=True)[0] == 1_200_000
    assert cells(filled, now, column, whole=False) == [None] * 5


def test_a_value_kept_under_another_type_is_no_cell_and_no_error(filled: Register, now: datetime) -> None:
    with filled.write() as session:
        session.execute(text("UPDATE details SET value = 'nhiều' WHERE field = 'amount'"))
        session.execute(text("UPDATE details SET value = 'hôm qua' WHERE field = 'time'"))
    columns = known(obligations=False)
    for key in ("field_amount", "field_time"):
        assert cells(filled, now, columns[key], whole=True) == [None] * 5
    assert rows.sums(filled, selected(filled, now), whole=True) == []


def test_the_columns_are_named_by_their_fields_in_both_languages() -> None:
    for language, name, method in (("vi", "Số tiền", "Ví MoMo"), ("en", "Amount", "MoMo wallet")):
        i18n.use(language)
        columns = known(obligations=False)
        assert columns["field_amount"].label == name
        assert names(columns["field_method"])["momo"] == method
        for key, column in columns.items():
            if key not in COLUMNS:
                assert explore.config(column)["label"] == column.label
                assert "{" not in column.meaning
    assert columns["field_method"].label == "Way of signing in / Payment method", "shared by two categories"
    assert len(columns) - len(known(obligations=False).keys() & COLUMNS.keys()) == len(
        of_fields(catalogues().categories)
    )


def test_the_file_names_choices_and_keeps_numbers_and_long_codes(filled: Register, now: datetime) -> None:
    wanted = [known(obligations=False)[f"field_{key}"] for key in ("amount", "method", "transaction", "title")]
    pieces = csv.write(rows.stretches(filled, selected(filled, now), wanted, whole=True), Words(wanted, "label"))
    lines = b"".join(pieces).decode("utf-8-sig").splitlines()
    assert lines[:4] == [
        'Số tiền,Cách đăng nhập / Hình thức thanh toán,Mã giao dịch,"Tên phim, truyện"',
        "1200000,Ví MoMo,0123 456 789012345,",
        "300000,,,",
        ",,,'=1+1",
    ]


SUMS = [
    # the rows asked for, amounts that tell of a person too, (đồng, complaints), why
    ({}, (1_500_000, 2), "every complaint that says one"),
    ({"of": "due"}, (1_500_000, 2), "of obligations each complaint once"),
    ({"category": "content"}, None, "none among these rows"),
]


@pytest.mark.parametrize(("query", "wanted", "why"), SUMS)
def test_amounts_are_added_up_over_the_rows(
    query: dict[str, str], wanted: tuple[int, int] | None, why: str, filled: Register, now: datetime
) -> None:
    found = rows.sums(filled, selected(filled, now, **query), whole=False)
    assert [(one.column.key, one.amount, one.complaints) for one in found] == (
        [("field_amount", *wanted)] if wanted else []
    ), why


NO_LONGER = [
    # key, what a role that may not know the person gets, why
    ("transaction", "…", "a text"),
    ("amount", None, "a number: no sign stands for one"),
    ("time", None, "a moment likewise"),
    ("method", "…", "a choice"),
]


@pytest.mark.parametrize(("key", "hidden", "why"), NO_LONGER)
def test_what_was_recorded_as_personal_stays_masked_whatever_the_list_says_now(
    key: str, hidden: str | None, why: str, register: Register, now: datetime
) -> None:
    """A file of the organisation may say otherwise later; what the customer told under the promise is still theirs."""
    with register.write() as session:
        payment = lists.current(session, "categories")["payment"]
        of_person = tuple(replace(one, personal=True) for one in payment.fields)
        rulebook.add_catalogue(session, "categories", [replace(payment, fields=of_person)], Act(None, now))
    with register.write() as session:
        draft = Draft("email", now, "Lỗi", "payment", details=GIVEN[0][1])
        complaints.log(session, draft, Act(None, now))
        open_now = [replace(payment, fields=tuple(replace(one, personal=False) for one in payment.fields))]
        rulebook.add_catalogue(session, "categories", open_now, Act(None, now))
    with register.read() as session:
        use(rulebook.catalogues(session))
    column = known(obligations=False)[f"field_{key}"]
    assert column.mask is None
    assert cells(register, now, column, whole=False) == [hidden], why
    assert cells(register, now, column, whole=True)[0] is not None
    assert rows.sums(register, selected(register, now), whole=False) == []
    assert [one.amount for one in rows.sums(register, selected(register, now), whole=True)] == [1_200_000]


def test_an_amount_of_a_person_beside_another_counts_for_whoever_may_see_it(register: Register, now: datetime) -> None:
    """Both of one complaint, each once."""
    with register.write() as session:
        payment = lists.current(session, "categories")["payment"]
        refund = Field("refund", "Đã hoàn", "Refunded", "money", personal=True)
        rulebook.add_catalogue(
            session, "categories", [replace(payment, fields=(*payment.fields, refund))], Act(None, now)
        )
    with register.write() as session:
        details = {**GIVEN[0][1], "refund": "200000"}
        complaints.log(session, Draft("email", now, "Lỗi", "payment", details=details), Act(None, now))
    with register.read() as session:
        use(rulebook.catalogues(session))
    for whole, wanted in (
        (False, {"field_amount": 1_200_000}),
        (True, {"field_amount": 1_200_000, "field_refund": 200_000}),
    ):
        found = rows.sums(register, selected(register, now), whole=whole)
        assert {one.column.key: one.amount for one in found} == wanted
    assert facts.current(register).amounts["value"].drop_nulls().to_list() == [1_200_000], (
        "the facts hold no personal one"
    )


def test_a_value_that_is_no_choice_runs_in_no_spreadsheet(filled: Register, now: datetime) -> None:
    with filled.write() as session:
        session.execute(text("UPDATE details SET value = '=1+1' WHERE field = 'method'"))
    column = known(obligations=False)["field_method"]
    frames = list(rows.stretches(filled, selected(filled, now), [column], whole=True))
    for headers in ("label", "key"):
        lines = b"".join(csv.write(frames, Words([column], headers))).decode("utf-8-sig").splitlines()
        assert lines[1] == "'=1+1"
    shown = rows.page(filled, selected(filled, now), [column], whole=True, at=range(5))
    assert shown["field_method"][0] == "'=1+1"
