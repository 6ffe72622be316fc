"""Bring a backup back into an empty register: whole or not at all, whatever stops it in between.

A mark stands in the data folder from the first step to the last; nothing opens the register while it stands. On SQLite
the database is made beside its place and put there by one renaming, on PostgreSQL everything is one transaction, so the
same restore can simply be run again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from core.errors import NotReady, Unavailable
from core.i18n import N_
from core.register.backup import manifest as manifests
from core.register.backup import rows
from core.register.backup.manifest import EVIDENCE, TABLES, Manifest
from core.register.case import search_index
from core.register.log import database, failures, private, seal, seals, transaction
from core.register.log.act import Act
from core.register.log.database import RESTORING
from core.register.log.seal import Subject
from core.register.log.tables import Event, SearchText
from core.register.rulebook import Rulebook
from core.rules.calendar import local_day

Progress = Callable[[int, int], None]


def restore(url: str, evidence_dir: Path, folder: Path, *, now: datetime, progress: Progress | None = None) -> Manifest:
    """Bring the backup in ``folder`` to ``url`` and ``evidence_dir``; the log gets an event that says so.

    Raises NotReady for a backup that is unfinished, damaged or of a newer program, and where a register stands already;
    Unavailable where the database or a disk does not work.
    """
    with failures.explained(url):
        return _restore(url, evidence_dir, folder, manifests.read(folder), now, progress)


def _restore(
    url: str, evidence_dir: Path, folder: Path, manifest: Manifest, now: datetime, progress: Progress | None
) -> Manifest:
    database.expect_known(manifest.schema)
    mark = evidence_dir.with_name(RESTORING)
    if _is_there(url):
        if not (mark.exists() and _came_from(url, manifest)):
            raise NotReady(N_("There is a register already: restore into an empty database, or move the old one away."))
        mark.unlink()  # stopped after its last step
        return manifest
    if not manifest.has_evidence and manifest.rows.get("evidence") and not evidence_dir.is_dir():
        raise NotReady(N_("This backup holds no evidence files: put the folder “evidence” back first."))
    private.make_folder(evidence_dir)
    mark.touch(mode=0o600)
    _bring_files(folder, evidence_dir, manifest, now)
    if make_url(url).get_backend_name() == "sqlite":
        _make_sqlite(url, evidence_dir, folder, manifest, now, progress)
    else:
        _fill(url, evidence_dir, folder, manifest, now, progress)
    mark.unlink()
    return manifest


def _is_there(url: str) -> bool:
    """Whether the database holds any table; an empty or missing SQLite file holds none and is not made by asking.

    A file that is damaged, or no database, is not written over either.
    """
    if (path := _sqlite_path(url)) and (not path.exists() or path.stat().st_size == 0):
        return False
    engine = database.engine_for(url)
    try:
        with failures.explained(url), engine.connect() as connection:
            return bool(inspect(connection).get_table_names())
    except Unavailable as problem:
        if problem.advice != failures.DAMAGED:
            raise
        return True
    finally:
        engine.dispose()


def _came_from(url: str, manifest: Manifest) -> bool:
    """Whether the register at ``url`` is the one that this backup made."""
    engine = database.engine_for(url)
    try:
        with engine.connect() as connection:
            restored = select(Event.payload).where(Event.kind == "restored").order_by(Event.id.desc()).limit(1)
            payload = connection.scalar(restored)
            return payload is not None and seal.read(payload)["seal"] == manifest.seal
    finally:
        engine.dispose()


def _bring_files(folder: Path, evidence_dir: Path, manifest: Manifest, now: datetime) -> None:
    """Evidence files, each under its name only when whole; kept seals, where none of the same events are kept here."""
    for digest, name in manifests.sums(folder):
        kind, _, short = name.partition("/")
        target = evidence_dir / short
        if kind == EVIDENCE and not (target.is_file() and manifests.sha256(target) == digest):
            _bring(folder / name, target)
    kept = evidence_dir.with_name(seals.NAME)
    if _goes_further(kept, manifest):
        kept.replace(_free_name(evidence_dir, now))
    if (folder / seals.NAME).exists() and not kept.exists():
        _bring(folder / seals.NAME, kept)
    private.sync_folder(evidence_dir)


def set_aside(evidence_dir: Path, now: datetime) -> list[Path]:
    """The files of seals that a restore set aside on the local day of ``now``, because they went further than it."""
    return sorted(evidence_dir.parent.glob(f"{Path(seals.NAME).stem}-before-restore-{local_day(now)}*.csv"))


def _free_name(evidence_dir: Path, now: datetime) -> Path:
    count = len(set_aside(evidence_dir, now))
    again = f"-{count + 1}" if count else ""
    return evidence_dir.with_name(f"{Path(seals.NAME).stem}-before-restore-{local_day(now)}{again}.csv")


def _goes_further(kept: Path, manifest: Manifest) -> bool:
    """Whether the file holds a seal of an event after the backup, which is lost, or is damaged."""
    try:
        return any(each.event > manifest.events for each in seals.Seals(kept).read())
    except NotReady:
        return True


def _bring(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    manifests.copy(source, unfinished)
    unfinished.replace(target)


def _sqlite_path(url: str) -> Path | None:
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _make_sqlite(
    url: str, evidence_dir: Path, folder: Path, manifest: Manifest, now: datetime, progress: Progress | None
) -> None:
    """Fill a database beside the place, then rename it; the ``-wal`` of an old database must not join it."""
    target = _sqlite_path(url)
    assert target is not None
    unfinished = target.with_name(f"{target.name}.restoring")
    private.make_folder(target.parent)
    for path in (unfinished, target):
        for tail in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + tail).unlink(missing_ok=True)
    private.create(unfinished).close()
    _fill(f"sqlite:///{unfinished}", evidence_dir, folder, manifest, now, progress)
    with suppress(FileNotFoundError):
        unfinished.with_name(f"{unfinished.name}-shm").unlink()
    assert not unfinished.with_name(f"{unfinished.name}-wal").exists(), (
        "closing writes the log file back and removes it"
    )
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)
    private.sync_folder(target.parent)


def _fill(
    url: str, evidence_dir: Path, folder: Path, manifest: Manifest, now: datetime, progress: Progress | None
) -> None:
    """Schema, rows and the event that says so, in one transaction."""
    wanted, done = sum(manifest.rows.values()), 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, wanted)

    engine = database.engine_for(url)
    try:
        with engine.connect().execution_options(immediate=True) as connection, connection.begin():
            database.upgrade(connection, manifest.schema, now)
            stored = rows.tables(connection, list(manifest.rows))
            for name, count in manifest.rows.items():
                found = rows.load(connection, stored[name], folder / TABLES / f"{name}.jsonl.gz", more)
                assert found == count, f"{name} has {found} rows, the manifest says {count}"
            if inspect(connection).has_table(SearchText.__tablename__):  # else the migration that makes it fills it
                search_index.build(connection)
            if engine.dialect.name == "postgresql":
                _move_sequences(connection, stored.values())
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                transaction.begin(session, evidence_dir, Rulebook())
                payload = {"seal": manifest.seal, "events": manifest.events, "made_at": manifest.made_at}
                seal.append(session, Subject("register", 0), "restored", payload, Act(None, now).stamp)
                session.commit()
    finally:
        engine.dispose()


def _move_sequences(connection: Connection, tables: Iterable[Table]) -> None:
    """PostgreSQL counts ids on its own: the next one must lie behind those that were loaded."""
    for table in tables:
        for column in table.primary_key:
            sequence = connection.scalar(
                text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            )
            newest = connection.scalar(select(func.max(column))) if sequence else None
            if newest:
                connection.execute(text("SELECT setval(:sequence, :newest)"), {"sequence": sequence, "newest": newest})
