"""What a planned row would change, field by field, and which pledges it may double: for people who decide.

Must not decide anything, nor know how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

from domain.deciding import Context
from domain.imports.plan import Planned
from domain.pledges.commands import AmendPledge, RecordPledge, ReportProgress, SubmitPledge
from domain.pledges.content import FIXED, Content, changed_fields
from domain.values import Value

NOTE = "narrative"
"""The name of a status note where it becomes a report."""


class FieldChange(Value, kw_only=True):
    """One field of a pledge before and after, as JSON values."""

    field: str
    before: Any = None
    after: Any = None


class Foreseen(Value, kw_only=True):
    """What a row would bring about: what it changes or says of a new pledge; whose that is, its title."""

    changes: tuple[FieldChange, ...] = ()
    entity: UUID | None = None
    title: str | None = None


def foreseen(planned: Planned, context: Context) -> Foreseen:
    """What the commands of a planned row would change in the register as it is now."""
    new = next((one for one, _ in planned.commands if _is_new(one, context)), None)
    if new is not None:
        said = (*_said(new.content), *_changes(planned, context))
        return Foreseen(changes=said, entity=new.content.entity, title=new.content.title)
    return Foreseen(changes=tuple(_changes(planned, context)))


def _said(content: Content) -> Iterator[FieldChange]:
    """What is said of a new pledge beside its title and what would hold anyway."""
    nothing = Content(title=content.title, entity=content.entity)
    for change in _between(nothing, content):
        yield FieldChange(field=change.field, after=change.after)


def _is_new(command: Any, context: Context) -> bool:
    is_entering = isinstance(command, RecordPledge | SubmitPledge)
    return is_entering and context.world.pledge(command.pledge_id) is None


def _changes(planned: Planned, context: Context) -> Iterator[FieldChange]:
    for command, _ in planned.commands:
        if isinstance(command, AmendPledge):
            before = context.world.pledge(command.pledge_id)
            if before is not None:
                for name, after in changed_fields(command.changes).items():
                    yield _change(name, getattr(before.content, name), after)
        elif isinstance(command, SubmitPledge):
            before = context.world.pledge(command.pledge_id)
            if before is not None:
                yield from _between(before.content, command.content)
        elif isinstance(command, ReportProgress):
            yield FieldChange(field=NOTE, after=command.narrative)


def _between(before: Content, after: Content) -> Iterator[FieldChange]:
    for name in Content.__struct_fields__:
        was, now = getattr(before, name), getattr(after, name)
        if name not in FIXED and was != now:
            yield _change(name, was, now)
    was_noted, noted = _note(before), _note(after)
    if was_noted != noted:
        yield FieldChange(field=NOTE, before=was_noted, after=noted)


def _note(content: Content) -> str | None:
    return content.source.kept.get("status_note") if content.source else None


def _change(name: str, before: Any, after: Any) -> FieldChange:
    return FieldChange(field=name, before=msgspec.to_builtins(before), after=msgspec.to_builtins(after))
