"""A real IMAP server for tests: Debian's Dovecot, found or installed, started by whoever needs it, as anybody.

``python -m tests.dovecot`` finds or installs it, as ``tests.browser.chromium`` does a browser.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chromium import INSTALL_SECONDS, required
from tests.browser.driver import free_port

PASSWORD = "mật-khẩu-hộp-thư"
PLACES = ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot")
UNPRIVILEGED = "default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}"
"""Whoever is not root has no other users; root has those of the package, and may not log in as itself."""
STARTS_IN = 20  # seconds
CONF = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
{unprivileged}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Mailbox:
    """The mailbox of one user: the port of its server on this machine, and the folder into which mails are put."""

    port: int
    user: str
    folder: Path

    def receive(self, raw: bytes) -> None:
        """A mail arrives, as a mail server delivers it: written beside and moved in.

        Dovecot numbers what is new by the seconds and microseconds in its names.
        """
        seconds, micros = divmod(time.time_ns() // 1_000, 1_000_000)
        name = f"{seconds}.M{micros:06}P{os.getpid()}.tests"
        written = self.folder / "tmp" / name
        written.write_bytes(raw)
        _give(written, _server_user())
        written.rename(self.folder / "new" / name)


@dataclass(frozen=True)
class Server:
    """A running server, which knows any user by ``PASSWORD``."""

    port: int
    folder: Path

    def mailbox(self, user: str) -> Mailbox:
        """A new mailbox of its own."""
        folder = self.folder / user
        for path in (folder, *(folder / name for name in ("cur", "new", "tmp"))):
            path.mkdir()
            _give(path, _server_user())
        return Mailbox(self.port, user, folder)


def _server_user() -> pwd.struct_passwd:
    """Whom mailboxes belong to: whoever runs the tests, but Dovecot serves no root."""
    return pwd.getpwuid(os.getuid()) if os.geteuid() else pwd.getpwnam("nobody")


def _give(path: Path, to: pwd.struct_passwd) -> None:
    if not os.geteuid():
        os.chown(path, to.pw_uid, to.pw_gid)


def find() -> str | None:
    """Where Dovecot is."""
    return shutil.which("dovecot") or next((place for place in PLACES if Path(place).exists()), None)


@contextmanager
def served() -> Iterator[Server]:
    """A server of one's own, which needs no rights and ends with the test."""
    program = find()
    assert program is not None, "no Dovecot: python -m tests.dovecot"
    with tempfile.TemporaryDirectory(prefix="imap-", dir="/tmp") as made:
        folder, port, me = Path(made), free_port(), _server_user()
        _give(folder, me)
        whose = {"user": me.pw_name, "group": grp.getgrgid(me.pw_gid).gr_name}
        unprivileged = UNPRIVILEGED.format_map(whose) if os.geteuid() else ""
        values = {"folder": folder, "port": port, "password": PASSWORD, "unprivileged": unprivileged, **whose}
        conf = folder / "dovecot.conf"
        conf.write_text(CONF.format_map(values), encoding="utf-8")
        server = subprocess.Popen(
            [program, "-F", "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait(port, server, folder)
            yield Server(port, folder)
        finally:
            server.terminate()
            server.wait(STARTS_IN)


def _wait(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    give_up = time.monotonic() + STARTS_IN
    while time.monotonic() < give_up and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                if connection.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    log = folder / "log"
    raise AssertionError(f"Dovecot did not start: {log.read_text() if log.exists() else server.poll()}")


def main() -> int:
    """0 when it is there, or when its tests may be left out; 1 on CI without it."""
    if find() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Dovecot found; installing it for the tests of mailboxes ...", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "dovecot-imapd"]):
            subprocess.run(["apt-get", *command], env=quiet, capture_output=True, timeout=INSTALL_SECONDS, check=False)
    if find() is not None:
        return 0
    print("No Dovecot could be found or installed (Debian: apt-get install dovecot-imapd).")
    return 1 if required() else 0


if __name__ == "__main__":
    sys.exit(main())
