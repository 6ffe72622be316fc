"""The sample of each organisation: its own words, stories and special cases, in a register of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

import pytest
from sqlalchemy import select

from core import catalogues, i18n, shipped
from core.commands import sample
from core.commands.sample_histories import SPOKEN, Place, Sample
from core.commands.sample_rhythm import Call, calls, rhythm
from core.commands.sample_texts import MADE_SLOTS, TEXTS, Pieces, people, pieces, stories, table
from core.register.log import seal
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Event, Evidence, Person, SlaCycle
from core.register.log.verify import verify
from core.rules.calendar import local_day
from core.rules.catalogue import Catalogues

UNTIL = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)  # Friday 17:30 in Vietnam
COUNT, SEED = 300, 1
KEYS = list(shipped.organisations())
COLUMNS = {
    "channel": "channels",
    "category": "categories",
    "product": "products",
    "platform": "platforms",
    "branch": "branches",
    "level": "levels",
    "department": "departments",
    "root_cause": "causes",
    "outcome": "outcomes",
    "breach_reason": "breach_reasons",
    "procedure": "procedures",
}
"""Column of a complaint → the catalogue that names its keys."""


class Filled(NamedTuple):
    """The register of an organisation with a sample in it."""

    key: str
    register: Register
    place: Place
    complaints: list[Complaint]


@cache
def known(key: str) -> Catalogues:
    """What a new register of the organisation begins with."""
    return shipped.catalogues(key)


@pytest.fixture(scope="module", params=KEYS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Each organisation's own register with a sample that these tests only look at."""
    folder, key = tmp_path_factory.mktemp("sample"), request.param
    register = open_up(f"sqlite:///{folder}/complaints.db", folder / "evidence", organisation=key, now=UNTIL)
    assert sample.fill(register, COUNT, UNTIL, SEED) == COUNT
    with register.write() as session:
        place = sample.place_of(session, UNTIL)
        complaints = list(session.scalars(select(Complaint).order_by(Complaint.id)))
    yield Filled(key, register, place, complaints)
    register.engine.dispose()


def texts_of(key: str) -> Iterator[Pieces]:
    """Every text of the organisation's sample."""
    told = table(key, "stories")
    for story in stories(key):
        for name in TEXTS:
            yield from getattr(story, name)
    details = told.get("details", {}).values()
    for group in (told["tone"], told["words"], *details):
        for texts in group.values():
            yield from pieces(texts)


def as_number(text: str) -> int:
    """The number that a text of the sample means: ``1.200.000đ`` is 1200000."""
    return int(text.removesuffix("đ").replace(".", ""))


# the files


@pytest.mark.parametrize("key", KEYS)
def test_every_story_uses_words_of_its_organisation(key: str) -> None:
    lists = known(key)
    for story in stories(key):
        assert story.category in lists.categories, story.key
        assert story.cause in {"", *lists.causes}, story.key
        assert story.department in {"", *lists.departments}, story.key
        assert set(story.products) <= set(lists.products), story.key
        assert bool(story.products) == bool(lists.products), f"{story.key}: about a product where there are any"
        assert story.level in {"", *lists.levels}, story.key
        assert story.outcome in {"", *lists.outcomes}, story.key
        assert story.statements and story.results, story.key
        assert bool(story.department) <= bool(story.asks and story.answers) or story.is_inquiry, story.key
    figures = rhythm(key)
    assert set(figures["channels"]) <= set(lists.channels)
    assert set(figures["reasons"]) <= set(lists.breach_reasons)
    assert set(figures["outcomes"]) <= set(lists.outcomes)
    assert set(figures.get("levels", {})) == set(lists.levels)
    assert set(figures.get("branches", {})) == set(lists.branches)
    assert {one for group in figures.get("platforms", {}).values() for one in group} <= set(lists.platforms)
    assert set(figures.get("platforms", {})) <= {"any", *figures["channels"]}
    told = {story.key for story in stories(key)}
    assert {figures["incident"]["story"], figures["prevention"]["story"]} <= told


@pytest.mark.parametrize("key", KEYS)
def test_each_has_enough_stories_of_its_own(key: str) -> None:
    assert len(stories(key)) >= 8
    assert any(story.is_inquiry for story in stories(key)), "also inquiries (POPS 3A)"
    others = {text for other in KEYS if other != key for story in stories(other) for text in story.statements}
    assert not others & {text for story in stories(key) for text in story.statements}


@pytest.mark.parametrize("key", KEYS)
def test_every_department_has_somebody_who_answers(key: str) -> None:
    named = people(key)
    assert {row["department"] for row in named.get("handlers", [])} == set(known(key).departments)
    assert {row["branch"] for row in named["staff"] if "branch" in row} == set(known(key).branches)
    logins = [row["login"] for row in [*named["staff"], *named.get("handlers", [])]]
    assert len(set(logins)) == len(logins)


@pytest.mark.parametrize("key", KEYS)
def test_every_slot_can_be_filled(key: str) -> None:
    slots = table(key, "stories")["slots"]
    used = {slot for text in texts_of(key) for _, slot in text if slot}
    assert used <= {*slots, *MADE_SLOTS}
    assert {*slots} <= used, "a slot that no text uses"
    assert "branch" not in used or known(key).branches


@pytest.mark.parametrize("key", KEYS)
def test_what_a_category_must_know_is_told(key: str) -> None:
    told = table(key, "stories").get("details", {})
    slots = table(key, "stories")["slots"]
    used = {story.category for story in stories(key)}
    for name, category in known(key).categories.items():
        typed = {field.key: field for field in category.fields if field.type not in {"moment", "choice"}}
        assert set(told.get(name, {})) == (set(typed) if name in used else set()), name
        for field, texts in told.get(name, {}).items():
            if typed[field].type in {"number", "money"}:
                whole = [slots[text[1:-1]] if text.startswith("{") else [text] for text in texts]
                assert all(as_number(one) > 0 for group in whole for one in group), (name, field)


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_demanded_at_intake_that_a_caller_may_not_know(key: str) -> None:
    for name, category in known(key).categories.items():
        at_intake = [field.key for field in category.fields if field.required == "intake"]
        assert len(at_intake) <= 1, name


# the register


def test_it_is_written_and_whole(filled: Filled) -> None:
    assert len(filled.complaints) == COUNT
    report = verify(filled.register)
    assert report.is_whole, report.problems


def test_every_key_is_in_the_lists_of_the_organisation_and_named_in_both_languages(filled: Filled) -> None:
    catalogues.use(filled.place.catalogues)
    for column, listed_in in COLUMNS.items():
        catalogue = getattr(filled.place.catalogues, listed_in)
        keys = {getattr(row, column) for row in filled.complaints} - {None}
        assert keys <= set(catalogue), column
        for language in i18n.LANGUAGES:
            i18n.use(language)
            assert not {key for key in keys if catalogues.name_of(catalogue, key) == key}, (column, language)


def test_every_story_is_told(filled: Filled) -> None:
    told = Counter(call.story.key for call in came(filled.place))
    assert set(told) == {story.key for story in stories(filled.key)}


def test_a_seed_repeats_itself(filled: Filled) -> None:
    def histories(seed: int) -> list[object]:
        one = Sample(UNTIL, filled.place, Random(seed))
        return [one.history(call, f"{n}") for n, call in enumerate(came(filled.place, seed)[:80])]

    assert histories(5) == histories(5)
    assert histories(5) != histories(6)


def test_most_promises_are_kept_and_some_are_not(filled: Filled) -> None:
    with filled.register.read() as session:
        clocks = list(session.scalars(select(SlaCycle).where(SlaCycle.due_at <= UNTIL)))
    kept = Counter(clock.stopped_at is not None and clock.stopped_at <= clock.due_at for clock in clocks)
    assert 0.01 < kept[False] / kept.total() < 0.2


def test_one_complaint_says_the_same_in_all_its_texts(filled: Filled) -> None:
    """An amount or a number that the customer names is the one that the answer names."""
    with filled.register.read() as session:
        texts = list(session.execute(select(Evidence.complaint_id, Evidence.body)))
    said: dict[int, set[str]] = {}
    for complaint, body in texts:
        said.setdefault(complaint, set()).update(re.findall(r"\d[\d.]*đ", body or ""))
    assert any(said.values())
    assert all(len(named) <= 1 for named in said.values())


def came(place: Place, seed: int = SEED) -> list[Call]:
    return calls(place.organisation, COUNT, UNTIL, place.work, Random(seed))


# the special cases


@pytest.mark.parametrize("filled", ["misa"], indirect=True)
def test_misa_gives_levels_and_takes_attitude_seriously(filled: Filled) -> None:
    classified = [row for row in filled.complaints if row.kind]
    assert all(row.level for row in classified)
    assert {row.level for row in classified} == {"normal", "serious", "critical"}
    conduct = [row for row in classified if row.category in {"attitude", "commitment"}]
    assert conduct and {row.level for row in conduct} == {"serious"}
    assert {row.department for row in conduct} <= {"board", None}, "they go to the board (MISA 4)"


@pytest.mark.parametrize("filled", ["vhv"], indirect=True)
def test_vhv_has_complaints_that_come_too_late(filled: Filled) -> None:
    calendar = filled.place.calendar
    late = [
        row
        for row in filled.complaints
        if row.incident_at and calendar.add_days(local_day(row.incident_at), 7) < local_day(row.recorded_at)
    ]
    assert 0.02 < len(late) / COUNT < 0.2
    assert {row.outcome for row in late if row.state == "closed"} == {"rejected"}, "not admitted (VHV 1)"


@pytest.mark.parametrize("filled", ["minh-tuan", "dai-huu"], indirect=True)
def test_some_are_settled_on_the_spot_in_few_words(filled: Filled) -> None:
    soon = timedelta(hours=1)
    complaints = [row for row in filled.complaints if row.kind == "complaint" and row.closed_at]
    spot = [row for row in complaints if row.closed_at and row.closed_at - row.recorded_at < soon]
    assert 0.05 < len(spot) / COUNT < 0.5
    assert {row.channel for row in spot} <= set(SPOKEN)
    assert {row.outcome for row in spot} == {"upheld"}, "agreed by both sides"


@pytest.mark.parametrize("filled", ["dai-huu"], indirect=True)
def test_dai_huu_takes_in_at_its_branches(filled: Filled) -> None:
    branches = Counter(row.branch for row in filled.complaints)
    assert set(branches) == set(known("dai-huu").branches)
    staffed = {row["login"]: row["branch"] for row in people("dai-huu")["staff"] if "branch" in row}
    with filled.register.read() as session:
        at = {person.id: staffed.get(person.login) for person in session.scalars(select(Person))}
    holders = {(row.branch, at[row.assignee_id]) for row in filled.complaints if row.assignee_id}
    assert all(mine == holder for mine, holder in holders)


@pytest.mark.parametrize("filled", [key for key in KEYS if key != "dai-huu"], indirect=True)
def test_nobody_else_has_branches(filled: Filled) -> None:
    assert {row.branch for row in filled.complaints} == {None}


def test_some_of_it_goes_to_whom_the_procedure_asks(filled: Filled) -> None:
    """MISA asks the board and Minh Tuấn a superior; some are answered, some of the newest are awaited still."""
    asked = {"misa": "board", "minh-tuan": "superior"}
    with filled.register.read() as session:
        its = Event.kind.in_(("escalated", "directed", "proposal_approved"))
        found = list(session.scalars(select(Event).where(Event.subject == "complaint", its)))
    whom = {seal.read(one.payload)["addressee"] for one in found if one.kind == "escalated"}
    assert whom == ({asked[filled.key]} if filled.key in asked else set())
    assert bool(found) is any(one.kind != "escalated" for one in found)
