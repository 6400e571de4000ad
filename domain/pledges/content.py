"""What a pledge promises: its fields, its parts and targets. The shapes alone; their rules are in `rules.py`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from domain.reference.vocabularies import Basis, Form, Level, PledgeType, TermsKind
from domain.values import Money


class _Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Shapes are frozen, refuse unknown fields and leave out what was not said. A default never changes meaning."""


class Target(_Shape):
    """Something to reach: in words, and measured if `unit` and `target` are given. The id is stable for ever."""

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

    def percent_at(self, value: str | None) -> Decimal:
        """How far from baseline (unknown counts as 0) to target a value is, clipped to 0..100; no value is 0."""
        if value is None or self.target is None:
            return Decimal(0)
        start, end = Decimal(self.baseline or "0"), Decimal(self.target)
        if start == end:
            return Decimal(0)
        return min(Decimal(100), max(Decimal(0), (Decimal(value) - start) * 100 / (end - start)))


class Part(_Shape):
    """What one partner of a joint pledge will do itself."""

    description: str | None = None
    forms: tuple[Form, ...] = ()
    targets: tuple[Target, ...] = ()
    amount: Money | None = None
    due_on: str | None = None


class Terms(_Shape):
    """What others must commit before a matching pledge is realised: an amount, or a number of matches, by a day."""

    kind: TermsKind
    deadline: str
    condition: str | None = None
    amount: Money | None = None
    count: int | None = None


class Source(_Shape):
    """Where an imported pledge comes from: its reference there and the columns kept as facts."""

    ref: str
    kept: dict[str, str] = {}


class Content(_Shape):
    """Everything a pledger says of a pledge. Blank (None, empty) is unknown; nothing is guessed.

    `partners` are invited at submission; `named` are co-pledgers found in a source, unconfirmed and uncounted.
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


FIXED = frozenset({"entity", "partners", "named", "source", "made_on", "cycle", "matches"})
"""What no amendment may change: it has events of its own, or is a fact about the record."""


def _changeable() -> list[tuple[str, Any, Any]]:
    hints = msgspec.structs.fields(Content)
    return [(field.name, field.type | UnsetType, UNSET) for field in hints if field.name not in FIXED]


Changes: Any = msgspec.defstruct(
    "Changes", _changeable(), bases=(msgspec.Struct,), module=__name__,
    frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
)  # fmt: skip
"""Some fields of a pledge with their new values. A field that is not there stays; null or empty clears."""

CHANGEABLE = tuple(name for name, _, _ in _changeable())


def changed_fields(changes: Any) -> dict[str, Any]:
    """The fields that changes set, with their new values."""
    return {name: value for name in CHANGEABLE if (value := getattr(changes, name)) is not UNSET}


def apply_changes(content: Content, changes: Any) -> Content:
    """The content after the changes."""
    return msgspec.structs.replace(content, **changed_fields(changes))


def changes_between(before: Content, after: Content) -> Any:
    """The changes that lead from one content to another, in the fields that can be amended."""
    return Changes(
        **{name: new for name in CHANGEABLE if (new := getattr(after, name)) != getattr(before, name)}
    )
