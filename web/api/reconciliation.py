"""An outside sheet beside the register, line by line. The file is looked at and not kept.

Must not know how lines and pledges are compared.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from flask import Response, request
from marshmallow import fields

from domain.documents.reconcile import RESULTS, Finding
from domain.values import rfc3339
from projections.moments import Moment
from projections.questions import BOARD, DOCUMENTS
from projections.reconciling import Reconciliation, Totals
from web import moments
from web.api.blueprint import BODY, ApiBlueprint, as_json
from web.api.commanding import runtime
from web.api.converters import SHA256_PATTERN
from web.api.deposits import DocumentAnswer
from web.api.exports import MEDIA_TYPES, XLSX
from web.api.fields import StrictSchema
from web.api.queries import AsOf
from web.api.shapes import POSITION, many, moment, one, text, truth, uuid, whole, word
from web.bodies import read_body
from web.errors import RequestProblem
from web.reconciling import comparing

api = ApiBlueprint("reconciliation", "Outside sheets beside the register")

CSV = MEDIA_TYPES["csv"]


class SheetDifferenceAnswer(StrictSchema):
    """A column in which the sheet says something else than the register."""

    column = text()
    theirs = text()
    ours = text()


class FindingAnswer(StrictSchema):
    """What became of one line; without a row, a pledge that no line names."""

    row = whole(least=2, nullable=True)
    result = word(RESULTS)
    pledge = uuid(nullable=True)
    reference = text(nullable=True)
    differences = many(SheetDifferenceAnswer)
    not_compared = many(fields.String())
    note = text(nullable=True)


class TotalsAnswer(StrictSchema):
    """How many lines and pledges came to what.

    Lines are same + differs + not_here + ambiguous + unreadable; pledges are same + differs + unclear +
    not_there.
    """

    lines = whole()
    same = whole()
    differs = whole()
    not_here = whole()
    ambiguous = whole()
    unreadable = whole()
    pledges = whole()
    unclear = whole()
    not_there = whole()


class ReconciliationAnswer(StrictSchema):
    """What each line came to, what adds up, and which document it was, if its bytes were deposited."""

    sha256 = text(SHA256_PATTERN)
    document = one(DocumentAnswer, nullable=True)
    agrees = truth()
    totals = one(TotalsAnswer)
    items = many(FindingAnswer)
    ignored = many(fields.String())
    as_of = moment()
    position = whole()


@api.looks_at("/reconciliation", ReconciliationAnswer, query=AsOf, files=[CSV, XLSX], headers=POSITION)
def compare(query: dict[str, Any]) -> Response:
    """Compare a sheet (CSV or Excel, the columns of imports) with the register, line by line."""
    if request.mimetype not in (CSV, XLSX):
        raise RequestProblem(415, f"Send {CSV} or {XLSX}.", headers={"Accept": f"{CSV}, {XLSX}"})
    asked = moments.asked(query.get("as_of"), of=BOARD)
    found = compared(read_body(), asked)
    return as_json(found, headers={"X-Position": str(asked.position)})


def compared(content: bytes, asked: Moment) -> dict[str, Any]:
    """All that a comparison answers. InvalidInput for what is no sheet, or too long a one."""
    with TemporaryDirectory(prefix="pledges-reconcile-") as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(content)
        with comparing(path, asked, field=BODY) as found:
            items = [_plain(finding) for finding in found.findings]
            return _answer(found, items)


def _answer(found: Reconciliation, items: list[dict[str, Any]]) -> dict[str, Any]:
    questions = runtime().questions
    return {
        "sha256": found.sha256,
        "document": questions.document(found.sha256, moment=questions.moment(of=DOCUMENTS)),
        "agrees": found.totals.agrees,
        "totals": _totals(found.totals),
        "items": items,
        "ignored": list(found.ignored),
        "as_of": rfc3339(found.moment.at),
        "position": found.moment.position,
    }


def _totals(totals: Totals) -> dict[str, int]:
    counts: dict[str, int] = {result: totals.results[result] for result in RESULTS}
    return {"lines": totals.lines, "pledges": totals.pledges, "unclear": totals.unclear, **counts}


def _plain(finding: Finding) -> dict[str, Any]:
    told = msgspec.structs.asdict(finding)
    return {**told, "differences": [msgspec.structs.asdict(one) for one in finding.differences]}
