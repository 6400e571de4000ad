"""How long an address may be, for programs and on pages. Must not know what is asked for."""

from __future__ import annotations

from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from domain.errors import invalid


def refuse_long_query(args: MultiDict[str, str], chars_max: int) -> None:
    """InvalidInput if the query of an address is longer, written as addresses are."""
    chars = len(urlencode(list(args.items(multi=True)), errors="replace"))
    if chars > chars_max:
        raise invalid(
            "query",
            f"must have at most {chars_max} characters, it has {chars}; ask for less at once. "
            "A letter that is not in a-z counts as the 6 or more signs that stand for it in an address.",
        )
