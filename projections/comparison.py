"""Two moments of the register side by side: the numbers of each, and how one became the other.

Asks several read models on one snapshot. Must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from projections.board import comparison as of_board
from projections.board.comparison import KINDS, MASKS, Between, Counts, Narrowed
from projections.moments import Moment
from projections.progress import questions as of_progress
from projections.timeline.questions import corrected_between

__all__ = ["KINDS", "MASKS", "Narrowed", "compared", "compared_pledges"]


def compared(connection: Connection[Any], *, earlier: Moment, later: Moment) -> dict[str, Any]:
    """The numbers of all and of each objective and region: before, what made the difference, and after.

    Before, with what came in and what was gained, without what was lost, is after; and as many were closed
    before as were after, without the withdrawn and lapsed, with the reinstated.
    """
    whole, by = of_board.counted(connection, _between(connection, earlier, later))
    totals = of_progress.totals(connection, moment=later, compare_to=earlier)
    return {
        "totals": _row(totals, whole),
        "by": {
            dimension: [
                {"key": item["key"], "label": item["label"], **_row(item, by[dimension][item["key"]])}
                for item in of_progress.progress(connection, dimension, moment=later, compare_to=earlier)[
                    "items"
                ]
            ]
            for dimension in MASKS
        },
    }


def _row(now: dict[str, Any], counts: Counts) -> dict[str, Any]:
    more = now["difference"]
    return {
        "before": {"pledges": now["pledges"] - more["pledges"], "closed": now["closed"] - more["closed"]},
        **counts.told(),
        "after": {"pledges": now["pledges"], "closed": now["closed"]},
    }


def compared_pledges(
    connection: Connection[Any],
    kind: str,
    *,
    earlier: Moment,
    later: Moment,
    narrowed: Narrowed | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[dict[str, Any]]:
    """The pledges of a kind, each as it was and as it is; of one objective or region if so asked."""
    between = _between(connection, earlier, later)
    return of_board.listed(connection, between, kind, narrowed=narrowed, limit=limit, offset=offset)


def _between(connection: Connection[Any], earlier: Moment, later: Moment) -> Between:
    return Between(earlier, later, corrected_between(connection, earlier, later))
