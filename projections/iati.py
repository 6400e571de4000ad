"""Financial pledges as IATI activities (IATI 2.03), streamed: a pledge is a transaction of type 12.

What the register does not know is left out or said in words; no code or identifier is made up
(docs/iati.md). Must not know where pledges come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from domain.reference.compact import OBJECTIVES, PRINCIPLES, Objective, Principle
from domain.reference.licence import LICENCE, REGISTER
from domain.reference.states import STATES
from domain.values import first_day, last_day

VERSION = "2.03"
ACTIVITIES_AT_ONCE = 50
# Codes of the standard's lists: OrganisationRole, OrganisationType, ActivityDateType, TransactionType,
# TagVocabulary, DocumentCategory.
FUNDING = "1"
MULTILATERAL = "40"
PLANNED_START, PLANNED_END = "1", "3"
OUTGOING_PLEDGE = "12"
OF_THE_REPORTER = "99"
WEB_PAGE = "A12"

ACTIVITY_STATUS = {
    "made": "1", "matched": "1",  # pipeline
    "partially_fulfilled": "2",  # implementation
    "fulfilled": "4",  # closed
    "withdrawn": "5", "lapsed": "5",  # cancelled
}  # fmt: skip
ORGANISATION_TYPE = {
    "state": "10", "un_entity": "40", "international_financial_institution": "40",
    "international_organization": "40", "local_authority": "11", "private_sector": "70",
    "philanthropy": "60", "academia": "80",
}  # fmt: skip
"""By category, or by kind of stakeholder. Where the list asks for more than is known, there is no type."""
NOT_REGISTERED = "not-registered"
"""Stands where the standard asks for an identifier of the publisher, as long as it has none."""
SCOPE = {("regional",): "2", ("national",): "4"}
MPTF = "Migration Multi-Partner Trust Fund"

# XML 1.0 has no way to write these, not even as references.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Pledge = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Who reports: its organisation identifier in IATI, if it has one, and where its pages are, if known."""

    organisation: str | None = None
    base_url: str | None = None

    @property
    def identifier(self) -> str:
        return self.organisation or NOT_REGISTERED


def is_financial(pledge: Pledge) -> bool:
    """Whether a pledge is of money: it says so, or it names an amount."""
    return "financial" in pledge["forms"] or pledge["amount"] is not None


def write_iati(pledges: Iterable[Pledge], *, reporter: Reporter, at: str) -> Iterator[bytes]:
    """The financial ones of some pledges; `at` is the moment that they are shown of (RFC 3339)."""
    yield _opening(at)
    financial = (activity(pledge, reporter) for pledge in pledges if is_financial(pledge))
    while some := "".join(islice(financial, ACTIVITIES_AT_ONCE)):
        yield some.encode()
    yield b"</iati-activities>\n"


def _opening(at: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<!-- {REGISTER}. Licence: {LICENCE}, {LICENCE.url} -->\n"
        f'<iati-activities version="{VERSION}" generated-datetime={_attribute(at)}>\n'
    ).encode()


def activity(pledge: Pledge, reporter: Reporter) -> str:
    """One pledge as an activity, its elements in the order of the schema."""
    language = pledge["language"]
    attributes = {"last-updated-datetime": pledge["updated_at"], "xml:lang": language}
    return _element(
        "iati-activity",
        _element("iati-identifier", _text(f"{reporter.identifier}-{pledge['reference']}"))
        + _reporting(reporter)
        + _element("title", _narrative(pledge["title"]))
        + _element("description", _description(pledge))
        + "".join(_participants(pledge))
        + _element("activity-status", code=ACTIVITY_STATUS[pledge["status"]])
        + "".join(_dates(pledge))
        + _place(pledge)
        + "".join(_tags(pledge, reporter))
        + "".join(_transactions(pledge))
        + _link(pledge, reporter),
        **attributes,
    )


# -- who


def _reporting(reporter: Reporter) -> str:
    said = {"ref": reporter.identifier, "type": MULTILATERAL, "secondary-reporter": "1"}
    return _element("reporting-org", _narrative(REGISTER, "en"), **said)


def _participants(pledge: Pledge) -> Iterator[str]:
    """Who gives: the pledger, and each partner that joined with an amount of its own."""
    for entity in (pledge["entity"], *(partner["entity"] for partner in _giving(pledge))):
        yield _element("participating-org", _names(entity), role=FUNDING, type=_organisation_type(entity))


def _giving(pledge: Pledge) -> list[Mapping[str, Any]]:
    return [p for p in pledge["partners"] if p["state"] == "joined" and (p.get("part") or {}).get("amount")]


def _organisation_type(entity: Mapping[str, Any]) -> str | None:
    return ORGANISATION_TYPE.get(entity["kind"] or entity["category"] or "")


def _names(entity: Mapping[str, Any]) -> str:
    """A State in six languages, under the name of the moment in English; others as they are called."""
    state = STATES.get(entity["country"] or "") if entity["category"] == "state" else None
    if state is None:
        return _narrative(entity["name"])
    others = (_narrative(name, code) for code, name in state.names.items() if code != "en")
    return _narrative(entity["name"], "en") + "".join(others)


# -- what and when


def _description(pledge: Pledge) -> str:
    if pledge["description"]:
        return _narrative(pledge["description"])
    return _narrative("The register holds no description of this pledge.", "en")


def _dates(pledge: Pledge) -> Iterator[str]:
    day, words = _begins(pledge)
    yield _element("activity-date", _narrative(words, "en"), **{"iso-date": day, "type": PLANNED_START})
    if due := pledge["due_on"]:
        words = _due_words(due, is_firm=pledge["due_is_firm"])
        said = {"iso-date": last_day(due).isoformat(), "type": PLANNED_END}
        yield _element("activity-date", _narrative(words, "en"), **said)


def _begins(pledge: Pledge) -> tuple[str, str]:
    """A full date, which the schema asks for, and in words what is known of it."""
    made_on = pledge["made_on"]
    if not made_on:
        return pledge["recorded_at"][:10], "When it was recorded; the day of the pledge is not known."
    return first_day(made_on).isoformat(), f"When the pledge was made{_precision(made_on)}."


def _due_words(due: str, *, is_firm: bool) -> str:
    return f"When it is due{_precision(due)}, {'as a firm date' if is_firm else 'tentatively'}."


def _precision(partial: str) -> str:
    whole = {4: "year", 7: "month"}.get(len(partial))
    return f", known to the {whole} ({partial})" if whole else ""


def _place(pledge: Pledge) -> str:
    """The scope where one level says it, and the country if it is one: shares of several are not known."""
    scope = SCOPE.get(tuple(pledge["levels"]))
    said = _element("activity-scope", code=scope) if scope else ""
    if len(pledge["countries"]) == 1 and (state := STATES.get(pledge["countries"][0])):
        said += _element("recipient-country", code=state.iso2)
    return said


def _tags(pledge: Pledge, reporter: Reporter) -> Iterator[str]:
    """Objectives and principles of the Compact: a vocabulary of the reporter's own. No sector is made up."""
    for number in pledge["objectives"]:
        yield _tag(f"objective-{number}", OBJECTIVES[number], reporter)
    for slug in pledge["principles"]:
        yield _tag(f"principle-{slug}", PRINCIPLES[slug], reporter)


def _tag(code: str, thing: Objective | Principle, reporter: Reporter) -> str:
    """Under its official titles alone: working translations are none."""
    titles = ((key, title.text) for key, title in thing.titles.items() if title.basis == "confirmed")
    uri = f"{reporter.base_url}/api/v1/reference" if reporter.base_url else None
    said = {"vocabulary": OF_THE_REPORTER, "vocabulary-uri": uri, "code": code}
    return _element("tag", "".join(_narrative(text, key) for key, text in titles), **said)


# -- how much


def _transactions(pledge: Pledge) -> Iterator[str]:
    """A pledge of money for each amount that is known; where none is, there is no transaction."""
    if pledge["amount"]:
        yield _transaction(pledge, pledge["amount"], pledge["entity"])
    for partner in _giving(pledge):
        yield _transaction(pledge, partner["part"]["amount"], partner["entity"])


def _transaction(pledge: Pledge, amount: Mapping[str, str], giver: Mapping[str, Any]) -> str:
    day, words = _begins(pledge)
    value = {"currency": amount["currency"], "value-date": day}
    receiver = _element("receiver-org", _narrative(MPTF, "en")) if pledge["to_mptf"] else ""
    return _element(
        "transaction",
        _element("transaction-type", code=OUTGOING_PLEDGE)
        + _element("transaction-date", **{"iso-date": day})
        + _element("value", _text(amount["value"]), **value)
        + _element("description", _narrative(words, "en"))
        + _element("provider-org", _names(giver), type=_organisation_type(giver))
        + receiver,
    )


def _link(pledge: Pledge, reporter: Reporter) -> str:
    if reporter.base_url is None:
        return ""
    url = f"{reporter.base_url}/pledges/{quote(pledge['reference'])}"
    title = _element("title", _narrative("The pledge, with its history", "en"))
    return _element("document-link", title + _element("category", code=WEB_PAGE), format="text/html", url=url)


# -- XML


def _element(name: str, content: str = "", **attributes: str | None) -> str:
    said = "".join(f" {key}={_attribute(value)}" for key, value in attributes.items() if value is not None)
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def _narrative(text: str, language: str | None = None) -> str:
    """Words; without a language they are in the activity's, or in one that is not known."""
    return _element("narrative", _text(text), **{"xml:lang": language})


def fit_for_xml(text: str) -> str:
    """Words without the signs that XML cannot write."""
    return _NO_XML.sub("\ufffd", text)


def _text(text: str) -> str:
    return escape(fit_for_xml(text))


def _attribute(text: str) -> str:
    return quoteattr(fit_for_xml(text))
