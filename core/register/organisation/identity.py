"""Name and procedures of the organisation: which one a form begins with, which others it offers (D20)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from core import shipped
from core.errors import Conflict, Invalid, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.log.act import Act
from core.register.organisation import choice
from core.register.organisation import entries as rules
from core.register.people import accounts
from core.register.rulebook import ORGANISATION, Change
from core.rules import procedure as procedures
from core.rules.organisation import Organisation
from core.rules.procedure import Procedure

NAME, NAME_EN, PREPARED, ENABLED, DISABLED, FIRST = "name", "name_en", "prepared", "enabled", "disabled", "first"
"""What a ``Change`` of the organisation is of."""


def version(session: Session) -> int:
    """The version of the organisation, which whoever changes it hands back."""
    return rulebook.version_of(session, "catalogue", ORGANISATION)


def rename(session: Session, name: str, name_en: str, act: Act, *, version: int) -> None:
    """Call the organisation by these names. Raises NotAllowed, Conflict, Invalid with what to mend per field."""
    before = opened(session, act, version)
    after = replace(before, name=rules.clean(name), name_en=rules.clean(name_en))
    if wrong := name_problems(after):
        raise Invalid(N_("Mend the marked fields."), wrong)
    pairs = ((NAME, before.name, after.name), (NAME_EN, before.name_en, after.name_en))
    write(session, after, [Change(ORGANISATION, what, old, new) for what, old, new in pairs if old != new], act)


def name_problems(wanted: Organisation) -> dict[str, str]:
    """Field → sentence for what must be mended in the names of the organisation."""
    names = {NAME: wanted.name, NAME_EN: wanted.name_en}
    return {field: sentence for field, text in names.items() if (sentence := rules.name_problem(text))}


def known_procedures(session: Session) -> dict[str, Procedure]:
    """The procedures that can be enabled, those enabled first: what the register has, and what the program brings."""
    whose, book = rulebook.organisation(session), rulebook.of(session)
    taken = {one.name: one.version for one in rulebook.in_use(session) if one.subject == "procedure"}
    keys = dict.fromkeys((*whose.procedures, *whose.former, *taken, *shipped.procedures()))
    return {key: book.procedure(session, key, taken[key]) if key in taken else shipped.procedure(key) for key in keys}


def prepare(session: Session, key: str, act: Act, *, version: int) -> None:
    """Name procedure ``key``, which the register has, among those that no new complaint follows until it is enabled.

    Raises NotAllowed and Conflict.
    """
    before = opened(session, act, version)
    after = replace(before, former=(*before.former, key))
    write(session, after, [Change(key, PREPARED, "", "yes")], act)


def enable(session: Session, key: str, act: Act, *, version: int) -> None:
    """Let new complaints follow procedure ``key`` too; one that was enabled before goes on in its newest version.

    Raises NotAllowed, Conflict, NotFound, and Invalid where the procedure names what the lists do not know.
    """
    before = opened(session, act, version)
    if key in before.procedures:
        raise Invalid(N_("Nothing changes."))
    if key not in known_procedures(session):
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    if not rulebook.version_of(session, "procedure", key):
        choice.take_procedure(session, key, act)
    former = tuple(one for one in before.former if one != key)
    after = replace(before, procedures=(*before.procedures, key), former=former)
    write(session, after, [Change(key, ENABLED, "", "yes")], act)
    known = rulebook.catalogues(session)
    procedures.check(rulebook.current_procedure(session, key, act.now), known, file=f"{key}.toml")


def disable(session: Session, key: str, act: Act, *, version: int) -> None:
    """Offer procedure ``key`` to no new complaint; those that follow it go on. Raises as ``enable``."""
    before = opened(session, act, version)
    if key not in before.procedures:
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    if len(before.procedures) == 1:
        raise Invalid(N_("It is the only one: enable another procedure first."))
    kept = tuple(one for one in before.procedures if one != key)
    after = replace(before, procedures=kept, former=(*before.former, key))
    write(session, after, [Change(key, DISABLED, "", "yes")], act)


def put_first(session: Session, key: str, act: Act, *, version: int) -> None:
    """Let the form begin with procedure ``key``. Raises as ``enable``."""
    before = opened(session, act, version)
    if key not in before.procedures:
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    after = replace(before, procedures=tuple(dict.fromkeys((key, *before.procedures))))
    if after == before:
        raise Invalid(N_("Nothing changes."))
    write(session, after, [Change(ORGANISATION, FIRST, before.procedures[0], key)], act)


def opened(session: Session, act: Act, expected: int) -> Organisation:
    """The organisation to be changed, once it is certain who changes it and that nobody else did meanwhile."""
    accounts.check_may(session, act, "manage_lists")
    if expected != version(session):
        raise Conflict(N_("Somebody else changed this list meanwhile: look at it as it is now, then try again."))
    return rulebook.organisation(session)


def write(session: Session, after: Organisation, changes: list[Change], act: Act) -> None:
    """The next version of the organisation; Invalid where nothing changes."""
    if not changes:
        raise Invalid(N_("Nothing changes."))
    rulebook.add_organisation(session, after, act, changes)
