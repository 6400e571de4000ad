"""What happened to a pledge, as a sentence for each event; who recorded it, and by what right.

Whole sentences, so that translators may order their words. Knows no page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext

from projections.letters import happenings
from web.pages.formats import day, money, name, percent, shortened
from web.pages.labels import label
from web.pages.language import gettext as _

Entry = Mapping[str, Any]

PLAIN: Mapping[str, Any] = {name: lazy_gettext(said) for name, said in happenings.PLAIN.items()}
"""A sentence for every event that the public may see, where no more is known."""


def sentence(entry: Entry) -> str:
    """What happened, with what is known of it."""
    tell = _TELLERS.get(entry["name"])
    return (tell(entry) if tell else None) or str(PLAIN.get(entry["name"], entry["name"]))


def _about(said: str, template: Callable[[str], str]) -> Callable[[Entry], str | None]:
    """A sentence about an entity that the event names."""

    def tell(entry: Entry) -> str | None:
        entity = (entry.get("said") or {}).get(said)
        found = name(entity.get("name")) if isinstance(entity, dict) else ""
        return template(found) if found else None

    return tell


def _change(entry: Entry, field: str) -> Mapping[str, Any] | None:
    return next((change for change in entry["changes"] if change["field"] == field), None)


def _reported(entry: Entry) -> str | None:
    change = _change(entry, "percent")
    if change is None or change["after"] is None:
        return None
    return _("Progress was reported: %(percent)s.", percent=percent(change["after"]))


def _corrected(entry: Entry) -> str | None:
    change = _change(entry, "percent")
    if change is None or change["after"] is None:
        return None
    return _("A progress report was corrected: %(percent)s.", percent=percent(change["after"]))


def _carried_over(entry: Entry) -> str | None:
    cycle = (entry.get("said") or {}).get("to_cycle")
    return _("The pledge was carried over to the forum of %(year)s.", year=cycle) if cycle else None


def _offered(entry: Entry) -> str | None:
    amount = money((entry.get("said") or {}).get("amount"))
    return _("A match was offered: %(amount)s.", amount=amount) if amount else None


def _verified(entry: Entry) -> str | None:
    kind = (entry.get("said") or {}).get("kind")
    sentences = {
        "confirmed": _("A validator of the institution confirmed what was reported."),
        "evidence_seen": _("The Secretariat saw the evidence for what was reported."),
        "assessed": _("An independent body assessed what was reported."),
    }
    return sentences.get(str(kind))


_TELLERS: Mapping[str, Callable[[Entry], str | None]] = {
    "pledge.partner-invited": _about(
        "entity", lambda found: _("%(name)s was invited as a partner.", name=found)
    ),
    "pledge.partner-joined": _about("entity", lambda found: _("%(name)s joined as a partner.", name=found)),
    "pledge.partner-declined": _about(
        "entity", lambda found: _("%(name)s declined to be a partner.", name=found)
    ),
    "pledge.partner-left": _about("entity", lambda found: _("%(name)s left the partnership.", name=found)),
    "pledge.partner-uninvited": _about(
        "entity", lambda found: _("The invitation to %(name)s was cancelled.", name=found)
    ),
    "pledge.lead-transferred": _about(
        "new_lead", lambda found: _("The lead was handed over to %(name)s.", name=found)
    ),
    "pledge.match-offered": _offered,
    "pledge.progress-reported": _reported,
    "pledge.progress-corrected": _corrected,
    "pledge.carried-over": _carried_over,
    "pledge.verified": _verified,
}


def who(entry: Entry) -> str:
    """Who recorded it: for which entity, in which role, through which office, on whose behalf."""
    actor, behalf = entry["actor"], entry["on_behalf_of"]
    role, entity = label(actor["role"], "role"), name((actor["entity"] or {}).get("name"))
    if entity and actor["office"]:
        who = _(
            "%(entity)s through %(office)s (%(role)s)", entity=entity, office=name(actor["office"]), role=role
        )
    else:
        who = _("%(entity)s (%(role)s)", entity=entity, role=role) if entity else role
    if not behalf:
        return who
    return _("%(who)s, on behalf of %(entity)s", who=who, entity=name(behalf["name"]))


def by_what_right(entry: Entry) -> str | None:
    """The authority cited; none for what people did themselves through this register."""
    authority = entry["authority"]
    if not authority or authority["kind"] in ("api", "command_line"):
        return None
    kind, parts = label(authority["kind"], "authority"), authority
    if parts.get("reference") and parts.get("date"):
        return _(
            "%(kind)s: %(reference)s, %(day)s",
            kind=kind,
            reference=shortened(parts["reference"]),
            day=day(parts["date"]),
        )
    if parts.get("reference"):
        return _("%(kind)s: %(reference)s", kind=kind, reference=shortened(parts["reference"]))
    return kind
