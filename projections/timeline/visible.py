"""Which of all events somebody may see, as a condition: what `domain.pledges.sight` says of one at a time.

Must not know in what form they are told.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, LiteralString

from psycopg import Connection

from domain.pledges.sight import PUBLIC, Eyes

_FULL: LiteralString = "about IN (SELECT pledge FROM timeline_parties WHERE owns AND entity = ANY(%(full)s))"
_OWN: LiteralString = f"""(audience = 'public' OR {_FULL} OR concerns = ANY(%(own)s)
    OR (audience = 'parties'
        AND about IN (SELECT pledge FROM timeline_parties WHERE NOT owns AND entity = ANY(%(own)s))))
"""  # noqa: S608
_ACCOUNTS: LiteralString = "audience IN ('public', 'accounts')"


def visible(eyes: Eyes) -> LiteralString:
    """What `Sight.sees_entry` and `Eyes.sees_events_of` say of an event, of all of them at once."""
    if eyes is PUBLIC:
        return "audience = 'public'"
    if eyes.sees_all:
        return "true"
    if eyes.manages_accounts:
        return f"({_ACCOUNTS} OR {_OWN})"
    return _OWN


def tells_fields(eyes: Eyes) -> LiteralString:
    """Partners that have not agreed are no field for the public, and so nothing to find an event by."""
    if eyes is PUBLIC:
        return "fields && %(fields)s"
    if eyes.sees_all:
        return "(fields && %(fields)s OR has_more_partners)"
    return f"(fields && %(fields)s OR (has_more_partners AND (concerns = ANY(%(own)s) OR {_FULL})))"


def whose(eyes: Eyes) -> dict[str, Any]:
    """The places in these conditions."""
    return {"own": list(eyes.own), "full": list(eyes.own | eyes.audited)}


def seen(connection: Connection[Any], positions: Collection[int], eyes: Eyes) -> set[int]:
    """Which of some events those eyes see."""
    if eyes.sees_all or not positions:
        return set(positions)
    statement: LiteralString = (
        f"SELECT position FROM timeline_events WHERE position = ANY(%(positions)s) AND {visible(eyes)}"  # noqa: S608
    )
    found = connection.execute(statement, {"positions": list(positions), **whose(eyes)})
    return {position for (position,) in found}
