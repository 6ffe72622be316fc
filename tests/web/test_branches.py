"""People of one branch: every door through which a complaint can be read shows what is drawn here, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import pandas as pd
import pytest
from sqlalchemy import select

from core.errors import Invalid, NotAllowed
from core.insight import facts, rows
from core.insight.slices import Slice
from core.register import rulebook
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Evidence, Person
from core.register.log.verify import verify
from core.register.people import accounts
from core.register.reads import dossier, known_customers, queue, search
from core.rules.calendar import local_day
from core.rules.catalogue import Entry
from core.rules.roles import may
from core.web.exports import PATH
from tests.files import PNG
from tests.web.site import Site

BRANCHES = (Entry("hanoi", "Hà Nội", "Ha Noi"), Entry("danang", "Đà Nẵng", "Da Nang"))
OWN, OTHER, NONE = "own", "other", "none"
BRANCH_OF = {OWN: "hanoi", OTHER: "danang", NONE: None}
WIDER = ("", "branch=danang", "branch=none", "branch=hanoi,danang,none", "branch=", "of=open&branch=danang", "of=due")
"""Queries of figures: no address shows more than the person sees."""

# Who has which branch, and which complaints they see: of the own branch, of another, of none (D32).
#          role     branch   own  other none
DRAWN = """
agent      hanoi    yes  -     yes
lead       hanoi    yes  -     yes
manager    hanoi    yes  -     -
analyst    hanoi    yes  -     -
admin      hanoi    yes  -     -
agent      all      yes  yes   yes
lead       all      yes  yes   yes
"""
PEOPLE = [line.split() for line in DRAWN.strip().splitlines()]


@dataclass
class Here:
    """The site with a complaint of each kind, all of one customer, and the person who looks."""

    site: Site
    codes: Mapping[str, str]
    files: Mapping[str, int]
    person: Person

    @property
    def register(self) -> Register:
        return self.site.register

    def kinds(self, codes: set[str]) -> set[str]:
        """Which of the complaints these codes are."""
        assert codes <= set(self.codes.values())
        return {kind for kind, code in self.codes.items() if code in codes}


@pytest.fixture
def place(register: Register, now: datetime) -> Callable[[str, str], Here]:
    """``place(role, branch)``."""
    site, codes, files = Site(register, now), {}, {}
    customer = CustomerDraft("Đặng Thị Ân", "0912 345 678", "an@thu.vn", "anpops")
    with register.write() as session:
        rulebook.add_catalogue(session, "branches", BRANCHES, Act(None, now))
        for kind, branch in BRANCH_OF.items():
            picture = (FileDraft("ảnh.png", BytesIO(PNG)),)
            draft = Draft(
                "hotline", now, f"Trừ tiền {kind}", "payment", customer=customer, branch=branch, files=picture
            )
            complaint = complaints.log(session, draft, Act(None, now))
            of_it = Evidence.complaint_id == complaint.id, Evidence.kind == "file"
            codes[kind], files[kind] = complaint.code, session.scalars(select(Evidence.id).where(*of_it)).one()

    def placed(role: str, branch: str) -> Here:
        site.staff(role)
        with register.write() as session:
            person = accounts.find(session, role)
            accounts.set_role(
                session, person.id, role, None, Act(None, now), branch=None if branch == "all" else branch
            )
        return Here(site, codes, files, person)

    return placed


# -- the doors: each returns which complaints it shows


def in_queue(here: Here) -> set[str]:
    with here.register.read() as session:
        lines = queue.page(session, "all", by=here.person, now=here.site.now)
        counted = queue.counts(session, by=here.person, now=here.site.now)
    assert counted["all"] == counted["unacknowledged"] == len(lines)
    return here.kinds({line.code for line in lines})


def in_list(here: Here) -> set[str]:
    with here.register.read() as session:
        lines = queue.logged(session, by=here.person, now=here.site.now)
        assert queue.count_logged(session, by=here.person) == (len(lines), len(lines))
    return here.kinds({line.code for line in lines})


def by_code(here: Here) -> set[str]:
    with here.register.read() as session:
        return {kind for kind, code in here.codes.items() if search.find(session, code, by=here.person).hits}


def by_search(typed: str) -> Callable[[Here], set[str]]:
    def found(here: Here) -> set[str]:
        with here.register.read() as session:
            hits = search.find(session, typed, by=here.person)
        assert hits.total == len(hits.hits)
        return here.kinds({hit.code for hit in hits.hits})

    return found


def on_its_page(here: Here) -> set[str]:
    seen, others = set(), set()
    for kind, code in here.codes.items():
        with suppress(NotAllowed), here.register.read() as session:
            found = dossier.read(session, code, by=here.person, now=here.site.now, language="vi")
            seen.add(kind)
            others |= here.kinds({other.code for other in found.others})
    assert others <= seen
    return seen


def beside_the_form(here: Here) -> set[str]:
    with here.register.read() as session:
        known = known_customers.find(session, "0912345678", here.person)
    assert known is not None and known.count == len(known.open)
    return here.kinds({complaint.code for complaint in known.open})


def as_files(here: Here) -> set[str]:
    visitor = here.site.person(here.person.role)
    status = {kind: visitor.get(f"/evidence/{number}").status_code for kind, number in here.files.items()}
    assert set(status.values()) <= {200, 403}
    return {kind for kind, code in status.items() if code == 200}


def by_figures(here: Here) -> set[str]:
    known, now = facts.current(here.register), here.site.now
    asked = [dict(pair.split("=") for pair in query.split("&") if pair) for query in WIDER]
    slices = [Slice.from_query(query, local_day(now)).seen_by(here.person) for query in asked]
    found = [rows.complaint_ids(known, one, now) for one in slices]
    with here.register.read() as session:
        codes = {row.id: row.code for row in session.execute(select(Complaint.id, Complaint.code))}
    seen = [here.kinds({codes[id] for id in ids}) for ids in found]
    if here.person.branch:
        assert all(one == seen[0] for one in seen), "the branch is not in the hands of the address"
    return seen[0]


def in_an_export(here: Here) -> set[str]:
    visitor, seen = here.site.person(here.person.role), []
    for query in WIDER[:5]:
        answer = visitor.get(f"{PATH}?headers=key&columns=code&{query}")
        assert answer.status_code == 200
        seen.append(here.kinds(set(pd.read_csv(BytesIO(answer.content), dtype=str)["code"])))
    if here.person.branch:
        assert all(one == seen[0] for one in seen), "the branch is not in the hands of the address"
    return seen[0]


def by_steps(here: Here) -> set[str]:
    seen = set()
    for kind, code in here.codes.items():
        with suppress(NotAllowed), here.register.write() as session:
            complaints.take(session, code, "note", {"text": "?"}, Act(here.person, here.site.now))
            seen.add(kind)
    return seen


WORKERS, EVERYBODY = ("agent", "lead"), ("agent", "lead", "manager", "analyst", "admin")
# door, for whom it is a door at all
DOORS: list[tuple[str, Callable[[Here], set[str]], tuple[str, ...]]] = [
    ("the queue", in_queue, EVERYBODY),
    ("the list of what one logged", in_list, EVERYBODY),
    ("a search by code", by_code, EVERYBODY),
    ("a search by phone", by_search("0912345678"), WORKERS),
    ("a search by the end of the phone", by_search("345678"), WORKERS),
    ("a search by words", by_search("tru tien"), WORKERS),
    ("the page of a complaint, with the customer's others", on_its_page, EVERYBODY),
    ("the known customer beside the form", beside_the_form, WORKERS),
    ("files", as_files, WORKERS),
    ("figures", by_figures, EVERYBODY),
    ("an export", in_an_export, tuple(role for role in EVERYBODY if may(role, "export"))),
    ("a step", by_steps, WORKERS),
]


@pytest.mark.parametrize(("role", "branch", "own", "other", "none"), PEOPLE, ids=[f"{p[0]}, {p[1]}" for p in PEOPLE])
def test_every_door_shows_what_is_drawn(
    place: Callable[[str, str], Here], role: str, branch: str, own: str, other: str, none: str
) -> None:
    here = place(role, branch)
    wanted = {kind for kind, mark in ((OWN, own), (OTHER, other), (NONE, none)) if mark == "yes"}
    seen = {name: door(here) for name, door, whose in DOORS if role in whose}
    assert seen == dict.fromkeys(seen, wanted)
    assert verify(here.register).is_whole


def test_a_customer_of_another_branch_alone_is_not_known(
    place: Callable[[str, str], Here], register: Register, now: datetime
) -> None:
    here = place("agent", "hanoi")
    elsewhere = CustomerDraft("Lê Bé", "0987 654 321")
    with register.write() as session:
        complaints.log(
            session, Draft("hotline", now, "x", "payment", customer=elsewhere, branch="danang"), Act(None, now)
        )
    with register.read() as session:
        assert known_customers.find(session, "0987 654 321", here.person) is None
        assert search.find(session, "0987654321", by=here.person).total == 0


@pytest.mark.parametrize(("kind", "taken"), [(OWN, True), (NONE, True), (OTHER, False)])
def test_nobody_logs_for_a_branch_they_do_not_see(
    place: Callable[[str, str], Here], register: Register, now: datetime, kind: str, taken: bool
) -> None:
    here = place("agent", "hanoi")
    draft = Draft("hotline", now, "x", "payment", branch=BRANCH_OF[kind])
    if taken:
        with register.write() as session:
            assert complaints.log(session, draft, Act(here.person, now)).branch == BRANCH_OF[kind]
        return
    with pytest.raises(Invalid) as refused, register.write() as session:
        complaints.log(session, draft, Act(here.person, now))
    assert set(refused.value.fields) == {"branch"}


def test_words_that_many_of_another_branch_have_do_not_hide_the_own(
    place: Callable[[str, str], Here], register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest of the index are read first, and all of them may be another branch's."""
    monkeypatch.setattr(search, "LISTED", 4)
    here = place("agent", "hanoi")
    others = [(Draft("hotline", now, "Trừ tiền", "payment", branch="danang"), ()) for _ in range(20)]
    with register.write() as session:
        complaints.write_histories(session, others, Act(None, now))
    assert by_search("tru tien")(here) == {OWN, NONE}


def test_a_branch_must_be_one_of_the_organisation(place: Callable[[str, str], Here]) -> None:
    with pytest.raises(Invalid) as refused:
        place("agent", "hue")
    assert set(refused.value.fields) == {"branch"}
