"""Files in the evidence folder that no row of the register names, and their removal."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.log import seal, transaction
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.seal import Subject
from core.register.log.tables import Evidence
from core.register.proof.streams import stream

GIVEN = re.compile(r"[0-9a-f]{32}")
"""A name under which the program stores a file (``core.register.case.evidence``)."""
YOUNG = timedelta(hours=1)
"""A file younger than this may belong to a write that is not committed yet."""


def find(session: Session, now: datetime | None = None) -> list[str]:
    """Names in the evidence folder without a row, sorted; young files are left out where ``now`` is given.

    An orphan is no loss: a write that was killed between its file and its commit leaves one. Only names are held in
    memory.
    """
    folder = transaction.of(session).evidence_dir
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    if names:
        for row in stream(session, select(Evidence.stored_as).where(Evidence.stored_as.is_not(None))):
            names.discard(row.stored_as)
    return sorted(name for name in names if now is None or not _is_young(folder / name, now))


def remove(register: Register, now: datetime) -> list[str]:
    """Delete the orphans that are not young; returns their names.

    The event is committed first: a file that is still there afterwards is named again by the next verification, while
    a file gone without an event could never be explained. The log keeps names that the program gave; others, which may
    say whom a file is about, are only counted.
    """
    with register.write() as session:
        found = find(session, now)
        if found:
            given = [name for name in found if GIVEN.fullmatch(name)]
            payload = {"files": given, "others": len(found) - len(given)}
            seal.append(session, Subject("register", 0), "orphans_removed", payload, Act(None, now).stamp)
    for name in found:
        (register.evidence_dir / name).unlink(missing_ok=True)
    return found


def _is_young(path: Path, now: datetime) -> bool:
    try:
        written = datetime.fromtimestamp(path.lstat().st_mtime, now.tzinfo)
    except FileNotFoundError:  # removed meanwhile by a write that failed
        return True
    return now - written < YOUNG or not path.is_file()
