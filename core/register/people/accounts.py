"""The people of the house: who they are, which role they have, and every change to that in the log."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed, NotFound
from core.i18n import LANGUAGES, N_
from core.register import rulebook
from core.register.log import seal
from core.register.log.tables import Person, SignIn
from core.register.people import passwords
from core.rules import roles

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
MAX_NAME = 80


def normal_login(typed: str) -> str:
    """A login name as it is kept: trimmed, composed, small letters."""
    return unicodedata.normalize("NFC", typed).strip().casefold()


def list_people(session: Session) -> list[Person]:
    """Everybody, those who may sign in first, by name."""
    return list(session.scalars(select(Person).order_by(Person.active.desc(), Person.name, Person.id)))


def find(session: Session, login: str) -> Person:
    """The person with that login name; NotFound otherwise."""
    person = session.scalar(select(Person).where(Person.login == normal_login(login)))
    if person is None:
        raise NotFound(N_("There is no account “{login}”."), login=login)
    return person


def get(session: Session, person_id: int) -> Person:
    """The person with that id; NotFound otherwise."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(N_("There is no such person."))
    return person


def acting(session: Session, by: int | None, verb: str) -> None:
    """Raise NotAllowed unless person ``by`` is active and has a role that may do ``verb``; None is the house itself."""
    if by is None:
        return
    person = session.get(Person, by)
    if person is None or not person.active or not roles.may(person.role, verb):
        raise NotAllowed(N_("Your role does not permit this: ask an administrator."))


def add(
    session: Session,
    *,
    login: str,
    name: str,
    role: str,
    password: str | None,
    by: int | None,
    now: datetime,
    department: str | None = None,
    language: str = "vi",
) -> Person:
    """A new account; without a password it exists (is assigned, is named) but cannot sign in.

    Raises Invalid with what to mend per field (login, name, role, department, password).
    """
    acting(session, by, "manage_people")
    _refuse(problems(session, login, name, role, department, password))
    login, name = normal_login(login), " ".join(name.split())
    department = department or None
    person = Person(
        login=login,
        name=name,
        role=role,
        department=department,
        language=language if language in LANGUAGES else "vi",
        password_hash=passwords.hash_password(password) if password is not None else None,
        active=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    _log(
        session, person, "added", by, now, {"role": role, "department": department, "can_sign_in": password is not None}
    )
    return person


def change_password(session: Session, person_id: int, password: str, *, by: int | None, now: datetime) -> None:
    """A new password, by the person or an administrator; every open session of that person ends."""
    if by != person_id:
        acting(session, by, "manage_people")
    person = get(session, person_id)
    score, sentence = passwords.strength(password, person.login)
    _refuse({"password": sentence} if score == 0 else {})
    person.password_hash = passwords.hash_password(password)
    end_sessions(session, person_id, now=now)
    _log(session, person, "password_changed", by, now, {})


def set_role(
    session: Session, person_id: int, role: str, department: str | None, *, by: int | None, now: datetime
) -> None:
    """Another role or department; the last administrator stays one."""
    acting(session, by, "manage_people")
    person = get(session, person_id)
    department = department or None
    _refuse(_role_problems(session, role, department))
    if role != "admin":
        _keep_an_admin(session, person)
    person.role, person.department = role, department
    _log(session, person, "role_changed", by, now, {"role": role, "department": department})


def deactivate(session: Session, person_id: int, *, by: int | None, now: datetime) -> None:
    """Close the account: no sign-in from now on, every open session ends, history keeps the name."""
    acting(session, by, "manage_people")
    person = get(session, person_id)
    _keep_an_admin(session, person)
    person.active = False
    end_sessions(session, person_id, now=now)
    _log(session, person, "deactivated", by, now, {})


def activate(session: Session, person_id: int, *, by: int | None, now: datetime) -> None:
    """Open a closed account again."""
    acting(session, by, "manage_people")
    person = get(session, person_id)
    person.active = True
    _log(session, person, "activated", by, now, {})


def set_language(session: Session, person_id: int, language: str, *, now: datetime) -> None:
    """The language this person reads, chosen by the person."""
    if language not in LANGUAGES:
        raise Invalid(N_("The screens speak Vietnamese (vi) and English (en)."))
    person = get(session, person_id)
    person.language = language
    _log(session, person, "language_chosen", person_id, now, {"language": language})


def end_sessions(session: Session, person_id: int, *, now: datetime) -> None:
    """End every open session of that person."""
    session.execute(update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None)).values(ended_at=now))


def problems(
    session: Session, login: str, name: str, role: str, department: str | None, password: str | None
) -> dict[str, str]:
    """Field → sentence template for everything that must be mended before ``add`` can keep the account."""
    login, name = normal_login(login), " ".join(name.split())
    problems = _role_problems(session, role, department or None)
    if not LOGIN.fullmatch(login):
        problems["login"] = N_("2 to 64 letters without accents, digits, or . _ - @")
    elif session.scalar(select(Person.id).where(Person.login == login)) is not None:
        problems["login"] = N_("This login name is taken")
    if not 1 <= len(name) <= MAX_NAME:
        problems["name"] = N_("Type a name of at most 80 characters")
    if password is not None:
        score, sentence = passwords.strength(password, login)
        if score == 0:
            problems["password"] = sentence
    return problems


def _role_problems(session: Session, role: str, department: str | None) -> dict[str, str]:
    problems = {}
    if role not in roles.ROLES:
        problems["role"] = N_("Choose a role")
    if role == "handler" and department is None:
        problems["department"] = N_("Choose the department this person answers for")
    elif department is not None and department not in rulebook.catalogues(session).departments:
        problems["department"] = N_("There is no such department")
    return problems


def _refuse(problems: Mapping[str, str]) -> None:
    if problems:
        raise Invalid(N_("The account was not saved: mend what is marked."), fields=problems)


def _keep_an_admin(session: Session, person: Person) -> None:
    others = select(func.count()).where(
        Person.role == "admin", Person.active, Person.password_hash.is_not(None), Person.id != person.id
    )
    if person.role == "admin" and person.active and not session.scalar(others):
        raise NotAllowed(N_("This is the last administrator: make somebody else administrator first."))


def _log(
    session: Session, person: Person, kind: str, by: int | None, now: datetime, payload: Mapping[str, Any]
) -> None:
    seal.append(
        session, subject="person", subject_id=person.id, kind=kind, happened_at=now, by=by, payload=payload, now=now
    )
