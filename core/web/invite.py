"""The page behind a one-time link: the invited person sets the password that nobody else knows."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import Invalid, PopsError
from core.i18n import N_, gettext, sentence
from core.register.log.tables import Person
from core.register.people import accounts, invitations
from core.web import html, limits, new_password
from core.web.door import door_of

PATH = "/invite"


def invite_form(request: Request) -> Response:
    """GET /invite?code=…: the form, for whoever has the link; gone once it is used, replaced, revoked or too old."""
    person = _invited(request)
    return _without_address(_form(request, person) if person else _gone(request))


async def accept(request: Request) -> Response:
    """POST /invite?code=…: sets the password; the person then signs in with it."""
    fields = await html.typed(request)
    if isinstance(fields, Response):
        return fields
    person = await run_in_threadpool(_invited, request)
    if person is None:
        answer = await run_in_threadpool(_gone, request)
    elif new_password.is_question(fields):
        answer = await run_in_threadpool(_verdict, request, person, fields)
    else:
        answer = await limits.in_line(request, lambda: _accept(request, person, fields))
    return _without_address(answer)


def _verdict(request: Request, person: Person, fields: Mapping[str, str]) -> Response:
    html.use_language(request)
    return limits.verdict(request, fields, (person.login, person.name))


def _accept(request: Request, person: Person, fields: Mapping[str, str]) -> Response:
    html.use_language(request)
    problems = new_password.not_the_same(fields)
    if problems:
        return _form(request, person, problems=problems)
    door = door_of(request.scope)
    try:
        ready = accounts.judge(person, fields.get("password", ""))
        with door.register.write() as session:
            invitations.accept(session, _code(request), ready, now=door.clock())
    except Invalid as refused:
        return _form(request, person, problem=sentence(refused), problems=refused.fields)
    except PopsError:
        return _gone(request)
    return html.message(
        request,
        title=N_("Your password is saved"),
        text=N_("Sign in with your login name and this password."),
        status=200,
        link=("/sign-in", N_("Sign in")),
    )


def _invited(request: Request) -> Person | None:
    """Whom the code lets in, whose language is used from here on unless another is asked for."""
    door = door_of(request.scope)
    with door.register.read() as session:
        person = invitations.invited(session, _code(request), now=door.clock())
    if person is not None and "lang" not in request.query_params:
        request.state.language = person.language
    return person


def _code(request: Request) -> str:
    return request.query_params.get("code", "")


def _form(
    request: Request, person: Person, *, problem: str = "", problems: Mapping[str, str] | None = None
) -> Response:
    return html.page(
        request,
        "new_password.html",
        status=422 if problem or problems else 200,
        why=N_("Only you will know it. This link works once."),
        name=person.name,
        login=person.login,
        is_change=False,
        can_start_again=False,
        problem=problem,
        problems={name: gettext(text) for name, text in (problems or {}).items()},
    )


def _gone(request: Request) -> Response:
    return html.message(
        request,
        title=N_("This link is not valid any more"),
        text=N_(
            "It was used, replaced by a newer one, or is older than three days. Ask an administrator for a new one."
        ),
        status=410,
        link=("/sign-in", N_("Sign in")),
    )


def _without_address(response: Response) -> Response:
    """No request that the page makes names its address, which holds the code."""
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


ROUTES = [Route(PATH, invite_form, methods=["GET"]), Route(PATH, accept, methods=["POST"])]
