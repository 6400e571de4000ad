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
        number = asked_page(least=2) if request.args.get("cursor") else 1
        first = address(endpoint, cursor=None, page=None) if request.args.get("cursor") else None
        following = address(endpoint, cursor=found.next, page=str(number + 1)) if found.next else None
        return cls(number, max(1, -(-found.total // rows)), first, following)

    @classmethod
    def numbered(cls, total: int, rows: int) -> Pager:
        """The pager of a list that is cut by the number of the page alone, on the page that was asked for."""
        endpoint, number, of = this_page(), asked_page(), max(1, -(-total // rows))
        first = address(endpoint, page=None) if number > 1 else None
        return cls(number, of, first, address(endpoint, page=str(number + 1)) if number < of else None)


def asked_page(least: int = 1) -> int:
    """The number of the page that was asked for; the least one for what is no number."""
    given = request.args.get("page", "")
    is_number = given.isascii() and given.isdecimal() and len(given) <= DIGITS_MAX
    return max(least, int(given)) if is_number else least
