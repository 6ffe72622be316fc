"""The export routes: the rows of a slice, of which the log records who took them, and the organisation's lists."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.errors import NotAllowed
from core.i18n import sentence
from core.insight import facts
from core.insight.slices import Slice
from core.papers import about, csv, rows
from core.papers.dictionary import chosen
from core.register import rulebook
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.log.tables import Person
from core.register.organisation import list_file, lists
from core.register.people import accounts
from core.rules.calendar import local_day
from core.rules.catalogue import LISTS
from core.rules.roles import names_colleagues, sees_personal_data
from core.web.door import Door, door_of, require

PATH = "/export/complaints.csv"
LIST_PATH = "/export/lists/{name}.csv"


def complaints_csv(request: Request) -> Response:
    """GET /export/complaints.csv: the rows a page with the same query counts (D15), as far as the person sees them.

    ``columns``: keys with commas (the usual ones when none is known, with what the category must know where all rows
    are of one). ``dialect``: ``csv`` (commas) or ``excel``
    (semicolons, as Excel expects where a comma is the decimal sign). ``headers``: ``label`` (names in the reader's
    language) or ``key``. ``about=1``: instead of the rows a text that says what they are, which holds none of them and
    is not logged. 401 without a session, 403 for a role that does not export. Personal data is whole only for
    roles that see it.
    """
    person, door = require(request, "export"), door_of(request.scope)
    query, now = dict(request.query_params), door.clock()
    slice = Slice.from_query(query, local_day(now)).seen_by(person)
    selection = rows.Selection(facts.current(door.register), slice, now)
    given, category = query.get("columns", "").split(","), slice.filter.one_category
    wanted = chosen(given, obligations=selection.of_obligations, category=category)
    headers: csv.Headers = "key" if query.get("headers") == "key" else "label"
    dialect: csv.Dialect = "excel" if query.get("dialect") == "excel" else "csv"
    answer = {
        "Content-Disposition": f'attachment; filename="{csv.file_name(selection.slice)}"',
        "Cache-Control": "no-store",
    }
    if request.method == "HEAD":
        return Response(media_type=csv.MEDIA_TYPE, headers=answer)
    if query.get("about") == "1":
        answer["Content-Disposition"] = f'attachment; filename="{about.file_name(csv.file_name(selection.slice))}"'
        with door.register.read() as session:
            whose = rulebook.organisation(session).name
        return Response(about.text(selection, wanted, whose), media_type=about.MEDIA_TYPE, headers=answer)
    whole = sees_personal_data(person.role)
    _log(request, person, selection, [column.key for column in wanted], whole=whole)
    named = names_colleagues(person.role)
    frames = rows.stretches(door.register, selection, csv.needed(wanted), whole=whole, colleagues=named)
    pieces = csv.write(frames, csv.Words(wanted, headers), dialect)
    return StreamingResponse(pieces, media_type=csv.MEDIA_TYPE, headers=answer)


def _log(request: Request, person: Person, selection: rows.Selection, columns: list[str], *, whole: bool) -> None:
    """Record the query and how many rows it has; never the contents."""
    payload = {
        "query": selection.slice.to_query(),
        "columns": columns,
        "rows": selection.count,
        "format": "csv",
        "whole": whole,
    }
    record(door_of(request.scope), Act(person, selection.now), payload)


def record(door: Door, act: Act, payload: Mapping[str, object]) -> None:
    """Log who takes what away, before the first byte is sent; 403 for an account that was closed meanwhile."""
    assert act.by is not None, "the register itself takes nothing away"
    with door.register.write() as session:
        try:
            accounts.check_may(session, act, "export")  # it took a while
        except NotAllowed as refused:
            raise HTTPException(HTTPStatus.FORBIDDEN, sentence(refused)) from refused
        seal.append(session, Subject("export", act.by.id), "exported", payload, act.stamp)


def list_csv(request: Request) -> Response:
    """GET /export/lists/{name}.csv: one list of the organisation whole, under headers that are keys.

    ``dialect`` as for complaints. 401 without a session, 403 for a role that does not manage lists, 404 for no list.
    Nothing in it is about a person, so the log does not record it.
    """
    require(request, "manage_lists")
    name = request.path_params["name"]
    if name not in LISTS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    dialect: csv.Dialect = "excel" if request.query_params.get("dialect") == "excel" else "csv"
    with door_of(request.scope).register.read() as session:
        content = list_file.write(name, lists.current(session, name), csv.DIALECTS[dialect])
    answer = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(content, media_type=csv.MEDIA_TYPE, headers=answer)


ROUTES = [Route(PATH, complaints_csv, methods=["GET"]), Route(LIST_PATH, list_csv, methods=["GET"])]
