"""Every role at every door: pages and routes of a running server, and every step of the register on both engines.

What each may is drawn by hand, here and in the tables of the tests (``tests.test_roles``,
``tests.register.case.test_write_permissions``): nothing is asked of the code that decides.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import FORBIDDEN
from io import BytesIO
from pathlib import Path

import httpx2
from sqlalchemy import select
from websockets.exceptions import InvalidStatus

from core.errors import Invalid, NotAllowed
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Complaint, Evidence, Person
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.steps import STEPS
from core.settings import SESSION_COOKIE
from tests.attack.scenario import Outcome, Scenario
from tests.attack.target import FROM_HERE, PASSWORD, Target, Visitor, shown, target
from tests.attack.uploads import send
from tests.engines import MONDAY, Sqlite, postgres_server
from tests.files import PNG
from tests.register.case.test_write_permissions import GRID, owned
from tests.register.ways import CUSTOMER, PAYMENT, filled, log_survivor, open_incident, verify_customers
from tests.test_roles import COLUMNS, PAGES, cells

# login → role and department. own: Payments, other: Engineering. reporter: who logged what is with no department and
# every complaint that steps are tried on, reporter2: who did not.
PEOPLE: Mapping[str, tuple[str, str | None]] = {
    "agent": ("agent", None),
    "agent2": ("agent", None),
    "lead": ("lead", None),
    "own": ("handler", "payment"),
    "other": ("handler", "engineering"),
    "manager": ("manager", None),
    "analyst": ("analyst", None),
    "admin": ("admin", None),
    "reporter": ("reporter", None),
    "reporter2": ("reporter", None),
}
CLOSED, HALF, STRANGER = "closed", "half", "stranger"  # leads both: account closed, and a password owed
OUTSIDE = (CLOSED, HALF, STRANGER)
EVERYBODY = (*PEOPLE, *OUTSIDE)
NOT_YOURS = "Trang này không thuộc vai trò của bạn"
BROKEN = "hãy báo quản trị viên mã số này"
SAID = {
    "payment": "Lời của khách ở Thanh toán",
    "engineering": "Lời của khách ở Kỹ thuật",
    "": "Lời chưa chuyển đi đâu",
}

# Which complaint each sees and whose files they open, by the department it was forwarded to ("": to none yet).
SEES = """
payment       yes yes yes yes -   yes yes yes -   -
engineering   yes yes yes -   yes yes yes yes -   -
nobody        yes yes yes -   -   yes yes yes yes -
"""
READS_FILES = """
payment       yes yes yes yes -   -   -   -   -   -
engineering   yes yes yes -   yes -   -   -   -   -
nobody        yes yes yes -   -   -   -   -   yes -
"""
#                           agent agent2 lead own other manager analyst admin reporter reporter2 | closed half stranger
ROUTES = """
GET/                         200 200 200 200 200 200 200 200 200 200   303 303 303
GET/export/complaints.csv    403 403 200 403 403 200 200 200 403 403   403 401 401
HEAD/export/complaints.csv   403 403 200 403 403 200 200 200 403 403   403 401 401
GET/export/reviews/2026-W40.pptx 403 403 200 403 403 200 200 200 403 403 403 401 401
GET/export/lists/channels.csv 403 403 403 403 403 403 403 200 403 403 403 401 401
POST/drafts:log              200 200 200 403 403 403 403 403 200 200   403 401 401
POST/drafts:queue            200 200 200 200 200 200 403 403 403 403   403 401 401
PUT/_stcore/upload_file      204 204 204 204 204 403 204 204 204 204   403 403 403
GET/evidence/0               404 404 404 404 404 404 404 404 404 404   403 401 401
GET/evidence/0/view          404 404 404 404 404 404 404 404 404 404   403 401 401
GET/papers/KN-2000-000001.pdf 404 404 404 404 404 404 404 404 404 404  403 401 401
GET/media/none.png           404 404 404 404 404 404 404 404 404 404   403 403 403
GET/_stcore/agent/mcp        404 404 404 404 404 404 404 404 404 404   404 404 404
GET/sign-in/code             303 303 303 303 303 303 303 303 303 303   303 303 303
GET/invite?code=x            410 410 410 410 410 410 410 410 410 410   410 410 410
GET/setup?code=x             410 410 410 410 410 410 410 410 410 410   410 410 410
GET/follow                   200 200 200 200 200 200 200 200 200 200   200 200 200
GET/api/v1/openapi.json      200 200 200 200 200 200 200 200 200 200   200 200 200
POST/api/v1/complaints       401 401 401 401 401 401 401 401 401 401   401 401 401
GET/api/v2                   404 404 404 404 404 404 404 404 404 404   404 404 404
GET/healthz                  200 200 200 200 200 200 200 200 200 200   200 200 200
GET/metrics                  404 404 404 404 404 404 404 404 404 404   404 404 404
GET/no-such-page             404 404 404 404 404 404 404 404 404 404   303 303 303
"""
# Every address beside the pages, with the verbs it has; any other verb does nothing for anybody.
VERBS: Mapping[str, frozenset[str]] = {
    "/sign-in": frozenset({"GET", "HEAD", "POST"}),
    "/sign-out": frozenset({"GET", "HEAD", "POST"}),
    "/sign-in/code": frozenset({"GET", "HEAD", "POST"}),
    "/sign-in/password": frozenset({"GET", "HEAD", "POST"}),
    "/sign-in/second-factor": frozenset({"GET", "HEAD", "POST"}),
    "/invite": frozenset({"GET", "HEAD", "POST"}),
    "/setup": frozenset({"GET", "HEAD", "POST"}),
    "/drafts": frozenset({"GET", "HEAD", "POST"}),  # GET: the frame of the pages, as at every address
    "/export/complaints.csv": frozenset({"GET", "HEAD"}),
    "/export/reviews/2026-W40.pptx": frozenset({"GET", "HEAD"}),
    "/export/lists/channels.csv": frozenset({"GET", "HEAD"}),
    "/evidence/1": frozenset({"GET", "HEAD"}),
    "/evidence/1/view": frozenset({"GET", "HEAD"}),
    "/papers/KN-2000-000001.pdf": frozenset({"GET", "HEAD"}),
    "/follow": frozenset({"GET", "HEAD", "POST"}),
    "/api/v1/complaints": frozenset({"POST"}),
    "/api/v1/openapi.json": frozenset({"GET", "HEAD"}),
    "/healthz": frozenset({"GET", "HEAD"}),
    "/metrics": frozenset({"GET", "HEAD"}),
    "/": frozenset({"GET", "HEAD"}),
    "/people": frozenset({"GET", "HEAD"}),
}
ALL_VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")

TALK = "escalate tell_progress promise negotiate"
OWED = "return_request recall remind"
OWING = "issue_paper note add_evidence details add_issue admit verify_customer correct join_incident analyse withdraw"
HANDLED = f"{OWING} merge"
LAST = "details add_issue admit verify_customer correct join_incident withdraw merge"
DIRECTED = "direct approve_proposal return_proposal remind_direction recall_direction"
SHOWN = "acknowledge classify forward answer notify_result close analyse approve_analysis action_done send_evidence"

# Where a complaint stands: the way there, whether Payments has it, and the steps the procedure knows from there.
PLACES: Mapping[str, tuple[str, bool, str]] = {
    "received": ("", False, f"acknowledge assign negotiate note add_evidence {LAST}"),
    "received, late": (
        "",
        False,
        f"acknowledge assign negotiate note add_evidence explain_miss {LAST}",
    ),
    "acknowledged": (
        "acknowledge add_issue",
        False,
        f"classify assign ask_customer {TALK} remove_issue issue_paper note add_evidence {LAST}",
    ),
    "classified": (
        "acknowledge classify",
        False,
        f"classify assign forward ask_customer propose {TALK} notify_result issue_paper note add_evidence {LAST}",
    ),
    "investigating, owed": (
        "acknowledge classify forward",
        True,
        f"classify assign forward answer {OWED} ask_customer propose {TALK} notify_result {OWING}",
    ),
    "investigating, answered": (
        "acknowledge classify forward answer",
        True,
        f"classify assign forward ask_customer propose {TALK} notify_result {HANDLED}",
    ),
    "waiting, owed": (
        "acknowledge classify forward ask_customer",
        True,
        f"classify assign answer {OWED} record_reply chase {TALK} notify_result {OWING}",
    ),
    "waiting, answered": (
        "acknowledge classify forward answer ask_customer",
        True,
        f"classify assign record_reply chase {TALK} notify_result {HANDLED}",
    ),
    "resolved": (
        "acknowledge classify forward answer notify_result",
        True,
        f"assign refuse close {HANDLED}",
    ),
    "closed": (
        "acknowledge classify forward answer notify_result close",
        True,
        "issue_paper note add_evidence correct join_incident analyse reopen",
    ),
    "proposed": (
        "acknowledge classify propose",
        False,
        f"classify assign chase accept refuse decide {TALK} notify_result {HANDLED}",
    ),
    "decided": (
        "acknowledge classify propose accept",
        False,
        f"classify assign {TALK} notify_result {HANDLED}",
    ),
    "direction awaited": (
        "acknowledge escalate",
        False,
        f"classify assign ask_customer {DIRECTED} tell_progress promise negotiate issue_paper note add_evidence {LAST}",
    ),
    "in an incident": (
        "join_incident",
        False,
        f"acknowledge assign negotiate note add_evidence leave_incident {LAST.replace('join_incident ', '')}",
    ),
    "withdrawn": (
        "acknowledge classify forward withdraw",
        True,
        "issue_paper note add_evidence correct join_incident reopen",
    ),
    "merged": ("acknowledge classify merge", False, "correct unmerge"),
    "analysed": (
        "acknowledge classify forward answer notify_result close analyse",
        True,
        "issue_paper note add_evidence correct join_incident analyse approve_analysis return_analysis reopen",
    ),
    "planned": (
        "acknowledge classify forward answer notify_result close analyse approve_analysis",
        True,
        "issue_paper note add_evidence correct join_incident analyse action_done reopen",
    ),
    "done": (
        "acknowledge classify forward answer notify_result close analyse approve_analysis action_done",
        True,
        "issue_paper note add_evidence correct join_incident analyse send_evidence reopen",
    ),
    "shown": (
        SHOWN,
        True,
        "issue_paper note add_evidence correct join_incident analyse verify_evidence reopen",
    ),
    "verified": (
        f"{SHOWN} verify_evidence",
        True,
        "issue_paper note add_evidence correct join_incident analyse check_effect reopen",
    ),
}
ENDED = ("closed", "withdrawn", "merged", "analysed", "planned", "done", "shown", "verified")
"""Places at which the complaint is over: who logged it adds nothing any more."""


@dataclass
class Matrix:
    """Cells as they were drawn and as they were found; ``title`` names the table in what is printed."""

    title: str
    found: Counter[str]
    wrong: list[str]

    @classmethod
    def of(cls, title: str) -> Matrix:
        return cls(title, Counter(), [])

    def compare(self, row: str, who: str, drawn: str, seen: str) -> None:
        self.found[seen] += 1
        if drawn != seen:
            self.wrong.append(f"{self.title}: {row} by {who} was “{seen}”, drawn “{drawn}”")

    def report(self, outcome: Outcome) -> None:
        kinds = ", ".join(f"{kind}: {count}" for kind, count in sorted(self.found.items()))
        outcome.note(f"{self.title}: {self.found.total()} cells ({kinds}), {len(self.wrong)} not as drawn")
        for sentence in self.wrong:
            outcome.expect(False, sentence)


def drawn(table: str, columns: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Row, column, cell."""
    for line in table.strip().splitlines():
        row, *marks = line.split()
        for who, mark in zip(columns, marks, strict=True):
            yield row, who, mark


# -- the running server


@dataclass
class Company:
    """Everybody at their browser, and one complaint per department with a file."""

    of: Target
    visitors: dict[str, Visitor]
    codes: dict[str, str]
    files: dict[str, int]


def gathered(of: Target) -> Company:
    """Make accounts, sign everybody in by the form, close one of them, and log the complaints."""
    now = datetime.now(UTC)
    everybody = {**PEOPLE, CLOSED: ("lead", None), HALF: ("lead", None)}
    with of.register.write() as session:
        known = {person.login for person in accounts.list_people(session)}
        for login, (role, department) in everybody.items():
            account = Account(f"x.{login}", f"Người {login}", role, department)
            if account.login not in known:
                accounts.add(session, account, PASSWORD, Act(None, now), for_now=login == HALF)
    of.forgive()
    visitors = {login: signed_in(of, f"x.{login}") for login in everybody} | {STRANGER: of.stranger()}
    with of.register.write() as session:
        accounts.deactivate(session, accounts.find(session, f"x.{CLOSED}").id, Act(None, now))
    codes, files = {}, {}
    for department, said in SAID.items():
        name = department or "nobody"
        codes[name], files[name] = logged(of.register, department, said, now)
    return Company(of, visitors, codes, files)


def signed_in(of: Target, login: str) -> Visitor:
    """By the form, as people do; waits where the line is long."""
    answer = of.stranger().sign_in(login, PASSWORD)
    assert answer.status_code == 303, f"{login} was answered {answer.status_code}"
    return Visitor(of.server.url, {SESSION_COOKIE: answer.cookies[SESSION_COOKIE]})


def logged(register: Register, department: str, said: str, now: datetime) -> tuple[str, int]:
    """A complaint with a file, forwarded to ``department`` unless that is empty; its code and the file's number."""
    files = (FileDraft("ảnh.png", BytesIO(PNG)),)
    draft = Draft("hotline", now - timedelta(hours=1), said, "payment", files=files, details=PAYMENT)
    with register.write() as session:
        by = accounts.find(session, "x.reporter") if not department else None
        code = complaints.log(session, draft, Act(by, now)).code
        for step in ("acknowledge", "classify", "forward") if department else ():
            wanted = filled(step, now + timedelta(days=1)) | {"department": department, "channel": "hotline"}
            fields = {name: value for name, value in wanted.items() if name in STEPS[step].field_names()}
            complaints.take(session, code, step, fields, Act(None, now))  # type: ignore[arg-type] # by name
        number = session.scalars(
            select(Evidence.id).join(Complaint).where(Complaint.code == code, Evidence.kind == "file")
        ).one()
    return code, number


def open_page(visitor: Visitor, page: str, query: str = "") -> str:
    """Everything drawn; empty where not even the websocket was let in."""
    try:
        with visitor.tab() as tab:
            return shown(tab.open(page, query))
    except InvalidStatus as refused:
        return "" if refused.response.status_code == FORBIDDEN else BROKEN


def seen_on(text: str) -> str:
    """What became of opening a page."""
    if not text:
        return "no way in"
    if BROKEN in text:
        return "broken"
    return "refused" if NOT_YOURS in text else "yes"


def pages(company: Company, only: Callable[[str, str], bool] = lambda _page, _who: True) -> Matrix:
    """Every page by everybody."""
    matrix, table = Matrix.of("pages"), cells(PAGES)
    for page in dict.fromkeys(page for page, _role in table):
        for who in EVERYBODY:
            if only(page, who):
                role = PEOPLE[who][0] if who in PEOPLE else ""
                wanted = "no way in" if who in OUTSIDE else "yes" if table[page, role] else "refused"
                matrix.compare(page, who, wanted, seen_on(open_page(company.visitors[who], page)))
    return matrix


def cases(company: Company) -> Matrix:
    """Every complaint and its file by everybody: seen, and whole or masked."""
    matrix = Matrix.of("complaints and files")
    for name, who, mark in drawn(SEES, tuple(PEOPLE)):
        text = open_page(company.visitors[who], "complaint", f"code={company.codes[name]}")
        seen = "broken" if BROKEN in text else "yes" if company.codes[name] in text else "-"
        matrix.compare(f"complaint of {name}", who, mark, seen)
        said = SAID["" if name == "nobody" else name]
        reads = next(cell for row, column, cell in drawn(READS_FILES, tuple(PEOPLE)) if (row, column) == (name, who))
        matrix.compare(f"statement of {name}", who, reads, "yes" if said in text else "-")
    for name, who, mark in drawn(READS_FILES, tuple(PEOPLE)):
        status = ask(company.visitors[who], "GET", f"/evidence/{company.files[name]}").status_code
        matrix.compare(f"file of {name}", who, "200" if mark == "yes" else "403", str(status))
    for name in company.files:
        for who in OUTSIDE:
            status = ask(company.visitors[who], "GET", f"/evidence/{company.files[name]}").status_code
            matrix.compare(f"file of {name}", who, "403" if who == CLOSED else "401", str(status))
    return matrix


def ask(visitor: Visitor, verb: str, path: str, accept: str = "*/*", json: object = None) -> httpx2.Response:
    """One request as a page of ours would make it."""
    with visitor.client() as client:
        return client.request(verb, path, headers=FROM_HERE | {"accept": accept}, json=json)


def _id_of(company: Company, who: str) -> int:
    with company.of.register.read() as session:
        return session.scalar(select(Person.id).where(Person.login == f"x.{who}")) or 0


def routes(company: Company) -> Matrix:
    """Every route by everybody."""
    matrix = Matrix.of("routes")
    for row, who, mark in drawn(ROUTES, EVERYBODY):
        verb, _, path = row.partition("/")
        visitor, path = company.visitors[who], f"/{path}"
        if path.startswith("/drafts:"):
            form = path.rpartition(":")[2]
            sent = {
                "person": _id_of(company, who),
                "form": form,
                "token": "attack-roles-1",
                "fields": {"statement": "x"},
            }
            answer = ask(visitor, verb, "/drafts", json=sent)
        elif path.startswith("/_stcore/upload_file"):
            answer = upload(company, who)
        else:
            answer = ask(visitor, verb, path, "text/html" if path in ("/", "/no-such-page") else "*/*")
        matrix.compare(row, who, mark, str(answer.status_code))
    return matrix


def upload(company: Company, who: str) -> httpx2.Response:
    """A file into one's own open page; who has none sends it into the page of the agent."""
    visitor = company.visitors[who]
    with company.visitors["agent" if who in OUTSIDE else who].tab() as tab:
        tab.open("overview")
        if who not in OUTSIDE:
            company.of.cookies_of_streamlit(visitor)
        return send(visitor, tab.session_id, PNG, "ảnh.png")


def verbs(company: Company, people: tuple[str, ...] = EVERYBODY) -> Matrix:
    """Every verb that an address does not have, by everybody: answered, and nothing done."""
    matrix = Matrix.of("other verbs")
    for path, has in VERBS.items():
        for verb in ALL_VERBS:
            for who in people if verb not in has else ():
                status = ask(company.visitors[who], verb, path).status_code
                refused = status in (303, 401, 403, 404, 405)
                matrix.compare(f"{verb} {path}", who, "refused", "refused" if refused else str(status))
    return matrix


# -- the register itself


@dataclass
class Stage:
    """A register with one complaint per place and everybody who may try a step on it."""

    register: Register
    people: dict[str, Person]
    codes: dict[str, str]


class UndoneError(Exception):
    """Takes back what a step wrote, so that the next one finds the complaint where it was."""


@contextmanager
def staged(url: str, folder: Path) -> Iterator[Stage]:
    """Over an opened register at ``url``."""
    register = open_register(url, folder / "evidence")
    try:
        yield Stage(register, _cast(register), {place: _placed(register, place) for place in PLACES})
    finally:
        register.engine.dispose()


def _cast(register: Register) -> dict[str, Person]:
    everybody = {**PEOPLE, CLOSED: ("lead", None), "homeless": ("handler", "payment")}
    with register.write() as session:
        people = {
            login: accounts.add(session, Account(login, login, role, department), None, Act(None, MONDAY))
            for login, (role, department) in everybody.items()
        }
        session.flush()
        people[CLOSED].active = False
        people["homeless"].department = None  # a handler whose department is not known
    return people


def _placed(register: Register, place: str) -> str:
    """The code of a complaint that stands there; as it came with a file, nobody may undo the last step (D22)."""
    received = MONDAY - timedelta(days=30) if place.endswith("late") else MONDAY
    with register.write() as session:
        own = accounts.find(session, "own").id
        open_incident(session, MONDAY)
        log_survivor(session, MONDAY)
        verify_customers(session)
        steps = [
            PastStep(step, MONDAY, owned(filled(step, MONDAY + timedelta(days=1)), own))
            for step in PLACES[place][0].split()
        ]
        [case] = complaints.write_histories(
            session,
            [
                (
                    Draft("email", received, "Lỗi", "payment", customer=CUSTOMER, source="roles", external_ref=place),
                    steps,
                )
            ],
            Act(accounts.find(session, "reporter"), MONDAY),
        )
    return case.row["code"]


def wanted_of(place: str, step: str, who: str) -> str:
    """``yes`` or ``-``, from the two grids: what the procedure knows there, and who takes such a step at all."""
    _way, is_with_payments, possible = PLACES[place]
    if step not in possible.split() or who in (CLOSED, "homeless"):
        return "-"
    if (who in ("own", "other") and not is_with_payments) or (who == "reporter" and place in ENDED):
        return "-"
    return GRID[step]["agent" if who == "agent2" else who]


def taken(stage: Stage, place: str, step: str, who: str) -> str:
    """Take the step and take it back: ``yes``, ``-`` where it is refused, else the kind of error."""
    person = stage.people[who]
    fields: StepFields = filled(step, MONDAY + timedelta(days=1))
    fields["assignee_id"] = stage.people["agent" if who == "lead" else "lead"].id
    fields["files"] = (FileDraft("ảnh.png", BytesIO(PNG)),) if step in ("add_evidence", "send_evidence") else ()
    try:
        with stage.register.write() as session:
            complaints.take(session, stage.codes[place], step, fields, Act(person, MONDAY))
            raise UndoneError
    except UndoneError:
        return "yes"
    except (NotAllowed, Invalid):  # Invalid: an answer that nobody owes
        return "-"
    except Exception as error:  # noqa: BLE001 (whatever else comes is what is looked for)
        return type(error).__name__


def steps(stage: Stage, engine: str, only: Callable[[str], bool] = lambda _place: True) -> Matrix:
    """Every step in every place by everybody."""
    matrix = Matrix.of(f"steps, {engine}")
    for place in PLACES:
        for step in STEPS:
            for who in stage.people if only(place) else ():
                found = taken(stage, place, step, who)
                matrix.compare(f"{step} while {place}", who, wanted_of(place, step, who), found)
    return matrix


def run(folder: Path) -> Outcome:
    """The running server on SQLite, then the register on both engines."""
    outcome = Outcome()
    assert set(COLUMNS) == {role for role, _department in PEOPLE.values()}
    with target(folder) as of:
        company = gathered(of)
        for matrix in (pages(company), cases(company), routes(company), verbs(company)):
            matrix.report(outcome)
        outcome.expect("Traceback" not in of.server.said(), "the log holds a traceback")
    with tempfile.TemporaryDirectory(prefix="attack-") as elsewhere, postgres_server() as postgres:
        url = Sqlite(Path(elsewhere)).opened_database(folder)
        with staged(url, folder) as stage:
            steps(stage, "SQLite").report(outcome)
        with postgres.opened_database() as url, staged(url, folder / "pg") as stage:
            steps(stage, "PostgreSQL").report(outcome)
    return outcome


SCENARIO = Scenario("roles", "every role × page × route × verb × department as the hand-drawn tables say", run)
