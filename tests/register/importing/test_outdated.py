"""Old files name what is no longer offered: merged entries come in as the other one, retired ones as they are (D20)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast as cast_to

import pytest
from sqlalchemy import select

from core.errors import Invalid
from core.register.case import complaints, details
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Mode, Report, take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, SlaCycle
from core.register.log.verify import verify
from core.register.organisation import field_changes, lists
from core.rules.catalogue import Entry
from tests.conftest import Cast
from tests.local_time import at
from tests.register.importing.files import NOW, told
from tests.register.ways import filled

MAPPING = """
source = "old_desk"
procedure = "{procedure}"
[time]
formats = ["%d/%m/%Y %H:%M"]
zone = "Asia/Ho_Chi_Minh"
[reference]
column = "number"
[columns]
recorded_at = "opened"
channel = "via"
category = "topic"
product = "product"
branch = "branch"
level = "level"
statement = "text"
{details}
[values.category]
Money = "payment"
Locked = "locked_chapter"
login = "login"
[history]
state = "state"
at = "since"
[history.stages]
new = "received"
asked = "waiting_department"
over = "closed"
[history.fields.acknowledge]
channel = "web"
[history.fields.classify]
kind = "complaint"
[history.fields.forward]
department = "content"
text = "?"
within_days = 2
[history.fields.answer]
text = "!"
[history.fields.notify_result]
text = "!"
[history.fields.close]
outcome = "partly"
root_cause = "late_reconciliation"
"""
HEADER = "number,opened,via,topic,product,branch,level,text,state,since,amount"
ACT = Act(None, NOW)


def do(register: Register, act: Callable[..., object], name: str, *given: object) -> None:
    with register.write() as session:
        act(session, name, *given, ACT, version=lists.version(session, name))


@pytest.fixture
def changed(register: Register) -> Register:
    """A register whose lists went on since the file was written: ``web`` is mail now, ``locked_chapter`` is retired."""
    for name, entry in (
        ("branches", Entry("", "Hà Nội", "Ha Noi")),
        ("branches", Entry("", "Hải Phòng", "Hai Phong")),
        ("products", Entry("", "Bản mới", "New one", reply_days=3)),
    ):
        do(register, lists.add, name, entry)
    do(register, lists.merge, "branches", "hai_phong", "ha_noi")
    do(register, lists.merge, "channels", "web", "email")
    do(register, lists.merge, "categories", "payment", "content")
    do(register, lists.retire, "categories", "locked_chapter")
    do(register, lists.merge, "departments", "content", "engineering")
    do(register, lists.merge, "causes", "late_reconciliation", "gateway_fault")
    do(register, lists.merge, "outcomes", "partly", "upheld")
    with register.read() as session:
        product = next(iter(lists.current(session, "products")))
    do(register, lists.merge, "products", product, "ban_moi")
    return register


def brought(
    register: Register, folder: Path, *rows: str, procedure: str = "pops", details: str = "", dry_run: bool = False
) -> Report:
    path = folder / "old.csv"
    path.write_bytes("\n".join([HEADER, *rows, ""]).encode())
    mapping = parse(MAPPING.format(procedure=procedure, details=details), file="test.toml")
    return take_in(register, Delimited(path), mapping, act=ACT, mode=Mode(dry_run=dry_run))


def rows_of(register: Register) -> list[Complaint]:
    with register.read() as session:
        return list(session.scalars(select(Complaint).order_by(Complaint.id)))


def said(report: Report) -> dict[tuple[str, str, str], int]:
    return {(one.list, one.said.key, one.taken.key): count for one, count in report.outdated.items()}


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_was_merged_comes_in_as_the_other_and_is_told(changed: Register, tmp_path: Path, dry_run: bool) -> None:
    """Through the mapping's values, as our own key, and in the steps that the mapping fills in."""
    report = brought(
        changed,
        tmp_path,
        "1,05/10/2026 09:30,web,Money,,hai_phong,,Trừ tiền,new,05/10/2026 09:30,",
        "2,05/10/2026 09:30,hotline,Money,,,,Trừ tiền,over,06/10/2026 09:30,",
        "3,05/10/2026 09:30,hotline,login,,,,Không vào được,asked,06/10/2026 09:30,",
        dry_run=dry_run,
    )
    assert told(report) == [] and report.accepted == 3
    assert said(report) == {
        ("channels", "web", "email"): 3,
        ("categories", "payment", "content"): 2,
        ("branches", "hai_phong", "ha_noi"): 1,
        ("departments", "content", "engineering"): 1,
        ("causes", "late_reconciliation", "gateway_fault"): 1,
        ("outcomes", "partly", "upheld"): 1,
    }
    if dry_run:
        assert rows_of(changed) == []
        return
    one, two, three = rows_of(changed)
    assert (one.channel, one.category, one.branch) == ("email", "content", "ha_noi")
    assert (two.category, two.root_cause, two.outcome) == ("content", "gateway_fault", "upheld")
    assert (three.department, three.waiting_department) == ("engineering", True), "they are asked now"
    assert verify(changed).problems == []


def test_what_is_retired_comes_in_as_it_was_and_is_told(changed: Register, tmp_path: Path) -> None:
    report = brought(changed, tmp_path, "1,05/10/2026 09:30,hotline,Locked,,,,Chương bị khóa,new,05/10/2026 09:30,")
    assert (told(report), said(report)) == ([], {("categories", "locked_chapter", "locked_chapter"): 1})
    assert [one.category for one in rows_of(changed)] == ["locked_chapter"]
    assert verify(changed).problems == []


def test_the_terms_of_a_merged_product_are_those_of_the_other(changed: Register, tmp_path: Path) -> None:
    with changed.read() as session:
        merged = next(key for key, entry in lists.current(session, "products").items() if entry.into)
    brought(
        changed, tmp_path, f"1,05/10/2026 09:30,hotline,login,{merged},,,Chậm,new,05/10/2026 09:30,", procedure="vhv"
    )
    [one] = rows_of(changed)
    assert (one.product, one.reply_days) == ("ban_moi", 3)
    with changed.read() as session:  # Monday 05/10 is day 0 whenever it came: Tuesday, Wednesday, Thursday to its end
        assert list(session.scalars(select(SlaCycle.due_at))) == [at("2026-10-09 00:00")]


def test_values_that_the_merged_category_asked_for_stay(changed: Register, tmp_path: Path) -> None:
    report = brought(
        changed,
        tmp_path,
        "1,05/10/2026 09:30,hotline,Money,,,,Trừ tiền,new,05/10/2026 09:30,50.000đ",
        details='[columns.details]\namount = "amount"',
    )
    assert told(report) == []
    [one] = rows_of(changed)
    with changed.read() as session:
        assert (one.category, details.known(session, one.id)) == ("content", {"amount": "50000"})


def test_values_of_what_is_no_longer_asked_for_come_in(changed: Register, tmp_path: Path) -> None:
    with changed.write() as session:
        field_changes.drop(session, "payment", "amount", ACT, version=lists.version(session, "categories"))
    report = brought(
        changed,
        tmp_path,
        "1,05/10/2026 09:30,hotline,Money,,,,Trừ tiền,new,05/10/2026 09:30,50.000đ",
        details='[columns.details]\namount = "amount"',
    )
    assert (told(report), report.accepted) == ([], 1)
    with changed.write() as session, pytest.raises(Invalid) as refused:
        complaints.log(session, Draft("hotline", NOW, "Việc", "content", details={"amount": "50k"}), ACT)
    assert set(refused.value.fields) == {"details.amount"}, "a form does not ask for it"


WRONG = [
    # a row, the column that is refused, why
    ("1,05/10/2026 09:30,fax,login,,,,x,new,05/10/2026 09:30,", "via", "a key that never was"),
    ("1,05/10/2026 09:30,hotline,login,,hue,,x,new,05/10/2026 09:30,", "branch", "a branch that never was"),
    ("1,05/10/2026 09:30,hotline,login,,,level_1,x,new,05/10/2026 09:30,", "level", "POPS gives no level"),
]


@pytest.mark.parametrize(("row", "column", "why"), WRONG, ids=[row[-1] for row in WRONG])
def test_what_never_was_is_refused(changed: Register, tmp_path: Path, row: str, column: str, why: str) -> None:
    report = brought(changed, tmp_path, row)
    assert ([line[:2] for line in told(report)], report.outdated) == ([(2, column)], {}), why


def test_a_form_refuses_all_of_it(changed: Register, cast: Cast) -> None:
    act = Act(cast.lead, NOW)
    for name, key in (
        ("channel", "web"),
        ("category", "payment"),
        ("category", "locked_chapter"),
        ("branch", "hai_phong"),
    ):
        wanted = Draft("hotline", NOW, "Việc", "login")._replace(**{name: key})  # type: ignore[arg-type]  # each by its name
        with pytest.raises(Invalid) as refused, changed.write() as session:
            complaints.log(session, wanted, act)
        assert set(refused.value.fields) == {name}
    with changed.write() as session:
        code = complaints.log(session, Draft("hotline", NOW, "Việc", "other"), act).code
    for step, name, key in (
        ("acknowledge", "channel", "web"),
        ("classify", "category", "payment"),
        ("forward", "department", "content"),
        ("notify_result", "channel", "web"),
        ("close", "root_cause", "late_reconciliation"),
    ):
        fields: StepFields = {**filled(step, NOW), "category": "other", "details": {}, "channel": "hotline"}
        fields["department"] = "payment"
        wrong = cast_to(StepFields, {**fields, name: key})
        with pytest.raises(Invalid) as refused, changed.write() as session:
            complaints.take(session, code, step, wrong, act)
        assert name in refused.value.fields, step
        with changed.write() as session:
            complaints.take(session, code, step, fields, act)
