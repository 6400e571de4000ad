"""Whatever words of an event are erased, it is read and folded all the same."""

from __future__ import annotations

import msgspec
import pytest

from domain.aggregates import AGGREGATES
from domain.recording import (
    EVENT_TYPES,
    Recorded,
    has_part,
    is_erased,
    read_fact,
    read_header,
    without_words,
    words_of,
)
from domain.reservations import reservations_of
from domain.unit_of_work import Aggregate
from domain.values import ERASED
from tests.domain.kept_samples import read

KINDS: dict[str, Aggregate] = {aggregate.kind: aggregate for aggregate in AGGREGATES.values()}
BEGINNINGS = {
    "pledge": "pledge.made",
    "entity": "entity.registered",
    "account": "account.added",
    "import": "import.started",
}
CASES = [
    (name, version, part)
    for name, kind in EVENT_TYPES.items()
    for version in range(1, kind.version + 1)
    for part in words_of(read(name, version).header, read(name, version).payload)
]


def event(name: str, version: int, *erased: str) -> Recorded:
    """A sample as it is read once these parts are erased."""
    sample = read(name, version)
    paths = {
        whole: [part.partition(".")[2] for part in erased if part.startswith(whole)]
        for whole in ("header", "payload")
    }
    header = read_header(without_words(sample.header, paths["header"]))
    payload = without_words(sample.payload, paths["payload"])
    gone = frozenset(paths["payload"])
    return Recorded(header, read_fact(name, version, payload, gone), gone)


def test_there_is_much_to_erase() -> None:
    assert len(CASES) > 70


@pytest.mark.parametrize(("name", "version", "part"), CASES)
def test_an_event_without_some_words_is_read_and_folded(name: str, version: int, part: str) -> None:
    without = event(name, version, part)
    assert has_part(without, part)
    assert is_erased(without, part)
    assert not is_erased(event(name, version), part)
    if part.startswith("payload."):
        assert ERASED in msgspec.json.encode(without.fact).decode()
    kind = KINDS[name.partition(".")[0]]
    state = None
    if name != (first := BEGINNINGS.get(kind.kind, name)):
        state = kind.evolve(None, event(first, EVENT_TYPES[first].version))
    folded = kind.evolve(state, without)
    assert type(folded) is type(kind.evolve(state, event(name, version)))
    reservations_of(without)
