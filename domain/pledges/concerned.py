"""Whom it concerns what happened to a pledge, beside whoever did it: they are told of it by letter.

Must not know accounts, addresses or letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.actors import Role
from domain.deciding import Context
from domain.pledges.state import Match, Pledge
from domain.recording import Recorded


@dataclass(frozen=True, slots=True)
class Party:
    """Those who act for an entity in a role; without an entity, all in that role."""

    entity: UUID | None
    role: Role = "pledger"


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact of a pledge, which it found and left so."""

    recorded: Recorded
    before: Pledge | None
    after: Pledge

    @property
    def fact(self) -> Any:
        return self.recorded.fact

    @property
    def match(self) -> Match | None:
        """The match that the fact is about, if it is about one."""
        return self.after.match(self.fact.match) if hasattr(self.fact, "match") else None


def concerned(happened: Happened, context: Context) -> list[Party]:
    """Those who are told of a fact, each once, the nearest first; nobody, where it is for nobody."""
    find = CONCERNED.get(happened.recorded.header.name)
    parties = find(happened, context) if find else ()
    lasting = (
        Party(context.lasting(one.entity) if one.entity else None, one.role)
        for one in parties  # as things are after mergers
    )
    return list(dict.fromkeys(lasting))


def _owner(happened: Happened, _context: Context) -> Iterable[Party]:
    return [Party(happened.after.owner)]


def _the_partner(happened: Happened, _context: Context) -> Iterable[Party]:
    return [Party(happened.fact.entity)]


def _owner_of_submitted(happened: Happened, context: Context) -> Iterable[Party]:
    """What was recorded without a submission, nobody waits for."""
    return _owner(happened, context) if happened.before else ()


def _who_offered(happened: Happened, context: Context) -> Iterable[Party]:
    """Whoever owns the offering pledge today."""
    match = happened.match
    if match is None:
        return ()
    offering = context.world.pledge(match.pledge)
    return [Party(offering.owner if offering else match.entity)]


def _other_side(happened: Happened, context: Context) -> Iterable[Party]:
    """Of the two sides of a match the one for which nobody acted."""
    header = happened.recorded.header
    acted = header.entity or header.on_behalf_of
    acted = acted and context.lasting(acted)
    sides = [*_owner(happened, context), *_who_offered(happened, context)]
    return [one for one in sides if one.entity is None or context.lasting(one.entity) != acted]


def _who_answers(happened: Happened, context: Context) -> Iterable[Party]:
    """The owner, and the partner whose report is contested."""
    report = happened.after.report_at(happened.fact.report) if happened.fact.report else None
    answering = happened.after.part_owner(report.part) if report else None
    return [*([Party(answering)] if answering else []), *_owner(happened, context)]


def _who_contested(happened: Happened, _context: Context) -> Iterable[Party]:
    """An assessor whose mandate names no body is nobody's colleague, and finds the reply on the page."""
    contest = happened.after.contest_of(happened.fact.report)
    role: Role | None = _BODIES.get(contest.role) if contest else None
    if contest is None or role is None or (role == "assessor" and contest.entity is None):
        return ()
    return [Party(contest.entity, role)]


def _both_leads(happened: Happened, _context: Context) -> Iterable[Party]:
    return [Party(happened.fact.new_lead), Party(happened.fact.old_lead)]


def _all_who_take_part(happened: Happened, context: Context) -> Iterable[Party]:
    return [*_owner(happened, context), *_partners(happened, "joined")]


def _who_counted_on_it(happened: Happened, _context: Context) -> Iterable[Party]:
    """Who takes part or was asked to, and who matched it. What it matched hears that the match is gone."""
    standing = (one for one in happened.after.matches if one.state in ("offered", "accepted"))
    return [*_partners(happened, "joined", "invited"), *(Party(one.entity) for one in standing)]


def _partners(happened: Happened, *states: str) -> list[Party]:
    return [Party(one.entity) for one in happened.after.partners if one.state in states]


_BODIES: Mapping[str, Role] = {
    "validator": "validator", "assessor": "assessor", "secretariat": "secretariat",
}  # fmt: skip

CONCERNED: Mapping[str, Callable[[Happened, Context], Iterable[Party]]] = {
    "pledge.partner-invited": _the_partner,
    "pledge.partner-joined": _owner,
    "pledge.partner-declined": _owner,
    "pledge.partner-left": _owner,
    "pledge.partner-uninvited": _the_partner,
    "pledge.match-offered": _owner,
    "pledge.match-accepted": _who_offered,
    "pledge.match-declined": _who_offered,
    "pledge.match-expired": _who_offered,
    "pledge.match-withdrawn": _other_side,
    "pledge.returned": _owner,
    "pledge.rejected": _owner,
    "pledge.made": _owner_of_submitted,
    "pledge.contested": _who_answers,
    "pledge.replied": _who_contested,
    "pledge.lead-transferred": _both_leads,
    "pledge.lapsed": _all_who_take_part,
    "pledge.carried-over": _all_who_take_part,
    "pledge.withdrawn": _who_counted_on_it,
}
"""Whom each fact is told. What is not here is told nobody by itself."""


# -- what is still to be done


def _waits_for(pledge: Pledge, entity: UUID | None) -> bool:
    """An entity that another stands for by now has no place to look at: it may be waited for."""
    partner = pledge.partner(entity) if entity else None
    return partner is None or (pledge.is_answerable and partner.state == "invited")


STILL_ASKED: Mapping[str, Callable[[Pledge, UUID | None], bool]] = {
    "pledge.partner-invited": _waits_for,
    "pledge.match-offered": lambda pledge, _: (
        pledge.is_open and any(match.state == "offered" for match in pledge.matches)
    ),
    "pledge.returned": lambda pledge, _: pledge.phase == "returned",
    "pledge.contested": lambda pledge, _: any(
        one.kind == "contested" and not one.replies for one in pledge.verdicts
    ),
}
"""Whether what a fact asks of an entity is still to be done, as the pledge is now. Others ask for nothing."""
