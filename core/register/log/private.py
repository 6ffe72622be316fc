"""Files that only the account running the program may read: the database, what SQLite keeps beside it, the evidence."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.engine import make_url

from core.settings import ROOT

FILE, FOLDER = 0o600, 0o700
OTHERS = 0o077  # any right of the group or of everybody else
BESIDE = ("", "-wal", "-shm", "-journal", "-next", "-turn")  # the database and what is written next to it
OWN = re.compile(
    r"evidence|outbox|backups|restoring|seals(-before-restore-[\d-]+)?\.csv|setup-link\.txt|[a-z-]+\.key"
)  # in a data folder
SHIPPED = ROOT / "data"  # holds files of the program too, which are no secret


def make_folder(folder: Path) -> None:
    """The folder, and any above it that is missing, for this account alone."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(FOLDER, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Make new names in ``folder`` outlast a power cut, as a database does with the rows that name them."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def create(path: Path) -> BinaryIO:
    """A new file for this account alone, opened for writing and reading; FileExistsError where there is one."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), FILE), "w+b")


def make_database(url: str) -> None:
    """The folder and the empty file of a SQLite database, whose rights its other files take over."""
    database = _database(url)
    if database is not None:
        make_folder(database.parent)
        database.touch(FILE)


def narrow(url: str, evidence_dir: Path) -> list[Path]:
    """Take the rights of others away from what is there already; returns what this account may not change.

    The folder of the database is left as it is where it holds anything that is not the register's (``shared``). Nothing
    on Windows, where a folder decides by itself.
    """
    if os.name != "posix":
        return []
    return [path for path in _open_to_others(url, evidence_dir) if not _narrowed(path)]


def shared(url: str) -> Path | None:
    """The folder of the database where others may look into it and it holds more than the register, else None.

    The program's own ``data`` is none: what it holds beside the register is no secret.
    """
    database = _database(url)
    if database is None or os.name != "posix" or database.parent.resolve() == SHIPPED or not _is_open(database.parent):
        return None
    return None if _is_own(database) else database.parent


def _is_own(database: Path) -> bool:
    """Whether the folder of ``database`` holds nothing but what the register keeps there."""
    beside = {database.name + end for end in BESIDE}
    return all(entry.name in beside or OWN.fullmatch(entry.name) for entry in database.parent.iterdir())


def _open_to_others(url: str, evidence_dir: Path) -> Iterator[Path]:
    database = _database(url)
    if database is not None:
        if database.parent.resolve() != SHIPPED and _is_open(database.parent) and _is_own(database):
            yield database.parent
        yield from filter(_is_open, [database.with_name(database.name + end) for end in BESIDE])
    if _is_open(evidence_dir):
        yield from (path for path in evidence_dir.iterdir() if path.is_file() and _is_open(path))
        yield evidence_dir


def _is_open(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & OTHERS)


def _narrowed(path: Path) -> bool:
    try:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
    except OSError:
        return False
    return True


def _database(url: str) -> Path | None:
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
