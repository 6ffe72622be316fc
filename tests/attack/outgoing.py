"""The server asks nothing of the outside: every way out is watched while pages, websockets and forms are used."""

from __future__ import annotations

import json
from pathlib import Path

from tests.attack import handshakes
from tests.attack.scenario import Outcome, Scenario
from tests.attack.target import PASSWORD, Target, target
from tests.attack.uploads import opened, send
from tests.files import PNG

GUARD = Path(__file__).with_name("guard")
LEDGER = "OUTGOING_LEDGER"
PAGES = ("overview", "queue", "log_complaint", "breakdown", "sla", "what_if", "root_causes", "explore")
HANDSHAKES = 20


def guarded(folder: Path) -> dict[str, str]:
    """The environment of a server whose every outgoing call is written to a file in ``folder``."""
    return {"PYTHONPATH": str(GUARD), LEDGER: str(folder / "outgoing")}


def calls(folder: Path) -> list[str]:
    """What was called, with the place in the program; empty when nothing was."""
    ledger = folder / "outgoing"
    assert ledger.exists(), "the guard was not in force"
    return [str(json.loads(line)["call"]) for line in ledger.read_text(encoding="utf-8").splitlines() if line.strip()]


def use(of: Target) -> None:
    """What people do: sign in, open pages, upload; and what they should not: foreign handshakes, unknown hosts."""
    of.person("lead")
    assert of.stranger().sign_in("lead", PASSWORD).status_code < 500
    person = of.person("lead")
    with person.tab() as tab:
        for page in PAGES:
            tab.open(page)
        assert send(person, opened(of, person, tab), PNG, "ảnh.png").status_code == 204
    handshakes.attack(of, HANDSHAKES)
    with person.client() as client:
        for host in ("evil.example", "10.0.0.1", "localhost:1"):
            client.get("/", headers={"host": host})


def run(folder: Path) -> Outcome:
    """A server with the guard in force, used and attacked."""
    outcome = Outcome()
    with target(folder, extra=guarded(folder)) as of:
        use(of)
    called = calls(folder)
    outcome.note(f"outgoing calls of server and commands: {len(called)}")
    for call in called:
        outcome.expect(False, f"called {call}")
    return outcome


SCENARIO = Scenario("outgoing", "the product calls nobody", run)
