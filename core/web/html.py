"""The few pages that are not Streamlit's: small, self-contained, escaped by the template, strict about scripts."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from core.i18n import LANGUAGE_NAMES, LANGUAGES, N_, gettext, language, use
from core.rules.marks import one_line
from core.rules.text import keepable
from core.web.door import door_of
from core.web.origin import is_same_origin, own_path

FORMS = Path(__file__).parent / "forms"
LANGUAGE_COOKIE = "pops_language"
MAX_FORM = 16_384  # bytes; the longest honest form is a few hundred
MAX_FIELDS = 20
A_YEAR = 31_536_000  # seconds


def page(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """``template`` filled with ``values`` in the visitor's language, never cached, with a nonce for its own script."""
    use_language(request)
    nonce = secrets.token_urlsafe(16)
    body = filled(
        template, nonce=nonce, language=language(), here=here(request), languages=_language_links(request), **values
    )
    response = HTMLResponse(body, status_code=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; font-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language(), max_age=A_YEAR, path="/", httponly=True, samesite="lax")
    return response


def filled(template: str, **values: object) -> str:
    """``template`` with ``values``, escaped, in the language in use."""
    return _templates().get_template(template).render(**values)


def message(request: Request, *, title: str, text: str, status: int, link: tuple[str, str] | None = None) -> Response:
    """A page with one message; ``title`` and ``text`` are msgids, ``link`` is (address, msgid)."""
    return page(request, "message.html", status=status, title=title, text=text, link=link)


def use_language(request: Request) -> None:
    """Use the language of the person who is signed in, or the visitor's choice here (``?lang=en``) or before."""
    known = getattr(request.state, "language", None)
    use(known or request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or "vi")


async def typed(request: Request, at_most: int = MAX_FORM) -> dict[str, str] | Response:
    """The fields of a posted form, without signs that no database stores, or the answer that refuses it.

    Refused: sent by another site (403), larger than ``at_most`` bytes (413), of too many fields (400).
    """
    if not is_same_origin(request.headers, door_of(request.scope).settings.base_url):
        return message(
            request,
            title=N_("This was sent from another site"),
            text=N_("For your safety it was not done. Open the page here and send the form again."),
            status=403,
            link=("/", N_("Open the first page")),
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > at_most:
            use_language(request)
            return PlainTextResponse(gettext(N_("The form is too large.")), status_code=413)
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        use_language(request)
        return PlainTextResponse(gettext(N_("The form has too many fields: at most 20.")), status_code=400)
    return {name: keepable(values[-1]) for name, values in fields.items()}


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FORMS), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["_"] = gettext
    environment.filters["one_line"] = one_line
    return environment


def here(request: Request, **changes: str) -> str:
    """The address of this page with its query, as its form, its language links and a second try need it."""
    query = {name: value for name, value in request.query_params.items() if name != "lang"} | changes
    return own_path(request) + (f"?{urlencode(query)}" if query else "")


def _language_links(request: Request) -> list[tuple[str, str, str]]:
    return [(key, LANGUAGE_NAMES[key], here(request, lang=key)) for key in LANGUAGES]
