"""The scenarios in small, against one real server: what ``make attack`` does at length."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.register.people import attempts
from core.web.uploads import AT_ONCE, TURN
from tests.attack import __main__ as attack
from tests.attack import handshakes, naughty, outgoing, roles, sign_ins, uploads
from tests.attack.scenario import Outcome
from tests.attack.target import FROM_HERE, PASSWORD, Target, shown, target
from tests.engines import Sqlite
from tests.files import PNG


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attack")


@pytest.fixture(scope="module")
def of(folder: Path) -> Iterator[Target]:
    """A server whose outgoing calls are written down; whose proxy is an address from which nobody comes."""
    with target(folder, sample=20, extra=outgoing.guarded(folder) | {"TRUSTED_PROXIES": "192.0.2.1"}) as server:
        yield server


def test_a_page_opens_for_whoever_is_signed_in(of: Target) -> None:
    with of.person("lead").tab() as tab:
        assert "KN-" in shown(tab.open("queue", "segment=all"))
        assert tab.session_id


@pytest.mark.parametrize(("headers", "is_signed_in", "why"), handshakes.BAD, ids=[row[2] for row in handshakes.BAD])
def test_a_foreign_handshake_is_refused_before_it_is_accepted(
    of: Target, headers: dict[str, str], is_signed_in: bool, why: str
) -> None:
    visitor = of.person("lead") if is_signed_in else of.stranger()
    assert handshakes.status_of(visitor, **headers) == 403, why


def test_many_foreign_handshakes_cost_a_moment(of: Target) -> None:
    answers, slowest = handshakes.attack(of, 20)
    assert answers == Counter({403: 20})
    assert slowest < 10, "asking the network for this machine's own address takes longer"


def test_many_sign_ins_are_answered_or_told_when_to_come_back(of: Target) -> None:
    answers = [answer for answer, _seconds in sign_ins.attack(of, 40)]
    assert {answer.status_code for answer in answers} <= {422, 429}
    late = [answer for answer in answers if answer.status_code == 429]
    assert late and all(int(answer.headers["retry-after"]) >= 1 for answer in late)


def test_a_header_of_a_stranger_does_not_make_another_address_of_them(of: Target) -> None:
    """The tries of the test above came from this address; whoever invents another is still the same."""
    with of.stranger().client() as client:
        for number in range(40):
            answer = client.post(
                "/sign-in",
                data={"login": f"x.{number}", "password": PASSWORD},
                headers={"sec-fetch-site": "same-origin", "x-forwarded-for": f"203.0.113.{number}"},
            )
            if answer.status_code == 429:
                return
    raise AssertionError("forty wrong tries from one address were all taken")


def test_forwarded_https_from_anybody_is_ignored(of: Target) -> None:
    with of.stranger().client() as client:
        answer = client.get("/sign-in", headers={"x-forwarded-proto": "https"})
    assert "strict-transport-security" not in answer.headers


def test_a_trusted_proxy_is_believed_about_https_and_about_the_address(tmp_path: Path) -> None:
    with target(tmp_path, sample=0, extra={"TRUSTED_PROXIES": "127.0.0.1"}) as server:
        server.person("lead")
        for address in ("203.0.113.7",) * attempts.OF_ADDRESS.tries:
            attempts.take(server.register, address, now=datetime.now(UTC))
        with server.stranger().client() as client:
            sent = {"login": "lead", "password": PASSWORD}
            behind = FROM_HERE | {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.8"}
            answer = client.post("/sign-in", data=sent, headers=behind)
            assert (answer.status_code, "strict-transport-security" in answer.headers) == (303, True)
            assert "; Secure" in answer.headers["set-cookie"]
            plain = client.post("/sign-in", data=sent, headers=behind | {"x-forwarded-proto": "http"})
            assert (plain.status_code, "strict-transport-security" in plain.headers) == (303, False)
            assert "; Secure" not in plain.headers["set-cookie"]
            late = client.post("/sign-in", data=sent, headers=behind | {"x-forwarded-for": "203.0.113.7"})
            assert late.status_code == 429, "the tries of that address, not of the proxy's"


def test_a_file_goes_into_ones_own_tab_only(of: Target) -> None:
    agent, other, manager = of.person("agent"), of.person("agent", "agent.2"), of.person("manager")
    with agent.tab() as tab, other.tab() as elsewhere, manager.tab() as figures:
        own, theirs = uploads.opened(of, agent, tab), uploads.opened(of, other, elsewhere)
        figures.open("overview")
        of.cookies_of_streamlit(manager)
        assert uploads.send(agent, own, PNG, "ảnh.png").status_code == 204
        assert uploads.send(agent, theirs, PNG, "ảnh.png").status_code == 403, "another person's tab"
        assert uploads.send(of.person("agent"), own, PNG, "ảnh.png").status_code == 403, "without Streamlit's token"
        assert uploads.send(agent, "no-such-tab", PNG, "ảnh.png").status_code == 403, "no tab at all"
        assert uploads.send(manager, figures.session_id, PNG, "ảnh.png").status_code == 403, "a role without files"
        assert uploads.send(of.stranger(), own, PNG, "ảnh.png").status_code == 403, "nobody"


def test_uploads_that_stand_still_stop_nobody_else(of: Target) -> None:
    agent, other = of.person("agent"), of.person("agent", "agent.2")
    with agent.tab() as tab, other.tab() as elsewhere, ExitStack() as stack:
        own, theirs = uploads.opened(of, agent, tab), uploads.opened(of, other, elsewhere)
        halves = [stack.enter_context(uploads.stalled(agent, own)) for _half in range(AT_ONCE + 1)]
        time.sleep(0.5)  # so that they are there first
        begun = time.perf_counter()
        assert uploads.send(other, theirs, PNG, "ảnh.png").status_code == 204
        assert time.perf_counter() - begun < TURN + 3
        assert [uploads.status(half) for half in halves] == [408] * len(halves)
        assert uploads.send(agent, own, PNG, "ảnh.png").status_code == 204


def test_nobody_takes_over_the_tab_of_another(of: Target) -> None:
    agent, other = of.person("agent"), of.person("agent", "agent.2")
    with agent.tab() as tab:
        tab.open("queue")
        with other.tab(resume=tab.session_id) as taken:
            taken.open("queue")
            assert taken.session_id != tab.session_id
        tab.open("queue")  # and the first one is still there
        with agent.tab(resume=tab.session_id) as back:
            back.open("queue")
            assert back.session_id == tab.session_id, "their own they get back"


def test_the_agent_way_into_streamlit_is_closed(of: Target) -> None:
    for visitor in (of.stranger(), of.person("lead")):
        with visitor.client() as client:
            for path in ("openapi.json", "interact", "mcp"):
                assert client.get(f"/_stcore/agent/{path}").status_code == 404


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists its sockets in a file")
def test_the_server_listens_on_this_machine_only(of: Target) -> None:
    listening = Path(f"/proc/{of.server.pid}/net/tcp")
    port = f":{of.server.port:04X} "
    lines = [line.split()[1] for line in listening.read_text().splitlines() if port in line and " 0A " in line]
    assert lines == [f"0100007F{port.strip()}"]


@pytest.fixture(scope="module")
def company(of: Target) -> roles.Company:
    return roles.gathered(of)


def test_everybody_finds_at_every_route_what_is_drawn(company: roles.Company) -> None:
    matrix = roles.routes(company)
    assert matrix.wrong == []
    assert matrix.found.total() == len(roles.EVERYBODY) * len(roles.ROUTES.strip().splitlines())


def test_a_verb_that_an_address_does_not_have_does_nothing(company: roles.Company) -> None:
    assert roles.verbs(company, ("lead", roles.STRANGER)).wrong == []


def test_everybody_sees_the_complaints_and_files_that_are_drawn(company: roles.Company) -> None:
    assert roles.cases(company).wrong == []


def test_some_pages_open_for_whom_it_is_drawn(company: roles.Company) -> None:
    people, some = ("other", "analyst", roles.HALF), ("overview", "log_complaint", "queue", "explore", "people")
    matrix = roles.pages(company, lambda page, who: page in some and who in people)
    assert matrix.wrong == []
    assert set(matrix.found) == {"yes", "refused", "no way in"}


def test_everybody_takes_the_steps_that_are_drawn(sqlite: Sqlite, tmp_path: Path) -> None:
    """In three places; ``tests/register/case/test_write_permissions.py`` goes through a grid of its own."""
    with roles.staged(sqlite.opened_database(tmp_path), tmp_path) as stage:
        matrix = roles.steps(stage, "SQLite", {"received, late", "waiting, owed", "closed"}.__contains__)
    assert matrix.wrong == []
    assert set(matrix.found) == {"yes", "-"}


def test_a_matrix_names_what_is_not_as_drawn() -> None:
    matrix, outcome = roles.Matrix.of("pages"), Outcome()
    matrix.compare("people", "agent", "refused", "yes")
    matrix.compare("people", "admin", "yes", "yes")
    matrix.report(outcome)
    assert outcome.broken == ["pages: people by agent was “yes”, drawn “refused”"]
    assert outcome.figures == ["pages: 2 cells (yes: 2), 1 not as drawn"]


def test_naughty_texts_break_no_door(of: Target) -> None:
    outcome = naughty.through_all(of, naughty.BYTES[::8])
    assert outcome.broken == []


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (naughty.Answer(500, (), b""), "was answered 500"),
        (naughty.Answer(0, (), b""), "was answered with nothing"),
        (naughty.Answer(303, (b"Location: //evil.example",), b""), "put a line into the headers"),
        (naughty.Answer(200, (b"X-Evil: 1",), b""), "put a line into the headers"),
        (naughty.Answer(200, (b"content-type: text/html",), b"<p><script>evil</script>"), "came back alive"),
        (naughty.Answer(400, (), b"Traceback (most recent call last)"), "showed a traceback"),
    ],
)
def test_trouble_is_noticed(answer: naughty.Answer, trouble: str) -> None:
    assert naughty.troubles(answer) == [trouble]


def test_nothing_of_all_this_called_anybody_outside(of: Target, folder: Path) -> None:
    outgoing.use(of)
    assert outgoing.calls(folder) == []


def test_every_scenario_can_be_named() -> None:
    names = [scenario.name for scenario in attack.SCENARIOS]
    assert len(set(names)) == len(names)
    with pytest.raises(SystemExit):
        attack.main(["no-such-scenario"])
