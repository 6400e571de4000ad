"""One entity: its names as of the moment, and what it pledged, as lead and as partner."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request
from werkzeug.datastructures import MultiDict

from projections import exports
from projections.board.filters import PledgeFilters
from projections.moments import Moment
from web.pages.blueprint import as_json, asked_moment, page, pages, runtime

ROWS = 200


def _entity(slug: str, moment: Moment) -> dict[str, Any]:
    found = runtime().questions.entity(slug, moment=moment)
    if found is None:
        abort(404)
    return found


def _filters(entity: dict[str, Any]) -> PledgeFilters:
    return PledgeFilters.from_args(MultiDict([("entity", entity["id"])]))


def _list(entity: dict[str, Any], moment: Moment) -> Any:
    return runtime().questions.pledges(
        _filters(entity),
        viewer=None,
        moment=moment,
        limit=ROWS,
        cursor=request.args.get("cursor") or None,
        with_facets=False,
    )


@pages.get("/entities/<slug>")
def entity(slug: str) -> str:
    """An entity and its pledges as a page."""
    moment = asked_moment()
    found = _entity(slug, moment)
    return page("pages/entity.html", moment, entity=found, found=_list(found, moment))


@pages.get("/entities/<slug>.json")
def entity_json(slug: str) -> Response:
    """An entity and its pledges as JSON."""
    moment = asked_moment()
    found = _entity(slug, moment)
    pledges = _list(found, moment)
    return as_json(
        {"entity": found, "pledges": pledges.items, "total": pledges.total, "next": pledges.next,
         "as_of": moment.at.isoformat(), "position": moment.position}
    )  # fmt: skip


@pages.get("/entities/<slug>.csv")
def entity_csv(slug: str) -> Response:
    """An entity's pledges as CSV, in the columns of import and export."""
    moment = asked_moment()
    found = _entity(slug, moment)
    rows = runtime().questions.every_pledge(_filters(found), viewer=None, moment=moment)
    return Response(
        exports.write_csv(rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{found["slug"]}.csv"'},
    )
