"""What fields, orders and dimensions are called. Knows no values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext, lazy_pgettext

from projections.board.sorting import RELEVANCE

FIELDS: Mapping[str, Any] = {
    "actions": lazy_gettext("Actions"),
    "amount": lazy_gettext("Amount"),
    "baseline": lazy_gettext("Baseline"),
    "champion": lazy_gettext("GCM champion country"),
    "countries": lazy_gettext("Countries of implementation"),
    "cycle": lazy_pgettext("the review forum that a pledge is made for", "Forum"),
    "description": lazy_gettext("Description"),
    "due_is_firm": lazy_gettext("Due date is firm"),
    "due_on": lazy_gettext("Due date"),
    "entity": lazy_gettext("Pledged by"),
    "forms": lazy_gettext("Forms"),
    "frameworks": lazy_gettext("Frameworks"),
    "language": lazy_gettext("Language"),
    "last_report_on": lazy_gettext("Last report"),
    "levels": lazy_gettext("Levels"),
    "made_on": lazy_gettext("Made on"),
    "matches": lazy_gettext("Answers the pledge"),
    "matches_elsewhere": lazy_gettext("Answers a pledge outside this register"),
    "measured_percent": lazy_gettext("Measured percent"),
    "mirror": lazy_gettext("Also pledged under the refugee compact"),
    "money": lazy_gettext("Money"),
    "objectives": lazy_gettext("Objectives"),
    "objectives_basis": lazy_gettext("Basis of the objectives"),
    "outlook": lazy_gettext("Outlook"),
    "own_percent": lazy_gettext("Percent of the lead’s part"),
    "partners": lazy_gettext("Partners"),
    "percent": lazy_gettext("Percent"),
    "principles": lazy_gettext("Guiding principles"),
    "reference": lazy_gettext("Reference"),
    "regions": lazy_gettext("Regions"),
    "scope_in_words": lazy_gettext("Scope, in the source’s words"),
    "seeking": lazy_gettext("Seeking"),
    "source": lazy_gettext("Source"),
    "status": lazy_gettext("Status"),
    "targets": lazy_gettext("Targets"),
    "terms": lazy_gettext("Terms of matching"),
    "through": lazy_gettext("Through"),
    "title": lazy_gettext("Title"),
    "to_mptf": lazy_gettext("To the Migration Multi-Partner Trust Fund"),
    "type": lazy_gettext("Type"),
    "verdicts": lazy_gettext("Verdicts"),
}
"""The fields of a pledge, as its record and its history name them."""

FIELDS_OF_OTHERS: Mapping[str, Any] = {
    "alias": lazy_gettext("Also known as"),
    "name": lazy_gettext("Name"),
    "names": lazy_gettext("Names"),
    "old_name": lazy_gettext("Former name"),
    "reason": lazy_gettext("Reason"),
}
"""What events that are no pledge's say in words, where it was erased."""

FILTERS: Mapping[str, Any] = {
    "q": lazy_gettext("Words"),
    "objective": lazy_gettext("Objective"),
    "principle": lazy_gettext("Guiding principle"),
    "form": lazy_pgettext("of a pledge: money, policy and so on", "Form"),
    "type": lazy_gettext("Type"),
    "status": lazy_gettext("Status"),
    "category": lazy_gettext("Who pledges"),
    "kind": lazy_gettext("Kind of stakeholder"),
    "entity": lazy_gettext("Pledged by"),
    "region": lazy_gettext("Region"),
    "country": lazy_gettext("Country of implementation"),
    "cycle": lazy_pgettext("the review forum that a pledge is made for", "Forum"),
    "overdue": lazy_gettext("Overdue"),
    "stale": lazy_gettext("Reporting"),
    "updated_since": lazy_gettext("Changed since"),
}
"""What lists can be narrowed by, in the order in which it is told."""

SORTS: Mapping[str, Any] = {
    RELEVANCE: lazy_pgettext("order of a list", "Best match"),
    "-updated_at": lazy_pgettext("order of a list", "Last changed"),
    "-made_on": lazy_pgettext("order of a list", "Last made"),
    "due_on": lazy_pgettext("order of a list", "Due first"),
    "-percent": lazy_pgettext("order of a list", "Furthest along"),
    "title": lazy_pgettext("order of a list", "Title"),
    "reference": lazy_pgettext("order of a list", "Reference"),
}

BY: Mapping[str, Any] = {
    "objective": lazy_gettext("Progress by objective"),
    "principle": lazy_gettext("Progress by guiding principle"),
    "region": lazy_gettext("Progress by region"),
    "category": lazy_gettext("Progress by who pledges"),
    "type": lazy_gettext("Progress by type"),
    "form": lazy_gettext("Progress by form"),
    "status": lazy_gettext("Progress by status"),
    "cycle": lazy_gettext("Progress by forum"),
}
"""The dimensions of the numbers, each with the title of its page."""
