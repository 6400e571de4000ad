"""Filters of the list as links: those to choose, each with how many pledges it leaves, and those in force.

A click on a value chooses it alone in its field, as its count says; a second link adds it to the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from projections.board.facets import FacetCount
from projections.board.filters import PledgeFilters
from projections.moments import Moment
from web.pages.addresses import FILTER_NAMES, address, chosen
from web.pages.blueprint import runtime
from web.pages.field_names import FILTERS
from web.pages.formats import day, either, instant, name, number
from web.pages.labels import label
from web.pages.language import gettext as _

FACETS = ("status", "objective", "region", "type", "form", "category", "principle", "cycle")
REPORTING = (("overdue", "true"), ("stale", "amber"), ("stale", "red"))
"""What depends on the day. No facet counts it; each is counted by asking."""
COUNTED_UP_TO_POSITION = 50_000
"""In a larger register, or of a day, that asking would take as long as the page: then links have no count."""
DAY_CHARS = 10
NAMED_MAX = 5
"""A heading names so many values of a field; the list below it names all."""
LINKS_CHARS_MAX = 9_000
"""Each link repeats all that is chosen. Where that is much, the page offers less, and stays small."""


@dataclass(frozen=True)
class FilterLink:
    """A value to choose: what it is called, how many pledges a click leaves, and where it leads."""

    words: str
    count: int | None
    url: str
    is_on: bool
    also: str | None = None  # where the value is added to those already chosen


@dataclass(frozen=True)
class FilterInForce:
    """A chosen value and the address without it."""

    field: str
    words: str
    without: str | None  # None where too much is chosen to offer that


def filters_to_choose(
    facets: Mapping[str, Sequence[FacetCount]], filters: PledgeFilters, moment: Moment
) -> dict[str, list[FilterLink]]:
    """The links of each field that has any; none at all where they would be too long."""
    values = sum(len(facets.get(field, ())) for field in FACETS)
    if not can_be_offered(values):
        return {}
    found = {field: [_link(field, one.value, one.count) for one in facets.get(field, ())] for field in FACETS}
    reporting = [(field, value, _total(filters, field, value, moment)) for field, value in REPORTING]
    found["stale"] = [_link(*one) for one in reporting if one[2] != 0]
    return {field: links for field, links in found.items() if links}


def can_be_offered(links: int) -> bool:
    """Whether a page has room for so many links that repeat what is chosen."""
    return len(address("pages.pledges")) * links <= LINKS_CHARS_MAX


def _link(field: str, value: str, count: int | None) -> FilterLink:
    others = [other for other in chosen(field) if other != value]
    is_on = value in chosen(field)
    together = _with(field, [*others, value]) if others and not is_on else None
    return FilterLink(label(value, field), count, _with(field, others if is_on else [value]), is_on, together)


def _total(filters: PledgeFilters, field: str, value: str, moment: Moment) -> int | None:
    """How many pledges there are with the value and all other filters."""
    if moment.position > COUNTED_UP_TO_POSITION or moment.true_on is not None:
        return None
    read = PledgeFilters.from_args({field: value})
    asked = replace(filters, **{field: getattr(read, field)})
    found = runtime().questions.pledges(asked, viewer=None, moment=moment, limit=1, with_facets=False)
    return found.total


def _with(field: str, values: list[str]) -> str:
    return address("pages.pledges", **{field: values}, cursor=None, page=None)


def filters_in_force(moment: Moment) -> list[FilterInForce]:
    """The chosen values in the order of fields."""
    values = [(field, value) for field in FILTERS if field in FILTER_NAMES for value in chosen(field)]
    removable = can_be_offered(len(values))
    return [
        FilterInForce(
            field,
            _words(field, value, moment),
            _with(field, [other for other in chosen(field) if other != value]) if removable else None,
        )
        for field, value in values
    ]


def _words(field: str, value: str, moment: Moment) -> str:
    if field == "entity":
        found = runtime().questions.entity(value, moment=moment)
        return name(found["name"]) if found else value
    if field == "updated_since":
        return day(value) if len(value) <= DAY_CHARS else instant(value)
    return name(label(value, field))


def question_in_words(in_force: Sequence[FilterInForce]) -> str:
    """What is asked for: "Objective: 6 Recruitment and decent work; Status: Made or Matched"."""
    by_field: dict[str, list[str]] = {}
    for one in in_force:
        by_field.setdefault(one.field, []).append(one.words)
    said = [
        _("%(field)s: %(values)s", field=FILTERS[field], values=_told(words))
        for field, words in by_field.items()
    ]
    return "; ".join(said)


def _told(words: list[str]) -> str:
    if len(words) <= NAMED_MAX:
        return either(words)
    return _("any of %(number)s", number=number(len(words)))
