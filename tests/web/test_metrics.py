"""/metrics: what a monitoring program reads, and nobody without the token."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.register.messages.worker import Worker
from core.register.operations.page_times import OF_PROCESS, PageTimes
from tests.web.site import Site

TOKEN = "0123456789abcdef0123"


def value(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])


@pytest.mark.parametrize("header", ["", TOKEN, "Bearer ", f"Bearer {TOKEN}x", f"bearer {TOKEN}"])
def test_without_its_token_there_is_no_such_page(site: Site, header: str) -> None:
    site.settings["metrics_token"] = TOKEN
    assert site.visitor().get("/metrics", headers={"authorization": header}).status_code == 404
    assert site.person("admin").get("/metrics").status_code == 404, "a session is no token"


def test_without_a_token_set_nothing_opens_it(site: Site) -> None:
    assert site.visitor().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_it_counts_sign_ins_acts_messages_and_pages(site: Site) -> None:
    site.settings["metrics_token"] = TOKEN
    site.person("agent")
    OF_PROCESS.add("queue", 0.25)
    visitor = site.visitor()
    answer = visitor.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert value(answer.text, "register_sign_ins_total") == 1
    assert value(answer.text, "register_events_total") > 1
    assert value(answer.text, "register_worker_up") == 0
    assert value(answer.text, 'register_messages{state="waiting"}') == 0
    assert value(answer.text, 'register_page_seconds{page="queue",quantile="0.95"}') > 0
    worker = Worker(site.register, "https://x.example", "one", lambda: site.now)
    worker.round()
    answer = visitor.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert value(answer.text, "register_worker_up") == 1
    assert value(answer.text, "register_worker_seen_seconds") == 0


def test_every_line_is_as_prometheus_reads_it(site: Site) -> None:
    site.settings["metrics_token"] = TOKEN
    text = site.visitor().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    typed = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")]
    assert len(typed) == len(set(typed)) > 5
    for line in text.splitlines():
        if not line.startswith("#"):
            name, number = line.rsplit(" ", 1)
            float(number)
            assert any(name.startswith(known) for known in typed), line


@pytest.mark.parametrize(
    ("seconds", "p50", "p95"),
    [([1.0], 1.0, 1.0), ([1.0, 2.0], 1.0, 2.0), ([float(n) for n in range(1, 101)], 50.0, 95.0)],
)
def test_half_and_nineteen_of_twenty(seconds: list[float], p50: float, p95: float) -> None:
    times = PageTimes()
    for one in reversed(seconds):
        times.add("queue", one)
    assert times.of_all()["queue"].p50 == p50
    assert times.of_all()["queue"].p95 == p95


def test_a_page_that_fails_is_measured_too() -> None:
    times = PageTimes()

    def fail() -> Callable[[], None]:
        raise OSError

    with pytest.raises(OSError), times.measured("queue"):
        fail()
    assert times.of_all()["queue"].runs == 1
