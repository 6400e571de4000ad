"""One entity: its names as of the moment, and what it pledged, as lead and as partner."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request

from projections.board.filters import PledgeFilters
from projections.board.questions import PledgeList
from projections.moments import Moment
from projections.questions import BOARD, ENTITIES
from web.moments import told
from web.pages.blueprint import as_export, as_json, asked_moment, forms_of, page, pages, runtime
from web.pages.language import language_name
from web.pages.paging import Pager

ROWS = 50
SHOWN = (*ENTITIES, *BOARD)


def _entity(slug: str, moment: Moment) -> dict[str, Any]:
    found = runtime().questions.entity(slug, moment=moment)
    if found is None:
        abort(404)
    return found


def _filters(entity: dict[str, Any]) -> PledgeFilters:
    return PledgeFilters(entity=(entity["id"],))


def _pledges(entity: dict[str, Any], moment: Moment) -> PledgeList:
    return runtime().questions.pledges(
        _filters(entity),
        viewer=None,
        moment=moment,
        limit=ROWS,
        cursor=request.args.get("cursor") or None,
        with_facets=False,
    )


@pages.get("/entities/<slug>")
def entity(slug: str) -> Response:
    """An entity and its pledges as a page."""
    moment = asked_moment(SHOWN)
    found = _entity(slug, moment)
    pledges = _pledges(found, moment)
    return page(
        "pages/entity.html",
        pledges.moment,
        forms=forms_of("pages.entity", "csv", "xlsx", "json"),
        entity=found,
        names=[(code, language_name(code), name) for code, name in (found["names"] or {}).items()],
        pledges=pledges,
        pager=Pager.of_list(pledges, ROWS),
    )


@pages.get("/entities/<slug>.json")
def entity_json(slug: str) -> Response:
    """An entity and its pledges as JSON."""
    moment = asked_moment(SHOWN)
    found = _entity(slug, moment)
    pledges = _pledges(found, moment)
    items = {"items": pledges.items, "total": pledges.total, "next": pledges.next}
    return as_json({"entity": found, "pledges": items, **told(pledges.moment)})


@pages.get("/entities/<slug>.csv")
def entity_csv(slug: str) -> Response:
    """An entity's pledges as CSV, in the columns of import and export."""
    return _export(slug, "csv")


@pages.get("/entities/<slug>.xlsx")
def entity_xlsx(slug: str) -> Response:
    """The same for Excel."""
    return _export(slug, "xlsx")


def _export(slug: str, form: str) -> Response:
    moment = asked_moment(SHOWN)
    found = _entity(slug, moment)
    return as_export(_filters(found), moment, form, found["slug"])
