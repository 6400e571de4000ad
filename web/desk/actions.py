"""What may be done now with a pledge, in groups: what is likely next comes first.

Must not know how a command is carried out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_babel import lazy_gettext

from domain.reference.vocabularies import OPEN
from web.api.fields import parse_id
from web.desk.commands import FORMS, CommandForm, Right, rights_to
from web.pages.formats import name as name_of
from web.pages.language import gettext as _

REVIEW, AMENDMENT = "review", "amendment"
"""What has a page of its own, beside the forms of commands."""
GROUPS: Mapping[Any, Sequence[str]] = {
    lazy_gettext("Review"): (REVIEW, "publication", "return", "rejection", "recall"),
    lazy_gettext("Progress, and whether it is true"): (
        "report", "correction", "fulfilment", "retraction", "verification", "contest", "reply",
    ),
    lazy_gettext("Those who take part"): (
        "acceptance", "declination", "departure", "invitation", "cancellation", "lead",
    ),
    lazy_gettext("Matches"): ("match-acceptance", "match-declination", "match-withdrawal", "offer"),
    lazy_gettext("What it says"): (AMENDMENT, "classification"),
    lazy_gettext("Its end"): ("carry-over", "withdrawal", "lapse", "reinstatement"),
}  # fmt: skip
LIKELY = (REVIEW, "acceptance", "reply", "match-acceptance", "verification", "report", "carry-over")
"""What is likely next: the first of these that may be done."""
HEADINGS = {
    REVIEW: lazy_gettext("Review it, beside what it was before"),
    AMENDMENT: lazy_gettext("Amend this pledge"),
}


@dataclass(frozen=True)
class Action:
    """Something that may be done now: where, and about whom or what, once for each of them."""

    name: str
    heading: Any
    right: Right
    places: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Group:
    """Actions that belong together."""

    heading: Any
    actions: Sequence[Action]


def groups_of(found: Mapping[str, Any], matches: Mapping[str, str]) -> list[Group]:
    """What may be done with a pledge as it stands. `matches` are the words of its offers, by their ids."""
    actions = list(_actions(found, matches))
    groups = [
        Group(heading, held) for heading, names in GROUPS.items() if (held := _of(actions, names, "own"))
    ]
    instead = [one for names in GROUPS.values() for one in _of(actions, names, "by_authority")]
    if instead:
        entity = name_of(found["entity"]["name"])
        groups.append(Group(_("In the place of %(entity)s, by an authority", entity=entity), instead))
    return _likely_first(groups)


def _of(actions: Sequence[Action], names: Sequence[str], right: Right) -> list[Action]:
    return [one for name in names for one in actions if one.name == name and one.right == right]


def _likely_first(groups: list[Group]) -> list[Group]:
    """The groups with what is likely next at their head; what is in one's own right goes before."""
    for name in LIKELY:
        for group in groups:
            likely = _of(group.actions, [name], "own")
            if likely:
                rest = [one for one in group.actions if one.name != name]
                others = [one for one in groups if one is not group]
                return [Group(group.heading, [*likely, *rest]), *others]
    return groups


def _actions(found: Mapping[str, Any], matches: Mapping[str, str]) -> Iterator[Action]:
    if found["status"] == "draft":
        return
    if found["status"] == "submitted" and g.actor.has("secretariat"):
        yield Action(REVIEW, HEADINGS[REVIEW], "own", [(url_for("desk.review", pledge=found["id"]), "")])
    if found["status"] in OPEN and (right := _may_amend(found)) != "none":
        address = url_for("desk.amendment", pledge=found["id"])
        yield Action(AMENDMENT, HEADINGS[AMENDMENT], right, [(address, "")])
    yield from _commands(found, matches)


def _may_amend(found: Mapping[str, Any]) -> Right:
    if found["entity"]["id"] in map(str, g.actor.own_entities):
        return "own"
    return "by_authority" if g.actor.has("secretariat") else "none"


def _commands(found: Mapping[str, Any], matches: Mapping[str, str]) -> Iterator[Action]:
    listed = [(name, form, *one) for name, form in FORMS.items() for one in _abouts(form, found, matches)]
    asked = [(form, {form.about: parse_id(about)} if about else {}) for _, form, about, _ in listed]
    given: dict[tuple[str, Right], list[tuple[str, str]]] = {}
    for (name, _form, about, words), right in zip(listed, rights_to(asked, UUID(found["id"])), strict=True):
        if right != "none":
            address = url_for("desk.command", pledge=found["id"], name=name, about=about)
            given.setdefault((name, right), []).append((address, words))
    for (name, right), places in given.items():
        yield Action(name, FORMS[name].heading, right, places)


def _abouts(
    form: CommandForm, found: Mapping[str, Any], matches: Mapping[str, str]
) -> list[tuple[str | None, str]]:
    """What a command may be about: each partner, each offer of the pledge."""
    if form.about == "entity":
        return [(partner["entity"]["id"], partner["entity"]["name"]) for partner in found["partners"]]
    if form.about == "match":
        return [(offer["id"], matches.get(offer["id"], "")) for offer in found["offers"]]
    return [] if form.about else [(None, "")]
