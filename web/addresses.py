"""How long an address may be, that it holds nothing unknown, and which addresses are frames on other sites.

Must not know what is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from domain.errors import InvalidInput, invalid

UNKNOWN = "is not known here."
FRAMES = "/embed"


def refuse_long_query(args: MultiDict[str, str], chars_max: int) -> None:
    """InvalidInput if the query of an address is longer, written as addresses are."""
    chars = len(urlencode(list(args.items(multi=True)), errors="replace"))
    if chars > chars_max:
        raise invalid(
            "query",
            f"must have at most {chars_max} characters, it has {chars}; ask for less at once. "
            "A letter that is not in a-z counts as the 6 or more signs that stand for it in an address.",
        )


def is_framed(path: str) -> bool:
    """Whether what stands at a path is shown in a frame on other sites: to everybody the same."""
    return path == FRAMES or path.startswith(f"{FRAMES}/")


def refuse_unknown(names: Iterable[str], known: Collection[str]) -> None:
    """InvalidInput for names in a query that its address does not know: misspelt, they would mean nothing."""
    if unknown := [name for name in names if name not in known]:
        raise InvalidInput({name: [UNKNOWN] for name in unknown})
