"""Drafts of forms: a person's own, a week long, gone with the saving, the discarding or the erasing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.errors import Invalid, NotFound
from core.register.case import intake
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event, FormDraft
from core.register.log.verify import verify
from core.register.people import form_drafts
from core.register.people.form_drafts import CASE, LASTS, LOG, MAX_SIZE, MOST, QUEUE, Kept, of_case
from tests.conftest import Cast
from tests.register.cases import draft, logged

TOKEN, OTHER = "abcdefgh1", "abcdefgh2"
TYPED = {"statement": "Nạp 200 Stars 🙂 \0 chưa thấy", "minutes": 5}


def kept(
    register: Register, person_id: int, now: datetime, form: str = LOG, token: str = TOKEN, **fields: object
) -> bool:
    with register.write() as session:
        return form_drafts.keep(session, person_id, form, token, fields or TYPED, now=now)


def found(register: Register, person_id: int, now: datetime, form: str = LOG) -> Kept | None:
    with register.read() as session:
        return form_drafts.find(session, person_id, form, now=now)


def ended(register: Register, person_id: int, now: datetime, token: str = TOKEN, form: str = LOG) -> None:
    with register.write() as session:
        form_drafts.end(session, person_id, form, token, now=now)


def count(register: Register) -> int:
    with register.read() as session:
        return session.scalar(select(func.count()).select_from(FormDraft)) or 0


def test_what_is_kept_comes_back_to_its_person_alone(register: Register, cast: Cast, now: datetime) -> None:
    assert kept(register, cast.agent.id, now)
    assert found(register, cast.agent.id, now) == Kept(TOKEN, TYPED, now)
    for somebody in (cast.agent2, cast.lead, cast.admin):
        assert found(register, somebody.id, now) is None, "no role reads another's draft"


def test_the_newest_text_of_a_form_is_the_one_that_is_kept(register: Register, cast: Cast, now: datetime) -> None:
    kept(register, cast.agent.id, now, statement="một")
    kept(register, cast.agent.id, now + timedelta(seconds=1), token=OTHER, statement="hai")
    kept(register, cast.agent.id, now, form=QUEUE, answered="ba")
    newest = found(register, cast.agent.id, now)
    assert newest == Kept(OTHER, {"statement": "hai"}, now + timedelta(seconds=1))
    assert count(register) == 2


def test_a_filling_that_is_over_never_comes_back(register: Register, cast: Cast, now: datetime) -> None:
    """The page may still send what was typed last while the form is being saved."""
    ended(register, cast.agent.id, now)
    assert not kept(register, cast.agent.id, now), "saved before the first pause"
    assert found(register, cast.agent.id, now) is None
    assert kept(register, cast.agent.id, now, token=OTHER), "the next filling is another one"
    ended(register, cast.agent.id, now, token=OTHER)
    assert not kept(register, cast.agent.id, now, token=OTHER)
    with register.read() as session:
        assert set(session.scalars(select(FormDraft.fields))) == {None}, "the text is gone, not only hidden"


def test_a_filling_that_is_over_stays_so_whatever_was_begun_since(
    register: Register, cast: Cast, now: datetime
) -> None:
    kept(register, cast.agent.id, now)
    ended(register, cast.agent.id, now)
    kept(register, cast.agent.id, now, token=OTHER, statement="hai")
    assert not kept(register, cast.agent.id, now), "a late request of the first"
    newest = found(register, cast.agent.id, now)
    assert newest == Kept(OTHER, {"statement": "hai"}, now)
    ended(register, cast.agent.id, now)
    assert found(register, cast.agent.id, now) == newest, "ended once more, it takes no other's text along"


def test_an_older_tab_does_not_replace_what_a_younger_one_keeps(register: Register, cast: Cast, now: datetime) -> None:
    old, young = (form_drafts.new_token(now + timedelta(minutes=n)) for n in (0, 5))
    assert kept(register, cast.agent.id, now, token=old, statement="một")
    assert kept(register, cast.agent.id, now, token=young, statement="hai")
    assert not kept(register, cast.agent.id, now, token=old, statement="một một")
    assert not kept(register, cast.agent.id, now, token=TOKEN), "of a version whose tokens had no time"
    newest = found(register, cast.agent.id, now)
    assert newest is not None and newest.token == young
    ended(register, cast.agent.id, now, token=young)
    assert kept(register, cast.agent.id, now, token=old, statement="một một"), "it was never saved"
    assert not kept(register, cast.agent.id, now, token=young)


def test_what_is_over_takes_no_place_from_a_draft(register: Register, cast: Cast, now: datetime) -> None:
    kept(register, cast.agent.id, now, form=QUEUE)
    for n in range(MOST + 1):
        ended(register, cast.agent.id, now, token=f"{TOKEN}{n}")
    kept(register, cast.agent.id, now)
    assert found(register, cast.agent.id, now, QUEUE) is not None


def test_a_draft_lasts_a_week(register: Register, cast: Cast, now: datetime) -> None:
    kept(register, cast.agent.id, now)
    assert found(register, cast.agent.id, now + LASTS) is not None
    assert found(register, cast.agent.id, now + LASTS + timedelta(seconds=1)) is None
    kept(register, cast.agent2.id, now + LASTS + timedelta(seconds=1))
    with register.read() as session:
        assert session.scalars(select(FormDraft.person_id)).all() == [cast.agent2.id], "whoever writes next clears up"


def test_a_person_has_fifty_at_most(register: Register, cast: Cast, now: datetime) -> None:
    codes = [logged(register, cast).code for _ in range(3)]
    with register.write() as session:
        for n in range(MOST):
            row = FormDraft(person_id=cast.agent.id, form=f"old:{n}", token=TOKEN, fields="{}")
            row.saved_at = now - timedelta(hours=MOST - n)
            session.add(row)
    for code in codes:
        kept(register, cast.agent.id, now, form=of_case(code))
    kept(register, cast.agent2.id, now)
    with register.read() as session:
        theirs = set(session.scalars(select(FormDraft.form).where(FormDraft.person_id == cast.agent.id)))
    assert len(theirs) == MOST
    assert theirs.isdisjoint({"old:0", "old:1", "old:2"}) and "old:3" in theirs, "the oldest went"
    assert count(register) == MOST + 1, "another's are not counted"


def test_logging_and_ending_are_one_act(register: Register, cast: Cast, now: datetime) -> None:
    kept(register, cast.agent.id, now)

    def save_and_break() -> None:
        with register.write() as session:
            intake.log_once(session, draft(), TOKEN, Act(cast.agent, now))
            form_drafts.end(session, cast.agent.id, LOG, TOKEN, now=now)
            raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError):
        save_and_break()
    assert found(register, cast.agent.id, now) is not None, "neither logged nor lost"


def test_drafts_on_a_complaint_are_erased_with_it(register: Register, cast: Cast, now: datetime) -> None:
    one, two = logged(register, cast), logged(register, cast)
    for person in (cast.agent, cast.lead):
        kept(register, person.id, now, form=of_case(one.code))
    kept(register, cast.agent.id, now, form=of_case(two.code))
    kept(register, cast.agent.id, now)
    with register.write() as session:
        assert form_drafts.erase(session, one.id) == 2
    assert found(register, cast.lead.id, now, of_case(one.code)) is None
    assert found(register, cast.agent.id, now, of_case(two.code)) is not None
    assert count(register) == 2


def test_a_draft_is_no_part_of_the_record(register: Register, cast: Cast, now: datetime) -> None:
    def events() -> int:
        with register.read() as session:
            return session.scalar(select(func.count()).select_from(Event)) or 0

    before = events()
    kept(register, cast.agent.id, now)
    ended(register, cast.agent.id, now)
    assert events() == before
    assert verify(register).is_whole


# a row of a table stays one line
REFUSED = [
    ("nothing", TOKEN, {}, Invalid, "no such form", "a form that there is not"),
    (f"{CASE}:KN-2026-000001' OR 1", TOKEN, {}, Invalid, "no such form", "a code is a code"),
    (f"{CASE}:KN-2026-999999", TOKEN, {}, NotFound, "KN-2026-999999", "a complaint that there is not"),
    (LOG, "", {}, Invalid, "no such form", "without a token nothing could end it"),
    (LOG, "x" * 65, {}, Invalid, "no such form", "longer than the column"),
    (LOG, TOKEN, {"statement": "ấ" * (MAX_SIZE // 3)}, Invalid, "too long", "bytes count, not letters"),
]


@pytest.mark.parametrize(("form", "token", "fields", "error", "words", "why"), REFUSED)
def test_what_is_no_draft_is_refused(
    register: Register,
    cast: Cast,
    now: datetime,
    form: str,
    token: str,
    fields: dict[str, object],
    error: type[Exception],
    words: str,
    why: str,
) -> None:
    with pytest.raises(error, match=words), register.write() as session:
        form_drafts.keep(session, cast.agent.id, form, token, fields, now=now)
    assert count(register) == 0, why


def test_the_two_longest_texts_of_a_form_fit(register: Register, cast: Cast, now: datetime) -> None:
    words = "Nạp tiền rồi mà chưa thấy Stars, kiểm tra giúp. "
    text = (words * 500)[:20_000]
    assert kept(register, cast.agent.id, now, statement=text, remedy=text)
    back = found(register, cast.agent.id, now)
    assert back is not None and back.fields == {"statement": text, "remedy": text}
