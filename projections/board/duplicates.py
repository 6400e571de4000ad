"""Looks for pledges that are likely to be the same one as another, on the caller's connection and snapshot.

Must not know HTTP, nor what is done about them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.pledges.sight import Eyes
from domain.pledges.state import Pledge
from projections.board import known_entities, views
from projections.board.conditions import WORDS_THEN
from projections.board.likeness import Likeness, likeness, parties
from projections.board.rows import party
from projections.board.states import states
from projections.board.words import terms_of
from projections.moments import Moment

CANDIDATES_MAX = 60
"""The nearest by their titles; who has hundreds of pledges with such a title finds the others by a search."""
SHOWN_MAX = 10
SHARES = ("title", "description", "shares_party")

CANDIDATES: LiteralString = f"""
SELECT pledge_id FROM {WORDS_THEN} WHERE words @@ %(query)s::tsquery AND pledge_id <> %(own)s
ORDER BY ts_rank(words, %(title)s::tsquery) DESC, pledge_id LIMIT {CANDIDATES_MAX}
"""  # noqa: S608 - our own texts


def likely_duplicates(
    connection: Connection[Any], pledges: Collection[UUID], *, eyes: Eyes, moment: Moment
) -> dict[UUID, list[dict[str, Any]]]:
    """For each of some pledges those that are likely the same, the likeliest first.

    Each as a list shows it, with `likeness`: the shares of words in common and whether a party is in both.
    """
    wanted = states(connection, pledges, moment.position)
    near = {pledge: _candidates(connection, state, moment) for pledge, state in wanted.items()}
    others = states(connection, {one for found in near.values() for one in found}, moment.position)
    involved = {one for state in (*wanted.values(), *others.values()) for one in parties(state)}
    known = known_entities.load_at(connection, involved, moment.position)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for pledge, state in wanted.items():
        compared = [(likeness(state, others[one], known.survivor), others[one]) for one in near[pledge]]
        likely = [one for one in compared if one[0].is_likely_one and eyes.is_shown(one[1])]
        likely.sort(key=lambda one: (-one[0].weight, one[1].id))
        found[pledge] = _shown(connection, likely[:SHOWN_MAX], eyes, moment)
    return found


def _shown(
    connection: Connection[Any], likely: Sequence[tuple[Likeness, Pledge]], eyes: Eyes, moment: Moment
) -> list[dict[str, Any]]:
    shown = views.shown(connection, [other for _, other in likely], eyes, moment)
    return [
        {**told, "likeness": {name: getattr(how, name) for name in SHARES}}
        for (how, _), told in zip(likely, shown, strict=True)
    ]


def _candidates(connection: Connection[Any], pledge: Pledge, moment: Moment) -> list[UUID]:
    """Pledges of a party with a word of the title in theirs, and those of anybody with all words of it."""
    words = [f"'{word}':A" for word in terms_of(pledge.content.title)]
    if not words:
        return []
    known = known_entities.load_at(connection, set(parties(pledge)), moment.position)
    marks = sorted({f"'{party(known.survivor(one))}'" for one in parties(pledge)})
    some, every = " | ".join(words), " & ".join(words)
    asked = {
        "query": f"(({' | '.join(marks)}) & ({some})) | ({every})", "title": some,
        "own": pledge.id, "position": moment.position,
    }  # fmt: skip
    return [found for (found,) in connection.execute(CANDIDATES, asked)]
