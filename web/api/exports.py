"""All pledges as a file, streamed: as many as there are, in memory that stays flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from threading import BoundedSemaphore
from typing import Any

from flask import Response, g

from domain.values import rfc3339
from projections import exports
from projections.bundle import bundle, whose
from projections.iati import Reporter, write_iati
from projections.questions import BOARD, HISTORY
from web import moments
from web.api.blueprint import ApiBlueprint
from web.api.commanding import runtime
from web.api.log import signed_by
from web.api.queries import AsOf, Filters, filters_of_address
from web.errors import RequestProblem

api = ApiBlueprint("exports", "Pledges as files")

Writer = Callable[[Iterator[dict[str, Any]]], Iterator[bytes]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": "text/csv", "xlsx": XLSX, "jsonl": "application/jsonl"}
WRITERS: dict[str, Writer] = {
    "csv": exports.write_csv,
    "xlsx": exports.write_xlsx,
    "jsonl": exports.write_jsonl,
}


# Each download keeps a connection for as long as it is read; slow readers must leave some for everybody else.
AT_ONCE_MAX = 3
_places = BoundedSemaphore(AT_ONCE_MAX)
WAIT_SECONDS_MAX = 5.0


@api.reads(
    "/exports/pledges.<any('csv', 'xlsx', 'jsonl'):form>", query=Filters, files=list(MEDIA_TYPES.values())
)
def pledges(query: dict[str, Any], form: str) -> Response:
    """Every pledge that the filters leave, in the columns of imports and some more."""
    moment = moments.asked(query.get("as_of"), of=BOARD, effective_at=query.get("effective_at"))
    rows = runtime().questions.every_pledge(filters_of_address(), viewer=g.actor, moment=moment)
    return Response(
        begun(WRITERS[form](rows)),
        mimetype=MEDIA_TYPES[form],
        headers={
            "X-Position": str(moment.position),
            "Content-Disposition": f'attachment; filename="pledges-{moment.position}.{form}"',
        },
    )


@api.reads("/exports/iati.xml", query=Filters, files=["application/xml"])
def iati(query: dict[str, Any]) -> Response:
    """Financial pledges as IATI activities (2.03); a pledge is a transaction of type 12."""
    moment = moments.asked(query.get("as_of"), of=BOARD, effective_at=query.get("effective_at"))
    rows = runtime().questions.every_pledge(filters_of_address(), viewer=None, moment=moment)
    settings = runtime().settings
    reporter = Reporter(organisation=settings.iati_organisation, base_url=settings.base_url)
    return Response(
        begun(write_iati(rows, reporter=reporter, at=rfc3339(moment.at))),
        mimetype="application/xml",
        headers={
            "X-Position": str(moment.position),
            "Content-Disposition": f'attachment; filename="iati-{moment.position}.xml"',
        },
    )


@api.reads("/exports/events.jsonl", query=AsOf, files=["application/jsonl"])
def events(query: dict[str, Any]) -> Response:
    """Every event up to a moment, with the very bytes that are hashed and their salts.

    As far as the auditor may read it. Of what an auditor of one State may not read there are the digests,
    which lead to its entry all the same.
    """
    position = moments.asked(query.get("as_of"), of=HISTORY).position
    return Response(
        begun(runtime().log.lines(position, runtime().questions.eyes(g.actor))),
        mimetype="application/jsonl",
        headers={
            "X-Position": str(position),
            "Content-Disposition": f'attachment; filename="events-{position}.jsonl"',
        },
    )


@api.reads("/exports/bundle.zip", query=AsOf, files=["application/zip"])
def pack(query: dict[str, Any]) -> Response:
    """Everything under the latest checkpoint that was signed by a moment and holds nothing after it.

    To be checked offline; events as far as the caller may read.

    `docs/log.md` says what is in it. The board in it is the public's.
    """
    signed = signed_by(moments.asked(query.get("as_of")))
    eyes, size = runtime().questions.eyes(g.actor), signed.checkpoint.size
    return Response(
        begun(bundle(runtime(), signed, eyes, whose(g.actor, eyes))),
        mimetype="application/zip",
        headers={
            "X-Position": str(size),
            "Content-Disposition": f'attachment; filename="pledges-bundle-{size}.zip"',
        },
    )


def begun(chunks: Iterator[bytes]) -> Download:
    """The file, once its beginning is there: what goes wrong before is still answered as a problem."""
    if not _places.acquire(timeout=WAIT_SECONDS_MAX):
        raise RequestProblem(
            503, "Others are downloading; try again in a moment.", headers={"Retry-After": "10"}
        )
    download = Download(chunks)
    download.begin()
    return download


class Download:
    """A file that keeps its place until it was read, was given up, or nobody knows of it any more."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._has_place = True

    def begin(self) -> None:
        """Make the first piece."""
        try:
            self._chunks = chain(list(islice(self._chunks, 1)), self._chunks)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the place up."""
        if self._has_place:
            self._has_place = False
            self._chunks = iter(())
            _places.release()

    __del__ = close
