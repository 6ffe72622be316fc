"""The benchmarks of one grown register, one after the other: ``python -m tests.bench.of_register --complaints N``.

A process of its own for each register: the pages leave one behind as the main module.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench import bench_acts, bench_crowd, bench_facts, bench_pack, bench_pages, bench_worker, place


def main() -> None:
    """Measure facts, clicks, pages, the worker, files of a review, acts; ``--into``: a file for it all, as JSON."""
    options = place.arguments(__doc__)
    options.add_argument("--into", type=Path)
    given = options.parse_args()
    with place.of(given) as here:
        # acts last: the scripts that they and the pages run leave a page behind, which new processes would run
        lines = bench_facts.measure(here) | bench_crowd.measure(here) | bench_pages.measure(here)
        lines |= bench_worker.measure(here) | bench_pack.measure(here) | bench_acts.measure(here)
    if given.into:
        given.into.write_text(json.dumps(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
