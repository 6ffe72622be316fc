"""The intake API (D41): who may ask, what is answered in which words, and what is refused."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from core.register.api import keys
from core.register.log.act import Act
from core.register.log.tables import ApiKey, Complaint, Evidence
from core.rules.steps import State
from core.web.api import BASE, bodies
from core.web.api.limits import Limits
from core.web.pace import Pace
from tests.engines import MONDAY
from tests.files import PNG
from tests.register.api.given import SITE, brought_to, made
from tests.web.site import Site

SAID = {"statement": "Nạp 200 Stars, chưa thấy", "category": "content", "customer": {"phone": "0912 345 678"}}


@dataclass
class Program:
    """A program with a key."""

    site: Site
    origins: tuple[str, ...] = ()
    scopes: tuple[str, ...] = keys.SCOPES
    key_id: int = 0
    key: str = ""
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.key_id, self.key = made(self.site.register, origins=self.origins, scopes=self.scopes)
        self.client = TestClient(self.site.app(), base_url="http://pops.test")

    def ask(self, verb: str, path: str, headers: Mapping[str, str | None] | None = None, **more: object) -> Response:
        """With the key and a name of its own; a header of None is left out."""
        usual = {"authorization": f"Bearer {self.key}", "idempotency-key": uuid.uuid4().hex}
        wanted = {name: value for name, value in {**usual, **(headers or {})}.items() if value is not None}
        return self.client.request(verb, BASE + path, headers=wanted, **more)  # type: ignore[arg-type] # as the client takes it

    def log(self, headers: Mapping[str, str | None] | None = None, **changes: object) -> Response:
        usual = {"content-type": "application/json"}
        return self.ask("POST", "/complaints", usual | dict(headers or {}), content=json.dumps(SAID | changes))

    def say(self, case: Mapping[str, str], headers: Mapping[str, str] | None = None, **said: object) -> Response:
        its = {"case-secret": case["secret"]} | dict(headers or {})
        return self.ask("POST", f"/complaints/{case['code']}/messages", its, json=said)

    def look(self, case: Mapping[str, str], **headers: str) -> Response:
        return self.ask("GET", f"/complaints/{case['code']}", {"case-secret": case["secret"], **headers})

    def revoke(self) -> None:
        with self.site.register.write() as session:
            keys.revoke(session, self.key_id, Act(None, self.site.now))


@pytest.fixture
def program(site: Site) -> Program:
    return Program(site)


def fields_of(answer: Response) -> list[str]:
    return sorted(error["field"] for error in answer.json()["errors"])


def test_a_complaint_is_logged_and_followed(site: Site, program: Program) -> None:
    answer = program.log(incident_at="2026-11-15T20:15:00+07:00", details={"part": "Tập 3"})
    case = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BASE}/complaints/{case['code']}"
    assert case | {"secret": ""} == {
        "code": "KN-2026-000001",
        "secret": "",
        "received_at": "2026-11-16T02:00:00+00:00",
        "follow": "http://pops.test/follow",
    }
    with site.register.write() as session:
        row = session.scalars(select(Complaint)).one()
        assert (row.channel, row.incident_at) == ("web", MONDAY - timedelta(hours=12, minutes=45))
        brought_to(session, case["code"], State.proposed)
    seen = program.look(case).json()
    assert (seen["status"], seen["may_say"]) == ("proposal", ["add", "accept", "refuse"])
    assert (seen["status_text"], seen["said"]) == (
        "Đang chờ ý kiến của quý khách về phương án",
        "Nội dung của bước propose",
    )
    said = program.say(case, kind="accept", version=seen["version"])
    assert (said.status_code, said.json()["recorded"]) == (201, "accept")
    assert program.look(case).json()["status"] == "in_progress"


def test_the_same_request_is_answered_the_same(site: Site, program: Program) -> None:
    name = {"idempotency-key": "a-name"}
    first, again, other = program.log(name), program.log(name), program.log(name, statement="Khác")
    assert first.json() == again.json()
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert fields_of(other) == ["Idempotency-Key"]
    with site.register.read() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 1


def test_files_come_beside_the_json(site: Site, program: Program) -> None:
    parts: dict[str, Any] = {"data": {"complaint": json.dumps(SAID)}, "files": [("files", ("ảnh.png", PNG))]}
    name = {"idempotency-key": "a-name"}
    first, again = (program.ask("POST", "/complaints", name, **parts) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    other = {**parts, "files": [("files", ("ảnh.png", PNG + b"x"))]}
    assert program.ask("POST", "/complaints", name, **other).status_code == 422
    with site.register.read() as session:
        assert session.scalars(select(Evidence.file_name).where(Evidence.kind == "file")).all() == ["ảnh.png"]
    said = {"data": {"message": json.dumps({"kind": "add", "text": "Thêm ảnh"})}, "files": parts["files"]}
    path, its = f"/complaints/{first.json()['code']}/messages", {"case-secret": first.json()["secret"]}
    assert program.ask("POST", path, its, **said).status_code == 201
    with site.register.read() as session:
        assert session.scalar(select(func.count()).where(Evidence.kind == "file")) == 2


@pytest.mark.parametrize(
    ("sent", "wanted", "why"),
    [
        ({"statement": " "}, ["statement"], "nothing is said"),
        ({"statement": 5}, ["statement"], "a number is no text"),
        ({"statement": "a\0b"}, ["statement"], "a sign that no database keeps"),
        ({"statement": "\ud800"}, ["statement"], "half a sign"),
        ({"statement": "x" * 20_001}, ["statement"], "longer than a text may be"),
        ({"category": "weather"}, ["category"], "no such category"),
        ({"category": None}, ["category"], "a category is needed"),
        ({"product": "nothing"}, ["product"], "no such product"),
        ({"customer": "0912 345 678"}, ["customer"], "an object is asked for"),
        ({"customer": {"phone": "12"}}, ["customer.phone"], "no number has so few digits"),
        ({"customer": {"fax": "1"}}, ["customer.fax"], "nobody has a fax"),
        ({"customer": {"email": "a@"}, "remedy": []}, ["customer.email", "remedy"], "all that is wrong, at once"),
        ({"details": {"part": 3}}, ["details.part"], "values are texts"),
        ({"details": {"nothing": "3"}}, ["details.nothing"], "the category asks for no such value"),
        ({"details": {"minute": "ba"}}, ["details.minute"], "a number is asked for"),
        ({"incident_at": "2026-11-15T20:15:00"}, ["incident_at"], "of which zone?"),
        ({"incident_at": "yesterday"}, ["incident_at"], "no time"),
        ({"incident_at": "1899-01-01T00:00:00Z"}, ["incident_at"], "before any register"),
        ({"incident_at": "0001-01-01T00:00:00+14:00"}, ["incident_at"], "no year of ours"),
        ({"incident_at": "2026-11-17T00:00:00Z"}, ["incident_at"], "it lies in the future"),
        ({"level": "high"}, ["level"], "customer care gives levels"),
    ],
)
def test_each_field_that_is_wrong_has_its_sentence(
    site: Site, program: Program, sent: dict[str, object], wanted: list[str], why: str
) -> None:
    answer = program.log({"accept-language": "en-GB,en;q=0.9,vi;q=0.5"}, **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), why
    assert fields_of(answer) == wanted, why
    assert all(error["sentence"].endswith(".") for error in answer.json()["errors"])
    both = (answer, program.log({}, **sent))
    sentences = [error["sentence"] for one in both for error in one.json()["errors"]]
    assert not [one for one in sentences if re.search("customer|khách", one)], "the customer reads them in a form"
    assert answer.json()["detail"] == "Mend the named fields and send it again."
    with site.register.read() as session:
        assert not session.scalar(select(func.count()).select_from(Complaint))


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "Thiếu khóa"),
        ({"accept-language": "vi"}, "Thiếu khóa"),
        ({"accept-language": "fr, en;q=0.5"}, "The key is missing"),
        ({"accept-language": "fr"}, "Thiếu khóa"),
    ],
)
def test_it_speaks_vietnamese_and_english(program: Program, headers: dict[str, str], words: str) -> None:
    assert words in program.log({"authorization": None, **headers}).json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ({"authorization": None}, 401, "no key"),
        ({"authorization": "Bearer pops_nothing"}, 401, "never made"),
        ({"authorization": "Basic eDp5"}, 401, "another scheme"),
        ({"authorization": "Bearer "}, 401, "an empty key"),
        ({"idempotency-key": None}, 400, "nobody could send it twice"),
        ({"idempotency-key": "a b"}, 400, "a blank"),
        ({"idempotency-key": "x" * 256}, 400, "too long"),
        ({"content-type": "text/plain"}, 415, "no JSON"),
        ({"content-type": "application/x-www-form-urlencoded"}, 415, "a form of a page"),
    ],
)
def test_who_and_how_is_looked_at_first(
    program: Program, headers: dict[str, str | None], status: int, why: str
) -> None:
    answer = program.ask("POST", "/complaints", headers, content=json.dumps(SAID))
    if "content-type" not in headers:
        answer = program.log(headers)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["type"]) == (status, status, "about:blank"), why
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.headers.get("www-authenticate") == "Bearer") is (status == 401)


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"", 400, "nothing"),
        (b"[]", 400, "no object"),
        (b'{"statement": NaN}', 400, "no JSON, though Python reads it"),
        (b"\xff\xfe{}", 400, "no UTF-8"),
        (b"[" * 200_000, 400, "deeper than anybody reads"),
        (b'{"statement": "' + b"x" * bodies.MAX_JSON + b'"}', 413, "larger than any complaint"),
    ],
)
def test_a_body_that_is_none_is_refused(program: Program, body: bytes, status: int, why: str) -> None:
    answer = program.ask("POST", "/complaints", {"content-type": "application/json"}, content=body)
    assert answer.status_code == status, why


@pytest.mark.parametrize(
    ("parts", "status", "why"),
    [
        ({"files": [("files", ("a.png", PNG))]}, 400, "files alone"),
        ({"data": {"complaint": "{}", "more": "x"}, "files": [("files", ("a.png", PNG))]}, 400, "a part too many"),
        ({"data": {"complaint": "{}"}, "files": [("photo", ("a.png", PNG))]}, 400, "a file of another name"),
        ({"files": [("complaint", ("a.json", b"{}")), ("files", ("a.png", PNG))]}, 400, "the JSON as a file"),
        ({"data": {"complaint": json.dumps(SAID)}, "files": [("files", ("a.png", PNG))] * 11}, 400, "eleven files"),
        ({"data": {"complaint": "x" * (bodies.MAX_JSON + 1)}, "files": [("files", ("a.png", PNG))]}, 400, "too long"),
        ({"data": {"complaint": json.dumps(SAID)}, "files": [("files", ("a.exe", b"MZ"))]}, 422, "no kind of evidence"),
        ({"data": {"complaint": json.dumps(SAID)}, "files": [("files", ("a.png", b"MZ"))]}, 422, "no picture"),
        ({"data": {"complaint": json.dumps(SAID)}, "files": [("files", ("a.png", b""))]}, 422, "empty"),
    ],
)
def test_parts_that_do_not_fit_are_refused(program: Program, parts: dict[str, Any], status: int, why: str) -> None:
    answer = program.ask("POST", "/complaints", **parts)
    assert answer.status_code == status, why
    if status == 422:
        assert fields_of(answer) == ["files"]


def test_more_than_may_come_at_once_is_not_read(program: Program) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": str(1 << 30)}
    assert program.ask("POST", "/complaints", headers, content=b"--x--").status_code == 413
    chunks = iter([b"--x--"])  # without a length
    answer = program.ask("POST", "/complaints", {"content-type": "multipart/form-data; boundary=x"}, content=chunks)
    assert answer.status_code == 411


def test_a_key_does_what_it_may_and_no_more(site: Site) -> None:
    creates, follows = Program(site, scopes=("create",)), Program(site, scopes=("follow",))
    case = creates.log().json()
    assert creates.look(case).status_code == creates.say(case, kind="add", text="x").status_code == 403
    assert follows.log().status_code == follows.ask("GET", "/choices").status_code == 403
    assert follows.look(case).status_code == 200, "whoever has the secret, by another key of ours"
    follows.revoke()
    assert follows.look(case).status_code == 401


def test_a_revoked_key_is_refused_at_once(site: Site, program: Program) -> None:
    """Though it was recognised a moment ago: whoever writes looks again."""
    case = program.log().json()
    program.revoke()
    answers = program.log(), program.log(), program.say(case, kind="add", text="x"), program.look(case)
    assert [answer.status_code for answer in answers] == [401] * 4
    site.later(seconds=60)
    assert program.log().status_code == 401


def test_without_the_secret_a_case_is_nobodys(program: Program) -> None:
    case, other = program.log().json(), program.log().json()
    wrong = [{**case, "secret": other["secret"]}, {**case, "secret": "-"}, {**case, "code": "KN-2020-000001"}]
    answers = [answer for one in wrong for answer in (program.look(one), program.say(one, kind="add", text="x"))]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.json()["detail"] for answer in answers}) == 1, "nobody learns which of both was wrong"


def test_what_the_case_does_not_take_now_is_a_conflict(program: Program) -> None:
    case = program.log().json()
    answer = program.say(case, kind="accept")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "Hiện không có phương án nào đang chờ quý khách: hãy xem lại tình trạng hồ sơ.",
    )
    assert program.say(case, kind="add", text="x", version=7).status_code == 409
    assert fields_of(program.say(case, kind="add", text=" ")) == ["text"]
    assert fields_of(program.say(case, kind="shout", version="1", more=1)) == ["kind", "more", "version"]


def test_limits_of_a_key_and_of_wrong_keys(site: Site) -> None:
    second = timedelta(seconds=1)
    site.api = Limits(keys=Pace(2, second), wrong=Pace(2, 10 * second))
    program = Program(site)
    assert [program.log().status_code for _ in range(3)] == [201, 201, 429]
    site.later(seconds=1)
    answer = program.log()
    assert answer.status_code == 201
    site.later(seconds=1)
    assert [program.log({"authorization": "Bearer x"}).status_code for _ in range(3)] == [401, 401, 429]
    assert program.log().status_code == 201, "whoever has a key beside it is not kept out"


def test_a_secret_is_tried_so_often_and_no_more(site: Site) -> None:
    """By case: behind a program are all its customers, who do not keep each other out."""
    site.api = Limits(wrong=Pace(2, timedelta(seconds=10)))
    program = Program(site)
    case, other = program.log().json(), program.log().json()
    wrong = case | {"secret": "AAAA"}
    assert program.look(wrong).status_code == program.say(wrong, kind="add", text="x").status_code == 404
    refused = program.look(case)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert program.say(case, kind="add", text="x").status_code == 429
    assert program.look(other).status_code == 200
    site.later(seconds=10)
    assert program.look(case).status_code == 200


class TestOfASite:
    """A key that stands in the pages of a site."""

    def test_only_its_pages_use_it(self, site: Site) -> None:
        program = Program(site, origins=(SITE,))
        asked = [program.log({"origin": origin}).status_code for origin in (SITE, "https://evil.example", None)]
        assert asked == [201, 403, 403]
        answer = program.log({"origin": SITE})
        assert answer.headers["access-control-allow-origin"] == SITE
        refused = program.log({"origin": SITE}, category="weather")
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (422, SITE)
        assert "access-control-allow-origin" not in program.log({"origin": "https://evil.example"}).headers
        case = answer.json()
        assert program.look(case, origin=SITE).status_code == 403, "anybody has the key: cases are not for it"

    def test_a_browser_asks_before(self, site: Site) -> None:
        program = Program(site, origins=(SITE,))
        allowed = program.ask("OPTIONS", "/complaints", {"authorization": None, "origin": SITE})
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, SITE)
        assert "Idempotency-Key" in allowed.headers["access-control-allow-headers"]
        for origin in ("https://evil.example", "null", None):
            assert program.ask("OPTIONS", "/complaints", {"authorization": None, "origin": origin}).status_code == 403
        program.revoke()
        assert program.ask("OPTIONS", "/choices", {"origin": SITE}).status_code == 403

    def test_one_address_logs_a_few(self, site: Site) -> None:
        site.api = Limits(visitors=Pace(2, timedelta(seconds=30)))
        program = Program(site, origins=(SITE,))
        assert [program.log({"origin": SITE}).status_code for _ in range(3)] == [201, 201, 429]
        assert program.ask("GET", "/choices", {"origin": SITE}).status_code == 200, "the form itself is still drawn"
        assert [Program(site).log().status_code for _ in range(3)] == [201] * 3, "a secret key has no such limit"

    def test_a_page_gets_the_form_from_anywhere(self, site: Site) -> None:
        answer = site.visitor().get(f"{BASE}/form.js")
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert json.dumps("Gửi khiếu nại") in answer.text
        assert "Send the complaint" in site.visitor().get(f"{BASE}/form.js?lang=en").text


def test_what_may_be_chosen_is_named_for_the_reader(program: Program) -> None:
    found = program.ask("GET", "/choices", {"accept-language": "en"}).json()
    login = next(one for one in found["categories"] if one["key"] == "login")
    assert login["name"] == "Sign-in/sign-out"
    assert login["fields"][1] == {
        "key": "method",
        "name": "Way of signing in",
        "type": "choice",
        "required": False,
        "choices": [
            {"key": "phone", "name": "Phone and one-time code"},
            {"key": "email", "name": "E-mail and password"},
            {"key": "facebook", "name": "Facebook"},
            {"key": "google", "name": "Google"},
            {"key": "apple", "name": "Apple"},
        ],
    }


@pytest.mark.parametrize(
    ("verb", "path", "status", "allow"),
    [
        ("PUT", "/complaints", 405, "OPTIONS, POST"),
        ("DELETE", "/complaints/KN-2026-000001", 405, "GET, HEAD"),
        ("PATCH", "/choices", 405, "GET, HEAD, OPTIONS"),
        ("GET", "/nothing", 404, None),
        ("POST", "/openapi.json", 405, "GET, HEAD"),
    ],
)
def test_other_addresses_and_verbs(program: Program, verb: str, path: str, status: int, allow: str | None) -> None:
    answer = program.ask(verb, path)
    assert (answer.status_code, answer.headers.get("allow")) == (status, allow)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_browser_that_opens_the_api_is_sent_nowhere(site: Site) -> None:
    assert site.visitor().get(f"{BASE}/openapi.json").json()["openapi"] == "3.1.0"
    assert site.visitor().get(f"{BASE}/complaints/KN-2026-000001").status_code == 401


def test_nothing_a_customer_sends_is_logged(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        case = program.log().json()
        program.log(statement=5, customer={"phone": "0987654321"})
        program.say(case, kind="add", text="Gọi 0987654321")
    assert not [word for word in ("0912", "0987654321", case["secret"], "Stars", program.key) if word in caplog.text]


def test_when_it_breaks_it_says_so_as_json(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_given: object) -> None:
        raise ValueError("0912345678 said something")

    monkeypatch.setattr("core.web.api.desk._write", breaks)
    client = TestClient(program.client.app, base_url="http://pops.test", raise_server_exceptions=False)
    answer = client.post(
        f"{BASE}/complaints",
        json=SAID,
        headers={"authorization": f"Bearer {program.key}", "idempotency-key": "x", "accept-language": "en"},
    )
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "0912345678" not in answer.text + caplog.text


def test_the_last_use_of_a_key_is_known(site: Site, program: Program) -> None:
    program.log()
    with site.register.read() as session:
        assert session.scalar(select(ApiKey.last_used_at)) == MONDAY
