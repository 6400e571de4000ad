"""Two versions of a pledge side by side: each field before and after, and what happened in between.

Made from the history that the reader may see, so it tells nothing that the history does not.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any

from flask import Response, request

from domain.errors import NotFound, invalid
from domain.imports.render import erased_in_words
from projections.moments import Moment
from web.api.versions import SHOWN, compared
from web.moments import told
from web.pages.blueprint import as_csv, as_json, asked_moment, forms_of, page, pages, viewer
from web.pages.formats import erased_by_field
from web.pages.record import Sharing

DIGITS_MAX = 15
BETWEEN_SHOWN = 50
TOKENS_MAX = 1_000
TOKENS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|.", re.DOTALL)
"""Words, and each sign of scripts that put no space between them."""


def _position(name: str) -> int | None:
    given = request.args.get(name, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= DIGITS_MAX):
        raise invalid(name, "must be a whole number, the position of an event.")
    return int(given)


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
    return compared(reference, viewer(), moment, _position("from"), _position("to"))


def _sharing(found: dict[str, Any], moment: Moment) -> Sharing:
    """How much of a comparison everybody is shown."""
    if viewer() is None:
        return "all"
    try:
        to_all = compared(found["pledge"]["id"], None, moment, found["from"], found["to"])
    except NotFound:
        return "nothing"
    return "all" if to_all == found else "part"


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
        public=_sharing(found, moment),
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
    name = found["pledge"]["reference"] or found["pledge"]["id"]
    return as_csv(("field", "before", "after", "erased"), rows, f"changes-{name}")
