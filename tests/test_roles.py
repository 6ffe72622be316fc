"""The permissions, drawn a second time by hand: one line per page and action, one column per role."""

from collections.abc import Callable

import pytest

from core.rules import roles
from core.rules.steps import STEPS

#                reporter agent lead handler manager analyst admin
COLUMNS = ("reporter", "agent", "lead", "handler", "manager", "analyst", "admin")

PAGES = """
overview         -        yes   yes   yes     yes     yes     yes
my_complaints    yes      -     -     -       -       -       -
log_complaint    yes      yes   yes   -       -       -       -
queue            -        yes   yes   yes     yes     -       -
incidents        -        yes   yes   yes     yes     yes     -
prevention       -        yes   yes   yes     yes     -       -
lessons          -        yes   yes   yes     -       -       -
answer_texts     -        yes   yes   yes     yes     -       yes
complaint        yes      yes   yes   yes     yes     yes     yes
search           yes      yes   yes   yes     yes     yes     yes
breakdown        -        -     yes   -       yes     yes     yes
sla              -        -     yes   -       yes     yes     yes
meeting          -        -     yes   -       yes     yes     yes
handling         -        -     yes   -       yes     yes     yes
outcomes         -        -     yes   -       yes     yes     yes
what_if          -        -     yes   -       yes     yes     yes
root_causes      -        -     yes   yes     yes     yes     yes
explore          -        -     yes   -       yes     yes     yes
people           -        -     -     -       -       -       yes
calendar         -        -     -     -       -       -       yes
catalogues       -        -     -     -       -       -       yes
procedures       yes      yes   yes   yes     yes     yes     yes
api_keys         -        -     -     -       -       -       yes
outlets          -        -     -     -       -       -       yes
operations       -        -     -     -       -       -       yes
account          yes      yes   yes   yes     yes     yes     yes
notices          yes      yes   yes   yes     yes     yes     yes
rights           yes      yes   yes   yes     yes     yes     yes
"""

ACTIONS = """
log              yes      yes   yes   -       -       -       -
acknowledge      -        yes   yes   -       -       -       -
classify         -        yes   yes   -       -       -       -
assign           -        yes   yes   -       -       -       -
forward          -        yes   yes   -       -       -       -
answer           -        yes   yes   yes     -       -       -
return_request   -        yes   yes   yes     -       -       -
recall           -        yes   yes   -       -       -       -
remind           -        yes   yes   -       -       -       -
ask_customer     -        yes   yes   -       -       -       -
record_reply     -        yes   yes   -       -       -       -
chase            -        yes   yes   -       -       -       -
end_waiting      -        yes   yes   -       -       -       -
propose          -        yes   yes   -       -       -       -
accept           -        yes   yes   -       -       -       -
refuse           -        yes   yes   -       -       -       -
decide           -        -     yes   -       yes     -       -
escalate         -        yes   yes   -       -       -       -
direct           -        -     yes   -       yes     -       -
approve_proposal -        -     yes   -       yes     -       -
return_proposal  -        -     yes   -       yes     -       -
remind_direction -        yes   yes   -       -       -       -
recall_direction -        yes   yes   -       -       -       -
tell_progress    -        yes   yes   -       -       -       -
promise          -        yes   yes   -       -       -       -
negotiate        -        yes   yes   -       -       -       -
notify_result    -        yes   yes   yes     -       -       -
close            -        yes   yes   -       -       -       -
withdraw         -        yes   yes   -       -       -       -
reopen           -        yes   yes   -       -       -       -
merge            -        yes   yes   -       -       -       -
unmerge          -        -     yes   -       -       -       -
note             yes      yes   yes   yes     -       -       -
add_evidence     yes      yes   yes   yes     -       -       -
details          -        yes   yes   yes     -       -       -
add_issue        -        yes   yes   -       -       -       -
remove_issue     -        yes   yes   -       -       -       -
verify_customer  -        yes   yes   -       -       -       -
undo             yes      yes   yes   yes     yes     -       -
admit            -        -     yes   -       -       -       -
issue_paper      -        yes   yes   -       -       -       -
explain_miss     -        yes   yes   -       -       -       -
correct          -        yes   yes   -       -       -       -
join_incident    -        yes   yes   -       -       -       -
leave_incident   -        yes   yes   -       -       -       -
analyse          -        yes   yes   yes     -       -       -
approve_analysis -        -     -     -       yes     -       -
return_analysis  -        -     -     -       yes     -       -
action_done      -        yes   yes   yes     -       -       -
send_evidence    -        yes   yes   yes     -       -       -
verify_evidence  -        yes   yes   -       -       -       -
check_effect     -        yes   yes   -       yes     -       -
export           -        -     yes   -       yes     yes     yes
import           -        -     yes   -       -       -       yes
write_texts      -        yes   yes   -       -       -       -
approve_texts    -        -     yes   -       yes     -       yes
correct_reasons  -        -     yes   -       -       -       -
correct_times    -        -     yes   -       -       -       -
merge_customers  -        -     yes   -       -       -       -
manage_people    -        -     -     -       -       -       yes
manage_absences  -        -     yes   -       -       -       yes
manage_calendar  -        -     -     -       -       -       yes
watch_calendar   -        -     yes   -       yes     -       yes
manage_lists     -        -     -     -       -       -       yes
manage_procedures -       -     -     -       -       -       yes
rebase           -        -     yes   -       yes     -       -
annotate         -        -     yes   -       yes     -       -
hold_meetings    -        -     yes   -       yes     -       -
set_exposure     -        -     -     -       -       yes     yes
manage_keys      -        -     -     -       -       -       yes
manage_outlets   -        -     -     -       -       -       yes
"""


def cells(table: str) -> dict[tuple[str, str], bool]:
    rows = [line.split() for line in table.strip().splitlines()]
    return {(row[0], role): cell == "yes" for row in rows for role, cell in zip(COLUMNS, row[1:], strict=True)}


@pytest.mark.parametrize(("page", "role", "wanted"), [(*key, wanted) for key, wanted in cells(PAGES).items()])
def test_a_role_opens_exactly_its_pages(page: str, role: str, wanted: bool) -> None:
    assert roles.may_open(role, page) is wanted


@pytest.mark.parametrize(("action", "role", "wanted"), [(*key, wanted) for key, wanted in cells(ACTIONS).items()])
def test_a_role_does_exactly_its_actions(action: str, role: str, wanted: bool) -> None:
    assert roles.may(role, action) is wanted


def test_the_grids_leave_nothing_out() -> None:
    assert {page for page, _ in cells(PAGES)} == set(roles.PAGES)
    assert {action for action, _ in cells(ACTIONS)} == {*STEPS, *roles.ACTIONS}
    assert set(COLUMNS) == set(roles.ROLES)


def test_who_works_with_customers_sees_their_data_and_nobody_else() -> None:
    seen = {role: roles.sees_personal_data(role) for role in COLUMNS}
    assert seen == {
        "reporter": False, "agent": True, "lead": True, "handler": True,
        "manager": False, "analyst": False, "admin": False,
    }  # fmt: skip


def test_who_can_hold_a_complaint() -> None:
    assert roles.holders() == ("agent", "lead", "handler")


def test_everybody_begins_where_they_may_be() -> None:
    first = {role: roles.first_page(role) for role in COLUMNS}
    assert first == dict.fromkeys(COLUMNS, "overview") | {"reporter": "my_complaints"}


def test_a_role_nobody_knows_may_nothing() -> None:
    assert not any(roles.may_open("root", page) for page in roles.PAGES)
    assert not any(roles.may("root", action) for action in (*STEPS, *roles.ACTIONS))


@pytest.mark.parametrize("ask", [roles.may_open, roles.may])
def test_a_misspelt_page_or_action_is_an_error_not_a_permission(ask: Callable[[str, str], bool]) -> None:
    with pytest.raises(KeyError):
        ask("admin", "overveiw")
