"""Servers of a test's own on this machine that take what the register sends: a mail server, and one for webhooks."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar


@dataclass
class MailSink:
    """What came, in order; ``answers``: command → reply it gives instead of 250. ``hangs_up``: after a whole message,
    without an answer.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


class _Mail(socketserver.StreamRequestHandler):
    sink: ClassVar[MailSink]

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline():
            command = line.decode("ascii", "replace").strip().upper().split(" ")[0].split(":")[0]
            if command == "QUIT":
                self._say("221 bye")
                return
            if command == "DATA" and "DATA" not in self.sink.answers:
                self._say("354 go on")
                self._take()
                if self.sink.hangs_up:
                    return
            self._say(self.sink.answers.get(command, "250 ok"))

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        if "." not in self.sink.answers:
            mail = message_from_bytes(b"".join(lines), policy=default)
            assert isinstance(mail, EmailMessage)
            self.sink.mails.append(mail)

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_sink(sink: MailSink | None = None) -> Iterator[MailSink]:
    """A mail server that takes everything; on the port of ``sink`` where that was there before."""
    sink = sink or MailSink()
    handler = type("Handler", (_Mail,), {"sink": sink})
    with _Threads(("127.0.0.1", sink.port), handler) as server:
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield sink
        server.shutdown()


@dataclass
class HookSink:
    """What came: headers and body; ``status``: what it answers."""

    port: int = 0
    status: int = 204
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?room=1"


@contextmanager
def hook_sink() -> Iterator[HookSink]:
    """A server for webhooks."""
    sink = HookSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(sink.status)
            self.end_headers()

        def log_message(self, *_given: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield sink
        server.shutdown()
