"""Two processes leave the register as one would: import and sample, also where somebody else writes in between."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.commands import sample
from core.commands.sample_plans import Picture
from core.errors import Invalid, NotAllowed, PopsError
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Mode, Report, Told, take_in
from core.register.importing.mapping import parse
from core.register.importing.reader import Refusal
from core.register.log import ahead, seal, transaction
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.seal import Subject
from core.register.log.tables import Base, Complaint
from core.register.log.verify import verify
from core.register.organisation import lists
from core.register.people import accounts
from tests.conftest import Cast
from tests.engines import STAFFED, Sqlite
from tests.register.importing import test_details
from tests.register.importing.files import MAPPING, NOW
from tests.register.importing.test_importer import EVENTS, count

ACT = Act(None, NOW)
PEOPLE = MAPPING.replace('phone = "phone"', 'phone = "phone"\nname = "name"\nemail = "mail"')
PEOPLE_MAPPING = parse(PEOPLE, file="test.toml")
PEOPLE_HEADER = "number,opened,happened,topic,via,phone,text,name,mail"
UNLIKE = {"salt", "digest", "hash", "previous"}
"""Columns that hold chance, and what is made of it."""


@dataclass
class Heard:
    """What was told while it ran."""

    done: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    helpers: set[int] = field(default_factory=set)

    def told(self, meanwhile: Callable[[int], None] = lambda _done: None) -> Told:
        def progress(report: Report) -> None:
            self.done.append(report.done)
            self.helpers.add(len(multiprocessing.active_children()))
            meanwhile(report.done)

        return Told(progress, self.refused.extend)


@pytest.fixture(autouse=True)
def any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever number of cores, and of threads that run the tests."""
    monkeypatch.setattr(ahead, "is_possible", lambda: True)


@pytest.fixture
def alone(sqlite: Sqlite, tmp_path: Path) -> Iterator[Register]:
    """A second register, in which one process does it all."""
    (tmp_path / "alone").mkdir()
    register = open_register(sqlite.opened_database(tmp_path / "alone", STAFFED), tmp_path / "alone" / "evidence")
    yield register
    register.engine.dispose()


def contents(register: Register) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, without what is chance."""
    found = {}
    with register.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(select(table).order_by(*table.primary_key)).mappings()
            found[table.name] = [{key: _plain(key, row[key]) for key in row if key not in UNLIKE} for row in rows]
    return found


def _plain(key: str, value: object) -> object:
    if key == "words":
        return set(str(value).split())
    if key != "payload":
        return value
    payload = json.loads(str(value))
    payload["digests"] = sorted(payload.get("digests", ()))
    return {key: each for key, each in payload.items() if key != "customer_digest"}


def file_of(folder: Path, header: str, *rows: str) -> Delimited:
    path = folder / "old.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return Delimited(path)


def person(
    number: int, *, phone: str = "", name: str = "", mail: str = "", via: str = "email", topic: str = "Money"
) -> str:
    return f"{number},05/10/2026 09:30,?,{topic},{via},{phone},Việc {number},{name},{mail}"


def life(number: int, *stages: str) -> list[str]:
    return [f"INC{number},05/10/2026 09:00,{stage},05/10/2026 1{hour}:00" for hour, stage in enumerate(stages)]


FILES = {
    "customers found again, filled in and named otherwise, in the batch before, two before and the same one": (
        PEOPLE,
        PEOPLE_HEADER,
        [
            person(1, phone="0500 111222", name="Chị Hoa"),
            person(2, phone="0500 111222", mail="hoa@vidu.vn"),
            person(3, mail="hoa@vidu.vn", name="Anh Ba"),
            person(4, phone="0500 111223"),
            person(5, phone="0500 111223", name="Cô Tư"),
            person(6, mail="hoa@vidu.vn"),
            person(7),
        ],
    ),
    "rows that the reader refuses, rows that the register refuses, a batch of nothing else, and a last row refused": (
        PEOPLE,
        PEOPLE_HEADER,
        [
            person(1, phone="0500 111222"),
            person(2, phone="0500 111222", via="pigeon"),
            person(3, topic="Weather"),
            person(4, phone="12"),
            person(5, phone="13"),
            person(6, phone="0500 111222", name="Chị Hoa"),
            person(1),
            person(8),
            person(9, topic="Weather"),
        ],
    ),
    "words under the star of the mapping": (
        PEOPLE.replace('Money = "payment"', '"*" = "other"'),
        PEOPLE_HEADER,
        [person(n, topic=f"Chuyện {n % 3}") for n in range(1, 8)],
    ),
    "histories whose rows lie apart": (
        EVENTS,
        "number,opened,state,changed",
        [
            *life(1, "New"),
            *life(2, "Asked", "Active", "Elsewhere", "Active", "Resolved", "Closed"),
            *life(3, "Resolved", "Active", "Closed"),
            *life(4, "Active", "New"),
            *life(1, "New", "Active"),
            *life(5, "Resolved"),
        ],
    ),
    "closed, and nobody knows since when": (
        PEOPLE + '[status]\ncolumn = "name"\n[status.values]\nx = "closed"\no = "open"\n',
        PEOPLE_HEADER,
        [person(n, name="xo"[n % 2]) for n in range(1, 6)],
    ),
    "what the category must know, some of it personal": (
        test_details.MAPPING,
        test_details.HEADER,
        [f"{n},05/10/2026 09:30,payment,Nạp,FT{n},50.000đ,04/10/2026 20:15,ví m" for n in range(1, 6)],
    ),
}


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("what", FILES)
def test_an_import(register: Register, alone: Register, tmp_path: Path, what: str) -> None:
    text, header, rows = FILES[what]
    file, mapping, by_one, by_two = file_of(tmp_path, header, *rows), parse(text, file="test.toml"), Heard(), Heard()
    mode = Mode(batch=2)
    expected = take_in(alone, file, mapping, act=ACT, mode=mode, told=by_one.told())
    report = take_in(register, file, mapping, act=ACT, mode=Mode(batch=2, ahead=True), told=by_two.told())
    assert report == expected
    assert report.accepted > mode.batch
    assert (max(by_one.helpers), max(by_two.helpers) > 0) == (0, True), "other processes did their part"
    assert (by_two.done, by_two.refused) == (by_one.done, by_one.refused)
    assert contents(register) == contents(alone)
    assert verify(register).is_whole
    again = take_in(register, file, mapping, act=ACT, mode=Mode(batch=2, ahead=True))
    assert (again.accepted, again.known) == (0, report.accepted)
    assert contents(register) == contents(alone)


@pytest.mark.usefixtures("cast")
def test_a_sample(register: Register, alone: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """With answer texts that are counted, codes told to customers, and every step there is."""
    monkeypatch.setattr(sample, "BATCH", 60)
    with monkeypatch.context() as one_process:
        one_process.setattr(ahead, "is_possible", lambda: False)
        sample.fill(alone, 200, NOW, seed=3)
    helpers = set[int]()
    sample.fill(register, 200, NOW, seed=3, progress=lambda *_: helpers.add(len(multiprocessing.active_children())))
    assert max(helpers) > 0
    assert contents(register) == contents(alone)
    assert verify(register).is_whole
    assert sample.fill(register, 200, NOW, seed=3) == 0


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "a batch of nothing but refusals"),
        ([CustomerDraft("Chị Hoa"), CustomerDraft("Anh Ba", "0500 111222")], "texts"),
        ([(1,), (2, 3)], "plain tuples of unlike length"),
        ([CustomerDraft("Chị Hoa"), ("Anh Ba",)], "unlike classes"),
        ([Draft("email", NOW, "Một", "payment"), Draft("email", NOW, "Hai", "login")], "rows and mappings in rows"),
        ([(Draft("email", NOW, "Một", "payment"), [PastStep("acknowledge", NOW)]), (None, [])], "lists in rows"),
    ],
)
def test_rows_come_over_as_they_are(rows: list[object], why: str) -> None:
    there = pickle.loads(pickle.dumps(ahead.Rows(rows)))
    assert (type(there), there) == (ahead.Rows, rows), why
    assert list(map(type, there)) == list(map(type, rows)), why


def logs_with_a_file(text: str, register: Register) -> None:
    draft = Draft("email", NOW, text, "payment", files=(FileDraft("cham.png", Picture()),))
    with register.write() as session:
        complaints.write_histories(session, [(draft, ())], ACT)


def test_files_are_stored_when_their_batch_is_written(register: Register) -> None:
    """As the sample of an organisation attaches them to its preventive actions."""
    begin = partial(partial, logs_with_a_file)
    with ahead.batch_by_batch(register, ["Một", "Hai", "Ba"], begin, ahead=True) as written:
        assert list(written) == [None] * 3
    assert len(list(register.evidence_dir.iterdir())) == 3
    assert verify(register).is_whole


def logs_one(register: Register, _cast: Cast) -> None:
    draft = Draft("email", NOW - timedelta(days=1), "Việc của người khác", "payment")
    with register.write() as session:
        complaints.log(session, draft, ACT)


def fills_in_a_customer(register: Register, _cast: Cast) -> None:
    customer = CustomerDraft(phone="0500 111222", name="Chị Hoa", email="hoa@vidu.vn")
    with register.write() as session:
        complaints.log(session, Draft("email", NOW, "Việc của chị Hoa", "payment", customer=customer), ACT)


def brings_rows_of_the_file(register: Register, _cast: Cast) -> None:
    folder = register.evidence_dir.parent / "theirs"
    folder.mkdir()
    take_in(register, file_of(folder, PEOPLE_HEADER, person(4), person(6)), parse(PEOPLE, file="t"), act=ACT)


def retires_a_channel(register: Register, _cast: Cast) -> None:
    with register.write() as session:
        lists.retire(session, "channels", "email", ACT, version=lists.version(session, "channels"))


RIVALS = [logs_one, fills_in_a_customer, brings_rows_of_the_file, retires_a_channel]


@pytest.mark.parametrize(
    ("rival", "after", "known"),
    [
        *product(RIVALS, [(2,), (4,), (6,)], [0]),
        *product([logs_one], [(2, 4), (2, 6), (2, 4, 6, 8)], [0]),
        *product(RIVALS, [(2,), (4,)], [6]),
    ],
)
def test_somebody_else_writes_in_between(
    register: Register,
    cast: Cast,
    alone: Register,
    tmp_path: Path,
    rival: Callable[[Register, Cast], None],
    after: tuple[int, ...],
    known: int,
) -> None:
    """What was prepared before is out of date: ids, codes, customers, what is known, what is offered.

    ``known``: rows that came before, so that the first batches write nothing.
    """
    rows = [person(n, phone=f"0500 11122{n % 3}", name=f"Khách {n % 2}") for n in range(1, 10)]
    file, mapping = file_of(tmp_path, PEOPLE_HEADER, *rows), parse(PEOPLE, file="test.toml")
    (tmp_path / "before").mkdir()
    before, reports = file_of(tmp_path / "before", PEOPLE_HEADER, *rows[:known]), []
    for each, by_two in ((alone, False), (register, True)):

        def meanwhile(done: int, its: Register = each) -> None:
            if done in after:
                rival(its, cast)

        take_in(each, before, mapping, act=ACT)
        mode = Mode(batch=2, ahead=by_two)
        reports.append(take_in(each, file, mapping, act=ACT, mode=mode, told=Heard().told(meanwhile)))
    assert reports[0] == reports[1]
    assert contents(register) == contents(alone)
    assert verify(register).is_whole


def numbered(folder: Path, count: int) -> Delimited:
    return file_of(folder, PEOPLE_HEADER, *(person(n) for n in range(1, count + 1)))


def test_whose_account_is_closed_brings_no_further_batch(
    sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path
) -> None:
    def close(_done: int) -> None:
        with sqlite_register.write() as session:
            accounts.deactivate(session, sqlite_cast.lead.id, ACT)

    act, mode = Act(sqlite_cast.lead, NOW), Mode(batch=1, ahead=True)
    with pytest.raises(NotAllowed):
        take_in(sqlite_register, numbered(tmp_path, 4), PEOPLE_MAPPING, act=act, mode=mode, told=Heard().told(close))
    assert count(sqlite_register) == 1, "the batch before it stays"
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("which", "why"), [(0, "the one that reads"), (1, "the one that does every second batch")])
def test_a_process_is_killed(sqlite_register: Register, tmp_path: Path, which: int, why: str) -> None:
    """One sentence says so; what was written is whole, and the same import goes on from there."""

    def kill(done: int) -> None:
        if done > mode.batch:
            return  # it is gone already; batches that wait in its pipe are written
        by_age = sorted(multiprocessing.active_children(), key=lambda process: process.pid or 0)
        by_age[which].kill()
        by_age[which].join()

    # So long that the one that reads waits for the others, and is not done before the first batch is written.
    rows = (person(n) for n in range(1, 41))
    file = file_of(tmp_path, PEOPLE_HEADER, *(row.replace("Việc", "x" * 19_000) for row in rows))
    mode = Mode(batch=2, ahead=True)
    with pytest.raises(PopsError, match="process of this command was ended"):
        take_in(sqlite_register, file, PEOPLE_MAPPING, act=ACT, mode=mode, told=Heard().told(kill))
    written = count(sqlite_register)
    assert 0 < written < 40, why
    assert written % mode.batch == 0, "whole batches"
    report = take_in(sqlite_register, file, PEOPLE_MAPPING, act=ACT, mode=mode)
    assert (report.known, report.accepted) == (written, 40 - written)
    assert verify(sqlite_register).is_whole


def logs_more_than_it_says(text: str, register: Register) -> None:
    draft = Draft("email", NOW, text, "payment")
    with register.write() as session:
        complaints.write_histories(session, [(draft, ())], ACT, nothing_follows=True)
        seal.append(session, Subject("import", 0), "imported", {"source": text}, ACT.stamp)


@pytest.mark.usefixtures("cast")
def test_who_was_told_something_else_than_is_counted_prepares_anew(register: Register, alone: Register) -> None:
    texts, begin = ["Một", "Hai", "Ba", "Bốn", "Năm"], partial(partial, logs_more_than_it_says)
    for each, by_two in ((alone, False), (register, True)):
        with ahead.batch_by_batch(each, texts, begin, ahead=by_two) as written:
            assert list(written) == [None] * len(texts)
    assert contents(register) == contents(alone)
    assert verify(register).is_whole


def ends_itself(_session: Session, here: int) -> None:
    """Ends the process that writes, in the middle of its transaction, unless it is this one."""
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_is_killed_while_it_writes(register: Register) -> None:
    """What it had begun to write is gone, what was written before is whole, and the next one may write at once."""

    def logs_and_ends(text: str, into: Register) -> None:
        with into.write() as session:
            draft = Draft("email", NOW, text, "payment")
            complaints.write_histories(session, [(draft, ())], ACT)
            transaction.write(session, ends_itself, here)

    here, begin = os.getpid(), partial(partial, logs_and_ends)
    with (
        pytest.raises(PopsError, match="process of this command was ended"),
        ahead.batch_by_batch(register, ["Một", "Hai", "Ba"], begin, ahead=True) as written,
    ):
        list(written)
    assert count(register) == 1
    assert verify(register).is_whole
    assert multiprocessing.active_children() == []
    logs_and_ends("Bốn", register)
    assert count(register) == 2


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (person(2).replace("05/10/2026", "10/25/2026"), "a day that proves another order: found by the first pass"),
        (person(2).replace("Việc", '"Việc'), "a quote that nothing closes: found by both"),
    ],
)
def test_a_file_that_cannot_be_used(sqlite_register: Register, tmp_path: Path, row: str, why: str) -> None:
    before = contents(sqlite_register)
    file = file_of(tmp_path, PEOPLE_HEADER, person(1), row)
    with pytest.raises(Invalid):
        take_in(sqlite_register, file, PEOPLE_MAPPING, act=ACT, mode=Mode(batch=1, ahead=True))
    assert contents(sqlite_register) == before, why
    assert multiprocessing.active_children() == []


def test_one_process_does_it_where_no_second_one_starts(
    sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("os.fork", refused)
    heard = Heard()
    take_in(sqlite_register, numbered(tmp_path, 3), PEOPLE_MAPPING, act=ACT, mode=Mode(ahead=True), told=heard.told())
    assert (count(sqlite_register), heard.helpers) == (3, {0})


def test_what_is_not_kept_for_the_first_process_is_refused(register: Register) -> None:
    """A statement that is run in the second process would else be lost with its transaction."""
    with pytest.raises(PopsError), ahead.Preparing(register).write() as session:
        session.execute(update(Complaint).values(channel="email"))
