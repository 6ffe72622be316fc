"""Figures narrowed by what was chosen in a field of a category: payment method, way of signing in; on both engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import catalogues, i18n
from core.insight import dimensions, facts, rows, volume
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers import rows as behind
from core.papers.dictionary import known
from core.register import rulebook
from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.organisation import field_changes, lists
from core.register.reads import queue
from core.register.reads.queue import Narrow
from core.rules.catalogue import Entry, Field
from core.rules.details import choices_of
from tests.conftest import Cast, people_of
from tests.engines import STAFFED, Beginning
from tests.insight.given import NOW, TODAY, beside
from tests.register.cases import logged

WEEKS = Filter.of("quarter", TODAY)
METHOD = "field_method"
SECRET = "Người Gửi Thử"
GIVEN: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("payment", {"method": "momo", "amount": "50k", "transaction": SECRET}),
    ("payment", {"method": "momo"}),
    ("payment", {"method": "card"}),
    ("payment", {}),
    ("login", {"method": "google", "account": SECRET}),
    ("other", {}),
)


def fill(register: Register) -> None:
    cast = people_of(register)
    for category, values in GIVEN:
        logged(register, cast, category=category, details=values, recorded_at=NOW - timedelta(days=1))


BEGINNING = Beginning("a complaint per row of GIVEN", fill, STAFFED)


@pytest.fixture
def beginning() -> Beginning:
    return BEGINNING


@pytest.fixture
def given(register: Register) -> Register:
    """The register with the complaints of ``GIVEN``."""
    return register


def seen(register: Register) -> Facts:
    """The facts as the next page run has them, with the names it uses."""
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
    return facts.current(register)


def change(register: Register, cast: Cast, act: Callable[..., object], *given: object) -> None:
    with register.write() as session:
        act(session, *given, Act(cast.admin, NOW), version=lists.version(session, "categories"))


ASKED = [
    # query, complaints, obligations, why
    ({METHOD: "momo"}, 2, 2, "one choice"),
    ({METHOD: "momo,card"}, 3, 3, "one of two"),
    ({METHOD: "google", "category": "payment"}, 0, 0, "another category's choice under the same key"),
    ({METHOD: NONE, "category": "payment"}, 1, 1, "of a payment nobody knows how"),
    ({METHOD: "none,card", "category": "payment"}, 2, 2, "that or one choice"),
    ({METHOD: SECRET}, 6, 6, "what is no choice narrows nothing"),
    ({"field_account": SECRET}, 6, 6, "a text is no filter, least of all one that tells of a person"),
    ({"field_transaction": "none"}, 6, 6, "nor whether a personal value is known"),
]


@pytest.mark.parametrize(("query", "complaints", "obligations", "why"), ASKED, ids=[row[3] for row in ASKED])
def test_an_address_narrows_every_kind_of_rows(
    given: Register, query: dict[str, str], complaints: int, obligations: int, why: str
) -> None:
    found, slice = seen(given), Slice.from_query(query, TODAY)
    assert rows.count(found, slice, NOW) == complaints, why
    assert rows.count(found, replace(slice, of="open"), NOW) == complaints, why
    due = replace(slice, of="due", filter=slice.filter.between(TODAY - timedelta(days=9), TODAY + timedelta(days=9)))
    assert rows.count(found, due, NOW) == obligations, why
    assert Slice.from_query(slice.to_query(), TODAY) == slice
    assert SECRET not in str(slice.to_query())


def test_a_choice_is_counted_by_its_keys_and_each_opens_its_rows(given: Register) -> None:
    found = seen(given)
    counted = {row.key: row.count for row in volume.by(found, beside(found, WEEKS), METHOD).itertuples()}
    assert counted == {"momo": 2, "card": 1, "google": 1, NONE: 2}
    for key, n in counted.items():
        assert rows.count(found, Slice(WEEKS).only(METHOD, str(key)), NOW) == n
        selection = behind.Selection(found, Slice(WEEKS).only(METHOD, str(key)), NOW)
        (frame,) = behind.stretches(given, selection, [known(obligations=False)[METHOD]], whole=False)
        assert frame[METHOD].to_list() == [None if key == NONE else key] * n, "the file shows what was counted"


def test_facts_hold_keys_alone(given: Register) -> None:
    found = seen(given)
    assert SECRET not in found.complaints.write_csv() + found.cycles.write_csv()
    assert [one for one in found.complaints.columns if one.startswith("field_")] == [METHOD]


def test_a_correction_shows_at_once_and_refreshing_equals_loading(given: Register, cast: Cast) -> None:
    seen(given)
    for method, counted in (("card", {"momo": 1, "card": 2}), ("", {"momo": 1, "card": 1})):
        with given.write() as session:
            code = session.scalars(select(Complaint.code).order_by(Complaint.id)).first() or ""
            complaints.take(session, code, "details", {"details": {"method": method}}, Act(cast.lead, NOW))
        found = seen(given)
        loaded = facts.load(given)
        assert found.complaints.sort("id").equals(loaded.complaints.sort("id"))
        for key, n in counted.items():
            assert rows.count(found, Slice(WEEKS).only(METHOD, key), NOW) == n


def test_a_choice_no_longer_offered_is_named_and_counted_as_before(given: Register, cast: Cast) -> None:
    with given.read() as session:
        method = next(one for one in lists.current(session, "categories")["payment"].fields if one.key == "method")
    change(given, cast, field_changes.put, "payment", method, "Ví ZaloPay / ZaloPay wallet")
    found = seen(given)
    assert rows.count(found, Slice.from_query({METHOD: "momo"}, TODAY), NOW) == 2
    for language, name in (("vi", "Ví MoMo"), ("en", "MoMo wallet")):
        i18n.use(language)
        assert dimensions.name_of(METHOD, "momo") == name
    assert "momo" in dimensions.offers(METHOD, {"momo"})
    assert "momo" not in dimensions.offers(METHOD, set())
    with given.read() as session:
        assert queue.retired_choices_in_use(session) == {"method": {"momo", "card"}}
    change(given, cast, field_changes.drop, "payment", "method")
    found = seen(given)
    assert rows.count(found, Slice.from_query({METHOD: "momo"}, TODAY), NOW) == 2, (
        "the whole field is asked for no more"
    )
    assert dimensions.name_of(METHOD, "momo") == "MoMo wallet"


def test_a_new_choice_reaches_facts_that_were_read_before(given: Register, cast: Cast) -> None:
    before = seen(given)
    colour = Field("", "Màu ví", "Colour", "choice")
    change(given, cast, field_changes.put, "payment", colour, "Hồng / Pink\nXanh / Blue")
    found = seen(given)
    assert "field_mau_vi" not in before.complaints.columns, "facts that somebody holds do not change"
    assert rows.count(found, Slice.from_query({"field_mau_vi": "none"}, TODAY), NOW) == 6


def test_a_merged_category_keeps_its_own_choices_under_the_target(given: Register, cast: Cast) -> None:
    change(given, cast, lists.merge, "categories", "login", "payment")
    found = seen(given)
    slice = Slice.from_query({"category": "payment", METHOD: "google"}, TODAY)
    assert rows.count(found, slice, NOW) == 1
    assert "google" in dimensions.keys(METHOD, ("payment",)), "and it can be chosen there"


PICK = (Entry("aa", "A", "A"),)


def _entry(key: str, *fields: Field, **more: str) -> Entry:
    return Entry(key, key, key, fields=fields, retired=bool(more.get("into")), **more)  # type: ignore[arg-type]


ONE, TWO = Field("one", "Một", "One", "choice", choices=PICK), Field("two", "Hai", "Two", "choice", choices=PICK)
CATEGORIES = {
    entry.key: entry
    for entry in (
        _entry("pay", ONE),
        _entry("card", TWO, parent="pay"),
        _entry("old", Field("was", "Cũ", "Was", "choice", choices=PICK), into="pay"),
        _entry("text", Field("note", "Ghi chú", "Note")),
        _entry("secret", Field("hid", "Kín", "Hidden", "choice", personal=True, choices=PICK)),
        _entry("open", Field("hid", "Hở", "Open", "choice", choices=PICK)),
    )
}
AMONG = [
    # the categories whose fields are meant, keys of their choices, why
    ((), ["one", "two", "was"], "all; a key that is personal in one category is in none"),
    (("pay",), ["one", "two", "was"], "with its sub-categories and what was merged into it"),
    (("card",), ["one", "two"], "with those of the category above"),
    (("text",), [], "a text is no choice"),
    (("open",), [], "personal elsewhere"),
    (("gone",), [], "no category of these lists"),
]


@pytest.mark.parametrize(("among", "keys", "why"), AMONG, ids=[row[2] for row in AMONG])
def test_the_choices_of_categories(among: tuple[str, ...], keys: list[str], why: str) -> None:
    assert sorted(choices_of(CATEGORIES, among)) == keys, why


def test_a_key_of_two_categories_is_named_as_the_chosen_one_names_it() -> None:
    assert dimensions.title(METHOD, ("payment",)) == "Hình thức thanh toán"
    assert dimensions.title(METHOD, ("login",)) == "Cách đăng nhập"
    assert dimensions.title(METHOD) == "Cách đăng nhập / Hình thức thanh toán"
    assert "momo" not in dimensions.keys(METHOD, ("login",))
    assert dimensions.name_of(METHOD, NONE) == "chưa biết"


NARROWED = [
    # choices by field, open complaints, why
    ((("method", ("momo",)),), 2, "one choice"),
    ((("method", ("momo", "google")),), 3, "one of two"),
    ((("method", ("momo",)), ("device", ("x",))), 0, "all of the fields"),
    ((("account", (SECRET,)),), 0, "a personal value is not found by it"),
]


@pytest.mark.parametrize(("choices", "n", "why"), NARROWED, ids=[row[2] for row in NARROWED])
def test_the_queue_is_narrowed_by_choices(
    given: Register, cast: Cast, choices: tuple[tuple[str, tuple[str, ...]], ...], n: int, why: str
) -> None:
    with given.read() as session:
        narrow = Narrow(choices=choices)
        assert queue.counts(session, by=cast.lead, now=NOW, narrow=narrow)["all"] == n, why
        assert len(queue.page(session, "all", by=cast.lead, now=NOW, narrow=narrow)) == n, why
