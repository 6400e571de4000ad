"""Whether the register shows demonstration data, so that each page says so.

Once it did, it does for good; that is remembered, and spares a question for each page.
"""

from __future__ import annotations

from flask import current_app

from projections.problems import OperatorProblem
from web.pages.blueprint import runtime

KEPT = "page_shows_samples"


def shows_samples() -> bool:
    """Whether the demonstration data was loaded."""
    if not current_app.extensions.get(KEPT):
        current_app.extensions[KEPT] = _asked()
    return known_to_show_samples()


def known_to_show_samples() -> bool:
    """The same without asking, for pages that have to be shown when nobody can be asked."""
    return bool(current_app.extensions.get(KEPT))


def _asked() -> bool:
    try:
        return runtime().import_memory.shows_samples()
    except OperatorProblem:
        return False
