"""What the fields of forms are called, what helps to fill them in, and the words of their choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext, lazy_pgettext

from web.pages.field_names import FIELDS
from web.pages.labels import label

NAMES: Mapping[str, Any] = {
    "authority": lazy_gettext("By what authority"),
    "basis": lazy_gettext("On what basis"),
    "changes": lazy_gettext("Changes"),
    "code": lazy_gettext("Sort of reason"),
    "condition": lazy_gettext("Condition"),
    "count": lazy_gettext("Number of matches"),
    "counted_value": lazy_gettext("What it counts for in the currency of the terms"),
    "currency": lazy_gettext("Currency"),
    "date": lazy_gettext("Date"),
    "deadline": lazy_gettext("Deadline"),
    "effective_on": lazy_gettext("As of which day"),
    "entity": lazy_gettext("Entity"),
    "email": lazy_gettext("E-mail address"),
    "entities": lazy_gettext("For which entities"),
    "evidence": lazy_gettext("Evidence"),
    "file": lazy_gettext("The file"),
    "columns": lazy_gettext("Columns of the sheet"),
    "mode": lazy_gettext("What becomes of its rows"),
    "fields": lazy_gettext("Reasons by field"),
    "good_until": lazy_gettext("Good until"),
    "kind": lazy_gettext("Kind"),
    "label": lazy_gettext("What it is for"),
    "measures": lazy_gettext("Values reached"),
    "mail_language": lazy_gettext("Language of the mail"),
    "mandate": lazy_gettext("Body and mandate"),
    "narrative": lazy_gettext("What was done"),
    "nomination": lazy_gettext("Nomination"),
    "outlook": lazy_gettext("Outlook"),
    "part": lazy_gettext("Part"),
    "pledge": lazy_gettext("Pledge that is offered"),
    "reads_only": lazy_gettext("It may only read"),
    "reason": lazy_gettext("Reason"),
    "retired": lazy_gettext("Not pursued any more"),
    "report": lazy_gettext("Which report"),
    "role": lazy_gettext("Role"),
    "roles": lazy_gettext("Roles"),
    "stage": lazy_gettext("Stage"),
    "target": lazy_gettext("Target"),
    "to_cycle": lazy_gettext("To the forum of"),
    "unit": lazy_gettext("Unit"),
    "until": lazy_gettext("Until"),
    "url": lazy_gettext("Address"),
    "value": lazy_gettext("Value"),
}
"""Fields that only forms have, or that are called otherwise in them."""

HINTS: Mapping[str, Any] = {
    "amount": lazy_gettext("In its own currency, for example 200000.00 and EUR."),
    "baseline": lazy_gettext("Where it stands today. Blank counts as 0."),
    "currency": lazy_gettext("Three letters, for example EUR."),
    "date": lazy_gettext("A day, a month or a year: 2026-05-17, 2026-05 or 2026."),
    "deadline": lazy_gettext("A day, a month or a year: 2026-05-17, 2026-05 or 2026."),
    "due_on": lazy_gettext("A day, a month or a year: 2026-05-17, 2026-05 or 2026."),
    "effective_on": lazy_gettext("When it became true, at the latest today: 2026-05-17, 2026-05 or 2026."),
    "entities": lazy_gettext(
        "For a pledger, a validator, an assessor, or an auditor of one State. Choose as you write: names in "
        "any language, or a State’s code of three letters."
    ),
    "description": lazy_gettext("300 to 3,000 characters when it is submitted."),
    "evidence": lazy_gettext("Each is a link or a file, with a title that says what it is."),
    "file": lazy_gettext(
        "In place of an address: PDF, Word, Excel, PowerPoint, OpenDocument, RTF, PNG, JPEG, CSV "
        "or plain text, at most 25 MB."
    ),
    "good_until": lazy_gettext("The last day, at most a year from now: 2027-05-17, or a month to its end."),
    "label": lazy_gettext("For example “Nightly export”. It stands in the log for ever: no names of people."),
    "objectives": lazy_gettext("One objective or one guiding principle at least."),
    "mandate": lazy_gettext("For an assessor: for which body they speak, and what names it."),
    "nomination": lazy_gettext("The letter or decision that asks for it, for example NV 12/2026."),
    "language": lazy_gettext("Two letters, for example en, fr or ar."),
    "entity": lazy_gettext(
        "Choose as you write: a name in any language, or a State’s code of three letters."
    ),
    "partners": lazy_gettext(
        "Choose as you write: names in any language, or a State’s code of three letters. There is room for "
        "more once it is saved."
    ),
    "countries": lazy_gettext(
        "Choose as you write: names in any language, or codes of three letters. There is room for more once "
        "it is saved."
    ),
    "actions": lazy_gettext("One a line."),
    "frameworks": lazy_gettext("One a line."),
    "principles": lazy_gettext("One objective or one guiding principle at least."),
    "percent": lazy_gettext("Only where no target has a number."),
    "reference": lazy_gettext("By what it can be found again, for example NV 12/2026."),
    "type": lazy_gettext("Its own fields are shown once it is saved. What was written for another is kept."),
    "until": lazy_gettext("The last day. An auditor’s role has one; the others may be without end."),
    "url": lazy_gettext("It begins with https:// or http://."),
}

HINTS_IN_ROWS: Mapping[str, Any] = {
    "description": lazy_gettext("What is counted, for example “Children in school”."),
}
"""The same where a field stands in one of several rows, and not for the pledge as a whole."""

CODES: Mapping[str, Any] = {
    "refugee-compact": lazy_pgettext("sort of reason", "Belongs to the refugee compact"),
    "not-a-pledge": lazy_pgettext("sort of reason", "Is no pledge"),
    "duplicate": lazy_pgettext("sort of reason", "Is there already"),
    "out-of-scope": lazy_pgettext("sort of reason", "Is not about migration"),
    "other": lazy_pgettext("sort of reason", "Other"),
}
EXPLAINED: Mapping[str, Mapping[str, Any]] = {
    "type": {
        "individual": lazy_gettext("One pledger alone."),
        "common": lazy_gettext("Several make identical or complementary pledges."),
        "partnership": lazy_gettext("Several contribute to one goal with different actions."),
        "matching": lazy_gettext("It is realised when others match it, or it matches the pledge of others."),
    },
}
"""Choices that need an explanation, each in one line."""
NOT_STATED = lazy_gettext("Not stated")
LISTS: Mapping[str, str] = {
    "type": "type", "forms": "form", "levels": "level", "objectives": "objective", "principles": "principle",
    "countries": "country", "regions": "region", "objectives_basis": "basis", "outlook": "outlook",
    "role": "role", "roles": "role", "stage": "stage", "category": "category",
}  # fmt: skip


def name_of(field: str) -> str:
    """What a field is called on forms."""
    return str(NAMES.get(field) or FIELDS.get(field, field))


def hint_of(path: str) -> str:
    """What helps to fill in the field at a dotted path."""
    *steps, field = path.split(".")
    hints = {**HINTS, **HINTS_IN_ROWS} if any(step.isdecimal() for step in steps) else HINTS
    return str(hints.get(field, ""))


def path_name(path: str) -> str:
    """What a field is called by its dotted path, as errors name it: the rows are counted from 1."""
    steps = (str(int(step) + 1) if step.isdecimal() else name_of(step) for step in path.split("."))
    return " › ".join(steps)


def choice_label(field: str, value: Any) -> str:
    """The words for a choice."""
    if field == "kind":
        found = {of: label(value, of) for of in ("authority", "terms")}
        return next((words for words in found.values() if words != str(value)), str(value))
    if field == "code":
        return str(CODES.get(str(value), value))
    return label(value, LISTS[field]) if field in LISTS else str(value)
