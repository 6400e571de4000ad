"""Numbers by the values of a dimension, as rows of a table. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NUMBER_COLUMNS = ("key", "label", "pledges", "percent", "not_measured", "reported", "closed", "amounts")
MOST_FIRST = "-pledges"


def number_row(item: Mapping[str, Any]) -> tuple[Any, ...]:
    """The numbers of one value."""
    return tuple(item[column] for column in NUMBER_COLUMNS)


def in_order(items: Sequence[dict[str, Any]], order: str | None) -> list[dict[str, Any]]:
    """The values in the order of their list, or those with most pledges first; "not stated" stays last."""
    if order != MOST_FIRST:
        return list(items)
    return sorted(items, key=lambda item: (item["key"] is None, -item["pledges"]))
