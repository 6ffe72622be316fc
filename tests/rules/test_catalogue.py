"""Catalogue files: what is taken, and the sentence for what is not."""

from __future__ import annotations

import re
from contextvars import Context
from dataclasses import replace
from threading import Thread

import pytest

from core import catalogues as in_use
from core import shipped
from core.catalogues import catalogues, name_of
from core.errors import Invalid, NotFound
from core.i18n import use
from core.rules.catalogue import LISTS, Entry, Field, category_of, counted_as, dump, offered, parse, standing_for
from tests.engines import everything


def test_entries_keep_the_order_of_the_file() -> None:
    found = parse(
        '[b_key]\nvi = "Bê"\nen = "B"\n[a_key]\nvi = "A"\nen = "A"\nsuits = ["login"]\n', name="causes", file="x.toml"
    )
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
        parse(text, name="causes", file="x.toml")


def test_the_lists_of_pops_hold_the_words_of_its_procedure() -> None:
    found = shipped.catalogues()
    assert list(found.categories) == ["login", "content", "app_error", "payment", "locked_chapter", "other"]
    assert list(found.procedures) == ["pops"], "of one organisation, one procedure"


@pytest.mark.parametrize("key", shipped.organisations())
def test_what_an_organisation_begins_with_is_whole(key: str) -> None:
    found = shipped.catalogues(key)
    assert found.channels and found.categories and found.outcomes and found.breach_reasons
    assert {one for cause in found.causes.values() for one in cause.suits} <= found.categories.keys()
    for name in LISTS:
        entries = getattr(found, name)
        assert parse(dump(entries.values(), name), name=name, file=name) == entries


def test_the_organisations_are_offered_pops_first() -> None:
    assert list(shipped.organisations()) == ["pops", "vhv", "misa", "minh-tuan", "dai-huu", "empty"]
    with pytest.raises(NotFound, match="There is no organisation “nobody”: choose one of pops, "):
        shipped.organisation("nobody")


FIELDS = """
[payment]
vi = "Thanh toán"
en = "Payment"
[payment.fields.amount]
vi = "Số tiền"
en = "Amount"
type = "money"
required = "forward"
[payment.fields.method]
vi = "Cách trả"
en = "Method"
type = "choice"
personal = true
choices = { momo = ["Ví MoMo", "MoMo wallet"], card = ["Thẻ"] }
[refund]
vi = "Hoàn tiền"
en = "Refund"
parent = "payment"
[money]
vi = "Tiền"
en = "Money"
retired = true
into = "payment"
"""


def test_entries_say_what_their_list_knows_and_are_written_as_they_are_read() -> None:
    found = parse(FIELDS, name="categories", file="x.toml")
    amount, method = found["payment"].fields
    assert amount == Field("amount", "Số tiền", "Amount", "money", "forward")
    assert (method.personal, [one.en for one in method.choices]) == (True, ["MoMo wallet", "Thẻ"])
    assert parse(dump(found.values(), "categories"), name="categories", file="x.toml") == found
    assert list(offered(found)) == ["payment", "refund"]
    assert list(offered(found, "money")) == ["payment", "refund", "money"], "what a complaint says is offered for it"
    assert counted_as(found, "money") == "payment" and counted_as(found, "refund") == "refund"


NONSENSE = [
    # list, what the text says, what it says instead, the sentence
    ("causes", "", "", "payment.fields is not known here"),
    (
        "categories",
        'parent = "payment"',
        'parent = "paymant"',
        "refund.parent names “paymant”",
    ),
    ("categories", 'into = "payment"', 'into = "money"', "money.into names “money”, which is no other entry"),
    ("categories", "retired = true", "", "money.into is of a merged entry: say retired = true too"),
    (
        "categories",
        "retired = true",
        'retired = true\nparent = "refund"',
        "money.parent is “refund”, itself",
    ),
    ("categories", 'type = "money"', 'type = "cash"', "payment.fields.amount.type must be one of text, number"),
    ("categories", 'type = "money"', 'type = "choice"', "payment.fields.amount.choices are needed"),
    ("categories", 'required = "forward"', 'required = "later"', "payment.fields.amount.required must be one of"),
    (
        "categories",
        "choices = {",
        'retired_choices = ["x"]\nchoices = {',
        "payment.fields.method.retired_choices must be a table, not ['x'].",
    ),
    ("categories", 'card = ["Thẻ"]', "card = []", "payment.fields.method.choices.card must be a key with its names"),
]


@pytest.mark.parametrize(("name", "good", "bad", "says"), NONSENSE)
def test_an_entry_that_makes_no_sense_is_named(name: str, good: str, bad: str, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(f"x.toml: {says}")):
        parse(FIELDS.replace(good, bad, 1), name=name, file="x.toml")


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
    assert catalogues() is everything()


def test_names_follow_the_reader() -> None:
    assert name_of(catalogues().categories, "locked_chapter") == "Chương bị khóa"
    use("en")
    assert name_of(catalogues().categories, "locked_chapter") == "Locked chapters"
    assert name_of(catalogues().categories, None) == "–"
    assert name_of(catalogues().categories, "gone_key") == "gone_key"


MERGED = {
    "money": Entry("money", "Tiền", "Money"),
    "payment": Entry("payment", "Thanh toán", "Payment", retired=True, into="card"),
    "card": Entry("card", "Thẻ", "Card", parent="money"),
    "wallet": Entry("wallet", "Ví", "Wallet", retired=True, parent="payment"),
    "turns": Entry("turns", "Vòng", "Circle", retired=True, parent="round"),
    "round": Entry("round", "Tròn", "Round", retired=True, into="turns"),
}
# key, category under which it counts, why
CATEGORIES = [
    ("money", "money", "itself"),
    ("card", "money", "a sub-category"),
    ("payment", "money", "merged into a sub-category"),
    ("wallet", "money", "of a category that was merged into a sub-category"),
    ("turns", "round", "a circle ends"),
    ("unknown", "unknown", "no entry at all"),
]


@pytest.mark.parametrize(("key", "category", "why"), CATEGORIES)
def test_a_key_counts_under_one_category(key: str, category: str, why: str) -> None:
    assert category_of(MERGED, key) == category, why


def test_a_category_stands_for_all_that_counts_under_it() -> None:
    assert standing_for(MERGED, ["money"]) == ("money", "payment", "card", "wallet")
    assert standing_for(MERGED, ["card"]) == ("card", "payment"), "a sub-category and what was merged into it"
