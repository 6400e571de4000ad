"""The lists of the desk, each whole: what it holds, for whom, its filters with counts, and its pages.

Must not know how a list is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, render_template, request
from flask_babel import lazy_gettext

from domain.actors import Actor
from domain.reference.vocabularies import OPEN
from projections.board.filters import PledgeFilters
from projections.board.questions import PledgeList
from projections.board.words import words_of
from projections.questions import BOARD, HISTORY
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT
from web.pages.addresses import address, chosen
from web.pages.blueprint import runtime
from web.pages.field_names import FILTERS
from web.pages.filter_links import FilterLink
from web.pages.labels import label
from web.pages.paging import Pager, asked_page

ROWS = 50
NARROWED_BY = ("q", "category", "region", "type", "objective", "cycle", "stale", "entity")
OFFERED = ("category", "region", "type", "cycle", "objective")
IN_FORCE, REPORTED = tuple(OPEN), ("partially_fulfilled", "fulfilled")


@dataclass(frozen=True)
class DeskList:
    """A list: what it is called, which pledges are in it, in which order, and what is said where none are.

    `fixed` is what the board is asked for; `found` finds a list that the board's filters cannot say.
    """

    heading: Any
    none: Any
    fixed: Mapping[str, Any] | None = None
    sort: str = "updated_at"
    found: Callable[[Actor], list[dict[str, Any]]] | None = None
    narrowed_by: tuple[str, ...] = ()
    """Values of fields that may be chosen within what is fixed."""
    is_compared: bool = False
    """Whether those alone are shown, of the pledges of a page, that are likely there already."""


def _contests(actor: Actor) -> list[dict[str, Any]]:
    questions = runtime().questions
    moment = questions.moment(of=(*BOARD, *HISTORY))
    listed = questions.contests(viewer=actor, moment=moment)
    if actor.has("secretariat"):
        return listed
    eyes = questions.eyes(actor)
    return [one for one in listed if any(map(eyes.is_own, _taking_part(one)))]


def _taking_part(pledge: Mapping[str, Any]) -> Iterator[UUID]:
    yield UUID(pledge["entity"]["id"])
    yield from (UUID(one["entity"]["id"]) for one in pledge["partners"] if one["state"] == "joined")


def _unconfirmed(actor: Actor) -> list[dict[str, Any]]:
    questions = runtime().questions
    return questions.unconfirmed(actor.entities("validator"), viewer=actor, moment=questions.moment(of=BOARD))


def _likely_there(found: PledgeList, actor: Actor) -> PledgeList:
    """Of a page of pledges those that are likely there already, each with what it is likely the same as."""
    pledges = [UUID(one["id"]) for one in found.items]
    likely = runtime().questions.likely_duplicates(pledges, viewer=actor, moment=found.moment)
    items = [{**one, "likely": same} for one in found.items if (same := likely.get(UUID(one["id"])))]
    return replace(found, items=items)


LISTS: Mapping[str, DeskList] = {
    "submissions": DeskList(
        lazy_gettext("To review, the oldest first"), lazy_gettext("No submission waits for review."),
        {"status": ("submitted",)},
    ),
    "duplicates": DeskList(
        lazy_gettext("Submissions that are likely there already"),
        lazy_gettext("No submission looks like a pledge that is there already."),
        {"status": ("submitted",)}, is_compared=True,
    ),
    "returned": DeskList(
        lazy_gettext("Returned, and not submitted again"), lazy_gettext("Nothing that was returned is open."),
        {"status": ("returned",)},
    ),
    "contests": DeskList(
        lazy_gettext("Contests that nobody answered"), lazy_gettext("Every contest was answered."),
        found=_contests,
    ),
    "overdue": DeskList(
        lazy_gettext("Date passed, no report"), lazy_gettext("Nothing is overdue."), {"overdue": (True,)},
        "due_on",
    ),
    "stale": DeskList(
        lazy_gettext("No report for a year or more"),
        lazy_gettext("Everything was reported on within a year."),
        {"status": IN_FORCE, "stale": ("true",)}, narrowed_by=("amber", "red"),
    ),
    "open": DeskList(lazy_gettext("Open pledges"), lazy_gettext("No pledge is open."), {"status": IN_FORCE}),
    "to-confirm": DeskList(
        lazy_gettext("Reports of your institution that nobody has confirmed"),
        lazy_gettext("Every report of your institution was confirmed."), found=_unconfirmed,
    ),
    "to-assess": DeskList(
        lazy_gettext("May be assessed"), lazy_gettext("Nothing was reported that can be assessed."),
        {"status": REPORTED},
    ),
}  # fmt: skip
OF_SECRETARIAT = ("submissions", "duplicates", "returned", "contests", "overdue", "stale", "open")
OF_PLEDGERS = ("returned", "contests", "overdue", "stale", "open")


def lists_of(actor: Actor) -> tuple[str, ...]:
    """The lists that somebody has, by their roles."""
    names = [*(OF_SECRETARIAT if actor.has("secretariat") else OF_PLEDGERS if actor.own_entities else ())]
    names += ["to-confirm"] if actor.entities("validator") else []
    names += ["to-assess"] if actor.has("assessor") else []
    return tuple(dict.fromkeys(names))


def scoped(name: str, actor: Actor) -> PledgeFilters:
    """What a list of the board holds for somebody: all, or what their entities lead and take part in."""
    filters = PledgeFilters(**LISTS[name].fixed or {})
    if actor.has("secretariat") or name == "to-assess":
        return filters
    return replace(filters, entity=tuple(sorted(map(str, actor.own_entities))))


def counted(name: str, actor: Actor) -> int:
    """How many a list holds; of one that is compared, how many of its first page."""
    one = LISTS[name]
    if one.found is not None:
        return len(one.found(actor))
    questions = runtime().questions
    listed = questions.pledges(
        scoped(name, actor), viewer=actor, moment=questions.moment(of=BOARD), sort=one.sort,
        limit=ROWS if one.is_compared else 1, with_facets=False,
    )  # fmt: skip
    return len(_likely_there(listed, actor).items) if one.is_compared else listed.total


@desk.get("/desk/lists/<name>")
def listed(name: str) -> Response:
    """A list, a page at a time, narrowed by what is chosen."""
    if name not in LISTS or name not in lists_of(g.actor):
        abort(HTTPStatus.NOT_FOUND)
    one = LISTS[name]
    asked = _sought(one, g.actor) if one.found else _asked(name, g.actor)
    found = _likely_there(asked, g.actor) if one.is_compared else asked
    said = render_template(
        "desk/list.html", moment=None, forms={}, name=name, one=one, found=found,
        groups=_groups(found, one) if not (one.found or one.is_compared) else {},
        in_force=[(field, value, _without(field, value)) for field in NARROWED_BY for value in chosen(field)],
        pager=Pager.of_list(found, ROWS) if not one.found else Pager.numbered(found.total, ROWS),
        compared=len(asked.items),
    )  # fmt: skip
    return make_response(said, NOT_KEPT)


def _asked(name: str, actor: Actor) -> PledgeList:
    """A page of a list that the board has."""
    one, own = LISTS[name], scoped(name, actor)
    narrowed = PledgeFilters.from_args({field: chosen(field) for field in NARROWED_BY})
    changes = {field: value for field in NARROWED_BY if (value := getattr(narrowed, field))}
    if "stale" in changes and not set(changes["stale"]) <= set(one.narrowed_by):
        changes.pop("stale")
    if own.entity and "entity" in changes:
        changes["entity"] = (
            tuple(entity for entity in changes["entity"] if entity in own.entity) or own.entity
        )
    questions = runtime().questions
    return questions.pledges(
        replace(own, **changes),
        viewer=actor,
        moment=questions.moment(of=BOARD),
        sort=one.sort,
        limit=ROWS,
        cursor=request.args.get("cursor") or None,
        with_facets=not one.is_compared,
    )


def _sought(one: DeskList, actor: Actor) -> PledgeList:
    """A page of a list that is found out at once, with the words that are looked for."""
    rows = one.found(actor) if one.found else []
    wanted = {word for text in chosen("q") for word in words_of(text)}
    rows = [row for row in rows if wanted <= set(words_of(f"{row['title']} {row['entity']['name']}"))]
    start = (asked_page() - 1) * ROWS
    return PledgeList(rows[start : start + ROWS], len(rows), None, {}, runtime().questions.moment(of=BOARD))


def _groups(found: PledgeList, one: DeskList) -> dict[Any, list[FilterLink]]:
    """What the list can be narrowed by, each value with how many it leaves."""
    groups = {
        FILTERS[field]: [_link(field, facet.value, facet.count) for facet in found.facets.get(field, ())]
        for field in OFFERED
    }
    groups[FILTERS["stale"]] = [_link("stale", value, None) for value in one.narrowed_by]
    return {words: links for words, links in groups.items() if len(links) > 1 or _is_chosen(links)}


def _is_chosen(links: Sequence[FilterLink]) -> bool:
    return any(link.is_on for link in links)


def _link(field: str, value: str, count: int | None) -> FilterLink:
    is_on = value in chosen(field)
    url = address("desk.listed", **{field: [] if is_on else [value]}, cursor=None, page=None)
    return FilterLink(label(value, field), count, url, is_on)


def _without(field: str, value: str) -> str:
    others = [other for other in chosen(field) if other != value]
    return address("desk.listed", **{field: others}, cursor=None, page=None)
