"""A pledge in its owner's hands: working paper, submission, amendments, withdrawal, lead.

Must not know what the Secretariat decides on it; that is in `review.py`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, g

from domain.errors import NotFound
from domain.pledges import commands
from domain.pledges.content import Content
from domain.pledges.doors import may_see
from domain.pledges.state import Pledge
from domain.recording import Authority
from domain.register import AlsoWrite
from web.api import drafts, orders
from web.api.answers import PledgeAnswer
from web.api.blueprint import ApiBlueprint
from web.api.commanding import actor, build, carry_out, command, pledge_answer, pledge_id, runtime
from web.api.content import changes_of, content_of
from web.api.shapes import CREATED, POSITION, WRITTEN

api = ApiBlueprint("writing", "A pledge in its owner's hands")


@api.writes("/pledges", orders.NewPledge, PledgeAnswer, status=201, headers=CREATED)
def create(body: dict[str, Any]) -> Response:
    """Begin a working paper; with `record`, the Secretariat records a pledge that was made elsewhere."""
    content = content_of(body)
    if not body.get("record"):
        return drafts.begin(content, body.get("authority"))
    order = commands.RecordPledge(
        pledge_id=g.command_id or runtime().new_id(), content=content, authority=_authority(body)
    )
    return pledge_answer(carry_out(order), status=201, location=True)


def _authority(body: dict[str, Any]) -> Authority | None:
    said = body.get("authority")
    return Authority(**said) if said else None


@api.writes("/pledges/<pledge:pledge>", orders.ChangePledge, PledgeAnswer, method="PATCH", headers=WRITTEN)
def change(body: dict[str, Any], pledge: str) -> Response:
    """Change a working paper, or a pledge that was returned; else amend what is promised."""
    found = pledge_id(pledge)
    authority = body.get("authority")
    paper = drafts.to_change(found, authority)
    if paper is not None:
        return drafts.change(paper, body["changes"], authority)
    standing = _known(found)
    if standing.phase == "returned":
        drafts.may_write_for(standing.owner, authority)
        return drafts.change(drafts.paper_of_returned(standing), body["changes"], authority)
    order = commands.AmendPledge(
        pledge_id=found,
        changes=changes_of(body["changes"]),
        reason=body.get("reason") or "",
        authority=_authority(body),
    )
    return command(order)


def _known(pledge: UUID, *, or_draft: bool = False) -> Pledge:
    """The pledge, if the caller may know of it. One that was recalled is its working paper, and no pledge."""

    def look(context: Any) -> Pledge | None:
        found: Pledge | None = context.world.pledge(pledge)
        return found if found is not None and may_see(found, context) else None

    found = runtime().register.consult(look, by=actor())
    if found is None or (found.phase == "draft" and not or_draft):
        raise NotFound("There is no such pledge.")
    return found


@api.writes("/pledges/<pledge:pledge>", None, None, method="DELETE", status=204, headers=POSITION)
def discard(pledge: str) -> Response:
    """Throw a working paper away."""
    return drafts.discard(pledge_id(pledge))


@api.writes("/pledges/<pledge:pledge>/submission", orders.Order, PledgeAnswer, headers=WRITTEN)
def submit(body: dict[str, Any], pledge: str) -> Response:
    """Check the form's rules, then hand the pledge in for review. Partners noted in it are invited."""
    found = pledge_id(pledge)
    paper = drafts.editable(found)
    if paper is None:
        return _submit(found, content_in_hand(found), body, ())
    drafts.require_version(paper)
    # The paper goes in the transaction that stores the submission, if it is still the one that was read.
    gone = runtime().papers.discarding(paper.id, version=paper.version)
    return _submit(found, drafts.content_of_paper(paper), body, (gone,))


def content_in_hand(pledge: UUID) -> Content:
    """What would be submitted: what stands in the paper, or was returned and not changed since."""
    paper = drafts.editable(pledge)
    return drafts.content_of_paper(paper) if paper else _known(pledge).content


def _submit(pledge: UUID, content: Content, body: dict[str, Any], also: tuple[AlsoWrite, ...]) -> Response:
    order = commands.SubmitPledge(pledge_id=pledge, content=content, authority=_authority(body))
    # The version of a paper was compared already; without one, it is the pledge's that If-Match names.
    return pledge_answer(carry_out(order, also=also, version_of=None if also else pledge))


@api.writes("/pledges/<pledge:pledge>/recall", orders.Order, PledgeAnswer, headers=WRITTEN)
def recall(body: dict[str, Any], pledge: str) -> Response:
    """Take a submission back; it is a working paper again."""
    found = pledge_id(pledge)
    standing = _known(found, or_draft=True)
    order = build(commands.RecallPledge, body, pledge_id=found)
    back = runtime().papers.putting_back(
        found, entity=standing.owner, account=actor().account, content=drafts.plain(standing.content)
    )
    return command(order, also=(back,) if standing.phase == "submitted" else ())


@api.writes("/pledges/<pledge:pledge>/withdrawal", orders.Reasoned, PledgeAnswer, headers=WRITTEN)
def withdraw(body: dict[str, Any], pledge: str) -> Response:
    """Withdraw an open or fulfilled pledge."""
    return command(build(commands.WithdrawPledge, body, pledge_id=pledge_id(pledge)))


@api.writes("/pledges/<pledge:pledge>/reinstatement", orders.Reasoned, PledgeAnswer, headers=WRITTEN)
def reinstate(body: dict[str, Any], pledge: str) -> Response:
    """Open a withdrawn or lapsed pledge again."""
    return command(build(commands.ReinstatePledge, body, pledge_id=pledge_id(pledge)))


@api.writes("/pledges/<pledge:pledge>/lead", orders.LeadBody, PledgeAnswer, headers=WRITTEN)
def hand_over_lead(body: dict[str, Any], pledge: str) -> Response:
    """Hand the lead of a joint pledge over."""
    return command(build(commands.HandOverLead, body, pledge_id=pledge_id(pledge)))
