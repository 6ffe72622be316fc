"""Keys of the intake API (D41): each made for one channel, shown once, revoked by an administrator."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, cast
from urllib.parse import urlsplit

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.figures.said import one_line
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import LoggedEvent, Subject
from core.register.log.tables import ApiKey, Person
from core.register.people import accounts
from core.rules.calendar import whole_second
from core.rules.catalogue import is_offered

SUBJECT = "api_key"
MADE, REVOKED = "made", "revoked"
CREATE, FOLLOW = "create", "follow"
SCOPES = (CREATE, FOLLOW)
"""What a key may do: log complaints; read where they stand and send what the customer says."""
PREFIX, RANDOM = "pops_", 32  # bytes: 256 bits, so a plain SHA-256 keeps it
LONGEST_NAME, MOST_ORIGINS = 80, 10
USED_EVERY = timedelta(minutes=5)
"""How old the time of the last use may be."""
ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
LOCAL = ("localhost", "127.0.0.1")


class KeyRow(TypedDict):
    """The columns of ``api_keys`` that follow from the log."""

    id: int
    name: str
    channel: str
    scopes: str
    origins: str
    digest: bytes
    made_at: datetime
    made_by: int | None
    revoked_at: datetime | None
    revoked_by: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A key before it is made. ``origins``: the sites whose pages hold it, where everybody can read it there."""

    name: str
    channel: str
    scopes: tuple[str, ...] = SCOPES
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A key as a request shows it: what it may do, and for which channel."""

    id: int
    channel: str
    scopes: tuple[str, ...]
    origins: tuple[str, ...]

    @property
    def is_public(self) -> bool:
        """Whether it stands in the pages of a site, where everybody reads it."""
        return bool(self.origins)


def make(session: Session, wanted: Draft, act: Act) -> str:
    """A new key; only its digest is kept, so it is told now or never.

    Raises NotAllowed, and Invalid with what to mend (``name``, ``channel``, ``scopes``, ``origins``).
    """
    accounts.check_may(session, act, "manage_keys")
    name, wrong = _checked(session, wanted)
    if wrong:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), wrong)
    key = PREFIX + secrets.token_urlsafe(RANDOM)
    row = KeyRow(
        id=(session.scalar(select(func.max(ApiKey.id))) or 0) + 1,
        name=name,
        channel=wanted.channel,
        scopes=" ".join(scope for scope in SCOPES if scope in wanted.scopes),
        origins=" ".join(dict.fromkeys(wanted.origins)),
        digest=digest(key),
        made_at=act.stamp.happened_at,
        made_by=act.actor_id,
        revoked_at=None,
        revoked_by=None,
    )
    said = {name: row[name] for name in ("name", "channel", "scopes", "origins")}
    seal.append(session, Subject(SUBJECT, row["id"]), MADE, said | {"digest": row["digest"].hex()}, act.stamp)
    session.execute(insert(ApiKey).values(**row, last_used_at=None))
    return key


def revoke(session: Session, key_id: int, act: Act) -> None:
    """It opens nothing from now on. Raises NotAllowed, NotFound."""
    accounts.check_may(session, act, "manage_keys")
    found = session.get(ApiKey, key_id)
    if found is None:
        raise NotFound(N_("There is no such key: look at the page again."))
    if found.revoked_at is not None:
        raise NotAllowed(N_("Somebody revoked this key already."))
    seal.append(session, Subject(SUBJECT, key_id), REVOKED, {}, act.stamp)
    its = update(ApiKey).where(ApiKey.id == key_id)
    session.execute(its.values(revoked_at=act.stamp.happened_at, revoked_by=act.actor_id))


def every(session: Session) -> list[tuple[ApiKey, str]]:
    """Every key with the name of who made it, those in use first, the newest first."""
    rows = select(ApiKey, Person.name).outerjoin(Person, Person.id == ApiKey.made_by)
    found = [(key, name or "") for key, name in session.execute(rows.order_by(ApiKey.id.desc()))]
    return sorted(found, key=lambda one: one[0].revoked_at is not None)


def names(session: Session, key_ids: Iterable[int]) -> dict[int, str]:
    """Id → name of these keys, revoked ones too."""
    wanted = set(key_ids)
    if not wanted:
        return {}
    rows = session.execute(select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def recognise(session: Session, key: str) -> Key | None:
    """What ``key`` may do; None for one that was never made or is revoked."""
    columns = ApiKey.id, ApiKey.channel, ApiKey.scopes, ApiKey.origins
    its = select(*columns).where(ApiKey.digest == digest(key), ApiKey.revoked_at.is_(None))
    row = session.execute(its).first()
    return row and Key(row.id, row.channel, tuple(row.scopes.split()), tuple(row.origins.split()))


def is_site(session: Session, origin: str) -> bool:
    """Whether a key in use stands in the pages of ``origin``."""
    found = session.scalars(select(ApiKey.origins).where(ApiKey.revoked_at.is_(None), ApiKey.origins != ""))
    return any(origin in origins.split() for origins in found)


def check_in_use(session: Session, key_ids: Iterable[int], now: datetime) -> None:
    """Note that these keys are used now; NotAllowed where one was revoked meanwhile."""
    for key_id in set(key_ids):
        columns = select(ApiKey.revoked_at, ApiKey.last_used_at).where(ApiKey.id == key_id)
        revoked_at, used_at = session.execute(columns).one()
        if revoked_at is not None:
            raise NotAllowed(REFUSED)
        if used_at is None or now - used_at >= USED_EVERY:
            session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))


REFUSED = N_("The key is missing, wrong or revoked: send “Authorization: Bearer …” with a key of an administrator.")


def digest(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def fold(key_id: int, events: Iterable[LoggedEvent]) -> Mapping[str, object]:
    """The events of one key, oldest first → its row."""
    row: KeyRow | None = None
    for event in events:
        said, at = cast("Mapping[str, str]", seal.read(event.payload)), whole_second(event.happened_at)
        if event.kind == MADE:
            row = KeyRow(
                id=key_id,
                name=said["name"],
                channel=said["channel"],
                scopes=said["scopes"],
                origins=said["origins"],
                digest=bytes.fromhex(said["digest"]),
                made_at=at,
                made_by=event.actor_id,
                revoked_at=None,
                revoked_by=None,
            )
        elif row is not None and event.kind == REVOKED:
            row["revoked_at"], row["revoked_by"] = at, event.actor_id
    if row is None:
        raise Invalid("A key begins with being made.")
    return row


def origins_of(typed: str) -> tuple[str, ...]:
    """The sites of a text, one a line or with blanks or commas between, as browsers write them."""
    return tuple(word.rstrip("/").lower() for word in typed.replace(",", " ").split())


def _checked(session: Session, wanted: Draft) -> tuple[str, dict[str, str]]:
    name, problem = one_line(wanted.name, LONGEST_NAME)
    wrong = {}
    if not name:
        wrong["name"] = N_("Say which program or site uses it.")
    elif problem:
        wrong["name"] = problem
    if not is_offered(rulebook.catalogues(session).channels, wanted.channel):
        wrong["channel"] = N_("Choose the channel its complaints come through.")
    if not wanted.scopes or not set(SCOPES).issuperset(wanted.scopes):
        wrong["scopes"] = N_("Choose what it may do.")
    elif wanted.origins and wanted.scopes != (CREATE,):
        wrong["scopes"] = N_("Everybody can read a key that stands in a page: it may log complaints and nothing else.")
    if len(wanted.origins) > MOST_ORIGINS or not all(map(_is_origin, wanted.origins)):
        wrong["origins"] = N_("Give each site as https://www.example.vn, without a path; at most ten.")
    return name, wrong


def _is_origin(text: str) -> bool:
    """``https://host[:port]``; http on this machine alone, for trying."""
    if not ORIGIN.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" or parts.hostname in LOCAL
