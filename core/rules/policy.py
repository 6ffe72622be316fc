"""Who sees and does what with one complaint: one rule for pages, queue, search, evidence, exports and writes.

``limits`` is the rule on seeing, under the lists in use (``known``); ``sees`` is its form for a value,
``core.register.reads.visible`` its form for SQL, and the figures narrow their filter by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, cast

from core.errors import NotAllowed
from core.rules import directions, masking, requests, roles
from core.rules.admission import INADMISSIBLE
from core.rules.catalogue import Catalogue, Catalogues, counted_as, is_offered
from core.rules.procedure import Procedure
from core.rules.requests import Asked
from core.rules.steps import (
    ANSWERED,
    JOIN,
    LEAVE,
    OF_A_DIRECTION,
    OF_A_REQUEST,
    OPEN,
    REFUSE,
    STEPS,
    TOGETHER,
    UNDO,
    Direction,
    State,
    Step,
    steps_from,
    steps_together,
)


class Actor(Protocol):
    """Who acts or reads: a row of ``people``, or anything with the same four facts."""

    id: int
    role: str
    department: str | None
    branch: str | None


DEPARTMENTS = "departments"
NOWHERE = ""
"""A department no complaint is forwarded to: what somebody without a department is limited to."""


Values = tuple[str | int | None, ...]


def limits(by: Actor, known: Catalogues) -> dict[str, Values]:
    """Column of a complaint → the values of which it must have one for ``by`` to see it; empty: ``by`` sees all.

    ``DEPARTMENTS`` stands for those that it was asked of (``requests.seen_by``), of which there may be several (D19).

    Somebody of a branch sees that branch, and whoever can hold complaints also those of no branch, since somebody must
    take them (D32); who only follows what they logged themselves sees just that, wherever it belongs. What is of a
    department or branch that was merged belongs to the one it was merged into (D20).
    """
    role = roles.role_of(by.role)
    own: dict[str, Values] = {DEPARTMENTS: departments_of(by, known) or (NOWHERE,), "logged_by_id": (by.id,)}
    limited = {column: own[column] for column in role.limited_to}
    if by.branch and not roles.follows_own(by.role):
        branches = _with_merged(known.branches, by.branch)
        limited["branch"] = (*branches, None) if role.holds_cases else branches
    return limited


def departments_of(by: Actor, known: Catalogues) -> tuple[str, ...]:
    """The departments for which ``by`` answers: the own one and what was merged into it; none for everybody else."""
    if not by.department or not roles.answers_for_department(by.role):
        return ()
    return _with_merged(known.departments, by.department)


def owes(by: Actor, complaint: Mapping[str, object], known: Catalogues) -> bool:
    """Whether a department for which ``by`` answers owes one."""
    return not requests.owing(_requests(complaint)).isdisjoint(departments_of(by, known))


def _requests(complaint: Mapping[str, object]) -> Iterable[Asked]:
    return cast("Iterable[Asked]", complaint["requests"])


def _with_merged(catalogue: Catalogue, key: str) -> tuple[str, ...]:
    last = counted_as(catalogue, key)
    return last, *(one for one, entry in catalogue.items() if entry.into and counted_as(catalogue, one) == last)


def branches_of(by: Actor, known: Catalogues) -> Values | None:
    """The branches for which ``by`` may log (None among them: no branch said); None for any."""
    return limits(by, known).get("branch")


def sees(by: Actor, complaint: Mapping[str, object], known: Catalogues) -> bool:
    """Whether ``by`` may open a complaint with these columns."""
    return _hidden_by(by, complaint, known) is None


def check_sees(by: Actor, complaint: Mapping[str, object], known: Catalogues) -> None:
    """NotAllowed, with the reason, unless ``by`` may open a complaint with these columns."""
    match _hidden_by(by, complaint, known):
        case None:
            return
        case "branch":
            raise NotAllowed("This complaint is with another branch.")
        case "logged_by_id":
            raise NotAllowed("You see the complaints that you logged yourself: this is another one.")
        case _:
            raise NotAllowed("This complaint is not with your department.")


def sees_file(
    by: Actor,
    complaint: Mapping[str, object],
    known: Catalogues,
    *,
    added_by: int | None,
    asked_of: str | None = None,
) -> bool:
    """Whether ``by`` may open a file of the complaint: they show people, names and bank slips.

    Who only follows what they logged opens what they handed in themselves (``added_by``: the id of who did). Who is
    asked for a direction opens what came with the question (``asked_of``: its addressee), which they read whole too.
    """
    may = roles.sees_personal_data(by.role) or is_own(by, added_by) or is_asked(by, asked_of)
    return may and sees(by, complaint, known)


def is_asked(by: Actor, addressee: str | None) -> bool:
    """Whether ``by`` answers what is asked of the addressee of a direction (D18); None: nothing is asked."""
    return addressee in directions.answers(by.role)


def is_own(by: Actor, written_by: int | None) -> bool:
    """Whether ``by`` follows what they logged and this was written by them: it is shown whole."""
    return roles.follows_own(by.role) and written_by == by.id


def colleague(by: Actor, name: str) -> str:
    """The name of somebody who works on cases as ``by`` reads it: whole, or initials (``roles.names_colleagues``)."""
    return name if roles.names_colleagues(by.role) else masking.mask_name(name)


def steps_for(
    by: Actor,
    complaint: Mapping[str, object],
    known: Catalogues,
    *,
    conciliates: bool = True,
    departments_reply: bool = False,
) -> tuple[str, ...]:
    """The steps ``by`` may take on a complaint, in table order; its columns are those of ``reads.visible``.

    ``conciliates``: whether its procedure has rounds with the customer; ``departments_reply``: whether departments tell
    the result themselves. Undoing is not among them: whether it is possible depends on the last event
    (``core.rules.undo``).
    """
    if not sees(by, complaint, known):
        return ()
    state = State(str(complaint["state"]))
    may_reply = departments_reply and owes(by, complaint, known)
    possible = (STEPS[key] for key in steps_from(state) if roles.may(by.role, key) and _while_open(by, key, state))
    return tuple(
        step.key
        for step in possible
        if _fits(step, complaint, conciliates=conciliates)
        and (may_reply or by.role not in step.replying)
        and (step.department not in OF_A_REQUEST or _may_answer(by, complaint, known))
        and (step.direction not in ANSWERED or directions.may_answer(by, complaint))
    )


def together_for(
    by: Actor, complaint: Mapping[str, object], known: Catalogues, *, is_taken: bool = True
) -> dict[str, tuple[str, ...]]:
    """What ``by`` may do in one save: key of ``TOGETHER`` → the steps that are still to be taken.

    ``is_taken``: whether the rules take the complaint (``core.rules.admission``); else it is refused, not settled.
    """
    if not sees(by, complaint, known):
        return {}
    refuses = not is_taken and is_offered(known.outcomes, INADMISSIBLE)
    left_out = {key for key, fits in (("settle", is_taken), (REFUSE, refuses)) if not fits}
    found = {key: steps_together(key, State(str(complaint["state"]))) for key in TOGETHER if key not in left_out}
    if complaint["kind"] is not None:  # it was said at intake
        found = {key: tuple(step for step in steps if step != "classify") for key, steps in found.items()}
    return {
        key: steps
        for key, steps in found.items()
        if len(steps) > 1
        and _fits(STEPS[steps[0]], complaint, conciliates=True)
        and all(roles.may(by.role, step) for step in steps)
    }


def kinds_settled_at_once(by: Actor, procedure: Procedure) -> tuple[str, ...]:
    """The kinds of matter that ``by`` may log as settled (D26); none for who may not take all of its steps."""
    return procedure.kinds_settled_at_once if all(roles.may(by.role, step) for step in TOGETHER["settle"]) else ()


def _fits(step: Step, complaint: Mapping[str, object], *, conciliates: bool) -> bool:
    """Whether the complaint, as far as its columns say, is one for ``step``."""
    return (
        step.key != UNDO
        and (step.department not in OF_A_REQUEST or bool(requests.owing(_requests(complaint))))
        and (complaint["kind"] is not None or not step.after_classifying)
        and (conciliates or not step.conciliates)
        and (step.direction is not Direction.ASKS or not directions.is_awaited(complaint))
        and (step.direction not in OF_A_DIRECTION or directions.is_awaited(complaint))
        and (step.key != JOIN or complaint["incident"] is None)
        and (step.key != LEAVE or complaint["incident"] is not None)
    )


def check_action(by: Actor, action: str) -> None:
    """NotAllowed unless the role of ``by`` includes ``action`` at all."""
    if not roles.may(by.role, action):
        raise NotAllowed("Your role does not include this step: ask a lead.")


def check_step(by: Actor, step: str, complaint: Mapping[str, object], known: Catalogues) -> None:
    """NotAllowed unless ``by`` may take ``step`` on a complaint with these columns."""
    check_action(by, step)
    check_sees(by, complaint, known)
    if by.role in STEPS[step].open_for and not _while_open(by, step, State(str(complaint["state"]))):
        raise NotAllowed("This complaint is closed: ask customer care to add to it.")
    if by.role in STEPS[step].replying and not owes(by, complaint, known):
        raise NotAllowed("Your department owes no answer to this complaint: customer care tells the result.")
    is_answer = STEPS[step].direction in ANSWERED and directions.is_awaited(complaint)
    if is_answer and not directions.may_answer(by, complaint):
        raise NotAllowed(
            "This direction is not yours to give: whoever asked for it does not, nor a lead for the board."
        )


def takes_hold(by: Actor, step: str, complaint: Mapping[str, object]) -> bool:
    """Whether ``by`` holds the complaint once they took ``step``: the first who works on what nobody holds (D23)."""
    is_work = STEPS[step].takes_hold(State(str(complaint["state"])))
    return is_work and complaint["assignee_id"] is None and roles.may(by.role, "assign")


def check_procedure(step: str, procedure: Procedure, by: Actor | None = None) -> None:
    """NotAllowed where ``procedure`` does not have the step at all, or not for ``by``."""
    if STEPS[step].conciliates and procedure.conciliation is None:
        raise NotAllowed("“{step}” is no step of this complaint's procedure.", step=step)
    if by is not None and by.role in STEPS[step].replying and not procedure.departments_reply:
        raise NotAllowed("By this complaint's procedure customer care tells the result: answer the request instead.")


def _hidden_by(by: Actor, complaint: Mapping[str, object], known: Catalogues) -> str | None:
    """The first column that hides the complaint from ``by``."""
    limited = limits(by, known)
    if not limited:  # nearly everybody in customer care, and every assignment asks
        return None
    has = {**complaint, DEPARTMENTS: requests.seen_by(_requests(complaint))}
    return next((column for column, values in limited.items() if not _is_among(has[column], values)), None)


def _is_among(value: object, values: Values) -> bool:
    return not value.isdisjoint(values) if isinstance(value, frozenset) else value in values


def _may_answer(by: Actor, complaint: Mapping[str, object], known: Catalogues) -> bool:
    """Whether ``by`` may say what became of a request: of their own department's, customer care of any."""
    return not roles.answers_for_department(by.role) or owes(by, complaint, known)


def _while_open(by: Actor, step: str, state: State) -> bool:
    return by.role not in STEPS[step].open_for or state in OPEN
