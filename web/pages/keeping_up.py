"""What programs ask for again and again: due dates as a calendar (RFC 5545), changes as a feed (RFC 4287).

The same for everybody, as things are now. Must not know how pages look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, abort, request
from icalendar import Calendar, Event

from domain.reference.licence import LICENCE
from domain.reference.vocabularies import OPEN
from domain.values import last_day
from projections.board.filters import PledgeFilters
from projections.iati import fit_for_xml
from projections.moments import Moment
from projections.questions import BOARD, ENTITIES, HISTORY
from projections.timeline.event_filters import EventFilters
from web.pages.addresses import FILTER_NAMES, chosen, link
from web.pages.blueprint import CACHING, as_stream, pages, runtime
from web.pages.formats import day, text
from web.pages.labels import label
from web.pages.language import gettext as _
from web.pages.language import language_tag
from web.pages.sentences import sentence, who

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 50
A_DAY = timedelta(days=1)


# -- calendars


@pages.get("/calendar.ics")
def calendar() -> Response:
    """The due dates of the open pledges that filters leave."""
    filters = PledgeFilters.from_args({one: chosen(one) for one in FILTER_NAMES})
    moment = runtime().questions.moment(of=BOARD)
    return _calendar(runtime().questions.every_pledge(filters, viewer=None, moment=moment))


@pages.get("/entities/<slug>/calendar.ics")
def entity_calendar(slug: str) -> Response:
    """Those of an entity's pledges, as lead and as partner."""
    moment = runtime().questions.moment(of=(*BOARD, *ENTITIES))
    filters = PledgeFilters(entity=(str(_entity(slug, moment)["id"]),))
    return _calendar(runtime().questions.every_pledge(filters, viewer=None, moment=moment))


@pages.get("/pledges/<reference>/calendar.ics")
def pledge_calendar(reference: str) -> Response:
    """That of one pledge."""
    return _calendar([_pledge(reference, runtime().questions.moment(of=BOARD))])


def _calendar(pledges: Iterable[Mapping[str, Any]]) -> Response:
    return as_stream(_lines(pledges), "text/calendar", "pledges.ics")


def _lines(pledges: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A calendar in which each event is written when its pledge comes, however many there are."""
    frame = Calendar()
    frame.add("prodid", "-//Register of IMRF pledges//EN")
    frame.add("version", "2.0")
    frame.add("method", "PUBLISH")
    frame.add("x-wr-calname", _("Due dates of pledges"))
    begins, end, ends = frame.to_ical().rpartition(b"END:VCALENDAR")
    yield begins
    for pledge in pledges:
        if pledge["due_on"] and pledge["status"] in OPEN:
            yield _event(pledge).to_ical()
    yield end + ends


def _event(pledge: Mapping[str, Any]) -> Event:
    due, address = last_day(pledge["due_on"]), _absolute(_address(pledge))
    event = Event()
    event.add("uid", f"{pledge['id']}@{urlsplit(address).hostname}")
    event.add("dtstamp", datetime.fromisoformat(pledge["updated_at"]))
    event.add("dtstart", due)
    event.add("dtend", due + A_DAY)
    title, entity = text(pledge["title"]), text(pledge["entity"]["name"])
    event.add("summary", _("Due: %(title)s (%(reference)s)", title=title, reference=pledge["reference"]))
    said = {"entity": entity, "day": day(pledge["due_on"]), "status": label(pledge["status"], "status")}
    event.add("description", _("%(entity)s · due %(day)s · %(status)s", **said))
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event


# -- feeds


@pages.get("/feed.atom")
def feed() -> Response:
    """What changed last in public, of all pledges."""
    moment = runtime().questions.moment(of=HISTORY)
    changes = runtime().questions.latest_changes(moment=moment, limit=ENTRIES)
    return _feed(_("Register of IMRF pledges"), link("pages.dashboard"), changes, moment)


@pages.get("/entities/<slug>/feed.atom")
def entity_feed(slug: str) -> Response:
    """What changed last of an entity and its pledges."""
    moment = runtime().questions.moment(of=(*HISTORY, *ENTITIES))
    entity = _entity(slug, moment)
    filters = EventFilters.from_args({"entity": [str(entity["id"])]})
    found = runtime().questions.events(filters, viewer=None, moment=moment, limit=ENTRIES)
    return _feed(text(entity["name"]), link("pages.entity", slug=entity["slug"]), found.items, moment)


@pages.get("/pledges/<reference>/feed.atom")
def pledge_feed(reference: str) -> Response:
    """What changed last of one pledge."""
    moment = runtime().questions.moment(of=(*BOARD, *HISTORY))
    pledge = _pledge(reference, moment)
    history = runtime().questions.history(pledge["id"], viewer=None, moment=moment) or []
    changes = [{**entry, "pledge": pledge} for entry in history[-ENTRIES:][::-1]]
    return _feed(text(pledge["title"]), _address(pledge), changes, moment)


def _feed(title: str, about: str, changes: Sequence[Mapping[str, Any]], moment: Moment) -> Response:
    root = Element("feed", {"xmlns": ATOM, "xml:lang": language_tag()})
    for tag, said in (
        ("id", _absolute(request.path)), ("title", title), ("rights", f"{LICENCE} {LICENCE.url}"),
        ("updated", changes[0]["recorded_at"] if changes else _began(moment)),
    ):  # fmt: skip
        SubElement(root, tag).text = fit_for_xml(said)
    SubElement(SubElement(root, "author"), "name").text = _("Register of IMRF pledges")
    own = _absolute(request.full_path.rstrip("?"))
    SubElement(root, "link", {"rel": "self", "href": own, "type": "application/atom+xml"})
    SubElement(root, "link", {"rel": "alternate", "href": _absolute(about), "type": "text/html"})
    for entry in changes:
        _add_entry(root, entry)
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")
    response = Response(body, content_type="application/atom+xml; charset=utf-8", headers=CACHING)
    response.add_etag()
    response.make_conditional(request)
    return response


def _add_entry(root: Element, entry: Mapping[str, Any]) -> None:
    pledge = entry.get("pledge")
    told = SubElement(root, "entry")
    title = f"{text(pledge['title'])}: {sentence(entry)}" if pledge else sentence(entry)
    at = link("pages.log_event", position=entry["position"])
    for tag, said in (
        ("id", _absolute(link("pages.log_event", position=entry["position"], lang=None))), ("title", title),
        ("updated", entry["recorded_at"]), ("published", entry["recorded_at"]),
        ("summary", f"{sentence(entry)} {who(entry)}"),
    ):  # fmt: skip
        SubElement(told, tag).text = fit_for_xml(said)
    SubElement(told, "link", {"rel": "alternate", "href": _absolute(at), "type": "text/html"})


def _began(moment: Moment) -> str:
    """A feed without entries is as old as the register."""
    return (moment.recording_began or moment.at).isoformat()


# -- what both ask


def _pledge(reference: str, moment: Moment) -> dict[str, Any]:
    return runtime().questions.pledge(reference, viewer=None, moment=moment) or abort(404)


def _entity(slug: str, moment: Moment) -> dict[str, Any]:
    return runtime().questions.entity(slug, moment=moment) or abort(404)


def _address(pledge: Mapping[str, Any]) -> str:
    return link("pages.pledge", reference=pledge["reference"] or pledge["id"])


def _absolute(path: str) -> str:
    """An address that means the same wherever it is read."""
    return (runtime().settings.base_url or request.host_url.rstrip("/")) + path
