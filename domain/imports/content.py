"""Between rows and pledges: a row as a pledge's content, and what changed since it was last imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from domain.deciding import Context
from domain.errors import InvalidInput
from domain.imports.columns import COLUMNS
from domain.imports.render import in_words
from domain.imports.rows import Row
from domain.pledges.content import Changes, Content, Source, Target
from domain.pledges.rules import check_content
from domain.values import ERASED

COLUMN_OF: Mapping[str, str] = {
    "title": "title", "entity": "pledger", "through": "pledger", "named": "co_pledgers",
    "type": "pledge_type", "forms": "forms", "objectives": "objectives",
    "objectives_basis": "objectives_basis", "principles": "principles", "amount": "amount",
    "levels": "scope", "scope_in_words": "scope", "countries": "country_of_implementation",
    "made_on": "announced_on", "due_on": "due_on", "targets": "targets", "description": "summary",
    "source": "ref", "narrative": "status_note",
}  # fmt: skip
"""The column that each field of a pledge comes from."""

_AMENDABLE = tuple(field for field in COLUMN_OF if field in Changes.__struct_fields__)


class Conflicting(InvalidInput):
    """The register and the sheet both changed the same since the last import: somebody has to decide."""

    code = "conflict"


def content_of(row: Row, entity: UUID, named: Iterable[UUID]) -> Content:
    """The content that a row gives a new pledge."""
    return Content(
        entity=entity, named=tuple(named), targets=targets_of(row),
        source=Source(ref=row.ref, kept=row.kept), **_plain(row),
    )  # fmt: skip


def targets_of(row: Row) -> tuple[Target, ...]:
    return tuple(Target(description=text) for text in row.targets)


def _plain(row: Row) -> dict[str, Any]:
    return {
        "title": row.title, "description": row.summary, "type": row.type, "forms": row.forms,
        "objectives": row.objectives, "objectives_basis": row.objectives_basis, "principles": row.principles,
        "levels": row.levels, "scope_in_words": row.scope_in_words, "countries": row.countries,
        "through": row.pledger.office, "amount": row.amount, "made_on": row.announced_on,
        "due_on": row.due_on,
    }  # fmt: skip


def check_new(content: Content, note: str | None, context: Context) -> None:
    """Refuse content that cannot be recorded, column by column."""
    try:
        check_content(content, "record", context)
    except InvalidInput as refusal:
        raise by_column(refusal) from None
    check_note(note)


def check_note(note: str | None) -> None:
    """A status note is a report in words and no longer than one."""
    if note is not None and len(note) > NOTE_CHARS_MAX:
        raise InvalidInput(
            {"status_note": [f"must have at most {NOTE_CHARS_MAX} characters; it has {len(note)}."]}
        )


NOTE_CHARS_MAX = 3000


def by_column(refusal: InvalidInput) -> InvalidInput:
    """The same refusal with columns in the place of fields."""
    errors: dict[str, list[str]] = {}
    for field, rules in refusal.errors.items():
        name = field.removeprefix("changes.").partition(".")[0]
        errors.setdefault(COLUMN_OF.get(name, name), []).extend(rules)
    return InvalidInput(errors)


# -- compared with the last import


def merged(before: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    """The cells last imported, with those that say something now. A blank one leaves what was."""
    return {**before, **{column: cell for column, cell in cells.items() if cell}}


def changed_columns(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The columns whose cells differ."""
    return [column for column in now if now[column] != before.get(column, "")]


def check_erased(before: Mapping[str, str], cells: Mapping[str, str], now: Row, current: Content) -> None:
    """Raises Conflicting for cells where words stood that were erased by law: an import fills them no more.

    Nobody can say any more whether they hold those very words. What the register itself says by now is no
    conflict, and a cell that is blank leaves the field as it is.
    """
    wanted, held = _said(now), _held(current)
    agreed = {COLUMN_OF[field] for field in _AMENDABLE}
    agreed -= {COLUMN_OF[field] for field in _AMENDABLE if wanted[field] != held[field]}
    errors = {
        column: [ERASED_BEFORE]
        for column in changed_columns(before, cells)
        if ERASED in before.get(column, "") and column not in agreed
    }
    if errors:
        raise Conflicting(errors)


ERASED_BEFORE = (
    "held words that had to be erased by law, and an import does not bring any back: leave it blank, "
    "and say in the register what holds now."
)
FIXED_COLUMNS: Mapping[str, list[str]] = {
    "pledger": ["cannot be changed by an import: hand the lead over in the register."],
    "co_pledgers": ["cannot be changed by an import: invite or cancel partners in the register."],
}
"""What no import changes in a known pledge, and what to do instead."""


def check_fixed(before: Row, now: Row, *, is_public: bool) -> None:
    """Refuse changes that only an event of their own can make. A submission is handed in again as a whole."""
    same = {
        "pledger": before.pledger.key == now.pledger.key,
        "co_pledgers": {n.key for n in before.co_pledgers} == {n.key for n in now.co_pledgers},
    }
    errors = {column: instead for column, instead in FIXED_COLUMNS.items() if not same[column]}
    for column in sorted({*before.kept, *now.kept} - {*COLUMNS}):
        if is_public and before.kept.get(column) != now.kept.get(column):
            errors[column] = ["was kept with the first import and cannot be changed by another."]
    if is_public and before.status_note and now.status_note is None:
        errors["status_note"] = ["cannot be cleared: it is a report; correct it in the register."]
    if errors:
        raise InvalidInput(errors)


def amendments_of_export(before: Row, now: Row, current: Content) -> Any:
    """The changes that lead from what the register exports of a pledge today to this row."""
    was, wanted = _said(before), _said(now)
    return _changes([field for field in _AMENDABLE if wanted[field] != was[field]], wanted, current)


def amendments(before: Row, now: Row, current: Content) -> Any:
    """The changes that lead from the last import to this row, for a pledge as it is today.

    Raises Conflicting for fields that the register changed since, to something else than this row says.
    """
    was, wanted, held = _said(before), _said(now), _held(current)
    changed = [field for field in _AMENDABLE if wanted[field] != was[field] and wanted[field] != held[field]]
    errors: dict[str, list[str]] = {}
    for field in changed:
        if held[field] != was[field]:
            said = (
                f"was {shown(was[field])} when last imported, and is now {shown(held[field])} "
                f"in the register and {shown(wanted[field])} in the sheet: "
                "decide which holds, and say so in the register."
            )
            errors[COLUMN_OF[field]] = [said]
    if errors:
        raise Conflicting(errors)
    return _changes(changed, wanted, current)


def _changes(changed: Sequence[str], wanted: Mapping[str, Any], current: Content) -> Any:
    changes = {field: wanted[field] for field in changed}
    if "targets" in changes:
        changes["targets"] = _with_ids(changes["targets"], current.targets)
    if "objectives" in changes:
        # Left out, the basis would become `stated`.
        changes["objectives_basis"] = wanted["objectives_basis"]
    return Changes(**changes)


def _said(row: Row) -> dict[str, Any]:
    return {**_plain(row), "targets": targets_of(row)}


def _held(content: Content) -> dict[str, Any]:
    targets = tuple(
        msgspec.structs.replace(target, id="") for target in content.targets if not target.retired
    )
    return {**{field: getattr(content, field) for field in _AMENDABLE}, "targets": targets}


def _with_ids(wanted: Sequence[Target], current: Sequence[Target]) -> tuple[Target, ...]:
    """The wanted targets, those that are there already under their ids.

    One of numbers is there already where a sheet says it in the words of an export.
    """
    free = [target for target in current if not target.retired]
    kept = []
    for target in wanted:
        same = next((known for known in free if _is_said_by(target, known)), None)
        if same is not None:
            free.remove(same)
        kept.append(same or target)
    return tuple(kept)


def _is_said_by(wanted: Target, known: Target) -> bool:
    return msgspec.structs.replace(known, id="") == wanted or in_words(known) == wanted.description


def shown(value: Any) -> str:
    """A field's value in a sentence."""
    if value in (None, ()):
        return "blank"
    if isinstance(value, tuple):
        items = (item.description or "" if isinstance(item, Target) else str(item) for item in value)
        return f"“{'; '.join(items)}”"
    if isinstance(value, msgspec.Struct):
        return f"{value.value} {value.currency}"  # type: ignore[attr-defined]
    return f"“{value[:80]}”"
