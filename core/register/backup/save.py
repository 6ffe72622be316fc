"""Write a backup: one moment of the register, taken while others go on writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, func, inspect, select

from core.errors import Invalid
from core.i18n import N_
from core.register.backup import manifest as manifests
from core.register.backup import rows
from core.register.backup.manifest import EVIDENCE, SUMS, TABLES, Manifest, flush
from core.register.log import private, seals
from core.register.log.tables import Base

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows in all."""


def save(
    connection: Connection,
    folder: Path,
    evidence_dir: Path,
    *,
    now: datetime,
    evidence: bool = True,
    progress: Progress | None = None,
) -> Manifest:
    """Write what ``connection`` sees into ``folder``, new or empty, and return the manifest.

    The connection must see one moment (SQLite's transaction, PostgreSQL's REPEATABLE READ). ``evidence``: copy the
    evidence files too, those that the rows of that moment name. Sessions and other passing things stay behind. Raises
    Invalid for a folder that holds something.
    """
    _make_folder(folder)
    names = _tables(connection)
    stored = rows.tables(connection, names)
    wanted, done = sum(_count(connection, stored[name]) for name in names), 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, wanted)

    counts = {name: rows.write(connection, stored[name], folder / TABLES / f"{name}.jsonl.gz", more) for name in names}
    sums = {f"{TABLES}/{name}.jsonl.gz": manifests.sha256(folder / TABLES / f"{name}.jsonl.gz") for name in names}
    events, seal = _newest(connection, stored["events"])
    kept = evidence_dir.with_name(seals.NAME)
    if kept.exists():
        sums[seals.NAME] = _copy_seals(kept, folder / seals.NAME, events)
    papers = stored["evidence"]
    copied, missing = _copy_evidence(connection, papers, evidence_dir, folder) if evidence else ({}, [])
    _write_sums(folder, sums | copied)
    manifest = Manifest(
        made_at=now.isoformat(),
        engine=f"{connection.dialect.name} {'.'.join(map(str, connection.dialect.server_version_info or ()))}".strip(),
        schema=MigrationContext.configure(connection).get_current_revision() or "",
        events=events,
        seal=seal,
        rows=counts,
        files=len(copied),
        sums=manifests.sha256(folder / SUMS),
        missing=missing,
        has_evidence=evidence,
    )
    manifests.write(folder, manifest)
    return manifest


def _make_folder(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(N_("“{folder}” is not empty: name a new folder, one for each backup."), folder=str(folder))
    for each in (folder, folder / TABLES, folder / EVIDENCE):
        private.make_folder(each)


def _tables(connection: Connection) -> list[str]:
    """Names of the tables that are there, what others refer to first; passing things left out."""
    there = set(inspect(connection).get_table_names())
    lasting = (table.name for table in Base.metadata.sorted_tables if not table.info.get("passing"))
    return [name for name in lasting if name in there]


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _newest(connection: Connection, events: Table) -> tuple[int, str]:
    newest = connection.execute(select(events.c.id, events.c.hash).order_by(events.c.id.desc()).limit(1)).first()
    return (newest.id, bytes(newest.hash).hex()) if newest else (0, "")


def _copy_seals(source: Path, target: Path, newest: int) -> str:
    """The kept seals as they were written, without those of events after the ``newest`` one; hex digest of the copy.

    Others write on while a backup is made: their seals are of events that its rows lack.
    """
    with source.open("rb") as lines, private.create(target) as stored:
        stored.writelines(line for line in lines if not _is_later(line, newest))
        flush(stored)
    return manifests.sha256(target)


def _is_later(line: bytes, newest: int) -> bool:
    """Whether a line of the file seals an event after ``newest``; the header and a damaged line do not."""
    event = line.split(b",")[1:2]
    return bool(event) and event[0].isdigit() and int(event[0]) > newest


def _copy_evidence(
    connection: Connection, papers: Table, source: Path, folder: Path
) -> tuple[dict[str, str], list[str]]:
    """Digest by name in the backup, and the names that were not there."""
    named = select(papers.c.stored_as).where(papers.c.stored_as.is_not(None)).order_by(papers.c.id)
    copied, missing = {}, []
    for (name,) in connection.execute(named).all():
        try:
            copied[f"{EVIDENCE}/{name}"] = manifests.copy(source / name, folder / EVIDENCE / name)
        except FileNotFoundError:
            missing.append(name)
    return copied, missing


def _write_sums(folder: Path, sums: dict[str, str]) -> None:
    with private.create(folder / SUMS) as file:
        file.writelines(f"{digest}  {name}\n".encode() for name, digest in sums.items())
        flush(file)
    for each in (folder / TABLES, folder / EVIDENCE, folder):
        private.sync_folder(each)
