"""Log a complaint, read where it stands, add to it; and what may be chosen for that."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from core.errors import Invalid, PopsError
from core.i18n import N_, gettext, label, named
from core.register import rulebook
from core.register.api import keys, messages, requests, secret
from core.register.api.intake import Logged, Sent
from core.register.api.keys import Key
from core.register.api.messages import Message, Taken
from core.register.api.requests import Name
from core.register.case import intake
from core.register.case.draft import Draft
from core.register.reads import followed
from core.register.reads.followed import Followed
from core.register.reads.timeline import Wanted
from core.rules.catalogue import Catalogue, Entry, offered
from core.rules.details import fields_of
from core.web.api import BASE, PREFIX, access, bodies, form, problems, reading
from core.web.api.openapi import DOCUMENT
from core.web.api.problems import Problem
from core.web.door import door_of

SECRET_HEADER = "case-secret"  # noqa: S105 (its name, not its value)
MEND = N_("Mend the named fields and send it again.")
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


async def create(request: Request) -> Response:
    """POST /complaints: 201 with code and secret, once it is committed."""
    problems.use_language(request)
    key = await run_in_threadpool(access.key_of, request, keys.CREATE)
    access.check_visitor(request, key)
    reference = access.reference_of(request)
    door = door_of(request.scope)
    async with bodies.read(request, "complaint", key.id) as body:
        draft, wrong = reading.complaint(body.fields, body.files, key.channel, door.clock())
        if wrong:
            raise await run_in_threadpool(_all_wrong, request, draft, wrong)
        name = requests.named(key.id, reference, (b"complaint", *body.parts))
        try:
            logged = await door.desk.log(door.register, Sent(name, draft))
        except PopsError as refused:
            raise _refusal(refused, reading.FIELDS, bodies.FILES if draft.files else "") from refused
    return _created(request, logged)


def _all_wrong(request: Request, draft: Draft, wrong: Mapping[str, str]) -> Problem:
    """What could not be read, with what is wrong with the rest of it."""
    door = door_of(request.scope)
    with door.register.read() as session:
        found = intake.check(session, draft, now=door.clock())
    return problems.of(Invalid(MEND, {reading.FIELDS.get(at, at): said for at, said in found.items()} | dict(wrong)))


def _refusal(refused: PopsError, fields: Mapping[str, str], files: str) -> Problem:
    """What the register refused; a sentence without a field is about a file, where there are any."""
    if type(refused) not in problems.STATUS:
        raise refused
    if isinstance(refused, Invalid) and refused.fields:
        refused.template = requests.OTHER if requests.HEADER in refused.fields else MEND
    problem = problems.of(refused, fields)
    if isinstance(refused, Invalid) and not problem.errors and files:
        problem.errors = {files: problem.detail}
    return problem


def _created(request: Request, logged: Logged) -> Response:
    body = {
        "code": logged.code,
        "secret": logged.secret,
        "received_at": logged.received_at.isoformat(),
        "follow": door_of(request.scope).settings.address + "/follow",
    }
    location = {"Location": f"{BASE}/complaints/{logged.code}"}
    return problems.with_headers(request, JSONResponse(body, HTTPStatus.CREATED, location))


def standing(request: Request) -> Response:
    """GET /complaints/{code}: where it stands, in the customer's words, for whoever has the secret."""
    problems.use_language(request)
    access.key_of(request, keys.FOLLOW)
    door = door_of(request.scope)
    with door.register.read() as session:
        complaint = secret.opens(session, request.path_params["code"], request.headers.get(SECRET_HEADER, ""))
        if complaint is None:
            access.wrong_try(request)
            raise Problem(HTTPStatus.NOT_FOUND, gettext(messages.NOT_YOURS))
        found = followed.read(session, complaint)
    return problems.with_headers(request, JSONResponse(_standing(found)))


def _standing(found: Followed) -> dict[str, object]:
    return {
        "code": found.code,
        "version": found.version,
        "status": found.standing,
        "status_text": named("standing", found.standing),
        "received_at": found.received_at.isoformat(),
        "said": found.said or None,
        "said_at": found.said_at.isoformat() if found.said_at else None,
        "wanted": [wanted_words(one) for one in found.wanted],
        "may_say": list(found.may_say),
        "joined": found.joined,
    }


def wanted_words(one: Wanted) -> str:
    """What the customer was asked to send, in a few words."""
    if one.field:
        return label(one.field.vi, one.field.en)
    return named("evidence kind", one.kind) if one.kind else one.line


async def say(request: Request) -> Response:
    """POST /complaints/{code}/messages: the customer adds, accepts or refuses."""
    problems.use_language(request)
    key = await run_in_threadpool(access.key_of, request, keys.FOLLOW)
    reference = access.reference_of(request)
    async with bodies.read(request, "message", key.id) as body:
        code = request.path_params["code"]
        said, wrong = reading.message(body.fields, body.files, code, request.headers.get(SECRET_HEADER, ""))
        if wrong:
            raise problems.of(Invalid(MEND, wrong))
        name = requests.named(key.id, reference, (b"message", code.encode(), *body.parts))
        taken = await run_in_threadpool(_say, request, said, name)
    answered = {
        "code": taken.code,
        "recorded": taken.step,
        "version": taken.version,
        "answer_by": taken.hears_by.isoformat() if taken.hears_by else None,
    }
    return problems.with_headers(request, JSONResponse(answered, HTTPStatus.CREATED))


def _say(request: Request, said: Message, name: Name) -> Taken:
    door = door_of(request.scope)
    try:
        with door.register.write() as session:
            return messages.take(session, said, name=name, now=door.clock())
    except PopsError as refused:
        problem = _refusal(refused, {}, bodies.FILES if said.files else "")
        if problem.status_code == HTTPStatus.NOT_FOUND:
            access.wrong_try(request)
        raise problem from refused


def choices(request: Request) -> Response:
    """GET /choices: what a complaint may name, in the reader's language."""
    problems.use_language(request)
    key = access.key_of(request, keys.CREATE)
    with door_of(request.scope).register.read() as session:
        known = rulebook.catalogues(session)
    body = {
        "categories": [_category(known.categories, one) for one in _taken_by(known.categories, key)],
        "products": _entries(known.products),
        "platforms": _entries(known.platforms),
        "branches": _entries(known.branches),
    }
    return problems.with_headers(request, JSONResponse(body))


def _taken_by(categories: Catalogue, key: Key) -> list[Entry]:
    """The categories in use that are taken through the channel of the key (VHV 1)."""
    found = []
    for one in offered(categories).values():
        only = one.taken_by or (categories[one.parent].taken_by if one.parent else ())
        if not only or key.channel in only:
            found.append(one)
    return found


def _category(categories: Catalogue, one: Entry) -> dict[str, object]:
    fields = [
        {
            "key": field.key,
            "name": label(field.vi, field.en),
            "type": field.type,
            "required": field.required == "intake",
            "choices": [{"key": choice.key, "name": label(choice.vi, choice.en)} for choice in field.offered],
        }
        for field in fields_of(categories, one.key).values()
    ]
    return {"key": one.key, "name": label(one.vi, one.en), "parent": one.parent or None, "fields": fields}


def _entries(catalogue: Catalogue) -> list[dict[str, str]]:
    return [{"key": one.key, "name": label(one.vi, one.en)} for one in offered(catalogue).values()]


def openapi(_request: Request) -> Response:
    """GET /openapi.json: this API as OpenAPI 3.1."""
    return JSONResponse(DOCUMENT, headers={"Cache-Control": "no-cache"})


def preflight(request: Request) -> Response:
    """OPTIONS: whether a page of another site may ask; a browser shows no key yet, so any in use counts (CORS)."""
    problems.use_language(request)
    origin = request.headers.get("origin", "")
    with door_of(request.scope).register.read() as session:
        is_site = bool(origin) and keys.is_site(session, origin)
    if not is_site:
        raise Problem(HTTPStatus.FORBIDDEN, gettext(N_("No key belongs to this site.")))
    request.state.origin = origin
    allowed = {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Accept-Language",
        "Access-Control-Max-Age": "600",
    }
    return problems.with_headers(request, Response(status_code=HTTPStatus.NO_CONTENT, headers=allowed))


def nothing(request: Request) -> Response:
    """404, or 405 where the address has other verbs."""
    problems.use_language(request)
    has = {
        verb
        for route in ROUTES[:-1]
        if route.matches(request.scope)[0] is Match.PARTIAL
        for verb in route.methods or ()
    }
    if has:
        detail = gettext(N_("This address does not know {verb}.")).format(verb=request.method)
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(sorted(has))})
    raise Problem(HTTPStatus.NOT_FOUND, gettext(N_("There is no such address in the API.")))


ROUTES = [
    Route(f"{BASE}/complaints", create, methods=["POST"]),
    Route(f"{BASE}/complaints", preflight, methods=["OPTIONS"]),
    Route(f"{BASE}/complaints/{{code}}", standing, methods=["GET"]),
    Route(f"{BASE}/complaints/{{code}}/messages", say, methods=["POST"]),
    Route(f"{BASE}/choices", choices, methods=["GET"]),
    Route(f"{BASE}/choices", preflight, methods=["OPTIONS"]),
    Route(f"{BASE}/openapi.json", openapi, methods=["GET"]),
    *form.ROUTES,
    Route(f"{PREFIX}{{rest:path}}", nothing, methods=list(VERBS)),
]
