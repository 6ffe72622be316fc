"""The roles of the domain: which pages each opens, what it may do beside the steps, and what it sees.

Who may take a step stands with the step (``core.rules.steps``); narrower rules for one complaint:
``core.rules.policy``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.rules.steps import STEPS

ACTIONS = (
    "log",
    "export",
    "import",
    "write_texts",
    "approve_texts",
    "correct_reasons",
    "correct_times",
    "merge_customers",
    "manage_people",
    "manage_absences",
    "manage_calendar",
    "watch_calendar",
    "manage_lists",
    "manage_procedures",
    "rebase",
    "annotate",
    "set_exposure",
    "hold_meetings",
    "manage_keys",
    "manage_outlets",
)
"""What can be done beside the steps of a complaint.

``write_texts``: draft an answer text; ``approve_texts``: let it be offered, or take it back. ``correct_reasons``: give
a missed promise another reason than it has. ``correct_times``: correct what a clock or a figure of causes depends on
(D21). ``merge_customers``: say that two complaints are of one customer, although the register knows two (D13).
``manage_absences``: write down that somebody else is away (D23). ``watch_calendar``: see that a year must be approved
soon. ``rebase``: say from when on another level of a promise is usual; ``annotate``: put what is known to have happened
on the charts (D28). ``set_exposure``: say how many users and orders there were (D36). ``hold_meetings``: open, write
down and close the weekly review. ``manage_keys``: make and revoke keys of the intake API (D41).
``manage_outlets``: say where messages go and who gets which by default (D42).
"""
PAGES = (
    "overview",
    "my_complaints",
    "log_complaint",
    "queue",
    "incidents",
    "prevention",
    "lessons",
    "answer_texts",
    "complaint",
    "search",
    "meeting",
    "breakdown",
    "sla",
    "handling",
    "outcomes",
    "what_if",
    "root_causes",
    "explore",
    "people",
    "calendar",
    "catalogues",
    "procedures",
    "outlets",
    "operations",
    "notices",
    "api_keys",
    "account",
    "rights",
)
FIRST_PAGE = "overview"
"""The page at the address "/", for whoever may open it; its other addresses lead there."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role.

    ``pages``: keys of ``PAGES`` it opens. ``actions``: keys of ``ACTIONS``. ``sees_personal_data``: names, phones,
    accounts and free text are shown whole. ``holds_cases``: complaints can be assigned to it. ``limited_to``: by
    which columns of a complaint it sees only its own (``core.rules.policy.limits``): the ``departments`` it was
    forwarded to, or who logged it (``logged_by_id``); empty: the role sees every complaint.
    """

    key: str
    pages: frozenset[str]
    actions: frozenset[str] = frozenset()
    sees_personal_data: bool = False
    holds_cases: bool = False
    limited_to: tuple[str, ...] = ()


_SIGNED_IN = frozenset({"complaint", "search", "procedures", "notices", "account", "rights"})
_EVERYBODY = _SIGNED_IN | {"overview"}
_FIGURES = _EVERYBODY | {
    "meeting", "breakdown", "sla", "handling", "outcomes", "what_if", "root_causes", "explore",
}  # fmt: skip
ROLES: Mapping[str, Role] = {
    role.key: role
    for role in (
        Role(
            "reporter",
            _SIGNED_IN | {"my_complaints", "log_complaint"},
            frozenset({"log"}),
            limited_to=("logged_by_id",),
        ),
        Role(
            "agent",
            _EVERYBODY | {"log_complaint", "queue", "incidents", "prevention", "lessons", "answer_texts"},
            frozenset({"log", "write_texts"}),
            sees_personal_data=True,
            holds_cases=True,
        ),
        Role(
            "lead",
            _FIGURES | {"log_complaint", "queue", "incidents", "prevention", "lessons", "answer_texts"},
            frozenset({"log", "export", "import", "write_texts", "approve_texts", "watch_calendar"})
            | {
                "correct_reasons",
                "correct_times",
                "merge_customers",
                "manage_absences",
                "rebase",
                "annotate",
                "hold_meetings",
            },
            sees_personal_data=True,
            holds_cases=True,
        ),
        Role(
            "handler",
            _EVERYBODY | {"queue", "incidents", "prevention", "lessons", "answer_texts", "root_causes"},
            frozenset(),
            True,
            True,
            ("departments",),
        ),
        Role(
            "manager",
            _FIGURES | {"queue", "incidents", "prevention", "answer_texts"},
            frozenset({"export", "approve_texts", "watch_calendar", "rebase", "annotate", "hold_meetings"}),
        ),
        Role("analyst", _FIGURES | {"incidents"}, frozenset({"export", "set_exposure"})),
        Role(
            "admin",
            _FIGURES | {"answer_texts", "people", "calendar", "catalogues", "api_keys", "outlets", "operations"},
            frozenset({"export", "import", "approve_texts", "watch_calendar"})
            | {
                "manage_people",
                "manage_absences",
                "manage_calendar",
                "manage_lists",
                "manage_procedures",
                "manage_keys",
                "set_exposure",
                "manage_outlets",
            },
        ),
    )
}
FIRST_ROLE = "admin"
"""The role of the first account of a register, which creates the others."""
NOBODY = Role("", frozenset(), limited_to=("departments",))
"""What an unknown role is: it opens nothing, does nothing, sees nothing whole."""


def role_of(key: str) -> Role:
    """The role of that key; ``NOBODY`` for an unknown one."""
    return ROLES.get(key, NOBODY)


def may_open(role: str, page: str) -> bool:
    """Whether ``role`` may open ``page``; an unknown page is a KeyError, so that a typo never opens anything."""
    if page not in PAGES:
        raise KeyError(page)
    return page in role_of(role).pages


def first_page(role: str) -> str:
    """The page that ``role`` sees at the address "/"."""
    opens = role_of(role).pages
    return FIRST_PAGE if FIRST_PAGE in opens else next((page for page in PAGES if page in opens), FIRST_PAGE)


def may(role: str, action: str) -> bool:
    """Whether ``role`` may do ``action`` (a step or one of ``ACTIONS``) somewhere; an unknown one is a KeyError."""
    if action in ACTIONS:
        return action in role_of(role).actions
    return role in STEPS[action].by


def attaches(role: str) -> bool:
    """Whether ``role`` may hand in files: with a complaint it logs, with a step it takes, or a list to import."""
    with_a_step = any(role in step.by and "files" in step.field_names() for step in STEPS.values())
    return with_a_step or may(role, "log") or may(role, "manage_lists") or may(role, "set_exposure")


def able_to(action: str) -> tuple[str, ...]:
    """The roles that may do ``action`` (a step or one of ``ACTIONS``)."""
    return tuple(key for key in ROLES if may(key, action))


def sees_personal_data(role: str) -> bool:
    """Whether names, phones, accounts and free text are shown whole to ``role``; others see them masked."""
    return role_of(role).sees_personal_data


def answers_for_department(role: str) -> bool:
    """Whether people of this role belong to a department and see only what was forwarded to it."""
    return "departments" in role_of(role).limited_to


def follows_own(role: str) -> bool:
    """Whether people of this role see only the complaints that they logged themselves."""
    return "logged_by_id" in role_of(role).limited_to


def holders() -> tuple[str, ...]:
    """The roles whose people a complaint can be assigned to."""
    return tuple(role.key for role in ROLES.values() if role.holds_cases)
