"""Working papers: outside the register's memory, kept as one types, seen by their entity alone.

Must not know when a paper becomes a submission; that is in `writing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, g

from domain.errors import Conflict, InvalidInput, NotFound, NotPermitted, Refused, StaleVersion
from domain.pledges.content import Content
from domain.pledges.rules import check_content
from domain.pledges.state import Pledge
from projections.database.working_papers import Paper
from projections.questions import BOARD
from web.api.blueprint import as_json
from web.api.commanding import actor, etag, expected_version, runtime
from web.api.content import changed_content
from web.api.idempotency import keeping

ATTEMPTS_MAX = 8
CHANGED = "The working paper was changed in between; read it again."


def content_of_paper(paper: Paper) -> Content:
    """What a paper holds."""
    return msgspec.convert(paper.content, Content)


def editable(pledge: UUID) -> Paper | None:
    """The paper of a pledge that the caller may edit. A returned pledge has one from its first edit on."""
    paper = runtime().papers.get(pledge)
    return paper if paper is not None and _sees(paper) else None


def _sees(paper: Paper) -> bool:
    return runtime().questions.eyes(actor()).sees_paper(paper.entity, paper.account)


def to_change(pledge: UUID, authority: Mapping[str, Any] | None) -> Paper | None:
    """The paper of a pledge, for a change that the caller may make in its own right or by an authority."""
    paper = editable(pledge)
    if paper is not None:
        may_write_for(paper.entity, authority)
    return paper


def begin(content: Content, authority: Mapping[str, Any] | None) -> Response:
    """A new working paper."""
    check(content)
    may_write_for(content.entity, authority)
    now, paper_id = runtime().clock(), g.command_id or runtime().new_id()
    paper = Paper(paper_id, content.entity, actor().account, plain(content), 1, now, now)
    said = answer(paper, status=201, headers={"Location": f"/api/v1/pledges/{paper.id}"})
    runtime().papers.add(paper, also=keeping(said))
    return said


def plain(content: Content) -> dict[str, Any]:
    """A content as papers hold it."""
    said: dict[str, Any] = msgspec.to_builtins(content)
    return said


def may_write_for(entity: UUID, authority: Mapping[str, Any] | None) -> None:
    """Raise NotPermitted unless the caller pledges for the entity, or acts in its place by an authority."""
    if entity in actor().own_entities:
        return
    if not actor().has("secretariat"):
        raise NotPermitted("A working paper is for an entity that the account pledges for.")
    if authority is None:
        raise NotPermitted(
            "In an entity's place the Secretariat acts only with an authority: send `authority`, "
            "with its kind and reference.",
            code="authority-required",
        )


Naming = Callable[[str], str]
"""What the sender calls a field of the content."""


def check(content: Content, called: Naming = str) -> None:
    """Each field valid by itself; InvalidInput names those that are not as their sender calls them."""
    try:
        runtime().register.consult(lambda context: check_content(content, "draft", context), by=actor())
    except InvalidInput as problem:
        raise InvalidInput({called(field): said for field, said in problem.errors.items()}) from None


def change(paper: Paper, changes: Mapping[str, Any], authority: Mapping[str, Any] | None) -> Response:
    """Change some fields of a paper, its entity too if the caller may write for both."""

    def revise(content: Content) -> Content:
        changed = changed_content(content, changes)
        if changed.entity != content.entity:
            may_write_for(changed.entity, authority)
        return changed

    return edit(paper, revise, called="changes.{}".format)


def edit(paper: Paper, revise: Callable[[Content], Content], called: Naming = str) -> Response:
    """Put a revised content in a paper's place. If somebody else changed it in between, theirs is revised."""
    for _ in range(ATTEMPTS_MAX):
        require_version(paper)
        content = revise(content_of_paper(paper))
        check(content, called)
        changed = replace(
            paper,
            entity=content.entity,
            content=plain(content),
            version=paper.version + 1,
            updated_at=runtime().clock(),
        )
        said = answer(changed)
        if runtime().papers.change(changed, version=paper.version, also=keeping(said)):
            return said
        latest = editable(paper.id)
        if latest is None:
            raise NotFound("There is no such working paper any more.")
        paper = latest
    raise Conflict("Others change the same working paper again and again. Try once more.")


def require_version(paper: Paper) -> None:
    """Raise StaleVersion if If-Match names another version of the paper."""
    if expected_version(paper.version) not in (None, paper.version):
        raise StaleVersion(CHANGED)


def note_partner(paper: Paper, entity: UUID) -> Response:
    """A partner to be invited at submission."""

    def revise(content: Content) -> Content:
        noted = (*content.partners, entity)
        return content if entity in content.partners else msgspec.structs.replace(content, partners=noted)

    return edit(paper, revise, called=lambda field: "entity" if field.startswith("partners") else field)


def strike_partner(paper: Paper, entity: UUID) -> Response:
    """A partner not to be invited after all."""

    def revise(content: Content) -> Content:
        if entity not in content.partners:
            raise NotFound("This entity is no partner of the pledge.")
        left = tuple(partner for partner in content.partners if partner != entity)
        return msgspec.structs.replace(content, partners=left)

    return edit(paper, revise)


def paper_of_returned(pledge: Pledge) -> Paper:
    """The paper on which a returned pledge is reworked; its first edit begins it with what was submitted."""
    return runtime().papers.begin(
        pledge.id,
        entity=pledge.owner,
        account=actor().account,
        content=plain(pledge.content),
        version=pledge.version,
    )


def discard(pledge: UUID) -> Response:
    """Throw a working paper away. What was submitted once stays in the register's memory."""
    paper = editable(pledge)
    if paper is None:
        questions = runtime().questions
        if questions.pledge(str(pledge), viewer=actor(), moment=questions.moment(of=BOARD)) is None:
            raise NotFound("There is no such working paper.")
        raise Refused("Only a working paper is thrown away; a pledge is withdrawn.", code="not-a-draft")
    require_version(paper)
    position = str(runtime().questions.moment().position)
    said = Response(status=204, headers={"X-Position": position})
    if not runtime().papers.discard(paper.id, version=paper.version, also=keeping(said)):
        raise StaleVersion(CHANGED)
    return said


def answer(paper: Paper, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A working paper in the shape of a pledge. Nothing was recorded, so readers have nothing to wait for.

    Made before the paper is kept, so that both are kept in one transaction.
    """
    questions = runtime().questions
    moment = questions.moment(of=BOARD)
    shown = questions.paper(paper, viewer=actor(), moment=moment)
    if shown is None:
        raise NotFound("There is no such working paper.")
    said = {"X-Position": str(moment.position), "ETag": etag(shown["version"]), **(headers or {})}
    return as_json(shown, status, said)
