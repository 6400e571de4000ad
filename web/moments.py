"""The moment that a request asks about, for an answer made from some read models; what stands still is told.

Must not know what `as_of` can say: the register reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g

from domain.errors import InvalidInput
from domain.log.checkpoints import hash_words
from domain.values import rfc3339
from projections.moments import Moment, backwards, effective

if TYPE_CHECKING:
    from projections.composition import Runtime

STANDS_STILL = "X-Stands-Still"
"""Which read models behind an answer have stopped, and at which position: `timeline since 195`."""


def init_app(app: Flask) -> None:
    """Tell of what stands still behind an answer."""
    app.after_request(_tell)


def asked(
    given: str | None,
    *,
    of: Iterable[str] | None = None,
    field: str = "as_of",
    effective_at: str | None = None,
) -> Moment:
    """The moment that was given, or now, for an answer made from these read models; else from all.

    With `effective_at`, what was true then. InvalidInput if it is no moment, or lies ahead.
    """
    runtime: Runtime = current_app.extensions["pledges"]
    moment = runtime.questions.moment(given, of=of, field=field)
    g.stands_still = {*g.get("stands_still", ()), *map(str, moment.stands_still)}
    return moment if effective_at is None else effective(moment, effective_at)


def compared_to(given: str, moment: Moment, *, of: Iterable[str]) -> Moment:
    """The earlier of two moments. InvalidInput if it is none, or is the later one."""
    earlier = asked(given, of=of, field="compare_to")
    if errors := backwards(earlier.position, moment.position, first="compare_to", last="as_of"):
        raise InvalidInput(errors)
    return earlier


def checkpoint(moment: Moment) -> dict[str, Any] | None:
    """The size and root (base64) of the latest checkpoint signed by a moment, with nothing later in it."""
    runtime: Runtime = current_app.extensions["pledges"]
    found = runtime.questions.checkpoint(moment)
    return {"size": found.size, "root": hash_words(found.root)} if found else None


def told(moment: Moment) -> dict[str, Any]:
    """A moment as answers in JSON tell it."""
    began = moment.recording_began
    return {
        "as_of": rfc3339(moment.at),
        "position": moment.position,
        "effective_at": moment.true_on and moment.true_on.isoformat(),
        "recording_began": began and rfc3339(began),
        "checkpoint": checkpoint(moment),
    }


def _tell(response: Response) -> Response:
    if found := g.get("stands_still"):
        response.headers[STANDS_STILL] = ", ".join(sorted(found))
    return response
