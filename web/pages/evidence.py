"""Files of evidence: what they are in words, and handed out to whoever sees the entry that names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from domain.pledges.evidence import MEDIA_TYPES
from web.api.files import file_answer
from web.pages.blueprint import pages, viewer
from web.pages.formats import number
from web.pages.language import gettext as _

THOUSAND = 1000
ENDINGS = ",".join(f".{ending}" for ending in (*MEDIA_TYPES.values(), "jpeg"))
"""What browsers offer to choose from."""


@pages.get("/log/<position:position>/files/<sha256:sha256>")
def evidence_file(position: int, sha256: str) -> Response:
    """A file that an event names as evidence."""
    return file_answer(position, sha256, viewer())


def file_words(file: Mapping[str, Any]) -> str:
    """Of what sort a file is and how large, rounded up."""
    kilobytes = -(-file["bytes"] // THOUSAND)
    sort = MEDIA_TYPES[file["media_type"]].upper()
    if kilobytes < THOUSAND:
        return _("%(sort)s, %(size)s kB", sort=sort, size=number(kilobytes))
    tenths = -(-kilobytes // (THOUSAND // 10)) / 10
    return _("%(sort)s, %(size)s MB", sort=sort, size=number(tenths))
