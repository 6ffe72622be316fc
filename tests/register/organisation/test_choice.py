"""Whose register it is: said once, and what comes with it; an older register says it by its complaints (D20)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, update

from core import shipped
from core.errors import Invalid, NotFound, NotReady
from core.register import rulebook
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import CatalogueVersion, Complaint, ProcedureVersion
from core.register.log.verify import verify
from core.register.organisation import choice, proposals
from core.register.people import accounts
from core.register.people.accounts import Account
from tests.engines import MONDAY


def choose(register: Register, key: str, *procedures: str) -> None:
    with register.write() as session:
        choice.choose(session, key, Act(None, MONDAY), procedures)


@pytest.mark.parametrize("key", shipped.organisations())
def test_its_own_lists_and_procedure_are_taken_into_use_and_nothing_else(nobodys: Register, key: str) -> None:
    choose(nobodys, key)
    with nobodys.read() as session:
        assert rulebook.catalogues(session) == shipped.catalogues(key)
        assert list(rulebook.current_procedures(session, MONDAY)) == list(shipped.organisation(key).procedures)
        known = {one.name for one in rulebook.in_use(session) if one.subject == "procedure"}
    assert known == set(shipped.organisation(key).procedures)
    assert verify(nobodys).problems == []


@pytest.mark.parametrize("key", shipped.organisations())
def test_a_complaint_follows_the_procedure_of_the_organisation(nobodys: Register, key: str) -> None:
    choose(nobodys, key)
    with nobodys.write() as session:
        known = rulebook.catalogues(session)
        draft = Draft(next(iter(known.channels)), MONDAY, "Không đúng như đã hẹn", next(iter(known.categories)))
        logged = complaints.log(session, draft, Act(None, MONDAY))
        assert logged.procedure == shipped.organisation(key).procedures[0]
    others = {one for one in shipped.procedures() if one not in shipped.organisation(key).procedures}
    for other in others:
        with nobodys.read() as session, pytest.raises(NotFound):
            rulebook.current_procedure(session, other, MONDAY)


def test_an_organisation_with_a_name_of_its_own_has_its_procedure_under_it(nobodys: Register) -> None:
    with nobodys.write() as session:
        choice.choose(session, "empty", Act(None, MONDAY), ["vhv"], name=" Bưu điện ")
    with nobodys.read() as session:
        whose = rulebook.organisation(session)
        assert (whose.key, whose.name, whose.name_en) == ("empty", "Bưu điện", "Bưu điện")
        found = {key: one.organisation for key, one in rulebook.current_procedures(session, MONDAY).items()}
        assert found == {"own": "Bưu điện", "vhv": "VHV"}, "another organisation's keeps its name"
        assert proposals.open_ones(session) == [], "a name is no other text"
    assert verify(nobodys).problems == []


def test_before_it_is_said_nothing_can_be_logged_and_the_sentence_says_how_to_say_it(nobodys: Register) -> None:
    with nobodys.write() as session, pytest.raises(NotReady, match="python -m core setup --organisation pops"):
        complaints.log(session, Draft("hotline", MONDAY, "x", "other"), Act(None, MONDAY))


def test_it_is_said_once_and_of_one_that_exists(nobodys: Register) -> None:
    with nobodys.write() as session, pytest.raises(NotFound, match="choose one of pops, "):
        choice.choose(session, "nobody", Act(None, MONDAY))
    choose(nobodys, "misa")
    before = verify(nobodys).seal
    with nobodys.write() as session, pytest.raises(Invalid, match="the register of MISA already"):
        choice.choose(session, "pops", Act(None, MONDAY))
    assert verify(nobodys).seal == before


def test_several_procedures_bring_the_levels_that_they_give(nobodys: Register) -> None:
    choose(nobodys, "pops", "misa")
    with nobodys.read() as session:
        found = rulebook.catalogues(session)
    assert list(found.procedures) == ["pops", "misa"]
    assert found.levels == shipped.catalogues("misa").levels
    assert found.categories == shipped.catalogues("pops").categories


# a register of a version before organisations


def forget_organisation(register: Register) -> None:
    """As the version before left it: lists and procedures in use, and nothing that says whose they are."""
    with register.engine.begin() as connection:
        connection.execute(delete(CatalogueVersion).where(CatalogueVersion.name.in_(("organisation", "branches"))))


def adopted(register: Register) -> tuple[str, tuple[str, ...]] | None:
    with register.write() as session:
        found = choice.adopt(session, Act(None, MONDAY))
    return (found.key, found.procedures) if found else None


def log(register: Register, *procedures: str) -> None:
    with register.write() as session:
        for key in procedures:
            draft = Draft("hotline", MONDAY, "Nạp tiền không vào", "payment", procedure=key)
            complaints.log(session, draft, Act(None, MONDAY))


WHOSE = [
    # procedures of its complaints, whose register it becomes, the procedures that stay enabled, why
    ([], "pops", ("pops",), "somebody has an account in it, and every register was that of POPS"),
    (["pops"], "pops", ("pops",), "the others were offered and never used"),
    (["misa", "misa"], "misa", ("misa",), "its complaints are those of MISA"),
    (["misa", "vhv", "vhv"], "vhv", ("vhv", "misa"), "the one with most complaints comes first"),
]


@pytest.mark.parametrize(("logged", "key", "procedures", "why"), WHOSE)
def test_an_old_register_is_whose_its_complaints_are(
    register: Register, logged: list[str], key: str, procedures: tuple[str, ...], why: str
) -> None:
    with register.write() as session:
        accounts.add(session, Account("admin", "Quản Trị", "admin"), None, Act(None, MONDAY))
        before = rulebook.catalogues(session)
    log(register, *logged)
    forget_organisation(register)
    assert adopted(register) == (key, procedures), why
    assert adopted(register) is None, "once"
    with register.read() as session:
        after = rulebook.catalogues(session)
        assert session.scalar(select(func.count()).select_from(Complaint)) == len(logged)
    assert (after.categories, after.departments, after.levels) == (before.categories, before.departments, before.levels)
    assert after.branches == {}


def test_a_complaint_period_that_stood_in_a_procedure_stands_with_its_product_from_then_on(register: Register) -> None:
    log(register, "vhv")
    with register.engine.begin() as connection:
        of_vhv = ProcedureVersion.key == "vhv"
        content = connection.scalar(select(ProcedureVersion.content).where(of_vhv))
        old = f"{content}\n[admissible.products]\npops_app = 30\n"
        connection.execute(update(ProcedureVersion).where(of_vhv).values(content=old))
    forget_organisation(register)
    adopted(register)
    with register.read() as session:
        own = {key: one.complaint_days for key, one in rulebook.catalogues(session).products.items()}
    assert own == dict.fromkeys(shipped.catalogues().products) | {"pops_app": 30}


def test_a_register_that_works_by_a_procedure_of_its_own_is_adopted_too(register: Register) -> None:
    """Until version 0.2 a file in `data/procedures` was all that a sixth procedure took."""
    own = shipped.procedure_texts()["vhv"].replace('key = "vhv"', 'key = "ha-long"', 1)
    with register.write() as session:
        rulebook.add_procedure(session, "ha-long", own, Act(None, MONDAY))
        enabled = replace(rulebook.organisation(session), procedures=("ha-long", "pops"))
        rulebook.add_organisation(session, enabled, Act(None, MONDAY))
    log(register, "ha-long")
    forget_organisation(register)
    assert adopted(register) == ("pops", ("ha-long",))
    with register.read() as session:
        assert rulebook.current_procedure(session, "", MONDAY).key == "ha-long"


def test_a_register_that_nobody_has_used_is_asked_at_set_up(register: Register) -> None:
    forget_organisation(register)
    assert adopted(register) is None
    choose(register, "misa")
    with register.read() as session:
        assert rulebook.catalogues(session) == shipped.catalogues("misa")


def test_a_retired_entry_is_offered_no_more_and_still_named(register: Register) -> None:
    log(register, "pops")
    with register.write() as session:
        known = rulebook.catalogues(session).categories.values()
        entries = [replace(one, retired=one.key == "payment") for one in known]
        rulebook.add_catalogue(session, "categories", entries, Act(None, MONDAY))
    with register.write() as session, pytest.raises(Invalid) as refused:
        complaints.log(session, Draft("hotline", MONDAY, "Nạp tiền", "payment"), Act(None, MONDAY))
    assert set(refused.value.fields) == {"category"}
    with register.read() as session:
        assert rulebook.catalogues(session).categories["payment"].vi
