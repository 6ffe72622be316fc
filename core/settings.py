"""What the environment decides, read once at the edges and refused with a sentence when it makes no sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import NotReady
from core.i18n import N_

SESSION_COOKIE = "pops_session"
ROOT = Path(__file__).resolve().parent.parent
PROCEDURE_KEY = re.compile(r"[a-z][a-z0-9-]{1,30}")
DATABASE_URL = re.compile(r"sqlite:///.|postgres(ql)?(\+psycopg)?://.")
MAX_PORT = 65_535
YES_NO = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the register and its files are stored, and how the program is reached."""

    database_url: str
    data_dir: Path
    port: int = 8501
    procedure: str = "pops"
    base_url: str | None = None  # scheme://host[:port] people type, when a proxy stands in front
    secure_cookie: bool | None = None  # None: as the request came, https or not

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from ``environ`` (DATABASE_URL, DATA_DIR, PORT, POPS_PROCEDURE, BASE_URL, SECURE_COOKIE).

        An empty value counts as not set. Raises NotReady naming the variable.
        """
        data_dir = Path(environ.get("DATA_DIR") or ROOT / "data").expanduser().resolve()
        return cls(
            database_url=_database_url(environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'complaints.db'}"),
            data_dir=data_dir,
            port=_port(environ.get("PORT") or "8501"),
            procedure=_procedure(environ.get("POPS_PROCEDURE") or "pops"),
            base_url=_base_url(environ["BASE_URL"]) if environ.get("BASE_URL") else None,
            secure_cookie=_yes_no("SECURE_COOKIE", environ["SECURE_COOKIE"]) if environ.get("SECURE_COOKIE") else None,
        )

    @property
    def evidence_dir(self) -> Path:
        """The folder of the evidence files."""
        return self.data_dir / "evidence"

    @property
    def address(self) -> str:
        """``scheme://host[:port]`` as a person types it."""
        return self.base_url or f"http://localhost:{self.port}"


def _database_url(value: str) -> str:
    if not DATABASE_URL.match(value):  # never quoted: it may hold a password
        raise NotReady(
            N_(
                "DATABASE_URL must look like sqlite:////folder/complaints.db or postgresql+psycopg://user:password@host/name."
            )
        )
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MAX_PORT:
        raise NotReady(N_("PORT must be a number from 1 to 65535, not “{value}”."), value=value)
    return int(value)


def _procedure(value: str) -> str:
    if not PROCEDURE_KEY.fullmatch(value):
        raise NotReady(N_("POPS_PROCEDURE must be the key of a procedure such as pops, not “{value}”."), value=value)
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/") or parts.query:
        raise NotReady(N_("BASE_URL must look like https://complaints.example.vn, not “{value}”."), value=value)
    return f"{parts.scheme}://{parts.netloc}"


def _yes_no(name: str, value: str) -> bool:
    if value.lower() not in YES_NO:
        raise NotReady(N_("{name} must be yes or no, not “{value}”."), name=name, value=value)
    return YES_NO[value.lower()]
