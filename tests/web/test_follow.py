"""The page where a customer follows their case (D41): with code and secret, which stand in no address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from core.register.api.intake import Logged
from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.tables import Complaint, Event
from core.rules.steps import State
from core.web.api.limits import Limits
from core.web.pace import Pace
from tests.engines import MONDAY
from tests.register.api.given import brought_to, logged, made
from tests.register.cases import draft
from tests.web.site import FROM_HERE, Site


@pytest.fixture
def case(site: Site) -> Logged:
    """A case that was logged by the API."""
    return logged(site.register, made(site.register)[0])


@pytest.fixture
def visitor(site: Site) -> TestClient:
    """Somebody without an account."""
    return site.visitor()


def look(visitor: TestClient, case: Logged, **more: str) -> Response:
    fields = {"code": case.code, "secret": case.secret or "", **more}
    return visitor.post("/follow", data=fields, headers=FROM_HERE)


def bring(site: Site, case: Logged, state: State) -> None:
    with site.register.write() as session:
        brought_to(session, case.code, state)


def events(site: Site) -> list[str]:
    with site.register.read() as session:
        its = select(Event.kind).join(Complaint, Complaint.id == Event.subject_id)
        return list(session.scalars(its.where(Event.subject == "complaint", Complaint.source == "api")))


def test_the_form_asks_for_both(visitor: TestClient) -> None:
    page = visitor.get("/follow")
    assert page.status_code == 200
    assert 'name="code"' in page.text and 'name="secret"' in page.text and "Theo dõi khiếu nại" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_it_says_where_the_case_stands(visitor: TestClient, case: Logged) -> None:
    page = look(visitor, case)
    assert page.status_code == 200
    assert "<h1>Đã nhận, chưa xem xét</h1>" in page.text and "nhận lúc 16/11/2026 09:00" in page.text
    assert "Đồng ý" not in page.text


def test_in_english_too(visitor: TestClient, case: Logged) -> None:
    visitor.get("/follow?lang=en")
    assert "<h1>received, not looked at yet</h1>" in look(visitor, case).text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"secret": "AAAA-AAAA-AAAA-AAAA"}, "another secret"),
        ({"secret": ""}, "none"),
        ({"code": "KN-2020-000001"}, "another code"),
        ({"code": "a\0b"}, "no code"),
        ({"say": "add", "text": "Xin chào", "secret": "-"}, "somebody writes without it"),
    ],
)
def test_without_both_nothing_is_shown(
    site: Site, visitor: TestClient, case: Logged, change: dict[str, str], why: str
) -> None:
    page = look(visitor, case, **change)
    assert page.status_code == 404, why
    assert "Không có hồ sơ nào ứng với mã và mã bí mật này" in page.text
    assert events(site) == ["received"]


def test_what_is_asked_is_answered(site: Site, visitor: TestClient, case: Logged) -> None:
    bring(site, case, State.waiting_customer)
    page = look(visitor, case)
    assert "Đang chờ quý khách trả lời" in page.text and "Nội dung của bước ask_customer" in page.text
    assert "<li>Chứng từ thanh toán</li>" in page.text and "<li>Tên người nhận tiền</li>" in page.text
    done = look(visitor, case, say="add", version="4", text="Đây ạ\r\n<b>mã 5</b>")
    assert "Cảm ơn quý khách" in done.text and "Đang xem xét" in done.text
    again = look(visitor, case, say="add", version="4", text="Đây ạ")
    assert again.status_code == 409 and "Đây ạ</textarea>" in again.text, "a form that is sent twice counts once"
    assert events(site)[-1] == "customer_replied"


def test_a_proposal_is_agreed_to_or_refused(site: Site, visitor: TestClient, case: Logged) -> None:
    bring(site, case, State.proposed)
    page = look(visitor, case)
    assert 'value="accept"' in page.text and 'value="refuse"' in page.text
    without = look(visitor, case, say="refuse", version="4", text=" ")
    assert without.status_code == 409 and "Hãy viết điều quý khách muốn nói" in without.text
    assert "Đang xem xét" in look(visitor, case, say="accept", version="4", text="").text
    assert events(site)[-1] == "remedy_accepted"


def test_what_is_written_is_shown_as_text_and_nothing_else(site: Site, visitor: TestClient, case: Logged) -> None:
    bring(site, case, State.acknowledged)
    text = '<script>alert(1)</script>{{ "x" }}'
    with site.register.write() as session:
        complaints.take(session, case.code, "classify", {"kind": "complaint", "category": "content"}, Act(None, MONDAY))
        complaints.take(session, case.code, "notify_result", {"channel": "email", "text": text}, Act(None, MONDAY))
    page = look(visitor, case)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ &#34;x&#34; }}" in page.text
    refused = look(visitor, case, say="refuse", version="99", text=text)
    assert "<script>alert(1)" not in refused.text and "&lt;script&gt;alert(1)" in refused.text


def test_another_site_cannot_post_it(visitor: TestClient, case: Logged) -> None:
    fields = {"code": case.code, "secret": case.secret or ""}
    assert visitor.post("/follow", data=fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert visitor.post("/follow", data=fields).status_code == 403


def test_a_long_answer_fits(site: Site, visitor: TestClient, case: Logged) -> None:
    assert "Cảm ơn quý khách" in look(visitor, case, say="add", version="1", text="ế" * 20_000).text
    assert look(visitor, case, say="add", version="2", text="ế" * 30_000).status_code == 413
    assert events(site) == ["received", "noted"]


def test_limits(site: Site, case: Logged) -> None:
    second = timedelta(seconds=1)
    site.api = Limits(followers=Pace(2, second), wrong=Pace(2, 10 * second))
    visitor = site.visitor()
    answers = [look(visitor, case) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "1" and "thử lại sau 1 giây" in answers[-1].text
    site.later(seconds=5)
    assert [look(visitor, case, secret="-").status_code for _ in range(2)] == [404, 404]
    site.later(seconds=2)
    assert look(visitor, case).headers["retry-after"] == "8", "even the right one waits"


def test_a_case_that_was_typed_has_no_secret(site: Site, visitor: TestClient, case: Logged) -> None:
    with site.register.write() as session:
        typed = complaints.log(session, draft(), Act(None, MONDAY))
    assert look(visitor, case._replace(code=typed.code)).status_code == 404
