"""Whether the port is free, before the server tries it and ends without saying what to do."""

from __future__ import annotations

import errno
import socket

from core.errors import NotReady
from core.i18n import N_

OTHERS = 20  # ports tried after the one that is taken, to name one that is free


def check_free(host: str, port: int) -> None:
    """Raise NotReady with what to do when nothing can listen on ``host`` and ``port``."""
    reason = _refusal(host, port)
    if reason in (0, errno.EAFNOSUPPORT):
        return
    if reason == errno.EADDRINUSE:
        free = next((other for other in range(port + 1, port + OTHERS) if _refusal(host, other) == 0), port + 1)
        raise NotReady(
            N_("Port {port} is taken: end the program that listens there, or choose another: PORT={free} make run"),
            port=port,
            free=free,
        )
    if reason == errno.EACCES:
        raise NotReady(
            N_("This user may not listen on port {port}: choose one above 1023, such as PORT=8501."), port=port
        )
    raise NotReady(N_("{host} is no address of this machine: set HOST=127.0.0.1, or leave it out."), host=host)


def _refusal(host: str, port: int) -> int:
    """0, or the number of the error that listening there gives."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    except OSError as refused:
        return refused.errno or errno.EADDRNOTAVAIL
    return 0
