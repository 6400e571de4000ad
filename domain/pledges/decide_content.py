"""Changing what is promised: the owner amends with a reason, the Secretariat classifies what was not stated."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.deciding import Context, Decision
from domain.errors import InvalidInput, Refused
from domain.pledges import commands, doors, events
from domain.pledges.content import Changes, Content, apply_changes, changed_fields, changes_between
from domain.pledges.decide_submission import check_reason
from domain.pledges.rules import check_content
from domain.pledges.state import Pledge
from domain.pledges.targets import amended

CLASSIFIABLE = frozenset({"objectives", "principles", "regions", "type"})


def require_open(pledge: Pledge) -> None:
    """Refuse unless the pledge is public, not closed and not declared fulfilled."""
    if pledge.phase != "public":
        raise Refused(
            f"The pledge is {pledge.phase}; this needs a published pledge.", code="pledge-not-public"
        )
    if pledge.closed:
        raise Refused(f"The pledge is {pledge.closed}; reinstate it first.", code="pledge-closed")
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
    check_content(_checkable(pledge, apply_changes(pledge.content, changes)), "record", context)
    _check_type(pledge, changes)
    return Decision((events.PledgeAmended(changes=changes, reason=command.reason),), acting, context.today())


def _effective_changes(pledge: Pledge, changes: Any) -> Any:
    said = changed_fields(changes)
    if "targets" in said:
        reported = frozenset(
            measure.target for report in pledge.reports for measure in report.measures if report.part == 0
        )
        said["targets"] = amended(pledge.content.targets, said["targets"], reported)
    if "objectives" in said and "objectives_basis" not in said:
        said["objectives_basis"] = "stated" if said["objectives"] else None
    return changes_between(pledge.content, msgspec.structs.replace(pledge.content, **said))


def _checkable(pledge: Pledge, content: Content) -> Content:
    """The content with the facts of the record that dates compare with."""
    return msgspec.structs.replace(content, made_on=pledge.made_on, cycle=None)


def _check_type(pledge: Pledge, changes: Any) -> None:
    partners = [partner for partner in pledge.partners if partner.state in ("invited", "joined")]
    wanted = changed_fields(changes).get("type", "common")
    if partners and wanted not in ("common", "partnership"):
        raise InvalidInput(
            {"type": [f"must stay common or partnership while {len(partners)} partners take part."]}
        )


def classify(command: commands.ClassifyPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat fills in what the pledger left unsaid; what the pledger stated is not for it to change."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    said = changed_fields(command.changes)
    if strange := sorted(set(said) - CLASSIFIABLE):
        raise InvalidInput({f"changes.{name}": [f"cannot be classified; only {', '.join(sorted(CLASSIFIABLE))} can."] for name in strange})  # fmt: skip
    if pledge.phase != "public":
        raise Refused(
            f"The pledge is {pledge.phase}; this needs a published pledge.", code="pledge-not-public"
        )
    differing = {name: value for name, value in said.items() if value != getattr(pledge.content, name)}
    _refuse_stated(pledge, differing)
    if "objectives" in differing:
        differing["objectives_basis"] = "inferred" if differing["objectives"] else None
    if not differing:
        return Decision((), acting, context.today())
    changes = Changes(**differing)
    check_content(_checkable(pledge, apply_changes(pledge.content, changes)), "record", context)
    return Decision(
        (events.PledgeClassified(changes=changes, reason=command.reason),), acting, context.today()
    )


def _refuse_stated(pledge: Pledge, differing: dict[str, Any]) -> None:
    for name in differing:
        open_to_it = name in pledge.classified or (
            name == "objectives" and pledge.content.objectives_basis == "inferred"
        )
        if getattr(pledge.content, name) and not open_to_it:
            raise Refused(
                f"The pledger stated the {name}; only an amendment changes it.", code="stated-by-pledger"
            )
