"""Answer texts as rules: where they fit, how they are filled in, and how changed ones are told."""

from __future__ import annotations

import pytest

from core import shipped
from core.errors import Invalid
from core.rules import answer_text
from core.rules.answer_text import TELLING, Text
from core.rules.catalogue import Entry
from core.rules.steps import STEPS

VALUES = {"name": "Lê Mai", "code": "KN-2026-000001", "deadline": "17:30 thứ Hai 23/11/2026", "holder": ""}


def test_the_steps_that_tell_the_customer_something_carry_which_text_was_used() -> None:
    assert set(TELLING) == {
        "acknowledge", "ask_customer", "chase", "propose", "promise", "tell_progress", "notify_result",
    }  # fmt: skip


FILLED = [
    # body, what is said, why
    ("Kính gửi {name}, mã {code}.", "Kính gửi Lê Mai, mã KN-2026-000001.", "each field by its value"),
    ("{holder} phụ trách", "{holder} phụ trách", "an empty value leaves the field to be seen and filled in by hand"),
    ("{tên} và {", "{tên} và {", "what is no field stays as it was written"),
    ("{code} {code}", "KN-2026-000001 KN-2026-000001", "a field may stand twice"),
]  # fmt: skip
UNCHANGED = [
    # body, what was said, whether it is the text as it stands, why
    ("Chào {name}, mã {code}.", "Chào Lê Mai, mã KN-1.", True, "fields are filled in"),
    ("Chào {name}, mã {code}.", "Chào Lê Mai,\n\nmã  KN-1.", True, "white space is no change"),
    ("Chào {name}, mã {code} ạ.", "Chào Lê Mai, mã KN-1 ạ. Cảm ơn.", False, "something was added at the end"),
    ("Chào {name}, mã {code}.", "Dạ chào Lê Mai, mã KN-1.", False, "something was added at the beginning"),
    ("Chào {name}, mã {code}.", "Chào Lê Mai, KN-1.", False, "a word was taken out"),
    ("Hoàn [số tiền] rồi.", "Hoàn 50.000đ rồi.", True, "what is filled in by hand was meant to be"),
    ("Hoàn tiền rồi.", "Hoàn tiền rồi", False, "without a gap every letter counts"),
    ("{name}", "ai cũng được", True, "a text may be one field"),
    ("{name}{code}", "", True, "fields side by side, both left out"),
]  # fmt: skip
KEYS = [
    # title, taken, key, why
    ("Đã hoàn tiền", set(), "da_hoan_tien", "letters without accents"),
    ("Đã hoàn tiền!", {"da_hoan_tien"}, "da_hoan_tien_2", "a key is given once"),
    ("Đã hoàn tiền", {"da_hoan_tien", "da_hoan_tien_2"}, "da_hoan_tien_3", "the next free number"),
    ("24 giờ", set(), "text_24_gio", "a key begins with a letter"),
    ("…", set(), "text", "a title may have no letter"),
    ("x" * 60, {"x" * 31}, "x" * 29 + "_2", "never longer than a key may be"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said", "why"), FILLED, ids=[row[-1] for row in FILLED])
def test_fields_are_replaced(body: str, said: str, why: str) -> None:
    assert answer_text.filled(body, VALUES) == said, why


def test_a_value_is_not_read_as_a_field() -> None:
    assert answer_text.filled("{name}", VALUES | {"name": "{code}"}) == "{code}"


@pytest.mark.parametrize(("body", "said", "wanted", "why"), UNCHANGED, ids=[row[-1] for row in UNCHANGED])
def test_a_changed_text_is_told_from_one_that_was_filled_in(body: str, said: str, wanted: bool, why: str) -> None:
    assert answer_text.is_unchanged(body, said) is wanted, why


def test_a_text_full_of_fields_is_compared_at_once() -> None:
    assert not answer_text.is_unchanged("{name} a" * 400 + "b", "a" * 20_000)


@pytest.mark.parametrize(("title", "taken", "key", "why"), KEYS, ids=[row[-1] for row in KEYS])
def test_a_key_is_proposed_from_the_title(title: str, taken: set[str], key: str, why: str) -> None:
    assert answer_text.propose_key(title, taken) == key, why


def test_what_is_still_to_be_filled_in_is_named_once() -> None:
    said = "Hoàn [số tiền] trước {deadline}, [số tiền] về ví"
    assert answer_text.left_open(said) == ("[số tiền]", "{deadline}")


CATEGORIES = {
    "payment": Entry("payment", "", ""),
    "refund": Entry("refund", "", "", parent="payment"),
    "money": Entry("money", "", "", retired=True, into="payment"),
    "login": Entry("login", "", ""),
}
FITS = [
    # the text is for (category, step, channel), the case is about, whether it is offered, why
    ((None, None, None), "login", True, "for everywhere"),
    (("payment", None, None), "payment", True, "its category"),
    (("payment", None, None), "login", False, "another category"),
    (("payment", None, None), "refund", True, "what is said of a category is said of its sub-categories"),
    (("refund", None, None), "payment", False, "what is said of a sub-category is not said of all"),
    (("money", None, None), "payment", True, "a category that was merged goes on under the other"),
    ((None, "acknowledge", "email"), "login", True, "step and channel both fit"),
    ((None, "notify_result", None), "login", False, "another step"),
    ((None, None, "hotline"), "login", False, "another channel"),
]


@pytest.mark.parametrize(("of", "category", "wanted", "why"), FITS, ids=[row[-1] for row in FITS])
def test_where_a_text_is_offered(of: tuple[str, str, str], category: str, wanted: bool, why: str) -> None:
    text = Text("t", "b", *of)
    found = answer_text.fits(text, CATEGORIES, category=category, step="acknowledge", channel="email")
    assert found is wanted, why


@pytest.mark.parametrize("organisation", shipped.organisations())
def test_every_organisation_brings_texts_for_each_step_that_tells_something(organisation: str) -> None:
    steps = {text.step for text in shipped.answer_texts(organisation).values()}
    procedures = [shipped.procedure(key) for key in shipped.organisation(organisation).procedures]
    conciliates = any(procedure.conciliation for procedure in procedures)
    assert steps == {key for key in TELLING if conciliates or not STEPS[key].conciliates}
    shipped.check()


REFUSED = [
    # what the file says, what is said about it
    ('[Hoan]\ntitle = "t"\nbody = "b"', "a key is lower-case letters"),
    ('[hoan]\ntitle = "t"', "body is missing"),
    ('[hoan]\ntitle = "t"\nbody = "Chào {ten}"', "which is none of name, code, deadline, holder"),
    ('[hoan]\ntitle = "t"\nbody = "b"\nstep = "note"', "must be one of"),
    (f'[hoan]\ntitle = "{"t" * 121}"\nbody = "b"', "is longer than 120"),
    ('[hoan]\ntitle = "t"\nbody = "b"\nchanel = "email"', "chanel is not known here"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_a_file_that_says_something_else_is_refused(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        answer_text.parse(text, file="x.toml")


@pytest.mark.parametrize("line", ['category = "nothing"', 'channel = "nothing"'])
def test_a_file_that_names_what_the_organisation_does_not_have_is_refused(line: str) -> None:
    texts = answer_text.parse(f'[hoan]\ntitle = "t"\nbody = "b"\n{line}', file="x.toml")
    with pytest.raises(Invalid, match="names “nothing”, which the organisation does not have"):
        answer_text.check(texts, CATEGORIES, {}, file="x.toml")
