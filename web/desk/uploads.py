"""Files that a form brings: kept at once and named by their digest, so that none has to be chosen twice.

Must not know which command the form gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import g, request
from werkzeug.datastructures import FileStorage, MultiDict

from domain.errors import Refused
from domain.pledges.evidence import FILE_BYTES_MAX, MEDIA_TYPES
from projections.files.recognising import NotTaken
from projections.files.storage import StorageAway
from web.api.commanding import runtime
from web.bodies import FORM_WITH_A_FILE, FORM_WITH_EVIDENCE
from web.browsers import form_with_a_file
from web.pages.evidence import file_words
from web.pages.formats import number
from web.pages.language import gettext as _
from web.pages.refusals import in_words

FILE_FIELD = ".file"
DIGITS_SHOWN = 12


@dataclass(frozen=True)
class Brought:
    """What a form says, its files by their digests, and what was wrong with those that are not kept."""

    said: MultiDict[str, str]
    errors: Mapping[str, list[str]] = field(default_factory=dict)


def form_brought() -> Brought:
    """The form of this request, whether or not it may bring files."""
    if request.mimetype != FORM_WITH_A_FILE:
        return Brought(request.form)
    with form_with_a_file(FORM_WITH_EVIDENCE):
        said, errors = MultiDict(request.form), {}
        for path, file in request.files.items():
            if not file.filename or not path.endswith(FILE_FIELD):
                continue
            try:
                said[path] = _kept(file)
            except NotTaken as problem:
                errors[path] = [_in_words(problem)]
            except StorageAway:
                errors[path] = [
                    _("could not be kept at the moment. Choose it again and send the form again.")
                ]
            except Refused as refusal:
                errors[path] = [in_words(refusal.detail)]
        return Brought(said, errors)


def _kept(file: FileStorage) -> str:
    upload, _is_new = runtime().files.keep(file.stream, g.actor.account, name=file.filename or "")
    return upload.sha256


def _in_words(problem: NotTaken) -> str:
    taken = ", ".join(MEDIA_TYPES.values())
    return {
        "empty": _("is empty."),
        "too-large": _("is too large: %(bytes)s bytes are the most.", bytes=number(FILE_BYTES_MAX)),
        "unknown": _("is none of the files that are taken: %(sorts)s.", sorts=taken),
        "otherwise": _(
            "is called %(name)s, but what is in it is %(content)s. Save it as what it is called, or call it "
            "what it is.",
            name=problem.said,
            content=problem.found,
        ),
        "broken": _("is broken: it cannot be read to its end."),
        "macros": _("holds macros: save it without them."),
        "bomb": _("would become too large when it is unpacked."),
    }[problem.trouble]


def uploaded_words(sha256: str) -> str:
    """A file that whoever is signed in uploaded, for a form that keeps it."""
    found = runtime().files.of(g.actor.account, [sha256]).get(sha256)
    digits = f"SHA-256 {sha256[:DIGITS_SHOWN]}…"
    if found is None:
        return digits
    return f"{file_words({'bytes': found.bytes, 'media_type': found.media_type})}, {digits}"
