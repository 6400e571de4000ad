"""The data set for catalogues of open data: DCAT in JSON-LD, with files that stay the same for ever.

Must not know what stands in the files.
"""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response

from domain.actors import ANYBODY
from domain.reference.licence import BOUNDARIES, LICENCE, REGISTER
from domain.values import rfc3339
from projections.board.filters import PledgeFilters
from projections.moments import Moment
from projections.questions import BOARD
from web import moments
from web.api.blueprint import ApiBlueprint
from web.api.commanding import runtime
from web.api.exports import MEDIA_TYPES
from web.api.queries import AsOf
from web.api.shapes import POSITION

api = ApiBlueprint("catalog", "The data set, for catalogues")

MEDIA_TYPE = "application/ld+json"
PATH = "/catalog.jsonld"
ABOUT = (
    "What governments, United Nations entities and stakeholders pledged to carry out the Global Compact for "
    "Safe, Orderly and Regular Migration, at the International Migration Review Forum and between forums, "
    "with the status and progress of each pledge. Every change is kept, and every file can be had as of any "
    "past moment."
)
KEYWORDS = ("migration", "Global Compact for Migration", "International Migration Review Forum", "pledges")
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
IANA = "https://www.iana.org/assignments/media-types/"
UNREGISTERED = frozenset({"application/jsonl"})
"""Media types that IANA does not list: they are told in words."""
IATI = "http://reference.iatistandard.org/203/activity-standard/"
TILES = "https://c2sp.org/tlog-tiles"


@api.reads(PATH, query=AsOf, files=[MEDIA_TYPE], headers=POSITION)
def describe(query: dict[str, Any]) -> Response:
    """The data set and its files as DCAT, in JSON-LD."""
    moment = moments.asked(query.get("as_of"), of=BOARD)
    said = msgspec.json.format(msgspec.json.encode(_catalog(moment)), indent=2)
    return Response(said, mimetype=MEDIA_TYPE, headers={"X-Position": str(moment.position)})


def _catalog(moment: Moment) -> dict[str, Any]:
    # Without a public address of its own, addresses are told from where this was asked for.
    base = runtime().settings.base_url or ""
    publisher = {"@id": f"{base}/#publisher", "@type": "foaf:Agent", "foaf:name": _in_english(REGISTER)}
    return {
        "@context": CONTEXT,
        "@id": f"{base}/api/v1{PATH}",
        "@type": "dcat:Catalog",
        "dct:title": _in_english(REGISTER),
        "dct:description": _in_english(ABOUT),
        "dct:publisher": publisher,
        "dct:license": {"@id": LICENCE.url},
        "foaf:homepage": {"@id": f"{base}/"},
        "dcat:dataset": _dataset(moment, base),
    }


def _dataset(moment: Moment, base: str) -> dict[str, Any]:
    told = {
        "@id": f"{base}/#dataset",
        "@type": "dcat:Dataset",
        "dct:title": _in_english("Pledges to carry out the Global Compact for Migration"),
        "dct:description": _in_english(ABOUT),
        "dct:publisher": {"@id": f"{base}/#publisher"},
        "dct:license": {"@id": LICENCE.url},
        "dct:rights": {"@type": "dct:RightsStatement", "dct:description": _in_english(BOUNDARIES)},
        "dcat:keyword": [_in_english(word) for word in KEYWORDS],
        "dcat:landingPage": {"@id": f"{base}/"},
        "dcat:version": str(moment.position),
        "dct:issued": _time(rfc3339(moment.recording_began)) if moment.recording_began else None,
        "dct:modified": _modified(moment),
        "dct:temporal": _covers(moment),
        "dcat:distribution": [*_exports(moment, base), _iati(moment, base), _log(base)],
    }
    return {name: value for name, value in told.items() if value is not None}


def _modified(moment: Moment) -> dict[str, str] | None:
    """When the last event before the moment was recorded."""
    last = runtime().register.consult(lambda context: context.world.event(moment.position), by=ANYBODY)
    return _time(rfc3339(last.header.recorded_at)) if last else None


def _covers(moment: Moment) -> dict[str, Any] | None:
    """From the day of the first pledge; it goes on, so that there is no end."""
    first = runtime().questions.pledges(
        PledgeFilters(), viewer=None, moment=moment, sort="made_on", limit=1, with_facets=False
    )
    made_on = next((pledge["made_on"] for pledge in first.items), None)
    if made_on is None:
        return None
    kind = {4: "xsd:gYear", 7: "xsd:gYearMonth"}.get(len(made_on), "xsd:date")
    return {"@type": "dct:PeriodOfTime", "dcat:startDate": {"@value": made_on, "@type": kind}}


# -- files


def _exports(moment: Moment, base: str) -> list[dict[str, Any]]:
    return [
        _file(
            moment, f"{base}/api/v1/exports/pledges.{form}", media_type, f"All public pledges, {form.upper()}"
        )
        for form, media_type in MEDIA_TYPES.items()
    ]


def _iati(moment: Moment, base: str) -> dict[str, Any]:
    title = "Financial pledges as IATI activities"
    told = _file(moment, f"{base}/api/v1/exports/iati.xml", "application/xml", title)
    return {**told, "dct:conformsTo": {"@id": IATI}}


def _log(base: str) -> dict[str, Any]:
    """The log has no moment: what is in it stays, and it grows."""
    return {
        "@type": "dcat:Distribution",
        "dct:title": _in_english("The transparency log over all events"),
        "dcat:accessURL": {"@id": f"{base}/api/v1/log"},
        "dct:conformsTo": {"@id": TILES},
        "dct:license": {"@id": LICENCE.url},
    }


def _file(moment: Moment, address: str, media_type: str, title: str) -> dict[str, Any]:
    """Where the file of today is, and under which address these very bytes are for ever."""
    kind = {"dct:format": media_type} if media_type in UNREGISTERED else {
        "dcat:mediaType": {"@id": IANA + media_type}
    }  # fmt: skip
    return {
        "@type": "dcat:Distribution",
        "dct:title": _in_english(title),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": f"{address}?as_of={moment.position}"},
        "dct:license": {"@id": LICENCE.url},
        **kind,
    }


def _in_english(words: str) -> dict[str, str]:
    return {"@value": words, "@language": "en"}


def _time(words: str) -> dict[str, str]:
    return {"@value": words, "@type": "xsd:dateTime"}
