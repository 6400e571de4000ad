"""What waits for somebody's answer on the board: contests, and reports that no validator has confirmed.

On the caller's connection and snapshot. Must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.pledges.derived import open_contests, unconfirmed_reports
from domain.pledges.sight import Eyes
from domain.pledges.state import Pledge
from projections.board import known_entities, views
from projections.board.states import pledges_of, states
from projections.moments import Moment

CONTESTED: LiteralString = """
SELECT stream FROM timeline_events WHERE name = 'pledge.contested' AND position <= %s
GROUP BY stream ORDER BY max(position) DESC LIMIT 2000
"""


def contests(connection: Connection[Any], *, eyes: Eyes, moment: Moment) -> list[dict[str, Any]]:
    """The public pledges with a contest that nobody answered, the longest open first; `open` are those.

    Needs the timeline beside the board.
    """
    contested = [stream for (stream,) in connection.execute(CONTESTED, [moment.position])]
    found = {
        pledge.id: [said.position for said in open_contests(pledge)]
        for pledge in states(connection, contested, moment.position).values()
        if eyes.is_shown(pledge)
    }
    return _shown(connection, found, eyes, moment)


def unconfirmed(
    connection: Connection[Any], institutions: Collection[UUID], *, eyes: Eyes, moment: Moment
) -> list[dict[str, Any]]:
    """The pledges with reports of some institutions that none of their validators has confirmed.

    The longest waiting first; `open` are the positions of those reports.
    """
    known = known_entities.load_at(connection, institutions, moment.position)
    lasting = {known.survivor(one) for one in institutions}
    taken = states(connection, pledges_of(connection, lasting, moment.position), moment.position)
    owners = {owner for pledge in taken.values() for owner in _owners(pledge)}
    known = known_entities.load_at(connection, owners, moment.position)
    found = {
        pledge.id: [
            one.position for one in unconfirmed_reports(pledge, lambda o: known.survivor(o) in lasting)
        ]
        for pledge in taken.values()
        if pledge.phase == "public"
    }
    return _shown(connection, found, eyes, moment)


def _owners(pledge: Pledge) -> Iterable[UUID]:
    yield pledge.owner
    yield from (partner.entity for partner in pledge.partners)


def _shown(
    connection: Connection[Any], found: Mapping[UUID, list[int]], eyes: Eyes, moment: Moment
) -> list[dict[str, Any]]:
    waiting = {pledge: positions for pledge, positions in found.items() if positions}
    pledges = sorted(
        states(connection, waiting, moment.position).values(), key=lambda one: (min(waiting[one.id]), one.id)
    )
    shown = views.shown(connection, pledges, eyes, moment)
    return [{**told, "open": waiting[pledge.id]} for pledge, told in zip(pledges, shown, strict=True)]
