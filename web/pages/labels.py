"""The words for the values of closed lists. Knows nothing of what is filtered, counted or shown.

Each list says in its context what it is a list of: "Other" of a form is not "Other" of a kind everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_pgettext

from domain.reference.compact import OBJECTIVES, PRINCIPLES, Objective, Principle
from domain.reference.states import STATES
from projections.board.codes import NOT_STATED
from web.pages.language import gettext as _
from web.pages.language import language, language_name

Words = Mapping[str, Any]

STATUSES: Words = {
    "draft": lazy_pgettext("status of a pledge", "Draft"),
    "submitted": lazy_pgettext("status of a pledge", "Submitted"),
    "returned": lazy_pgettext("status of a pledge", "Returned"),
    "rejected": lazy_pgettext("status of a pledge", "Rejected"),
    "made": lazy_pgettext("status of a pledge", "Made"),
    "matched": lazy_pgettext("status of a pledge", "Matched"),
    "partially_fulfilled": lazy_pgettext("status of a pledge", "Partially fulfilled"),
    "fulfilled": lazy_pgettext("status of a pledge", "Fulfilled"),
    "withdrawn": lazy_pgettext("status of a pledge", "Withdrawn"),
    "lapsed": lazy_pgettext("status of a pledge", "Lapsed"),
}
TYPES: Words = {
    "individual": lazy_pgettext("type of pledge", "Individual"),
    "common": lazy_pgettext("type of pledge", "Common"),
    "partnership": lazy_pgettext("type of pledge", "Partnership"),
    "matching": lazy_pgettext("type of pledge", "Matching"),
}
FORMS: Words = {
    "financial": lazy_pgettext("form of a pledge", "Financial"),
    "human_resource": lazy_pgettext("form of a pledge", "Human resource"),
    "process": lazy_pgettext("form of a pledge", "Process"),
    "policy": lazy_pgettext("form of a pledge", "Policy"),
    "in_kind": lazy_pgettext("form of a pledge", "In kind"),
    "other": lazy_pgettext("form of a pledge", "Other"),
}
LEVELS: Words = {
    "local": lazy_pgettext("level of a pledge", "Local"),
    "national": lazy_pgettext("level of a pledge", "National"),
    "regional": lazy_pgettext("level of a pledge", "Regional"),
    "international": lazy_pgettext("level of a pledge", "International"),
}
CATEGORIES: Words = {
    "state": lazy_pgettext("category of a pledger", "State"),
    "un_entity": lazy_pgettext("category of a pledger", "UN entity"),
    "stakeholder": lazy_pgettext("category of a pledger", "Stakeholder"),
}
KINDS: Words = {
    "international_financial_institution": lazy_pgettext(
        "kind of stakeholder", "International financial institution"
    ),
    "private_sector": lazy_pgettext("kind of stakeholder", "Private sector"),
    "local_authority": lazy_pgettext("kind of stakeholder", "Local authority"),
    "local_authority_network": lazy_pgettext("kind of stakeholder", "Network of local authorities"),
    "international_organization": lazy_pgettext("kind of stakeholder", "International organization"),
    "humanitarian_development": lazy_pgettext(
        "kind of stakeholder", "Humanitarian or development organization"
    ),
    "trade_union": lazy_pgettext("kind of stakeholder", "Trade union"),
    "academia": lazy_pgettext("kind of stakeholder", "Academia"),
    "civil_society": lazy_pgettext("kind of stakeholder", "Civil society"),
    "diaspora": lazy_pgettext("kind of stakeholder", "Diaspora"),
    "nhri": lazy_pgettext("kind of stakeholder", "National human rights institution"),
    "philanthropy": lazy_pgettext("kind of stakeholder", "Philanthropy"),
    "other": lazy_pgettext("kind of stakeholder", "Other"),
}
REGIONS: Words = {
    "Africa": lazy_pgettext("region (M49)", "Africa"),
    "Americas": lazy_pgettext("region (M49)", "Americas"),
    "Asia": lazy_pgettext("region (M49)", "Asia"),
    "Europe": lazy_pgettext("region (M49)", "Europe"),
    "Oceania": lazy_pgettext("region (M49)", "Oceania"),
}
OUTLOOKS: Words = {
    "on_track": lazy_pgettext("outlook of a pledge", "On track"),
    "delayed": lazy_pgettext("outlook of a pledge", "Delayed"),
    "at_risk": lazy_pgettext("outlook of a pledge", "At risk"),
    "unknown": lazy_pgettext("outlook of a pledge", "Unknown"),
}
PARTNER_STATES: Words = {
    "named": lazy_pgettext("standing of a partner", "Named in the source, not confirmed"),
    "invited": lazy_pgettext("standing of a partner", "Invited"),
    "joined": lazy_pgettext("standing of a partner", "Joined"),
    "declined": lazy_pgettext("standing of a partner", "Declined"),
    "left": lazy_pgettext("standing of a partner", "Left"),
    "uninvited": lazy_pgettext("standing of a partner", "Invitation cancelled"),
}
MATCH_STATES: Words = {
    "offered": lazy_pgettext("standing of a match", "Offered"),
    "accepted": lazy_pgettext("standing of a match", "Accepted"),
    "declined": lazy_pgettext("standing of a match", "Declined"),
    "withdrawn": lazy_pgettext("standing of a match", "Withdrawn"),
    "expired": lazy_pgettext("standing of a match", "Expired"),
}
TERMS: Words = {
    "financial": lazy_pgettext("what a match has to bring", "Financial support"),
    "technical": lazy_pgettext("what a match has to bring", "Technical support"),
    "material": lazy_pgettext("what a match has to bring", "Material support"),
}
STAGES: Words = {
    "committed": lazy_pgettext("stage of money", "Committed"),
    "paid": lazy_pgettext("stage of money", "Paid"),
}
VERDICTS: Words = {
    "confirmed": lazy_pgettext("verdict", "Confirmed by a validator of the institution"),
    "evidence_seen": lazy_pgettext("verdict", "Evidence seen by the Secretariat"),
    "assessed": lazy_pgettext("verdict", "Assessed by an independent body"),
    "contested": lazy_pgettext("verdict", "Contested"),
}
ROLES: Words = {
    "pledger": lazy_pgettext("role", "Pledger"),
    "validator": lazy_pgettext("role", "Validator"),
    "assessor": lazy_pgettext("role", "Assessor"),
    "secretariat": lazy_pgettext("role", "Secretariat"),
    "auditor": lazy_pgettext("role", "Auditor"),
    "administrator": lazy_pgettext("role", "Administrator"),
}
AUTHORITIES: Words = {
    "email": lazy_pgettext("authority cited", "E-mail"),
    "note_verbale": lazy_pgettext("authority cited", "Note verbale"),
    "form": lazy_pgettext("authority cited", "Web form"),
    "document": lazy_pgettext("authority cited", "Document"),
    "statement": lazy_pgettext("authority cited", "Statement"),
    "api": lazy_pgettext("authority cited", "Programming interface"),
    "import": lazy_pgettext("authority cited", "Imported file"),
    "command_line": lazy_pgettext("authority cited", "Operator’s command line"),
    "founding": lazy_pgettext("authority cited", "Founding of the register"),
    "publication": lazy_pgettext("authority cited", "Publication of the offering pledge"),
    "closure": lazy_pgettext("authority cited", "End of the offering pledge"),
}
STALENESS: Words = {
    "green": lazy_pgettext("staleness", "Reported within a year"),
    "amber": lazy_pgettext("staleness", "No report for a year"),
    "red": lazy_pgettext("staleness", "No report for two years"),
}
STALE: Words = {
    "true": lazy_pgettext("staleness", "No report for a year or more"),
    "false": lazy_pgettext("staleness", "Reported within a year"),
    "amber": lazy_pgettext("staleness", "No report for one to two years"),
    "red": lazy_pgettext("staleness", "No report for two years"),
}
OVERDUE: Words = {
    "true": lazy_pgettext("due date of a pledge", "Date passed, no report"),
    "false": lazy_pgettext("due date of a pledge", "Not overdue"),
}
BASES: Words = {
    "stated": lazy_pgettext("basis of the objectives", "Stated by the pledger"),
    "inferred": lazy_pgettext("basis of the objectives", "Inferred, not stated by the pledger"),
}

LISTS: Mapping[str, Words] = {
    "status": STATUSES, "type": TYPES, "form": FORMS, "level": LEVELS, "category": CATEGORIES, "kind": KINDS,
    "region": REGIONS, "outlook": OUTLOOKS, "partner": PARTNER_STATES, "match": MATCH_STATES, "terms": TERMS,
    "stage": STAGES, "verdict": VERDICTS, "role": ROLES, "authority": AUTHORITIES, "staleness": STALENESS,
    "stale": STALE, "overdue": OVERDUE, "basis": BASES,
}  # fmt: skip


def label(value: Any, of: str) -> str:
    """The word for a value of a closed list. What has no word stands as it is; nothing is "Not stated"."""
    if value in (None, "", NOT_STATED):
        return _("Not stated")
    return _open_label(of, str(value)) or str(LISTS.get(of, {}).get(str(value), value))


def _open_label(of: str, value: str) -> str | None:
    if of == "objective" and value.isdecimal() and int(value) in OBJECTIVES:
        return objective(int(value))
    if of == "principle" and value in PRINCIPLES:
        return _short(PRINCIPLES[value])
    if of == "country":
        return country(value)
    return language_name(value) if of == "language" else None


def objective(number: int) -> str:
    """An objective's number and its label."""
    return _("%(number)s %(title)s", number=number, title=_short(OBJECTIVES[number]))


def _short(thing: Objective | Principle) -> str:
    return thing.short if language() == "en" else title(thing)


def title(thing: Objective | Principle) -> str:
    """A title in the language of the page. A working translation says that it is one."""
    found = thing.title(language())
    if found.basis == "confirmed":
        return found.text
    return _("%(title)s (unofficial translation)", title=found.text)


def country(iso3: str) -> str:
    """A State's name in the language of the page; a code that is none stays as it is."""
    state = STATES.get(iso3)
    return state.name_in(language()) if state else iso3
