"""What an upgrade brings: proposed, taken or declined one by one, never over the organisation's own (D20)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete

from core import shipped
from core.errors import Conflict, Invalid, NotAllowed
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import AnswerText
from core.register.log.verify import verify
from core.register.organisation import answer_texts, audit, identity, lists, proposals
from core.register.organisation.proposals import Proposal
from core.rules.answer_text import Text
from core.rules.catalogue import Catalogues, Entry
from tests.conftest import Cast
from tests.engines import MONDAY

FAX = Entry("fax", "Fax", "Fax")
SLOW = Entry("slow_line", "Đường truyền chậm", "Slow line", suits=("login", "unknown_category"))


@pytest.fixture(autouse=True)
def upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program comes with two more entries, one of which names a category that the register does not have."""
    before, now = shipped.catalogues, shipped.catalogues("pops")
    newer = replace(
        now,
        channels={**now.channels, "fax": FAX, "telex": Entry("telex", "Telex", "Telex", retired=True)},
        causes={**now.causes, "slow_line": SLOW},
    )

    def catalogues(organisation: str = "pops") -> Catalogues:
        return newer if organisation == "pops" else before(organisation)

    monkeypatch.setattr(shipped, "catalogues", catalogues)


def found(register: Register) -> list[Proposal]:
    with register.read() as session:
        return proposals.open_ones(session)


def take(register: Register, cast: Cast, one: Proposal) -> None:
    with register.write() as session:
        version = proposals.version_of(session, one)
        proposals.take(session, one, Act(cast.admin, MONDAY), version=version)


def decline(register: Register, cast: Cast, one: Proposal) -> None:
    with register.write() as session:
        proposals.decline(session, one, Act(cast.admin, MONDAY), version=identity.version(session))


def test_new_entries_are_proposed_and_nothing_is_taken_by_itself(sqlite_register: Register) -> None:
    assert found(sqlite_register) == [Proposal("channels", "fax", FAX), Proposal("causes", "slow_line", SLOW)]
    with sqlite_register.read() as session:
        assert "fax" not in lists.current(session, "channels"), "what is retired there is no news"


def test_taken_it_stands_before_other_and_names_only_what_the_register_knows(register: Register, cast: Cast) -> None:
    for one in found(register):
        take(register, cast, one)
    with register.read() as session:
        assert list(lists.current(session, "channels").values())[-2] == FAX, "before “other”"
        assert lists.current(session, "causes")["slow_line"] == replace(SLOW, suits=("login",))
    assert found(register) == []
    assert verify(register).problems == []


def test_declined_it_does_not_come_again(register: Register, cast: Cast) -> None:
    decline(register, cast, found(register)[0])
    assert [one.key for one in found(register)] == ["slow_line"]
    with register.read() as session:
        assert rulebook.organisation(session).declined == ("channels/fax",)
        [newest, *_] = audit.versions(session)
    assert [(one.what, one.after) for one in newest.changes] == [("declined", "channels: Fax")]
    assert newest.by == cast.admin.name


def test_taken_it_stands_under_no_category_that_is_no_longer_offered(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    act = Act(sqlite_cast.admin, MONDAY)
    with sqlite_register.write() as session:
        lists.retire(session, "categories", "login", act, version=1)
        new = Entry("new_one", "Mục mới", "New one", parent="login")
        proposals.take(session, Proposal("categories", "new_one", new), act, version=2)
        assert lists.current(session, "categories")["new_one"].parent == ""


def test_a_name_that_the_organisation_uses_is_not_taken_twice(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.write() as session:
        version = lists.version(session, "channels")
        own = Entry("", "FAX", "Telefax")
        lists.add(session, "channels", own, Act(sqlite_cast.admin, MONDAY), version=version)
    assert [one.key for one in found(sqlite_register)] == ["slow_line"], "the key is the organisation's own now"


def test_a_changed_entry_of_the_organisation_stays_as_it_is(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.write() as session:
        version = lists.version(session, "channels")
        own = replace(lists.current(session, "channels")["hotline"], vi="Tổng đài 1900", retired=False)
        lists.change(session, "channels", own, Act(sqlite_cast.admin, MONDAY), version=version)
    assert "hotline" not in {one.key for one in found(sqlite_register)}


def test_a_shipped_procedure_that_differs_is_proposed_until_it_was_taken_once(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shipped.procedure_texts()["pops"]
    newer = text.replace('name_en = "POPS complaint procedure"', 'name_en = "POPS Entertainment"')
    assert newer != text
    known = shipped.read_procedures(shipped.DATA / "procedures")
    changed = {**known, "pops": replace(known["pops"], name_en="POPS Entertainment")}
    monkeypatch.setattr(shipped, "procedures", lambda: changed)
    monkeypatch.setattr(shipped, "procedure_texts", lambda: {"pops": newer})
    [one] = [one for one in found(sqlite_register) if one.entry is None]
    assert one.key == "pops"
    take(sqlite_register, sqlite_cast, one)
    with sqlite_register.read() as session:
        assert rulebook.current_procedure(session, "pops", MONDAY).name_en == "POPS Entertainment"
    assert [one for one in found(sqlite_register) if one.entry is None] == []
    with sqlite_register.write() as session:  # the organisation goes its own way afterwards
        own = text.replace('name_en = "POPS complaint procedure"', 'name_en = "POPS Worldwide"')
        rulebook.add_procedure(session, "pops", own, Act(sqlite_cast.admin, MONDAY))
    assert [one for one in found(sqlite_register) if one.entry is None] == [], "its own version stays"


def test_a_declined_procedure_is_proposed_again_only_by_another_text(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, known = shipped.procedure_texts()["pops"], shipped.read_procedures(shipped.DATA / "procedures")

    def ship(name: str) -> list[Proposal]:
        changed = {**known, "pops": replace(known["pops"], name_en=name)}
        newer = text.replace('name_en = "POPS complaint procedure"', f'name_en = "{name}"')
        monkeypatch.setattr(shipped, "procedures", lambda: changed)
        monkeypatch.setattr(shipped, "procedure_texts", lambda: {"pops": newer})
        return [one for one in found(sqlite_register) if one.entry is None]

    decline(sqlite_register, sqlite_cast, ship("Một")[0])
    assert ship("Một") == []
    assert len(ship("Hai")) == 1


def test_only_an_administrator_decides_and_only_about_what_was_seen(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    one = found(sqlite_register)[0]
    with sqlite_register.write() as session, pytest.raises(NotAllowed):
        proposals.take(session, one, Act(sqlite_cast.lead, MONDAY), version=1)
    with sqlite_register.write() as session, pytest.raises(NotAllowed):
        proposals.decline(session, one, Act(sqlite_cast.lead, MONDAY), version=identity.version(session))
    with sqlite_register.write() as session, pytest.raises(Conflict):
        proposals.take(session, one, Act(sqlite_cast.admin, MONDAY), version=7)
    with sqlite_register.write() as session, pytest.raises(Conflict):
        proposals.decline(session, one, Act(sqlite_cast.admin, MONDAY), version=7)


# the organisation itself


def test_name_and_procedures_of_the_organisation(register: Register, cast: Cast) -> None:
    act = Act(cast.admin, MONDAY)

    def whose() -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        with register.read() as session:
            one = rulebook.organisation(session)
            return one.name, one.procedures, one.former

    _name, enabled, _former = whose()
    with register.write() as session:
        identity.rename(session, " POPS  Việt Nam ", "POPS Vietnam", act, version=identity.version(session))
    with register.write() as session:
        identity.disable(session, enabled[0], act, version=identity.version(session))
    assert whose() == ("POPS Việt Nam", enabled[1:], (enabled[0],))
    with register.write() as session:
        identity.enable(session, enabled[0], act, version=identity.version(session))
    with register.write() as session:
        identity.put_first(session, enabled[0], act, version=identity.version(session))
    assert whose() == ("POPS Việt Nam", enabled, ())
    for key in enabled[1:]:
        with register.write() as session:
            identity.disable(session, key, act, version=identity.version(session))
    with register.write() as session, pytest.raises(Invalid, match="the only one"):
        identity.disable(session, enabled[0], act, version=identity.version(session))
    with register.write() as session, pytest.raises(Conflict):
        identity.enable(session, enabled[1], act, version=1)
    with register.write() as session, pytest.raises(Invalid) as refused:
        identity.rename(session, " \u200b", "x" * 81, act, version=identity.version(session))
    assert set(refused.value.fields) == {"name", "name_en"}
    with register.write() as session, pytest.raises(NotAllowed):
        identity.rename(session, "A", "A", Act(cast.lead, MONDAY), version=identity.version(session))
    assert verify(register).problems == []


# answer texts


def as_of_before(register: Register, *kept: str) -> None:
    """As the version before answer texts left it: nothing but those ``kept``."""
    with register.engine.begin() as connection:
        connection.execute(delete(AnswerText).where(AnswerText.key.not_in(kept)))


def texts(register: Register) -> list[str]:
    return [one.key for one in found(register) if one.name == proposals.ANSWER_TEXT]


def test_an_older_register_is_proposed_the_texts_it_never_had_and_keeps_its_own(register: Register, cast: Cast) -> None:
    assert texts(register) == [], "a new register begins with them"
    as_of_before(register)
    with register.write() as session:
        own = answer_texts.begin(session, Text("Đã tiếp nhận", "Chào {name}"), Act(cast.agent, MONDAY))
    assert own.key == "da_tiep_nhan", "its own text by a key that the program ships too"
    proposed = texts(register)
    assert proposed == [key for key in shipped.answer_texts() if key != "da_tiep_nhan"]
    one = next(one for one in found(register) if one.key == "xin_thong_tin_loi")
    take(register, cast, one)
    with register.read() as session:
        taken = answer_texts.get(session, "xin_thong_tin_loi")
        kept = answer_texts.get(session, "da_tiep_nhan")
    assert taken.offered is not None and answer_texts.text_of(taken.offered) == one.text
    assert (taken.offered.version, taken.offered.written_by) == (1, cast.admin.id)
    assert (kept.newest.body, kept.offered) == ("Chào {name}", None), "still a draft"
    with pytest.raises(Conflict):
        take(register, cast, one)
    decline(register, cast, next(one for one in found(register) if one.key == "huong_dan_dang_nhap"))
    assert texts(register) == [key for key in proposed if key not in ("xin_thong_tin_loi", "huong_dan_dang_nhap")]


def test_a_text_of_a_category_that_is_not_offered_is_not_proposed(sqlite_register: Register, sqlite_cast: Cast) -> None:
    as_of_before(sqlite_register)
    assert "huong_dan_dang_nhap" in texts(sqlite_register)
    with sqlite_register.write() as session:
        version = lists.version(session, "categories")
        lists.retire(session, "categories", "login", Act(sqlite_cast.admin, MONDAY), version=version)
    assert "huong_dan_dang_nhap" not in texts(sqlite_register)


def test_only_an_administrator_takes_a_text(sqlite_register: Register, sqlite_cast: Cast) -> None:
    as_of_before(sqlite_register)
    one = next(one for one in found(sqlite_register) if one.text)
    with sqlite_register.write() as session, pytest.raises(NotAllowed):
        proposals.take(session, one, Act(sqlite_cast.lead, MONDAY), version=0)


def test_a_retired_or_dropped_text_is_not_proposed_again(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.write() as session:
        answer_texts.retire(session, "xin_thong_tin_loi", 1, Act(sqlite_cast.lead, MONDAY))
    assert texts(sqlite_register) == []
