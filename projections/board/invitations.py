"""Finds the pledges in which somebody's entities are asked to take part, submitted or public.

On the caller's connection and snapshot. Must not know what an answer does.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.pledges.sight import Eyes
from domain.pledges.state import Pledge
from projections.board import views
from projections.moments import Moment

SHOWN_MAX = 50
# Who has joined stands among those that were asked: they are left out below.
ASKED: LiteralString = """
SELECT DISTINCT ON (pledge_id) state FROM board_states WHERE from_position <= %(position)s AND pledge_id IN (
    SELECT pledge_id FROM board
    WHERE from_position <= %(position)s AND (to_position IS NULL OR to_position > %(position)s)
        AND invited && %(own)s
)
ORDER BY pledge_id, from_position DESC
"""

_decoder = msgspec.msgpack.Decoder(Pledge)


def invitations(
    connection: Connection[Any], asked: Collection[UUID], eyes: Eyes, moment: Moment
) -> list[dict[str, Any]]:
    """The pledges that wait for an answer of some entities, as far as the viewer sees them."""
    values = {"position": moment.position, "own": sorted(asked)}
    states = (_decoder.decode(state) for (state,) in connection.execute(ASKED, values, binary=True))
    waiting = [one for one in states if eyes.is_shown(one) and _waits(one, asked)]
    return views.shown(connection, waiting[:SHOWN_MAX], eyes, moment)


def _waits(pledge: Pledge, asked: Collection[UUID]) -> bool:
    """Whether they can still say yes: nobody waits for an answer about what has ended."""
    return pledge.is_answerable and any(
        partner.state == "invited" and partner.entity in asked for partner in pledge.partners
    )
