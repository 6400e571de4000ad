"""Pages in a frame on other sites: the same views without navigation, to everybody the same.

What leads on from them leaves the frame. Knows no page's data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request

from web.addresses import FRAMES, refuse_long_query
from web.pages import dashboard, entities, log, pledges, progress, record
from web.pages.blueprint import QUERY_CHARS_MAX

embed = Blueprint("embed", __name__, url_prefix=FRAMES)

FRAMED: Mapping[str, Callable[..., Any]] = {
    "/pledges": pledges.pledges,
    "/pledges/<reference>": record.pledge,
    "/progress": progress.progress,
    "/entities/<slug>": entities.entity,
    "/log": log.log,
    "/": dashboard.dashboard,
    "": dashboard.dashboard,
}
for rule, view in FRAMED.items():
    embed.add_url_rule(rule, view.__name__, view, methods=["GET"])


@embed.before_request
def _refuse_long_address() -> None:
    refuse_long_query(request.args, QUERY_CHARS_MAX)
