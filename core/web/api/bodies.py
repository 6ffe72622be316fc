"""The body of a request: JSON, or ``multipart/form-data`` with the JSON as one part and files beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from core.i18n import N_, gettext
from core.register.case.evidence import FileDraft
from core.register.case.file_kinds import MAX_FILM
from core.web.api.problems import Problem
from core.web.door import door_of
from core.web.uploads import FRAME, MEGABYTE, in_time

JSON, MULTIPART = "application/json", "multipart/form-data"
MAX_JSON = 256 * 1024  # bytes: the longest text, each sign of it escaped
MAX_ALL = MAX_FILM + FRAME  # bytes with files: what a proxy passes for an upload of a page
MOST_FILES = 10
FILES = "files"
TOO_LARGE = N_("The request is too large: at most {size} MB with its files.")
NO_JSON = N_("The body is no JSON object in UTF-8.")


class Body(NamedTuple):
    """What was sent: the fields, the files, and the bytes that tell one request from another."""

    fields: Mapping[str, object]
    files: tuple[FileDraft, ...]
    parts: tuple[bytes, ...]


@asynccontextmanager
async def read(request: Request, name: str, sender: int) -> AsyncIterator[Body]:
    """The body, whose files are there as long as the block runs; ``name``: of the part that holds the JSON.

    ``sender``: whose turn it takes while files come in (``core.web.uploads.Turns``). Raises Problem 400, 408, 411, 413
    and 415.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    receiving = Request(request.scope, in_time(request.receive))
    if kind == JSON:
        text = await _whole(receiving)
        yield Body(_fields(text), (), (text,))
    elif kind == MULTIPART:
        _check_length(request)
        async with door_of(request.scope).uploads.turns.taken(-sender):
            form = await _form(receiving)
        async with form_closed(form):
            yield await _of_form(form, name)
    else:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, gettext(N_("Send application/json, or multipart/form-data with files."))
        )


@asynccontextmanager
async def form_closed(form: FormData) -> AsyncIterator[None]:
    """The files of ``form`` are closed at the end."""
    try:
        yield
    finally:
        await form.close()


async def _whole(request: Request) -> bytes:
    text = bytearray()
    async for chunk in request.stream():
        text += chunk
        if len(text) > MAX_JSON:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, gettext(N_("The form is too large.")))
    return bytes(text)


def _check_length(request: Request) -> None:
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise Problem(
            HTTPStatus.LENGTH_REQUIRED, gettext(N_("The upload does not say how large it is: send it again."))
        )
    if int(length[:20]) > MAX_ALL:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            gettext(TOO_LARGE).format(size=MAX_FILM // MEGABYTE),
            headers={"Connection": "close"},
        )


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=MOST_FILES, max_fields=1, max_part_size=MAX_JSON)
    except HTTPException as wrong:
        if wrong.status_code != HTTPStatus.BAD_REQUEST:
            raise
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            gettext(N_("The parts cannot be read: one part with the JSON, at most {files} files beside it.")).format(
                files=MOST_FILES
            ),
        ) from wrong


async def _of_form(form: FormData, name: str) -> Body:
    text, given = form.get(name), form.getlist(FILES)
    uploads = [one for one in given if isinstance(one, UploadFile)]
    if not isinstance(text, str) or len(uploads) + 1 != len(form.multi_items()):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            gettext(N_("Send one part “{name}” with the JSON, and the files as parts “{files}”.")).format(
                name=name, files=FILES
            ),
        )
    files = tuple(FileDraft(one.filename or "", one.file) for one in uploads)
    digests = await run_in_threadpool(lambda: [_digest(file) for file in files])
    return Body(_fields(text.encode("utf-8", "surrogatepass")), files, (text.encode(), *digests))


def _digest(file: FileDraft) -> bytes:
    file.content.seek(0)
    digest = hashlib.sha256()
    while chunk := file.content.read(MEGABYTE):
        digest.update(chunk)
    return digest.digest() + file.name.encode("utf-8", "surrogatepass")


def _fields(text: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(text.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, gettext(NO_JSON))
    return found


def _refuse(_constant: str) -> None:
    raise ValueError  # NaN and Infinity are no JSON
