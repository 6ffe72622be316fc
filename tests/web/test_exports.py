"""The export route: who gets which rows, how they come, and that the log remembers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import BytesIO

import pandas as pd
import pytest
from httpx2 import Response
from sqlalchemy import func, select, update

from core.commands import sample
from core.insight import facts, rows
from core.insight.facts import Facts
from core.insight.slices import Slice
from core.papers import rows as exported
from core.papers.csv import MARK
from core.papers.dictionary import COLUMNS, known
from core.register.case.complaints import log
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event, Person
from core.register.log.verify import verify
from core.register.organisation import lists
from core.rules.calendar import local_day
from core.web.exports import LIST_PATH, PATH
from tests.engines import MONDAY, OPENED, Beginning
from tests.web.site import Site

SAID = "=cmd|' /C calc'!A0 Nạp rồi, \"chưa\" có;\nmất tiền"
PERSONAL = "code,customer_name,phone,email,account,statement,remedy"


def fill(register: Register) -> None:
    """A complaint of a known customer, and a sample."""
    with register.write() as session:
        draft = Draft(
            channel="hotline",
            recorded_at=MONDAY - timedelta(hours=1),
            statement=SAID,
            category="payment",
            remedy="+ hoàn tiền",
            customer=CustomerDraft("Mai Thử", "0500 111 222", "mai@thu-mau.example", "maithu99"),
        )
        log(session, draft, Act(None, MONDAY))
    sample.fill(register, 60, MONDAY, seed=1, force=True)


FULL = Beginning("a known customer and a sample", fill, OPENED)


@pytest.fixture
def beginning(request: pytest.FixtureRequest, beginning: Beginning) -> Beginning:
    return FULL if "full_site" in request.fixturenames else beginning


@pytest.fixture
def full_site(site: Site) -> Site:
    """The site over what ``fill`` wrote."""
    return site


def export(site: Site, query: str, role: str = "lead") -> Response:
    return site.person(role).get(f"{PATH}?{query}")


def read(answer: Response, separator: str = ",") -> pd.DataFrame:
    assert answer.status_code == 200
    return pd.read_csv(BytesIO(answer.content), sep=separator, dtype=str, keep_default_na=False)


@pytest.mark.parametrize(
    ("role", "status"),
    [("lead", 200), ("manager", 200), ("analyst", 200), ("admin", 200), ("agent", 403), ("handler", 403)],
)
def test_who_may_export(site: Site, role: str, status: int) -> None:
    assert export(site, "", role).status_code == status


@pytest.mark.parametrize(
    ("role", "status"),
    [("admin", 200), ("lead", 403), ("manager", 403), ("analyst", 403), ("agent", 403), ("handler", 403)],
)
def test_a_list_is_for_administrators(site: Site, role: str, status: int) -> None:
    assert site.person(role).get(LIST_PATH.format(name="channels")).status_code == status


def test_a_list_comes_whole_under_keys(site: Site) -> None:
    administrator = site.person("admin")
    answer = administrator.get(LIST_PATH.format(name="channels"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="channels.csv"'
    assert list(read(answer).columns) == ["key", "vi", "en", "retired", "into", "written"]
    with site.register.read() as session:
        assert list(read(answer)["key"]) == list(lists.current(session, "channels"))
    assert list(read(administrator.get(LIST_PATH.format(name="channels") + "?dialect=excel"), ";")["key"])
    assert administrator.get(LIST_PATH.format(name="organisation")).status_code == 404


def test_nothing_without_a_session(full_site: Site) -> None:
    stranger = full_site.visitor()
    for headers in ({"accept": "text/csv"}, {"accept": "text/html"}):
        answer = stranger.get(PATH, headers=headers)
        assert answer.status_code in (303, 401)
        assert b"KN-" not in answer.content
    stranger.cookies.set("pops_session", "forged")
    assert stranger.get(PATH, headers={"accept": "text/csv"}).status_code == 401


def test_a_session_that_ended_gets_nothing(full_site: Site) -> None:
    browser = full_site.person("lead")
    full_site.later(days=40)
    assert browser.get(PATH, headers={"accept": "text/csv"}).status_code == 401


QUERIES = [
    "",
    "of=open",
    "of=open&segment=overdue",
    "of=due",
    "of=due&verdict=missed",
    "category=payment&period=year",
    "period=last_week",
]


@pytest.mark.parametrize("query", QUERIES)
def test_the_file_has_the_rows_the_screen_counts(full_site: Site, query: str) -> None:
    asked = dict(pair.split("=") for pair in query.split("&") if pair)
    now = full_site.now
    counted = rows.count(facts.current(full_site.register), Slice.from_query(asked, local_day(now)), now)
    assert len(read(export(full_site, query + "&columns=code"))) == counted


def test_the_answer_is_a_file_to_keep(full_site: Site) -> None:
    answer = export(full_site, "of=open")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="dang-mo_')
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content.startswith(MARK)
    assert answer.content.count(b"\r\n") >= 2


def test_a_role_that_knows_the_person_gets_the_words_and_no_formula(full_site: Site) -> None:
    table = read(export(full_site, f"of=open&headers=key&columns={PERSONAL}")).set_index("code")
    row = table.loc["KN-2026-000001"]
    assert row["customer_name"] == "Mai Thử"
    assert row["phone"] == "0500 111 222"
    assert row["statement"] == "'" + SAID
    assert row["remedy"] == "'+ hoàn tiền"


@pytest.mark.parametrize("role", ["manager", "analyst", "admin"])
def test_everybody_else_gets_it_masked(full_site: Site, role: str) -> None:
    answer = export(full_site, f"of=open&headers=key&columns={PERSONAL}", role)
    row = read(answer).set_index("code").loc["KN-2026-000001"]
    assert row.to_dict() == {
        "customer_name": "M. T.",
        "phone": "••• 222",
        "email": "m•••@•••",
        "account": "ma•••",
        "statement": "…",
        "remedy": "…",
    }
    assert "Mai" not in answer.text
    assert "hoàn tiền" not in answer.text


def test_headers_and_names_in_the_readers_language_or_as_keys(full_site: Site) -> None:
    named = read(export(full_site, "of=open&columns=code,category"))
    keyed = read(export(full_site, "of=open&columns=code,category&headers=key"))
    assert named.columns[0] == "Mã hồ sơ"
    assert "payment" not in set(named.iloc[:, 1])
    assert list(keyed.columns) == ["code", "category"]
    assert "payment" in set(keyed["category"])


def test_semicolons_for_excel(full_site: Site) -> None:
    table = read(export(full_site, f"of=open&dialect=excel&headers=key&columns={PERSONAL}"), ";")
    assert table.set_index("code").loc["KN-2026-000001", "statement"] == "'" + SAID


def test_nonsense_in_the_query_is_passed_over(full_site: Site) -> None:
    table = read(export(full_site, "of=all&columns=drop,table&dialect=x&headers=y&hour=99&verdict=z"))
    assert table.columns[0] == "Mã hồ sơ"


def test_an_account_closed_while_the_rows_are_gathered_takes_none_away(
    full_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, selection = full_site.person("lead"), exported.Selection

    def close_and_select(facts_now: Facts, slice: Slice, now: datetime) -> exported.Selection:
        with full_site.register.write() as session:
            session.execute(update(Person).where(Person.login == "lead").values(active=False))
        return selection(facts_now, slice, now)

    monkeypatch.setattr(exported, "Selection", close_and_select)
    answer = browser.get(PATH, headers={"accept": "text/csv"})
    assert (answer.status_code, answer.text) == (403, "Tài khoản này đã khóa: hãy liên hệ quản trị.")
    with full_site.register.read() as session:
        assert session.scalars(select(Event).where(Event.kind == "exported")).all() == []


def test_the_log_remembers_who_took_what_and_nothing_of_what_it_said(full_site: Site) -> None:
    answer = export(full_site, f"of=open&category=payment&columns={PERSONAL}")
    with full_site.register.read() as session:
        event = session.scalars(select(Event).where(Event.kind == "exported")).one()
    said = json.loads(event.payload)
    assert event.subject == "export"
    assert event.actor_id == event.subject_id
    assert said == {
        "query": {"of": "open", "category": "payment"},
        "columns": PERSONAL.split(","),
        "rows": len(read(answer)),
        "format": "csv",
        "whole": True,
    }
    assert verify(full_site.register).is_whole


def test_looking_at_the_headers_only_is_no_export(full_site: Site) -> None:
    answer = full_site.person("lead").head(PATH)
    assert answer.status_code == 200
    assert answer.content == b""
    with full_site.register.read() as session:
        assert session.scalars(select(Event).where(Event.kind == "exported")).first() is None


@pytest.mark.parametrize("of", ["recorded", "due"])
def test_every_column_can_be_asked_for_alone(full_site: Site, of: str) -> None:
    for key in known(obligations=of == "due"):
        answer = export(full_site, f"of={of}&headers=key&columns={key}")
        assert list(read(answer).columns) == [key]
        assert answer.content.count(b"\r\n") > 1, "lines, also where a column has no value"


def test_every_column_can_be_asked_for(full_site: Site) -> None:
    for of in ("recorded", "due"):
        keys = [key for key, column in COLUMNS.items() if of == "due" or not column.obligation]
        table = read(export(full_site, f"of={of}&headers=key&columns={','.join(keys)}"))
        assert list(table.columns) == keys
        assert len(table) > 0


OF_PAYMENT = {"transaction": "FT26320999", "amount": "1,2tr", "time": "2026-11-15T20:15", "method": "momo"}


@pytest.mark.parametrize(("role", "code"), [("lead", "FT26320999"), ("admin", "…"), ("manager", "…"), ("analyst", "…")])
def test_a_list_of_one_category_has_what_it_must_know(site: Site, role: str, code: str) -> None:
    with site.register.write() as session:
        draft = Draft("hotline", site.now, "Nạp rồi", "payment", details=OF_PAYMENT)
        log(session, draft, Act(None, site.now))
        log(session, Draft("hotline", site.now, "Lỗi", "payment", details={"method": "card"}), Act(None, site.now))
    rows = read(export(site, "category=payment&field_method=momo", role))
    assert list(rows.columns)[-4:] == ["Mã giao dịch", "Số tiền", "Thời điểm thanh toán", "Hình thức thanh toán"]
    assert rows.iloc[:, -4:].to_numpy().tolist() == [[code, "1200000", "2026-11-15 20:15:00", "Ví MoMo"]], (
        "whole đồng, local time, the name of the choice; what is personal by role"
    )
    with site.register.read() as session:
        logged = session.scalars(select(Event.payload).where(Event.kind == "exported")).all()
    assert json.loads(logged[-1])["query"] == {"category": "payment", "field_method": "momo"}
    assert "FT26320999" not in "".join(logged)


def test_a_text_beside_the_file_says_what_it_is_and_holds_none_of_it(full_site: Site) -> None:
    query = "of=due&stage=resolve&verdict=missed,overdue&category=payment&period=year"
    rows_there = len(read(export(full_site, query)))
    with full_site.register.read() as session:
        before = session.scalar(select(func.count()).select_from(Event).where(Event.kind == "exported"))
    answer = export(full_site, f"{query}&about=1")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('.txt"')
    lines = answer.text.split("\r\n")
    assert lines[0] == "POPS"
    assert f"Số dòng: {rows_there}; số hồ sơ: {rows_there}" in lines
    assert "Nhóm khiếu nại: Thanh toán POPS Stars / Tắt quảng cáo" in lines
    assert "Kết luận hạn: Trễ hạn, Quá hạn" in lines
    assert any(line.startswith("counted: Tính vào tỷ lệ: ") for line in lines), "how a rate counts each row (D11)"
    assert "KN-" not in answer.text
    with full_site.register.read() as session:
        after = session.scalar(select(func.count()).select_from(Event).where(Event.kind == "exported"))
    assert after == before, "nothing was taken away"
    assert full_site.visitor().get(f"{PATH}?about=1", headers={"accept": "text/plain"}).status_code == 401
