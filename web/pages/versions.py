"""Two versions of a pledge side by side: each field before and after, and what happened in between.

Made from the history that the reader may see, so it tells nothing that the history does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from flask import Response, abort, request

from domain.errors import invalid
from domain.imports.render import erased_in_words
from projections.moments import Moment
from projections.questions import BOARD, HISTORY
from web.pages.blueprint import as_csv, as_json, asked_moment, forms_of, page, pages, runtime, told
from web.pages.formats import erased_by_field

SHOWN = (*BOARD, *HISTORY)
DIGITS_MAX = 15
BETWEEN_SHOWN = 50
TOKENS_MAX = 1_000
TOKENS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|.", re.DOTALL)
"""Words, and each sign of scripts that put no space between them."""


def _position(name: str, otherwise: int) -> int:
    given = request.args.get(name, "").strip()
    if not given:
        return otherwise
    if not (given.isascii() and given.isdecimal() and len(given) <= DIGITS_MAX):
        raise invalid(name, "must be a whole number, the position of an event.")
    return int(given)


def changes_over(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What entries in a row changed together: of each field its first value and its last, if they differ."""
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for entry in entries:
        for change in entry["changes"]:
            first.setdefault(change["field"], change["before"])
            last[change["field"]] = change["after"]
    return [
        {"field": field, "before": first[field], "after": last[field]}
        for field in first
        if first[field] != last[field]
    ]


def compared_words(before: Any, after: Any) -> list[tuple[str, str]] | None:
    """Two texts as runs: `same`, `gone` or `new`; None for what is no text, or too long for it."""
    if not (isinstance(before, str) and isinstance(after, str)):
        return None
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    if max(len(old), len(new)) > TOKENS_MAX:
        return None
    runs: list[tuple[str, str]] = []
    for kind, begin, end, new_begin, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(("same", "".join(old[begin:end])))
            continue
        gone, added = "".join(old[begin:end]), "".join(new[new_begin:new_end])
        runs += [(how, words) for how, words in (("gone", gone), ("new", added)) if words]
    return runs


def _found(reference: str, moment: Moment) -> dict[str, Any]:
    questions = runtime().questions
    pledge = questions.pledge(reference, viewer=None, moment=moment)
    if pledge is None:
        abort(404)
    history: Sequence[dict[str, Any]] = questions.history(pledge["id"], viewer=None, moment=moment) or []
    positions = [entry["position"] for entry in history] or [0]
    begin, end = _position("from", positions[0]), _position("to", positions[-1])
    if begin > end:
        raise invalid("from", "must not be above `to`.")
    if end > moment.position:
        raise invalid("to", f"lies ahead: the last position is {moment.position}.")
    between = [entry for entry in history if begin < entry["position"] <= end]
    return {
        "pledge": {name: pledge[name] for name in ("id", "reference", "title", "language")},
        "from": begin,
        "to": end,
        "changes": changes_over(between),
        "between": between,
        "erased": pledge["erased"],
    }


@pages.get("/pledges/<reference>/changes")
def changes(reference: str) -> Response:
    """What is different between two versions of a pledge, as a page."""
    moment = asked_moment(SHOWN)
    found = _found(reference, moment)
    words = {
        change["field"]: compared_words(change["before"], change["after"])
        for change in found["changes"]
        if change["field"] in ("title", "description")
    }
    return page(
        "pages/changes.html",
        moment,
        forms=forms_of("pages.changes", "csv", "json"),
        found=found,
        begin=found["from"],
        end=found["to"],
        words=words,
        shown=found["between"][-BETWEEN_SHOWN:],
    )


@pages.get("/pledges/<reference>/changes.json")
def changes_json(reference: str) -> Response:
    """The same as JSON."""
    moment = asked_moment(SHOWN)
    return as_json({**_found(reference, moment), **told(moment)})


@pages.get("/pledges/<reference>/changes.csv")
def changes_csv(reference: str) -> Response:
    """The same as CSV: a row a field."""
    found = _found(reference, asked_moment(SHOWN))
    gone = erased_by_field(found["erased"])
    rows = (
        (one["field"], one["before"], one["after"], erased_in_words(gone.get(one["field"], ())))
        for one in found["changes"]
    )
    return as_csv(("field", "before", "after", "erased"), rows, f"changes-{found['pledge']['reference']}")
