"""Lists changed by an administrator: what is refused, what is written, who else sees it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.errors import Conflict, Invalid, NotAllowed, NotFound, PopsError
from core.register import rulebook
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event
from core.register.log.verify import verify
from core.register.organisation import audit, lists
from core.register.organisation import entries as rules
from core.register.organisation.lists import Used
from core.register.rulebook import Change
from core.rules.catalogue import Catalogue, Entry, Field
from core.rules.roles import ROLES
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.cases import advanced, logged

ZALO = Entry("", "Zalo cá nhân", "Personal Zalo")


def current(register: Register, name: str = "channels") -> Catalogue:
    with register.read() as session:
        return lists.current(session, name)


def version(register: Register, name: str = "channels") -> int:
    with register.read() as session:
        return lists.version(session, name)


def changed(register: Register, name: str = "channels") -> tuple[Change, ...]:
    """What the newest version of the list changed."""
    with register.read() as session:
        return audit.versions(session, name)[0].changes


def do(
    register: Register, cast: Cast, act: Callable[..., object], name: str, *given: object, **named: object
) -> object:
    """One act of the administrator, who has seen the list as it is."""
    seen = version(register, name)
    with register.write() as session:
        return act(session, name, *given, Act(cast.admin, MONDAY), version=seen, **named)


def test_a_new_entry_is_offered_before_other_under_a_key_of_its_name(register: Register, cast: Cast) -> None:
    key = do(register, cast, lists.add, "channels", replace(ZALO, vi="  Zalo   cá nhân ", written=True))
    assert key == "zalo_ca_nhan"
    assert list(current(register))[-2:] == [key, "other"]
    assert current(register)[key] == Entry(key, "Zalo cá nhân", "Personal Zalo", written=True)
    assert changed(register) == (Change(key, "added", "", "Zalo cá nhân"),)
    with register.write() as session:
        draft = Draft(key, MONDAY, "Không vào được", "login")
        assert complaints.log(session, draft, Act(cast.agent, MONDAY)).channel == key
    assert verify(register).problems == []


def test_every_kind_of_change_says_from_and_to(register: Register, cast: Cast) -> None:
    do(register, cast, lists.change, "channels", Entry("hotline", "Tổng đài 24/7", "Hotline 24/7"))
    before = {one.what: one for one in changed(register)}
    assert (before["vi"].after, before["en"].after) == ("Tổng đài 24/7", "Hotline 24/7")
    assert current(register)["hotline"].vi == "Tổng đài 24/7"
    first = next(iter(current(register)))
    renamed = replace(current(register)[first], vi="Kênh đầu")
    do(register, cast, lists.change, "channels", renamed, position=3)
    assert list(current(register))[2] == first and current(register)[first].vi == "Kênh đầu"
    assert {one.what: one[2:] for one in changed(register)}.keys() == {"vi", "position"}, "one version, one event"
    do(register, cast, lists.change, "channels", renamed, position=2)
    assert changed(register) == (Change(first, "position", "3", "2"),), "what was put elsewhere, not its neighbour"
    assert version(register) == 4
    with pytest.raises(Invalid, match="Nothing changes"):
        do(register, cast, lists.change, "channels", renamed, position=2)
    do(register, cast, lists.retire, "channels", "web")
    assert changed(register) == (Change("web", "retired", "", "yes"),)
    do(register, cast, lists.merge, "channels", "web", "hotline")
    assert changed(register) == (Change("web", "into", "", "hotline"),)
    do(register, cast, lists.offer, "channels", "web")
    assert changed(register) == (Change("web", "retired", "yes", ""), Change("web", "into", "hotline", ""))
    assert not current(register)["web"].retired
    assert verify(register).problems == []


ATTRIBUTES = [
    # list, key, attributes, what changes and to what
    ("channels", "hotline", {"written": True}, ("written", "yes")),
    ("departments", "payment", {"mailbox": "thanhtoan@pops.vn"}, ("mailbox", "thanhtoan@pops.vn")),
    ("categories", "login", {"parent": "app_error"}, ("parent", "app_error")),
    ("categories", "payment", {"taken_by": ("letter", "office")}, ("taken_by", "letter office")),
    ("causes", "gateway_fault", {"suits": ("login", "other")}, ("suits", "login other")),
]


@pytest.mark.parametrize(("name", "key", "wanted", "change"), ATTRIBUTES, ids=[row[0] for row in ATTRIBUTES])
def test_attributes_are_changed(
    sqlite_register: Register, sqlite_cast: Cast, name: str, key: str, wanted: dict[str, object],
    change: tuple[str, str],
) -> None:  # fmt: skip
    entry = replace(current(sqlite_register, name)[key], **wanted)  # type: ignore[arg-type]  # each by its name
    do(sqlite_register, sqlite_cast, lists.change, name, entry)
    assert current(sqlite_register, name)[key] == entry
    assert [(one.what, one.after) for one in changed(sqlite_register, name)] == [change]


def test_own_terms_of_a_product_and_what_it_must_be(sqlite_register: Register, sqlite_cast: Cast) -> None:
    key = next(iter(current(sqlite_register, "products")))
    entry = replace(current(sqlite_register, "products")[key], complaint_days=30, reply_days=5)
    do(sqlite_register, sqlite_cast, lists.change, "products", entry)
    assert current(sqlite_register, "products")[key] == entry
    for days in (0, 366):
        with pytest.raises(Invalid) as refused:
            do(sqlite_register, sqlite_cast, lists.change, "products", replace(entry, reply_days=days))
        assert list(refused.value.fields) == ["reply_days"], days


REFUSED = [
    # list, entry, the field that is to be mended, why
    ("channels", Entry("", "", "Fax"), "vi", "a name in both languages"),
    ("channels", Entry("", "Fax", " \u200b "), "en", "what nobody sees is no name"),
    ("channels", Entry("", "x" * 81, "Fax"), "vi", "no list has room for it"),
    ("channels", Entry("", "hotline", "Fax"), "vi", "the same name, but for accents and capitals"),
    ("departments", Entry("", "Kho", "Stock", mailbox="kho tại pops"), "mailbox", "no address"),
    ("categories", Entry("", "Ví", "Wallet", parent="nothing"), "parent", "no category"),
    ("causes", Entry("", "Cáp đứt", "Cable cut", suits=("nothing",)), "suits", "no category"),
    ("categories", Entry("", "Hợp đồng", "Contract", taken_by=("pigeon",)), "taken_by", "no channel"),
]


@pytest.mark.parametrize(("name", "entry", "field", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_cannot_be_kept_is_refused_by_its_field(
    sqlite_register: Register, sqlite_cast: Cast, name: str, entry: Entry, field: str, why: str
) -> None:
    before = current(sqlite_register, name)
    if entry.vi == "hotline":
        entry = replace(entry, vi=before["hotline"].vi.upper())
    with pytest.raises(Invalid) as refused:
        do(sqlite_register, sqlite_cast, lists.add, name, entry)
    assert list(refused.value.fields) == [field], why
    assert current(sqlite_register, name) == before, "nothing is written"


def test_one_level_of_sub_categories(sqlite_register: Register, sqlite_cast: Cast) -> None:
    register, cast = sqlite_register, sqlite_cast
    wallet = do(register, cast, lists.add, "categories", Entry("", "Ví điện tử", "Wallets", parent="payment"))
    below = Entry("", "Ví MoMo", "MoMo", parent=str(wallet))
    for act, given in (
        (lists.add, (below,)),
        (lists.change, (replace(current(register, "categories")["payment"], parent="login"),)),
        (lists.retire, ("payment",)),
    ):
        with pytest.raises(Invalid):
            do(register, cast, act, "categories", *given)
    do(register, cast, lists.retire, "categories", wallet)
    do(register, cast, lists.retire, "categories", "payment")
    with pytest.raises(Invalid):
        do(register, cast, lists.offer, "categories", wallet)


@pytest.mark.parametrize("name", rules.NEEDED)
def test_the_last_entry_that_a_form_asks_for_stays(sqlite_register: Register, sqlite_cast: Cast, name: str) -> None:
    keys = [key for key, one in current(sqlite_register, name).items() if not one.retired]
    keys = sorted(keys, key=lambda key: key in rules.NEEDED[name])  # those that no form offers do not count
    offered = [key for key in keys if key not in rules.NEEDED[name]]
    for key in offered[:-1]:
        do(sqlite_register, sqlite_cast, lists.retire, name, key)
    with pytest.raises(Invalid, match="the last one offered"):
        do(sqlite_register, sqlite_cast, lists.retire, name, offered[-1])
    with pytest.raises(Invalid):
        do(sqlite_register, sqlite_cast, lists.merge, name, offered[-1], offered[0])


@pytest.mark.parametrize(("act", "given"), [(lists.retire, ()), (lists.merge, ("engineering",))])
def test_a_department_with_people_goes_on(
    sqlite_register: Register, sqlite_cast: Cast, act: Callable[..., object], given: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid, match="People belong to it"):
        do(sqlite_register, sqlite_cast, act, "departments", "payment", *given)


@pytest.mark.parametrize("into", ["hotline", "nothing", "web"])
def test_an_entry_is_merged_into_another_that_is_offered(
    sqlite_register: Register, sqlite_cast: Cast, into: str
) -> None:
    do(sqlite_register, sqlite_cast, lists.retire, "channels", "web")
    with pytest.raises(Invalid) as refused:
        do(sqlite_register, sqlite_cast, lists.merge, "channels", "hotline", into)
    assert "into" in refused.value.fields


def test_a_list_taken_over_as_a_whole_may_hold_merges_of_merges_but_no_circle() -> None:
    """The screen merges one at a time into an entry that is offered; a file brings what came of it (D20)."""
    kept = Entry("web", "Web", "Web")
    first = Entry("form", "Biểu mẫu", "Form", retired=True, into="mail")
    second = Entry("mail", "Thư", "Mail", retired=True, into="web")
    whole = {one.key: one for one in (kept, first, second)}
    same_name = Entry("old_web", "Web", "Web", retired=True)
    # the second's target, the problems, why
    for into, wrong, why in (
        ("web", [], "a merge of a merge"),
        ("form", [("form", "into"), ("mail", "into")], "each is merged into the other"),
        ("fax", [("mail", "into")], "into nothing"),
        ("mail", [("form", "into"), ("mail", "into")], "into itself"),
    ):
        after = {**whole, "mail": replace(second, into=into), "old_web": same_name}
        found = rules.problems("channels", {}, after, categories={}, channels=after, staffed=())
        assert [(one.key, one.field) for one in found] == wrong, why


DETAIL = Field("so_tien", "Số tiền", "Amount", "money")
DETAILS = [
    # a category's details as a file may say them, the field of the problem, why
    ((DETAIL, Field("gia", "Số tiền", "Price")), ("fields.gia.vi",), "two of one name: the new one is named"),
    ((replace(DETAIL, en="x" * 81),), ("fields.so_tien.en",), "no form has room for it"),
    ((replace(DETAIL, type="text"),), ("fields.so_tien.type",), "what was recorded is an amount"),
    ((replace(DETAIL, personal=True),), ("fields.so_tien.type",), "what was recorded stands in the log"),
    (
        (Field("vi", "Ví", "Wallet", "choice", choices=(Entry("a1", " ", "A"),)),),
        ("fields.so_tien", "fields.vi.choices"),
        "one left out, no name",
    ),
    ((replace(DETAIL, vi="Giá"), Field("vi", "Ví", "Wallet")), (), "a detail is renamed and one is added"),
]


@pytest.mark.parametrize(("fields", "wrong", "why"), DETAILS, ids=[row[-1] for row in DETAILS])
def test_the_details_of_a_category_are_looked_at_whichever_way_they_come(
    fields: tuple[Field, ...], wrong: tuple[str, ...], why: str
) -> None:
    entry = Entry("payment", "Thanh toán", "Payment", fields=(DETAIL,))
    before, after = {"payment": entry}, {"payment": replace(entry, fields=fields)}
    found = rules.problems("categories", before, after, categories=after, channels={}, staffed=())
    assert tuple(one.field for one in found) == wrong, why


def test_a_key_that_is_not_there_is_said(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with pytest.raises(NotFound):
        do(sqlite_register, sqlite_cast, lists.retire, "channels", "fax")


@pytest.mark.parametrize(
    ("name", "taken", "key", "why"),
    [
        ("Ví điện tử", (), "vi_dien_tu", "folded, words joined"),
        ("Ví điện tử", ("vi_dien_tu",), "vi_dien_tu_2", "taken: a number behind it"),
        ("Ví điện tử", ("vi_dien_tu", "vi_dien_tu_2"), "vi_dien_tu_3", "and the next"),
        ("4G", (), "k_4g", "a key begins with a letter"),
        ("A", (), "a_2", "and has two signs at least"),
        ("支付", (), "k_2", "no letter of ours"),
        ("Đường dây nóng của trung tâm chăm sóc", (), "duong_day_nong_cua_trung_tam_ch", "31 signs at most"),
        ("Đường dây nóng của trung tâm chăm sóc", ("duong_day_nong_cua_trung_tam_ch",),
         "duong_day_nong_cua_trung_tam_2", "with its number"),
    ],
)  # fmt: skip
def test_a_key_is_proposed_from_the_name(name: str, taken: tuple[str, ...], key: str, why: str) -> None:
    assert rules.propose_key(name, taken) == key, why


# keys of the list (-: no longer offered), where the new one stands, why
PLACES = [
    ("", "new", "the first one"),
    ("a b", "a b new", "at the end"),
    ("a other", "a new other", "what fits nowhere stays last"),
    ("other", "new other", "also where it is alone"),
    ("a khac", "a new khac", "the name was typed by the organisation itself"),
    ("a unknown not_recorded", "a new unknown not_recorded", "causes have two of them"),
    ("a other -b", "a new other -b", "what is no longer offered is not seen behind it"),
    ("a -b", "a -b new", "without such an entry at the end all the same"),
    ("other a", "other a new", "somebody put it first on purpose"),
]


@pytest.mark.parametrize(("keys", "wanted", "why"), PLACES, ids=[row[-1] for row in PLACES])
def test_a_new_entry_stands_before_what_is_for_everything_else(keys: str, wanted: str, why: str) -> None:
    before = {key.lstrip("-"): Entry(key.lstrip("-"), key, key, retired=key[0] == "-") for key in keys.split()}
    after = rules.with_new(before, Entry("new", "new", "new"))
    assert " ".join(one.vi for one in after.values()) == wanted, why


def test_how_often_an_entry_is_used(register: Register, cast: Cast) -> None:
    advanced(register, cast)
    logged(register, cast, channel="web")
    with register.read() as session:
        assert lists.used(session, "channels") == {"hotline": Used(1, 0), "web": Used(1, 1)}
        assert lists.used(session, "departments") == {"payment": Used(1, 0, 1)}
        assert lists.used(session, "causes") == {"late_reconciliation": Used(1, 0)}
        assert lists.used(session, "branches") == {}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_nobody_but_an_administrator_changes_a_list(sqlite_register: Register, sqlite_cast: Cast, role: str) -> None:
    with sqlite_register.write() as session, pytest.raises(NotAllowed):
        lists.retire(session, "channels", "web", Act(getattr(sqlite_cast, role), MONDAY), version=1)


def test_of_two_administrators_the_second_is_told_and_nothing_is_lost(register: Register, cast: Cast) -> None:
    seen = version(register)
    do(register, cast, lists.retire, "channels", "web")
    with register.write() as session, pytest.raises(Conflict):
        lists.add(session, "channels", ZALO, Act(cast.admin, MONDAY), version=seen)
    assert current(register)["web"].retired
    assert "zalo_ca_nhan" not in current(register)
    assert do(register, cast, lists.add, "channels", ZALO) == "zalo_ca_nhan"


def test_another_process_sees_it_in_its_next_transaction(register: Register, cast: Cast) -> None:
    other = Register(register.url, register.evidence_dir)
    try:
        assert "zalo_ca_nhan" not in current(other)
        do(register, cast, lists.add, "channels", ZALO)
        assert current(other)["zalo_ca_nhan"].vi == "Zalo cá nhân"
        with other.read() as session:
            assert "zalo_ca_nhan" in rulebook.catalogues(session).channels
    finally:
        other.engine.dispose()


def test_eight_writers_lose_nothing_while_a_list_is_changed(register: Register, cast: Cast) -> None:
    """Each logs six complaints; meanwhile one channel is renamed, and the other merged and offered again.

    What names the merged one is refused by its field; everything else is in, and every version of the list with it.
    """
    refused: list[PopsError] = []

    def log(number: int) -> None:
        for n in range(6):
            at, channel = MONDAY + timedelta(minutes=n), ("hotline", "web")[number % 2]
            try:
                with register.write() as session:
                    complaints.log(session, Draft(channel, at, f"Người {number} lần {n}", "login"), Act(cast.agent, at))
            except PopsError as why:
                refused.append(why)

    writers = [threading.Thread(target=log, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for n in range(6):
        do(register, cast, lists.change, "channels", Entry("hotline", f"Tổng đài {n}", f"Hotline {n}"))
        do(register, cast, lists.merge, "channels", "web", "email")
        do(register, cast, lists.offer, "channels", "web")
    for writer in writers:
        writer.join()
    assert all(isinstance(why, Invalid) and set(why.fields) == {"channel"} for why in refused), refused
    with register.read() as session:
        said = select(Complaint.channel, func.count()).group_by(Complaint.channel)
        counted = {row[0]: row[1] for row in session.execute(said)}
        assert len(audit.versions(session, "channels")) == 19
    assert (counted["hotline"], counted.get("web", 0)) == (24, 24 - len(refused)), "nothing was half written"
    assert current(register)["hotline"].vi == "Tổng đài 5" and not current(register)["web"].retired
    assert verify(register).problems == []


def test_an_event_names_who_when_and_what(register: Register, cast: Cast) -> None:
    do(register, cast, lists.retire, "channels", "web")
    with register.read() as session:
        newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        applied = audit.versions(session)[0]
    assert (newest.actor_id, newest.happened_at) == (cast.admin.id, MONDAY)
    assert json.loads(newest.payload)["changes"] == [{"key": "web", "what": "retired", "before": "", "after": "yes"}]
    assert (applied.by, applied.at, applied.name, applied.version) == (cast.admin.name, MONDAY, "channels", 2)


def test_an_entry_is_counted_with_what_was_merged_into_it(register: Register, cast: Cast) -> None:
    advanced(register, cast)
    for channel in ("web", "web", "email"):
        logged(register, cast, channel=channel)
    into = {"hotline": "web", "web": "facebook", "email": "app"}
    with register.read() as session:
        entries = {key: replace(one, into=into.get(key, "")) for key, one in lists.current(session, "channels").items()}
        used, counted = lists.used(session, "channels"), lists.used(session, "channels", entries)
    assert used == {"hotline": Used(1, 0), "web": Used(2, 2), "email": Used(1, 1)}
    together = {"facebook": Used(3, 2), "app": Used(1, 1)}
    assert counted == used | together, "merges of merges, and into one that nobody said"
