"""The steps between the password and the session: a code, a new password, setting up the second factor.

Each has one page; the session cookie of somebody who owes a step opens that page and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.errors import Invalid, NotAllowed, PopsError
from core.i18n import N_, gettext, sentence
from core.register.log.tables import Person
from core.register.people import entry, second_factor, sign_ins
from core.settings import SESSION_COOKIE
from core.web import html, limits, new_password
from core.web.door import door_of, set_cookie
from core.web.origin import safe_next
from core.web.session import STEP_PATHS, enter, to_step

Form = Callable[[Request, Person, PopsError | None], Response]
Take = Callable[[Request, Person, Mapping[str, str]], Response]


def _code_form(request: Request, _person: Person, problem: PopsError | None) -> Response:
    return html.page(request, "code.html", status=_status(problem), problem=_words(problem))


def _take_code(request: Request, _person: Person, fields: Mapping[str, str]) -> Response:
    door = door_of(request.scope)
    return enter(request, entry.enter_code(door.register, _token(request), fields.get("code", ""), now=door.clock()))


def _password_form(request: Request, person: Person, problem: PopsError | None) -> Response:
    return html.page(
        request,
        "new_password.html",
        status=_status(problem),
        why=N_("Somebody else knows the password you signed in with: choose one that only you know."),
        name=person.name,
        login=person.login,
        is_change=True,
        can_start_again=True,
        problem=_words(problem),
        problems={name: gettext(text) for name, text in (_fields(problem)).items()},
    )


def _take_password(request: Request, _person: Person, fields: Mapping[str, str]) -> Response:
    problems = new_password.not_the_same(fields)
    if problems:
        raise Invalid(N_("The account was not saved: mend what is marked."), fields=problems)
    door = door_of(request.scope)
    password = fields.get("password", "")
    return enter(request, entry.enter_new_password(door.register, _token(request), password, now=door.clock()))


def _verdict(request: Request, person: Person, fields: Mapping[str, str]) -> Response:
    html.use_language(request)
    return limits.verdict(request, fields, (person.login, person.name))


def _second_factor_form(request: Request, person: Person, problem: PopsError | None) -> Response:
    door = door_of(request.scope)
    with door.register.write() as session:
        secret = second_factor.offer(session, person.id, now=door.clock())
    return html.page(
        request,
        "second_factor.html",
        status=_status(problem),
        problem=_words(problem),
        secret=secret,
        address=second_factor.address_of(secret, person.login),
        picture=second_factor.qr_code(secret, person.login),
    )


def _take_second_factor(request: Request, _person: Person, fields: Mapping[str, str]) -> Response:
    door = door_of(request.scope)
    token, codes = entry.enter_second_factor(door.register, _token(request), fields.get("code", ""), now=door.clock())
    onward = safe_next(request.query_params.get("next"))
    response = html.page(request, "recovery_codes.html", codes=codes, onward=onward)
    set_cookie(response, request, token)
    return response


PAGES: Mapping[str, tuple[Form, Take]] = {
    "code": (_code_form, _take_code),
    "password": (_password_form, _take_password),
    "second_factor": (_second_factor_form, _take_second_factor),
}


def _routes(step: str) -> list[Route]:
    """GET and POST of the page of one step."""
    form, take = PAGES[step]

    def show(request: Request) -> Response:
        person = _who_owes(request, step)
        return person if isinstance(person, Response) else draw(request, person, None)

    def draw(request: Request, person: Person, problem: PopsError | None) -> Response:
        try:
            return form(request, person, problem)
        except PopsError:  # the step was done elsewhere meanwhile: no form of it can be shown
            return _start_again(request)

    async def send(request: Request) -> Response:
        fields = await html.typed(request)
        if isinstance(fields, Response):
            return fields
        person = await run_in_threadpool(_who_owes, request, step)
        if isinstance(person, Response):
            return person
        if step == "password" and new_password.is_question(fields):
            return await run_in_threadpool(_verdict, request, person, fields)
        return await limits.in_line(request, lambda: _send(request, person, fields))

    def _send(request: Request, person: Person, fields: Mapping[str, str]) -> Response:
        html.use_language(request)
        try:
            return take(request, person, fields)
        except NotAllowed:
            return RedirectResponse("/sign-in", status_code=303)
        except PopsError as problem:
            return draw(request, person, problem)

    return [Route(STEP_PATHS[step], show, methods=["GET"]), Route(STEP_PATHS[step], send, methods=["POST"])]


def _start_again(request: Request) -> Response:
    """Give up the half session; the browser is asked for the password again."""
    door = door_of(request.scope)
    with door.register.write() as session:
        sign_ins.give_up(session, _token(request), now=door.clock())
    return RedirectResponse("/sign-in", status_code=303)


def _who_owes(request: Request, step: str) -> Person | Response:
    """The person who owes that step, whose language is used from here on; else the way to where they belong."""
    half_way = door_of(request.scope).signing_in(request)
    if half_way is None:
        return RedirectResponse("/sign-in", status_code=303)
    person, owed = half_way
    request.state.language = person.language
    return person if owed == step else to_step(request, owed)


def _token(request: Request) -> str:
    return request.cookies.get(SESSION_COOKIE, "")


def _words(problem: PopsError | None) -> str:
    return sentence(problem) if problem else ""


def _fields(problem: PopsError | None) -> Mapping[str, str]:
    return problem.fields if isinstance(problem, Invalid) else {}


def _status(problem: PopsError | None) -> int:
    return 422 if problem else 200


ROUTES = [route for step in PAGES for route in _routes(step)]
