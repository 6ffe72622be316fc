"""``make attack``: what a stranger or an accident can do to a running server, on this machine only, and what it costs.

``python -m tests.attack [NAME …]`` runs some scenarios or all of them, each against a server of its own, and prints
their figures; it ends with 1 when a promise was broken. A scenario is a module with a ``SCENARIO``; add it to
``SCENARIOS``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.attack import handshakes, kills, naughty, outgoing, roles, sign_ins, uploads, writers
from tests.attack.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    handshakes.SCENARIO,
    sign_ins.SCENARIO,
    uploads.SCENARIO,
    outgoing.SCENARIO,
    roles.SCENARIO,
    naughty.SCENARIO,
    *kills.SCENARIOS,
    *writers.SCENARIOS,
)


def main(arguments: list[str]) -> int:
    """Run the scenarios named in ``arguments``, or all; the number of those that broke a promise."""
    names = {scenario.name: scenario for scenario in SCENARIOS}
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    chosen = parser.parse_args(arguments).names or list(names)
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are: {', '.join(names)}")
    return sum(not _held(names[name]) for name in chosen)


def _held(scenario: Scenario) -> bool:
    print(f"\n{scenario.name}: {scenario.promise}", flush=True)
    with tempfile.TemporaryDirectory(prefix="attack-") as folder:
        outcome = scenario.run(Path(folder))
    for figure in outcome.figures:
        print(f"  {figure}", flush=True)
    for broken in outcome.broken:
        print(f"  BROKEN: {broken}", flush=True)
    return not outcome.broken


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
