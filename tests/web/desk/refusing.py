"""The sentences with which the domain and the API refuse, read from their source. What varies is a place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
REFUSING = (
    *(
        path
        for folder in ("domain/pledges", "domain/accounts", "domain/cycles", "domain/documents",
                       "domain/entities", "domain/imports", "projections/sheets", "workers/imports")
        for path in sorted((ROOT / folder).glob("*.py"))
    ),
    *(ROOT / "domain" / name for name in ("deciding.py", "effective.py", "values.py", "unit_of_work.py")),
    *(
        ROOT / "projections" / name
        for name in ("board/conditions.py", "board/filters.py", "board/questions.py", "board/sorting.py",
                     "credentials/passwords.py", "cursors.py", "database/working_papers.py", "effective.py",
                     "files/files.py", "moments.py", "progress/questions.py", "reconciling.py",
                     "timeline/event_filters.py", "timeline/search.py", "timeline/versions.py")
    ),
    *(
        ROOT / "web/api" / name
        for name in ("blueprint.py", "commanding.py", "content.py", "drafts.py", "entities.py", "fields.py",
                     "files.py", "matches.py", "orders.py", "partners.py", "reporting.py", "review.py",
                     "writing.py")
    ),
    *(
        path
        for folder in ("web/account", "web/desk", "web/forms", "web/pages")
        for path in sorted((ROOT / folder).glob("*.py"))
    ),
    *(ROOT / "web" / name for name in ("addresses.py", "moments.py", "reconciling.py")),
)  # fmt: skip
"""What forms and pages can meet."""
SAYING = {
    "Refused": 0, "NotPermitted": 0, "NotFound": 0, "Conflict": 0, "StaleVersion": 0, "ValueError": 0,
    "ValidationError": 0, "UnreadableFile": 0, "WrongHeader": 0, "invalid": 1, "say": 1, "_refused": 2,
    "_fail": 2,
}  # fmt: skip
"""What is called to refuse, and which of its arguments is the sentence."""
NAMED = frozenset({"CHANGED", "ERASED_BEFORE", "OVERTAKEN", "UNKNOWN", "error", "problem", "rule"})
INTERNAL = frozenset({"evolve.py", "state.py", "measure.py", "provider.py", "run.py"})
PLACE = "\u25a1"


def sentences() -> dict[str, str]:
    """Each sentence, and the file that says it."""
    found: dict[str, str] = {}
    for path in REFUSING:
        if path.name not in INTERNAL:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {
                text: f"{path.parent.name}/{path.name}" for node in ast.walk(tree) for text in _said(node)
            }
    return found


def _said(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in SAYING and len(node.args) > SAYING[name]:
            yield from _texts(node.args[SAYING[name]])
    # errors["field"] = ["…"], sentences that have a name first, and mappings of fields to lists of sentences
    if isinstance(node, ast.Assign) and any(getattr(one, "id", "") in NAMED for one in node.targets):
        yield from _texts(node.value)
    if isinstance(node, ast.Assign) and any(isinstance(one, ast.Subscript) for one in node.targets):
        yield from _listed(node.value)
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _listed(value)
    if isinstance(node, ast.Return):
        yield from (text for text in _listed(node.value) if text.endswith("."))
    if isinstance(node, ast.DictComp):
        yield from _listed(node.value)


def _listed(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.List):
        for one in node.elts:
            yield from _texts(one)


def _texts(node: ast.AST) -> Iterator[str]:
    """The text of a string, whole sentences only: they end in a stop."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else PLACE for part in node.values)
