"""What a category must know, changed: a key once used never goes, so what was recorded keeps its name (D20)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Invalid, NotFound
from core.papers.dictionary import of_fields
from core.register import rulebook
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.verify import verify
from core.register.organisation import field_changes, lists
from core.register.reads import dossier
from core.rules.catalogue import Field
from core.rules.details import fields_of
from core.rules.masking import HIDDEN
from core.rules.policy import Actor
from tests.conftest import Cast
from tests.engines import MONDAY

CARD = Field("", "Số CCCD", "Identity card", personal=True)
BANK = Field("", "Ngân hàng", "Bank", "choice")
ACT = Act(None, MONDAY)


def put(register: Register, wanted: Field, choices: str = "") -> str:
    with register.write() as session:
        return field_changes.put(session, "other", wanted, choices, ACT, version=lists.version(session, "categories"))


def drop(register: Register, key: str) -> None:
    with register.write() as session:
        field_changes.drop(session, "other", key, ACT, version=lists.version(session, "categories"))


def fields(register: Register) -> dict[str, Field]:
    with register.read() as session:
        return {one.key: one for one in lists.current(session, "categories")["other"].fields}


def logged(register: Register, **details: str) -> str:
    with register.write() as session:
        return complaints.log(session, Draft("hotline", MONDAY, "Việc", "other", details=details), ACT).code


def shown(register: Register, code: str, by: Actor) -> dict[str, str]:
    """Name → value of what is known, as ``by`` reads it."""
    with register.read() as session:
        found = dossier.read(session, code, by=by, now=MONDAY, language="vi").values
    return {one.field.vi: one.value for one in found if one.value}


def test_what_is_asked_for_no_more_keeps_its_name_its_column_and_its_mask(register: Register, cast: Cast) -> None:
    key = put(register, CARD)
    code = logged(register, **{key: "079 123 456"})
    drop(register, key)
    with register.read() as session:
        known = rulebook.catalogues(session)
    assert key not in fields_of(known.categories, "other") and fields(register)[key].retired
    assert shown(register, code, cast.agent) == {"Số CCCD": "079 123 456"}
    assert shown(register, code, cast.manager) == {"Số CCCD": HIDDEN}
    column = of_fields(known.categories)[f"field_{key}"]
    assert column.label == "Số CCCD" and column.mask is not None, "whole in the export, and not for everybody"
    with pytest.raises(Invalid):
        logged(register, **{key: "079 123 456"})
    assert verify(register).problems == []


def test_one_of_the_same_name_is_another_one(register: Register, cast: Cast) -> None:
    """Otherwise what was personal would stand in the export for everybody."""
    key = put(register, CARD)
    code = logged(register, **{key: "079 123 456"})
    drop(register, key)
    other = put(register, replace(CARD, personal=False, type="number"))
    assert (key, other) == ("so_cccd", "so_cccd_2")
    assert shown(register, code, cast.manager) == {"Số CCCD": HIDDEN}
    with pytest.raises(Invalid) as refused:
        put(register, fields(register)[key])
    assert set(refused.value.fields) == {"vi", "en"}, "asked for again it would have the name of the other"
    drop(register, other)
    put(register, fields(register)[key])
    assert [one.retired for one in fields(register).values()] == [False, True]


# the lines after the first ones, key → (name, is it retired), why
FIRST = "Vietcombank\nTechcombank / Techcom"
LINES = [
    (FIRST, {"vietcombank": ("Vietcombank", False), "techcombank": ("Techcombank", False)}, None, "nothing changes"),
    ("VCB / Vietcombank\nTechcombank / Techcom",
     {"vietcombank": ("VCB", False), "techcombank": ("Techcombank", False)}, "VCB", "renamed in one language"),
    ("Techcombank / Techcom\nMB",
     {"techcombank": ("Techcombank", False), "mb": ("MB", False), "vietcombank": ("Vietcombank", True)},
     "Vietcombank", "one is left out and one is new"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "wanted", "named", "why"), LINES, ids=[row[-1] for row in LINES])
def test_a_choice_keeps_its_key(
    sqlite_register: Register, lines: str, wanted: dict[str, tuple[str, bool]], named: str | None, why: str
) -> None:
    register = sqlite_register
    key = put(register, BANK, FIRST)
    logged(register, **{key: "vietcombank"})
    if named is None:
        with pytest.raises(Invalid, match="Nothing changes"):
            put(register, fields(register)[key], lines)
        return
    put(register, fields(register)[key], lines)
    field = fields(register)[key]
    assert {one.key: (one.vi, one.retired) for one in field.choices} == wanted, why
    assert next(one.vi for one in field.choices if one.key == "vietcombank") == named, "an old value has its name"


def test_what_is_not_there_is_said(sqlite_register: Register) -> None:
    with pytest.raises(NotFound):
        put(sqlite_register, replace(CARD, key="nothing"))
