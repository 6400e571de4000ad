"""`pledges verify`: what the verifier establishes, and whether the board follows from the events.

Offline: no database, no settings. The board is folded from the events by the rules of the domain, without
read models. Must not know how bundles are made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import msgspec

from domain import aggregates  # noqa: F401 - knows all events
from domain.entities.document import entity_document
from domain.entities.evolve import evolve as evolve_entity
from domain.entities.state import Entity, survivor
from domain.errors import UnreadableEvent
from domain.pledges.derived import is_overdue, staleness
from domain.pledges.document import PUBLIC_PARTNERS, document
from domain.pledges.evolve import evolve as evolve_pledge
from domain.pledges.state import Pledge
from domain.recording import Recorded, read_fact, read_header
from domain.values import utc_day
from workers.verifier import Checkpoint, Event, Pack, Wrong, read_checkpoint, read_key, verify


def verify_bundle(path: Path, key_file: Path | None, older: Path | None) -> int:
    """Check a bundle and say in one line what holds, or what does not; the exit status."""
    try:
        trusted = None
        if key_file is not None:
            trusted = [read_key(words) for words in key_file.read_text(encoding="utf-8").split()]
        pack, board = Pack(str(path)), Board()
        found = verify(pack, trusted, _checkpoint_of(older) if older else None, board.see)
        compared = board.compare(pack)
    except (Wrong, OSError, UnicodeDecodeError) as problem:
        click.echo(f"not verified: {problem}", err=True)
        return 1
    click.echo(f"verified: {found}; {compared}")
    return 0


def _checkpoint_of(path: Path) -> Checkpoint:
    """The checkpoint of an older bundle, which is believed once that bundle holds by itself."""
    pack = Pack(str(path))
    try:
        verify(pack)
    except Wrong as problem:
        raise Wrong(f"the older bundle: {problem}") from None
    return read_checkpoint(pack.text("checkpoint"), "checkpoint of the older bundle")


@dataclass
class Board:
    """Pledges and entities as the events make them."""

    pledges: dict[UUID, Pledge] = field(default_factory=dict)
    entities: dict[UUID, Entity] = field(default_factory=dict)
    is_whole: bool = True

    def see(self, event: Event) -> None:
        """Take one more event. Raises Wrong for one that says nothing that this code understands."""
        if event.header is None:
            self.is_whole = False
            return
        kind = str(event.header.get("name")).partition(".")[0]
        if kind not in ("pledge", "entity"):
            return
        try:
            self._take(kind, _recorded(event))
        except (UnreadableEvent, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Wrong(f"event {event.position}: does not follow from those before it: {problem}") from None

    def _take(self, kind: str, recorded: Recorded) -> None:
        stream = recorded.header.stream
        if kind == "entity":
            self.entities[stream] = evolve_entity(self.entities.get(stream), recorded)
        else:
            self.pledges[stream] = evolve_pledge(self.pledges.get(stream), recorded)

    def compare(self, pack: Pack) -> str:
        """What was compared with the board in the pack. Raises Wrong for what differs."""
        if not self.is_whole:
            return "the board was not compared, since events are withheld"
        at = json.loads(pack.text("manifest.json")).get("at")
        try:
            day = utc_day(datetime.fromisoformat(str(at)))
        except ValueError:
            raise Wrong(f"manifest.json: at {at!r} is no time") from None
        public = {id_ for id_, pledge in self.pledges.items() if pledge.phase == "public"}
        for number, line in enumerate(pack.lines("board.jsonl"), 1):
            shown = _object(line, f"board.jsonl, line {number}")
            pledge_id = _uuid(shown.get("id"), f"board.jsonl, line {number}")
            if pledge_id not in public:
                raise Wrong(f"board.jsonl, line {number}: no event makes a public pledge {pledge_id}")
            public.discard(pledge_id)
            self._compare(self.pledges[pledge_id], shown, day)
        if public:
            raise Wrong(f"board.jsonl: the pledge {min(public)} is missing")
        count = sum(pledge.phase == "public" for pledge in self.pledges.values())
        return f"{count:,} pledges folded from them are those of the board"

    def _compare(self, pledge: Pledge, shown: Mapping[str, Any], day: date) -> None:
        for name, expected in self._expected(pledge, day):
            found = shown.get(name)
            if found != expected:
                raise Wrong(
                    f"board.jsonl, pledge {pledge.id}, {name}: expected {expected!r}, found {found!r}"
                )

    def _expected(self, pledge: Pledge, day: date) -> Iterator[tuple[str, Any]]:
        full: dict[str, Any] = msgspec.to_builtins(document(pledge))
        until, stale = full.pop("due_until"), full.pop("stale_since")
        days = (date.fromisoformat(stale[0]), date.fromisoformat(stale[1])) if stale else None
        yield "overdue", is_overdue(date.fromisoformat(until) if until else None, day)
        yield "staleness", staleness(days, day)
        yield "entity", self._entity(full.pop("entity"), day)
        yield "matches", self._match(full.pop("matches"))
        yield "returned", None
        yield (
            "partners",
            [
                {**told, "entity": self._entity(told["entity"], day)}
                for told in full.pop("partners")
                if told["state"] in PUBLIC_PARTNERS
            ],
        )
        for name in ("money", "verdicts"):
            yield name, [{**told, "entity": self._entity(told["entity"], day)} for told in full.pop(name)]
        full.pop("returned")
        yield from full.items()

    def _entity(self, entity_id: str | None, day: date) -> dict[str, Any] | None:
        if entity_id is None:
            return None
        found = self.entities.get(UUID(entity_id))
        if found is None:
            return None
        told: dict[str, Any] = msgspec.to_builtins(entity_document(survivor(found, self.entities.get), day))
        return told

    def _match(self, pledge_id: str | None) -> dict[str, Any] | None:
        other = self.pledges.get(UUID(pledge_id)) if pledge_id else None
        if other is None or other.phase != "public":
            return None
        return {"id": str(other.id), "reference": other.reference, "title": other.content.title}


def _recorded(event: Event) -> Recorded:
    header = read_header(str(event.line["header"]).encode())
    erased = frozenset(header.digests.keys() - event.line["salts"].keys())
    payload = str(event.line["payload"]).encode()
    return Recorded(header, read_fact(header.name, header.version, payload, erased), erased)


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Wrong(f"{where}: is no JSON object")
    return said


def _uuid(said: Any, where: str) -> UUID:
    try:
        return UUID(said)
    except (ValueError, TypeError, AttributeError):
        raise Wrong(f"{where}: has no id") from None
