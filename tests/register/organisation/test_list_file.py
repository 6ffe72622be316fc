"""A list as a CSV file: out and in again, looked at before it is written, refused by line and column."""

from __future__ import annotations

import pytest

from core.errors import Conflict, Invalid
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.verify import verify
from core.register.organisation import audit, list_file, lists
from core.register.organisation.list_file import Plan
from core.rules.catalogue import LISTS, Entry
from tests.conftest import Cast
from tests.engines import MONDAY


def written(register: Register, name: str, delimiter: str = ",") -> str:
    with register.read() as session:
        return list_file.write(name, lists.current(session, name), delimiter).decode("utf-8-sig")


def planned(register: Register, name: str, text: str) -> Plan:
    with register.read() as session:
        return list_file.plan(session, name, text.encode())


def take_in(register: Register, cast: Cast, plan: Plan) -> None:
    with register.write() as session:
        lists.replace_all(session, plan.name, plan.after, Act(cast.admin, MONDAY), version=plan.version)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_goes_out_changes_nothing_when_it_comes_in(sqlite_register: Register, name: str, delimiter: str) -> None:
    plan = planned(sqlite_register, name, written(sqlite_register, name, delimiter))
    assert (plan.faults, plan.changes, plan.unread) == ((), (), ())


def test_headers_are_keys_in_every_language_and_no_cell_runs(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.write() as session:
        version = lists.version(session, "products")
        entry = Entry("", "=1+1", "'@x", complaint_days=30)
        lists.add(session, "products", entry, Act(sqlite_cast.admin, MONDAY), version=version)
    lines = written(sqlite_register, "products").splitlines()
    assert lines[0] == "key,vi,en,retired,into,complaint_days,reply_days"
    assert lines[-2:] == ["k_1_1,'=1+1,''@x,,,30,", "other,Khác,Other,,,,"]
    assert planned(sqlite_register, "products", "\r\n".join(lines)).changes == ()


def test_an_import_adds_changes_retires_and_moves_as_one_event(register: Register, cast: Cast) -> None:
    lines = written(register, "channels").splitlines()
    hotline = next(line for line in lines if line.startswith("hotline,"))
    lines.remove(hotline)
    lines.append(hotline)
    web = next(place for place, line in enumerate(lines) if line.startswith("web,"))
    key, vi, en, _retired, into, *rest = lines[web].split(",")
    lines[web] = ",".join([key, vi, en, "yes", into, *rest])
    lines += [",Fax,Fax machine,,,yes", "zalo_oa,Zalo OA,Zalo OA,,,"]
    plan = planned(register, "channels", "\n".join(lines))
    assert plan.faults == ()
    assert (plan.count("added"), plan.count("retired"), plan.count("position")) == (2, 1, 1)
    before = len(lists_versions(register))
    take_in(register, cast, plan)
    with register.read() as session:
        found = lists.current(session, "channels")
    assert found["fax"] == Entry("fax", "Fax", "Fax machine", written=True)
    assert found["web"].retired
    assert list(found)[-3:] == ["hotline", "fax", "zalo_oa"]
    assert len(lists_versions(register)) == before + 1
    assert lists_versions(register)[0].changes == plan.changes
    assert verify(register).problems == []


def lists_versions(register: Register) -> list[audit.Applied]:
    with register.read() as session:
        return audit.versions(session, "channels")


@pytest.mark.parametrize(
    ("lines", "why"),
    [(("key,vi,en",), "a file of the new ones alone"), ((), "behind the whole list, as a spreadsheet is filled")],
)
def test_new_entries_stand_before_other(sqlite_register: Register, lines: tuple[str, ...], why: str) -> None:
    rows = lines or written(sqlite_register, "products").splitlines()
    empty = "," * (rows[0].count(",") - 2)
    plan = planned(sqlite_register, "products", "\n".join([*rows, f",Một,One{empty}", f",Hai,Two{empty}"]))
    assert plan.faults == ()
    keys = list(plan.after)
    assert keys[keys.index("mot") : keys.index("mot") + 3] == ["mot", "hai", "other"], why
    assert plan.count("position") == 0, why


def test_a_file_of_some_entries_leaves_the_others_and_their_order(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        before = lists.current(session, "channels")
    plan = planned(sqlite_register, "channels", "key,vi,en\nweb,Trang web,Website\n")
    assert list(plan.after) == list(before)
    assert {one.key for one in plan.changes} == {"web"}
    assert plan.after["web"].written == before["web"].written, "no column: it stays"


def test_the_details_of_a_category_stay(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        fields = lists.current(session, "categories")["payment"].fields
    plan = planned(sqlite_register, "categories", "key,vi,en\npayment,Tiền,Money\n")
    assert fields
    assert plan.after["payment"].fields == fields


FAULTS = [
    # rows beneath the header, line, column, why
    ("hotline,,Hotline,,,", 2, "vi", "a name is missing"),
    ("Hotline!,Tên,Name,,,", 2, "key", "no key"),
    ("fax,Fax,Fax,perhaps,,", 2, "retired", "neither yes nor nothing"),
    ("fax,Fax,Fax,yes,nothing,", 2, "into", "merged into what is not there"),
    ("fax,Fax,Fax,,web,", 2, "into", "merged and offered"),
    ("fax,Fax,Fax,,,\nfax,Telefax,Telefax,,,", 3, "key", "the key twice"),
    ("fax,Fax,Fax,,,\ntelex,fax,Telex,,,", 2, "vi", "the name twice"),
    ('fax,"Fax" x,Fax,,,\n', 2, "", "a quote that nobody closed"),
]


@pytest.mark.parametrize(("rows", "line", "column", "why"), FAULTS, ids=[row[-1] for row in FAULTS])
def test_what_cannot_be_taken_is_named_by_line_and_column(
    sqlite_register: Register, rows: str, line: int, column: str, why: str
) -> None:
    plan = planned(sqlite_register, "channels", f"key,vi,en,retired,into,written\n{rows}\n")
    assert (plan.faults[0].line, plan.faults[0].column) == (line, column), why
    assert plan.changes == (), "nothing can be imported"


@pytest.mark.parametrize(
    "text",
    ["", "mã,tên\nx,y\n", "key,vi,en\n" + "x" * (1 << 20)],
    ids=["empty", "no such columns", "too large"],
)
def test_what_is_no_list_is_refused(sqlite_register: Register, text: str) -> None:
    with pytest.raises(Invalid):
        planned(sqlite_register, "channels", text)


def test_columns_that_mean_nothing_are_named(sqlite_register: Register) -> None:
    plan = planned(sqlite_register, "channels", "key,vi,en,mailbox,note\nfax,Fax,Fax,a@b.vn,x\n")
    assert plan.unread == ("mailbox", "note")


def test_a_list_that_changed_since_the_look_is_not_written_over(sqlite_register: Register, sqlite_cast: Cast) -> None:
    plan = planned(sqlite_register, "channels", "key,vi,en\nfax,Fax,Fax\n")
    with sqlite_register.write() as session:
        lists.retire(session, "channels", "web", Act(sqlite_cast.admin, MONDAY), version=plan.version)
    with pytest.raises(Conflict):
        take_in(sqlite_register, sqlite_cast, plan)
