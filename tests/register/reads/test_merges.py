"""What each reader sees of complaints that were merged (D13): where they went, what went on in one, what counts."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest

from core.insight import facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers import dictionary, rows
from core.register import rulebook
from core.register.case import incidents as acts
from core.register.case.customers import CustomerDraft
from core.register.case.evidence import FileDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Person
from core.register.people import accounts
from core.register.people.accounts import Account
from core.register.reads import alike, dossier, incidents, merges, queue, search
from core.register.reads.dossier import Dossier
from core.rules.catalogue import Entry
from core.rules.masking import HIDDEN
from tests.conftest import Cast
from tests.files import PNG
from tests.local_time import at
from tests.register.cases import draft, files_of, logged, take

NOW = at("2026-11-17 10:00")
WIFE = CustomerDraft(name="Vợ Khách", phone="0987 654 321", email="vo@example.com")


@pytest.fixture
def chain(register: Register, cast: Cast) -> tuple[Complaint, Complaint, Complaint]:
    """Of one customer: the second goes on in the first, the third, of the wife, in the second; each with a text."""
    first = logged(register, cast, recorded_at=at("2026-11-13 09:00"), statement="Lần đầu gọi")
    second = logged(register, cast, recorded_at=at("2026-11-16 09:00"), statement="Gọi lại lần hai")
    third = logged(register, cast, recorded_at=at("2026-11-16 15:00"), statement="Vợ gọi giúp", customer=WIFE)
    files = (FileDraft("biên lai.png", BytesIO(PNG)),)
    take(register, "add_evidence", third, cast.agent, NOW, files=files, text="Biên lai của vợ")
    take(register, "merge", third, cast.lead, NOW, merged_into=second.code, text="Vợ của khách")
    take(register, "merge", second, cast.agent, NOW, merged_into=first.code)
    return first, second, third


Chain = tuple[Complaint, Complaint, Complaint]


def read(register: Register, complaint: Complaint, by: Person) -> Dossier:
    with register.read() as session:
        return dossier.read(session, complaint.code, by=by, now=NOW, language="vi")


def test_each_says_where_it_went_and_the_first_has_the_whole_story(
    register: Register, cast: Cast, chain: Chain
) -> None:
    first, second, third = chain
    for gone in (second, third):
        assert read(register, gone, cast.agent).end == (first.code, True)
    whole = read(register, first, cast.agent)
    assert whole.end is None
    assert [one.complaint.code for one in whole.taken_in] == [second.code, third.code]
    texts = [(one.of_code, one.text) for one in whole.whole_story]
    for said in ((second.code, "Gọi lại lần hai"), (third.code, "Vợ gọi giúp"), (third.code, "Biên lai của vợ")):
        assert said in texts
    assert [file.name for file in files_of(whole)] == ["biên lai.png"]
    assert [(one.name, one.email) for one in whole.contacts] == [("Vợ Khách", "vo@example.com")]
    assert all(not one.of_code for one in whole.moments), "its own history is its own"
    assert [one.complaint.code for one in read(register, second, cast.agent).taken_in] == [third.code]


def test_the_story_of_those_received_long_before_is_not_told(
    register: Register, cast: Cast, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred merged complaints would take the page of the one that goes on seconds, at every click."""
    monkeypatch.setattr(merges, "TOLD", 1)
    first, second, third = chain
    whole = read(register, first, cast.agent)
    assert [(one.complaint.code, bool(one.moments)) for one in whole.taken_in] == [
        (second.code, False),
        (third.code, True),
    ]


def test_who_does_not_read_texts_reads_none_of_these_either(register: Register, cast: Cast, chain: Chain) -> None:
    whole = read(register, chain[0], cast.analyst)
    told = {one.text for one in whole.whole_story if one.of_code}
    assert told <= {HIDDEN, ""}
    assert [one.name for one in whole.contacts] == ["V. K."]
    assert all(not file.opens for file in files_of(whole))


def test_nobody_sees_more_of_a_branch_by_a_merge(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    with register.write() as session:
        branches = (Entry("hanoi", "Hà Nội", "Ha Noi"), Entry("danang", "Đà Nẵng", "Da Nang"))
        rulebook.add_catalogue(session, "branches", branches, Act(cast.admin, NOW))
    there = logged(register, cast, recorded_at=at("2026-11-13 09:00"), statement="Ở Hà Nội")
    here = logged(register, cast, recorded_at=at("2026-11-16 09:00"), statement="Ở Đà Nẵng")
    there, here = (
        take(register, "correct", one, cast.lead, NOW, corrects="branch", becomes=key)
        for one, key in ((there, "hanoi"), (here, "danang"))
    )
    take(register, "merge", here, cast.lead, NOW, merged_into=there.code)
    with register.write() as session:
        of_hanoi = accounts.add(session, Account("hn", "HN", "agent", branch="hanoi"), None, Act(cast.admin, NOW))
        of_danang = accounts.add(session, Account("dn", "DN", "agent", branch="danang"), None, Act(cast.admin, NOW))
    assert read(register, there, of_hanoi).taken_in == (), "what is with another branch is not read here"
    end = read(register, here, of_danang).end
    assert end is not None and (end.code, end.opens) == (there.code, False)


def test_lists_leave_it_out_and_search_finds_it(register: Register, cast: Cast, chain: Chain) -> None:
    first, second, third = chain
    with register.read() as session:
        assert [line.code for line in queue.page(session, "all", by=cast.lead, now=NOW)] == [first.code]
        found = [(hit.code, hit.state) for hit in search.find(session, second.code, by=cast.agent).hits]
        assert found == [(second.code, "merged")]
        again = draft(statement="Vợ gọi giúp", recorded_at=NOW)
        duplicates = alike.find(session, again, by=cast.agent, now=NOW)
        assert [one.code for one in duplicates.duplicates] == [first.code], "to which what is said again is added"
        assert third.code not in dict(duplicates.others)


def test_an_incident_counts_it_no_more(register: Register, cast: Cast) -> None:
    first = logged(register, cast, recorded_at=at("2026-11-13 09:00"))
    second = logged(register, cast, recorded_at=at("2026-11-16 09:00"))
    with register.write() as session:
        versions = dict.fromkeys((first.code, second.code))
        code, _result = acts.begin(session, versions, "Cổng thanh toán lỗi", Act(cast.agent, NOW))
    assert code is not None

    def counted() -> tuple[int, int, list[str]]:
        with register.read() as session:
            found = incidents.read(session, code, by=cast.agent, now=NOW)
            assert found is not None
            return found.brief.complaints, found.brief.open, [one.code for one in found.members]

    assert counted()[0] == 2
    with register.read() as session:
        second = session.get_one(Complaint, second.id)
    gone = take(register, "merge", second, cast.agent, NOW, merged_into=first.code)
    assert (gone.incident, counted()) == (code, (1, 1, [first.code])), "it stays in it, and is counted once"
    take(register, "unmerge", gone, cast.lead, NOW, text="Hai việc")
    assert counted()[0] == 2


def test_an_export_has_a_line_of_its_own(register: Register, chain: Chain) -> None:
    first, second, third = chain
    period = Filter(date(2026, 11, 9), date(2026, 11, 22))
    selection = rows.Selection(facts.load(register), Slice(period), NOW)
    assert rows.totals(selection) == {"open": 1, "closed": 0, "untimed": 0, "merged": 2, "broken": 1}
    columns = dictionary.chosen(("code", "state", "merged_into"), obligations=False)
    [frame] = rows.stretches(register, selection, columns, whole=True)
    assert frame.rows() == [
        (third.code, "merged", second.code),
        (second.code, "merged", first.code),
        (first.code, "received", None),
    ]
