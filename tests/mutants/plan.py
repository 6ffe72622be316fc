"""What is mutated, and by which tests each mutant must be noticed: the one list to edit when a module moves."""

from __future__ import annotations

from collections.abc import Mapping

CLOCK_TESTS = (
    "tests/rules/test_clock_runs.py",
    "tests/rules/test_pauses.py",
    "tests/rules/test_promised_dates.py",
    "tests/rules/test_terms.py",
    "tests/rules/test_explain.py",
)
STEP_TESTS = (
    "tests/rules/test_steps.py",
    "tests/rules/test_routes.py",
    "tests/test_roles.py",
    "tests/test_consumers.py",
)
RECORDING_TESTS = ("tests/register/case/test_recordings.py", "tests/register/case/test_complaints.py")
PERMISSION_TESTS = (
    "tests/rules/test_policy.py",
    "tests/test_roles.py",
    "tests/test_consumers.py",
    "tests/register/reads/test_queue.py",
    "tests/register/case/test_write_permissions.py",
)

# Source file (or a pattern of them) → the test files, fastest first. Both are relative to the root of the repository.
# A pattern that matches nothing is an error, so that a renamed module cannot leave the list silently.
PLAN: Mapping[str, tuple[str, ...]] = {
    "core/rules/clocks.py": CLOCK_TESTS,
    "core/rules/terms.py": (
        "tests/rules/test_warnings_and_the_law.py",
        "tests/rules/test_promised_dates.py",
        "tests/rules/test_terms.py",
        "tests/register/clocks/test_promises.py",
    ),
    "core/rules/verdicts.py": ("tests/rules/test_verdict_cases.py", "tests/rules/test_terms.py"),
    "core/rules/time_left.py": ("tests/rules/test_time_left_limits.py", "tests/rules/test_time_left.py"),
    "core/insight/compliance.py": (
        "tests/insight/test_signal_limits.py",
        "tests/insight/test_compliance_edges.py",
        "tests/insight/test_compliance.py",
        "tests/insight/test_findings.py",
    ),
    "core/rules/steps.py": STEP_TESTS,
    "core/register/case/steps/*.py": RECORDING_TESTS,
    "core/rules/roles.py": PERMISSION_TESTS,
    "core/rules/policy.py": PERMISSION_TESTS,
    "core/rules/correction.py": ("tests/register/case/test_corrections.py",),
    "core/rules/undo.py": (
        "tests/rules/test_undo.py",
        "tests/register/case/test_undo.py",
        "tests/register/case/test_corrections.py",
    ),
    "core/rules/segments.py": (
        "tests/rules/test_segments.py",
        "tests/register/reads/test_queue.py",
        "tests/insight/test_backlog.py",
    ),
}
