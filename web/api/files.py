"""Files of evidence: sent once, named by their digest in a report, and handed out to whoever sees the report.

Must not know how a file is recognised, nor where it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from flask import Response, g, request

from domain.actors import Actor
from domain.errors import InvalidInput, NotFound, invalid
from domain.pledges.evidence import MEDIA_TYPES
from domain.register import AlsoWrite
from domain.values import ERASED
from projections.files.files import Files
from projections.files.recognising import NotTaken
from projections.files.storage import FileMissing
from projections.moments import Moment
from projections.questions import HISTORY
from web import moments
from web.api.blueprint import BODY, ApiBlueprint, as_json
from web.api.commanding import actor, runtime
from web.api.converters import SHA256_PATTERN
from web.api.exports import begun
from web.api.fields import StrictSchema
from web.api.shapes import POSITION, text, whole, word
from web.bodies import EVIDENCE, read_into
from web.errors import RequestProblem

api = ApiBlueprint("files", "Files of evidence")

OF_ANY_SORT = "application/octet-stream"
SHUT_IN: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What somebody sent is never shown by browsers as a page of ours, whatever it is."""
NAME_DIGITS = 12


class UploadAnswer(StrictSchema):
    """A file that was sent: by what digest evidence names it, and what it was recognised as."""

    sha256 = text(SHA256_PATTERN)
    bytes = whole(least=1)
    media_type = word(tuple(MEDIA_TYPES))


@api.takes_a_file("/files", UploadAnswer, files=[OF_ANY_SORT, *MEDIA_TYPES])
def upload() -> Response:
    """Send a file that evidence shall name: the body is the file. The same again answers 200.

    What it is is recognised by its content, and held against the Content-Type if one is given.
    """
    said = "" if request.mimetype == OF_ANY_SORT else request.mimetype
    if said and said not in MEDIA_TYPES:
        raise RequestProblem(
            415, f"Send one of {', '.join(MEDIA_TYPES)}.", headers={"Accept": ", ".join(MEDIA_TYPES)}
        )
    with TemporaryFile(prefix="pledges-file-") as file:
        read_into(file, EVIDENCE)
        try:
            kept, is_new = runtime().files.keep(file, actor().account, said=said)
        except NotTaken as problem:
            raise invalid(BODY, str(problem)) from None
    said_of_it = {"sha256": kept.sha256, "bytes": kept.bytes, "media_type": kept.media_type}
    return as_json(said_of_it, 201 if is_new else 200)


@api.reads("/log/events/<position:position>/files/<sha256:sha256>", files=list(MEDIA_TYPES), headers=POSITION)
def download(position: int, sha256: str) -> Response:
    """A file that an event names as evidence, for whoever may see the event."""
    return file_answer(position, sha256, g.actor)


def file_answer(position: int, sha256: str, viewer: Actor | None) -> Response:
    """The bytes of a file, to be kept and not to be shown. NotFound if the viewer sees no such evidence."""
    moment = moments.asked(None, of=HISTORY)
    file = _evident(position, sha256, viewer, moment)
    try:
        pieces = begun(runtime().files.read(sha256))
    except FileMissing:
        raise RequestProblem(
            404,
            "This file is not kept any more, or not as it was when it was recorded. "
            "Whoever runs the register can say why.",
            code="file-missing",
        ) from None
    name = f"evidence-{sha256[:NAME_DIGITS]}.{MEDIA_TYPES[file['media_type']]}"
    headers = {
        **SHUT_IN,
        "X-Position": str(moment.position),
        "Content-Length": str(file["bytes"]),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    answer = Response(pieces, headers=headers)
    # Without "; charset": in which encoding a text is nobody knows.
    answer.headers["Content-Type"] = file["media_type"]
    return answer


def _evident(position: int, sha256: str, viewer: Actor | None, moment: Moment) -> Mapping[str, Any]:
    found = runtime().questions.evidence(position, viewer=viewer, moment=moment)
    said = (found.event or {}).get("said", {}) if found else {}
    for one in said.get("evidence") or ():
        file: Mapping[str, Any] | None = one.get("file")
        if file and file["sha256"] == sha256 and one["title"] != ERASED:
            return file
    raise NotFound("No evidence that you may see is this file.")


# -- in commands


def with_files(body: Mapping[str, Any], pledge: UUID) -> dict[str, Any]:
    """A body whose evidence says of each file all that the register keeps of it.

    InvalidInput for a file that the caller neither sent nor sees in the pledge's history.
    """
    evidence: Sequence[Mapping[str, Any]] = body.get("evidence") or ()
    named = {one["file"] for one in evidence if one.get("file")}
    if not named:
        return dict(body)
    known = {
        sha256: {"sha256": sha256, "bytes": one.bytes, "media_type": one.media_type}
        for sha256, one in runtime().files.of(actor().account, named).items()
    }
    if named - set(known):
        known = {**_seen(pledge), **known}
    _refuse_unknown(evidence, known)
    told = [{**one, "file": known[one["file"]]} if one.get("file") else one for one in evidence]
    return {**body, "evidence": told}


def _seen(pledge: UUID) -> dict[str, dict[str, Any]]:
    """The files that the pledge's history shows to the caller."""
    questions = runtime().questions
    history = questions.history(str(pledge), viewer=actor(), moment=questions.moment(of=HISTORY)) or ()
    said = (one for entry in history for one in entry["said"].get("evidence") or ())
    return {one["file"]["sha256"]: one["file"] for one in said if one.get("file")}


def _refuse_unknown(evidence: Sequence[Mapping[str, Any]], known: Mapping[str, Any]) -> None:
    unknown = [index for index, one in enumerate(evidence) if one.get("file") and one["file"] not in known]
    if unknown:
        raise InvalidInput(
            {f"evidence.{index}.file": ["is no file that you have sent: send it first."] for index in unknown}
        )


def naming(order: Any) -> Sequence[AlsoWrite]:
    """What to write with the events of a command that names files."""
    return Files.naming(one.file.sha256 for one in order.evidence if one.file)
