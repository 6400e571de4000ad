"""Wires the parts of the register together, once for web, workers and tests.

Must not know HTTP, nor what any part does with another.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.aggregates import AGGREGATES
from domain.register import Register
from projections.askings import Askings
from projections.credentials.kept_forms import KeptForms
from projections.credentials.links import MailedLinks
from projections.credentials.passkeys import Passkeys
from projections.credentials.passwords import Passwords
from projections.credentials.personal_data import PersonalData
from projections.credentials.second_factors import SecondFactors
from projections.credentials.sessions import WebSessions
from projections.credentials.tries import Tries
from projections.database.contacts import Contacts
from projections.database.idempotency import Idempotency
from projections.database.import_memory import ImportMemory
from projections.database.mapper import EventMapper
from projections.database.people import People, Tokens
from projections.database.pool import Pool, open_pool
from projections.database.readings import Readings
from projections.database.recorder import EventRecorder
from projections.database.roles import SEARCH_PATH, DatabaseUrls
from projections.database.working_papers import WorkingPapers
from projections.erasure.eraser import Eraser
from projections.erasure.holding_still import HoldingStill
from projections.files.files import Files
from projections.files.storage import Storage
from projections.followers import Followers
from projections.log.keys import KeyRing
from projections.log.log import Log
from projections.log.signing import Notary
from projections.notices import Notices
from projections.outbox import Outbox
from projections.processes import Processes
from projections.projector import Projector
from projections.query_pools import QueryPools
from projections.questions import Questions
from projections.read_model import ReadModel, schema_of
from projections.read_models import READ_MODELS
from projections.readers import Readers
from projections.reminders import Reminders
from projections.sent_sheets.sheet_rows import SheetRows
from projections.sent_sheets.sheets import SentSheets
from projections.settings import Settings
from projections.signing_in import SigningIn

# So that a visitor is answered within three seconds where both servers are away.
REPLICA_SECONDS_MAX = 0.8
REPLICA_LOCK_WAIT = "500ms"
PAUSE_SECONDS = 0.004
PAUSE_DOUBLINGS_MAX = 6

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Runtime:
    """The parts of the register, wired. Nothing is connected before it is used."""

    settings: Settings
    urls: DatabaseUrls
    pool: Pool  # to where events are written
    queries: QueryPools  # for questions
    register: Register
    recorder: EventRecorder
    papers: WorkingPapers
    people: People
    contacts: Contacts
    askings: Askings
    tokens: Tokens
    passwords: Passwords
    sessions: WebSessions
    second_factors: SecondFactors
    passkeys: Passkeys
    personal_data: PersonalData
    links: MailedLinks
    kept_forms: KeptForms
    tries: Tries
    outbox: Outbox
    reminders: Reminders
    notices: Notices
    followers: Followers
    processes: Processes
    signing_in: SigningIn
    idempotency: Idempotency
    import_memory: ImportMemory
    files: Files
    sent_sheets: SentSheets
    sheet_rows: SheetRows
    readings: Readings
    readers: Readers
    notary: Notary
    log: Log
    eraser: Eraser
    questions: Questions
    read_models: tuple[ReadModel, ...]
    clock: Clock
    new_id: Callable[[], UUID]

    def projector(self) -> Projector:
        """A projector of these read models; it connects when it runs."""
        return Projector(self.urls.app, self.read_models)

    def close(self) -> None:
        """Close this process's connections."""
        self.readers.close()
        self.queries.close()
        self.pool.close()


def build(
    settings: Settings,
    urls: DatabaseUrls,
    *,
    clock: Clock | None = None,
    read_models: Sequence[ReadModel] = READ_MODELS,
) -> Runtime:
    """The register on a migrated database."""
    clock = clock or now
    urls = _reaching(urls, read_models)
    pool = open_pool(urls.app)
    replica = _replica(urls.queries) if urls.queries != urls.app else None
    queries = QueryPools(pool, replica)
    readers = Readers(urls.app, read_models, queries)
    recorder = EventRecorder(pool)
    register = Register(recorder, EventMapper(), AGGREGATES, clock=clock, new_id=new_id, pause=pause)
    holding_still = HoldingStill(read_models)
    tokens, sessions, papers = Tokens(pool), WebSessions(pool), WorkingPapers(pool)
    return Runtime(
        settings=settings,
        urls=urls,
        pool=pool,
        queries=queries,
        register=register,
        recorder=recorder,
        papers=papers,
        people=People(pool),
        contacts=Contacts(pool),
        askings=Askings(pool, holding_still),
        tokens=tokens,
        passwords=Passwords(pool),
        sessions=sessions,
        passkeys=Passkeys(pool),
        second_factors=SecondFactors(pool, settings.secret_key, clock),
        personal_data=PersonalData(pool),
        links=MailedLinks(pool),
        kept_forms=KeptForms(pool, settings.secret_key),
        tries=Tries(pool),
        outbox=Outbox(pool),
        reminders=Reminders(pool, holding_still),
        notices=Notices(pool, holding_still),
        followers=Followers(pool, settings.secret_key, holding_still),
        processes=Processes(pool),
        signing_in=SigningIn(tokens, sessions, recorder, register, clock),
        idempotency=Idempotency(pool, new_id),
        import_memory=ImportMemory(pool),
        files=Files(pool, Storage(settings.files_at)),
        sent_sheets=SentSheets(pool),
        sheet_rows=SheetRows(pool),
        readings=Readings(pool, settings.secret_key),
        readers=readers,
        questions=Questions(queries, readers, papers, read_models, secret=settings.secret_key, clock=clock),
        notary=Notary(pool, register, KeyRing(settings)),
        log=Log(pool, register),
        eraser=Eraser(pool, register, read_models, urls.app),
        read_models=tuple(read_models),
        clock=clock,
        new_id=new_id,
    )


def _replica(queries_url: str) -> Pool:
    """The replica's connections. What it replays may hold tables for long: nobody waits for that."""
    options = conninfo_to_dict(queries_url).get("options") or ""
    url = make_conninfo(queries_url, options=f"{options} -c lock_timeout={REPLICA_LOCK_WAIT}")
    return Pool(url, wait_seconds_max=REPLICA_SECONDS_MAX)


def _reaching(urls: DatabaseUrls, read_models: Sequence[ReadModel]) -> DatabaseUrls:
    return DatabaseUrls(
        owner=urls.owner,
        app=with_read_models(urls.app, read_models),
        queries=with_read_models(urls.queries, read_models),
    )


def with_read_models(app_url: str, read_models: Sequence[ReadModel]) -> str:
    """The address whose sessions find the tables of these versions of the read models."""
    schemas = [schema_of(model) for model in read_models]
    first, rest = SEARCH_PATH.split(",", 1)
    path = ",".join([first, *schemas, rest])
    options = conninfo_to_dict(app_url).get("options") or ""
    return make_conninfo(app_url, options=f"{options} -c search_path={path}")


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A new id that sorts by the time it was made (RFC 9562, version 7)."""
    milliseconds = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (chance >> 68) << 64 | 0b10 << 62 | chance & ((1 << 62) - 1)
    return UUID(int=value)


def pause(attempt: int) -> None:
    """Wait a short random while, longer with each attempt."""
    longest: float = PAUSE_SECONDS * 2 ** min(attempt, PAUSE_DOUBLINGS_MAX)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret
