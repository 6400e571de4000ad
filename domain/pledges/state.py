"""A pledge as its events have made it: a frozen value. How events change it is in `evolve.py`."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from domain.pledges.content import Content, Part, Target
from domain.pledges.events import Measure, MoneyReport
from domain.values import Money, first_day

Phase = Literal["draft", "submitted", "returned", "rejected", "public"]
PartnerState = Literal["named", "invited", "joined", "declined", "left", "uninvited"]
MatchState = Literal["offered", "accepted", "declined", "withdrawn", "expired"]


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Partner(_Value):
    """A partner and its part; its number among the parts is its place in the list, from 1."""

    entity: UUID
    state: PartnerState
    part: Part = Part()


class Report(_Value):
    """What counts of one report: its latest wording, when it became true, and where it was recorded."""

    position: int
    part: int
    effective_on: str
    account: UUID
    narrative: str | None = None
    percent: int | None = None
    measures: tuple[Measure, ...] = ()
    money: tuple[MoneyReport, ...] = ()
    outlook: str | None = None
    corrected_at: int | None = None


class Match(_Value):
    """One offer to match this pledge, and how it stands."""

    id: UUID
    pledge: UUID
    entity: UUID
    state: MatchState
    amount: Money | None = None
    counted_value: Money | None = None


class GivenVerdict(_Value):
    """A verdict or contest, who gave it, and the positions of the owner's replies."""

    kind: str
    position: int
    effective_on: str
    role: str
    entity: UUID | None = None
    report: int | None = None
    reason: str | None = None
    replies: tuple[int, ...] = ()
    last_reply: str | None = None


class Pledge(_Value):
    """One pledge. `version` is that of its last event; `content.entity` is its owner, the lead of a joint pledge."""

    id: UUID
    version: int
    phase: Phase
    content: Content
    reference: str | None = None
    cycle: int | None = None
    made_on: str | None = None
    closed: Literal["withdrawn", "lapsed"] | None = None
    is_fulfilled: bool = False
    is_matched: bool = False
    partners: tuple[Partner, ...] = ()
    reports: tuple[Report, ...] = ()
    matches: tuple[Match, ...] = ()
    verdicts: tuple[GivenVerdict, ...] = ()
    return_reason: str | None = None
    return_fields: dict[str, str] = {}
    fulfilled_at: int | None = None
    fulfilled_by: UUID | None = None
    classified: tuple[str, ...] = ()
    recorded_at: str = ""
    updated_at: str = ""

    @property
    def owner(self) -> UUID:
        return self.content.entity

    @property
    def is_open(self) -> bool:
        return self.phase == "public" and self.closed is None and not self.is_fulfilled

    def partner(self, entity: UUID) -> Partner | None:
        """The partner's latest place in the pledge, if it has one."""
        return next((partner for partner in reversed(self.partners) if partner.entity == entity), None)

    def part_number(self, entity: UUID) -> int | None:
        """The number of the part that the entity answers for: 0 for the lead, or None."""
        if entity == self.owner:
            return 0
        numbers = [n for n, p in enumerate(self.partners, 1) if p.entity == entity and p.state == "joined"]
        return numbers[-1] if numbers else None

    def part_owner(self, number: int) -> UUID | None:
        """Who answers for a part, or None if there is no such joined part."""
        if number == 0:
            return self.owner
        if 1 <= number <= len(self.partners) and self.partners[number - 1].state == "joined":
            return self.partners[number - 1].entity
        return None

    def targets_of(self, number: int) -> tuple[Target, ...]:
        """The targets of a part, retired ones too."""
        return self.content.targets if number == 0 else self.partners[number - 1].part.targets

    def reports_of(self, number: int) -> list[Report]:
        """The reports on a part from the one that counts least to the one that counts most."""
        return sorted(
            (r for r in self.reports if r.part == number),
            key=lambda r: (first_day(r.effective_on), r.position),
        )

    def report_at(self, position: int) -> Report | None:
        """The report first recorded at a position, or corrected there."""
        return next((r for r in self.reports if position in (r.position, r.corrected_at)), None)

    def match(self, match_id: UUID) -> Match | None:
        return next((match for match in self.matches if match.id == match_id), None)
