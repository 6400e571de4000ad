"""The words on the pages: labels of the closed lists, a sentence for each fact, dates and numbers as people write them.

Every string goes through gettext as a whole sentence. Knows nothing of where data come from.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import format_decimal as format_exactly
from flask import Flask, current_app, request
from flask_babel import Babel, format_date, format_decimal, get_locale, lazy_gettext
from flask_babel import gettext as _

from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.states import STATES
from domain.values import ERASED, first_day
from projections.board.codes import NOT_STATED

LANGUAGES = ("en", "fr", "es", "ru", "zh", "ar")

LABELS: dict[str, Any] = {
    "draft": lazy_gettext("Draft"), "submitted": lazy_gettext("Submitted"), "returned": lazy_gettext("Returned"),
    "rejected": lazy_gettext("Rejected"), "made": lazy_gettext("Made"), "matched": lazy_gettext("Matched"),
    "partially_fulfilled": lazy_gettext("Partially fulfilled"), "fulfilled": lazy_gettext("Fulfilled"),
    "withdrawn": lazy_gettext("Withdrawn"), "lapsed": lazy_gettext("Lapsed"),
    "individual": lazy_gettext("Individual"), "common": lazy_gettext("Common"), "partnership": lazy_gettext("Partnership"),
    "matching": lazy_gettext("Matching"),
    "financial": lazy_gettext("Financial"), "human_resource": lazy_gettext("Human resource"),
    "process": lazy_gettext("Process"), "policy": lazy_gettext("Policy"), "in_kind": lazy_gettext("In kind"),
    "other": lazy_gettext("Other"),
    "local": lazy_gettext("Local"), "national": lazy_gettext("National"), "regional": lazy_gettext("Regional"),
    "international": lazy_gettext("International"),
    "state": lazy_gettext("State"), "un_entity": lazy_gettext("UN entity"), "stakeholder": lazy_gettext("Stakeholder"),
    "international_financial_institution": lazy_gettext("International financial institution"),
    "private_sector": lazy_gettext("Private sector"), "local_authority": lazy_gettext("Local authority"),
    "local_authority_network": lazy_gettext("Network of local authorities"),
    "international_organization": lazy_gettext("International organization"),
    "humanitarian_development": lazy_gettext("Humanitarian or development organization"),
    "trade_union": lazy_gettext("Trade union"), "academia": lazy_gettext("Academia"),
    "civil_society": lazy_gettext("Civil society"), "diaspora": lazy_gettext("Diaspora"),
    "nhri": lazy_gettext("National human rights institution"), "philanthropy": lazy_gettext("Philanthropy"),
    "Africa": lazy_gettext("Africa"), "Americas": lazy_gettext("Americas"), "Asia": lazy_gettext("Asia"),
    "Europe": lazy_gettext("Europe"), "Oceania": lazy_gettext("Oceania"),
    "on_track": lazy_gettext("On track"), "delayed": lazy_gettext("Delayed"), "at_risk": lazy_gettext("At risk"),
    "unknown": lazy_gettext("Unknown"),
    "named": lazy_gettext("Named in the source, not confirmed"), "joined": lazy_gettext("Joined"),
    "left": lazy_gettext("Left"), "invited": lazy_gettext("Invited"), "accepted": lazy_gettext("Accepted"),
    "offered": lazy_gettext("Offered"), "declined": lazy_gettext("Declined"), "expired": lazy_gettext("Expired"),
    "confirmed": lazy_gettext("Confirmed by a validator of the institution"),
    "evidence_seen": lazy_gettext("Evidence seen by the Secretariat"),
    "assessed": lazy_gettext("Assessed by an independent body"), "contested": lazy_gettext("Contested"),
    "pledger": lazy_gettext("pledger"), "validator": lazy_gettext("validator"), "assessor": lazy_gettext("assessor"),
    "secretariat": lazy_gettext("Secretariat"), "auditor": lazy_gettext("auditor"),
    "administrator": lazy_gettext("administrator"),
    "committed": lazy_gettext("Committed"), "paid": lazy_gettext("Paid"),
    "green": lazy_gettext("reported within a year"), "amber": lazy_gettext("no report for a year"),
    "red": lazy_gettext("no report for two years"),
    "true": lazy_gettext("Yes"), "false": lazy_gettext("No"),
    "email": lazy_gettext("an e-mail"), "note_verbale": lazy_gettext("a note verbale"),
    "form": lazy_gettext("the web form"), "document": lazy_gettext("a document"),
    "statement": lazy_gettext("a statement"), "api": lazy_gettext("the programming interface"),
    "import": lazy_gettext("an imported file"), "command_line": lazy_gettext("the operator's command line"),
    "publication": lazy_gettext("the pledge's own publication"), "closure": lazy_gettext("the end of the other pledge"),
}  # fmt: skip

FIELDS: dict[str, Any] = {
    "q": lazy_gettext("Search"), "objective": lazy_gettext("Objective"), "principle": lazy_gettext("Guiding principle"),
    "form": lazy_gettext("Form"), "type": lazy_gettext("Type"), "status": lazy_gettext("Status"),
    "category": lazy_gettext("Who pledges"), "kind": lazy_gettext("Kind of stakeholder"),
    "entity": lazy_gettext("Pledged by"), "region": lazy_gettext("Region"), "country": lazy_gettext("Country"),
    "cycle": lazy_gettext("Forum"), "overdue": lazy_gettext("Overdue"), "stale": lazy_gettext("Stale"),
    "updated_since": lazy_gettext("Changed since"), "title": lazy_gettext("Title"),
    "description": lazy_gettext("Description"), "forms": lazy_gettext("Forms"),
    "objectives": lazy_gettext("Objectives"), "objectives_basis": lazy_gettext("Basis of the objectives"),
    "principles": lazy_gettext("Guiding principles"), "levels": lazy_gettext("Levels"),
    "countries": lazy_gettext("Countries of implementation"), "regions": lazy_gettext("Regions"),
    "through": lazy_gettext("Through"), "partners": lazy_gettext("Partners"), "targets": lazy_gettext("Targets"),
    "amount": lazy_gettext("Amount"), "money": lazy_gettext("Money"), "terms": lazy_gettext("Terms of matching"),
    "matches": lazy_gettext("Matches"), "offers": lazy_gettext("Offers of a match"),
    "made_on": lazy_gettext("Made on"), "due_on": lazy_gettext("Due on"), "due_is_firm": lazy_gettext("Due date is firm"),
    "percent": lazy_gettext("Percent"), "measured_percent": lazy_gettext("Measured percent"),
    "own_percent": lazy_gettext("Percent of the lead's part"), "verdicts": lazy_gettext("Verdicts"),
    "outlook": lazy_gettext("Outlook"), "last_report_on": lazy_gettext("Last report"),
    "reference": lazy_gettext("Reference"), "language": lazy_gettext("Language"), "actions": lazy_gettext("Actions"),
    "frameworks": lazy_gettext("Frameworks"), "seeking": lazy_gettext("Seeking"),
    "scope_in_words": lazy_gettext("Scope, in the source's words"), "source": lazy_gettext("Source"),
    "completeness": lazy_gettext("Completeness"), "champion": lazy_gettext("GCM champion country"),
    "mirror": lazy_gettext("Also pledged under the refugee compact"),
    "to_mptf": lazy_gettext("To the Migration Multi-Partner Trust Fund"),
    "matches_elsewhere": lazy_gettext("Matches a pledge outside this register"),
    "classified": lazy_gettext("Classified by the Secretariat"),
    "narrative": lazy_gettext("Report"), "evidence": lazy_gettext("Evidence"), "measures": lazy_gettext("Measures"),
    "reason": lazy_gettext("Reason"),
}  # fmt: skip

SORT_LABELS: dict[str, Any] = {
    "-updated_at": lazy_gettext("Last changed"), "-made_on": lazy_gettext("Last made"),
    "due_on": lazy_gettext("Due first"), "title": lazy_gettext("Title"), "-percent": lazy_gettext("Furthest along"),
    "reference": lazy_gettext("Reference"),
}  # fmt: skip

BY_LABELS: dict[str, Any] = {
    "objective": lazy_gettext("by objective"), "principle": lazy_gettext("by guiding principle"),
    "region": lazy_gettext("by region"), "category": lazy_gettext("by who pledges"), "type": lazy_gettext("by type"),
    "form": lazy_gettext("by form"), "status": lazy_gettext("by status"), "cycle": lazy_gettext("by forum"),
}  # fmt: skip

SENTENCES: dict[str, Any] = {
    "pledge.submitted": lazy_gettext("The pledge was submitted for review."),
    "pledge.recalled": lazy_gettext("The submission was taken back."),
    "pledge.returned": lazy_gettext("The submission was returned for changes."),
    "pledge.rejected": lazy_gettext("The submission was rejected."),
    "pledge.made": lazy_gettext("The pledge was made."),
    "pledge.amended": lazy_gettext("The pledge was amended."),
    "pledge.classified": lazy_gettext("The pledge was classified."),
    "pledge.partner-invited": lazy_gettext("A partner was invited."),
    "pledge.partner-joined": lazy_gettext("A partner joined."),
    "pledge.partner-declined": lazy_gettext("A partner declined."),
    "pledge.partner-left": lazy_gettext("A partner left."),
    "pledge.partner-uninvited": lazy_gettext("An invitation was cancelled."),
    "pledge.lead-transferred": lazy_gettext("The lead was handed over."),
    "pledge.match-offered": lazy_gettext("A match was offered."),
    "pledge.match-accepted": lazy_gettext("A match was accepted."),
    "pledge.match-declined": lazy_gettext("A match was declined."),
    "pledge.match-withdrawn": lazy_gettext("A match was withdrawn."),
    "pledge.match-expired": lazy_gettext("An offer of a match expired."),
    "pledge.matched": lazy_gettext("The terms were met: the pledge is matched."),
    "pledge.unmatched": lazy_gettext("The terms are no longer met."),
    "pledge.progress-reported": lazy_gettext("Progress was reported."),
    "pledge.progress-corrected": lazy_gettext("A progress report was corrected."),
    "pledge.partially-fulfilled": lazy_gettext("The pledge is partially fulfilled."),
    "pledge.progress-reverted": lazy_gettext("Measured progress fell back to nothing."),
    "pledge.fulfilled": lazy_gettext("The pledge was declared fulfilled."),
    "pledge.fulfilment-retracted": lazy_gettext("The declaration of fulfilment was retracted."),
    "pledge.verified": lazy_gettext("What was reported was verified."),
    "pledge.contested": lazy_gettext("What was reported was contested."),
    "pledge.replied": lazy_gettext("The owner replied to a contest."),
    "pledge.withdrawn": lazy_gettext("The pledge was withdrawn."),
    "pledge.lapsed": lazy_gettext("The pledge lapsed."),
    "pledge.carried-over": lazy_gettext("The pledge was carried over to the next forum."),
    "pledge.reinstated": lazy_gettext("The pledge was reinstated."),
}  # fmt: skip


def label(value: Any) -> str:
    """The word for a value of a closed list; what has no word stands as it is."""
    if value in (None, "", NOT_STATED):
        return _("Not stated")
    return str(LABELS.get(str(value), value))


def filter_label(field: str, value: str) -> str:
    """The words for one value of one filter."""
    if field == "objective" and value.isdigit() and int(value) in OBJECTIVES:
        return _("%(number)s %(title)s", number=value, title=OBJECTIVES[int(value)].short)
    if field == "principle" and value in PRINCIPLES:
        return title_of(PRINCIPLES[value])
    if field == "country":
        return country(value)
    return label(value)


def title_of(thing: Any) -> str:
    """An objective's or principle's title in the reader's language; a working translation says that it is one."""
    title = thing.title(language())
    return (
        title.text
        if title.basis == "confirmed"
        else _("%(title)s (unofficial translation)", title=title.text)
    )


def country(iso3: str) -> str:
    """A State's name in the reader's language."""
    state = STATES.get(iso3)
    return state.name_in(language()) if state else iso3


def language() -> str:
    """The language of the page: one of the six."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else "en"


def day(value: str | date | None) -> str:
    """A date as people write it, at the precision it has: 5 May 2026, May 2026, 2026."""
    if not value:
        return _("No date given")
    text = value if isinstance(value, str) else value.isoformat()
    text = text[:10]
    pattern = {4: "y", 7: "LLLL y"}.get(len(text), "d MMMM y")
    return format_date(first_day(text), pattern)


def instant(value: str | datetime) -> str:
    """A time as people write it, to the minute, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    moment = moment.astimezone(UTC)
    return _(
        "%(day)s, %(time)s UTC", day=format_date(moment.date(), "d MMMM y"), time=moment.strftime("%H:%M")
    )


def percent(value: int | None) -> str:
    """A percent, or the words for none."""
    return _("not measured") if value is None else _("%(number)s%%", number=value)


def money(value: dict[str, str] | None) -> str:
    """An amount in its own currency."""
    if not value:
        return ""
    number = format_exactly(Decimal(value["value"]), locale=get_locale(), decimal_quantization=False)
    return _("%(number)s %(currency)s", number=number, currency=value["currency"])


def shown(value: Any) -> str:
    """Any value of a record in words, for before and after."""
    if value is None or value in ([], {}, ""):
        return "–"
    if value == ERASED:
        return _("Erased by law")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "; ".join(shown(item) for item in value)
    if isinstance(value, dict):
        if "currency" in value and "value" in value:
            return money(value)
        if "name" in value:
            return str(value["name"])
        return ", ".join(f"{FIELDS.get(key, key)}: {shown(inner)}" for key, inner in value.items() if inner not in (None, [], {}, "", False))  # fmt: skip
    return str(LABELS.get(value, value)) if isinstance(value, str) else str(value)


def sentence(entry: dict[str, Any]) -> str:
    """What happened, as a sentence."""
    return str(SENTENCES.get(entry["name"], entry["name"]))


def who(entry: dict[str, Any]) -> str:
    """Who recorded it, in which role, for whom."""
    actor, behalf = entry["actor"], entry["on_behalf_of"]
    role, entity = label(actor["role"]), (actor["entity"] or {}).get("name")
    if behalf:
        return _("Recorded by the %(role)s on behalf of %(entity)s", role=role, entity=behalf["name"])
    if entity:
        return _("By %(entity)s (%(role)s)", entity=entity, role=role)
    return _("By the %(role)s", role=role)


def by_what_right(entry: dict[str, Any]) -> str | None:
    """The authority cited, in words."""
    authority = entry["authority"]
    if not authority or authority["kind"] in ("api", "form"):
        return None
    kind = label(authority["kind"])
    if authority.get("reference"):
        return _("By authority of %(kind)s: %(reference)s", kind=kind, reference=authority["reference"])
    return _("By authority of %(kind)s", kind=kind)


def _chosen_locale() -> str:
    available = [str(locale) for locale in current_app.extensions["babel"].instance.list_translations()]
    asked = request.args.get("lang") if request else None
    if asked in available:
        return str(asked)
    return (request.accept_languages.best_match(available) if request else None) or "en"


def _page_words() -> dict[str, Any]:
    locale = get_locale() or Locale("en")
    return {
        "locale": str(locale).replace("_", "-"),
        "direction": locale.text_direction,
        "navigation": [
            ("pages.dashboard", _("Dashboard")), ("pages.pledges", _("Pledges")), ("pages.progress", _("Progress")),
            ("pages.help", _("Help")),
        ],
        "fields": FIELDS, "sort_labels": SORT_LABELS, "by_labels": BY_LABELS, "label": label, "at": {},
        "filter_label": filter_label, "title_of": title_of, "sentence": sentence, "who": who,
        "by_what_right": by_what_right, "objectives": OBJECTIVES, "principles": PRINCIPLES,
    }  # fmt: skip


def init_app(app: Flask) -> None:
    """Install gettext, the template filters and what every page may use."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=_chosen_locale)
    for name, function in {
        "day": day, "instant": instant, "percent": percent, "money": money, "shown": shown, "label": label,
        "country": country, "decimal": format_decimal,
    }.items():  # fmt: skip
        app.jinja_env.filters[name] = function
    app.context_processor(_page_words)
