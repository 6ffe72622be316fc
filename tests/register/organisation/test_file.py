"""The whole organisation in one file: written, taken into an empty register and into its own again, on both engines."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest
import tomli_w
from sqlalchemy import func, select, update

from core import shipped
from core.__main__ import main
from core.errors import Invalid, NotReady
from core.i18n import use
from core.register import rulebook
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Event, ProcedureVersion
from core.register.log.verify import verify
from core.register.organisation import (
    answer_texts,
    choice,
    field_changes,
    file,
    identity,
    lists,
    procedure_versions,
    proposals,
    targets,
)
from core.register.organisation.file import Part
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules import procedure
from core.rules.calendar import LOCAL
from core.rules.catalogue import LISTS, Entry
from core.rules.details import fields_of
from core.rules.targets import Target
from tests.engines import MONDAY, NOBODYS, Sqlite

ACT = Act(None, MONDAY)
SINCE = date(2026, 12, 1)


@pytest.fixture
def original(sqlite: Sqlite, tmp_path: Path) -> Iterator[Register]:
    """The register that is exported, at first nobody's."""
    folder = tmp_path / "original"
    folder.mkdir()
    register = open_register(sqlite.opened_database(folder, NOBODYS), folder / "evidence")
    yield register
    register.engine.dispose()


def begin(register: Register, key: str) -> None:
    with register.write() as session:
        choice.choose(session, key, ACT)


def exported(register: Register, now: datetime = MONDAY) -> str:
    with register.read() as session:
        return file.export(session, now=now)


def taken(register: Register, text: str, now: datetime = MONDAY) -> list[Part]:
    with register.write() as session:
        return file.take_in(session, text, Act(None, now), file="org.toml")


def events(register: Register) -> int:
    with register.read() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


@pytest.mark.parametrize("key", shipped.organisations())
def test_an_empty_register_becomes_equal(original: Register, nobodys: Register, key: str) -> None:
    begin(original, key)
    with original.write() as session:
        targets.put(session, Target("resolve", SINCE, 0.9), ACT, version=0)
        lists.add(session, "outcomes", Entry("", "Chuyển nơi khác", "Sent elsewhere"), ACT, version=1)
        lists.retire(session, "outcomes", "chuyen_noi_khac", ACT, version=2)
    text = exported(original)
    taken(nobodys, text)
    assert exported(nobodys) == text
    with original.read() as one, nobodys.read() as other:
        assert rulebook.catalogues(one) == rulebook.catalogues(other)
        assert list(rulebook.catalogues(one).causes) == list(rulebook.catalogues(other).causes), "in the same order"
        assert rulebook.organisation(one) == rulebook.organisation(other)
        assert rulebook.targets(one) == rulebook.targets(other) == (Target("resolve", SINCE, 0.9),)
        assert rulebook.current_procedures(one, MONDAY) == rulebook.current_procedures(other, MONDAY)
    assert verify(nobodys).problems == []


def test_what_came_of_years_of_changes_comes_along_too(original: Register, nobodys: Register) -> None:
    """Merges of merges, into what is retired since, a name used anew, a place, a text about what is retired."""
    begin(original, "pops")

    def do(act: Callable[..., object], name: str, *given: object, **named: object) -> None:
        with original.write() as session:
            act(session, name, *given, ACT, version=lists.version(session, name), **named)

    do(lists.add, "categories", Entry("", "Ví điện tử", "Wallets", parent="payment"))
    do(lists.retire, "categories", "vi_dien_tu")
    do(lists.merge, "categories", "payment", "login")
    do(lists.merge, "channels", "web", "hotline")
    do(lists.merge, "channels", "hotline", "email")
    do(lists.retire, "channels", "email")
    with original.read() as session:
        web = lists.current(session, "channels")["web"]
    do(lists.add, "channels", Entry("", web.vi, web.en))
    do(lists.change, "channels", web, position=1)
    do(lists.retire, "categories", "locked_chapter")  # an answer text is about it
    with original.write() as session:
        method = fields_of(lists.current(session, "categories"), "payment")["method"]
        lines = "\n".join(f"{one.vi} / {one.en}" for one in method.offered[1:])
        field_changes.put(session, "payment", method, lines, ACT, version=lists.version(session, "categories"))
        field_changes.drop(session, "payment", "amount", ACT, version=lists.version(session, "categories"))
    text = exported(original)
    assert taken(nobodys, text) and exported(nobodys) == text
    assert taken(nobodys, text) == taken(original, text) == []
    assert verify(nobodys).problems == []


def changed_procedure(register: Register, amount: int, on: date | None, now: datetime = MONDAY) -> None:
    """The resolve term of POPS is that many working days, from ``on`` or from now."""
    with register.write() as session:
        newest = procedure_versions.newest(session, "pops")
        terms = tuple(replace(term, amount=amount) if term.key == "resolve" else term for term in newest.terms)
        procedure_versions.change(session, replace(newest, terms=terms), Act(None, now), applies_on=on)


def days(register: Register, *at: date) -> list[int]:
    """The resolve term of POPS on these days."""
    found = []
    with register.read() as session:
        for day in at:
            term = rulebook.procedure_at(session, "pops", local(day)).term("resolve")
            assert term is not None
            found.append(term.amount)
    return found


def local(day: date) -> datetime:
    return datetime.combine(day, time(12), LOCAL)


NOV, DEC, JAN, FEB = date(2026, 11, 16), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)


def test_a_procedure_that_applies_later_does_so_in_the_copy_too(original: Register, nobodys: Register) -> None:
    begin(original, "pops")
    changed_procedure(original, 6, None)
    changed_procedure(original, 9, JAN)  # another one replaces it before it applies
    changed_procedure(original, 7, DEC)
    changed_procedure(original, 8, FEB)
    text = exported(original)
    assert list(tomllib.loads(text)["later_procedures"]["pops"]) == ["2026-12-01", "2027-02-01"]
    taken(nobodys, text)
    assert days(original, NOV, DEC, JAN, FEB) == days(nobodys, NOV, DEC, JAN, FEB) == [6, 7, 7, 8]
    assert exported(nobodys) == text and taken(nobodys, text) == []
    assert verify(nobodys).problems == []


# what the file has later, taken in on, the terms on those days before and after, why
TIMETABLES = [
    ({}, NOV, [5, 5, 5, 5], "what was to apply later does not"),
    ({DEC: 6}, NOV, [5, 6, 6, 6], "the same first, then nothing"),
    ({DEC: 6, JAN: 9}, NOV, [5, 6, 9, 9], "one came in between"),
    ({FEB: 9}, NOV, [5, 5, 5, 9], "from a later day than here"),
    ({DEC: 6, FEB: 9}, NOV, [5, 6, 6, 9], "another one from the same day"),
    ({DEC: 6, FEB: 7}, date(2026, 12, 5), [5, 6, 6, 7], "the day of the first has come: it is in force here as well"),
    ({DEC: 9}, date(2026, 12, 5), [5, 6, 9, 9], "its day has come: it applies at once"),
]


@pytest.mark.parametrize(("later", "day", "wanted", "why"), TIMETABLES, ids=[row[-1] for row in TIMETABLES])
def test_the_times_of_a_procedure_become_those_of_the_file(
    sqlite_register: Register, later: dict[date, int], day: date, wanted: list[int], why: str
) -> None:
    register, now = sqlite_register, local(day)
    whole = tomllib.loads(exported(register))
    text = whole["procedures"]["pops"]
    assert days(register, NOV) == [5]
    with register.write() as session:  # from now on a version without a day applies from when it is taken into use
        complaints.log(session, Draft("hotline", MONDAY, "Việc", "login"), ACT)
    changed_procedure(register, 6, DEC)
    changed_procedure(register, 7, FEB)
    texts = {str(since): text.replace("amount = 5\n", f"amount = {amount}\n") for since, amount in later.items()}
    edited = tomli_w.dumps(whole | {"later_procedures": {"pops": texts}})
    taken(register, edited, now)
    assert days(register, NOV, DEC, JAN, FEB) == wanted, why
    assert taken(register, edited, now) == [], "once more changes nothing"
    assert verify(register).problems == []


def test_a_version_that_an_older_program_wrote_comes_along(original: Register, nobodys: Register) -> None:
    begin(original, "pops")
    with original.write() as session:
        newest = session.scalars(select(ProcedureVersion).where(ProcedureVersion.key == "pops")).one()
        content = "version = 1\n" + newest.content
        session.execute(update(ProcedureVersion).where(ProcedureVersion.key == "pops").values(content=content))
    text = exported(original)
    assert "\nversion = 1\n" not in text
    taken(nobodys, text)
    assert exported(nobodys) == text and taken(original, text) == []


def test_the_audit_list_names_what_an_import_changed_of_the_organisation(nobodys: Register) -> None:
    with nobodys.write() as session:
        choice.choose(session, "pops", ACT, ["vhv", "misa"])
    whole = tomllib.loads(exported(nobodys))
    whole["organisation"] |= {"procedures": ["pops", "misa"], "former": ["vhv"], "declined": ["channels/fax"]}
    [part] = taken(nobodys, tomli_w.dumps(whole))
    assert [change[:] for change in part.changes] == [
        ("vhv", "disabled", "", "yes"),
        ("vhv", "position", "2", "3"),
        ("organisation", "declined", "", "channels: fax"),
    ]


def test_a_detail_or_a_choice_that_the_file_does_not_have_is_no_longer_offered(nobodys: Register) -> None:
    begin(nobodys, "pops")
    whole = tomllib.loads(exported(nobodys))
    fields = whole["lists"]["categories"]["payment"]["fields"]
    del fields["amount"]
    del fields["method"]["choices"]["momo"]
    text = tomli_w.dumps(whole)
    assert [part.name for part in taken(nobodys, text)] == ["lists.categories"]
    with nobodys.read() as session:
        known = {one.key: one for one in lists.current(session, "categories")["payment"].fields}
    assert known["amount"].retired and "momo" in {one.key for one in known["method"].choices if one.retired}
    assert taken(nobodys, text) == [], "once more changes nothing"
    assert verify(nobodys).problems == []


def test_what_is_verified_of_customers_comes_along_and_never_goes(nobodys: Register) -> None:
    begin(nobodys, "misa")
    whole = tomllib.loads(exported(nobodys))
    fields = whole["organisation"]["customer_fields"]
    assert list(fields) == ["title", "address", "products", "since", "dues", "partner_field"]
    del fields["since"], fields["dues"]["choices"]["not_due"]
    fields["address"]["vi"] = "Trụ sở"
    fields["contract"] = {"vi": "Số hợp đồng", "en": "Contract", "type": "text"}
    [part] = taken(nobodys, tomli_w.dumps(whole))
    assert [(one.key, one.what) for one in part.changes] == [("organisation", "field")] * 4
    with nobodys.read() as session:
        found = {one.key: one for one in rulebook.organisation(session).customer_fields}
    assert [key for key, one in found.items() if one.retired] == ["since"], "what was recorded keeps its name"
    assert [one.key for one in found["dues"].offered] == ["none", "overdue"]
    assert (found["address"].vi, found["contract"].en) == ("Trụ sở", "Contract")
    assert taken(nobodys, exported(nobodys)) == []


@pytest.mark.parametrize(
    ("change", "reason", "why"),
    [
        ({"type": "number"}, "stays once it is made", "what was recorded is kept by its type"),
        ({"personal": False}, "stays once it is made", "what was kept out of the log stays out of it"),
        ({"required": "intake"}, "nothing waits for what is verified", "no step does"),
        ({"vi": "Địa chỉ"}, "has this name", "two that nobody can tell apart"),
    ],
)
def test_a_field_of_customers_that_cannot_be_is_refused(
    nobodys: Register, change: dict[str, object], reason: str, why: str
) -> None:
    begin(nobodys, "misa")
    whole = tomllib.loads(exported(nobodys))
    whole["organisation"]["customer_fields"]["title"] |= change
    use("en")
    with pytest.raises(Invalid) as refused:
        taken(nobodys, tomli_w.dumps(whole))
    assert "customer_fields.title" in str(refused.value) and reason in str(refused.value), why


def test_the_same_again_writes_nothing(nobodys: Register) -> None:
    begin(nobodys, "misa")
    before = events(nobodys)
    assert taken(nobodys, exported(nobodys)) == []
    assert events(nobodys) == before


@pytest.mark.parametrize("key", ["pops", "misa"])
def test_what_is_only_written_otherwise_is_no_difference(original: Register, key: str) -> None:
    """A register whose procedures were changed on the screen and back says the same as one that never changed."""
    begin(original, key)
    texts = tomllib.loads(exported(original))["procedures"]
    rewritten = {one: procedure.dump(procedure.parse(text, file=one)) for one, text in texts.items()}
    assert all(rewritten[one] != text for one, text in texts.items()), "flags in another order, defaults spelled out"
    assert taken(original, edited(original, procedures=rewritten)) == []


def test_what_nobody_wants_is_in_no_order(original: Register) -> None:
    begin(original, "pops")
    whose = tomllib.loads(exported(original))["organisation"]
    declined = ["channels/fax", "channels/telex"]
    assert taken(original, edited(original, organisation=whose | {"declined": declined}))
    assert taken(original, edited(original, organisation=whose | {"declined": declined[::-1]})) == []


def test_answer_texts_come_along_and_what_the_file_does_not_have_is_offered_no_longer(nobodys: Register) -> None:
    begin(nobodys, "pops")
    texts = tomllib.loads(exported(nobodys))["answer_texts"]
    key, gone = sorted(texts)[:2]
    changed = {**texts[key], "title": "Tên khác"}
    wanted = {other: text for other, text in texts.items() if other != gone} | {key: changed, "new": changed}
    parts = taken(nobodys, edited(nobodys, answer_texts=wanted))
    assert set(file.words(parts)) == {
        f"answer_texts.{key}: {key}.title: “{texts[key]['title']}” → “Tên khác”",
        f"answer_texts.{gone}: {gone}.status: “approved” → “retired”",
        "answer_texts.new: đã đưa vào dùng",
    }
    assert tomllib.loads(exported(nobodys))["answer_texts"] == wanted
    with pytest.raises(Invalid, match=rf"org\.toml.*answer_texts.*{key}"):
        taken(nobodys, edited(nobodys, answer_texts={key: changed | {"category": "nobody_has_this"}}))
    assert verify(nobodys).problems == []


def test_what_the_original_had_decided_about_is_not_proposed_to_the_copy(original: Register, nobodys: Register) -> None:
    """A changed procedure, a disabled one, an answer text that is offered no more; an older file says less."""
    begin(original, "pops")
    changed_procedure(original, 7, None)
    with original.write() as session:
        identity.enable(session, "misa", ACT, version=identity.version(session))
        identity.disable(session, "misa", ACT, version=identity.version(session))
        answer_texts.retire(session, "xin_thong_tin_loi", 1, ACT)
    text = exported(original)
    assert proposed(original) == []
    taken(nobodys, text)
    assert proposed(nobodys) == []
    assert exported(nobodys) == text, "a copy of the copy knows it too"
    assert taken(nobodys, text) == taken(original, text) == []
    assert verify(nobodys).problems == []


def test_a_file_without_what_was_known_is_read_and_one_with_it_adds_to_the_copy(
    original: Register, nobodys: Register
) -> None:
    begin(original, "pops")
    changed_procedure(original, 7, None)
    text = exported(original)
    raw = tomllib.loads(text)
    del raw["organisation"]["known"]
    assert taken(nobodys, tomli_w.dumps(raw))
    assert proposed(nobodys) == ["procedures/pops"]
    [part] = taken(nobodys, text)
    assert [(one.what, one.after) for one in part.changes] == [("known", "procedures: pops")]
    assert proposed(nobodys) == []
    assert taken(nobodys, tomli_w.dumps(raw)) == [], "an older file makes nothing unknown"


def proposed(register: Register) -> list[str]:
    with register.read() as session:
        return ["/".join(one.mark.split("/")[:2]) for one in proposals.open_ones(session)]


def edited(register: Register, **parts: object) -> str:
    """The export with whole parts replaced."""
    return tomli_w.dumps(tomllib.loads(exported(register)) | parts)


def test_what_differs_is_a_new_version_that_says_what_changed(nobodys: Register) -> None:
    begin(nobodys, "pops")
    whole = tomllib.loads(exported(nobodys))
    del whole["lists"]["platforms"]["ios"]
    whole["lists"]["platforms"]["tv"] = {"vi": "Ti-vi", "en": "Television"}
    whole["lists"]["channels"]["hotline"]["vi"] = "Tổng đài mới"
    del whole["lists"]["products"]
    whole["organisation"]["name"] = "POPS thử"
    whole["procedures"]["pops"] = whole["procedures"]["pops"].replace("amount = 5\n", "amount = 4\n", 1)
    whole["targets"] = [{"stage": "resolve", "since": SINCE, "share": 0.9}]
    parts = {part.name: part.changes for part in taken(nobodys, tomli_w.dumps(whole))}
    assert set(parts) == {"lists.channels", "lists.platforms", "organisation", "procedures.pops", "targets"}
    assert [change[:] for change in parts["targets"]] == [("resolve", "2026-12-01", "", "90")]
    assert [change[:] for change in parts["organisation"]] == [("organisation", "name", "POPS", "POPS thử")]
    [term] = parts["procedures.pops"]
    assert (term.what, term.before, term.after) == ("amount", "5", "4") and term.key == "terms.resolve"
    with nobodys.read() as session:
        known = rulebook.catalogues(session)
        assert known.platforms["ios"].retired, "a key never goes: it is no longer offered"
        assert "tv" in known.platforms and known.channels["hotline"].vi == "Tổng đài mới"
        assert known.products == shipped.catalogues().products, "a list that the file leaves out stays"
        newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(5))
        assert all(seal.read(event.payload)["changes"] for event in newest), "for the audit list"
    assert verify(nobodys).problems == []


def test_a_procedure_that_the_file_does_not_enable_goes_on_for_its_complaints(nobodys: Register) -> None:
    with nobodys.write() as session:
        choice.choose(session, "pops", ACT, ["vhv"])
    whole = tomllib.loads(exported(nobodys))
    whole["organisation"]["procedures"] = ["pops"]
    del whole["procedures"]["vhv"]
    taken(nobodys, tomli_w.dumps(whole))
    with nobodys.read() as session:
        whose = rulebook.organisation(session)
        assert (whose.procedures, whose.former) == (("pops",), ("vhv",))


def test_targets_that_apply_already_stay_and_later_ones_go(nobodys: Register) -> None:
    begin(nobodys, "pops")
    today, later = Target("resolve", date(2026, 11, 16), 0.9), Target("resolve", SINCE, 0.8)
    with nobodys.write() as session:
        targets.put(session, today, ACT, version=0)
        targets.put(session, later, ACT, version=1)
    taken(nobodys, edited(nobodys, targets=[]))
    with nobodys.read() as session:
        assert rulebook.targets(session) == (today,)


# what is changed in the file, the key and the reason that the sentence names, why
HOTLINE = "[lists.channels.hotline]"
WRONG = [
    ("format = 1", "format = 2", "format is 2", "a later program wrote it"),
    ("format = 1", "format = 1\nother = 1", "other is not known", "a typo is not ignored"),
    ('key = "pops"', 'key = "misa"', "organisation.key: This register is of “POPS”", "another organisation's file"),
    (f"{HOTLINE}\nvi", f"{HOTLINE}\nvj", "[lists.channels]: hotline.vi is missing", "a name"),
    (HOTLINE, "[lists.chanels.hotline]", "[lists]: chanels is no list", "a list's name"),
    (HOTLINE, "[lists.channels.Hotline]", "[lists.channels]: Hotline", "a key in capitals"),
    ('"iOS app"', '"Hotline"', "Another entry that is offered has this name", "two of one name"),
    ('    "vhv",', '    "vhx",', "organisation.procedures: The file has no procedure “vhx”", "enabled and nowhere"),
    ('\nkey = "vhv"\n', '\nkey = "vhw"\n', "procedures.vhv: Its text has another key", "another procedure's text"),
    ("[procedures]", "[procedure]", "procedure", "a part's name"),
    ('\nname = "POPS"', '\nname = "\\u200b"', "organisation.name: Write the name", "nobody sees it"),
    (
        "[procedures]",
        '[later_procedures.none]\n2027-01-01 = ""\n[procedures]',
        "later_procedures.none: The file has no procedure",
        "later, and never in force",
    ),
    ("[procedures]", "[later_procedures.pops]\ntet = 'x'\n[procedures]", "[later_procedures.pops.tet]", "no procedure"),
    ("[procedures]", "[procedures]\nchannels = 'x'", "procedures.channels: A list has this key", "two of one name"),
    (
        'type = "money"',
        'type = "text"',
        ".fields.amount.type: What kind of detail it is",
        "what was recorded is kept by its kind",
    ),
]


@pytest.mark.parametrize(("old", "new", "says", "why"), WRONG, ids=[row[3] for row in WRONG])
def test_what_is_wrong_is_refused_by_file_key_and_reason(
    sqlite_register: Register, old: str, new: str, says: str, why: str
) -> None:
    use("en")
    text = exported(sqlite_register)
    assert old in text, why
    before = events(sqlite_register)
    with pytest.raises(Invalid) as refused:
        taken(sqlite_register, text.replace(old, new, 1))
    said = refused.value.template.format(**refused.value.values)
    assert says in said and said.startswith("org.toml"), why
    assert events(sqlite_register) == before, "nothing is written"


@pytest.mark.parametrize(("language", "name"), [("vi", "Tổ chức của bạn"), ("en", "Your organisation")])
def test_a_file_of_another_organisation_is_told_whose_register_this_is(
    original: Register, language: str, name: str
) -> None:
    begin(original, "empty")
    use(language)
    text = exported(original).replace('key = "empty"', 'key = "misa"', 1)
    with pytest.raises(Invalid) as refused:
        taken(original, text)
    assert f"“{name}”" in str(refused.value.values["reason"])


def test_a_department_with_people_cannot_be_left_out(sqlite_register: Register) -> None:
    with sqlite_register.write() as session:
        accounts.add(session, Account("a.b", "A", "handler", "payment"), None, ACT)
    whole = tomllib.loads(exported(sqlite_register))
    del whole["lists"]["departments"]["payment"]
    with pytest.raises(Invalid) as refused:
        taken(sqlite_register, tomli_w.dumps(whole))
    assert refused.value.values["key"] == "lists.departments.payment.retired"


def test_a_register_of_nobody_has_nothing_to_export(nobodys: Register) -> None:
    with pytest.raises(NotReady):
        exported(nobodys)


def test_every_list_is_in_the_file(sqlite_register: Register) -> None:
    assert list(tomllib.loads(exported(sqlite_register))["lists"]) == list(LISTS)


def test_the_commands_write_a_file_try_it_and_take_it_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATABASE_URL", "LC_ALL", "LC_MESSAGES", "BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    written, copy = tmp_path / "misa.toml", tmp_path / "copy.toml"
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "real"))
    assert main(["setup", "--organisation", "misa"]) == 0
    assert main(["organisation", "export", str(written)]) == 0
    assert main(["organisation", "export", str(written)]) == 2, "an existing file is not replaced"
    assert "name another file, or remove this one first" in capsys.readouterr().err
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "test"))
    assert main(["organisation", "import", str(written), "--dry-run"]) == 0
    assert "lists.channels: taken into use\n" in (said := capsys.readouterr().out)
    assert said.endswith("Nothing was written: this was a dry run.\n")
    assert main(["organisation", "export", str(copy)]) == 2, "it is still nobody's"
    assert main(["organisation", "import", str(written)]) == 0
    assert main(["organisation", "export", str(copy)]) == 0
    assert copy.read_text(encoding="utf-8") == written.read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["organisation", "import", str(copy)]) == 0
    assert capsys.readouterr().out == "Nothing differs.\n"
    copy.write_bytes(b"\xff\xfe")
    assert main(["organisation", "import", str(copy)]) == 2
