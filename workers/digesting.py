"""Tells those who follow something what changed publicly, once a day or a week.

Must not know how mail is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.values import utc_day
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.followers import Follower, Following
from projections.letters.digests import Change, digest
from projections.moments import Moment
from projections.questions import BOARD, HISTORY

PLEDGES_MAX = 500
"""So many changed pledges one digest counts, at most."""


def write_digests(runtime: Runtime) -> int:
    """Write to everybody whose day it is what changed since their last digest; how many letters that made."""
    base = runtime.settings.base_url
    if base is None:
        return 0
    moment, today = runtime.questions.moment(of=(*BOARD, *HISTORY)), utc_day(runtime.clock())
    written = 0
    for follower in runtime.followers.due(moment.position, today):
        changes = list(_changes(runtime, follower, moment))
        leave = f"{base}/unfollow?key={runtime.followers.leaving_key(follower.account)}"
        letter = digest(changes, base, leave, follower.language) if changes else None
        is_told = runtime.followers.tell(follower, moment, today, runtime.new_id(), letter)
        written += bool(is_told and letter)
    return written


def _changes(runtime: Runtime, follower: Follower, moment: Moment) -> Iterator[Change]:
    """Each pledge that somebody follows, in whichever way, with what happened to it in public since."""
    found: dict[str, dict[str, Any]] = {}
    for following in follower.followings:
        for pledge in _followed(runtime, following, follower, moment):
            found.setdefault(pledge["id"], pledge)
            if len(found) >= PLEDGES_MAX:
                break
    for pledge_id, pledge in found.items():
        history = runtime.questions.history(pledge_id, viewer=None, moment=moment) or []
        happened = [entry for entry in history if entry["position"] > follower.told_to]
        if happened:
            yield pledge, happened


def _followed(
    runtime: Runtime, following: Following, follower: Follower, moment: Moment
) -> Iterator[dict[str, Any]]:
    """The pledges that it is about and that were changed since, as the public sees them."""
    questions = runtime.questions
    if following.kind == "pledge":
        pledge = questions.pledge(following.followed, viewer=None, moment=moment)
        yield from [pledge] if pledge else []
        return
    since = (follower.told_at,)
    filters = (
        PledgeFilters(objective=(int(following.followed),), updated_since=since)
        if following.kind == "objective"
        else PledgeFilters(entity=(following.followed,), updated_since=since)
    )
    yield from questions.every_pledge(filters, viewer=None, moment=moment)
