"""How long a page of the list takes: one filter, eight facets, 50 rows, today and as of a moment.

Today something happens before each question. "just started": a process that has nothing in memory yet.

Beside it, its peer: the same page of a flat table without history, indexed for each filter, with its total
and two facets counted by one statement each, as browsers of plain tables do it.

python -m tests.benchmarks.board_page [PLEDGES] [EVENTS-OF-EACH]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
from psycopg import Connection

from domain.pledges.sight import PUBLIC
from domain.recording import Recorded
from projections.batch import Batch, Pledges
from projections.board import tally
from projections.board.filters import PledgeFilters
from projections.board.questions import Board
from projections.board.read_model import BoardReadModel
from projections.database import places
from projections.moments import Moment
from projections.questions import SNAPSHOT
from projections.read_model import schema_of
from tests.benchmarks.made_up_events import BEGIN, MadeUp
from tests.benchmarks.servers import benchmark_database
from tests.benchmarks.stored_events import store

FILTERS: tuple[dict[str, str], ...] = (
    {"objective": "5"}, {"region": "Africa"}, {"status": "partially_fulfilled"}, {"category": "stakeholder"},
    {"form": "policy"}, {"type": "common"}, {"principle": "human-rights"}, {"cycle": "2026"},
    {"overdue": "true"},
    {"q": "word1234"}, {"q": "consular word1"}, {"entity": "KEN"}, {"country": "FRA"},
)  # fmt: skip
FLAT: LiteralString = """
CREATE TABLE flat AS SELECT pledge_id, updated_at, status, type, category, kind, cycle, state
FROM board JOIN board_states USING (pledge_id) WHERE to_position IS NULL AND public
    AND board_states.from_position = board.state_position;
CREATE INDEX ON flat (status); CREATE INDEX ON flat (type); CREATE INDEX ON flat (category);
CREATE INDEX ON flat (cycle); CREATE INDEX ON flat (updated_at); ANALYZE flat
"""
FLAT_FILTERS: tuple[LiteralString, ...] = ("status = 7", "category = 3", "type = 2", "cycle = 2026")
ROUNDS = 5
AT_ONCE = 2_000
HELD_BACK = 2 * ROUNDS * len(FILTERS)
"""How many things are left to happen between the questions."""


def milliseconds(ask: Callable[[], Any]) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


class Filled:
    """The board of so many made-up pledges, to which a last few things have not happened yet."""

    def __init__(self, connection: Connection[Any], pledges: int, events_each: int) -> None:
        self._connection, self._model, self._folded = connection, BoardReadModel(), Pledges()
        self.position = 0
        last = store(connection, MadeUp(pledges, events_each).events())
        with connection.transaction():
            places.make_tables(connection, self._model)
        for events in places.in_batches(connection, 0, last - HELD_BACK, AT_ONCE):
            self._happen(events)
        for table in ("board", "board_today", "board_states", "board_words", "board_entities"):
            connection.execute(f"VACUUM (ANALYZE) {schema_of(self._model)}.{table}")  # type: ignore[arg-type]

    def happen(self) -> None:
        """One of the things held back happens."""
        self._happen(places.read_events(self._connection, self.position, 1))

    def _happen(self, events: Sequence[Recorded]) -> None:
        with self._connection.transaction():
            places.work_in(self._connection, schema_of(self._model))
            self._model.apply(self._connection, Batch(events, self._folded))
            places.move(self._connection, [self._model], events[-1].position, live=True)
        self.position = events[-1].position


def ask_board(connection: Connection[Any], board: Board, asked: dict[str, str], moment: Moment) -> int:
    with connection.transaction():
        connection.execute(SNAPSHOT)
        found = board.pledges(connection, PledgeFilters.from_args(asked), eyes=PUBLIC, moment=moment)
        return found.total


def ask_flat(connection: Connection[Any], where: LiteralString) -> None:
    connection.execute(f"SELECT * FROM flat WHERE {where} ORDER BY updated_at DESC LIMIT 50").fetchall()
    connection.execute(f"SELECT count(*) FROM flat WHERE {where}").fetchall()
    for facet in ("status", "category"):
        connection.execute(f"SELECT {facet}, count(*) FROM flat WHERE {where} GROUP BY 1").fetchall()


def moment_at(position: int) -> Moment:
    return Moment(position, BEGIN + timedelta(minutes=position / 2))


def fill_memory(connection: Connection[Any], filled: Filled) -> Board:
    """A board that has what it keeps in memory, as a process has after its first questions."""
    board, started, asked = Board("k" * 40), time.perf_counter(), 0
    while asked < filled.position / tally.LOADED_AT_ONCE + 1:
        ask_board(connection, board, {}, moment_at(filled.position))
        asked += 1
    print(f"memory filled by {asked} questions in {time.perf_counter() - started:.1f} s")
    return board


def main(pledges: int, events_each: int) -> None:
    with (
        benchmark_database([BoardReadModel()]) as urls,
        psycopg.connect(urls.app, autocommit=True) as connection,
    ):
        connection.execute("SET statement_timeout = 0")
        filled = Filled(connection, pledges, events_each)
        last = filled.position
        connection.execute("SET search_path = pledges_board_1, pledges, public")
        connection.execute(FLAT)
        print(f"{pledges:,} pledges, {last:,} positions; milliseconds, p50 (worst filter's p50)")
        ways: dict[str, int] = {
            "today": 0, "today, just started": 0, "as of yesterday": 2_880,
            "as of half-way": last // 2, "as of the first tenth": last - last // 10,
        }  # fmt: skip
        took: dict[str, dict[str, list[float]]] = {name: {} for name in ways}
        peer: list[float] = []
        kept = fill_memory(connection, filled)
        for _ in range(ROUNDS):
            peer += [milliseconds(lambda where=where: ask_flat(connection, where)) for where in FLAT_FILTERS]
            for name, ago in ways.items():
                for asked in FILTERS:
                    if not ago:
                        filled.happen()
                    board = Board("k" * 40) if name.endswith("just started") else kept
                    moment = moment_at(filled.position - ago)
                    spent = milliseconds(lambda: ask_board(connection, board, asked, moment))  # noqa: B023
                    took[name].setdefault(str(asked), []).append(spent)
        report(took, statistics.median(peer))


def report(took: dict[str, dict[str, list[float]]], peer: float) -> None:
    print(f"{'a flat table without history, 2 facets':42} {peer:7.1f}   1.0")
    for name, of in took.items():
        middle = statistics.median(value for values in of.values() for value in values)
        worst = max(of, key=lambda asked: statistics.median(of[asked]))
        print(
            f"{name:42} {middle:7.1f}   {middle / peer:.1f} x the flat table"
            f"   ({statistics.median(of[worst]):.1f} for {worst})"
        )
    print({asked: round(statistics.median(values), 1) for asked, values in took["today"].items()})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
