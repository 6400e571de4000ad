"""A pledge as its events have made it: a frozen value. How events change it is in `evolve.py`."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from domain.pledges.content import Content, Part, Target
from domain.pledges.events import Evidence, Measure, MoneyReport
from domain.reference.vocabularies import Outlook
from domain.values import Money, Value, remembered

Phase = Literal["draft", "submitted", "returned", "rejected", "public"]
PartnerState = Literal["named", "invited", "joined", "declined", "left", "uninvited"]
MatchState = Literal["offered", "accepted", "declined", "withdrawn", "expired"]

LEAD = 0
"""The number of the lead's part; those of partners are their places in the list of partners, from 1."""


def day_key(partial: str) -> str:
    """The first day that a partial date can mean, as text that sorts: how effective dates compare."""
    return (partial + "-01-01")[:10]


class Partner(Value, kw_only=True):
    """A partner and its part. Withheld is the place of one whose invitation nobody told."""

    entity: UUID
    state: PartnerState | Literal["withheld"]
    part: Part = Part()


class Report(Value, kw_only=True):
    """What counts of one report: its latest wording, when it became true, and where it was recorded.

    `version` is the pledge's when it was said in this wording. The account is None where a copy withholds it.
    """

    position: int
    version: int
    part: int
    effective_on: str
    account: UUID | None
    narrative: str | None = None
    percent: int | None = None
    measures: tuple[Measure, ...] = ()
    money: tuple[MoneyReport, ...] = ()
    outlook: Outlook | None = None
    evidence: tuple[Evidence, ...] = ()
    corrected_at: int | None = None
    crossing_at: int | None = None

    @property
    def positions(self) -> tuple[int | None, ...]:
        """The positions by which it is known."""
        return self.position, self.corrected_at, self.crossing_at


class Match(Value, kw_only=True):
    """One offer to match this pledge, and how it stands."""

    id: UUID
    pledge: UUID
    entity: UUID
    state: MatchState
    amount: Money | None = None
    counted_value: Money | None = None


class GivenVerdict(Value, kw_only=True):
    """A verdict or contest, who gave it, and the positions of the owner's replies."""

    kind: str
    position: int
    version: int
    effective_on: str
    role: str
    entity: UUID | None = None
    report: int | None = None
    reason: str | None = None
    replies: tuple[int, ...] = ()
    last_reply: str | None = None


class Pledge(Value, kw_only=True, dict=True):
    """One pledge. `version` is its last event's; `content.entity` is its owner, the lead of a joint pledge.

    `originals` are the targets of a part as they were published, and `target_ids` all that the pledge's own
    targets ever had.
    """

    id: UUID
    version: int
    phase: Phase
    content: Content
    reference: str | None = None
    cycle: int | None = None
    carried_over: bool = False
    made_on: str | None = None
    closed: Literal["withdrawn", "lapsed"] | None = None
    is_fulfilled: bool = False
    is_matched: bool = False
    partners: tuple[Partner, ...] = ()
    reports: tuple[Report, ...] = ()
    matches: tuple[Match, ...] = ()
    verdicts: tuple[GivenVerdict, ...] = ()
    return_reason: str | None = None
    return_fields: dict[str, str] = msgspec.field(default_factory=dict)
    rejection_code: str | None = None
    fulfilled_at: int | None = None
    fulfilled_by: UUID | None = None
    classified: tuple[str, ...] = ()
    originals: dict[int, tuple[Target, ...]] = msgspec.field(default_factory=dict)
    target_ids: tuple[str, ...] = ()
    recorded_at: str = ""
    updated_at: str = ""

    @property
    def owner(self) -> UUID:
        return self.content.entity

    @property
    def is_open(self) -> bool:
        return self.phase == "public" and self.closed is None and not self.is_fulfilled

    @property
    def is_answerable(self) -> bool:
        """Whether partners may come and go: from submission on, until it is declared fulfilled or closed."""
        return self.is_open or self.phase in ("submitted", "returned")

    def partner(self, entity: UUID) -> Partner | None:
        """The partner's latest place in the pledge, if it has one."""
        return next((partner for partner in reversed(self.partners) if partner.entity == entity), None)

    def part_number(self, entity: UUID) -> int | None:
        """The number of the part that the entity answers for, or None."""
        if entity == self.owner:
            return LEAD
        return next((n for n in self.joined_parts() if self.part_owner(n) == entity), None)

    def joined_parts(self) -> list[int]:
        """The numbers of the parts of joined partners."""
        return [n for n, partner in enumerate(self.partners, 1) if partner.state == "joined"]

    def part_owner(self, number: int) -> UUID | None:
        """Who answers for a part, or None if there is no such joined part."""
        if number == LEAD:
            return self.owner
        if 1 <= number <= len(self.partners) and self.partners[number - 1].state == "joined":
            return self.partners[number - 1].entity
        return None

    def targets_of(self, number: int) -> tuple[Target, ...]:
        """The targets of a part, retired ones too."""
        return self.content.targets if number == LEAD else self.partners[number - 1].part.targets

    def reports_of(self, number: int) -> tuple[Report, ...]:
        """The reports on a part from the one that counts least to the one that counts most.

        They are kept in the order of their positions, which decides between those of one day.
        """
        return _reports_by_part(self).get(number, ())

    def report_at(self, position: int) -> Report | None:
        """The report first recorded at a position, or corrected there, or that crossed 0 there.

        A report that crosses 0 is followed by the fact that says so, and a writer is told the last position.
        """
        # Position 0 is that of whatever has not been stored yet.
        known = (report for report in self.reports if position in report.positions)
        return next(known, None) if position else None

    def match(self, match_id: UUID) -> Match | None:
        return next((match for match in self.matches if match.id == match_id), None)

    def contest_of(self, report: int | None) -> GivenVerdict | None:
        """The latest contest of a report, or of the fulfilment."""
        contests = (v for v in reversed(self.verdicts) if v.kind == "contested" and v.report == report)
        return next(contests, None)


@remembered
def _reports_by_part(pledge: Pledge) -> dict[int, tuple[Report, ...]]:
    """The reports on each part from the one that counts least to the one that counts most."""
    found: dict[int, list[Report]] = {}
    for report in sorted(pledge.reports, key=lambda report: day_key(report.effective_on)):
        found.setdefault(report.part, []).append(report)
    return {part: tuple(reports) for part, reports in found.items()}
