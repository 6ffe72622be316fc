"""The server under attack: a register with sample complaints, and visitors of it as a browser would be."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from sqlalchemy import delete
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import FailedSignIn
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE, Settings
from tests.browser.driver import Server, served

PASSWORD = "ba con mèo đen 7"
SAMPLE = 500
PATIENCE = 120  # seconds for one answer, on a machine that does other work too
BROWSER = {"accept": "text/html,*/*;q=0.8"}
FROM_HERE = {"sec-fetch-site": "same-origin"}


@dataclass
class Visitor:
    """Somebody at a browser, signed in or not."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """The cookie header; empty for a stranger."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"cookie": cookie} if cookie else {}

    def client(self) -> httpx2.Client:
        """An HTTP client with this visitor's cookies."""
        # Without certificates, which nobody asks for here: reading them would cost more than the attack.
        return httpx2.Client(
            base_url=self.url, headers=BROWSER | self.headers, timeout=PATIENCE, trust_env=False, verify=False
        )

    def sign_in(self, login: str, password: str) -> httpx2.Response:
        """Post the form."""
        with self.client() as client:
            return client.post("/sign-in", data={"login": login, "password": password}, headers=FROM_HERE)

    @contextmanager
    def tab(self, **handshake: str) -> Iterator[Tab]:
        """An open tab: its websocket.

        ``handshake``: headers instead of the usual (``origin``, ``host``), and ``resume``, the number of a tab to be.
        """
        resume = handshake.pop("resume", "")
        origin, address = handshake.pop("origin", self.url), urlsplit(self.url)
        host = handshake.pop("host", address.netloc)
        stream = connect(
            f"ws://{host}/_stcore/stream",
            sock=socket.create_connection((address.hostname, address.port), PATIENCE),
            origin=origin or None,  # type: ignore[arg-type] # any text is tried
            additional_headers=self.headers | handshake,
            subprotocols=["streamlit", *(["-", resume] if resume else [])],  # type: ignore[list-item] # plain strings
            open_timeout=PATIENCE,
            proxy=None,
            max_size=None,
        )
        with stream:
            yield Tab(stream)


@dataclass
class Tab:
    """One tab of a browser."""

    stream: ClientConnection
    session_id: str = ""

    def open(self, page: str, query: str = "") -> list[ForwardMsg]:
        """Run ``page`` (its address without the slash) and return everything that came until it was drawn."""
        back = BackMsg()
        back.rerun_script.page_name = page
        back.rerun_script.query_string = query
        self.stream.send(back.SerializeToString())
        return list(self._until_drawn())

    def _until_drawn(self) -> Iterator[ForwardMsg]:
        while True:
            data = self.stream.recv(timeout=PATIENCE)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id or self.session_id
            yield message
            if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return


def shown(messages: list[ForwardMsg]) -> str:
    """Everything that was sent for the screen, as one text to look for words in."""
    return "\n".join(str(message.delta) for message in messages if message.WhichOneof("type") == "delta")


@dataclass
class Target:
    """The running server, its register, and one signed-in visitor per role asked for."""

    server: Server
    register: Register

    def stranger(self) -> Visitor:
        """Somebody who is not signed in."""
        return Visitor(self.server.url)

    def person(self, role: str, login: str = "") -> Visitor:
        """Somebody of that role with a session of their own; the account is made when it is not there."""
        login, now = login or role, datetime.now(UTC)
        with self.register.write() as session:
            known = {person.login: person for person in accounts.list_people(session)}
            department = "payment" if role == "handler" else None
            account = Account(login, login.title(), role, department)
            person = known.get(login) or accounts.add(session, account, PASSWORD, Act(None, now))
            token = sign_ins.open_session(session, person.id, now=now)
        return Visitor(self.server.url, {SESSION_COOKIE: token})

    def forgive(self) -> None:
        """Give every address and name its tries back, so that what follows is not only told to wait."""
        with self.register.write() as session:
            session.execute(delete(FailedSignIn))

    def cookies_of_streamlit(self, visitor: Visitor) -> None:
        """Let ``visitor`` have the cookies that Streamlit hands out with a page, which its uploads need."""
        with visitor.client() as client:
            answer = client.get("/_stcore/health")
        for header in answer.headers.get_list("set-cookie"):
            visitor.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}


@contextmanager
def target(folder: Path, sample: int = SAMPLE, extra: Mapping[str, str] | None = None) -> Iterator[Target]:
    """A server over a new register in ``folder``; ``extra``: environment variables."""
    with served(folder / "data", **extra or {}) as server:
        if sample:
            server.command("setup", "--admin", "Quản Trị", "--password-stdin", "--sample", str(sample), stdin=PASSWORD)
        else:
            server.command("setup", "--admin", "Quản Trị", "--password-stdin", stdin=PASSWORD)
        settings = Settings.from_env(server.environment)
        register = open_register(settings.database_url, settings.evidence_dir)
        try:
            yield Target(server, register)
        finally:
            register.engine.dispose()
