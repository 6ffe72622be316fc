"""Choosing the organisation of a register, once, and taking into use what comes with it (D20)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from core import shipped
from core.errors import Invalid
from core.i18n import N_
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.tables import CalendarVersion, Complaint, Person, ProcedureVersion
from core.register.organisation import answer_texts, entries
from core.rules import catalogue, procedure
from core.rules.catalogue import LISTS, Catalogue, Entry
from core.rules.organisation import Organisation


class Whose(NamedTuple):
    """What is said at set-up: the key of a shipped organisation, and what it is called instead of as shipped."""

    key: str
    name: str = ""


def begin_calendar(session: Session, *, swaps: str, act: Act) -> None:
    """Take the shipped days off into use where the register has no calendar yet; all begin with them."""
    if session.scalar(select(func.count()).select_from(CalendarVersion)) == 0:
        rulebook.add_calendar(session, shipped.calendar_days(swaps), N_("shipped calendar"), act)


def choose(session: Session, key: str, act: Act, procedures: Iterable[str] = (), *, name: str = "") -> Organisation:
    """Make this the register of the shipped organisation ``key``: take its lists, procedures and answer texts into use.

    ``procedures``: those to enable besides its own. ``name``: what it is called in both languages, and its procedure
    too; empty: as it is shipped. Raises NotFound for an unknown key, Invalid where the register is somebody's already,
    or for the name (field ``organisation_name``).
    """
    wanted = shipped.organisation(key)
    if rulebook.has_organisation(session):
        raise Invalid(
            N_("This is the register of {name} already: another organisation needs one of its own."),
            name=rulebook.organisation(session).name,
        )
    wanted = replace(wanted, procedures=tuple(dict.fromkeys((*wanted.procedures, *procedures))))
    for listed, text in shipped.catalogue_texts(key).items():
        _take_catalogue(session, listed, catalogue.parse(text, name=listed, file=f"{key}/{listed}.toml"), act)
    if problem := naming_problem(name):
        raise Invalid(problem, {"organisation_name": problem})
    own = [one for one in wanted.procedures if shipped.procedure(one).organisation == wanted.name]
    if name := entries.clean(name):
        wanted = replace(wanted, name=name, name_en=name)
    for one in wanted.procedures:
        take_procedure(session, one, act, organisation=name if one in own else "")
    rulebook.add_organisation(session, wanted, act)
    answer_texts.take_in(session, shipped.answer_texts(key), act)
    _check(session, act)
    return wanted


def naming_problem(name: str) -> str:
    """Why the organisation cannot be called this at set-up, as a sentence to be translated; empty: it can.

    Nothing typed is no problem: it keeps the name it is shipped with.
    """
    return entries.name_problem(entries.clean(name)) if name.strip() else ""


def adopt(session: Session, act: Act) -> Organisation | None:
    """Say whose a register of an older version is, whose lists were those of POPS for everybody; None: it is empty.

    It keeps its lists and procedures as they stand. The procedures with complaints stay enabled, the one with most of
    them first, and its organisation is the register's; POPS where there is no complaint yet.
    """
    is_old = session.scalar(select(exists().where(ProcedureVersion.version > 0)))
    is_used = session.scalar(select(exists().where(Person.id > 0) | exists().where(Complaint.id > 0)))
    if rulebook.has_organisation(session) or not (is_old and is_used):
        return None
    counted = select(Complaint.procedure).group_by(Complaint.procedure)
    used = tuple(session.scalars(counted.order_by(func.count().desc(), Complaint.procedure))) or (shipped.FIRST,)
    shipped_with = (one for one in shipped.organisations().values() if used[0] in one.procedures)
    whose = next(shipped_with, shipped.organisation(shipped.FIRST))  # a procedure of its own came with no organisation
    new = {"branches": {}, "levels": _levels_of_versions(session)}
    for name in LISTS:
        if not rulebook.version_of(session, "catalogue", name):
            _take_catalogue(session, name, new.get(name, getattr(shipped.catalogues(), name)), act)
    _keep_periods(session, act)
    adopted = replace(whose, procedures=used)
    rulebook.add_organisation(session, adopted, act)
    return adopted


def take_procedure(session: Session, key: str, act: Act, *, organisation: str = "") -> None:
    """Take the shipped procedure ``key`` into use, with the levels it gives where the register has none.

    ``organisation``: whose it is; empty: as its text says.
    """
    wanted, text = shipped.procedure(key), shipped.procedure_texts()[key]
    if organisation:
        wanted = replace(wanted, organisation=organisation)
        text = procedure.dump(wanted)
    version = rulebook.version_of(session, "procedure", key)
    if not version or replace(wanted, version=version) != rulebook.of(session).procedure(session, key, version):
        rulebook.add_procedure(session, key, text, act)
    levels = rulebook.of(session).catalogue(session, "levels", rulebook.version_of(session, "catalogue", "levels"))
    if wanted.gives_levels and not levels:
        whose = next(name for name, one in shipped.organisations().items() if key in one.procedures)
        _take_catalogue(session, "levels", shipped.catalogues(whose).levels, act)


def _take_catalogue(session: Session, name: str, wanted: Catalogue, act: Act) -> None:
    version = rulebook.version_of(session, "catalogue", name)
    if version:
        before = rulebook.of(session).catalogue(session, name, version)
        if list(before.items()) == list(wanted.items()):  # the order is the one that lists are shown in
            return
    rulebook.add_catalogue(session, name, wanted.values(), act)


def _levels_of_versions(session: Session) -> Catalogue:
    """The levels that stood in the procedures before they were a list; the newest version names them."""
    found: dict[str, Entry] = {}
    for text in _stored_texts(session):
        for row in text.get("levels", ()):
            found[row["key"]] = Entry(row["key"], row["label"], row["label_en"])
    return found


def _keep_periods(session: Session, act: Act) -> None:
    """Products' own complaint periods stood in the procedures before they stood in the list; the newest one counts."""
    found: dict[str, int] = {}
    for text in _stored_texts(session):
        found |= text.get("admissible", {}).get("products", {})
    products = rulebook.of(session).catalogue(
        session, "products", rulebook.version_of(session, "catalogue", "products")
    )
    wanted = {key: replace(one, complaint_days=found.get(key, one.complaint_days)) for key, one in products.items()}
    _take_catalogue(session, "products", wanted, act)


def _stored_texts(session: Session) -> Iterator[dict[str, Any]]:
    """Every version of every procedure as TOML says it, the newest of each last."""
    ordered = select(ProcedureVersion.content).order_by(ProcedureVersion.key, ProcedureVersion.version)
    return map(tomllib.loads, session.scalars(ordered))


def _check(session: Session, act: Act) -> None:
    known = rulebook.catalogues(session)
    for key, one in rulebook.current_procedures(session, act.now).items():
        procedure.check(one, known, file=f"{key}.toml")
