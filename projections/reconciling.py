"""Reconciles an outside sheet with the register as of a moment, line by line, in one pass over each.

The register's pledges wait in a temporary file, found by digests of what may name them: memory grows with
their number alone, whatever the sheet is. Must not know formats, nor who asks.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

import msgspec

from domain.documents.reconcile import (
    Finding,
    Key,
    NamedIds,
    Ours,
    compared,
    keys_of,
    named_keys,
    ours,
    references,
    title_key,
)
from domain.entities.names import NAME
from domain.errors import InvalidInput
from domain.imports.columns import EXPORTED_BESIDE, Header, column_key, read_header, told_apart
from domain.imports.pledgers import names_in
from domain.imports.rows import Row, clean_cells, read_row
from domain.values import ERASED
from projections.board.filters import PledgeFilters
from projections.database.import_memory import ImportMemory
from projections.moments import Moment
from projections.questions import Questions
from projections.sheets.opening import digest_of, open_sheet
from projections.sheets.sheets import Sheet, UnreadableFile
from projections.sheets.spool import RawRow, Spool

LINES_AT_ONCE = 300
NAMED_MAX = 5
PLACEHOLDER = "-"
"""Stands for a missing reference where a line is read: lines are found by title and pledger too."""


@dataclass
class Totals:
    """How many lines came to what, and how many pledges of the register were named.

    lines = same + differs + not_here + ambiguous + unreadable;
    pledges = same + differs + unclear + not_there, where unclear ones are named by ambiguous lines alone.
    """

    results: Counter[str] = field(default_factory=Counter)
    pledges: int = 0
    unclear: int = 0

    @property
    def lines(self) -> int:
        return sum(count for result, count in self.results.items() if result != "not_there")

    @property
    def agrees(self) -> bool:
        """Whether document and register say the same, line for line and pledge for pledge."""
        return self.results["same"] == self.lines == self.pledges


@dataclass(frozen=True)
class Reconciliation:
    """A sheet that was read through and waits to be compared. `findings` can be asked for once."""

    sha256: str
    ignored: tuple[str, ...]
    moment: Moment
    totals: Totals
    findings: Iterator[Finding]


@contextmanager
def reconciled(
    path: Path, questions: Questions, memory: ImportMemory, moment: Moment, *, lines_max: int | None = None
) -> Iterator[Reconciliation]:
    """The sheet in a file beside the public pledges of a moment.

    Raises UnreadableFile and WrongHeader before anything is compared.
    """
    sheet = open_sheet(path)
    with Spool(sheet) as spool, _Register() as register:
        header = _header(spool.header)
        if lines_max is not None and spool.count > lines_max:
            raise UnreadableFile(
                f"the file has {spool.count:,} lines; {lines_max:,} is the most here, and more are compared "
                "by `pledges reconcile`"
            )
        for pledge in questions.every_pledge(PledgeFilters(), viewer=None, moment=moment):
            register.add(ours(pledge))
        totals = Totals(pledges=len(register))
        findings = _Comparison(header, sheet, register, memory, totals).of(spool.rows())
        sha256, _ = digest_of(path)
        yield Reconciliation(sha256, (*header.ignored, *sheet.ignored), moment, totals, findings)


def _header(cells: Sequence[str]) -> Header:
    """What the header says; the columns that exports carry beside those of imports are compared too."""
    known = {column_key(cell) for cell in cells}
    return read_header(cells, [name for name in EXPORTED_BESIDE if name in known], needs_ref=False)


class _Register:
    """The pledges of the register in a file, by what names them."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="pledges-reconcile-")  # noqa: SIM115 - see __exit__
        self._begins = array("Q")
        self._by_key: dict[bytes, int | list[int]] = {}
        self._encoder, self._decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Ours)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._begins)

    def add(self, pledge: Ours) -> None:
        number = len(self._begins)
        self._begins.append(self._file.tell())
        self._file.write(self._encoder.encode(pledge) + b"\n")
        for key in map(_digest, dict.fromkeys(keys_of(pledge))):
            known = self._by_key.setdefault(key, number)
            if isinstance(known, list):
                known.append(number)
            elif known != number:
                self._by_key[key] = [known, number]

    def find(self, key: Key) -> list[int]:
        """The numbers of the pledges that a key names."""
        found = self._by_key.get(_digest(key), [])
        return found if isinstance(found, list) else [found]

    def __getitem__(self, number: int) -> Ours:
        self._file.seek(self._begins[number])
        return self._decoder.decode(self._file.readline())


def _digest(key: Key) -> bytes:
    return blake2b("\0".join(key).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Comparison:
    """Compares lines in their order, and then tells of the pledges that none of them named."""

    def __init__(
        self, header: Header, sheet: Sheet, register: _Register, memory: ImportMemory, totals: Totals
    ) -> None:
        self._header, self._pads = header, sheet.pads
        self._register, self._memory, self._totals = register, memory, totals
        self._row_of = array("Q", [0]) * len(register)
        self._unclear = bytearray(len(register))

    def of(self, rows: Iterable[RawRow]) -> Iterator[Finding]:
        remaining = iter(rows)
        while batch := list(islice(remaining, LINES_AT_ONCE)):
            yield from self._batch(batch)
        yield from self._not_there()

    def _batch(self, batch: Sequence[RawRow]) -> Iterator[Finding]:
        lines = [(number, self._read(row)) for number, row in batch]
        names = {name for _, line in lines if isinstance(line, _Line) for name in names_in(line.cells)}
        named = self._memory.holders(NAME, list(names))
        for number, line in lines:
            finding = self._line(number, line, named)
            self._totals.results[finding.result] += 1
            yield finding

    def _read(self, row: Sequence[str]) -> _Line | str:
        told = told_apart(row, self._header, pads=self._pads)
        if isinstance(told, str):
            return told
        try:
            cells = clean_cells(told)
            given = {"ref": cells.get("ref") or PLACEHOLDER}
            if told.get("title", "").strip() == ERASED:  # as the register exports it; its references find it
                given["title"] = PLACEHOLDER
            return _Line(cells, read_row({**cells, **given}))
        except InvalidInput as problem:
            return problem.detail

    def _line(self, number: int, line: _Line | str, named: NamedIds) -> Finding:
        if isinstance(line, str):
            return Finding(result="unreadable", row=number, note=line)
        found = self._find(line, named)
        if not found:
            return Finding(result="not_here", row=number, note=_called(line.cells))
        before = self._row_of[found[0]]
        if len(found) > 1 or before:
            return self._ambiguous(number, found, before)
        self._row_of[found[0]] = number
        pledge = self._register[found[0]]
        differences, not_compared = compared(line.cells, line.row, pledge, named)
        return Finding(
            result="differs" if differences else "same",
            row=number,
            pledge=pledge.id,
            reference=pledge.reference,
            differences=differences,
            not_compared=not_compared,
        )

    def _find(self, line: _Line, named: NamedIds) -> list[int]:
        found = {number for key in named_keys(line.cells) for number in self._register.find(key)}
        key = None if found else title_key(line.cells, line.row, named)
        if key:
            found = set(self._register.find(key))
        return sorted(found)

    def _ambiguous(self, number: int, found: Sequence[int], before: int) -> Finding:
        if len(found) == 1:
            note = f"names {references([self._register[found[0]]])}, which row {before} names too."
            return Finding(result="ambiguous", row=number, note=note)
        for one in found:
            self._unclear[one] = 1
        some = references(self._register[one] for one in found[:NAMED_MAX])
        more = f" and {len(found) - NAMED_MAX} more" if len(found) > NAMED_MAX else ""
        return Finding(result="ambiguous", row=number, note=f"may be any of {some}{more}.")

    def _not_there(self) -> Iterator[Finding]:
        for number, row in enumerate(self._row_of):
            if row:
                continue
            if self._unclear[number]:
                self._totals.unclear += 1
                continue
            self._totals.results["not_there"] += 1
            pledge = self._register[number]
            yield Finding(
                result="not_there", pledge=pledge.id, reference=pledge.reference, note=_called(pledge.cells)
            )


def _called(cells: Mapping[str, str]) -> str:
    """What a line or a pledge calls itself, for people who look for it on the other side."""
    return f"“{cells.get('title') or ERASED}”, {cells.get('pledger', '')}"


@dataclass(frozen=True, slots=True)
class _Line:
    cells: Mapping[str, str]
    row: Row


# -- as rows

COLUMNS = ("row", "result", "reference", "pledge", "column", "theirs", "ours", "not_compared", "note")


def table(finding: Finding) -> Iterator[dict[str, Any]]:
    """A finding as rows of a table: one for each column that differs, else one alone."""
    said = {
        "row": finding.row, "result": finding.result, "reference": finding.reference,
        "pledge": finding.pledge, "not_compared": "; ".join(finding.not_compared), "note": finding.note,
    }  # fmt: skip
    if not finding.differences:
        yield {**dict.fromkeys(COLUMNS), **said}
    for one in finding.differences:
        yield {**said, "column": one.column, "theirs": one.theirs, "ours": one.ours}
