"""Changing what is promised: the owner amends, the Secretariat classifies what was not stated."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from domain.deciding import Context, Decision
from domain.errors import InvalidInput, Refused, invalid
from domain.pledges import commands, doors, events
from domain.pledges.content import Changes, apply_changes, changed_fields, changes_between
from domain.pledges.findings import check_reason
from domain.pledges.rules import JOINT, check_content
from domain.pledges.state import LEAD, Pledge
from domain.pledges.targets import amended
from domain.recording import Acting

CLASSIFIABLE = frozenset({"objectives", "principles", "regions", "type"})


def require_public(pledge: Pledge) -> None:
    """Refuse unless the pledge was published."""
    if pledge.phase != "public":
        raise Refused(
            f"The pledge is {pledge.phase}; this needs a published pledge.", code="pledge-not-public"
        )


def require_not_closed(pledge: Pledge) -> None:
    """Refuse unless the pledge is public and not closed."""
    require_public(pledge)
    if pledge.closed:
        raise Refused(f"The pledge is {pledge.closed}; reinstate it first.", code="pledge-closed")


def require_open(pledge: Pledge) -> None:
    """Refuse unless the pledge is public, not closed and not declared fulfilled."""
    require_not_closed(pledge)
    if pledge.is_fulfilled:
        raise Refused("The pledge is declared fulfilled; retract that first.", code="pledge-fulfilled")


def amend(command: commands.AmendPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The owner changes some fields; only those that really differ are recorded."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    check_reason(command.reason)
    require_open(pledge)
    changes = _effective_changes(pledge, command.changes)
    if not changed_fields(changes):
        return Decision((), acting, context.today())
    _check_day_made(pledge, changes, acting)
    _check_changes(pledge, changes, context)
    return Decision((events.PledgeAmended(changes=changes, reason=command.reason),), acting, context.today())


def _effective_changes(pledge: Pledge, changes: Changes) -> Changes:
    said = changed_fields(changes)
    if "targets" in said:
        said["targets"] = amended(
            pledge.content.targets,
            said["targets"],
            reported=frozenset(
                measure.target for report in pledge.reports_of(LEAD) for measure in report.measures
            ),
            used=frozenset(pledge.target_ids),
        )
    if "objectives" in said and "objectives_basis" not in said:
        said["objectives_basis"] = "stated" if said["objectives"] else None
    return changes_between(pledge.content, msgspec.structs.replace(pledge.content, **said))


def _check_day_made(pledge: Pledge, changes: Changes, acting: Acting) -> None:
    """A published pledge was made on that day; of one recorded from a source, the source may know better."""
    from_a_source = pledge.made_on == pledge.content.made_on
    if changes.made_on is not UNSET and not (from_a_source and acting.role == "secretariat"):
        raise invalid(
            "changes.made_on", "is for the Secretariat to correct, of pledges that it recorded from a source."
        )


def _check_changes(pledge: Pledge, changes: Changes, context: Context) -> None:
    """The pledge with the changes is one that could have been recorded."""
    content = apply_changes(msgspec.structs.replace(pledge.content, made_on=pledge.made_on), changes)
    check_content(content, "amendment", context, under="changes")
    unanswered = [match for match in pledge.matches if match.state == "offered"]
    if unanswered and content.terms is None:
        raise invalid(
            "changes.terms", f"must stay while offers wait for an answer ({len(unanswered)}): give it first."
        )
    taking_part = [partner for partner in pledge.partners if partner.state in ("invited", "joined")]
    if taking_part and content.type not in (*JOINT, None):
        raise invalid(
            "changes.type", f"must stay common or partnership while partners take part ({len(taking_part)})."
        )


def classify(command: commands.ClassifyPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat fills in what the pledger left unsaid, and leaves alone what the pledger stated."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    said = changed_fields(command.changes)
    _refuse_unclassifiable(said)
    require_public(pledge)
    differing = {name: value for name, value in said.items() if value != getattr(pledge.content, name)}
    _refuse_stated(pledge, differing)
    if not differing:
        return Decision((), acting, context.today())
    if "objectives" in differing:
        differing["objectives_basis"] = "inferred" if differing["objectives"] else None
    changes = Changes(**differing)
    _check_changes(pledge, changes, context)
    fact = events.PledgeClassified(changes=changes, reason=command.reason)
    return Decision((fact,), acting, context.today())


def _refuse_unclassifiable(said: dict[str, Any]) -> None:
    rule = f"cannot be classified; only {', '.join(sorted(CLASSIFIABLE))} can."
    if strange := sorted(set(said) - CLASSIFIABLE):
        raise InvalidInput({f"changes.{name}": [rule] for name in strange})


def _refuse_stated(pledge: Pledge, differing: dict[str, Any]) -> None:
    for name in differing:
        open_to_it = name in pledge.classified or (
            name == "objectives" and pledge.content.objectives_basis == "inferred"
        )
        if getattr(pledge.content, name) and not open_to_it:
            raise Refused(
                f"The pledger stated the {name}; only an amendment changes it.", code="stated-by-pledger"
            )
