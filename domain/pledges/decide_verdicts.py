"""Verdicts stand beside the self-report: confirmed, evidence seen, assessed, or contested; the owner may reply."""

from __future__ import annotations

from uuid import UUID

from domain.deciding import Context, Decision
from domain.errors import InvalidInput, NotPermitted, Refused
from domain.pledges import commands, doors, events
from domain.pledges.decide_progress import check_evidence, the_report
from domain.pledges.decide_submission import check_reason
from domain.pledges.rules import Findings
from domain.pledges.state import Pledge
from domain.recording import Acting


def verify(command: commands.VerifyPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The verdict's kind follows from the role; nobody confirms a report of their own account."""
    pledge = doors.known(pledge, context)
    kind, acting = _kind_and_door(command, pledge, context)
    _check(command, pledge)
    if kind == "confirmed" and context.actor.account == _said_by(command, pledge):
        raise Refused(
            "A report is confirmed by another account than the one that reported.", code="own-report"
        )
    effective = context.effective(command.effective_on)
    given = {(v.kind, v.report, v.entity) for v in pledge.verdicts}
    if (kind, command.report, acting.entity) in given:
        return Decision((), acting, effective)
    return Decision((events.PledgeVerified(kind=kind, **_said(command)),), acting, effective)


def contest(command: commands.ContestPledge, pledge: Pledge | None, context: Context) -> Decision:
    """A validator, the Secretariat or an assessor contests a report or the fulfilment. The same said again is quiet."""
    pledge = doors.known(pledge, context)
    _, acting = _kind_and_door(command, pledge, context)
    _check(command, pledge)
    effective = context.effective(command.effective_on)
    if any((v.kind, v.report, v.entity, v.reason) == ("contested", command.report, acting.entity, command.reason) for v in pledge.verdicts):  # fmt: skip
        return Decision((), acting, effective)
    return Decision((events.PledgeContested(**_said(command)),), acting, effective)


def reply(command: commands.ReplyToContest, pledge: Pledge | None, context: Context) -> Decision:
    """The owner answers the contest of a report, or of the fulfilment."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    check_reason(command.reason)
    contests = [v for v in pledge.verdicts if v.kind == "contested" and v.report == command.report]
    if not contests:
        raise Refused("There is no contest to reply to here.", code="not-contested")
    effective = context.effective(command.effective_on)
    if contests[-1].last_reply == command.reason:
        return Decision((), acting, effective)
    return Decision((events.PledgeReplied(**_said(command)),), acting, effective)


def _kind_and_door(command: commands.VerdictCommand, pledge: Pledge, context: Context) -> tuple[str, Acting]:
    if acting := doors.as_validator(command, _answerable(command, pledge), context):
        return "confirmed", acting
    if acting := doors.as_assessor(command, context):
        return "assessed", acting
    if context.actor.has("secretariat"):
        return "evidence_seen", doors.as_secretariat(command, context)
    raise NotPermitted(
        "Only a validator of the entity concerned, an assessor or the Secretariat gives verdicts."
    )


def _answerable(command: commands.VerdictCommand, pledge: Pledge) -> UUID | None:
    """The entity that answers for what is judged."""
    report = pledge.report_at(command.report) if command.report is not None else None
    return pledge.part_owner(report.part if report else 0)


def _said_by(command: commands.VerdictCommand, pledge: Pledge) -> UUID | None:
    report = pledge.report_at(command.report) if command.report is not None else None
    return report.account if report else pledge.fulfilled_by


def _check(command: commands.VerdictCommand, pledge: Pledge) -> None:
    if pledge.phase != "public":
        raise Refused(
            f"The pledge is {pledge.phase}; this needs a published pledge.", code="pledge-not-public"
        )
    check_reason(command.reason)
    found = Findings()
    check_evidence(command.evidence, found)
    found.raise_if_any()
    if command.report is not None:
        the_report(pledge, command.report)
    elif not pledge.is_fulfilled:
        raise InvalidInput(
            {"report": ["must name the position of the report meant: the pledge is not declared fulfilled."]}
        )


def _said(command: commands.VerdictCommand) -> dict[str, object]:
    return {name: getattr(command, name) for name in ("report", "reason", "evidence")}
