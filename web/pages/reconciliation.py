"""An outside sheet beside the register, as a page or as CSV. The file is looked at and not kept.

Must not know how lines and pledges are compared.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

import msgspec
from flask import Response, request

from domain.documents.reconcile import Difference, Finding
from domain.errors import FieldErrors, InvalidInput, invalid
from domain.imports.cells import guard
from projections.questions import BOARD, DOCUMENTS
from projections.reconciling import COLUMNS, Reconciliation, table
from web import moments
from web.bodies import CHUNK_BYTES, FILE_BYTES_MAX
from web.browsers import form_with_a_file
from web.errors import RequestProblem
from web.pages.addresses import at, chosen
from web.pages.blueprint import page, pages, runtime
from web.pages.formats import number
from web.pages.language import gettext as _
from web.pages.refusals import told
from web.reconciling import LINES_MAX, comparing

AS_OF_CHARS_MAX = 64
DIFFERENCES_SHOWN = 30
LINES_SHOWN = 20
SHARED_SHOWN, SHARED_SHOWN_MAX = 40, 120
NOT_KEPT = {"Cache-Control": "no-store"}


@pages.get("/reconcile")
def reconcile() -> Response:
    """The form: which file, and which moment."""
    return _page(as_of=next(iter(chosen("as_of")), ""))


@pages.post("/reconcile")
def compare_document() -> Response:
    """What each line of a file came to, the file as it was sent with the form."""
    as_of = ""
    try:
        with form_with_a_file():
            as_of = request.form.get("as_of", "").strip()[:AS_OF_CHARS_MAX]
            asked = moments.asked(as_of or None, of=BOARD)
            with _sent_file() as path, comparing(path, asked, field="file") as found:
                if request.form.get("form") == "csv":
                    return _as_csv(found)
                return _page(as_of=as_of, **_told(found))
    except InvalidInput as problem:
        return _page(as_of=as_of, errors=told(problem.errors), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except RequestProblem as problem:
        if problem.problem.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        return _page(as_of=as_of, errors={"file": [_too_large()]}, status=problem.problem.status)


@contextmanager
def _sent_file() -> Iterator[Path]:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise invalid("file", _("Choose a file."))
    with TemporaryDirectory(prefix="pledges-reconcile-") as folder:
        path = Path(folder) / "sheet"  # under no name of the sender's
        sent.save(path)
        yield path


def _too_large() -> str:
    return _(
        "The file is too large: %(bytes)s bytes are the most here. Larger ones are compared by the command "
        "line.",
        bytes=number(FILE_BYTES_MAX),
    )


def _page(
    *, as_of: str, errors: FieldErrors | None = None, status: int = HTTPStatus.OK, **told: Any
) -> Response:
    """The form, beneath what was found, or with what is wrong beside its fields."""
    # Links lead to the register as it was at the moment that was compared.
    stays_at = {**at(), "as_of": as_of} if as_of and not errors else at()
    said = {"found": None, "checkpoint": None, "at": stays_at, **told}
    response = page(
        "pages/reconcile.html", None, asked=as_of, errors=errors or {}, lines_max=LINES_MAX,
        bytes_max=FILE_BYTES_MAX, **said,
    )  # fmt: skip
    response.status_code = status
    response.headers.update(NOT_KEPT)
    return response


def _told(found: Reconciliation) -> dict[str, Any]:
    """All counts, and as many lines as one page has room for."""
    shown: dict[str, list[Finding]] = defaultdict(list)
    differences = 0
    for finding in found.findings:
        is_shown = finding.result != "same" and len(shown[finding.result]) < LINES_SHOWN
        if finding.result == "differs":
            is_shown = differences < DIFFERENCES_SHOWN
            differences += len(finding.differences)
        if is_shown:
            shown[finding.result].append(_from_where_it_differs(finding))
    questions = runtime().questions
    return {
        "found": found,
        "shown": shown,
        "document": questions.document(found.sha256, moment=questions.moment(of=DOCUMENTS)),
        "checkpoint": moments.checkpoint(found.moment),
    }


def _from_where_it_differs(finding: Finding) -> Finding:
    """The same for a page, which shows the beginning of each cell: no long beginning that both share."""
    return msgspec.structs.replace(finding, differences=tuple(map(_without_beginning, finding.differences)))


def _without_beginning(one: Difference) -> Difference:
    pairs = zip(one.theirs, one.ours, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if shared < SHARED_SHOWN_MAX:
        return one
    begin = shared - SHARED_SHOWN
    return Difference(column=one.column, theirs="…" + one.theirs[begin:], ours="…" + one.ours[begin:])


def _as_csv(found: Reconciliation) -> Response:
    """Every line and what it came to. All is written before the answer begins."""
    written = TemporaryFile(prefix="pledges-reconcile-")  # noqa: SIM115 - closed with the answer
    try:
        _write(found, written)
        written.seek(0)
    except BaseException:
        written.close()
        raise
    response = Response(iter(lambda: written.read(CHUNK_BYTES), b""), mimetype="text/csv")
    response.call_on_close(written.close)
    name = f"reconciled-{found.moment.position}.csv"
    response.headers.update({**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'})
    return response


def _write(found: Reconciliation, into: IO[bytes]) -> None:
    text = io.TextIOWrapper(into, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for finding in found.findings:
        for row in table(finding):
            writer.writerow("" if row[name] is None else guard(str(row[name])) for name in COLUMNS)
    text.detach()
