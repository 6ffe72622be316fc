"""What the environment decides, read once at the edges and refused with a sentence when it makes no sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import quote, urlsplit

from core.errors import NotReady
from core.i18n import N_

SESSION_COOKIE = "pops_session"
PERSON_HEADER = "x-pops-person"
"""Who opened a websocket, told to Streamlit by the gate (`server.trustedUserHeaders`); from a browser it is dropped."""
ROOT = Path(__file__).resolve().parent.parent
DATABASE_URL = re.compile(r"sqlite:///.|postgres(ql)?(\+psycopg)?://.")
MAX_PORT = 65_535
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.?")
LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 (named, not bound to)
LOCAL = ("localhost", LOOPBACK, "::1")
YES_NO = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the register and its files are stored, and how the program is reached."""

    database_url: str
    data_dir: Path
    host: str = LOOPBACK  # the address the server listens on
    port: int = 8501
    base_url: str | None = None  # scheme://host[:port] people type, when a proxy stands in front
    secure_cookie: bool | None = None  # None: as the request came, https or not
    log_format: str = "text"  # or json
    trusted_proxies: tuple[Network, ...] = ()  # whose X-Forwarded-For and X-Forwarded-Proto are believed
    worker: bool = True  # whether this process may be the worker that sends messages
    metrics_token: str = ""  # what opens /metrics; empty: nothing does

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from ``environ``; docs/deployment.md lists the variables.

        An empty value counts as not set. Raises NotReady naming the variable.
        """
        given = {name: value for name, value in environ.items() if value}
        data_dir = _data_dir(given.get("DATA_DIR"))
        return cls(
            database_url=_database_url(given.get("DATABASE_URL", f"sqlite:///{data_dir / 'complaints.db'}")),
            data_dir=data_dir,
            host=_host(given.get("HOST", LOOPBACK)),
            port=_port(given.get("PORT", "8501")),
            base_url=_base_url(given["BASE_URL"]) if "BASE_URL" in given else None,
            secure_cookie=_yes_no("SECURE_COOKIE", given["SECURE_COOKIE"]) if "SECURE_COOKIE" in given else None,
            log_format=_log_format(given.get("LOG_FORMAT", "text")),
            trusted_proxies=_networks("TRUSTED_PROXIES", given.get("TRUSTED_PROXIES", "")),
            worker=_yes_no("WORKER", given.get("WORKER", "on")),
            metrics_token=_metrics_token(given.get("METRICS_TOKEN", "")),
        )

    @property
    def evidence_dir(self) -> Path:
        """The folder of the evidence files."""
        return self.data_dir / "evidence"

    @property
    def address(self) -> str:
        """``scheme://host[:port]`` as a person types it."""
        if self.base_url:
            return self.base_url
        host = "localhost" if self.host in (*EVERY_ADDRESS, *LOCAL) else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def forwarded_allow_ips(self) -> str:
        """``trusted_proxies`` as uvicorn reads it, IPv4 also as an IPv6 socket shows it (::ffff:10.0.0.1)."""
        mapped = [
            f"::ffff:{net.network_address}/{96 + net.prefixlen}"
            for net in self.trusted_proxies
            if isinstance(net, IPv4Network)
        ]
        return ",".join([*map(str, self.trusted_proxies), *mapped])

    @property
    def is_https(self) -> bool:
        """Whether people type https, as far as ``BASE_URL`` tells."""
        return self.address.startswith("https:")

    def knows_host(self, name: str) -> bool:
        """Whether a request may name ``name`` (without port) as the host it is for.

        Known are the host of ``BASE_URL``, this machine itself (localhost, 127.0.0.1, ::1), and what ``HOST`` listens
        on. Where that is every address, any address in figures is known too: only a *name* can be pointed at this
        server by somebody else, to read it with a person's browser.
        """
        name = name.lower().rstrip(".")
        if name in (*LOCAL, self.host.lower().rstrip("."), urlsplit(self.base_url or "").hostname):
            return True
        return self.host in EVERY_ADDRESS and _is_address(name)


def _data_dir(value: str | None) -> Path:
    if value is not None and ("\0" in value or Path(value).expanduser().is_file()):
        raise NotReady(N_("DATA_DIR must be a folder, and “{value}” is a file."), value=value.replace("\0", "?"))
    return Path(value or ROOT / "data").expanduser().resolve()


def _host(value: str) -> str:
    if not _is_address(value) and not HOST_NAME.fullmatch(value):
        raise NotReady(
            N_(
                "HOST must be the address to listen on, such as 127.0.0.1 (this machine only) or 0.0.0.0 "
                "(every network), not “{value}”."
            ),
            value=value,
        )
    return value


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _networks(name: str, value: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as nonsense:
        raise NotReady(
            N_("{name} must list addresses or networks of your proxies, such as 127.0.0.1, 10.0.0.0/8, not “{value}”."),
            name=name,
            value=value,
        ) from nonsense


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


def _base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_named = HOST_NAME.fullmatch(parts.hostname or "") or _is_address(parts.hostname or "")
        is_plain = parts.port != 0 and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        is_named = is_plain = False
    if not (is_named and is_plain and parts.scheme in ("http", "https")):
        raise NotReady(N_("BASE_URL must look like https://complaints.example.vn, not “{value}”."), value=value)
    if parts.path not in ("", "/"):
        raise NotReady(
            N_(
                "BASE_URL must not have a path such as “{path}”: the register needs a host name of its own, "
                "for example https://complaints.example.vn."
            ),
            path=parts.path,
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _log_format(value: str) -> str:
    if value not in ("text", "json"):
        raise NotReady(N_("LOG_FORMAT must be text or json, not “{value}”."), value=value)
    return value


def _metrics_token(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9_~+/=.-]{16,}", value):  # never quoted: it is a secret
        raise NotReady(N_("METRICS_TOKEN must be at least 16 letters and digits."))
    return value


def _yes_no(name: str, value: str) -> bool:
    if value.lower() not in YES_NO:
        raise NotReady(N_("{name} must be yes or no, not “{value}”."), name=name, value=value)
    return YES_NO[value.lower()]


def sign_in_link(wanted: str) -> str:
    """The address of the sign-in form that leads on to ``wanted``, a path of this server with its query."""
    return "/sign-in" if wanted == "/" else "/sign-in?next=" + quote(wanted, safe="/")
