"""Fields of a category changed: what was recorded by a choice or field that went keeps its name, column and sum."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import catalogues
from core.errors import NotFound
from core.papers.dictionary import known, names
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.organisation import field_changes, lists
from core.register.reads.details import field_for
from core.rules.catalogue import Field, dump, parse
from core.rules.details import fields_of, missing
from tests.conftest import Cast
from tests.insight.given import NOW

METHOD = Field("method", "Hình thức thanh toán", "Payment method", "choice", required="forward")
KEPT = "Ví ZaloPay / ZaloPay\nVí mới / New wallet"


def put(register: Register, cast: Cast, wanted: Field, choices: str = "") -> str:
    with register.write() as session:
        version = lists.version(session, "categories")
        return field_changes.put(session, "payment", wanted, choices, Act(cast.admin, NOW), version=version)


def drop(register: Register, cast: Cast, key: str) -> None:
    with register.write() as session:
        version = lists.version(session, "categories")
        field_changes.drop(session, "payment", key, Act(cast.admin, NOW), version=version)


def fields(register: Register) -> dict[str, Field]:
    """The fields of payment, and their names in use."""
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
        return {one.key: one for one in lists.current(session, "categories")["payment"].fields}


def test_a_choice_left_out_is_retired_and_comes_back_under_its_key(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    put(sqlite_register, sqlite_cast, METHOD, KEPT)
    choices = {one.key: one for one in fields(sqlite_register)["method"].choices}
    assert [key for key, one in choices.items() if not one.retired] == ["zalopay", "vi_moi"]
    assert (choices["momo"].retired, choices["momo"].vi) == (True, "Ví MoMo")
    assert names(known(obligations=False)["field_method"])["momo"] == "Ví MoMo", "exports name it still"
    put(sqlite_register, sqlite_cast, METHOD, f"{KEPT}\nVÍ MOMO / Momo")
    choices = {one.key: one for one in fields(sqlite_register)["method"].choices}
    assert (choices["momo"].retired, choices["momo"].en) == (False, "Momo")


def test_all_choices_left_out_is_refused(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with pytest.raises(Exception, match="Write at least one choice"):
        put(sqlite_register, sqlite_cast, METHOD, "")


def test_a_dropped_field_is_asked_for_no_more_and_named_still(sqlite_register: Register, sqlite_cast: Cast) -> None:
    drop(sqlite_register, sqlite_cast, "amount")
    assert fields(sqlite_register)["amount"].retired
    categories = catalogues.catalogues().categories
    assert "amount" not in fields_of(categories, "payment")
    assert "amount" not in {one.key for one in missing(fields_of(categories, "payment").values(), (), "forward")}
    assert field_for(categories, "payment", "amount", "50000").vi == "Số tiền", "a case shows what is known of it"
    column = known(obligations=False)["field_amount"]
    assert column.is_money, "exports have its column and explore its sum"
    assert column.meaning == "Thông tin đã biết; hiện không hỏi nữa."


ADDED = [
    # the field that is added after amount was dropped, its key, why
    (Field("", "SỐ TIỀN", "Sum", "money"), "amount", "the same name and type: the same field"),
    (Field("", "Số tiền", "Amount", "text"), "so_tien", "another type: what was recorded would be none of it"),
    (Field("", "Số tiền", "Amount", "money", personal=True), "so_tien", "what stands in the log is not personal"),
    (Field("", "Phí", "Fee", "money"), "phi", "another name"),
]


@pytest.mark.parametrize(("wanted", "key", "why"), ADDED, ids=[row[2] for row in ADDED])
def test_a_field_added_again_keeps_its_key(
    sqlite_register: Register, sqlite_cast: Cast, wanted: Field, key: str, why: str
) -> None:
    drop(sqlite_register, sqlite_cast, "amount")
    assert put(sqlite_register, sqlite_cast, wanted) == key, why
    assert not fields(sqlite_register)[key].retired
    assert len(fields(sqlite_register)) == (4 if key == "amount" else 5)


def test_a_key_that_nobody_knows_is_not_found(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with pytest.raises(NotFound):
        put(sqlite_register, sqlite_cast, replace(METHOD, key="gone"), KEPT)


def test_retired_fields_and_choices_come_back_from_their_text(sqlite_register: Register, sqlite_cast: Cast) -> None:
    put(sqlite_register, sqlite_cast, METHOD, KEPT)
    drop(sqlite_register, sqlite_cast, "amount")
    with sqlite_register.read() as session:
        entries = lists.current(session, "categories")
    assert list(parse(dump(entries.values(), "categories"), name="categories", file="x").values()) == list(
        entries.values()
    )
    assert sum(one.retired for one in entries["payment"].fields) == 1
