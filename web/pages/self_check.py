"""What the latest self-check of the log found, so that each page says so. Must not know how it looks."""

from __future__ import annotations

from projections.problems import OperatorProblem
from web.pages.blueprint import runtime


def found_by_self_check() -> str | None:
    """What does not fit, in the words of the self-check; None if all does, or nobody can be asked."""
    try:
        checked = runtime().log.last_check()
    except OperatorProblem:
        return None
    return checked.problem if checked else None
