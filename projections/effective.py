"""Read models as they would be, had only been recorded what was true on a day: built to be asked, then gone.

They are fed by the same code from the same events, so what they answer needs no rules of its own.
Must not know what read models hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString

from psycopg import Connection, errors

from domain.effective import TrueOn
from domain.errors import invalid
from projections.batch import Batch, Pledges
from projections.database import places
from projections.database.roles import SCHEMA
from projections.moments import NotReadYet
from projections.read_model import ReadModel, schema_name

EVENTS_MAX = 100_000
"""Of how many events a day is asked for: they are all read again for each question."""
BATCH = 2_000
ONE_AT_A_TIME = 20_220_523
PREPARE: LiteralString = "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = 0"
FIND_FIRST: LiteralString = "SELECT pg_advisory_xact_lock(%s)"


class OthersAsk(NotReadYet):
    """What was true on a day is worked out for one question at a time; this one has waited long enough."""


def build(connection: Connection[Any], models: Sequence[ReadModel], *, up_to: int, day: date) -> None:
    """Let the tables of read models be those of a day, as recorded up to a position.

    In the caller's transaction, which must be rolled back. Raises InvalidInput where that is too much, and
    OthersAsk where others do.
    """
    if up_to > EVENTS_MAX:
        raise invalid(
            "effective_at",
            f"can be answered of the first {EVENTS_MAX:,} events alone, and {up_to:,} are asked about: "
            "give an earlier as_of, or leave effective_at out.",
        )
    connection.execute(PREPARE)
    try:
        connection.execute(FIND_FIRST, [ONE_AT_A_TIME])
    except errors.LockNotAvailable:
        raise OthersAsk("others are asking what was true on a day, and one is answered at a time") from None
    for model in models:
        _make_tables(connection, model)
    true_on = TrueOn(day)
    pledges = Pledges(lambda *asked: TrueOn(day)(places.read_streams(*asked)))
    for events in places.in_batches(connection, 0, up_to, BATCH):
        batch = Batch(true_on(events), pledges)
        for model in models if batch else ():
            model.apply(connection, batch)


def _make_tables(connection: Connection[Any], model: ReadModel) -> None:
    schema = schema_name(f"effective_{model.name}", model.version)
    connection.execute(f"SELECT {SCHEMA}.create_read_model_schema(%s)", [schema])
    connection.execute(
        "SELECT set_config('search_path', %s || ', ' || current_setting('search_path'), true)", [schema]
    )
    model.create(connection)
