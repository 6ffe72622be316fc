"""Who may open what and do what: the six roles of the domain, drawn as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A role with its names."""

    key: str
    vi: str
    en: str


ROLES: Mapping[str, Role] = {
    role.key: role
    for role in (
        Role("agent", "nhân viên CSKH", "customer care agent"),
        Role("lead", "trưởng nhóm CSKH", "customer care lead"),
        Role("handler", "phòng ban liên quan", "department"),
        Role("manager", "ban điều hành", "management board"),
        Role("analyst", "phân tích", "analyst"),
        Role("admin", "quản trị", "administrator"),
    )
}

PAGES: Mapping[str, frozenset[str]] = {
    "overview": frozenset({"agent", "lead", "handler", "manager", "analyst", "admin"}),
    "log_complaint": frozenset({"agent", "lead"}),
    "queue": frozenset({"agent", "lead", "handler", "manager"}),
    "complaint": frozenset({"agent", "lead", "handler", "manager", "analyst", "admin"}),
    "breakdown": frozenset({"lead", "manager", "analyst", "admin"}),
    "sla": frozenset({"lead", "manager", "analyst", "admin"}),
    "root_causes": frozenset({"lead", "handler", "manager", "analyst", "admin"}),
    "explore": frozenset({"lead", "manager", "analyst", "admin"}),
    "people": frozenset({"admin"}),
    "calendar": frozenset({"admin"}),
}

# What a role may do at all. Narrower rules (a handler answers for the own department, an agent assigns only to oneself,
# the state of the complaint) are held by the register, which knows the case.
VERBS: Mapping[str, frozenset[str]] = {
    "log": frozenset({"agent", "lead"}),
    "acknowledge": frozenset({"agent", "lead"}),
    "classify": frozenset({"agent", "lead"}),
    "assign": frozenset({"agent", "lead"}),
    "forward": frozenset({"agent", "lead"}),
    "answer": frozenset({"agent", "lead", "handler"}),
    "ask_customer": frozenset({"agent", "lead"}),
    "record_reply": frozenset({"agent", "lead"}),
    "notify_result": frozenset({"agent", "lead"}),
    "close": frozenset({"agent", "lead"}),
    "withdraw": frozenset({"agent", "lead"}),
    "reopen": frozenset({"agent", "lead"}),
    "note": frozenset({"agent", "lead", "handler"}),
    "add_evidence": frozenset({"agent", "lead", "handler"}),
    "export": frozenset({"lead", "manager", "analyst", "admin"}),
    "import": frozenset({"lead", "admin"}),
    "manage_people": frozenset({"admin"}),
    "manage_calendar": frozenset({"admin"}),
}

SEES_PERSONAL_DATA = frozenset({"agent", "lead", "handler"})


def may_open(role: str, page: str) -> bool:
    """Whether ``role`` may open ``page``; an unknown page is a KeyError, so that a typing slip never opens anything."""
    return role in PAGES[page]


def may(role: str, verb: str) -> bool:
    """Whether ``role`` may do ``verb`` somewhere; an unknown verb is a KeyError."""
    return role in VERBS[verb]


def sees_personal_data(role: str) -> bool:
    """Whether names, phones, accounts and free text are shown whole to ``role``; others see them masked."""
    return role in SEES_PERSONAL_DATA
