"""The rows of an export: as many as the figure counts, right on both engines, masked for those who may not know."""

from __future__ import annotations

from collections import Counter
from csv import DictReader
from datetime import UTC, date, datetime
from io import StringIO
from math import isnan

import pandas as pd
import polars as pl
import pytest
from sqlalchemy import select

from core.commands import sample
from core.insight import compliance, facts, rows
from core.insight.slices import Slice
from core.insight.verdicts import VERDICTS
from core.papers import csv
from core.papers.dictionary import COLUMNS, chosen, known
from core.papers.rows import Selection, page, stretches, totals
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Customer, Evidence
from core.rules import masking
from tests.conftest import Cast
from tests.engines import OPENED, Beginning
from tests.local_time import at

UNTIL = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)
ALL_TIME = {"period": "custom", "from": "2015-01-01", "to": "2027-12-31"}
SLICES = [
    ALL_TIME,
    {"period": "four_weeks"},
    {"of": "open"},
    {"of": "open", "segment": "overdue"},
    {"of": "due", **ALL_TIME},
    {"of": "due", "verdict": "missed,overdue", "stage": "resolve", **ALL_TIME},
    {"of": "closed", "root_cause": "gateway_fault", **ALL_TIME},
    {"category": "payment,login", "weekday": "0", **ALL_TIME},
    {"channel": "letter", "from": "2000-01-01", "to": "2000-01-02", "period": "custom"},
]


SAMPLE = Beginning("300 complaints", lambda register: sample.fill(register, 300, UNTIL, seed=2), OPENED)


@pytest.fixture
def beginning(request: pytest.FixtureRequest, beginning: Beginning) -> Beginning:
    return SAMPLE if "filled" in request.fixturenames else beginning


@pytest.fixture
def filled(register: Register) -> Register:
    """The register with a sample."""
    return register


def selected(register: Register, query: dict[str, str]) -> Selection:
    return Selection(facts.current(register), Slice.from_query(query, TODAY), UNTIL)


def written(
    register: Register, query: dict[str, str], keys: list[str] | None = None, *, whole: bool = True, size: int = 70
) -> pl.DataFrame:
    selection = selected(register, query)
    wanted = chosen(keys or known(obligations=selection.of_obligations), obligations=selection.of_obligations)
    return pl.concat(stretches(register, selection, wanted, whole=whole, size=size))


def test_as_many_rows_as_the_figure_counts(filled: Register) -> None:
    for query in SLICES:
        counted = rows.count(facts.current(filled), Slice.from_query(query, TODAY), UNTIL)
        selection = selected(filled, query)
        wanted = chosen((), obligations=selection.of_obligations)
        frames = list(stretches(filled, selection, wanted, whole=True, size=70))
        assert selection.count == counted, query
        assert sum(frame.height for frame in frames) == counted, query
        assert all(frame.columns == [column.key for column in wanted] for frame in frames)


SAME = (
    "state", "kind", "category", "channel", "product", "platform", "outcome", "root_cause", "reopened", "source",
    "recorded_at", "closed_at", "incident_at", "sent_at",
)  # fmt: skip
"""The columns that are the register's own, unchanged."""


@pytest.mark.parametrize("stage", ["acknowledge", "resolve"])
def test_obligations_add_up_to_the_rate_of_their_figure(filled: Register, stage: str) -> None:
    query = {"of": "due", "period": "custom", "from": "2026-11-16", "to": "2026-12-06", "stage": stage}
    selection = selected(filled, query)
    sums = totals(selection)
    rate = compliance.of(selection.facts, selection.slice.filter, UNTIL, stage)
    assert {key: sums[key] for key in VERDICTS} == {key: rate[key] for key in VERDICTS}
    kept = selection.keys["verdict"].cast(pl.String).is_in(["met"]).sum()
    assert sums["early"] + rate["met"] == kept > rate["met"], "kept before they fell due: in no rate yet (D11)"


PERIODS = [
    {"period": "custom", "from": "2026-11-16", "to": "2026-12-06"},
    {"period": "this_week"},
    {"period": "last_week"},
    {"period": "quarter"},
    {"period": "year"},
]
FILTERS = [{}, {"category": "payment"}, {"channel": "hotline,email"}, {"department": "none"}]


@pytest.mark.parametrize("stage", ["acknowledge", "resolve"])
@pytest.mark.parametrize("filter", FILTERS, ids=str)
@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_compliance_worked_out_from_the_file_is_that_of_the_screen(
    filled: Register, period: dict[str, str], filter: dict[str, str], stage: str
) -> None:
    """From nothing but the cells that somebody downloads under stable headers (D11)."""
    selection = selected(filled, {"of": "due", "stage": stage} | period | filter)
    wanted = chosen((), obligations=True)
    frames = stretches(filled, selection, wanted, whole=True, size=70)
    file = b"".join(csv.write(frames, csv.Words(wanted, "key"))).decode("utf-8-sig")
    counted = Counter(line["counted"] for line in DictReader(StringIO(file, newline="")))
    rate = compliance.of(selection.facts, selection.slice.filter, UNTIL, stage)
    due = counted["met"] + counted["missed"] + counted["overdue"]
    assert (due, counted["met"], counted["running"]) == (rate["due"], rate["met"], rate["running"])
    assert counted["met"] / due == rate["share"] if due else isnan(rate["share"])


def test_the_cells_are_those_of_the_register(filled: Register) -> None:
    frame = {row["code"]: row for row in written(filled, ALL_TIME).iter_rows(named=True)}
    with filled.read() as session:
        phones: dict[int | None, str | None] = {
            customer.id: customer.phone for customer in session.scalars(select(Customer))
        }
        its = select(Complaint, Evidence.body).join(Evidence, Evidence.id == Complaint.statement_id)
        for complaint, statement in session.execute(its.order_by(Complaint.id)):
            row = frame[complaint.code]
            for name in SAME:
                assert row[name] == getattr(complaint, name), name
            assert row["statement"] == statement
            typed = phones.get(complaint.customer_id)
            assert (row["phone"] or "") == (typed or "").replace(" ", ""), "in one shape"
    assert len(frame) == 300


def test_the_latest_come_first(filled: Register) -> None:
    recorded = written(filled, ALL_TIME, ["recorded_at"])["recorded_at"].to_list()
    assert recorded == sorted(recorded, reverse=True)


def test_verdicts_are_those_of_the_first_promise(filled: Register) -> None:
    frame = written(filled, ALL_TIME, ["code", "acknowledge_verdict", "resolve_verdict", "broken"])
    cycles = written(filled, {"of": "due", **ALL_TIME}, ["code", "stage", "cycle", "verdict"])
    first = cycles.filter(pl.col("cycle") == 1)
    for stage in ("acknowledge", "resolve"):
        expected = {
            row[0]: row[1] for row in first.filter(pl.col("stage") == stage).select("code", "verdict").iter_rows()
        }
        assert {
            code: verdict for code, verdict in frame.select("code", f"{stage}_verdict").iter_rows() if verdict
        } == expected
    broken = cycles.filter(pl.col("verdict").is_in(["missed", "overdue"]))["code"].to_list()
    assert {code: n for code, n in frame.select("code", "broken").iter_rows() if n} == {
        code: broken.count(code) for code in broken
    }


def test_an_obligation_has_its_own_reason_and_a_complaint_one_of_them(register: Register, cast: Cast) -> None:
    received, acknowledged, told = (at(f"2026-11-{when}") for when in ("02 09:00", "05 09:00", "18 09:00"))
    steps = [
        PastStep("acknowledge", acknowledged),
        PastStep("explain_miss", acknowledged, {"explains": "acknowledge.1", "breach_reason": "overload"}),
        PastStep("classify", acknowledged, {"kind": "complaint"}),
        PastStep("notify_result", told, {"text": "Đã hoàn tiền"}),
    ]
    ending: StepFields = {"outcome": "upheld", "root_cause": "unknown", "breach_reason": "third_party"}
    histories = [
        (Draft("email", received, "Chậm", "other"), [*steps, PastStep("close", told, ending)]),
        (Draft("email", received, "Chậm", "other"), steps),
    ]
    with register.write() as session:
        complaints.write_histories(session, histories, Act(cast.lead, UNTIL))
    keys = ["code", "stage", "breach_reason"]
    found = written(register, {"of": "due", **ALL_TIME}, keys).cast(pl.String).sort("code", "stage").rows()
    assert [row[1:] for row in found] == [
        ("acknowledge", "overload"), ("resolve", "third_party"), ("acknowledge", "overload"), ("resolve", None),
    ]  # fmt: skip
    unexplained = {"of": "due", "breach_reason": "none", **ALL_TIME}
    assert written(register, unexplained, keys).cast(pl.String).rows() == [found[3]]
    whole = written(register, ALL_TIME, ["code", "breach_reason"]).cast(pl.String).sort("code").rows()
    assert [row[1] for row in whole] == ["third_party", "overload"], "of those explained the one that was due last"


def test_masked_rows_tell_nobody_apart_who_may_not_be_known(filled: Register) -> None:
    personal = [column.key for column in COLUMNS.values() if column.mask]
    whole, masked = (written(filled, ALL_TIME, personal, whole=whole) for whole in (True, False))
    assert set(whole["statement"].drop_nulls()).isdisjoint(set(masked["statement"].drop_nulls()))
    assert set(masked["statement"].drop_nulls()) == {masking.HIDDEN}
    for phone, shown in zip(whole["phone"], masked["phone"], strict=True):
        assert (phone is None) == (shown is None)
        assert phone is None or shown == masking.mask_phone(phone)
    names = masked["customer_name"].drop_nulls()
    assert len(names) > 0
    assert all("." in name and len(name) <= 9 for name in names), "initials"


def test_who_works_on_it_is_named_apart_from_who_complained(filled: Register) -> None:
    """A manager is told the colleague and not the customer; an analyst neither of them."""
    wanted = [COLUMNS["assignee"], COLUMNS["customer_name"]]
    selection = selected(filled, ALL_TIME)
    named, masked = (
        pl.concat(stretches(filled, selection, wanted, whole=False, colleagues=colleagues))
        for colleagues in (True, False)
    )
    assert named["assignee"].drop_nulls().len() > 0
    assert masked["assignee"].to_list() == [name and masking.mask_name(name) for name in named["assignee"]]
    assert masked["customer_name"].to_list() == named["customer_name"].to_list()


def test_a_page_is_named_and_local(filled: Register) -> None:
    selection = selected(filled, ALL_TIME)
    wanted = chosen(["code", "recorded_at", "category", "state"], obligations=False)
    shown = page(filled, selection, wanted, whole=False, at=range(50, 70))
    assert isinstance(shown, pd.DataFrame)
    assert len(shown) == 20
    assert list(shown["code"]) == written(filled, ALL_TIME, ["code"])["code"].to_list()[50:70]
    assert shown["recorded_at"].dt.tz is None
    recorded = written(filled, ALL_TIME, ["recorded_at"])["recorded_at"][50]
    assert shown["recorded_at"][0] == pd.Timestamp(recorded).tz_convert("Asia/Ho_Chi_Minh").tz_localize(None)
    assert not set(shown["category"]) & {"payment", "login", "app_error"}, "names, not keys"


def test_no_cell_of_a_page_runs_when_the_tables_own_menu_saves_it(filled: Register) -> None:
    with filled.write() as session:
        draft = Draft(channel="email", recorded_at=UNTIL, statement="=1+1", category="other", remedy="+ hoàn tiền")
        complaints.log(session, draft, Act(None, UNTIL))
    shown = page(
        filled,
        selected(filled, ALL_TIME),
        chosen(["statement", "remedy"], obligations=False),
        whole=True,
        at=range(1),
    )
    assert list(shown.iloc[0]) == ["'=1+1", "'+ hoàn tiền"]


def test_a_page_past_the_end_is_empty(filled: Register) -> None:
    shown = page(
        filled, selected(filled, ALL_TIME), chosen(["code"], obligations=False), whole=True, at=range(5_000, 5_050)
    )
    assert (len(shown), list(shown.columns)) == (0, ["code"])


CHOSEN = [
    # keys, obligations, first columns, why
    ((), False, ("code", "recorded_at"), "the usual ones"),
    (("nonsense",), False, ("code", "recorded_at"), "none known: the usual ones"),
    (("phone", "code", "phone"), False, ("phone", "code"), "in the order asked, each once"),
    (("verdict", "code"), False, ("code",), "a complaint has no single verdict"),
    (("verdict", "code"), True, ("verdict", "code"), "an obligation has"),
    ((), True, ("code", "stage", "verdict"), "the usual ones of obligations"),
]


@pytest.mark.parametrize(("keys", "obligations", "first", "why"), CHOSEN, ids=[row[-1] for row in CHOSEN])
def test_choosing_columns(keys: tuple[str, ...], obligations: bool, first: tuple[str, ...], why: str) -> None:
    assert tuple(column.key for column in chosen(keys, obligations=obligations))[: len(first)] == first, why


def test_who_may_not_know_the_person_gets_these_masked() -> None:
    assert {c.key for c in COLUMNS.values() if c.mask} == {
        "assignee",  # by initials where ``colleagues`` is False
        "customer_name",
        "phone",
        "email",
        "account",
        "statement",
        "remedy",
    }
