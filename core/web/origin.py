"""Where a request comes from and where it may go on to: the same site, nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection

from core.settings import Settings

HOME = "/"
MAX_ADDRESS = 2_000  # signs; every browser and proxy passes so many
DELETE = "\x7f"  # a control character like all before the space


def is_known_host(headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether ``Host`` is a name this server answers to (``Settings.knows_host``), whatever its port.

    A port is not compared: a tunnel or a container may lead from another one.
    """
    host = headers.get("host", "")
    try:
        parts = urlsplit(f"//{host}")
        name, _port = parts.hostname, parts.port  # reading the port refuses one that is no number
    except ValueError:
        return False
    is_bare = parts.netloc == host and "@" not in host
    return is_bare and name is not None and settings.knows_host(name)


def is_same_origin(headers: Mapping[str, str], base_url: str | None = None) -> bool:
    """Whether a POST was sent by a page of this server.

    ``Sec-Fetch-Site`` decides where the browser sends it (https and localhost): ``same-origin`` only, so neither
    another site nor a neighbouring subdomain. Otherwise ``Origin`` must name the host of the request, or ``base_url``.
    A request with neither header is refused: every browser of the last years sends one of them with a POST, and no
    program needs these routes (the command line does the same without them).
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return has_own_origin(headers, base_url)


def has_own_origin(headers: Mapping[str, str], base_url: str | None = None) -> bool:
    """Whether ``Origin`` names the host of the request, or ``base_url``; every browser sends it with a websocket."""
    try:
        origin = urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    hosts = {headers.get("host", "").lower(), urlsplit(base_url or "").netloc.lower()} - {""}
    return origin.scheme in ("http", "https") and origin.netloc.lower() in hosts


def own_path(connection: HTTPConnection) -> str:
    """The path that was asked for, quoted for a link; the first page where a browser would read a host (``//host``)."""
    path = quote(connection.scope["path"])
    return path if path.startswith("/") and not path.startswith("//") else HOME


def own_address(connection: HTTPConnection) -> str:
    """``own_path`` with the query as it was sent."""
    return own_path(connection) + (f"?{connection.url.query}" if connection.url.query else "")


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: ``wanted`` when it is a path of this server with its query, else the first page.

    Refused: other schemes and hosts, ``//host``, backslashes (browsers read them as slashes), control characters,
    and the sign-in routes themselves, which would lead in a circle.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > MAX_ADDRESS:
        return HOME
    if "\\" in wanted or any(sign <= " " or sign == DELETE for sign in wanted):
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path.split("/")[1] in ("sign-in", "sign-out", "setup", "invite"):
        return HOME
    return wanted
