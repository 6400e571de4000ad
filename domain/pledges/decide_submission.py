"""From working paper to public record: submit, recall, return, reject, publish, record on behalf."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec

from domain.deciding import Context, Decision
from domain.errors import NotPermitted, Refused, invalid
from domain.pledges import commands, doors, events
from domain.pledges.content import Content
from domain.pledges.findings import REASON_CHARS_MAX, Findings, check_reason, check_text
from domain.pledges.rules import check_content
from domain.pledges.sight import PUBLIC_PARTNERS
from domain.pledges.state import Pledge
from domain.pledges.targets import numbered
from domain.recording import Acting, Fact, Recorded
from domain.reservations import Reservation, reserves
from domain.values import ERASED, first_day, last_day

REJECTION_CODES = ("refugee-compact", "not-a-pledge", "duplicate", "out-of-scope", "other")
FIELD_PATH = re.compile(r"[a-z_]+(?:\.[A-Za-z0-9_-]{1,40}){0,4}\Z", re.ASCII)
"""A field, or a place in it. It is kept as a key, which cannot be erased: it must not be words."""


def submit(command: commands.SubmitPledge, pledge: Pledge | None, context: Context) -> Decision:
    """A working paper, or a returned submission, goes to the Secretariat; partners it names are invited."""
    content = resolved(command.content, context)
    if pledge is not None and context.lasting(doors.known(pledge, context).owner) != content.entity:
        raise invalid("entity", "cannot change once a pledge was submitted.")
    acting = doors.as_entity(command, content.entity, context)
    if pledge is not None and pledge.phase == "submitted" and pledge.content == content:
        return Decision((), acting, context.today())
    if pledge is not None and pledge.phase not in ("draft", "returned"):
        raise Refused(
            f"The pledge is {pledge.phase}; only a working paper or a returned pledge can be submitted.",
            code=f"pledge-{pledge.phase}",
        )
    imported = acting.authority is not None and acting.authority.kind == doors.IMPORT
    _check_source(content, pledge, imported=imported)
    # A sheet may know less than the form asks: what it leaves blank is unknown, and nothing is guessed.
    check_content(content, "record" if imported else "submission", context)
    facts = (events.PledgeSubmitted(content=content), *_invitations(content, pledge, context))
    return Decision(facts, acting, context.today(), command.pledge_id)


def _check_source(content: Content, pledge: Pledge | None, *, imported: bool) -> None:
    """Only an import says where a pledge was found; whoever submits it again leaves that alone."""
    kept = pledge.content.source if pledge else None
    if content.source not in (None, kept) and not imported:
        raise invalid("source", "is said by imports only.")


def _invitations(content: Content, pledge: Pledge | None, context: Context) -> list[Fact]:
    """Who is newly named is invited, who is no longer named is not; nobody is asked again who said no."""
    standing = {context.lasting(p.entity): p for p in pledge.partners} if pledge else {}
    answered = {entity for entity, p in standing.items() if p.state in ("invited", "joined", "declined")}
    invited = [events.PartnerInvited(entity=entity) for entity in content.partners if entity not in answered]
    dropped = [
        events.PartnerUninvited(entity=partner.entity)
        for entity, partner in standing.items()
        if partner.state == "invited" and entity not in content.partners
    ]
    return [*invited, *dropped]


def resolved(content: Content, context: Context) -> Content:
    """The content with merged entities replaced by those that stand for them, and its targets numbered."""
    return msgspec.structs.replace(
        content,
        entity=context.lasting(content.entity),
        partners=tuple(map(context.lasting, content.partners)),
        named=tuple(map(context.lasting, content.named)),
        targets=numbered(content.targets),
    )


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
            f"The pledge is {pledge.phase}; this needs a submission that waits for review.",
            code="not-submitted",
        )


def send_back(command: commands.ReturnPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat asks for changes, with reasons by field."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    _check_code(command.code)
    _check_reasons_by_field(command.fields)
    if pledge.phase == "returned":
        return Decision((), acting, context.today())
    _require_submitted(pledge)
    fact = events.PledgeReturned(reason=command.reason, fields=command.fields, code=command.code)
    return Decision((fact,), acting, context.today())


def _check_code(code: str | None) -> None:
    if code is not None and code not in REJECTION_CODES:
        raise invalid("code", f"must be one of {', '.join(REJECTION_CODES)}.")


def _check_reasons_by_field(reasons: dict[str, str]) -> None:
    found = Findings("fields")
    for name, reason in reasons.items():
        if not FIELD_PATH.match(name) or name.split(".")[0] not in Content.__struct_fields__:
            found.say(name, "is not a field of a pledge.")
        check_text(reason, name, REASON_CHARS_MAX, found)
        if not reason:
            found.say(name, "must say what to change.")
    found.raise_if_any()


def reject(command: commands.RejectPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat turns a submission away, with a code and a reason."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    _check_code(command.code)
    _check_reasons_by_field(command.fields)
    if pledge.phase == "rejected":
        return Decision((), acting, context.today())
    _require_submitted(pledge)
    fact = events.PledgeRejected(reason=command.reason, code=command.code, fields=command.fields)
    return Decision((fact,), acting, context.today())


def publish(command: commands.PublishPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat makes exactly what was submitted public."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    if pledge.phase == "public":
        return Decision((), acting, context.today())
    if command.reason is not None:
        check_reason(command.reason)
    _require_submitted(pledge)
    _require_words(pledge.content)
    made_on = _made_when_published(pledge.content, context)
    made = msgspec.structs.replace(
        _made(pledge.content, made_on, context), reason=command.reason, published=_published(pledge)
    )
    return Decision((made,), acting, made_on)


def _require_words(content: Content) -> None:
    """What is published says all of itself: words that are gone cannot be said again."""
    if gone := [name for name, said in msgspec.to_builtins(content).items() if _holds_erased(said)]:
        raise Refused(
            f"Words of the submission were erased by law ({', '.join(gone)}): return it, for others.",
            code="words-erased",
        )


def _holds_erased(said: object) -> bool:
    if isinstance(said, dict):
        said = list(said.values())
    return any(map(_holds_erased, said)) if isinstance(said, list | tuple) else said == ERASED


def _published(pledge: Pledge) -> events.Published:
    """What everybody may know of it. Who is asked to take part and has not agreed is not among it."""
    partners = tuple(
        events.PublicPartner(
            number=number,
            entity=partner.entity,
            state=partner.state,  # type: ignore[arg-type]  # it is one of those
            part=partner.part,
        )
        for number, partner in enumerate(pledge.partners, 1)
        if partner.state in PUBLIC_PARTNERS
    )
    content = msgspec.structs.replace(pledge.content, partners=(), named=())
    return events.Published(content=content, recorded_at=pledge.recorded_at, partners=partners)


def _made_when_published(content: Content, context: Context) -> str:
    """A pledge is made on the day it is published, unless its source says when it was announced."""
    if content.source is not None and content.made_on is not None:
        return content.made_on
    today = context.today()
    if content.due_on is not None and last_day(content.due_on) < first_day(today):
        raise Refused(
            f"The day by which it was to be done ({content.due_on}) has passed; return it for another.",
            code="due-date-passed",
        )
    return today


def _made(content: Content, made_on: str | None, context: Context) -> events.PledgeMade:
    cycle = content.cycle or context.world.cycles().cycle_for(made_on)
    reference = f"{cycle}-{context.world.next_number(cycle):04d}"
    return events.PledgeMade(reference=reference, cycle=cycle, made_on=made_on)


def record_on_behalf(command: commands.RecordPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat records a pledge in its owner's place; it may have been made in the past."""
    content = resolved(command.content, context)
    acting = _recording(command, content, context)
    told = msgspec.structs.replace(content, partners=())
    if pledge is not None:
        if pledge.phase == "public" and told == msgspec.structs.replace(pledge.content, partners=()):
            return Decision((), acting, context.today())
        raise Refused("There is a pledge with this id already.", code="exists")
    check_content(content, "record", context)
    made = msgspec.structs.replace(_made(content, content.made_on, context), content=told)
    effective = context.effective(content.made_on, "made_on")
    return Decision((made, *_invitations(content, None, context)), acting, effective, command.pledge_id)


def _recording(command: commands.RecordPledge, content: Content, context: Context) -> Acting:
    """The Secretariat alone, even where the actor is a pledger of the entity as well."""
    if not context.actor.has("secretariat"):
        raise NotPermitted("Only the Secretariat records pledges in their owners' place.")
    return doors.instead_of(command, content.entity, context)


@reserves("pledge.made")
def _reference_and_source_are_unique(recorded: Recorded) -> list[Reservation]:
    fact, pledge_id = recorded.fact, recorded.originator_id
    reference = Reservation(kind="reference", key=fact.reference, holder=pledge_id)
    said = fact.published.content if fact.published else fact.content
    return [reference, *_of_source(said, pledge_id)] if said is not None else [reference]


@reserves("pledge.submitted")
def _source_is_unique(recorded: Recorded) -> list[Reservation]:
    return _of_source(recorded.fact.content, recorded.originator_id)


def _of_source(content: Content, pledge_id: UUID) -> list[Reservation]:
    source = content.source
    return [Reservation(kind="source", key=source.ref, holder=pledge_id)] if source else []
