"""Sheets of pledges on the desk: a workbook to send out, the upload, how a sheet is read.

What becomes of a sheet is shown by `web.desk.sheet`. Must not know how rows are planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, request, url_for
from marshmallow import ValidationError

from domain.errors import InvalidInput, invalid
from domain.imports.columns import (
    COLUMNS,
    COLUMNS_MAX,
    NAMES_PLEDGE,
    NEEDED,
    WrongHeader,
    column_key,
    is_contact_like,
    read_header,
)
from domain.imports.matching import as_ours, guessed
from projections.sent_sheets.sheets import Reading, SentSheet
from projections.sheets.opening import digest_of, open_sheet
from projections.sheets.sheets import UnreadableFile
from projections.sheets.template import Words, write_template
from web.api import orders
from web.api.blueprint import flat
from web.bodies import FILE_BYTES_MAX
from web.browsers import form_with_a_file
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT, Sent, form_page, id_of_form
from web.desk.sheet_columns import CALLED, columns
from web.errors import RequestProblem
from web.forms.inputs import Filling, Input, inputs_of
from web.forms.reading import body_of
from web.forms.words import name_of
from web.pages.blueprint import XLSX, runtime
from web.pages.formats import number
from web.pages.language import gettext as _
from web.pages.language import locale, pgettext
from web.pages.refusals import in_words, told

SHOWN_MAX = 30
HEADINGS_SHOWN = 30
"""So many columns of a sheet can be matched: each is offered for each of ours, and a page stays small."""
FILENAME_CHARS_MAX = 200
HEADINGS_MIN = 2
DIGITS_MAX = 3


@desk.get("/desk/imports")
def imports() -> Response:
    """What was sent, and the form to send a sheet."""
    return _imports(Sent())


@desk.get("/desk/imports/template.xlsx")
def import_template() -> Response:
    """A workbook to be filled in, explained in the language of the page."""
    words = Words(
        pledges=pgettext("name of a sheet", "Pledges"),
        columns=pgettext("name of a sheet", "Columns"),
        values=pgettext("name of a sheet", "Values"),
        runs_left=locale().text_direction == "rtl",
    )
    named = f'attachment; filename="pledges-{locale().language}.xlsx"'
    written = write_template(columns(), words)
    return Response(written, mimetype=XLSX, headers={**NOT_KEPT, "Content-Disposition": named})


@desk.post("/desk/imports")
def send_sheet() -> Response:
    """Keep a sheet, to be looked at; or have its columns matched first."""
    sent = Sent()
    try:
        with form_with_a_file():
            sheet = _keep(sent)
        return _on_to(sheet)
    except InvalidInput as problem:
        sent.errors = told(problem.errors)
        sent.status = HTTPStatus.UNPROCESSABLE_ENTITY
    except RequestProblem as problem:
        if problem.problem.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        sent.errors, sent.status = {"file": [_too_large()]}, problem.problem.status
    return _imports(sent)


def _keep(sent: Sent) -> SentSheet:
    errors: dict[str, list[str]] = {}
    reading = _reading(sent, errors)
    with _sent_file(errors) as path:
        heading = _heading(path, errors) if path else []
        if path is None or errors:
            raise InvalidInput(errors)
        sha256, _size = digest_of(path)
        account = g.actor.account
        sheet = id_of_form(sha256)
        named = (request.files["file"].filename or "")[:FILENAME_CHARS_MAX]
        with path.open("rb") as file:
            runtime().sent_sheets.add(
                sheet, account, file, filename="".join(sign for sign in named if sign.isprintable()),
                sha256=sha256, heading=heading, reading=reading, is_ready=_is_ours(heading, reading),
            )  # fmt: skip
    return the_sheet(sheet)


@contextmanager
def _sent_file(errors: dict[str, list[str]]) -> Iterator[Path | None]:
    """The file that came with the form, under no name of the sender's."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        errors["file"] = [_("Choose a file.")]
        yield None
        return
    with TemporaryDirectory(prefix="pledges-import-") as folder:
        path = Path(folder) / "sheet"
        sent.save(path)
        yield path


def _heading(path: Path, errors: dict[str, list[str]]) -> list[str]:
    """The first row of a sheet, which names the columns."""
    try:
        with closing(open_sheet(path).rows()) as rows:  # type: ignore[type-var]
            number_of, heading = next(rows, (1, []))
        if number_of != 1:
            heading = []
        if sum(1 for cell in heading if cell.strip()) < HEADINGS_MIN or len(heading) > COLUMNS_MAX:
            read_header(heading)  # says what is wrong with it
        return [cell.replace("\0", "\N{REPLACEMENT CHARACTER}") for cell in heading]  # which no table holds
    except (UnreadableFile, WrongHeader) as problem:
        errors["file"] = [in_words(str(problem).replace(str(path), "the file"))]
        return []


def _is_ours(heading: Sequence[str], reading: Reading) -> bool:
    try:
        read_header(heading, needs_ref=reading.mode == "record")
    except WrongHeader:
        return False
    return True


def _too_large() -> str:
    return _(
        "The file is too large: %(bytes)s bytes are the most here. Larger ones are imported by the command "
        "line.",
        bytes=number(FILE_BYTES_MAX),
    )


def _imports(sent: Sent) -> Response:
    listed = runtime().sent_sheets.latest(SHOWN_MAX)
    return form_page(
        "desk/imports.html", sent, inputs=what_becomes(sent.body), sheets=listed, bytes_max=FILE_BYTES_MAX
    )


# -- what becomes of its rows


def what_becomes(body: Mapping[str, Any]) -> list[Input]:
    """What becomes of the rows of a sheet, and by what authority they are recorded."""
    choices = [
        ("submit", _("Submitted: each pledge waits for the pledger to confirm it and for review")),
        ("record", _("Recorded: each pledge is made at once, by the authority that is named here")),
    ]
    mode = Input(
        path="mode", words=name_of("mode"), kind="choice", choices=choices, need="always",
        value=body.get("mode", ""),
    )  # fmt: skip
    return [mode, *inputs_of(orders.Order(), Filling(values=body), ("authority",))]


def _reading(sent: Sent, errors: dict[str, list[str]], **said: Any) -> Reading:
    """What the form says of it; what is wrong with that goes into `errors`."""
    schema = orders.Order()
    sent.body = {**body_of(request.form, schema), "mode": request.form.get("mode", "")}
    authority = sent.body.get("authority")
    try:
        schema.load({"authority": authority} if authority else {})
    except ValidationError as problem:
        errors.update(told(flat({"json": problem.normalized_messages()})))  # type: ignore[no-untyped-call]
    mode = sent.body["mode"]
    if mode not in ("record", "submit"):
        errors["mode"] = [_("Choose one.")]
    elif mode == "record" and not authority:
        errors["authority"] = [_("Say by what authority they are recorded: its kind and its reference.")]
    return Reading(mode=mode or "record", authority=authority, **said)


# -- how a sheet is read


def the_sheet(sheet: UUID) -> SentSheet:
    """A sheet that was sent; 404 if there is none."""
    found = runtime().sent_sheets.get(sheet)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _open_sheet(sheet: UUID) -> SentSheet:
    found = the_sheet(sheet)
    if not found.may_be_read_otherwise:
        abort(HTTPStatus.NOT_FOUND)
    return found


@desk.get("/desk/imports/<id:sheet>/reading")
def sheet_reading(sheet: UUID) -> Response:
    """Which column is which, what else is kept, what becomes of its rows."""
    found = _open_sheet(sheet)
    body = {"mode": found.mode, "authority": found.authority}
    places = found.columns or guessed(found.heading)
    return _how_it_is_read(found, Sent(body=body), places, found.keep)


@desk.post("/desk/imports/<id:sheet>/reading")
def read_sheet(sheet: UUID) -> Response:
    """Have it looked at, read in that way."""
    found = _open_sheet(sheet)
    errors: dict[str, list[str]] = {}
    places, keep = _places(found), _kept(found)
    sent = Sent()
    reading = _reading(sent, errors, columns=places, keep=keep)
    try:
        heading = as_ours(found.heading, places)
        if len(set(places.values())) < len(places):
            raise invalid("columns", _("Two columns cannot be the same one of the sheet."))
        read_header(heading, keep, needs_ref=reading.mode == "record")
    except WrongHeader as problem:
        errors["columns"] = [in_words(str(problem))]
    except InvalidInput as problem:
        errors.update(told(problem.errors))
    if errors:
        sent.errors, sent.status = errors, HTTPStatus.UNPROCESSABLE_ENTITY
        return _how_it_is_read(found, sent, places, keep)
    runtime().sent_sheets.check(sheet, reading)
    return make_response(redirect(url_for("desk.sheet", sheet=sheet), HTTPStatus.SEE_OTHER))


def _places(found: SentSheet) -> dict[str, int]:
    said = {column: request.form.get(f"columns.{column}", "") for column in COLUMNS}
    return {
        column: int(place)
        for column, place in said.items()
        if place.isdecimal() and len(place) <= DIGITS_MAX and int(place) < len(found.heading)
    }


def _kept(found: SentSheet) -> list[str]:
    asked = set(request.form.getlist("keep"))
    return [name for place, name in _to_keep(found) if str(place) in asked]


def _to_keep(found: SentSheet) -> list[tuple[int, str]]:
    """The headings that could be kept as facts: neither ours nor likely to say who somebody is."""
    keys = [column_key(name) for name in found.heading]
    return [
        (place, name.strip())
        for place, (name, key) in enumerate(zip(found.heading, keys, strict=True))
        if key and key not in (*COLUMNS, *NAMES_PLEDGE) and keys.count(key) == 1 and not is_contact_like(name)
    ]


def _how_it_is_read(found: SentSheet, sent: Sent, places: Mapping[str, int], keep: Sequence[str]) -> Response:
    named = [(place, name.strip()) for place, name in enumerate(found.heading) if name.strip()]
    return form_page(
        "desk/sheet_reading.html",
        sent,
        sheet=found,
        headings=named[:HEADINGS_SHOWN],
        left=len(named[HEADINGS_SHOWN:]),
        places=places,
        called=CALLED,
        names=COLUMNS,
        needed=[name for name in NEEDED if name != "ref"],  # which a sheet that is submitted need not have
        keep=keep,
        to_keep=_to_keep(found)[:HEADINGS_SHOWN],
        inputs=what_becomes(sent.body),
    )


def _on_to(sheet: SentSheet) -> Response:
    endpoint = "desk.sheet_reading" if sheet.stage == "columns" else "desk.sheet"
    return make_response(redirect(url_for(endpoint, sheet=sheet.id), HTTPStatus.SEE_OTHER))
