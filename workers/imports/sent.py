"""Sheets that were sent in browsers: looked at, and imported once somebody confirmed what was foreseen.

Done by whichever worker claims one; killed in the middle, another one goes on after the last recorded row.
Must not know who shows what came of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import msgspec
import structlog

from domain.actors import Actor
from domain.errors import NotPermitted, RegisterError
from domain.imports.columns import Header, read_header
from domain.imports.commands import StartImport
from domain.imports.matching import as_ours
from domain.imports.plan import Planned
from domain.imports.preview import Foreseen
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.moments import NotReadYet
from projections.problems import OperatorProblem
from projections.questions import BOARD
from projections.sent_sheets.sheet_rows import ALIKE, SheetRow, noting_end, noting_rows, while_in_hand
from projections.sent_sheets.sheets import Claimed, ClaimLost
from projections.sent_sheets.titles import Titles
from projections.sheets.opening import open_sheet
from projections.sheets.sheets import Sheet, UnreadableFile
from projections.sheets.spool import RawRow, Spool
from workers.imports.importer import Followed, Importer, Job

LOOK_SECONDS = 1.0
PUT_OFF_SECONDS = 5.0
SHOWN_CHARS_MAX = 300
CHANNEL = "form"
SAID_EVERY_SECONDS = 8.0
CLAIMS_MAX = 5

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The worker is to stop: what was recorded so far stays, and another one goes on."""


def keep_importing(runtime: Runtime, stop: Event) -> None:
    """Deal with whatever sheets wait, until told to stop."""
    while not stop.is_set():
        try:
            found = carry_out_next(runtime, stop)
        except (OperatorProblem, NotReadYet) as problem:
            log.warning("imports.put-off", problem=str(problem))
            stop.wait(PUT_OFF_SECONDS)
        else:
            if not found:
                stop.wait(LOOK_SECONDS)


def carry_out_next(runtime: Runtime, stop: Event) -> bool:
    """Deal with one sheet that waits; False if none does."""
    claimed = runtime.sent_sheets.claim()
    if claimed is None:
        return False
    try:
        with _heard_of(runtime, claimed):
            _carry_out(runtime, claimed, stop)
    except ClaimLost:
        log.warning("imports.lost", sheet=str(claimed.sheet.id))
    except (Stopped, NotReadYet) as reason:
        runtime.sent_sheets.release(claimed)
        if isinstance(reason, NotReadYet):
            raise
    except (UnreadableFile, RegisterError) as problem:
        _fail(runtime, claimed, str(problem))
    except OperatorProblem:  # the database is away: whoever finds it back goes on
        raise
    except Exception as problem:
        log.warning("imports.failed", sheet=str(claimed.sheet.id), exc_info=problem)
        _fail(runtime, claimed, "something went wrong in the register; its operators find it in their log")
    return True


@contextmanager
def _heard_of(runtime: Runtime, claimed: Claimed) -> Iterator[None]:
    """Say that the sheet is in hand for as long as this process works on it."""
    done = Event()

    def say() -> None:
        while not done.wait(SAID_EVERY_SECONDS):
            with suppress(OperatorProblem):
                try:
                    runtime.sent_sheets.hold(claimed)
                except ClaimLost:  # what is recorded next finds out too
                    return

    saying = Thread(target=say, daemon=True)
    saying.start()
    try:
        yield
    finally:
        done.set()
        saying.join()


def _fail(runtime: Runtime, claimed: Claimed, problem: str) -> None:
    try:
        runtime.sheet_rows.fail(claimed, problem)
    except ClaimLost:
        log.warning("imports.lost", sheet=str(claimed.sheet.id))


def _carry_out(runtime: Runtime, claimed: Claimed, stop: Event) -> None:
    if claimed.sheet.claims > CLAIMS_MAX:
        raise UnreadableFile(f"the file could not be read: {CLAIMS_MAX} workers ended over it")

    def going_on(_: int) -> None:
        if stop.is_set():
            raise Stopped

    with _read(runtime, claimed) as sheet, Spool(sheet, going_on) as spool:
        work = _Work(runtime, claimed, stop, sheet, spool)
        if claimed.sheet.stage == "checking":
            work.look()
        else:
            work.do()


@contextmanager
def _read(runtime: Runtime, claimed: Claimed) -> Iterator[Sheet]:
    with runtime.sent_sheets.file(claimed.sheet.id) as path:
        try:
            yield open_sheet(path)
        except UnreadableFile as problem:
            raise UnreadableFile(_without(path, problem)) from problem


def _actor(runtime: Runtime, claimed: Claimed) -> Actor:
    actor = runtime.signing_in.actor_of_account(claimed.sheet.account, channel=CHANNEL)
    if actor is None or not actor.has("secretariat"):
        raise NotPermitted("Who sent or confirmed this sheet is not of the Secretariat any more.")
    return actor


def _without(path: Path, problem: UnreadableFile) -> str:
    return str(problem).replace(str(path), "the file")


class _Work:
    """One sheet in hand, read through."""

    def __init__(self, runtime: Runtime, claimed: Claimed, stop: Event, sheet: Sheet, spool: Spool) -> None:
        self._runtime, self._claimed, self._stop = runtime, claimed, stop
        self._sheet, self._spool = sheet, spool
        self._actor = _actor(runtime, claimed)
        sent = claimed.sheet
        heading = as_ours(spool.header, sent.columns)
        self._header = read_header(heading, sent.keep, needs_ref=sent.mode == "record")
        self._seen: list[SheetRow] = []
        self._entities: dict[int, UUID] = {}
        self._titles: dict[UUID, Titles[dict[str, str | int]]] = {}
        self._digest = hashlib.sha256()
        self._dealt_with = self._are_alike = 0

    def look(self) -> None:
        """Foresee what becomes of each row."""
        rows = self._runtime.sheet_rows
        ignored = (*self._header.ignored, *self._sheet.ignored)
        rows.begin(self._claimed, rows=self._spool.count, ignored=ignored)
        importer = Importer(self._runtime, self._job(dry_run=True), lambda *_: None, Followed(see=self._see))
        tally = importer.run(self._spool.rows(), self._foreseen)
        counts = {**tally.counts, ALIKE: self._are_alike} if self._are_alike else dict(tally.counts)
        rows.checked(self._claimed, counts=counts, preview=self._digest.hexdigest())

    def do(self) -> None:
        """Import what was not imported yet."""
        self._runtime.sheet_rows.began(self._claimed)
        claimed = self._claimed
        followed = Followed(
            still=while_in_hand(claimed), noting=lambda outcomes: noting_rows(claimed, outcomes),
            ending=noting_end(claimed), last_row=claimed.sheet.last_row,
        )  # fmt: skip
        importer = Importer(self._runtime, self._job(dry_run=False), lambda *_: None, followed)
        importer.run(self._spool.rows(), lambda _: self._go_on())

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def _job(self, *, dry_run: bool) -> Job:
        sent = self._claimed.sheet
        start = StartImport(
            import_id=sent.id, sha256=sent.sha256, bytes=sent.bytes, media=self._sheet.media, mode=sent.mode,
            rows=self._spool.count, kept=self._header.kept, authority=sent.cited,
        )  # fmt: skip
        return Job(
            start=start, header=self._header, filename=sent.filename, actor=self._actor,
            pads=self._sheet.pads, dry_run=dry_run,
        )  # fmt: skip

    # -- what is foreseen

    def _see(self, raw: RawRow, planned: Planned, seen: Foreseen) -> None:
        outcome = planned.outcome
        number, cells = raw
        self._seen.append(
            SheetRow(
                row=number, outcome=outcome.outcome, ref=outcome.ref,
                pledge=None if seen.entity else outcome.pledge,
                title=seen.title or _cell(cells, self._header, "title"),
                pledger=_cell(cells, self._header, "pledger"), problem=outcome.problem, errors=planned.errors,
                changes=[msgspec.structs.asdict(change) for change in seen.changes],
                cells=cells if outcome.problem else None,
            )
        )  # fmt: skip
        if seen.entity:
            self._entities[number] = seen.entity

    def _foreseen(self, count: int) -> None:
        """Keep what was foreseen of some rows."""
        self._go_on()
        self._learn_titles()
        rows = [msgspec.structs.replace(row, alike=self._alike(row)) for row in self._seen]
        self._dealt_with += count
        self._are_alike += sum(1 for row in rows if row.alike)
        self._runtime.sheet_rows.foresee(self._claimed, rows, dealt_with=self._dealt_with)
        for row in rows:
            self._digest.update(msgspec.json.encode(msgspec.structs.replace(row, cells=None)))
        self._seen, self._entities = [], {}

    def _learn_titles(self) -> None:
        """The titles of those of whom nothing was asked yet."""
        new = set(self._entities.values()) - set(self._titles)
        if not new:
            return
        self._titles.update({entity: Titles() for entity in new})
        questions = self._runtime.questions
        filters = PledgeFilters(entity=tuple(map(str, sorted(new))))
        moment = questions.moment(of=BOARD)
        for pledge in questions.every_pledge(filters, viewer=self._actor, moment=moment):
            titles = self._titles.get(UUID(pledge["entity"]["id"]))
            if titles is not None and pledge["title"]:
                named = {"pledge": pledge["id"], "reference": pledge["reference"], "title": pledge["title"]}
                titles.add(named, pledge["title"])

    def _alike(self, row: SheetRow) -> Sequence[dict[str, str | int]]:
        entity = self._entities.get(row.row)
        if entity is None or row.title is None:
            return ()
        titles = self._titles[entity]
        found = titles.like(row.title)
        titles.add({"row": row.row, "title": row.title[:SHOWN_CHARS_MAX]}, row.title)
        return found


def _cell(cells: Sequence[str], header: Header, column: str) -> str | None:
    place = header.places.get(column)
    return cells[place][:SHOWN_CHARS_MAX] if place is not None and place < len(cells) else None
