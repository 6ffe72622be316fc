"""Uploads at the gate: whose tab, which role, how large, how many bytes may wait."""

from __future__ import annotations

import asyncio

import pytest

from core.register.case.file_kinds import MAX_FILM
from core.register.people import accounts
from core.rules.roles import ROLES
from core.web import uploads
from core.web.uploads import FRAME, Place, Uploads
from tests.web.site import Site

MEGABYTE = 1 << 20
ATTACH = {"agent": True, "lead": True, "handler": True, "manager": False, "analyst": False, "admin": False}


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


def test_only_a_few_are_read_at_the_same_time() -> None:
    seen: list[int] = []
    sent = Uploads()

    class Person:
        id = 1

    async def app(_scope: object, _receive: object, _send: object) -> None:
        seen.append(uploads.AT_ONCE - sent.turns._value)
        await asyncio.sleep(0.01)

    async def all_at_once() -> None:
        scopes = [
            {"path": f"/_stcore/upload_file/a/{n}", "method": "PUT", "headers": [(b"content-length", b"1")]}
            for n in range(6)
        ]
        await asyncio.gather(*(sent.pass_on(app, Person(), scope, None, None) for scope in scopes))  # type: ignore[arg-type] # stand-ins

    asyncio.run(all_at_once())
    assert len(seen) == 6
    assert max(seen) == uploads.AT_ONCE
