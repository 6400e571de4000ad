"""What a pledge promises: its fields, its parts and targets. Shapes alone; must not know their rules."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from domain.reference.vocabularies import Basis, Form, Level, PledgeType, TermsKind
from domain.values import Money, Value

NOTHING, ALL = Fraction(0), Fraction(100)


class Target(Value):
    """Something to reach: in words, and measured if `unit` and `target` are given. Its id stays for ever."""

    id: str = ""
    description: str | None = None
    unit: str | None = None
    baseline: str | None = None
    target: str | None = None
    due_on: str | None = None
    retired: bool = False

    @property
    def is_measured(self) -> bool:
        return self.target is not None and not self.retired

    def percent_at(self, value: str | None) -> Fraction:
        """How far a value is on the way from baseline (unknown counts as 0) to target, clipped to 0..100.

        Exact, because it will be floored: three thirds of the way are the whole way.
        """
        if value is None or self.target is None:
            return NOTHING
        start, end = _in_millionths(self.baseline or "0"), _in_millionths(self.target)
        done, way = _in_millionths(value) - start, end - start
        if way < 0:
            done, way = -done, -way
        if done <= 0 or way == 0:
            return NOTHING
        return ALL if done >= way else Fraction(done * 100, way)


def _in_millionths(number: str) -> int:
    """A number of a target, which has at most six decimals, as a whole number."""
    return int(Decimal(number) * 1_000_000)


class Part(Value):
    """What one partner of a joint pledge will do itself."""

    description: str | None = None
    forms: tuple[Form, ...] = ()
    targets: tuple[Target, ...] = ()
    amount: Money | None = None
    due_on: str | None = None


class Terms(Value, kw_only=True):
    """What others must commit before a matching pledge is realised: an amount, or a number of matches."""

    kind: TermsKind
    deadline: str
    condition: str | None = None
    amount: Money | None = None
    count: int | None = None


class Source(Value, kw_only=True):
    """Where an imported pledge comes from: its reference there and the columns kept as facts."""

    ref: str
    kept: dict[str, str] = msgspec.field(default_factory=dict)


class Content(Value, kw_only=True, dict=True):
    """Everything a pledger says of a pledge. Blank (None, empty) is unknown; nothing is guessed.

    `partners` are invited at submission; `named` are co-pledgers of a source, unconfirmed and uncounted.
    Dates keep the precision they came with. `countries` are ISO 3166 alpha-3 codes of implementation.
    """

    title: str
    entity: UUID
    type: PledgeType | None = None
    description: str | None = None
    language: str = "en"
    forms: tuple[Form, ...] = ()
    objectives: tuple[int, ...] = ()
    objectives_basis: Basis | None = None
    principles: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    seeking: str | None = None
    levels: tuple[Level, ...] = ()
    scope_in_words: str | None = None
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    through: str | None = None
    partners: tuple[UUID, ...] = ()
    named: tuple[UUID, ...] = ()
    targets: tuple[Target, ...] = ()
    amount: Money | None = None
    to_mptf: bool = False
    terms: Terms | None = None
    matches: UUID | None = None
    matches_elsewhere: str | None = None
    champion: bool = False
    mirror: bool = False
    cycle: int | None = None
    made_on: str | None = None
    due_on: str | None = None
    due_is_firm: bool = False
    source: Source | None = None


FIXED = frozenset({"entity", "partners", "named", "source", "cycle", "matches"})
"""What no amendment may change: it has events of its own, or is a fact about the record."""


class Changes(Value):
    """Fields of a pledge with their new values. What is not there stays; null or empty clears."""

    title: str | UnsetType = UNSET
    type: PledgeType | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    language: str | UnsetType = UNSET
    forms: tuple[Form, ...] | UnsetType = UNSET
    objectives: tuple[int, ...] | UnsetType = UNSET
    objectives_basis: Basis | UnsetType | None = UNSET
    principles: tuple[str, ...] | UnsetType = UNSET
    actions: tuple[str, ...] | UnsetType = UNSET
    frameworks: tuple[str, ...] | UnsetType = UNSET
    seeking: str | UnsetType | None = UNSET
    levels: tuple[Level, ...] | UnsetType = UNSET
    scope_in_words: str | UnsetType | None = UNSET
    countries: tuple[str, ...] | UnsetType = UNSET
    regions: tuple[str, ...] | UnsetType = UNSET
    through: str | UnsetType | None = UNSET
    targets: tuple[Target, ...] | UnsetType = UNSET
    amount: Money | UnsetType | None = UNSET
    to_mptf: bool | UnsetType = UNSET
    terms: Terms | UnsetType | None = UNSET
    matches_elsewhere: str | UnsetType | None = UNSET
    champion: bool | UnsetType = UNSET
    mirror: bool | UnsetType = UNSET
    made_on: str | UnsetType | None = UNSET
    due_on: str | UnsetType | None = UNSET
    due_is_firm: bool | UnsetType = UNSET


CHANGEABLE = Changes.__struct_fields__


def changed_fields(changes: Changes) -> dict[str, Any]:
    """The fields that changes set, with their new values."""
    return {name: value for name in CHANGEABLE if (value := getattr(changes, name)) is not UNSET}


def apply_changes(content: Content, changes: Changes) -> Content:
    """The content after the changes."""
    return msgspec.structs.replace(content, **changed_fields(changes))


def changes_between(before: Content, after: Content) -> Changes:
    """The changes that lead from one content to another, in the fields that can be amended."""
    return Changes(
        **{name: new for name in CHANGEABLE if (new := getattr(after, name)) != getattr(before, name)}
    )
