"""Verdicts beside the self-report: confirmed, evidence seen, assessed, contested; the owner may reply."""

from __future__ import annotations

from uuid import UUID

from domain.deciding import Context, Decision
from domain.errors import NotPermitted, Refused, invalid
from domain.pledges import commands, doors, events
from domain.pledges.decide_content import require_public
from domain.pledges.decide_progress import the_report
from domain.pledges.evidence import check_evidence
from domain.pledges.findings import Findings, check_reason
from domain.pledges.state import LEAD, GivenVerdict, Pledge, Report
from domain.recording import Acting


def verify(command: commands.VerifyPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The verdict's kind follows from the role; nobody confirms a report of their own account."""
    pledge = doors.known(pledge, context)
    report = _judged(command, pledge)
    kind, acting = _kind_and_door(command, pledge, report, context)
    _check(command, pledge, report)
    if kind == "confirmed" and context.actor.account == (report.account if report else pledge.fulfilled_by):
        raise Refused(
            "A report is confirmed by another account than the one that reported.", code="own-report"
        )
    effective = context.effective(command.effective_on)
    if _was_said(kind, command, pledge, report, acting):
        return Decision((), acting, effective)
    fact = events.PledgeVerified(
        kind=kind, report=_position(report), reason=command.reason, evidence=command.evidence
    )
    return Decision((fact,), acting, effective)


def contest(command: commands.ContestPledge, pledge: Pledge | None, context: Context) -> Decision:
    """A validator, the Secretariat or an assessor contests a report or the fulfilment."""
    pledge = doors.known(pledge, context)
    report = _judged(command, pledge)
    _, acting = _kind_and_door(command, pledge, report, context)
    _check(command, pledge, report)
    effective = context.effective(command.effective_on)
    if _was_said("contested", command, pledge, report, acting):
        return Decision((), acting, effective)
    fact = events.PledgeContested(report=_position(report), reason=command.reason, evidence=command.evidence)
    return Decision((fact,), acting, effective)


def reply(command: commands.ReplyToContest, pledge: Pledge | None, context: Context) -> Decision:
    """Whoever answers for what is contested replies: the owner, or the partner whose report it is."""
    pledge = doors.known(pledge, context)
    report = _judged(command, pledge)
    owner = _answerable(pledge, report)
    if owner is None:
        raise Refused("The partner whose report this is has left the pledge.", code="partner-left")
    acting = doors.as_entity(command, owner, context)
    _check_words(command)
    contested = pledge.contest_of(_position(report))
    if contested is None:
        raise Refused("There is no contest to reply to here.", code="not-contested")
    effective = context.effective(command.effective_on)
    if contested.last_reply == command.reason:
        return Decision((), acting, effective)
    fact = events.PledgeReplied(report=_position(report), reason=command.reason, evidence=command.evidence)
    return Decision((fact,), acting, effective)


def _judged(command: commands.VerdictCommand, pledge: Pledge) -> Report | None:
    """The report that is judged; None is the fulfilment."""
    return the_report(pledge, command.report) if command.report is not None else None


def _position(report: Report | None) -> int | None:
    return report.position if report else None


def _answerable(pledge: Pledge, report: Report | None) -> UUID | None:
    """The entity that answers for what is judged."""
    return pledge.part_owner(report.part if report else LEAD)


def _kind_and_door(
    command: commands.VerdictCommand, pledge: Pledge, report: Report | None, context: Context
) -> tuple[str, Acting]:
    if acting := doors.as_validator(command, _answerable(pledge, report), context):
        return "confirmed", acting
    if acting := doors.as_assessor(command, context):
        return "assessed", acting
    if context.actor.has("secretariat"):
        return "evidence_seen", doors.as_secretariat(command, context)
    raise NotPermitted(
        "Only a validator of the entity concerned, an assessor or the Secretariat gives verdicts."
    )


def _check(command: commands.VerdictCommand, pledge: Pledge, report: Report | None) -> None:
    require_public(pledge)
    _check_words(command)
    if report is None and not pledge.is_fulfilled:
        raise invalid(
            "report", "must name the position of the report meant: the pledge is not declared fulfilled."
        )


def _check_words(command: commands.VerdictCommand) -> None:
    check_reason(command.reason)
    found = Findings()
    check_evidence(command.evidence, found)
    found.raise_if_any()


def _was_said(
    kind: str, command: commands.VerdictCommand, pledge: Pledge, report: Report | None, acting: Acting
) -> bool:
    """Whether the same body said the same before, of this wording of the report."""

    def is_the_same(verdict: GivenVerdict) -> bool:
        return (
            (verdict.kind, verdict.report, verdict.entity) == (kind, _position(report), acting.entity)
            and verdict.reason == command.reason
            and (report is None or verdict.version > report.version)
        )

    return any(map(is_the_same, pledge.verdicts))
