"""What the columns of a sheet of pledges are called, what goes into each, which values may stand there.

Must not know how a sheet is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from flask_babel import lazy_gettext

from domain.imports.columns import COLUMNS
from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.currencies import CURRENCIES
from domain.reference.states import STATES
from domain.reference.vocabularies import Basis, Category, Form, Kind, PledgeType
from projections.sheets.template import Column
from web.forms.words import NAMES
from web.pages.field_names import FIELDS, FILTERS
from web.pages.labels import label

CALLED: Mapping[str, Any] = {
    "ref": FIELDS["reference"],
    "title": FIELDS["title"],
    "pledger": FIELDS["entity"],
    "pledger_category": FILTERS["category"],
    "pledger_kind": FILTERS["kind"],
    "co_pledgers": FIELDS["partners"],
    "pledge_type": FIELDS["type"],
    "forms": FIELDS["forms"],
    "objectives": FIELDS["objectives"],
    "objectives_basis": FIELDS["objectives_basis"],
    "principles": FIELDS["principles"],
    "amount": FIELDS["amount"],
    "currency": NAMES["currency"],
    "scope": FIELDS["levels"],
    "country_of_implementation": FIELDS["countries"],
    "announced_on": FIELDS["made_on"],
    "due_on": FIELDS["due_on"],
    "targets": FIELDS["targets"],
    "status_note": NAMES["narrative"],
    "summary": FIELDS["description"],
}
EXPLAINED: Mapping[str, Any] = {
    "ref": lazy_gettext(
        "A reference of your own, another one in each row, for example 2026-1. It finds the pledge again "
        "when the sheet comes a second time. Needed, but in sheets that are submitted."
    ),
    "title": lazy_gettext("What is promised, in one line of 3 to 300 characters. Needed."),
    "pledger": lazy_gettext(
        "Who pledges: the name of a State, or the State with its office in brackets, for example Portugal "
        "(Ministry of Foreign Affairs); or the name of an entity. Needed."
    ),
    "pledger_category": lazy_gettext("What kind of entity pledges. May stay blank for States."),
    "pledger_kind": lazy_gettext("For stakeholders alone: one of the list, or a word of your own."),
    "co_pledgers": lazy_gettext("Others who take part, separated by semicolons."),
    "pledge_type": lazy_gettext("One of the list."),
    "forms": lazy_gettext("One or several of the list, separated by semicolons."),
    "objectives": lazy_gettext(
        "Numbers of objectives of the Global Compact, 1 to 23, separated by semicolons: 5; 6."
    ),
    "objectives_basis": lazy_gettext("Whether the pledger stated the objectives, or somebody inferred them."),
    "principles": lazy_gettext(
        "Guiding principles of the Global Compact, by name or code, separated by semicolons."
    ),
    "amount": lazy_gettext("A number without separators of thousands, for example 200000.00."),
    "currency": lazy_gettext("Three letters, for example EUR. Needed with an amount."),
    "scope": lazy_gettext("Local, National, Regional, Global: one or several, separated by semicolons."),
    "country_of_implementation": lazy_gettext(
        "States in which it is carried out, by name or code, separated by semicolons."
    ),
    "announced_on": lazy_gettext(
        "When it was announced: a day, a month or a year, 2026-05-17, 2026-05 or 2026."
    ),
    "due_on": lazy_gettext("By when: a day, a month or a year, 2026-05-17, 2026-05 or 2026."),
    "targets": lazy_gettext(
        "What is to be reached, separated by semicolons; with numbers where there are any."
    ),
    "status_note": lazy_gettext("What was done so far, in words. It becomes a first report."),
    "summary": lazy_gettext("The whole text of the pledge, 300 to 3,000 characters when it is submitted."),
}
SCOPES: Sequence[tuple[str, str]] = (
    ("Local", "local"), ("National", "national"), ("Regional", "regional"), ("Global", "international"),
)  # fmt: skip
CHOSEN_ALONE = ("pledger_category", "pledger_kind", "pledge_type", "objectives_basis", "currency")
"""Columns with one value of a list, which a workbook offers to choose from."""


def columns() -> list[Column]:
    """The columns with what they are called and what may stand in them, in the language of the page."""
    values = _values()
    return [
        Column(
            name=name, called=str(CALLED[name]), explained=str(EXPLAINED[name]),
            values=values.get(name, []), is_chosen=name in CHOSEN_ALONE,
        )
        for name in COLUMNS
    ]  # fmt: skip


def _values() -> dict[str, list[tuple[str, str]]]:
    states = [(iso3, label(iso3, "country")) for iso3 in STATES]
    return {
        "pledger_category": _labelled(get_args(Category), "category"),
        "pledger_kind": _labelled(get_args(Kind), "kind"),
        "pledge_type": _labelled(get_args(PledgeType), "type"),
        "forms": _labelled(get_args(Form), "form"),
        "objectives": [(str(one), label(one, "objective")) for one in OBJECTIVES],
        "objectives_basis": _labelled(get_args(Basis), "basis"),
        "principles": [(slug, label(slug, "principle")) for slug in PRINCIPLES],
        "scope": [(word, label(level, "level")) for word, level in SCOPES],
        "country_of_implementation": states,
        "currency": [(code, "") for code in sorted(CURRENCIES)],
    }


def _labelled(values: Sequence[str], of: str) -> list[tuple[str, str]]:
    return [(value, label(value, of)) for value in values]
