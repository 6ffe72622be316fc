"""``python -m core person``: accounts from the command line: add, list, role, password, disable, enable."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime

from core.clock import utc_now
from core.commands.setup import spelled_out
from core.errors import Invalid
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Person
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.roles import ROLES
from core.settings import Settings


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``person`` with its own commands to the command line."""
    steps = subparsers.add_parser("person", help="accounts: add, list, role, password, disable, enable").add_subparsers(
        dest="step", required=True
    )
    new = steps.add_parser("add", help="a new account; the password is read from standard input")
    new.add_argument("login")
    new.add_argument("name")
    new.add_argument(
        "--password-stdin", action="store_true", required=True, help="read the password from standard input"
    )
    role = steps.add_parser("role", help="another role or department")
    role.add_argument("login")
    for parser in (new, role):
        parser.add_argument("--role", choices=tuple(ROLES), required=True)
        parser.add_argument("--department", help="the department a handler answers for")
    password = steps.add_parser("password", help="a new password, read from standard input; ends every open session")
    password.add_argument("login")
    password.add_argument("--password-stdin", action="store_true", required=True, help="read it from standard input")
    for name, text in (("disable", "close an account and end its sessions"), ("enable", "open it again")):
        steps.add_parser(name, help=text).add_argument("login")
    steps.add_parser("list", help="every account with its role")
    for step in steps.choices.values():
        step.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Do one step with one account."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    try:
        _run(options, register, utc_now())
    except Invalid as problem:
        raise spelled_out(problem) from problem


def _run(options: argparse.Namespace, register: Register, now: datetime) -> None:
    if options.step == "list":
        with register.read() as session:
            for person in accounts.list_people(session):
                print(_line(person))
        return
    if options.step == "add":
        with register.write() as session:
            accounts.add(
                session,
                Account(login=options.login, name=options.name, role=options.role, department=options.department),
                _password(),
                Act(None, now),
            )
        return
    with register.write() as session:
        person = accounts.find(session, options.login)
        if options.step == "role":
            accounts.set_role(session, person.id, options.role, options.department, Act(None, now))
        elif options.step == "password":
            accounts.change_password(session, person.id, _password(), Act(None, now))
        elif options.step == "disable":
            accounts.deactivate(session, person.id, Act(None, now))
        else:
            accounts.activate(session, person.id, Act(None, now))


def _line(person: Person) -> str:
    state = "" if person.active and person.password_hash else "  (cannot sign in)"
    return f"{person.login:<20} {person.role:<8} {person.department or '':<12} {person.name}{state}"


def _password() -> str:
    return sys.stdin.readline().rstrip("\r\n")
