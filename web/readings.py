"""What auditors read is written down before it is answered, and not answered if it cannot be.

Must not know what stands in an answer, beyond how many things it tells.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from flask import Flask, Response, current_app, g, request

from domain.actors import Actor
from projections.database.readings import NotRecorded, Reading
from web.errors import RETRY_SECONDS, Problem, answer
from web.observability import request_id

if TYPE_CHECKING:
    from projections.composition import Runtime
    from projections.moments import Moment

SHOW_MORE = frozenset(
    {
        "pledges.listed", "pledges.show", "pledges.history", "pledges.intake", "matches.listed",
        "versions.listed", "versions.changes", "exports.pledges", "exports.events", "exports.pack",
        "log.event", "events.found", "files.download",
    }
)  # fmt: skip
"""What tells an auditor more than everybody. It is written down whether it did so this time or not."""
PAGES_SHOW_MORE = frozenset(
    f"pages.{page}{form}"
    for page in ("pledge", "changes", "events", "log_event")
    for form in ("", "_csv", "_json")
) | {"pages.evidence_file"}
"""Pages that tell whoever is signed in what they may see."""
ALL_EVENTS = frozenset({"exports.events", "exports.pack"})
"""What tells each event up to its position."""
WITHHELD = "…"
WORDS = frozenset({"q", "cursor"})
"""Words that were typed may name a person, and what is written down here can never be erased."""

log = structlog.get_logger("pledges.web")


def init_app(app: Flask) -> None:
    """Look at every answer before it goes out."""
    app.after_request(_write_down)


def _write_down(response: Response) -> Response:
    actor: Actor | None = g.get("actor")
    if actor is None or not actor.has("auditor"):
        return response
    if request.endpoint not in SHOW_MORE | PAGES_SHOW_MORE or response.status_code != HTTPStatus.OK:
        return response
    runtime: Runtime = current_app.extensions["pledges"]
    try:
        runtime.readings.record(_reading(actor, request.endpoint, response))
    except NotRecorded as error:
        log.warning("reading-not-recorded", problem=str(error))
        response.close()
        return _refused()
    return response


def _refused() -> Response:
    detail = "What auditors read is recorded, and this could not be: nothing is shown. Try again soon."
    return answer(Problem(status=503, detail=detail, headers={"Retry-After": str(RETRY_SECONDS)}))


def _reading(actor: Actor, endpoint: str, response: Response) -> Reading:
    moment: Moment | None = g.get("moments", {}).get("as_of")
    position = moment.position if moment else response.headers.get("X-Position", type=int)
    return Reading(
        account=actor.account,
        operation=endpoint,
        asked=_asked(),
        position=position,
        rows=_rows(response) if response.is_json else position if endpoint in ALL_EVENTS else None,
        request_id=request_id(),
    )


def _asked() -> dict[str, Any]:
    """The values in path and query. What pages call the reference of a pledge is the pledge here too."""
    said: dict[str, Any] = {
        "pledge" if name == "reference" else name: str(value)
        for name, value in (request.view_args or {}).items()
    }
    for name, values in request.args.lists():
        said[name] = WITHHELD if name in WORDS else values if len(values) > 1 else values[0]
    return said


def _rows(response: Response) -> int:
    found: Any = msgspec.json.decode(response.get_data())
    items = found.get("items", [found]) if isinstance(found, dict) else [found]
    return len(items or ())
