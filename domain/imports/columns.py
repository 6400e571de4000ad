"""The columns of a sheet of pledges: which there are, which are needed, which are never kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.errors import RegisterError

COLUMNS = (
    "ref", "title", "pledger", "pledger_category", "pledger_kind", "co_pledgers", "pledge_type", "forms",
    "objectives", "objectives_basis", "principles", "amount", "currency", "scope",
    "country_of_implementation", "announced_on", "due_on", "targets", "status_note", "summary",
)  # fmt: skip
EXPORTED_BESIDE = ("reference", "status", "percent", "version", "erased")
"""What an export carries after the columns that an import reads. An import says nothing about them."""
NAMES_PLEDGE = ("reference", "version")
"""Those of them by which an import knows the register's own export again (`own_export`)."""

NEEDED = ("ref", "title", "pledger")
COLUMNS_MAX = 500

_CONTACT = re.compile(
    r"(?:^|_)(?:e_?mails?|mails?|phones?|tele?phones?|tel|fax|contacts?|focal_?points?|filers?|submitters?|whatsapp|"
    r"(?:first|last|sur|given|family|full|user|maiden)_?names?|passports?|birth|job_title|street|"
    r"(?:postal|home|mail|e)_?address(?:es)?)(?:_|$)"
    r"|^(?:names?|persons?|address(?:es)?|mobiles?|mobile_(?:number|no)|cell|position|signature|filled_in_by|submitted_by)$"
)


class WrongHeader(RegisterError):
    """The first row does not say what the columns are. Nothing of the file was used."""

    code = "wrong-header"


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column stands. `ignored` columns are not read, and the summary names them.

    `beside` are those columns of an export that name its pledge; they are no cells of the row.
    """

    places: dict[str, int]
    kept: tuple[str, ...]
    ignored: tuple[str, ...]
    width: int
    beside: dict[str, int] = field(default_factory=dict)


def column_key(name: str) -> str:
    """How names of columns are told apart: case and white space at the ends do not count."""
    return name.strip().casefold()


def is_contact_like(name: str) -> bool:
    """Whether a column is likely to say who somebody is or how to reach them: such are never kept."""
    return _CONTACT.search(re.sub(r"\W+", "_", name.strip().casefold())) is not None


def read_header(cells: Sequence[str], keep: Sequence[str] = (), *, needs_ref: bool = True) -> Header:
    """What the header says, or WrongHeader with the rule. `keep` names columns that are kept as facts."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    _check_width(names)
    keys = [column_key(name) for name in names]
    _check_names(keys, keep, needs_ref=needs_ref)
    kept_keys = {column_key(name) for name in keep} - set(COLUMNS)
    places = {key: place for place, key in enumerate(keys) if key in COLUMNS}
    kept = {names[place]: place for place, key in enumerate(keys) if key in kept_keys}
    beside = {key: keys.index(key) for key in NAMES_PLEDGE if key not in kept_keys and keys.count(key) == 1}
    if "reference" not in beside:
        beside = {}
    ignored = tuple(
        names[place] or f"(column {place + 1}, without a name)"
        for place, key in enumerate(keys)
        if key not in (*COLUMNS, *kept_keys, *beside)
    )
    return Header(
        places={**places, **kept}, kept=tuple(kept), ignored=ignored, width=len(names), beside=beside
    )


def told_apart(row: Sequence[str], header: Header, *, pads: bool) -> dict[str, str] | str:
    """The cells of a row that are read, by column; or why it cannot be told apart into columns.

    `pads`: rows of its format end at their last cell that says something, so that a short one is no damage.
    """
    width = header.width
    if (len(row) < width and not pads) or any(cell.strip() for cell in row[width:]):
        return (
            f"has {len(row)} cells, but the header has {width} columns: "
            "look for a missing or stray comma or quote."
        )
    return {column: row[place] for column, place in header.places.items() if place < len(row)}


def said_beside(row: Sequence[str], header: Header) -> dict[str, str]:
    """What a row of an export says of its pledge beside its cells."""
    return {column: row[place].strip() for column, place in header.beside.items() if place < len(row)}


def _check_width(names: Sequence[str]) -> None:
    if not any(names):
        raise WrongHeader("The first row is empty; it has to name the columns.")
    if len(names) > COLUMNS_MAX:
        raise WrongHeader(f"The first row has {len(names)} columns; {COLUMNS_MAX} is the most.")


def _check_names(keys: Sequence[str], keep: Sequence[str], *, needs_ref: bool) -> None:
    missing = [name for name in NEEDED if name not in keys and (needs_ref or name != "ref")]
    if missing:
        raise WrongHeader(_without(", ".join(missing), keys))
    watched = {*COLUMNS, *map(column_key, keep)}
    if twice := [key for key in keys if key in watched and keys.count(key) > 1]:
        raise WrongHeader(f"The column {twice[0]} stands twice in the first row.")
    for name in keep:
        if is_contact_like(name):
            raise WrongHeader(f"The column {name} looks like contact details, which are never kept.")
        if column_key(name) not in keys:
            raise WrongHeader(f"The first row has no column {name} that could be kept.")


def _without(names: str, keys: Sequence[str]) -> str:
    """That columns are missing; and why, where the file looks as if other signs stood for commas."""
    rule = f"The first row has no column {names}."
    if _any_holds(";", keys):
        rule = f"{rule} The columns seem to be separated by semicolons; commas are needed."
    elif _any_holds("\t", keys):
        rule = f"{rule} The columns seem to be separated by tabs; commas are needed."
    elif _any_holds("|", keys):
        rule = f"{rule} The columns seem to be separated by bars; commas are needed."
    return rule


def _any_holds(sign: str, keys: Sequence[str]) -> bool:
    return any(sign in key for key in keys)
