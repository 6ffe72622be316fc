"""Setting up in the browser: only with the code, once, and nothing typed is lost on a mistake."""

import pytest

from core import shipped
from core.register import rulebook
from core.register.log.act import Act
from core.register.organisation import choice
from core.register.people import accounts
from core.settings import SESSION_COOKIE
from tests.web.site import FROM_HERE, GOOD, Site

ADMIN = {"organisation": "pops", "login": "admin", "name": "Nguyễn Văn Quản", "password": GOOD, "again": GOOD}


def logins(site: Site) -> list[str]:
    with site.register.read() as session:
        return [person.login for person in accounts.list_people(session)]


@pytest.mark.parametrize("path", ["/", "/queue", "/sign-in", "/setup", "/setup?code=guessed"])
def test_before_set_up_every_way_in_says_to_open_the_link_of_the_terminal(new_site: Site, path: str) -> None:
    new_site.setup_code()
    answer = new_site.visitor().get(path)
    assert answer.status_code == 403
    assert "cửa sổ dòng lệnh" in answer.text
    assert "<form" not in answer.text


def test_the_link_creates_the_administrator_signs_in_and_is_gone(new_site: Site) -> None:
    link = f"/setup?code={new_site.setup_code()}"
    visitor = new_site.visitor()
    assert "Thiết lập" in visitor.get(link).text
    answer = visitor.post(link, data=ADMIN, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert SESSION_COOKIE in visitor.cookies
    assert visitor.get("/people").text == "page /people"
    again = new_site.visitor()
    for answer in (again.get(link), again.post(link, data=ADMIN | {"login": "second"}, headers=FROM_HERE)):
        assert answer.status_code == 410
    assert logins(new_site) == ["admin"]
    assert new_site.filled == []


@pytest.mark.parametrize("link", ["/setup", "/setup?code=", "/setup?code=guessed"])
def test_without_the_code_nobody_sets_up(new_site: Site, link: str) -> None:
    new_site.setup_code()
    answer = new_site.visitor().post(link, data=ADMIN, headers=FROM_HERE)
    assert answer.status_code == 403
    assert logins(new_site) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"again": "another one"}, "Hai mật khẩu không giống nhau"),
        ({"password": "short", "again": "another one"}, "Hai mật khẩu không giống nhau"),
        ({"password": "short", "again": "another one"}, "Quá ngắn: ít nhất 10 ký tự"),
        ({"password": "short", "again": "short"}, "Quá ngắn: ít nhất 10 ký tự"),
        ({"login": "đào"}, "không dấu"),
        ({"organisation": ""}, "Chọn đây là sổ của tổ chức nào"),
        ({"organisation": "acme"}, "Chọn đây là sổ của tổ chức nào"),
        ({"organisation": "empty", "organisation_name": "\u200b"}, "Hãy ghi tên."),
        ({"organisation": "empty", "organisation_name": "A" * 81}, "Hãy rút gọn tên: tối đa 80 ký tự."),
        ({"name": ""}, "Nhập tên, nhiều nhất 80 ký tự"),
        ({"with_sample": "yes", "sample": "7"}, "Nhập một số từ 100 đến 20000"),
        ({"with_sample": "yes", "sample": "many"}, "Nhập một số từ 100 đến 20000"),
    ],
)
def test_a_mistake_says_what_to_mend_and_keeps_what_was_typed(
    new_site: Site, changes: dict[str, str], says: str
) -> None:
    link = f"/setup?code={new_site.setup_code()}"
    sent = ADMIN | changes
    answer = new_site.visitor().post(link, data=sent, headers=FROM_HERE)
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{sent["login"]}"' in answer.text
    assert f'value="{sent["name"]}"' in answer.text
    assert sent["password"] not in answer.text
    assert new_site.visitor().post(link, data=ADMIN, headers=FROM_HERE).status_code == 303


@pytest.mark.parametrize("key", shipped.organisations())
def test_the_form_asks_whose_register_it_is(new_site: Site, key: str) -> None:
    link = f"/setup?code={new_site.setup_code()}"
    page = new_site.visitor().get(link).text
    assert "Sau này không đổi được sổ này là của tổ chức nào" in page
    assert f'value="{key}"' in page and page.count('" checked') == 1 and 'value="pops" checked' in page
    assert new_site.visitor().post(link, data=ADMIN | {"organisation": key}, headers=FROM_HERE).status_code == 303
    with new_site.register.read() as session:
        assert rulebook.organisation(session) == shipped.organisation(key)


@pytest.mark.parametrize(
    ("key", "typed", "name", "why"),
    [
        ("empty", " Bưu điện  Hà Nội ", "Bưu điện Hà Nội", "it is asked"),
        ("empty", " ", "Tổ chức của bạn", "nothing typed: as it is shipped"),
        ("misa", "Bưu điện Hà Nội", "MISA", "typed before another one was chosen"),
    ],
)
def test_an_empty_organisation_says_what_it_is_called(
    new_site: Site, key: str, typed: str, name: str, why: str
) -> None:
    link = f"/setup?code={new_site.setup_code()}"
    assert 'name="organisation_name"' in new_site.visitor().get(link).text
    sent = ADMIN | {"organisation": key, "organisation_name": typed}
    assert new_site.visitor().post(link, data=sent, headers=FROM_HERE).status_code == 303
    with new_site.register.read() as session:
        assert rulebook.organisation(session).name == name, why


def test_a_register_that_is_somebodys_already_is_not_asked(new_site: Site) -> None:
    with new_site.register.write() as session:
        choice.choose(session, "vhv", Act(None, new_site.now))
    link = f"/setup?code={new_site.setup_code()}"
    assert 'name="organisation"' not in new_site.visitor().get(link).text
    sent = {name: value for name, value in ADMIN.items() if name != "organisation"}
    assert new_site.visitor().post(link, data=sent, headers=FROM_HERE).status_code == 303


def test_sample_data_is_filled_in_only_where_it_was_ticked(new_site: Site) -> None:
    link = f"/setup?code={new_site.setup_code()}"
    new_site.visitor().post(link, data=ADMIN | {"with_sample": "yes", "sample": "500"}, headers=FROM_HERE)
    assert new_site.filled == [500]


def test_sample_data_that_fails_does_not_undo_the_administrator(new_site: Site) -> None:
    new_site.broken_sample = True
    link = f"/setup?code={new_site.setup_code()}"
    answer = new_site.visitor().post(link, data=ADMIN | {"with_sample": "yes", "sample": "500"}, headers=FROM_HERE)
    assert answer.status_code == 303
    assert logins(new_site) == ["admin"]
