"""The texts and files of a complaint, sealed by salted digests; files are stored outside the database."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import event as sql_event
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
from core.i18n import N_
from core.register.case import file_kinds
from core.register.case.payload import EvidenceRow
from core.register.log import private, transaction
from core.register.log.tables import Evidence
from core.rules.evidence_kinds import KINDS
from core.rules.text import keepable

PEOPLE = "people"
"""The kind of the text that names the people responsible: the board alone reads it, and no search finds it (D25)."""
MAX_TEXT = 20_000
MAX_NAME = 200
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file somebody hands in: its name, an open stream, and its kind (``KINDS``), None where nobody said it."""

    name: str
    content: BinaryIO
    kind: str | None = None


def text_row(session: Session, evidence_id: int, complaint_id: int, kind: str, body: str, now: datetime) -> EvidenceRow:
    """The evidence row of a text."""
    salt = transaction.salt(session)
    return EvidenceRow(
        id=evidence_id,
        complaint_id=complaint_id,
        kind=kind,
        body=body,
        file_name=None,
        media_type=None,
        size=None,
        stored_as=None,
        salt=salt,
        digest=hashlib.sha256(salt + body.encode()).digest(),
        added_at=now,
    )


def file_row(session: Session, evidence_id: int, complaint_id: int, file: FileDraft, now: datetime) -> EvidenceRow:
    """Write the file to the evidence folder chunk by chunk and return its row; removed again if the transaction fails.

    Raises Invalid for a kind of evidence or of file that is not known, content that is not what the name says, an empty
    file, or one over the limit of its kind. The row does not say the kind of evidence: the event does.
    """
    if file.kind is not None and file.kind not in KINDS:
        raise Invalid(N_("Choose what “{name}” shows from the list, or leave it open."), name=file.name)
    media_type, limit = file_kinds.media_type(file.name), file_kinds.limit(file.name)
    stored_as = secrets.token_hex(16)
    salt = transaction.salt(session)
    digest, size = hashlib.sha256(salt), 0
    if file.content.seekable():
        file.content.seek(0)  # a try that failed has read it to its end
    with _new_file(session, stored_as) as stored:
        for chunk in _chunks(file.content):
            if size == 0:
                file_kinds.check_head(file.name, chunk)
            size += len(chunk)
            if size > limit:
                raise Invalid(
                    N_("“{name}” is larger than {size} MB: send a smaller one."), name=file.name, size=limit >> 20
                )
            digest.update(chunk)
            stored.write(chunk)
        if size == 0:
            raise Invalid(N_("“{name}” is empty: choose the file again."), name=file.name)
        stored.seek(0)
        file_kinds.check_whole(file.name, stored)
    return EvidenceRow(
        id=evidence_id,
        complaint_id=complaint_id,
        kind="file",
        body=None,
        file_name=keepable(Path(file.name).name)[-MAX_NAME:],
        media_type=media_type,
        size=size,
        stored_as=stored_as,
        salt=salt,
        digest=digest.digest(),
        added_at=now,
    )


def text_of(session: Session, evidence_id: int | None) -> str:
    """The text stored under ``evidence_id``; empty for none, or for one that was erased."""
    row = session.get(Evidence, evidence_id) if evidence_id is not None else None
    return (row.body or "") if row is not None else ""


def is_kept(session: Session, complaint_id: int, file: FileDraft) -> bool:
    """Whether the complaint has a file of this content already."""
    theirs = select(Evidence).where(Evidence.complaint_id == complaint_id, Evidence.kind == "file")
    rows = session.scalars(theirs).all()
    digests = [hashlib.sha256(row.salt) for row in rows]
    if file.content.seekable():
        file.content.seek(0)
    for chunk in _chunks(file.content):
        for digest in digests:
            digest.update(chunk)
    return any(digest.digest() == row.digest for digest, row in zip(digests, rows, strict=True))


def open_file(session: Session, evidence_id: int) -> tuple[Evidence, Path]:
    """The row and the path of a stored file; NotFound when there is no such file."""
    row = session.get(Evidence, evidence_id)
    if row is None or row.stored_as is None:
        raise NotFound(N_("There is no such file."))
    path = transaction.of(session).evidence_dir / row.stored_as
    if not path.is_file():
        raise NotFound(N_("The file is missing from the evidence folder: restore it from the last backup."))
    return row, path


def is_whole(row: Evidence, folder: Path) -> bool:
    """Whether text or file still gives the digest of its row (``verify`` holds that against the log)."""
    digest = hashlib.sha256(row.salt)
    if row.stored_as is None:
        digest.update((row.body or "").encode())
    elif (folder / row.stored_as).is_file():
        with (folder / row.stored_as).open("rb") as stored:
            for chunk in _chunks(stored):
                digest.update(chunk)
    return digest.digest() == row.digest


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    while chunk := content.read(CHUNK):
        yield chunk


@contextmanager
def _new_file(session: Session, stored_as: str) -> Iterator[BinaryIO]:
    """A new file of the evidence folder, removed again if the transaction fails.

    Where another process writes (``transaction.write``), that one is sent the content, and stores it.
    """
    state = transaction.of(session)
    if state.kept is not None:
        content = BytesIO()
        yield content
        transaction.write(session, _store, stored_as, content.getvalue())
        return
    private.make_folder(state.evidence_dir)
    target = state.evidence_dir / stored_as
    _remove_on_rollback(session, target)
    with private.create(target) as stored:
        yield stored
        stored.flush()
        os.fsync(stored.fileno())
    private.sync_folder(state.evidence_dir)


def _store(session: Session, stored_as: str, content: bytes) -> None:
    with _new_file(session, stored_as) as stored:
        stored.write(content)


def _remove_on_rollback(session: Session, path: Path) -> None:
    def remove(_: Session) -> None:
        with suppress(FileNotFoundError):
            path.unlink()

    sql_event.listen(session, "after_rollback", remove, once=True)
