"""One sheet on the desk: how far it is, what is foreseen of its rows, and the confirmation of just that.

Must not know how rows are planned, nor carry anything out: the worker does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import accumulate
from typing import Any
from uuid import UUID

from flask import Response, g, make_response, redirect, render_template, request, url_for

from domain.imports.columns import column_key
from projections.sent_sheets.sheet_rows import ALIKE, PROBLEMS, SheetRow
from projections.sent_sheets.sheets import SentSheet
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT
from web.desk.imports import the_sheet
from web.pages.blueprint import as_long_csv, runtime

ROWS = 25
OUTCOMES = ("made", "submitted", "amended", "unchanged", "refused", "duplicate", "conflict")
SHOWN = (*OUTCOMES, ALIKE)
LINES_MAX = 130
"""So many changes, broken rules and likenesses are told on one page."""
DIGITS_MAX = 9
LOAD_AGAIN_SECONDS = 2
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
PROBLEM = "problem"


@desk.get("/desk/imports/<id:sheet>")
def sheet(sheet: UUID) -> Response:
    """How far a sheet is; what is foreseen of its rows, or what came of them."""
    return _shown(the_sheet(sheet))


def _shown(found: SentSheet, *, changed: bool = False, status: int = HTTPStatus.OK) -> Response:
    show = request.args.get("show", "")
    show = show if show in SHOWN else ""
    rows: list[SheetRow] = []
    if found.stage in ("checked", "done"):
        rows = runtime().sheet_rows.page(found.id, outcome=show or None, after=_after(), limit=ROWS)
    fitting = _fitting(rows)
    said = render_template(
        "desk/sheet.html",
        moment=None,
        forms={},
        sheet=found,
        changed=changed,
        show=show,
        rows=fitting,
        first=_address(found, show) if _after() else None,
        following=_address(found, show, after=fitting[-1].row) if len(rows) > len(fitting) else None,
        figures=_figures(found),
        problems=sum(found.counts.get(one, 0) for one in PROBLEMS),
        is_still="still" in request.args,
        people=runtime().people.email_of(found.account),
    )
    answer = make_response(said, status, NOT_KEPT)
    if found.is_under_way and "still" not in request.args:
        # Without a script; whoever reads slowly can keep the page from loading itself again.
        answer.headers["Refresh"] = str(LOAD_AGAIN_SECONDS)
    return answer


def _fitting(rows: Sequence[SheetRow]) -> list[SheetRow]:
    """As many of the rows as a page has room for, at least one."""
    told = accumulate(len(row.changes) + len(row.errors) + len(row.alike) for row in rows)
    return [row for row, lines in zip(rows[:ROWS], told, strict=False) if lines <= LINES_MAX] or list(
        rows[:1]
    )


def _after() -> int:
    given = request.args.get("after", "")
    return int(given) if given.isdecimal() and given.isascii() and len(given) <= DIGITS_MAX else 0


def _address(found: SentSheet, show: str, **said: Any) -> str:
    return url_for("desk.sheet", sheet=found.id, show=show or None, **said)


def _figures(found: SentSheet) -> Mapping[str, int]:
    """How many rows have which outcome: those that can be, and those that are."""
    new = "submitted" if found.mode == "submit" else "made"
    always = (new, "amended", "unchanged", "refused", "conflict")
    return {one: found.counts.get(one, 0) for one in SHOWN if one in always or found.counts.get(one)}


@desk.post("/desk/imports/<id:sheet>/confirmation")
def confirm_sheet(sheet: UUID) -> Response:
    """Have just what was previewed imported."""
    found = the_sheet(sheet)
    sha256, preview = (_digest(request.form.get(name, "")) for name in ("sha256", "preview"))
    confirmed = runtime().sent_sheets.confirm(sheet, g.actor.account, sha256=sha256, preview=preview)
    if not confirmed and found.stage == "checked":
        return _shown(the_sheet(sheet), changed=True, status=HTTPStatus.CONFLICT)
    return _on_to("desk.sheet", sheet=sheet)


def _digest(text: str) -> str:
    return text if DIGEST.match(text) else ""


@desk.post("/desk/imports/<id:sheet>/discard")
def discard_sheet(sheet: UUID) -> Response:
    """Throw a sheet away that was not imported."""
    discarded = runtime().sent_sheets.discard(sheet)
    return _on_to("desk.imports") if discarded else _on_to("desk.sheet", sheet=sheet)


@desk.get("/desk/imports/<id:sheet>/refused.csv")
def sheet_refused(sheet: UUID) -> Response:
    """The rows with a problem, each with it, to be mended and sent again."""
    found = the_sheet(sheet)
    # Refused rows that come back have that column already: what it says is of another day.
    places = [place for place, name in enumerate(found.heading) if column_key(name) != PROBLEM]
    rows = (
        [*(cells[place] if place < len(cells) else "" for place in places), f"row {number}, {problem}"]
        for number, problem, cells in runtime().sheet_rows.to_mend(sheet)
    )
    return as_long_csv([*(found.heading[place] for place in places), PROBLEM], rows, "refused")


def _on_to(endpoint: str, **values: Any) -> Response:
    return make_response(redirect(url_for(endpoint, **values), HTTPStatus.SEE_OTHER))
