"""From working paper to public record: submit, recall, return, reject, publish, record on behalf."""

from __future__ import annotations

import msgspec

from domain.deciding import Context, Decision
from domain.errors import InvalidInput, NotPermitted, Refused
from domain.pledges import commands, doors, events
from domain.pledges.content import Content
from domain.pledges.rules import WORDS_CHARS_MAX, Findings, check_content, check_text
from domain.pledges.state import Pledge
from domain.pledges.targets import numbered
from domain.recording import Acting, Fact

REJECTION_CODES = ("refugee-compact", "not-a-pledge", "duplicate", "out-of-scope", "other")
IMPORT = "import"


def submit(command: commands.SubmitPledge, pledge: Pledge | None, context: Context) -> Decision:
    """A working paper, or a returned submission, goes to the Secretariat; the partners it names are invited."""
    content = resolved(command.content, context)
    if pledge is not None:
        doors.known(pledge, context)
        if content.entity != pledge.owner:
            raise InvalidInput({"entity": ["cannot change once a pledge was submitted."]})
    acting = doors.as_entity(command, content.entity, context)
    if pledge is not None and pledge.phase == "submitted" and pledge.content == content:
        return Decision((), acting, context.today())
    if pledge is not None and pledge.phase not in ("draft", "returned"):
        raise Refused(f"The pledge is {pledge.phase}; only a working paper or a returned pledge can be submitted.", code=f"pledge-{pledge.phase}")  # fmt: skip
    # A sheet handed in for States may know less than the form asks: the Secretariat completes it before publication.
    check_content(
        content, "record" if acting.authority and acting.authority.kind == IMPORT else "submission", context
    )
    return Decision(
        (events.PledgeSubmitted(content=content), *_invitations(content, pledge)),
        acting,
        context.today(),
        command.pledge_id,
    )


def _invitations(content: Content, pledge: Pledge | None) -> list[Fact]:
    standing = {p.entity: p.state for p in pledge.partners} if pledge else {}
    invited: list[Fact] = [
        events.PartnerInvited(entity=entity)
        for entity in content.partners
        if standing.get(entity) not in ("invited", "joined")
    ]
    dropped: list[Fact] = [
        events.PartnerUninvited(entity=entity)
        for entity, state in standing.items()
        if state == "invited" and entity not in content.partners
    ]
    return invited + dropped


def resolved(content: Content, context: Context) -> Content:
    """The content with merged entities replaced by those they were merged into, and its targets numbered."""

    def survivor(entity_id):  # type: ignore[no-untyped-def]
        entity = context.world.entity(entity_id)
        return entity.merged_into or entity_id if entity else entity_id

    return msgspec.structs.replace(
        content, entity=survivor(content.entity), partners=tuple(map(survivor, content.partners)),
        named=tuple(map(survivor, content.named)), targets=numbered(content.targets),
    )  # fmt: skip


def recall(command: commands.RecallPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The owner takes a submission back before it was decided on."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    if pledge.phase == "draft":
        return Decision((), acting, context.today())
    _require_submitted(pledge)
    return Decision((events.PledgeRecalled(),), acting, context.today())


def _require_submitted(pledge: Pledge) -> None:
    if pledge.phase != "submitted":
        raise Refused(
            "Only a submitted pledge that waits for review can be answered so.", code="not-submitted"
        )


def check_reason(reason: str | None, field: str = "reason") -> None:
    """A reason is there, clean, and not too long."""
    found = Findings()
    if not (reason or "").strip():
        found.say(field, "must be given: say why.")
    check_text(reason, field, WORDS_CHARS_MAX * 3, found)
    found.raise_if_any()


def send_back(command: commands.ReturnPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat asks for changes, with reasons by field."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    unknown = [name for name in command.fields if name.split(".")[0] not in Content.__struct_fields__]
    if unknown:
        raise InvalidInput({f"fields.{name}": ["is not a field of a pledge."] for name in unknown})
    if pledge.phase == "returned":
        return Decision((), acting, context.today())
    _require_submitted(pledge)
    return Decision(
        (events.PledgeReturned(reason=command.reason, fields=command.fields),), acting, context.today()
    )


def reject(command: commands.RejectPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat turns a submission away, with a code and a reason."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    if command.code not in REJECTION_CODES:
        raise InvalidInput({"code": [f"must be one of {', '.join(REJECTION_CODES)}."]})
    if pledge.phase == "rejected":
        return Decision((), acting, context.today())
    _require_submitted(pledge)
    return Decision(
        (events.PledgeRejected(reason=command.reason, code=command.code),), acting, context.today()
    )


def publish(command: commands.PublishPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat makes exactly what was submitted public; it is made on that day."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    if pledge.phase == "public":
        return Decision((), acting, context.today())
    _require_submitted(pledge)
    today = context.today()
    made = _made(pledge.content.cycle, today, context, None)
    return Decision((made,), acting, today)


def _made(
    cycle: int | None, made_on: str | None, context: Context, content: Content | None
) -> events.PledgeMade:
    year = cycle or context.world.cycles().cycle_for(made_on)
    reference = f"{year}-{context.world.next_number(year):04d}"
    return events.PledgeMade(reference=reference, cycle=year, made_on=made_on, content=content)


def record_on_behalf(command: commands.RecordPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat records a pledge in its owner's place, by an authority; it may have been made in the past."""
    acting = _recording(command, context)
    content = resolved(command.content, context)
    if pledge is not None:
        if pledge.phase == "public" and pledge.content == content:
            return Decision((), acting, context.today())
        raise Refused("There is a pledge with this id already.", code="exists")
    check_content(content, "record", context)
    made = _made(content.cycle, content.made_on, context, content)
    effective = context.effective(content.made_on, "made_on")
    return Decision((made, *_invitations(content, None)), acting, effective, command.pledge_id)


def _recording(command: commands.RecordPledge, context: Context) -> Acting:
    if not context.actor.has("secretariat"):
        raise NotPermitted("Only the Secretariat records pledges in their owners' place.")
    if command.authority is None:
        raise NotPermitted(
            "To record a pledge in its owner's place, send the `authority` for it: kind and reference.",
            code="authority-required",
        )
    entity = context.world.entity(command.content.entity)
    if entity is None:
        raise InvalidInput({"entity": ["is not known; GET /api/v1/entities?q= finds entities."]})
    return Acting(
        actor=context.actor.account, role="secretariat", on_behalf_of=entity.merged_into or command.content.entity,
        office=command.office, authority=command.authority, request_id=context.actor.request_id,
        command_id=context.command_id,
    )  # fmt: skip
