"""The list of pledges: search, filters as links that say how many pledges they leave, order and pages."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, request

from projections.board.filters import PledgeFilters
from projections.board.questions import PledgeList
from projections.board.sorting import DEFAULT, RELEVANCE
from projections.moments import Moment
from projections.questions import BOARD, ENTITIES
from web.moments import told
from web.pages.addresses import FILTER_NAMES, address, at, chosen, kept, link, this_page
from web.pages.blueprint import as_export, as_json, asked_moment, forms_of, page, pages, runtime
from web.pages.field_names import SORTS
from web.pages.filter_links import can_be_offered, filters_in_force, filters_to_choose, question_in_words
from web.pages.paging import Pager

ROWS = 50
SHOWN = (*BOARD, *ENTITIES)


def _filters() -> PledgeFilters:
    return PledgeFilters.from_args({name: chosen(name) for name in FILTER_NAMES})


def _ask(moment: Moment) -> PledgeList:
    return runtime().questions.pledges(
        _filters(),
        viewer=None,
        moment=moment,
        sort=request.args.get("sort") or None,
        limit=ROWS,
        cursor=request.args.get("cursor") or None,
    )


def _sorts() -> list[tuple[str, str, bool]]:
    """The orders that make sense here, if there is room: name, address, whether it is this one."""
    is_search = bool(chosen("q"))
    given = request.args.get("sort") or (RELEVANCE if is_search else DEFAULT)
    offered = [name for name in SORTS if name != RELEVANCE or is_search]
    if not can_be_offered(len(offered) * 3):
        return []
    return [(n, address("pages.pledges", sort=n, cursor=None, page=None), n == given) for n in offered]


@pages.get("/pledges")
def pledges() -> Response:
    """The list as a page."""
    found = _ask(asked_moment(SHOWN, also_effective=True))
    moment = found.moment
    in_force = filters_in_force(moment)
    return page(
        "pages/pledges.html",
        moment,
        forms=forms_of("pages.pledges", "csv", "xlsx", "json"),
        found=found,
        question=question_in_words(in_force),
        in_force=in_force,
        groups=filters_to_choose(found.facets, _filters(), moment),
        sorts=_sorts(),
        pager=Pager.of_list(found, ROWS),
        behind_search=list(_behind_search()),
        clear=link("pages.pledges", **at()),
        objective=_only_objective(),
        calendar=link("pages.calendar", **{one: chosen(one) for one in FILTER_NAMES if chosen(one)}),
    )


def _only_objective() -> str | None:
    """The one objective that is asked for, which may be followed."""
    asked = [one for one in chosen("objective") if one.isdecimal()]
    return str(int(asked[0])) if len(asked) == 1 == len(chosen("objective")) else None


def _behind_search() -> Iterator[tuple[str, str]]:
    """What a search keeps: everything chosen but the words, and not the place in the list."""
    for name, values in kept(this_page()).items():
        if name not in ("q", "cursor", "page"):
            yield from ((name, value) for value in values)


@pages.get("/pledges.json")
def pledges_json() -> Response:
    """The list as JSON, a page at a time."""
    found = _ask(asked_moment(SHOWN, also_effective=True))
    said = {"items": found.items, "total": found.total, "next": found.next, "facets": found.facets}
    return as_json({**said, **told(found.moment)})


@pages.get("/pledges.csv")
def pledges_csv() -> Response:
    """The whole list as CSV, in the columns of import and export."""
    return as_export(_filters(), asked_moment(SHOWN, also_effective=True), "csv", "pledges")


@pages.get("/pledges.xlsx")
def pledges_xlsx() -> Response:
    """The same for Excel."""
    return as_export(_filters(), asked_moment(SHOWN, also_effective=True), "xlsx", "pledges")
