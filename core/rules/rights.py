"""The table of rights, read from what decides them (``roles``, ``steps``), so that it cannot say anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.rules import roles
from core.rules.steps import STEPS, Step


class Extent(StrEnum):
    """How far a right goes. ``OPEN``: only while the complaint is open.

    ``OWED``: only while the own department owes an answer, where the procedure lets departments reply (MISA 2).
    """

    YES = "yes"
    NO = "no"
    OPEN = "open"
    OWED = "owed"


@dataclass(frozen=True, slots=True)
class Right:
    """One row: what one may do, by its key, and how far each role may (role → extent)."""

    key: str
    extents: Mapping[str, Extent]


SIGHT = ("every_complaint", "own_department", "own_logged", "personal_data", "colleagues", "holds_cases")
"""What is no page and no action: which complaints a role sees, whether whole, and whether they can be given to it."""


def table() -> dict[str, tuple[Right, ...]]:
    """Every right: ``page``, ``sight``, ``step`` and ``action`` (``roles.ACTIONS``), each in its own order."""
    return {
        "page": tuple(Right(key, _per_role({r: roles.may_open(r, key) for r in roles.ROLES})) for key in roles.PAGES),
        "sight": tuple(Right(key, _per_role({r: _sees(one, key) for r, one in roles.ROLES.items()})) for key in SIGHT),
        "step": tuple(Right(key, {r: _extent(step, r) for r in roles.ROLES}) for key, step in STEPS.items()),
        "action": tuple(Right(key, _per_role({r: roles.may(r, key) for r in roles.ROLES})) for key in roles.ACTIONS),
    }


def _per_role(allowed: Mapping[str, bool]) -> dict[str, Extent]:
    return {role: Extent.YES if yes else Extent.NO for role, yes in allowed.items()}


def _sees(role: roles.Role, key: str) -> bool:
    match key:
        case "every_complaint":
            return not role.limited_to
        case "own_department":
            return "departments" in role.limited_to
        case "own_logged":
            return "logged_by_id" in role.limited_to
        case "personal_data":
            return role.sees_personal_data
        case "colleagues":
            return roles.names_colleagues(role.key)
        case _:
            return role.holds_cases


def _extent(step: Step, role: str) -> Extent:
    if role not in step.by:
        return Extent.NO
    if role in step.replying:
        return Extent.OWED
    return Extent.OPEN if role in step.open_for else Extent.YES
