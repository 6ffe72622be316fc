"""Naughty texts through every HTTP door: nothing breaks, comes back alive, or puts a line into the headers."""

from __future__ import annotations

import json
import re
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from core.register.api import keys
from core.register.log.act import Act
from core.register.people import accounts, invitations, sign_ins
from core.register.people.accounts import Account
from core.settings import SESSION_COOKIE
from tests.attack.roles import BROKEN
from tests.attack.scenario import Outcome, Scenario
from tests.attack.target import PASSWORD, PATIENCE, Tab, Target, Visitor, shown, target
from tests.engines import postgres_server
from tests.files import PNG
from tests.naughty import TEXTS

# What a door meets beside what a field does (``tests.naughty``): signs of the protocols below it.
BYTES: tuple[bytes, ...] = (
    b"a\r\nX-Evil: 1\r\n\r\n<script>evil</script>",
    b"a\nSet-Cookie: evil=1",
    b"a\rX-Evil: 1",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe\xc0\xaf",
    b"\xed\xa0\x80",  # half of a pair, which is no UTF-8
    b"\xe2\x80\xa8X-Evil: 1",
    b"%0d%0aX-Evil:%201",
    b"%250d%250aX-Evil:%201",
    b"..%2f..%2fetc%2fpasswd",
    b"../../../../etc/passwd",
    b"//evil.example/",
    b"/\\evil.example",
    b"javascript:alert(1)",
    b"';DROP TABLE complaints;--",
    b'"><svg onload=alert(1)>',
    b"{{7*7}}${7*7}<%= 7*7 %>",
    b"9" * 400,
    b"-1",
    b"1e309",
    b"NaN",
    b"2026-99-99",
    b"x" * 6_000,
    "Đ".encode() * 1_500,
)
EVERYTHING = (*(text.encode("utf-8", "surrogatepass") for text in TEXTS), *BYTES)
ALIVE = re.compile(rb"<script>(document|evil)|<svg onload|<img src=x|<b>\xc4\x91|<a href='https://evil", re.IGNORECASE)
EVIL_HEADER = re.compile(rb"^(x-evil|set-cookie: *evil|location: *(https?:)?//evil|location: */\\)", re.IGNORECASE)
MIME = re.compile(rb"^content-type: *text/html", re.IGNORECASE)
PAGES = (
    "complaint",
    "queue",
    "search",
    "explore",
    "breakdown",
    "sla",
    "handling",
    "outcomes",
    "log_complaint",
    "overview",
)
HEADERS = ("Authorization", "Idempotency-Key", "Case-Secret", "Accept-Language", "Origin")
BETWEEN = 20  # texts, fewer than an address has wrong tries
FILTERS = ("code", "q", "from", "to", "channel", "category", "of", "stage", "verdict", "weekday", "columns", "age")


@dataclass(frozen=True)
class Answer:
    """An answer as it came over the line: ``status`` 0 where the server only closed the connection."""

    status: int
    headers: tuple[bytes, ...]
    body: bytes


@dataclass(frozen=True)
class Door:
    """Where a text goes in: ``request`` makes the raw request of it."""

    name: str
    request: Callable[[bytes], bytes]


def raw(verb: str, path: str | bytes, headers: Mapping[str, str | bytes] = {}, body: bytes = b"") -> bytes:
    """A request as it goes over the line, with nothing in it checked or quoted."""
    path = path.encode() if isinstance(path, str) else path
    given = {"Host": "localhost", "Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Connection": "close"}
    lines = [verb.encode() + b" " + path + b" HTTP/1.1"]
    for name, value in {**given, **headers, **({"Content-Length": str(len(body))} if body else {})}.items():
        lines.append(name.encode() + b": " + (value.encode("utf-8", "replace") if isinstance(value, str) else value))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _form(path: str, *fields: str, **known: str) -> Callable[[bytes], bytes]:
    """The text in each of ``fields`` of a posted form, beside what is known."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    def request(text: bytes) -> bytes:
        return raw("POST", path, kind, urlencode({**dict.fromkeys(fields, text), **known}).encode())

    return request


def _query(path: str, *names: str, accept: str = "text/html") -> Callable[[bytes], bytes]:
    return lambda text: raw("GET", f"{path}?{urlencode(dict.fromkeys(names, text))}", {"Accept": accept})


def _header(path: str, name: str) -> Callable[[bytes], bytes]:
    return lambda text: raw("GET", path, {name: text})


def _in_path(start: str) -> Callable[[bytes], bytes]:
    return lambda text: raw("GET", start + quote(text, safe=""))


def _draft(place: str, person_id: int) -> Callable[[bytes], bytes]:
    """The text as form, token, name or value of a draft."""

    def request(text: bytes) -> bytes:
        word = text.decode("utf-8", "surrogateescape")
        sent: dict[str, object] = {
            "person": person_id,
            "form": "log",
            "token": f"naughty-{uuid.uuid4().hex}",
            "fields": {"statement": "x"},
        }
        sent |= (
            {"fields": {word: "x"}} if place == "name" else {"fields": {"statement": word}} if place == "value" else {}
        )
        sent |= {place: word} if place in sent else {}
        return raw("POST", "/drafts", {"Content-Type": "application/json"}, json.dumps(sent).encode())

    return request


def _file_name(session_id: str, token: str) -> Callable[[bytes], bytes]:
    """The text as the name of an uploaded file."""

    def request(text: bytes) -> bytes:
        head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="' + text + b'.png"\r\n'
        body = head + b"Content-Type: image/png\r\n\r\n" + PNG + b"\r\n--edge--\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=edge", "X-Xsrftoken": token}
        return raw("PUT", f"/_stcore/upload_file/{session_id}/{uuid.uuid4()}", kind, body)

    return request


@dataclass(frozen=True)
class Ways:
    """What opens the inner doors: a page of the lead and who that is, a link, a session that owes a step, a key."""

    session_id: str
    token: str
    link: str
    half: str
    lead_id: int
    key: str


def ways(of: Target, lead: Visitor, tab: Tab) -> Ways:
    """New ones; nothing that is sent uses them up."""
    now = datetime.now(UTC)
    tab.open("log_complaint")
    of.cookies_of_streamlit(lead)
    with of.register.write() as session:
        invited, owing = (
            accounts.add(session, Account(f"naughty.{n}", "Người <b>đậm</b> Thử", "agent"), PASSWORD, Act(None, now))
            for n in range(2)
        )
        owing.must_change_password = True
        link = f"/invite?code={invitations.invite(session, invited.id, Act(None, now))}"
        half = sign_ins.begin_session(session, owing.id, now=now)
        key = keys.make(session, keys.Draft("naughty", "web"), Act(None, now))
        who = sign_ins.who(session, lead.cookies.get(SESSION_COOKIE), now=now)
    assert who is not None, "the lead is signed in"
    return Ways(tab.session_id, lead.cookies.get("_streamlit_xsrf", ""), link, half, who.id, key)


def _of(key: str) -> dict[str, str | bytes]:
    return {"Authorization": f"Bearer {key}", "Idempotency-Key": "x", "Content-Type": "application/json"}


def _api(key: str, place: str) -> Callable[[bytes], bytes]:
    """The text in a complaint that a program sends: as a value, a name, or a header of that name."""

    def request(text: bytes) -> bytes:
        word = text.decode("utf-8", "surrogateescape")
        sent: dict[str, object] = {"statement": "x", "category": "content"}
        sent |= {"name": {word: word}, "value": dict.fromkeys(("statement", "product", "sent_at"), word)}.get(place, {})
        headers: dict[str, str | bytes] = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid.uuid4().hex}
        headers |= {"Content-Type": "application/json"} | ({place: text} if place in HEADERS else {})
        return raw("POST", "/api/v1/complaints", headers, json.dumps(sent).encode())

    return request


def _again(path: str, cookie: str = "") -> Callable[[bytes], bytes]:
    """The text as a new password that was typed otherwise the second time, so that it is never taken."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Cookie": cookie} if cookie else {})
    return lambda text: raw("POST", path, headers, urlencode({"password": text, "again": "no", "code": text}).encode())


def doors(known: Ways) -> Iterator[Door]:
    """Every way in over HTTP."""
    yield Door("path", _in_path("/"))
    yield Door("path, unquoted", lambda text: raw("GET", b"/" + text))
    for start in ("/evidence/", "/media/", "/export/", "/static/", "/app/static/", "/component/", "/_stcore/"):
        yield Door(f"path of {start}", _in_path(start))
    yield Door("query of a page", _query("/complaint", *FILTERS))
    yield Door("query, unquoted", lambda text: raw("GET", b"/queue?q=" + text))
    yield Door("query, name", lambda text: raw("GET", f"/queue?{quote(text, safe='')}=1"))
    yield Door("query of /sign-in", _query("/sign-in", "next", "lang"))
    yield Door("query of /sign-in/code", _query("/sign-in/code", "next", "lang"))
    yield Door("query of /invite", _query("/invite", "code", "lang"))
    yield Door("query of /setup", _query("/setup", "code", "lang"))
    for name in (*FILTERS, "dialect", "headers"):
        yield Door(f"export, {name}", _query("/export/complaints.csv", name, accept="text/csv"))
    yield Door("form of /sign-in", _form("/sign-in", "login", "password"))
    yield Door("form of /sign-in, next", lambda text: _form(f"/sign-in?{urlencode({'next': text})}", login="x")(text))
    yield Door("form of /sign-in/code", _form("/sign-in/code", "code"))
    yield Door("form of /sign-in/password", _form("/sign-in/password", "password", "again"))
    yield Door("form of /invite", _form("/invite?code=x", "password", "again", "only_strength"))
    yield Door("form of /setup", _form("/setup?code=x", "login", "name", "password", "sample", "with_sample"))
    yield Door("form, not a form", lambda text: raw("POST", "/sign-in", {}, text or b"x"))
    for name in ("User-Agent", "Accept", "Accept-Language", "Referer", "Origin", "Range", "If-None-Match", "Host"):
        yield Door(f"header {name}", _header("/", name))
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Pops-Person", "Sec-Fetch-Site"):
        yield Door(f"header {name}", _header("/sign-in", name))
    yield Door("cookie of the language", lambda text: raw("GET", "/sign-in", {"Cookie": b"pops_language=" + text}))
    yield Door("cookie of the session", lambda text: raw("GET", "/queue", {"Cookie": b"pops_session=" + text}))
    for place in ("form", "token", "name", "value"):
        yield Door(f"draft, {place}", _draft(place, known.lead_id))
    yield Door("draft, not JSON", lambda text: raw("POST", "/drafts", {}, text or b"x"))
    yield Door("file name", _file_name(known.session_id, known.token))
    for place in ("name", "value", *HEADERS):
        yield Door(f"API, {place}", _api(known.key, place))
    yield Door("API, not JSON", lambda text: raw("POST", "/api/v1/complaints", _of(known.key), text or b"x"))
    yield Door("path of the API", _in_path("/api/v1/complaints/"))
    yield Door("query of the form of a website", _query("/api/v1/form.js", "lang"))
    yield Door("form of /follow", _form("/follow", "code", "secret", "say", "text", "version"))
    yield Door("form of a good link", _again(known.link))
    yield Door("strength at a good link", _form(known.link, "password", "again", "only_strength"))
    yield Door("form of a password that is owed", _again("/sign-in/password", f"pops_session={known.half}"))


def send(visitor: Visitor, request: bytes) -> Answer:
    """Send the request as it is, with the visitor's cookies unless it brings its own."""
    address = urlsplit(visitor.url)
    request = request.replace(b"Host: localhost\r\n", f"Host: {address.netloc}\r\n".encode(), 1)
    if b"\r\nCookie: " not in request and visitor.headers:
        request = request.replace(b"\r\n", f"\r\nCookie: {visitor.headers['cookie']}\r\n".encode(), 1)
    with socket.create_connection((address.hostname, address.port), PATIENCE) as line:
        came = bytearray()
        try:
            line.sendall(request)
            while piece := line.recv(65_536):
                came += piece
        except ConnectionError:
            pass  # it refused the rest
    head, _, body = bytes(came).partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    status = re.match(rb"HTTP/1\.1 (\d{3})", first)
    return Answer(int(status.group(1)) if status else 0, tuple(headers), body)


def troubles(answer: Answer) -> list[str]:
    """What is wrong with an answer, if anything."""
    found = []
    if answer.status >= 500 or not answer.status:
        found.append(f"was answered {answer.status or 'with nothing'}")
    if any(EVIL_HEADER.match(line) or b"\n" in line or b"\r" in line for line in answer.headers):
        found.append("put a line into the headers")
    if any(MIME.match(line) for line in answer.headers) and ALIVE.search(answer.body):
        found.append("came back alive")
    if b"Traceback (most recent" in answer.body:
        found.append("showed a traceback")
    return found


def attack(of: Target, visitor: Visitor, through: Door, texts: tuple[bytes, ...]) -> tuple[Counter[int], list[str]]:
    """All ``texts`` through one door: the answers, and what was wrong."""
    answers, wrong = Counter[int](), []
    for number, text in enumerate(texts):
        if number % BETWEEN == 0:
            of.forgive()
        answer = send(visitor, through.request(text))
        answers[answer.status] += 1
        wrong += [f"{through.name}: {text[:40]!r} {trouble}" for trouble in troubles(answer)]
    return answers, wrong


def pages(visitor: Visitor, texts: tuple[bytes, ...]) -> tuple[int, list[str]]:
    """The texts in every part of the address of every page; how many were drawn, and what was wrong."""
    wrong, count = [], 0
    for page in PAGES:
        with visitor.tab() as tab:
            for text in texts:
                drawn = shown(tab.open(page, urlencode(dict.fromkeys(FILTERS, text))))
                count += 1
                if BROKEN in drawn or "Traceback" in drawn:
                    wrong.append(f"page {page}: {text[:40]!r} broke it")
    return count, wrong


def through_all(of: Target, texts: tuple[bytes, ...] = EVERYTHING) -> Outcome:
    """Every door by somebody signed in and by a stranger, then every page."""
    outcome, answers, begun = Outcome(), Counter[int](), time.perf_counter()
    lead = of.person("lead")
    with lead.tab() as tab:
        every = list(doors(ways(of, lead, tab)))
        for visitor in (lead, of.stranger()):
            for door in every:
                came, wrong = attack(of, visitor, door, texts)
                answers += came
                for sentence in wrong:
                    outcome.expect(False, sentence)
    outcome.note(
        f"{len(texts)} texts through {len(every)} doors, signed in and not: {answers.total()} requests in "
        f"{time.perf_counter() - begun:.0f} s, answers {dict(sorted(answers.items()))}"
    )
    drawn, wrong = pages(lead, texts)
    outcome.note(f"pages drawn with them in the address: {drawn}")
    for sentence in wrong:
        outcome.expect(False, sentence)
    said = of.server.said()
    errors = [line for line in said.splitlines() if " ERROR " in line]
    outcome.note(
        f"lines of the log: {len(said.splitlines())}, errors {len(errors)}, tracebacks {said.count('Traceback')}"
    )
    outcome.expect("Traceback" not in said, "the log holds a traceback")
    outcome.expect(not errors, f"the log holds errors, such as: {errors[:1]}")
    forged = [line for line in said.splitlines() if re.match(r"2026-11-20 INFO|X-Evil", line)]
    outcome.expect(not forged, f"a text began a line of the log: {forged[:1]}")
    return outcome


def run(folder: Path) -> Outcome:
    """Against a server of its own on each engine: they do not take the same signs."""
    with target(folder, sample=60) as of:
        outcome = through_all(of)
    with (
        postgres_server() as postgres,
        postgres.empty_database() as url,
        target(folder / "pg", sample=60, extra={"DATABASE_URL": url}) as of,
    ):
        other = through_all(of)
    return Outcome(
        [f"SQLite: {figure}" for figure in outcome.figures] + [f"PostgreSQL: {figure}" for figure in other.figures],
        [*outcome.broken, *(f"PostgreSQL: {sentence}" for sentence in other.broken)],
    )


SCENARIO = Scenario(
    "naughty", "naughty texts through every HTTP door: no 500, nothing alive, no header, no traceback", run
)
