"""What a superuser altered behind the register's back is refused with its place named, never guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from domain.actors import OPERATOR
from domain.errors import UnreadableEvent
from domain.founding import found
from domain.pledges.sight import PUBLIC
from domain.recording import ACCOUNT_PARTS, canonical, without_words
from projections.composition import Runtime
from projections.database import places
from projections.database.mapper import read_row
from projections.read_models import READ_MODELS
from projections.rebuild import rebuild
from tests.conftest import Database
from tests.domain.kept_samples import HEADERS, read
from tests.projections.filled import BuildRuntime, bank, record_pledge
from tests.projections.tally import Tally

SAMPLE, PLACE = read("pledge.made", 1), 120

ALTERED: dict[str, dict[str, Any]] = {
    "header that is no JSON": {"header": b"\xff{"},
    "header cut short": {"header": SAMPLE.header[:40]},
    "header at another position": {"header": SAMPLE.header.replace(b":120,", b":7,")},
    "header without a position": {"header": SAMPLE.header.replace(b'"position":120,', b"")},
    "header that names another event": {"header": SAMPLE.header.replace(b"pledge.made", b"pledge.unmade")},
    "header of another event": {"header": read("entity.merged", 1).header},
    "header of a later format": {"header": SAMPLE.header.replace(b'"name"', b'"format":99,"name"')},
    "payload that is no JSON": {"payload": b"\xff"},
    "payload of no shape": {"payload": b"[]"},
    "payload without end": {"payload": b"[" * 100_000},
    "payload cut short": {"payload": SAMPLE.payload[:20]},
    "payload with more": {"payload": SAMPLE.payload.replace(b'"reference"', b'"colour"')},
    "salts without that of the rest": {"salts": {path: salt for path, salt in SAMPLE.salts.items() if path}},
    "salts that are a number": {"salts": 7},
    "salts that are nothing": {"salts": None},
}


def row(**altered: Any) -> tuple[Any, ...]:
    said = {"header": SAMPLE.header, "payload": SAMPLE.payload, "salts": SAMPLE.salts, **altered}
    return PLACE, said["header"], said["payload"], said["salts"]


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_event_is_refused_with_its_position(what: str) -> None:
    assert read_row(*row()).position == PLACE
    assert row(**ALTERED[what]) != row()
    with pytest.raises(UnreadableEvent, match="The event at position 120 cannot be read"):
        read_row(*row(**ALTERED[what]))


@pytest.mark.parametrize("path", ACCOUNT_PARTS)
def test_an_account_that_is_gone_from_the_store_is_refused(path: str) -> None:
    """A copy may withhold it; what is stored has it for ever."""
    told = json.loads((HEADERS / "format-3.json").read_text(encoding="utf-8"))
    stored, payload = canonical(told["header"]), canonical(told["payload"])
    assert read_row(PLACE, stored, payload, told["salts"]).position == PLACE
    with pytest.raises(UnreadableEvent, match=r"at position 120 cannot be read\. By which account"):
        read_row(PLACE, without_words(stored, [path]), payload, told["salts"])


def _elsewhere(position: int) -> Callable[[bytes], bytes]:
    return lambda header: header.replace(b'"position":%d' % position, b'"position":7')


@pytest.mark.parametrize("how", ["moved back", "cut short"])
def test_read_models_stop_before_an_altered_event_and_say_where(
    build_runtime: BuildRuntime, database: Database, how: str
) -> None:
    runtime = build_runtime([Tally()])
    found(runtime.register)
    entity = bank(runtime.register)
    outcome = record_pledge(runtime.register, entity)
    other = record_pledge(runtime.register, entity, "Another")
    position, named = outcome.position, f"The event at position {outcome.position} cannot be read"
    alter_header(database, position, _elsewhere(position) if how == "moved back" else lambda it: it[:40])

    runtime.projector().catch_up()
    with runtime.pool.connection() as connection:
        (tally,) = places.places(connection)
    assert (tally.state, tally.position, tally.error_position) == ("failed", position - 1, position)
    assert named in (tally.error or "")
    with pytest.raises(UnreadableEvent, match=named):
        rebuild(runtime.urls.app, runtime.read_models)
    with pytest.raises(UnreadableEvent, match=named):
        runtime.register.consult(lambda context: context.world.pledge(outcome.stream), by=OPERATOR)
    untouched = runtime.register.consult(lambda context: context.world.pledge(other.stream), by=OPERATOR)
    assert untouched is not None


def test_a_header_from_which_no_account_can_be_taken_is_shown_to_those_alone_who_may_know_accounts(
    build_runtime: BuildRuntime, founded: Runtime, database: Database
) -> None:
    runtime = build_runtime(READ_MODELS)
    bank(runtime.register)
    position = runtime.recorder.max_notification_id() or 0
    runtime.projector().catch_up()
    alter_header(database, position, lambda it: it[:40])
    header = {}
    for who, viewer in (("everybody", None), ("operator", OPERATOR)):
        found = runtime.questions.evidence(position, viewer=viewer)
        assert found is not None
        header[who] = found.header and found.header["header"]
    assert header["everybody"] is None
    assert header["operator"] is not None
    assert len(header["operator"]) == 40
    lines = list(runtime.log.lines(position, PUBLIC))
    assert "header" not in json.loads(lines[-1])


def alter_header(database: Database, position: int, change: Callable[[bytes], bytes]) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        where = "WHERE position = %s"
        ((header,),) = owner.execute(f"SELECT header FROM pledges.events {where}", [position]).fetchall()
        assert change(header) != header
        owner.execute("ALTER TABLE pledges.events DISABLE TRIGGER events_stay")
        owner.execute(f"UPDATE pledges.events SET header = %s {where}", [change(header), position])
