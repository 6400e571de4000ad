"""Matching: another pledge is offered, the owner answers, the terms are met or not, deadlines pass."""

from __future__ import annotations

from uuid import UUID

from domain.deciding import Context, Decision
from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.pledges import commands, doors, events
from domain.pledges.content import Terms
from domain.pledges.decide_content import require_open
from domain.pledges.decide_submission import check_reason
from domain.pledges.rules import WORDS_CHARS_MAX, Findings, check_text
from domain.pledges.state import Match, Pledge
from domain.recording import Authority
from domain.reservations import Reservation, reserves
from domain.recording import Recorded
from domain.values import last_day, parse_money, utc_day

PUBLICATION = "publication"
CLOSURE = "closure"


def offer(command: commands.OfferMatch, pledge: Pledge | None, context: Context) -> Decision:
    """The owner of another open pledge offers it. Offering it again, while it stands, says nothing new."""
    pledge = doors.known(pledge, context)
    offering = context.world.pledge(command.offering)
    if offering is None or not doors.may_see(offering, context):
        raise InvalidInput({"pledge": ["is not a known pledge."]})
    acting = doors.as_entity(command, offering.owner, context)
    if standing_offer(pledge, offering.id) is not None:
        return Decision((), acting, context.today())
    if offering.id == pledge.id:
        raise InvalidInput({"pledge": ["cannot match itself."]})
    require_open(pledge)
    if command.authority is None or command.authority.kind != PUBLICATION:
        require_open(offering)
    terms = _terms(pledge, context)
    _check_values(command, terms)
    fact = events.MatchOffered(
        match=context.new_id(), pledge=offering.id, entity=offering.owner,
        amount=command.amount or offering.content.amount, counted_value=command.counted_value, basis=command.basis,
    )  # fmt: skip
    return Decision((fact,), acting, context.today())


def standing_offer(pledge: Pledge, offering: UUID) -> Match | None:
    """The offer of that pledge that is unanswered or accepted, if there is one."""
    return next(
        (m for m in pledge.matches if m.pledge == offering and m.state in ("offered", "accepted")), None
    )


def _terms(pledge: Pledge, context: Context) -> Terms:
    if pledge.content.type != "matching" or pledge.content.terms is None:
        raise Refused("This pledge asks for no match: it has no terms.", code="no-terms")
    _require_before_deadline(pledge.content.terms, context)
    return pledge.content.terms


def _require_before_deadline(terms: Terms, context: Context) -> None:
    if utc_day(context.now) > last_day(terms.deadline):
        raise Refused(f"The deadline of the terms ({terms.deadline}) has passed.", code="deadline-passed")


def _check_values(command: commands.OfferMatch, terms: Terms) -> None:
    found = Findings()
    for field, money in (("amount", command.amount), ("counted_value", command.counted_value)):
        if money is not None:
            found.attempt(field, lambda money=money: parse_money(money.value, money.currency))  # type: ignore[misc]
    check_text(command.basis, "basis", WORDS_CHARS_MAX, found)
    counted, asked = command.counted_value, terms.amount
    if counted is not None:
        if asked is None or counted.currency != asked.currency:
            found.say("counted_value", "must be in the currency of the terms' amount.")
        if not command.basis:
            found.say("basis", "must say how the counted value was found.")
    elif asked is not None and command.amount is not None and command.amount.currency != asked.currency:
        found.say(
            "counted_value",
            f"must say what the offer counts for in {asked.currency}, the currency of the terms.",
        )
    found.raise_if_any()


def _the_match(pledge: Pledge, match_id: UUID) -> Match:
    match = pledge.match(match_id)
    if match is None:
        raise NotFound("There is no such match on this pledge.")
    return match


def _require_offered(match: Match) -> None:
    if match.state != "offered":
        raise Refused(f"This match is {match.state} already.", code=f"match-{match.state}")


def accept(command: commands.AcceptMatch, pledge: Pledge | None, context: Context) -> Decision:
    """The owner accepts an offer before the deadline; whether the terms are met then follows."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    match = _the_match(pledge, command.match)
    if match.state == "accepted":
        return Decision((), acting, context.today())
    _require_offered(match)
    require_open(pledge)
    _terms(pledge, context)
    return Decision((events.MatchAccepted(match=match.id),), acting, context.today())


def decline(command: commands.DeclineMatch, pledge: Pledge | None, context: Context) -> Decision:
    """The owner declines an offer, with a reason."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    match = _the_match(pledge, command.match)
    check_reason(command.reason)
    if match.state == "declined":
        return Decision((), acting, context.today())
    _require_offered(match)
    return Decision((events.MatchDeclined(match=match.id, reason=command.reason),), acting, context.today())


def withdraw(command: commands.WithdrawMatch, pledge: Pledge | None, context: Context) -> Decision:
    """Either side withdraws a match that is offered or accepted."""
    pledge = doors.known(pledge, context)
    match = _the_match(pledge, command.match)
    try:
        acting = doors.as_entity(command, match.entity, context)
    except NotPermitted:
        acting = doors.as_owner(command, pledge, context)
    check_reason(command.reason)
    if match.state == "withdrawn":
        return Decision((), acting, context.today())
    if match.state not in ("offered", "accepted"):
        raise Refused(f"This match is {match.state} already.", code=f"match-{match.state}")
    return Decision((events.MatchWithdrawn(match=match.id, reason=command.reason),), acting, context.today())


def expire(command: commands.ExpireOffers, pledge: Pledge | None, context: Context) -> Decision:
    """The calendar: offers that stand unanswered after the deadline of the terms expire."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    terms = pledge.content.terms
    if terms is None:
        raise Refused("This pledge asks for no match: it has no terms.", code="no-terms")
    if utc_day(context.now) <= last_day(terms.deadline):
        return Decision((), acting, context.today())
    offered = [match for match in pledge.matches if match.state == "offered"]
    return Decision(tuple(events.MatchExpired(match=match.id) for match in offered), acting, context.today())


def offers_of_published(pledge: Pledge, context: Context) -> list[commands.PledgeCommand]:
    """A pledge published with `matches` offers itself, by the authority of its own words, if the other still asks."""
    asked = pledge.content.matches
    target = context.world.pledge(asked) if asked else None
    if asked is None or target is None or not target.is_open or target.content.terms is None:
        return []
    if utc_day(context.now) > last_day(target.content.terms.deadline):
        return []
    authority = Authority(kind=PUBLICATION, reference=pledge.reference)
    return [commands.OfferMatch(pledge_id=asked, offering=pledge.id, authority=authority)]


def withdrawals_of_closed(pledge: Pledge, context: Context) -> list[commands.PledgeCommand]:
    """A pledge that was withdrawn or lapsed no longer matches others."""
    found: list[commands.PledgeCommand] = []
    for target_id in dict.fromkeys(context.world.offers_by(pledge.id)):
        target = context.world.pledge(target_id)
        match = standing_offer(target, pledge.id) if target else None
        if match is not None:
            authority = Authority(kind=CLOSURE, reference=pledge.reference)
            reason = f"The pledge that matched, {pledge.reference}, is {pledge.closed}."
            found.append(
                commands.WithdrawMatch(
                    pledge_id=target_id, match=match.id, reason=reason, authority=authority
                )
            )
    return found


@reserves("pledge.match-offered")
def _offer_is_remembered(recorded: Recorded) -> list[Reservation]:
    fact = recorded.fact
    return [Reservation(kind="offer", key=f"{fact.pledge}:{fact.match}", holder=recorded.originator_id)]


@reserves("pledge.made")
def _reference_and_source_are_unique(recorded: Recorded) -> list[Reservation]:
    fact, pledge_id = recorded.fact, recorded.originator_id
    taken = [Reservation(kind="reference", key=fact.reference, holder=pledge_id)]
    if fact.content is not None and fact.content.source is not None:
        taken.append(Reservation(kind="source", key=fact.content.source.ref, holder=pledge_id))
    return taken


@reserves("pledge.submitted")
def _source_is_unique(recorded: Recorded) -> list[Reservation]:
    source = recorded.fact.content.source
    return [Reservation(kind="source", key=source.ref, holder=recorded.originator_id)] if source else []
