"""Two moments side by side: what came in, moved, left and was corrected, in all and by objective and region.

Which moments, which kind of change, which objective or region: all of it is in the address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from flask import Response, request

from domain.errors import invalid
from domain.imports.render import erased_in_words
from domain.values import rfc3339
from projections.board.codes import NOT_STATED
from projections.comparison import KINDS, MASKS, Narrowed
from projections.moments import Moment
from projections.questions import COMPARISON
from web.moments import told
from web.pages.addresses import address, chosen
from web.pages.blueprint import as_csv, as_json, asked_moment, earlier_moment, forms_of, page, pages, runtime

SHOWN_OF_EACH, SHOWN_OF_ONE = 5, 30
PAGE_DIGITS_MAX = 6
COLUMNS = (
    "kind", "reference", "title", "entity", "status_before", "percent_before", "status_after",
    "percent_after", "corrected_at", "erased",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What an address asks for: two moments, and perhaps one kind of change, or one objective or region."""

    earlier: Moment
    later: Moment
    kind: str | None
    narrowed: Narrowed | None
    number: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * SHOWN_OF_ONE

    def pledges(self, kind: str, limit: int | None = None, offset: int = 0) -> Iterator[dict[str, Any]]:
        return runtime().questions.compared_pledges(
            kind, earlier=self.earlier, later=self.later, narrowed=self.narrowed, limit=limit, offset=offset
        )


def _asked(later: Moment) -> Asked:
    earlier = earlier_moment(COMPARISON, later)
    if earlier is None:
        raise invalid("compare_to", "must be given: the earlier of two moments.")
    return Asked(earlier, later, _kind(), _narrowed(), _page_number())


def _kind() -> str | None:
    found = next(iter(chosen("kind")), None)
    if found is not None and found not in KINDS:
        raise invalid("kind", f"must be one of {', '.join(KINDS)}.")
    return found


def _narrowed() -> Narrowed | None:
    found = [(dimension, value) for dimension in MASKS for value in chosen(dimension)]
    if not found:
        return None
    dimension, given = found[-1]
    if len(found) > 1:
        raise invalid(dimension, "cannot be given together with another objective or region.")
    values = {str(value): value for value in MASKS[dimension][0].values} | {NOT_STATED: None}
    if given not in values:
        raise invalid(dimension, f"must be one of {', '.join(values)}.")
    return Narrowed(dimension, values[given])


def _page_number() -> int:
    given = request.args.get("page", "").strip() or "1"
    if not (given.isascii() and given.isdecimal() and len(given) <= PAGE_DIGITS_MAX and int(given)):
        raise invalid("page", "must be a whole number from 1.")
    return int(given)


def _numbers(asked: Asked) -> tuple[dict[str, Any], dict[str, Any]]:
    """All numbers, and those of what is asked for."""
    found = runtime().questions.compared(earlier=asked.earlier, later=asked.later)
    narrowed = asked.narrowed
    if narrowed is None:
        return found, found["totals"]
    of_value = found["by"][narrowed.dimension]
    return found, next(row for row in of_value if row["key"] == narrowed.value)


# -- as a page


@pages.get("/compare")
def compare() -> Response:
    """Two moments as a page; before an earlier one is chosen, the form to choose it."""
    later = asked_moment(COMPARISON)
    if not chosen("compare_to"):
        return page("pages/compare.html", later, asked=None)
    asked = _asked(later)
    found, numbers = _numbers(asked)
    kinds = [asked.kind] if asked.kind else [kind for kind in KINDS if numbers[kind]]
    limit = SHOWN_OF_ONE if asked.kind else SHOWN_OF_EACH
    return page(
        "pages/compare.html",
        later,
        forms=forms_of("pages.compare", "csv", "json"),
        asked=asked,
        numbers=numbers,
        by={} if asked.narrowed or asked.kind else {of: _changed(rows) for of, rows in found["by"].items()},
        lists=[(kind, list(asked.pledges(kind, limit, asked.offset if asked.kind else 0))) for kind in kinds],
        kinds=[(kind, address("pages.compare", kind=kind, page=None)) for kind in KINDS if numbers[kind]],
        following=_following(asked, numbers),
    )


def _changed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The values of which anything changed."""
    return [row for row in rows if any(row[name] for name in (*KINDS, "gained", "lost"))]


def _following(asked: Asked, numbers: dict[str, Any]) -> str | None:
    if asked.kind is None or asked.offset + SHOWN_OF_ONE >= numbers[asked.kind]:
        return None
    return address("pages.compare", page=str(asked.number + 1))


# -- as data


@pages.get("/compare.json")
def compare_json() -> Response:
    """The numbers as JSON; with `kind`, also the pledges of that kind, a page at a time."""
    asked = _asked(asked_moment(COMPARISON))
    found, numbers = _numbers(asked)
    kind = asked.kind
    items = None if kind is None else list(asked.pledges(kind, SHOWN_OF_ONE, asked.offset))
    more = kind is not None and asked.offset + SHOWN_OF_ONE < numbers[kind]
    compared_to = {"as_of": rfc3339(asked.earlier.at), "position": asked.earlier.position}
    return as_json(
        {
            **found, "kind": kind, "items": items, "next_page": asked.number + 1 if more else None,
            "compared_to": compared_to, **told(asked.later),
        }
    )  # fmt: skip


@pages.get("/compare.csv")
def compare_csv() -> Response:
    """Every pledge that is different as CSV: a row for each kind of change."""
    asked = _asked(asked_moment(COMPARISON))
    rows = chain.from_iterable(_rows(asked, kind) for kind in ([asked.kind] if asked.kind else KINDS))
    return as_csv(COLUMNS, rows, "compared")


def _rows(asked: Asked, kind: str) -> Iterator[tuple[Any, ...]]:
    for one in asked.pledges(kind):
        before, after = one["before"] or {"status": None, "percent": None}, one["after"]
        yield (
            kind, one["reference"], one["title"], one["entity"] and one["entity"]["name"],
            before["status"], before["percent"], after["status"], after["percent"], one["corrected_at"],
            erased_in_words(one["erased"]),
        )  # fmt: skip
