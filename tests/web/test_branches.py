"""People of one branch or department: every door to a complaint shows what is drawn here, on both engines."""

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
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Evidence, Person
from core.register.log.verify import verify
from core.register.organisation import lists
from core.register.people import accounts
from core.register.reads import dossier, known_customers, queue, search
from core.rules.calendar import local_day
from core.rules.catalogue import Entry
from core.rules.roles import may
from core.web.exports import PATH
from tests.files import PNG
from tests.register.ways import filled
from tests.web.site import Site

BRANCHES = (
    Entry("hanoi", "Hà Nội", "Ha Noi"),
    Entry("danang", "Đà Nẵng", "Da Nang"),
    Entry("haiphong", "Hải Phòng", "Hai Phong"),
)
OWN, OTHER, NONE, MERGED = "own", "other", "none", "merged"
BRANCH_OF = {OWN: "hanoi", OTHER: "danang", NONE: None, MERGED: "haiphong"}
DEPARTMENT_OF = {OWN: "payment", OTHER: "engineering", NONE: None, MERGED: "content"}
WIDER = ("", "branch=danang", "branch=none", "branch=hanoi,danang,none", "branch=", "of=open&branch=danang", "of=due")
"""Queries of figures: no address shows more than the person sees."""

# Who has which branch, and which complaints they see: of the own branch, of another, of none (D32), and of one that was
# merged into Hà Nội once they were logged (D20).
#          role     branch   own  other none merged
DRAWN = """
agent      hanoi    yes  -     yes  yes
lead       hanoi    yes  -     yes  yes
manager    hanoi    yes  -     -    yes
analyst    hanoi    yes  -     -    yes
admin      hanoi    yes  -     -    yes
agent      danang   -    yes   yes  -
analyst    danang   -    yes   -    -
agent      all      yes  yes   yes  yes
lead       all      yes  yes   yes  yes
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
        lists.merge(
            session, "branches", "haiphong", "hanoi", Act(None, now), version=lists.version(session, "branches")
        )

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


@pytest.mark.parametrize("drawn", PEOPLE, ids=[f"{p[0]}, {p[1]}" for p in PEOPLE])
def test_every_door_shows_what_is_drawn(place: Callable[[str, str], Here], drawn: list[str]) -> None:
    role, branch, *marks = drawn
    here = place(role, branch)
    wanted = {kind for kind, mark in zip((OWN, OTHER, NONE, MERGED), marks, strict=True) if mark == "yes"}
    seen = {name: door(here) for name, door, whose in DOORS if role in whose}
    assert seen == dict.fromkeys(seen, wanted)
    assert verify(here.register).is_whole


# Which complaints the people of a department see once Content was merged into Payments: it was asked before (D20).
#              own  other none merged
OF_DEPARTMENTS = """
payment        yes  -     -    yes
engineering    -    yes   -    -
"""


@pytest.mark.parametrize(
    "drawn", [line.split() for line in OF_DEPARTMENTS.strip().splitlines()], ids=lambda row: row[0]
)
def test_a_department_has_what_another_was_asked_before_it_was_merged(
    register: Register, now: datetime, drawn: list[str]
) -> None:
    department, *marks = drawn
    site, codes, files = Site(register, now), dict[str, str](), dict[str, int]()
    customer, act = CustomerDraft("Đặng Thị Ân", "0912 345 678"), Act(None, now)
    with register.write() as session:
        for kind, asked in DEPARTMENT_OF.items():
            picture = (FileDraft("ảnh.png", BytesIO(PNG)),)
            draft = Draft("hotline", now, f"Trừ tiền {kind}", "payment", customer=customer, files=picture)
            codes[kind] = complaints.log(session, draft, act).code
            for step in ("acknowledge", "classify", "forward") if asked else ():
                fields: StepFields = {**filled(step, now), "category": "payment", "department": asked}
                complaints.take(session, codes[kind], step, fields, act)
        of_files = select(Complaint.code, Evidence.id).join(Evidence, Evidence.complaint_id == Complaint.id)
        kinds = {code: kind for kind, code in codes.items()}
        files |= {kinds[code]: id for code, id in session.execute(of_files.where(Evidence.kind == "file"))}
        version = lists.version(session, "departments")
        lists.merge(session, "departments", "content", "payment", act, version=version)
    site.staff("handler")
    with register.write() as session:
        person = accounts.find(session, "handler")
        accounts.set_role(session, person.id, "handler", department, act)
    here = Here(site, codes, files, person)
    wanted = {kind for kind, mark in zip((OWN, OTHER, NONE, MERGED), marks, strict=True) if mark == "yes"}
    with register.read() as session:
        lines = queue.page(session, "waiting_department", by=person, now=now)
    assert here.kinds({line.code for line in lines}) == wanted, "what waits for the other waits for this one"
    for name, door, _whose in DOORS[1:9]:
        assert door(here) == wanted, name
    for code in (codes[kind] for kind in wanted):
        with register.write() as session:
            answered = complaints.take(session, code, "answer", {"text": "Đã kiểm tra"}, Act(person, now))
        assert not answered.waiting_department
    assert verify(register).is_whole


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


@pytest.mark.parametrize(("kind", "taken"), [(OWN, True), (NONE, True), (OTHER, False), (MERGED, False)])
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
    assert by_search("tru tien")(here) == {OWN, NONE, MERGED}


def test_a_branch_must_be_one_of_the_organisation(place: Callable[[str, str], Here]) -> None:
    with pytest.raises(Invalid) as refused:
        place("agent", "hue")
    assert set(refused.value.fields) == {"branch"}
