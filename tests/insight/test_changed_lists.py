"""Figures over renamed, retired, merged and divided entries stay whole and open the rows they counted (D20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core import catalogues
from core.insight import dimensions, facts, rows, volume
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers import csv as papers
from core.papers import rows as behind
from core.papers.dictionary import COLUMNS
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.organisation import lists
from core.register.reads import queue
from core.register.reads.queue import Narrow
from core.rules.catalogue import Entry
from tests.conftest import Cast, people_of
from tests.engines import STAFFED, Beginning
from tests.insight.given import NOW, TODAY, beside
from tests.register.cases import advanced, logged

WEEKS = Filter.of("quarter", TODAY)


def fill(register: Register) -> None:
    """Ten complaints: five of payment (one closed), three of login, two of content; two by web, the rest by hotline."""
    cast = people_of(register)
    advanced(register, cast)
    for category, channel in (
        *[("payment", "hotline")] * 3, ("payment", "web"), ("login", "web"), *[("login", "hotline")] * 2,
        *[("content", "hotline")] * 2,
    ):  # fmt: skip
        logged(register, cast, category=category, channel=channel)


TEN = Beginning("ten complaints", fill, STAFFED)


@pytest.fixture
def beginning() -> Beginning:
    return TEN


@pytest.fixture
def given(register: Register) -> Register:
    """The register with what ``fill`` wrote."""
    return register


def do(register: Register, cast: Cast, act: Callable[..., object], name: str, *given: object) -> None:
    with register.write() as session:
        seen = lists.version(session, name)
        act(session, name, *given, Act(cast.admin, NOW), version=seen)


def entry(register: Register, category: str) -> Entry:
    with register.read() as session:
        return lists.current(session, "categories")[category]


def seen(register: Register) -> Facts:
    """The facts as the next page run has them, with the names it uses."""
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
    return facts.current(register)


def counts(found: Facts, dimension: str) -> dict[str, int]:
    """Key → complaints recorded, each checked against the rows that the number opens and against their export."""
    counted = volume.by(found, beside(found, WEEKS), dimension)
    by_key = {str(row.key): int(row.count) for row in counted.itertuples()}
    for key, n in by_key.items():
        slice = Slice(WEEKS).only(dimension, key)
        assert rows.count(found, slice, NOW) == n, f"{key} opens other rows than it counted"
        assert Slice.from_query(slice.to_query(), TODAY) == slice, f"the URL does not bring {key} back"
    return by_key


def test_renamed_and_retired_entries_are_counted_as_before(given: Register, cast: Cast) -> None:
    before = counts(seen(given), "category")
    assert before == {"payment": 5, "login": 3, "content": 2}
    do(
        given,
        cast,
        lists.change,
        "categories",
        replace(entry(given, "login"), vi="Không vào được", en="Cannot sign in"),
    )
    do(given, cast, lists.retire, "categories", "login")
    assert counts(seen(given), "category") == before
    assert dimensions.name_of("category", "login") == "Không vào được"
    assert "login" in dimensions.offers("category", {"login"}), "a filter still finds what was said"
    assert "login" not in dimensions.offers("category", set()), "and offers nothing that nobody said"


def test_a_merged_entry_is_counted_under_its_target_and_its_address_leads_there(given: Register, cast: Cast) -> None:
    assert counts(seen(given), "category") == {"payment": 5, "login": 3, "content": 2}
    do(given, cast, lists.merge, "categories", "login", "content")
    found = seen(given)
    assert counts(found, "category") == {"payment": 5, "content": 5}, "ten before and after"
    assert "login" not in dimensions.keys("category")
    old = Slice.from_query({"category": "login"}, TODAY)
    assert old.filter.keys_of("category") == ("content",), "a link from before the merge"
    do(given, cast, lists.merge, "categories", "content", "payment")
    assert counts(seen(given), "category") == {"payment": 10}, "merged twice: counted under the last"
    do(given, cast, lists.offer, "categories", "content")
    assert counts(seen(given), "category") == {"payment": 5, "content": 5}, "taken back: nothing was rewritten"
    do(given, cast, lists.offer, "categories", "login")
    assert counts(seen(given), "category") == {"payment": 5, "login": 3, "content": 2}


def test_obligations_and_causes_follow_too(given: Register, cast: Cast) -> None:
    found = seen(given)
    due = rows.count(found, Slice(WEEKS, "due"), NOW)
    do(given, cast, lists.merge, "categories", "payment", "login")
    do(given, cast, lists.merge, "causes", "late_reconciliation", "gateway_fault")
    found = seen(given)
    assert rows.count(found, Slice(WEEKS, "due"), NOW) == due
    of_login = rows.count(found, Slice(WEEKS, "due").only("category", "login"), NOW)
    assert of_login == rows.obligations(found, Slice(WEEKS, "due").only("category", "login"), NOW).height
    closed = Slice.from_query({"of": "closed", "root_cause": "late_reconciliation"}, TODAY)
    assert closed.root_cause == "gateway_fault"
    assert rows.count(found, closed, NOW) == 1


def test_a_sub_category_is_counted_under_its_category_and_by_itself(given: Register, cast: Cast) -> None:
    with given.read() as session:
        content = replace(lists.current(session, "categories")["content"], parent="login")
    do(given, cast, lists.change, "categories", content)
    found = seen(given)
    assert counts(found, "category") == {"payment": 5, "login": 5}
    assert counts(found, "subcategory") == {"none": 8, "content": 2}
    assert dimensions.keys("subcategory") == ("content",)
    assert Slice.from_query({"category": "content"}, TODAY).filter.keys_of("category") == ("login",)
    do(given, cast, lists.merge, "categories", "content", "payment")
    found = seen(given)
    assert counts(found, "category") == {"payment": 7, "login": 3}
    assert counts(found, "subcategory") == {"none": 10}


def test_an_export_names_what_the_figures_count(given: Register, cast: Cast) -> None:
    do(given, cast, lists.merge, "categories", "login", "content")
    found = seen(given)
    wanted = [COLUMNS["category"]]
    selection = behind.Selection(found, Slice(WEEKS).only("category", "content"), NOW)
    frames = behind.stretches(given, selection, papers.needed(wanted), whole=True)
    text = b"".join(papers.write(frames, papers.Words(wanted, "label"))).decode("utf-8-sig")
    assert text.splitlines()[1:] == ["Nội dung"] * 5


def test_the_queue_narrowed_to_an_entry_shows_what_was_merged_into_it(given: Register, cast: Cast) -> None:
    def counted(**narrow: tuple[str, ...]) -> int:
        with given.read() as session:
            return queue.counts(session, by=cast.lead, now=NOW, narrow=Narrow(**narrow))["all"]  # type: ignore[arg-type]

    assert (counted(channel=("hotline",)), counted(category=("login",))) == (7, 3)
    do(given, cast, lists.merge, "channels", "web", "hotline")
    with given.read() as session:
        content = replace(lists.current(session, "categories")["content"], parent="login")
        assert queue.retired_in_use(session)["channel"] == {"web"}
    do(given, cast, lists.change, "categories", content)
    assert (counted(channel=("hotline",)), counted(category=("login",))) == (9, 5)
    assert counted(category=("content",)) == 2


def test_facts_that_somebody_holds_do_not_change_and_both_processes_agree(given: Register, cast: Cast) -> None:
    other = Register(given.url, given.evidence_dir)
    try:
        held = facts.current(other)
        do(given, cast, lists.merge, "channels", "web", "hotline")
        logged(given, cast, recorded_at=NOW - timedelta(hours=1))
        assert set(held.complaints["channel"]) == {"web", "hotline"}
        for process in (given, other):
            assert set(facts.current(process).complaints["channel"]) == {"hotline"}
            assert facts.current(process).complaints.height == 11
    finally:
        other.engine.dispose()


def test_a_sub_category_of_a_merged_category_counts_where_that_one_does(given: Register, cast: Cast) -> None:
    """Its category is merged once it is no longer offered itself; what was counted goes over whole."""
    do(given, cast, lists.change, "categories", replace(entry(given, "login"), parent="content"))
    do(given, cast, lists.retire, "categories", "login")
    assert counts(seen(given), "category") == {"payment": 5, "content": 5}
    do(given, cast, lists.merge, "categories", "content", "payment")
    assert counts(seen(given), "category") == {"payment": 10}
    assert counts(seen(given), "subcategory") == {"login": 3, "none": 7}
    old = Slice.from_query({"category": "login"}, TODAY)
    assert old.filter.keys_of("category") == ("payment",), "a link from before"
