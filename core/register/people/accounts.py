"""The accounts: who they are, which role they have, and every change to that in the log."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed, NotFound
from core.i18n import LANGUAGES, N_
from core.register import rulebook
from core.register.log import act as acts
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.log.tables import Event, Invitation, Person, SignIn
from core.register.people import passwords
from core.rules import roles
from core.rules.text import keepable, sort_key

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
LOGIN_RULE = N_("2 to 64 letters without accents, digits, or . _ - @")
MAX_NAME = 80
EVENTS = (
    "added",
    "invited",
    "invitation_revoked",
    "password_changed",
    "role_changed",
    "deactivated",
    "activated",
    "language_chosen",
    "signed_in",
    "signed_out",
    "signed_out_elsewhere",
    "signed_out_everywhere",
    "second_factor_on",
    "second_factor_off",
    "second_factor_reset",
    "recovery_code_used",
    "recovery_codes_renewed",
    "absence_set",
    "absence_ended",
    "email_set",
    "email_removed",
    "messages_chosen",
)
"""What can happen to an account, as the log names it."""


def normal_login(typed: str) -> str:
    """A login name as it is stored: trimmed, composed, small letters."""
    return unicodedata.normalize("NFC", keepable(typed)).strip().casefold()


def list_people(session: Session) -> list[Person]:
    """Everybody, those who may sign in first, by name."""
    return sorted(session.scalars(select(Person)), key=lambda person: (not person.active, *_by_name(person)))


def list_holders(session: Session) -> list[Person]:
    """Those a complaint can be assigned to, by name."""
    may_hold = Person.active, Person.role.in_(roles.holders())
    return sorted(session.scalars(select(Person).where(*may_hold)), key=_by_name)


def _by_name(person: Person) -> tuple[tuple[str, str, str], int]:
    """As Vietnamese sorts, which the databases do not know: SQLite puts Đ after Z."""
    return sort_key(person.name), person.id


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


@dataclass(frozen=True, slots=True)
class Account:
    """An account before it is created; ``department`` for those who answer for one, ``branch`` for those of one."""

    login: str
    name: str
    role: str
    department: str | None = None
    language: str = "vi"
    branch: str | None = None

    def normal(self) -> Account:
        """As it is stored: the login in small letters, single spaces in the name, no empty department or branch."""
        return replace(
            self,
            login=normal_login(self.login),
            name=" ".join(self.name.split()),
            department=self.department or None,
            branch=self.branch or None,
            language=self.language if self.language in LANGUAGES else "vi",
        )


def check_may(session: Session, act: Act, action: str) -> None:
    """Raise NotAllowed unless whoever acts is active and has a role that may do ``action``; the register itself may."""
    actor = acts.actor(session, act)
    if actor is not None and not roles.may(actor.role, action):
        raise NotAllowed(N_("Your role does not permit this: ask an administrator."))


def add(session: Session, account: Account, password: str | None, act: Act, *, for_now: bool = False) -> Person:
    """A new account; without a password it exists (is assigned, is named) but cannot sign in.

    ``for_now``: somebody else knows the password, so it must be changed at the first sign-in. A password is judged and
    hashed while nobody else can write: only set-up and the command line give one, pages send a link.

    Raises Invalid with what to mend per field (login, name, role, department, branch, password).
    """
    check_may(session, act, "manage_people")
    _refuse(problems(session, account, password))
    account = account.normal()
    person = Person(
        login=account.login,
        name=account.name,
        role=account.role,
        department=account.department,
        branch=account.branch,
        language=account.language,
        password_hash=passwords.hash_password(password) if password is not None else None,
        must_change_password=for_now,
        active=True,
        created_at=act.now,
    )
    session.add(person)
    session.flush()
    payload = _place(person) | {"can_sign_in": password is not None}
    log(session, person, "added", payload, act)
    return person


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that was judged and hashed already, before the register is written."""

    hashed: str = field(repr=False)


def judge(person: Person, password: str) -> NewPassword:
    """Judge and hash a new password of that person: a good part of a second, so not while others wait to write.

    Raises Invalid where the password is refused.
    """
    score, sentence = passwords.strength(password, (person.login, person.name))
    _refuse({"password": sentence} if score == 0 else {})
    return NewPassword(passwords.hash_password(password))


def change_password(
    session: Session,
    person_id: int,
    password: str | NewPassword,
    act: Act,
    *,
    for_now: bool = False,
    keep: bytes | None = None,
) -> None:
    """A new password; every open session of that person ends, and their one-time link is worth nothing any more.

    By the person (who was asked for the old one, or came by a link), or by the command line ``for_now``, until they
    change it at the next sign-in; nobody else, an administrator sends a link (``core.register.people.invitations``).
    ``password``: as ``judge`` made it where other people wait for their turn to write; a plain one is judged here.
    ``keep``: the hash of the token whose session goes on. Raises Invalid where the password is refused.
    """
    actor = acts.actor(session, act)
    if actor is not None and actor.id != person_id:
        raise NotAllowed(N_("Nobody sets the password of somebody else: make a one-time link."))
    person = get(session, person_id)
    ready = password if isinstance(password, NewPassword) else judge(person, password)
    person.password_hash, person.must_change_password = ready.hashed, for_now
    end_sessions(session, person_id, now=act.now, keep=keep)
    session.execute(delete(Invitation).where(Invitation.person_id == person_id))
    log(session, person, "password_changed", {"for_now": True} if for_now else {}, act)


def set_role(
    session: Session, person_id: int, role: str, department: str | None, act: Act, *, branch: str | None = None
) -> None:
    """Another role, department or branch; the last one who may manage people keeps a role that may."""
    check_may(session, act, "manage_people")
    person = get(session, person_id)
    department, branch = department or None, branch or None
    _refuse(_role_problems(session, role, department, branch))
    if not roles.may(role, "manage_people"):
        _keep_an_admin(session, person)
    person.role, person.department, person.branch = role, department, branch
    log(session, person, "role_changed", _place(person), act)


def deactivate(session: Session, person_id: int, act: Act) -> None:
    """Close the account: no sign-in from now on, every open session ends, history keeps the name."""
    check_may(session, act, "manage_people")
    person = get(session, person_id)
    _keep_an_admin(session, person)
    person.active = False
    end_sessions(session, person_id, now=act.now)
    session.execute(delete(Invitation).where(Invitation.person_id == person_id))
    log(session, person, "deactivated", {}, act)


def activate(session: Session, person_id: int, act: Act) -> None:
    """Open a closed account again."""
    check_may(session, act, "manage_people")
    person = get(session, person_id)
    person.active = True
    log(session, person, "activated", {}, act)


def set_language(session: Session, language: str, act: Act) -> None:
    """The language that whoever acts reads, chosen by themselves."""
    if language not in LANGUAGES:
        raise Invalid(N_("The screens speak Vietnamese (vi) and English (en)."))
    assert act.actor_id is not None, "a language belongs to a person"
    acts.actor(session, act)  # refuses a closed account
    person = get(session, act.actor_id)
    person.language = language
    log(session, person, "language_chosen", {"language": language}, act)


def sign_out_everywhere(session: Session, person_id: int, act: Act) -> None:
    """End every session of somebody else, by an administrator: a device was lost or left open."""
    check_may(session, act, "manage_people")
    end_sessions(session, person_id, now=act.now)
    log(session, get(session, person_id), "signed_out_everywhere", {}, act)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event of an account; ``by``: who did it, None where it was the person or the register itself."""

    kind: str
    at: datetime
    by: str | None


def history(session: Session, person_id: int, most: int) -> list[HistoryLine]:
    """The newest events of that account, the newest first, at most ``most``."""
    its = (
        select(Event.kind, Event.happened_at, Event.actor_id, Person.name)
        .join(Person, Person.id == Event.actor_id, isouter=True)
        .where(Event.subject == "person", Event.subject_id == person_id)
        .order_by(Event.seq.desc())
        .limit(most)
    )
    return [
        HistoryLine(row.kind, row.happened_at, None if row.actor_id == person_id else row.name)
        for row in session.execute(its)
    ]


def end_sessions(session: Session, person_id: int, *, now: datetime, keep: bytes | None = None) -> None:
    """End every open session of that person but the one whose token has the hash ``keep``."""
    theirs = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if keep is not None:
        theirs = theirs.where(SignIn.token_hash != keep)
    session.execute(theirs.values(ended_at=now))


def problems(session: Session, account: Account, password: str | None) -> dict[str, str]:
    """Field → sentence template for everything that must be mended before ``add`` can create the account."""
    account = account.normal()
    found = _role_problems(session, account.role, account.department, account.branch)
    if not LOGIN.fullmatch(account.login):
        found["login"] = LOGIN_RULE
    elif session.scalar(select(Person.id).where(Person.login == account.login)) is not None:
        found["login"] = N_("This login name is taken")
    if not 1 <= len(account.name) <= MAX_NAME:
        found["name"] = N_("Type a name of at most 80 characters")
    if password is not None:
        score, sentence = passwords.strength(password, (account.login, account.name))
        if score == 0:
            found["password"] = sentence
    return found


def _place(person: Person) -> dict[str, object]:
    """Role, department and branch as events say them; a branch only where there is one."""
    place: dict[str, object] = {"role": person.role, "department": person.department}
    return place | ({"branch": person.branch} if person.branch else {})


def _role_problems(session: Session, role: str, department: str | None, branch: str | None) -> dict[str, str]:
    found = {}
    if role not in roles.ROLES:
        found["role"] = N_("Choose a role")
    elif roles.answers_for_department(role) and department is None:
        found["department"] = N_("Choose the department this person answers for")
    if department is not None and department not in rulebook.catalogues(session).departments:
        found["department"] = N_("There is no such department")
    if branch is not None and branch not in rulebook.catalogues(session).branches:
        found["branch"] = N_("There is no such branch")
    return found


def _refuse(problems: Mapping[str, str]) -> None:
    if problems:
        raise Invalid(N_("The account was not saved: mend what is marked."), fields=problems)


def _keep_an_admin(session: Session, person: Person) -> None:
    """NotAllowed where nobody else could manage people: the register would be closed to everybody new."""
    able = roles.able_to("manage_people")
    others = select(func.count()).where(
        Person.role.in_(able), Person.active, Person.password_hash.is_not(None), Person.id != person.id
    )
    if person.role in able and person.active and not session.scalar(others):
        raise NotAllowed(N_("This is the last administrator: make somebody else administrator first."))


def log(session: Session, person: Person, kind: str, payload: Mapping[str, object], act: Act) -> None:
    """One event of ``EVENTS`` of that account; the payload holds no secret and no name."""
    assert kind in EVENTS, kind
    seal.append(session, Subject("person", person.id), kind, payload, act.stamp)
