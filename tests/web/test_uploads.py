"""Uploads at the gate: whose tab, which role, how large, how many bytes may wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from starlette.exceptions import HTTPException

from core.register.case.file_kinds import MAX_FILM
from core.register.log.tables import Person
from core.register.people import accounts
from core.rules.roles import ROLES
from core.web import uploads
from core.web.uploads import FRAME, Pending, Place, Uploads
from tests.web.site import Site

MEGABYTE = 1 << 20
ATTACH = {
    "reporter": True, "agent": True, "lead": True, "handler": True, "manager": False, "analyst": True, "admin": True,
}  # fmt: skip


class Tabs:
    """Open tabs and the files in memory, as Streamlit would tell."""

    def __init__(self, site: Site) -> None:
        self.owners: dict[str, int] = {}
        self.held: set[str] = set()
        site.uploads = Uploads(self.owners.get, lambda _session, file: file in self.held)
        self.site = site

    def open(self, role: str) -> str:
        """A tab of that person; its number is the role."""
        self.site.staff(role)
        with self.site.register.read() as session:
            self.owners[role] = accounts.find(session, role).id
        return role

    def put(self, role: str, tab: str, size: int = 3, file: str = "f", method: str = "PUT") -> int:
        """Upload ``size`` bytes; where it is taken the file is held."""
        headers = {"content-length": str(size)} if size > 3 else {}
        answer = self.site.person(role).request(
            method, f"/_stcore/upload_file/{tab}/{file}", content=b"abc", headers=headers
        )
        if answer.status_code == 204:
            self.held.add(file)
        return int(answer.status_code)


@pytest.fixture
def tabs(site: Site) -> Tabs:
    return Tabs(site)


@pytest.mark.parametrize("role", ROLES)
def test_files_come_from_roles_that_attach_them(tabs: Tabs, role: str) -> None:
    assert tabs.put(role, tabs.open(role)) == (204 if ATTACH[role] else 403)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_files_go_into_ones_own_tab_and_are_taken_from_there(tabs: Tabs, method: str) -> None:
    own, other = tabs.open("agent"), tabs.open("lead")
    assert tabs.put("agent", own, method=method) == 204
    assert tabs.put("agent", other, method=method) == 403
    assert tabs.put("agent", "closed", method=method) == 403


@pytest.mark.parametrize(
    ("path", "place", "why"),
    [
        ("/_stcore/upload_file/a/b", Place("a", "b"), "tab and file"),
        ("/_stcore/upload_file/a/b/c", None, "one part too many"),
        ("/_stcore/upload_file/a", None, "no file"),
        ("/_stcore/upload_file//b", None, "no tab"),
        ("/_stcore/other/a/b", None, "another path"),
    ],
)
def test_the_place_of_an_upload_is_read_from_its_path(path: str, place: Place | None, why: str) -> None:
    assert Place.of(path) == place, why


def test_a_file_beyond_the_largest_is_not_read(tabs: Tabs) -> None:
    tab = tabs.open("agent")
    assert tabs.put("agent", tab, MAX_FILM + FRAME) == 204, "a film and the form around it"
    assert tabs.put("agent", tab, MAX_FILM + FRAME + 1) == 413
    assert tabs.put("agent", tab, 10**5_000 % 10**4_000 + 10**4_100) == 413, "whatever number is sent"


def test_an_upload_must_say_how_large_it_is(tabs: Tabs) -> None:
    tab = tabs.open("agent")
    answer = tabs.site.person("agent").put(f"/_stcore/upload_file/{tab}/f", content=iter([b"abc"]))
    assert answer.status_code == 411
    assert "dung lượng" in answer.text


def test_files_that_wait_to_be_saved_count_until_they_are(tabs: Tabs) -> None:
    tab = tabs.open("agent")
    size = uploads.PER_PERSON // 4
    assert [tabs.put("agent", tab, size, f"f{n}") for n in range(5)] == [204, 204, 204, 204, 413]
    tabs.held.discard("f1")  # saved, or removed, or its tab was closed
    assert tabs.put("agent", tab, size, "g") == 204
    assert tabs.put("lead", tabs.open("lead"), size) == 204, "another person's are their own"


def test_the_same_file_sent_again_counts_once(tabs: Tabs) -> None:
    tab, size = tabs.open("agent"), uploads.PER_PERSON // 4
    assert [tabs.put("agent", tab, size) for _again in range(2)] == [204, 204]
    assert tabs.site.uploads.waiting() == size


def test_an_upload_that_failed_does_not_count(tabs: Tabs) -> None:
    tab = tabs.open("agent")
    answer = tabs.site.person("agent").put(f"/_stcore/upload_file/{tab}/f", content=b"broken")
    assert answer.status_code == 400
    assert tabs.site.uploads.waiting() == 0


def test_all_together_may_fill_so_much_and_no_more(tabs: Tabs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "IN_ALL", 60 * MEGABYTE)
    assert tabs.put("agent", tabs.open("agent"), 40 * MEGABYTE, "a") == 204
    assert tabs.put("lead", tabs.open("lead"), 30 * MEGABYTE, "b") == 503
    assert tabs.put("lead", "lead", 20 * MEGABYTE, "c") == 204


def test_five_who_save_nothing_leave_room_for_a_sixth(tabs: Tabs) -> None:
    """What waits has no end of its own while its tab is open, so nobody's share is a large part of the whole."""
    film = MAX_FILM + FRAME
    for n in range(5):  # without sending hundreds of megabytes: as Streamlit would hold them
        tabs.site.uploads.pending[Place(f"tab-{n}", "f")] = Pending(1_000 + n, uploads.PER_PERSON)
    assert tabs.site.uploads._quota_refusal(Person(id=2_000), film) is None
    assert film <= uploads.PER_PERSON


@dataclass
class Sender:
    """Whoever sends: only the number counts here."""

    id: int


async def sent_by(sent: Uploads, app: object, person: int, file: int, receive: object = None) -> None:
    scope = {"path": f"/_stcore/upload_file/a/{file}", "method": "PUT", "headers": [(b"content-length", b"1")]}
    await sent.pass_on(app, Sender(person), scope, receive, None)  # type: ignore[arg-type] # stand-ins


def test_only_a_few_are_read_at_the_same_time() -> None:
    seen: list[int] = []
    sent = Uploads()

    async def app(_scope: object, _receive: object, _send: object) -> None:
        seen.append(len(sent.turns.reading))
        await asyncio.sleep(0.01)

    async def all_at_once() -> None:
        await asyncio.gather(*(sent_by(sent, app, 1, file) for file in range(6)))

    asyncio.run(all_at_once())
    assert len(seen) == 6
    assert max(seen) == uploads.AT_ONCE
    assert sent.turns.reading == []


def test_nobody_waits_behind_all_the_files_of_another() -> None:
    order: list[int] = []
    sent = Uploads()

    async def app(scope: dict[str, str], _receive: object, _send: object) -> None:
        order.append(int(scope["path"].rpartition("/")[2]))
        await asyncio.sleep(0.01)

    async def all_at_once() -> None:
        await asyncio.gather(*(sent_by(sent, app, 1 if file < 6 else 2, file) for file in range(8)))

    asyncio.run(all_at_once())
    assert order[:2] == [0, 1], "nobody else had come yet"
    assert set(order[2:4]) == {2, 6}, "one of each"
    assert set(order[4:6]) == {3, 7}


def test_a_long_body_gives_its_turn_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "TURN", 0.05)
    sent, taken = Uploads(), []

    async def app(scope: dict[str, str], _receive: object, _send: object) -> None:
        taken.append(scope["path"])
        await asyncio.sleep(0 if scope["path"].endswith("9") else 5)

    async def beside_slow_ones() -> None:
        slow = [asyncio.create_task(sent_by(sent, app, file, file)) for file in range(uploads.AT_ONCE)]
        await asyncio.sleep(0)
        async with asyncio.timeout(2):
            await sent_by(sent, app, 8, 9)
        assert len(sent.pending) == uploads.AT_ONCE, "still counted"
        for each in slow:
            each.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    asyncio.run(beside_slow_ones())
    assert (sent.turns.reading, sent.turns.waiting, sent.pending) == ([], [], {})


def test_whoever_leaves_while_waiting_leaves_nothing_behind() -> None:
    sent = Uploads()

    async def app(_scope: object, _receive: object, _send: object) -> None:
        await asyncio.sleep(5)

    async def left() -> None:
        everybody = [asyncio.create_task(sent_by(sent, app, file, file)) for file in range(uploads.AT_ONCE + 2)]
        await asyncio.sleep(0.01)
        assert len(sent.turns.waiting) == 2
        for each in reversed(everybody):
            each.cancel()
        await asyncio.gather(*everybody, return_exceptions=True)

    asyncio.run(left())
    assert (sent.turns.reading, sent.turns.waiting, sent.pending) == ([], [], {})


@pytest.mark.parametrize(
    ("pauses", "size", "is_read", "why"),
    [
        ([0.0] * 5, 100, True, "at once"),
        ([0.02] * 5, 1_000, True, "slowly, but never slower than the least"),
        ([0.0, 0.5], 100_000, False, "a body that stands still, however fast it began"),
        ([0.02] * 40, 1, False, "a byte now and then"),
    ],
)
def test_a_body_that_does_not_come_is_given_up(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float], size: int, is_read: bool, why: str
) -> None:
    monkeypatch.setattr(uploads, "STALL", 0.2)
    monkeypatch.setattr(uploads, "GRACE", 0.3)
    monkeypatch.setattr(uploads, "SLOWEST", 10_000)

    async def coming() -> tuple[int, object]:
        left = list(pauses)

        async def receive() -> dict[str, object]:
            await asyncio.sleep(left.pop(0))
            return {"type": "http.request", "body": b"x" * size, "more_body": bool(left)}

        async def app(_scope: object, receive: Callable[[], Awaitable[dict[str, object]]], _send: object) -> None:
            while (await receive())["more_body"]:
                pass

        try:
            await sent_by(Uploads(), app, 1, 1, receive)
        except HTTPException as given_up:
            return given_up.status_code, given_up.headers
        return 204, None

    assert asyncio.run(coming()) == ((204, None) if is_read else (408, {"Connection": "close"})), why


def test_what_comes_after_the_body_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "STALL", 0.05)

    async def coming() -> None:
        messages: list[dict[str, object]] = [{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}]

        async def receive() -> dict[str, object]:
            await asyncio.sleep(0.0 if len(messages) == 2 else 0.2)
            return messages.pop(0)

        async def app(_scope: object, receive: Callable[[], Awaitable[dict[str, object]]], _send: object) -> None:
            assert (await receive())["body"] == b"x"
            assert (await receive())["type"] == "http.disconnect"

        await sent_by(Uploads(), app, 1, 1, receive)

    asyncio.run(coming())


@pytest.mark.parametrize("sign", ["?", "#", "\\", "\t"])
def test_the_path_that_was_checked_is_the_path_that_is_served(tabs: Tabs, sign: str) -> None:
    """A tab's number never holds such a sign, so an address with one is nobody's."""
    tab = tabs.open("agent")
    seen: list[str] = []

    def owner_of(session_id: str) -> int | None:
        seen.append(session_id)
        return tabs.owners.get(session_id)

    tabs.site.uploads.owner_of = owner_of
    assert tabs.put("agent", tab + quote(sign)) == 403
    assert seen == [tab + sign]
