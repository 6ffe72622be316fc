"""Setting the register up in the browser: the first administrator, against the code of the terminal, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import shipped
from core.errors import Invalid, PopsError
from core.i18n import N_, gettext, label, sentence
from core.register import rulebook
from core.register.organisation import choice
from core.register.organisation.choice import Whose
from core.register.people import accounts, setup, sign_ins
from core.register.people.accounts import Account
from core.register.people.devices import device
from core.rules import roles
from core.web import html, limits, new_password
from core.web.door import Door, door_of, set_cookie
from core.web.session import go_on, not_set_up

SAMPLE = range(100, 20_001)
SAMPLE_DEFAULT = 2_000
MAX_DIGITS = 6  # of that number as typed, so that no endless one is read
MAX_SHOWN = 200  # signs of a field that is shown again
# What the form shows again after an error; passwords are typed again.
SHOWN_AGAIN = ("organisation", "organisation_name", "login", "name", "with_sample", "sample")
log = logging.getLogger(__name__)


def setup_form(request: Request) -> Response:
    """GET /setup?code=…: the form, for the one who has the code; gone once the register is set up."""
    html.use_language(request)
    return _closed(request) or _form(request, {})


async def set_up(request: Request) -> Response:
    """POST /setup?code=…: creates the first administrator, fills in sample data if wanted, and signs in."""
    fields = await html.typed(request)
    if isinstance(fields, Response):
        return fields
    refused = await run_in_threadpool(_refused, request, fields)
    if refused:
        return refused
    answer = await limits.in_line(request, lambda: _set_up(request, fields))
    if answer.status_code == HTTPStatus.SEE_OTHER and "with_sample" in fields:
        await run_in_threadpool(_fill, door_of(request.scope), int(fields["sample"]))
    return answer


def _refused(request: Request, fields: Mapping[str, str]) -> Response | None:
    """The answer to whoever may not set up, or only asks how strong the password is."""
    html.use_language(request)
    closed = _closed(request)
    if closed is None and new_password.is_question(fields):
        return limits.verdict(request, fields, (fields.get("login", ""), fields.get("name", "")))
    return closed


def _set_up(request: Request, fields: Mapping[str, str]) -> Response:
    """Create the account, where nothing typed must be mended."""
    html.use_language(request)
    door = door_of(request.scope)
    try:
        _check(door, fields)
        token = _create(door, request, fields)
    except Invalid as error:
        return _form(request, fields, problem=sentence(error), fields=error.fields, status=422)
    except PopsError:
        return _closed(request) or not_set_up(request)
    response = go_on(None)
    set_cookie(response, request, token)
    return response


def _create(door: Door, request: Request, fields: Mapping[str, str]) -> str:
    """First administrator and first session in one transaction; returns the token."""
    now, words = door.clock(), device(request.headers.get("user-agent"))
    with door.register.write() as session:
        person = setup.first_admin(
            session,
            _code(request),
            _account(fields),
            fields.get("password", ""),
            whose=Whose(fields.get("organisation", ""), _organisation_name(fields)),
            now=now,
        )
        return sign_ins.open_session(session, person.id, now=now, device=words)


def _check(door: Door, fields: Mapping[str, str]) -> None:
    """Raise Invalid with everything to mend at once.

    Checked: whose register it is and what that organisation is called, the account, that both passwords are the same,
    and the number of sample complaints.
    """
    with door.register.read() as session:
        problems = accounts.problems(session, _account(fields), fields.get("password", ""))
        if not rulebook.has_organisation(session) and fields.get("organisation") not in shipped.organisations():
            problems["organisation"] = N_("Choose whose register this is.")
        if problem := choice.naming_problem(_organisation_name(fields)):
            problems["organisation_name"] = problem
    problems |= new_password.not_the_same(fields)
    typed = fields.get("sample", "").strip()
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= MAX_DIGITS
    if "with_sample" in fields and not (is_number and int(typed) in SAMPLE):
        problems["sample"] = N_("Type a number from 100 to 20000")
    if problems:
        raise Invalid(N_("The account was not saved: mend what is marked."), fields=problems)


def _organisation_name(fields: Mapping[str, str]) -> str:
    """What an empty organisation is called; the others have their names."""
    return fields.get("organisation_name", "") if fields.get("organisation") == shipped.LAST else ""


def _account(fields: Mapping[str, str]) -> Account:
    return Account(fields.get("login", ""), fields.get("name", ""), roles.FIRST_ROLE)


def _fill(door: Door, complaints: int) -> None:
    """Fill in sample data; if that fails the register is set up all the same, and the log names the command."""
    if door.fill_sample is None:
        return
    try:
        door.fill_sample(complaints)
    except Exception as problem:  # noqa: BLE001 (whatever it is, the administrator exists and goes on)
        log.error("sample data was not filled in (%s); run: python -m core sample", type(problem).__name__)


def _closed(request: Request) -> Response | None:
    """The answer to somebody who may not see the form, if so."""
    door = door_of(request.scope)
    with door.register.read() as session:
        if not setup.needs_setup(session):
            return html.message(
                request,
                title=N_("The register is set up"),
                text=N_("This page is not needed any more."),
                status=410,
                link=("/sign-in", N_("Sign in")),
            )
        return None if setup.opens_setup(session, _code(request)) else not_set_up(request)


def _code(request: Request) -> str:
    return request.query_params.get("code", "")


def _form(
    request: Request,
    typed: Mapping[str, str],
    *,
    problem: str = "",
    fields: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with door_of(request.scope).register.read() as session:
        is_chosen = rulebook.has_organisation(session)
    return html.page(
        request,
        "setup.html",
        status=status,
        organisations={} if is_chosen else _organisations(),
        empty_one=shipped.LAST,
        typed={name: typed[name][:MAX_SHOWN] for name in SHOWN_AGAIN if name in typed},
        problem=problem,
        problems={name: gettext(text) for name, text in (fields or {}).items()},
        offers_sample=door_of(request.scope).fill_sample is not None,
        sample_default=SAMPLE_DEFAULT,
        is_change=False,
    )


def _organisations() -> dict[str, str]:
    """Key → name of those a register may be made for."""
    return {key: label(one.name, one.name_en) for key, one in shipped.organisations().items()}


ROUTES = [Route("/setup", setup_form, methods=["GET"]), Route("/setup", set_up, methods=["POST"])]
