"""Pages of a list: where the next begins, and which one this is.

The cursor in the address decides; the number beside it is only told.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from projections.board.questions import PledgeList
from web.pages.addresses import address, this_page

DIGITS_MAX = 9


@dataclass(frozen=True)
class Pager:
    """Which page of how many, with the ways to the first and the next."""

    number: int
    of: int
    first: str | None
    following: str | None

    @classmethod
    def of_list(cls, found: PledgeList, rows: int) -> Pager:
        """The pager of the list that this request asked for."""
        endpoint = this_page()
        number = _number() if request.args.get("cursor") else 1
        first = address(endpoint, cursor=None, page=None) if request.args.get("cursor") else None
        following = address(endpoint, cursor=found.next, page=str(number + 1)) if found.next else None
        return cls(number, max(1, -(-found.total // rows)), first, following)


def _number() -> int:
    given = request.args.get("page", "")
    return max(2, int(given)) if given.isdecimal() and given.isascii() and len(given) <= DIGITS_MAX else 2
