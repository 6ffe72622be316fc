"""What must be mended of an outlet before it can be used (D42)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

from core.i18n import N_
from core.rules.messages import FILE, IMAP, NO_TLS, OUTLETS, SMTP, STARTTLS, TLS, WEBHOOK
from core.rules.text import keepable

LONGEST_NAME, LONGEST_VALUE = 60, 500
SHORTEST_SECRET = 16
_HOST = (
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:.]+\])"
)
_URL = re.compile(rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::\d{{1,5}})?(?:[/?][!-~]*)?")
_FOLDER = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ADDRESS = re.compile(rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{_HOST}")
_MAX_PORT = 65_535


def is_here(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_address(text: str) -> bool:
    """Whether ``text`` is one e-mail address as servers take it: ASCII, no name, no list."""
    return _ADDRESS.fullmatch(text) is not None and ".." not in text and "." in text.rpartition("@")[2]


ADDRESS_RULE = N_("Type one e-mail address, such as lan@pops.example")


def problems(kind: str, name: str, values: Mapping[str, str], secret: str | None) -> dict[str, str]:
    """Field → sentence template for everything that must be mended before such an outlet can be used.

    ``secret``: None where there is none.
    """
    known = OUTLETS[kind]
    found: dict[str, str] = {}
    if not 1 <= len(name) <= LONGEST_NAME or keepable(name) != name:
        found["name"] = N_("Type a name of at most 60 characters")
    for field in known.values:
        value = values.get(field, "")
        if (not value and field not in known.optional) or len(value) > LONGEST_VALUE:
            found[field] = N_("Fill this in")
    if known.needs_secret and (secret is None or len(secret) < SHORTEST_SECRET):
        found["secret"] = N_("Type a secret of at least 16 characters")
    return found | {field: text for field, text in _CHECKS[kind](values, secret).items() if field not in found}


def _server(values: Mapping[str, str]) -> dict[str, str]:
    """What must be mended of server, port and encryption."""
    found: dict[str, str] = {}
    server, port = values.get("server", ""), values.get("port", "")
    if not re.fullmatch(_HOST, server):
        found["server"] = N_("Type the name of the mail server, such as smtp.pops.example")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= _MAX_PORT):
        found["port"] = N_("Type a port from 1 to 65535")
    if values.get("tls") not in (STARTTLS, TLS, NO_TLS):
        found["tls"] = N_("Choose how the connection is secured")
    elif values["tls"] == NO_TLS and "server" not in found and not is_here(server):
        found["tls"] = N_("Without TLS only a server on this machine can be used: anybody on the way could read along")
    return found


def _smtp(values: Mapping[str, str], secret: str | None) -> dict[str, str]:
    found = _server(values)
    if not is_address(values.get("sender", "")):
        found["sender"] = ADDRESS_RULE
    if values.get("reply_to") and not is_address(values["reply_to"]):
        found["reply_to"] = ADDRESS_RULE
    if values.get("user") and not secret:
        found["secret"] = N_("Type the password that belongs to the user name")
    return found


def _imap(values: Mapping[str, str], secret: str | None) -> dict[str, str]:
    return _server(values) | ({} if secret else {"secret": N_("Type the password that belongs to the user name")})


def _webhook(values: Mapping[str, str], _secret: str | None) -> dict[str, str]:
    parts = _URL.fullmatch(values.get("url", ""))
    if parts is None or (parts["scheme"] == "http" and not is_here(parts["host"])):
        return {"url": N_("Type an address that begins with https://")}
    return {}


def _file(values: Mapping[str, str], _secret: str | None) -> dict[str, str]:
    if _FOLDER.fullmatch(values.get("folder", "")):
        return {}
    return {"folder": N_("Type a name of small letters, digits and -, such as trial")}


_CHECKS = {SMTP: _smtp, WEBHOOK: _webhook, FILE: _file, IMAP: _imap}
