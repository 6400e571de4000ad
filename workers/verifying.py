"""`pledges verify`: what the verifier establishes, and whether the board follows from the events.

Offline: no database, no settings. Must not know how bundles are made.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from uuid import UUID

import click

from domain.reference import compact
from domain.values import utc_day
from workers.setting_aside import Shelf, set_aside
from workers.verifier import (
    ACCOUNT_PARTS,
    LINE_BYTES_MAX,
    MEMBERS,
    SHORTER,
    Checkpoint,
    Established,
    Event,
    Key,
    Pack,
    Wrong,
    counted,
    padded_time,
    read_checkpoint,
    read_keys,
    verify,
)
from workers.verifying_board import (
    Folded,
    Line,
    Task,
    board_object,
    check_order,
    fold,
    fold_for_all,
    place_of,
)
from workers.verifying_events import Reader, partition_of_stream, read_quickly

FEW_EVENTS = 5_000
"""So many are read sooner than processes are started."""
LINES_AT_ONCE = 500
FOR_ALL = 0
REFERENCE_CHARS_MAX = 40
REFERENCE = "reference/"
REFERENCE_DATA = Path(compact.__file__).parent


def verify_bundle(path: Path, key_file: Path | None, older: Path | None) -> int:
    """Check a bundle and say in one line what holds, or what does not; the exit status."""
    try:
        trusted = None if key_file is None else read_keys(str(key_file))
        said = check(str(path), trusted, str(older) if older else None)
    except (Wrong, OSError, RecursionError) as problem:
        click.echo(f"not verified: {problem}", err=True)
        return 1
    except BrokenProcessPool:
        click.echo("not verified: a process of this command was ended before it was done", err=True)
        return 1
    click.echo(f"verified: {said}")
    return 0


def check(
    bundle: str | BinaryIO,
    trusted: list[Key] | None = None,
    older: str | BinaryIO | None = None,
    processes: int | None = None,
) -> str:
    """What holds of a bundle. Raises Wrong. Takes as many processes as there are processors, unless told."""
    pack = Pack(bundle)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pledges-verify-")))
        checking = _Checking(pack, folder, _processes(pack, processes))
        executor = stack.enter_context(checking.executor())
        before = _older(older, executor, checking.processes) if older else None
        reader = Reader(executor, checking.processes, checking.size, folder)
        found = _established(checking, reader, trusted, before)
        board = _Board(checking, reader, executor).compare(datetime.fromisoformat(found.at))
        return f"{found}; {board}; {_as_of(found)}; {_reference_data(pack)}"


@dataclass
class _Older:
    """An older bundle that holds by itself, and its checkpoint, which is believed therefore."""

    pack: Pack
    checkpoint: Checkpoint


def _older(bundle: str | BinaryIO, executor: Executor, processes: int) -> _Older:
    pack = Pack(bundle)
    try:
        verify(pack, events=Reader(executor, processes, 0, None))
    except Wrong as problem:
        raise Wrong(f"the older bundle: {problem}") from None
    return _Older(pack, read_checkpoint(pack.text("checkpoint"), "checkpoint of the older bundle"))


class _Here(Executor):
    """Does at once, in this process, what it is given."""

    def submit(self, job: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(job(*args, **kwargs))
        except Exception as problem:  # noqa: BLE001 - it is raised where the result is asked for
            done.set_exception(problem)
        return done


def _processes(pack: Pack, wanted: int | None) -> int:
    few = _size(pack) < FEW_EVENTS
    return wanted if wanted is not None else 1 if few else os.cpu_count() or 1


def _size(pack: Pack) -> int:
    """How many events the bundle says it has; 0 if it does not, which is told later."""
    try:
        return read_checkpoint(pack.text("checkpoint"), "checkpoint").size
    except Wrong:
        return 0


@dataclass
class _Checking:
    """What the steps of checking have in common."""

    pack: Pack
    folder: Path
    processes: int

    @property
    def size(self) -> int:
        return _size(self.pack)

    def executor(self) -> Executor:
        if self.processes == 1:
            return _Here()
        return ProcessPoolExecutor(self.processes, multiprocessing.get_context("spawn"))


def _established(
    checking: _Checking, reader: Reader, trusted: list[Key] | None, older: _Older | None
) -> Established:
    try:
        return verify(checking.pack, trusted, older.checkpoint if older else None, reader)
    except Wrong as problem:
        # The versions of streams are looked at last, partition by partition: one before this is told first.
        shelf, folded = reader.shelf, Folded()
        for number in range(shelf.partitions):
            places = tuple(shelf.places(number))
            folded.add(check_order(places, reader.first_withheld, reader.position))
        folded.check_events()
        said = str(problem)
        if older and said.startswith((SHORTER, f"checkpoint {older.checkpoint.size}: expected the root")):
            _check_same(older, checking.pack)
        if said.startswith(SHORTER):
            raise Wrong(f"{said}, all of them the same: it was cut") from None
        raise


def _check_same(older: _Older, pack: Pack) -> None:
    """Raises Wrong for the first event that is another in the older bundle."""
    both = zip(older.pack.lines("events.jsonl"), pack.lines("events.jsonl"), strict=False)
    for position, (was, now) in enumerate(both, 1):
        before, after = read_quickly(was, position), read_quickly(now, position)
        if before.leaf != after.leaf:
            where, expected, found = _difference(before, after)
            raise Wrong(
                f"event {position}, {where}: the older bundle has {expected}, and this one {found}: "
                "the log was forked"
            )


def _difference(before: Event, after: Event) -> tuple[str, str, str]:
    if before.header is not None and after.header is not None:
        for name in ("header", "payload"):
            was, now = json.loads(before.line[name]), json.loads(after.line[name])
            for field in sorted({*was, *now} - {"digests", "word_digests"}):
                part, both = f"{name}.{field}", (was.get(field), now.get(field))
                if both[0] != both[1] and not (part in ACCOUNT_PARTS and None in both):  # withheld in one
                    return part, repr(both[0]), repr(both[1])
    return "leaf", before.leaf.hex(), after.leaf.hex()


class _Board:
    """Compares the board in the pack with what the events make."""

    def __init__(self, checking: _Checking, reader: Reader, executor: Executor) -> None:
        self._pack, self._folder, self._processes = checking.pack, checking.folder, checking.processes
        self._reader, self._executor = reader, executor
        self._lines = Shelf(reader.shelf.partitions)
        self._folded = Folded()
        self._number = 0

    def compare(self, at: datetime) -> str:
        """What was compared, as of a time. Raises Wrong for the first that differs."""
        manifest = json.loads(self._pack.text("manifest.json"))
        self._set_lines_aside()
        for folded in self._fold(utc_day(at), tuple(manifest.get("erased_since", ()))):
            self._folded.add(folded)
        folded = self._folded
        folded.check_events()
        self._check_matches()
        if folded.of_board:
            raise Wrong(min(folded.of_board)[1])
        if folded.missing:
            raise Wrong(f"board.jsonl: the pledge {min(folded.missing)} is missing")
        if folded.versions_withheld > (withheld := self._reader.withheld):
            raise Wrong(
                f"board.jsonl: its versions speak of {folded.versions_withheld} events that are not there, "
                f"and {withheld} are withheld"
            )
        return self._said()

    def _fold(self, day: date, since: Sequence[dict[str, Any]]) -> Iterator[Folded]:
        shelf, withheld = self._reader.shelf, self._reader.first_withheld
        for_all = tuple(shelf.places(FOR_ALL))
        yield fold_for_all(for_all, withheld)
        tasks = (
            Task(
                tuple(shelf.places(number)), tuple(self._lines.places(number)), for_all, day, withheld, since
            )
            for number in range(1, shelf.partitions)
        )
        # A few at a time: a task names the place of each piece of its partition, in every file.
        under_way = deque(self._executor.submit(fold, task) for task in islice(tasks, 2 * self._processes))
        while under_way:
            folded = under_way.popleft().result()
            under_way.extend(self._executor.submit(fold, task) for task in islice(tasks, 1))
            yield folded

    # -- lines

    def _set_lines_aside(self) -> None:
        """Each line goes where the events of its pledge are, if it stands where it should."""
        kept: dict[int, list[Line]] = {}
        try:
            for line in self._in_order():
                partition = partition_of_stream(line.id, self._lines.partitions)
                kept.setdefault(partition, []).append(line)
                if line.number % LINES_AT_ONCE == 0:
                    self._lines.add(set_aside(self._folder, self._lines.partitions, kept))
                    kept = {}
        except Wrong as problem:
            self._folded.of_board.append((self._number, str(problem)))
        self._lines.add(set_aside(self._folder, self._lines.partitions, kept))

    def _in_order(self) -> Iterator[Line]:
        last, total = (False, 0, 0, ""), 0
        for line in self._pack.lines("board.jsonl"):
            self._number += 1
            where = f"board.jsonl, line {self._number}"
            place = place_of(line, where)
            pledge_id = _uuid(place.id, where)
            key = _order_key(place.reference, pledge_id)
            if key <= last:
                raise Wrong(f"{where}: the pledge {pledge_id} does not stand in the order of references")
            total += len(line)
            if total > LINE_BYTES_MAX + 8 * self._reader.bytes:
                raise Wrong(f"{where}: the board is far longer than the events that it should follow from")
            last = key
            yield Line(self._number, pledge_id, line)

    # -- what pledges say of one another

    def _check_matches(self) -> None:
        """A matching pledge shows the one that it matches, if that one is public: as its own line does."""
        wanted = {match for _, _, match, _ in self._folded.matches if match}
        told: dict[str, Any] = {}
        for line in self._pack.lines("board.jsonl") if wanted and not self._folded.of_board else ():
            shown = board_object(line, "board.jsonl")
            if shown["id"] in wanted:
                told[shown["id"]] = {name: shown.get(name) for name in ("id", "reference", "title")}
        for number, pledge_id, match, found in self._folded.matches:
            expected = told.get(match or "")
            if found != expected and not self._folded.of_board:
                self._folded.of_board.append(
                    (
                        number,
                        f"board.jsonl, pledge {pledge_id}, matches: expected {expected!r}, found {found!r}",
                    )
                )

    def _said(self) -> str:
        found = self._folded
        said = counted(
            found.compared,
            "pledge folded from them is that of the board",
            "pledges folded from them are those of the board",
        )
        if found.open:
            said += f", {found.open:,} more but for what withheld events say of their partners"
        if found.unnamed:
            said += f", {found.unnamed:,} more but for what withheld events say of entities and erasures"
        if found.withheld:
            said += (
                f"; {counted(found.withheld, 'pledge', 'pledges')} could not be compared, since events of "
                "theirs are withheld"
            )
        return said


def _as_of(found: Established) -> str:
    """Of when the board is, and who says so: the log bounds it on one side only."""
    position, recorded_at = found.last
    if padded_time(found.at) == padded_time(recorded_at):
        return f"the board as of {found.at}, when event {position} was recorded"
    return (
        f"the board as of {found.at}, when the checkpoint was signed, as manifest.json says "
        f"(the last event that can be read, {position}, was recorded at {recorded_at})"
    )


def _reference_data(pack: Pack) -> str:
    """Nothing signs them: all that can be said is whether this program has the same."""
    names = (name for name in MEMBERS if name.startswith(REFERENCE))
    same = all(
        pack.text(name).encode() == (REFERENCE_DATA / name.removeprefix(REFERENCE)).read_bytes()
        for name in names
    )
    return (
        "reference data are those of this program"
        if same
        else "reference data are not checked, as they are not those of this program"
    )


def _order_key(reference: Any, pledge_id: str) -> tuple[bool, int, int, str]:
    cycle, _, number = str(reference)[:REFERENCE_CHARS_MAX].partition("-")
    if not (cycle.isdecimal() and number.isdecimal()):
        return True, 0, 0, pledge_id
    return False, int(cycle), int(number), pledge_id


def _uuid(said: Any, where: str) -> str:
    try:
        found = str(UUID(said))
    except (ValueError, TypeError, AttributeError):
        found = ""
    if found != said:
        raise Wrong(f"{where}: has no id")
    return found
