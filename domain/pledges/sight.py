"""Who sees what of a pledge, of its history and of the events behind both: the one rule (design section 6).

Board, history, exports, bundles and decisions all ask here. Must not know where any of it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from domain.actors import Actor
from domain.pledges import events
from domain.pledges.state import Pledge
from domain.recording import Fact, Recorded

Audience = Literal["public", "parties", "owner", "partner"]
"""For whom an entry of the history is beside the Secretariat and auditors: everybody; the owner and those who
are asked to take part; the owner alone; the owner and the one partner that the event is about."""

PUBLIC_PARTNERS = frozenset({"named", "joined", "left"})
"""A partner that has not consented is not public, a declination never. Named ones are in a public source."""
ASKED = frozenset({"invited", "joined"})
"""How a partner stands that may know of a submission."""
PUBLIC_KINDS = frozenset({"entity", "cycle", "document", "log"})
"""What happened to those who pledge, to cycles, to outside documents and to the log itself is public, but for
erasures: one is for whoever sees the event that was erased, or reads its words in what was made of it. Files
that came in are for who sees everything."""
_OF_ONE_PARTNER = (events.PartnerInvited, events.PartnerDeclined, events.PartnerUninvited)
_ABOUT_A_PARTNER = (*_OF_ONE_PARTNER, events.PartnerJoined, events.PartnerLeft)
_OF_THE_REVIEW = (events.PledgeReturned, events.PledgeRejected)


def itself(entity: UUID) -> UUID:
    """The entity that stands for one, where nothing was merged or all that were merged are named."""
    return entity


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose eyes look: all that it depends on what somebody sees.

    Entities are the same if one stands for both after mergers, as things are today: what was another's has
    become its heir's, with its past. Either `own` and `audited` name all that became one, or `lasting` finds
    who stands for an entity.
    """

    account: UUID | None = None
    is_secretariat: bool = False
    sees_all: bool = False
    manages_accounts: bool = False
    own: frozenset[UUID] = frozenset()
    audited: frozenset[UUID] = frozenset()
    lasting: Callable[[UUID], UUID] = itself

    def _is_among(self, entity: UUID, entities: Collection[UUID]) -> bool:
        if not entities or entity in entities:
            return bool(entities)
        return self.lasting(entity) in map(self.lasting, entities)

    def is_own(self, entity: UUID) -> bool:
        """Whether they are a pledger's of the entity."""
        return self._is_among(entity, self.own)

    def oversees(self, entity: UUID) -> bool:
        """Whether they see all that the entity hands in: the Secretariat's, an auditor's of it or of all."""
        return self.sees_all or self._is_among(entity, self.audited)

    def of(self, owner: UUID, asked: Iterable[UUID]) -> Sight:
        """What they see of a pledge, given whose it is and who is asked to take part or does."""
        is_full = self.oversees(owner) or self.is_own(owner)
        return Sight(self, is_full, is_full or any(map(self.is_own, asked)))

    def knows_of(self, pledge: Pledge) -> bool:
        """Whether the pledge may be known of at all: by everybody once it is public.

        Before, by its owner, by who oversees it, and by who is asked to take part in what was handed in.
        """
        return pledge.phase == "public" or self.of(pledge.owner, asked_of(pledge)).takes_part

    def is_shown(self, pledge: Pledge) -> bool:
        """Whether lists and pages show the pledge. What was recalled is a working paper again."""
        return pledge.phase != "draft" and self.knows_of(pledge)

    def sees_paper(self, entity: UUID, account: UUID) -> bool:
        """Whether they see an entity's working paper that an account began.

        Papers are for the pledgers of their entity, and for who of the Secretariat began them in its place.
        Whoever pledged for an entity and does so no longer has nothing left there.
        """
        return self.is_own(entity) or (self.is_secretariat and account == self.account)

    def knows_accounts_of(self, kind: str) -> bool:
        """Whether they may know by which accounts events of things that are no pledges came, by their kind.

        Whoever knows them can link all that one account did, which history does not tell.
        """
        return self.sees_all or (kind == "account" and self.manages_accounts)

    def sees_events_of(self, kind: str) -> bool:
        """Whether they may read what happened to things that are no pledges, by how the events' names begin.

        Of erasures this says nothing: whoever asks has to ask about the event that was erased.
        An administrator's see accounts, and no content.
        """
        return self.sees_all or kind in PUBLIC_KINDS or (kind == "account" and self.manages_accounts)


@dataclass(frozen=True, slots=True)
class Sight:
    """What some eyes see of one pledge: all of it, what those who take part do, or what everybody does."""

    eyes: Eyes
    is_full: bool = False
    takes_part: bool = False

    @property
    def knows_accounts(self) -> bool:
        """Whether they may know by which accounts the pledge's events came: who sees all of it may."""
        return self.is_full

    def sees_entry(self, audience: Audience, concerns: UUID | None) -> bool:
        """Whether they see an entry of the history, for an audience and about a partner."""
        if audience == "public" or self.is_full or (audience == "parties" and self.takes_part):
            return True
        return concerns is not None and self.eyes.is_own(concerns)

    def sees_partner(self, entity: UUID, state: str) -> bool:
        """Whether they know that the entity is asked, or what it answered."""
        return self.is_full or state in PUBLIC_PARTNERS or self.eyes.is_own(entity)

    def reads_payload(self, named: Iterable[str], told: Collection[str]) -> bool:
        """Whether they may read an event that they see as it was recorded, given the partners that it names.

        It cannot be read in part, as an entry of the history can that leaves some partners out: it is
        withheld from whoever is told of fewer than it names.
        """
        return self.is_full or all(one in told for one in named)


def eyes_of(viewer: Actor | None, lasting: Callable[[UUID], UUID] = itself) -> Eyes:
    """Somebody's eyes; nobody's are the public's. An ended role is none of the viewer's any more."""
    if viewer is None:
        return PUBLIC
    is_secretariat = viewer.has("secretariat")
    audits_all = any(grant.role == "auditor" and grant.entity is None for grant in viewer.grants)
    return Eyes(
        viewer.account, is_secretariat, is_secretariat or audits_all, viewer.has("administrator"),
        viewer.own_entities, viewer.entities("auditor"), lasting,
    )  # fmt: skip


def asked_of(pledge: Pledge) -> tuple[UUID, ...]:
    """The partners that may know of a pledge before it is public. What was recalled is its entity's alone."""
    if pledge.phase == "draft":
        return ()
    return tuple(partner.entity for partner in pledge.partners if partner.state in ASKED)


def audience_of(fact: Fact, before: Pledge | None, after: Pledge) -> Audience:
    """For whom an event of a pledge is, which it found and left so."""
    if isinstance(fact, _OF_ONE_PARTNER):
        return "public" if _was_named(fact, before) else "partner"
    if isinstance(fact, _OF_THE_REVIEW):
        return "owner"
    return "public" if after.phase == "public" else "parties"


def concerned_by(fact: Fact) -> UUID | None:
    """The partner whom an event is about."""
    return fact.entity if isinstance(fact, _ABOUT_A_PARTNER) else None


def words_read(
    steps: Iterable[tuple[Recorded, Pledge | None, Pledge]], sight: Sight
) -> Iterator[tuple[int, str]]:
    """Where words stand that somebody reads: in which header or payload, given each event, before and after.

    In those of the events that they see; and in what was submitted, once they see that it was published by an
    event that does not say it again.
    """
    submitted: int | None = None
    for event, before, after in steps:
        fact = event.fact
        if isinstance(fact, events.PledgeSubmitted):
            submitted = event.position
        if not sight.sees_entry(audience_of(fact, before, after), concerned_by(fact)):
            continue
        yield from ((event.position, "header"), (event.position, "payload"))
        if isinstance(fact, events.PledgeMade) and fact.published is None and submitted is not None:
            yield submitted, "payload"


def _was_named(fact: Fact, before: Pledge | None) -> bool:
    """Whether a partner that the public saw, because the source named it, is gone from the pledge."""
    if not isinstance(fact, events.PartnerUninvited) or before is None or before.phase != "public":
        return False
    return any(p.entity == fact.entity and p.state == "named" for p in before.partners)


PUBLIC = Eyes()
EVERYTHING = Eyes(is_secretariat=True, sees_all=True)
"""Nothing is hidden from these: an operator's, who has the database."""
