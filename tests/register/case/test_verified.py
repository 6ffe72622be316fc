"""What is verified of a customer (MISA 2): by whom and when, on which complaints, out of the log where personal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import shipped
from core.errors import Invalid, NotAllowed
from core.register import rulebook
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, Evidence
from core.register.log.verify import verify
from core.register.reads import dossier, known_customers, search
from core.register.reads.dossier import Dossier
from core.rules.masking import HIDDEN
from core.rules.policy import Actor
from core.rules.steps import UNDO, VERIFY
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import MON, draft, logged, take
from tests.register.ways import verify_customers

TEN, ELEVEN = at("2026-11-16 10:00"), at("2026-11-16 11:00")
ADDRESS = "Số 12 đường Thử, Hà Nội"
FOUND = {"title": "Kế toán trưởng", "address": ADDRESS, "products": "MISA SME", "dues": "none"}
TOLD = {"title": FOUND["title"], "address": ADDRESS, "products": "MISA SME", "since": "", "dues": "none"}
"""What is shown of it: each field of the organisation, empty where it was not verified."""


def verifying(register: Register, cast: Cast) -> Complaint:
    """The first complaint of a customer, in a register that verifies what MISA does."""
    with register.write() as session:
        verify_customers(session)
    return logged(register, cast)


def say(
    register: Register,
    complaint: Complaint,
    by: Actor,
    when: datetime,
    facts: Mapping[str, str],
    still: Sequence[str] = (),
) -> Complaint:
    return take(register, VERIFY, complaint, by, when, facts=facts, still=still)


def read(register: Register, complaint: Complaint, by: Actor, when: datetime = ELEVEN) -> Dossier:
    with register.read() as session:
        return dossier.read(session, complaint.code, by=by, now=when, language="vi")


def facts(register: Register, complaint: Complaint, by: Actor) -> dict[str, str]:
    return {one.value.field.key: one.value.value for one in read(register, complaint, by).facts}


def test_it_belongs_to_the_customer_and_says_who_verified_it_when(register: Register, cast: Cast) -> None:
    first = verifying(register, cast)
    assert set(facts(register, first, cast.agent).values()) == {""}, "each is named while nobody has verified it"
    say(register, first, cast.agent, TEN, FOUND)
    second = logged(register, cast, statement="Lại lỗi", recorded_at=TEN)
    found = read(register, second, cast.lead)
    assert facts(register, second, cast.lead) == {**TOLD, "partner_field": ""}, "on their next complaint too"
    said = {one.value.field.key: (one.who, one.at) for one in found.facts}
    assert (said["dues"], said["since"]) == (("Agent Thử", TEN), ("", None))
    with register.read() as session:
        beside = known_customers.find(session, "0912 345 678", cast.agent)
        stranger = known_customers.find(session, "0912 345 679", cast.agent)
    assert beside is not None and stranger is None
    assert beside.facts == found.facts, "beside the log form the same"
    assert verify(register).is_whole


def test_verifying_anew_corrects_it_and_the_old_value_stays_in_the_history(register: Register, cast: Cast) -> None:
    first = say(register, verifying(register, cast), cast.agent, TEN, FOUND)
    second = logged(register, cast, statement="Lại lỗi", recorded_at=TEN)
    say(register, second, cast.lead, ELEVEN, {"dues": "overdue", "title": " "}, still=["address"])
    found = {one.value.field.key: one for one in read(register, first, cast.agent).facts}
    assert [(found[key].value.value, found[key].who) for key in ("dues", "address", "title")] == [
        ("overdue", "Lead Thử"),  # another value
        (ADDRESS, "Lead Thử"),  # looked at and right still
        ("Kế toán trưởng", "Agent Thử"),  # nothing was typed, so nothing was looked at
    ]
    before = {value.field.key: value.value for value in read(register, first, cast.agent).moments[-1].values}
    assert before == FOUND, "what was found first stands in its own event"
    assert verify(register).is_whole


def test_what_is_found_later_of_an_earlier_day_does_not_replace_the_newer(register: Register, cast: Cast) -> None:
    one = say(register, verifying(register, cast), cast.agent, TEN, {"dues": "none"})
    take(register, VERIFY, one, cast.agent, ELEVEN, happened_at=MON, facts={"dues": "overdue"})
    assert facts(register, one, cast.agent)["dues"] == "none"


def test_personal_values_are_texts_of_the_case_and_no_part_of_the_log(register: Register, cast: Cast) -> None:
    one = say(register, verifying(register, cast), cast.agent, TEN, FOUND)
    with register.read() as session:
        payloads = "".join(session.scalars(select(Event.payload).where(Event.subject == "complaint")))
        kept = set(session.scalars(select(Evidence.body).where(Evidence.kind == "fact")))
        assert [hit.code for hit in search.find(session, "đường Thử", by=cast.agent).hits] == [one.code]
    assert kept == {FOUND["title"], ADDRESS, "none"}
    assert ADDRESS not in payloads and '"products":"MISA SME"' in payloads
    with register.write() as session:
        session.scalars(select(Evidence).where(Evidence.body == ADDRESS)).one().body = "Số 13"
    assert not verify(register).is_whole, "a value that was changed behind the log is found"


def test_a_text_that_was_erased_is_not_known_any_more(sqlite_register: Register, sqlite_cast: Cast) -> None:
    one = say(sqlite_register, verifying(sqlite_register, sqlite_cast), sqlite_cast.agent, TEN, FOUND)
    with sqlite_register.write() as session:
        session.scalars(select(Evidence).where(Evidence.body == ADDRESS)).one().body = None
    found = {fact.value.field.key: fact for fact in read(sqlite_register, one, sqlite_cast.agent).facts}
    assert (found["address"].value.value, found["address"].at) == ("", None)
    assert found["products"].value.value == "MISA SME", "what is not personal stays, as the values of a category do"


# role, reads what is personal, may verify, why
READERS = [
    ("agent", True, True, "customer care verifies"),
    ("lead", True, True, "customer care too"),
    ("handler", True, False, "the department that was asked knows the customer, and verifies nothing"),
    ("manager", False, False, "does not see who the customer is"),
    ("analyst", False, False, "neither"),
    ("reporter", False, False, "follows what they logged"),
]


@pytest.mark.parametrize(("role", "reads", "verifies", "why"), READERS, ids=[row[-1] for row in READERS])
def test_who_reads_it_and_who_verifies(
    register: Register, cast: Cast, role: str, reads: bool, verifies: bool, why: str
) -> None:
    with register.write() as session:
        verify_customers(session)
    with register.write() as session:
        one = complaints.log(session, draft(), Act(cast.reporter, MON))
    say(register, one, cast.agent, TEN, FOUND)
    for step in ("acknowledge", "classify", "forward"):
        one = take(
            register, step, one, cast.agent, TEN, kind="complaint", department="payment", text="?", due_at=ELEVEN
        )
    found = read(register, one, getattr(cast, role))
    shown = {fact.value.field.key: fact.value.value for fact in found.facts}
    assert (shown["address"] == ADDRESS, shown["address"] == HIDDEN) == (reads, not reads), why
    assert shown["products"] == "MISA SME", "not personal"
    told = next(moment for moment in found.moments if moment.kind == "customer_verified")
    assert {value.value for value in told.values if value.field.personal} == (
        {FOUND["title"], ADDRESS, "none"} if reads else {HIDDEN}
    )
    assert (VERIFY in found.steps) is verifies, why
    if not verifies:
        with pytest.raises(NotAllowed):
            say(register, one, getattr(cast, role), ELEVEN, FOUND)


REFUSED: list[tuple[dict[str, str], list[str], str, str]] = [
    # typed, right still, field to mend, why
    ({}, [], "facts", "nothing was verified"),
    ({"title": "  "}, [], "facts", "a blank is nothing"),
    ({"dues": "some"}, [], "facts.dues", "no choice of the list"),
    ({"amount": "1"}, [], "facts.amount", "no field of the organisation"),
    ({"title": "a" * 201}, [], "facts.title", "too long"),
    ({}, ["title"], "still", "nobody has verified it before"),
]


@pytest.mark.parametrize(("typed", "still", "mend", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_verifies_nothing_is_refused_under_its_field(
    sqlite_register: Register, sqlite_cast: Cast, typed: dict[str, str], still: list[str], mend: str, why: str
) -> None:
    one = verifying(sqlite_register, sqlite_cast)
    with pytest.raises(Invalid) as refused:
        say(sqlite_register, one, sqlite_cast.agent, TEN, typed, still)
    assert set(refused.value.fields) == {mend}, why


def test_nobody_is_verified_where_nobody_is_known(sqlite_register: Register, sqlite_cast: Cast) -> None:
    verifying(sqlite_register, sqlite_cast)
    unknown = logged(sqlite_register, sqlite_cast, customer=CustomerDraft())
    found = read(sqlite_register, unknown, sqlite_cast.agent)
    assert (found.facts, VERIFY in found.steps) == ((), False)
    with pytest.raises(Invalid, match="mend") as refused:
        say(sqlite_register, unknown, sqlite_cast.agent, TEN, FOUND)
    assert "nobody to verify" in refused.value.fields["facts"]


def test_an_organisation_that_verifies_nothing_shows_and_asks_nothing(register: Register, cast: Cast) -> None:
    one = logged(register, cast)
    found = read(register, one, cast.agent)
    assert (found.facts, VERIFY in found.steps) == ((), False)
    with pytest.raises(Invalid):
        say(register, one, cast.agent, TEN, FOUND)
    with register.read() as session:
        known = known_customers.find(session, "0912 345 678", cast.agent)
    assert known is not None and known.facts == ()


def test_undoing_takes_it_back(register: Register, cast: Cast) -> None:
    one = say(register, verifying(register, cast), cast.agent, TEN, {"dues": "none"})
    one = say(register, one, cast.agent, TEN, {"dues": "overdue"})
    one = take(register, UNDO, one, cast.agent, TEN + timedelta(minutes=1))
    assert facts(register, one, cast.agent)["dues"] == "none"


def test_what_was_verified_of_another_customer_is_not_this_ones(register: Register, cast: Cast) -> None:
    """A contact that is corrected to somebody who is known already: it has to be verified anew."""
    with register.write() as session:
        verify_customers(session)
    other = logged(register, cast, customer=CustomerDraft(name="Người Khác", phone="0987 654 321"))
    one = say(register, logged(register, cast), cast.agent, TEN, FOUND)
    logged(register, cast, statement="Lại lỗi")  # so that the customer stays, whose complaint it is no more
    contact = {"name": "Người Khác", "phone": "0987 654 321"}
    one = take(register, "correct", one, cast.lead, ELEVEN, corrects="contact", becomes=contact, text="Gõ nhầm số")
    assert one.customer_id == other.customer_id
    assert set(facts(register, one, cast.agent).values()) == {""}
    assert verify(register).is_whole


def test_a_field_that_is_verified_no_more_is_shown_where_it_is_known(register: Register, cast: Cast) -> None:
    first = say(register, verifying(register, cast), cast.agent, TEN, {"since": "2019"})
    other = logged(register, cast, customer=CustomerDraft(phone="0987 654 321"))
    with register.write() as session:
        whose = rulebook.organisation(session)
        left = tuple(replace(one, retired=one.key == "since") for one in whose.customer_fields)
        rulebook.add_organisation(session, replace(whose, customer_fields=left), Act(cast.admin, TEN))
    assert facts(register, first, cast.agent)["since"] == "2019"
    assert "since" not in facts(register, other, cast.agent)
    with pytest.raises(Invalid):
        say(register, first, cast.agent, ELEVEN, {"since": "2020"})


def test_misa_verifies_what_its_procedure_says() -> None:
    named = [one.key for one in shipped.organisation("misa").customer_fields]
    assert named == ["title", "address", "products", "since", "dues", "partner_field"]
    others = [one for key, one in shipped.organisations().items() if key != "misa"]
    assert not any(one.customer_fields for one in others)
