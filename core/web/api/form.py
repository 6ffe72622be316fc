"""The script that puts a form into the pages of a website; what it needs comes from this server by the API."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.i18n import N_, gettext, language, use
from core.web import html
from core.web.api import BASE, problems

WORDS = {
    "name": N_("Your name"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "category": N_("What is it about?"),
    "product": N_("Product"),
    "statement": N_("What happened?"),
    "files": N_("Pictures or documents"),
    "choose": N_("Choose"),
    "send": N_("Send the complaint"),
    "failed": N_("It could not be sent. What you typed is still here: try again in a moment."),
    "received": N_("We have received your complaint. Its code:"),
    "secret": N_("Your secret:"),
    "keep": N_("Keep both: with them you see where it stands and answer us."),
    "follow": N_("Follow your complaint"),
}


def script(request: Request) -> Response:
    """GET /form.js: in the language of ``?lang``, else of ``Accept-Language``."""
    problems.use_language(request)
    if wanted := request.query_params.get("lang"):
        use(wanted)
    words = {name: gettext(text) for name, text in WORDS.items()} | {"language": language()}
    return Response(
        html.filled("embed.js", words=words),
        media_type="text/javascript",
        headers={
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "max-age=300",
            "Vary": "Accept-Language",
        },
    )


ROUTES = [Route(f"{BASE}/form.js", script, methods=["GET"])]
