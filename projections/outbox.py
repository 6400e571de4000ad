"""Mail to be sent: written in the transaction of what it is about, claimed before sending, sent at most once.

Must not know how mail is sent, nor addresses: they are people's data and looked up when it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, LiteralString, get_args
from uuid import UUID

from psycopg import Connection

from projections.database.pool import Pool

Outcome = Literal["sent", "refused", "unknown", "dropped", "bounced"]
Standing = Literal["held", "waiting", "sent", "bounced", "failed", "dropped"]
RemindsOf = tuple[UUID, UUID | None, str, date]
"""What a reminder is of: pledge, partner if it is of one's part, kind, day."""
STANDINGS: tuple[Standing, ...] = get_args(Standing)
BACKOFF_FIRST, BACKOFF_MAX = timedelta(minutes=1), timedelta(hours=6)
TRIES_MAX = 20
"""With the pauses between them about three days."""

ADD: LiteralString = """
INSERT INTO outbox (id, account, about, subject, body, html, leave_at, held, pledge, partner, day)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO NOTHING
"""
WAITS: LiteralString = "ended_at IS NULL AND claimed_at IS NULL AND NOT held"
# No pause is so long: what seems further off was put off by a clock that ran ahead and was set back.
DUE: LiteralString = f"""{WAITS}
    AND (due_at <= clock_timestamp() OR due_at > clock_timestamp() + interval '7 hours')"""
IS_ANY_DUE: LiteralString = f"SELECT EXISTS (SELECT FROM outbox WHERE {DUE})"  # noqa: S608
AWAY = "the mail server cannot be reached: "
"""How the problem of what waits for the server begins. Nobody tried to hand these over."""
WAIT_FOR_SERVER: LiteralString = f"""
UPDATE outbox SET due_at = clock_timestamp() + %s, problem = %s WHERE {DUE}
"""  # noqa: S608
SERVER_ANSWERS: LiteralString = f"""
UPDATE outbox SET due_at = clock_timestamp(), problem = NULL
WHERE {WAITS} AND starts_with(problem, '{AWAY}')
"""  # noqa: S608
CLAIM: LiteralString = f"""
UPDATE outbox SET claimed_at = clock_timestamp(), tries = tries + 1
WHERE id = (
    SELECT id FROM outbox WHERE {DUE} ORDER BY made_at, id FOR UPDATE SKIP LOCKED LIMIT 1
)
RETURNING id, account, about, subject, body, tries,
    coalesce(
        (SELECT email FROM people WHERE people.account = outbox.account),
        (SELECT mailbox FROM entity_contacts WHERE mailbox_id = outbox.account),
        (SELECT alternate FROM entity_contacts WHERE alternate_id = outbox.account)
    ), html, leave_at
"""  # noqa: S608
END: LiteralString = """
UPDATE outbox SET ended_at = clock_timestamp(), outcome = %s, problem = %s,
    subject = NULL, body = NULL, html = NULL, leave_at = NULL
WHERE id = %s AND ended_at IS NULL
"""
PUT_OFF: LiteralString = """
UPDATE outbox SET claimed_at = NULL, due_at = clock_timestamp() + %s, problem = %s
WHERE id = %s AND ended_at IS NULL
"""
# Nobody sends for that long: whoever claimed it died, before or after it was sent.
CUT_SHORT: LiteralString = """
UPDATE outbox SET ended_at = clock_timestamp(), outcome = 'unknown', subject = NULL, body = NULL,
    html = NULL, leave_at = NULL, problem = 'sending was cut short: it may have arrived'
WHERE ended_at IS NULL
    AND claimed_at NOT BETWEEN clock_timestamp() - interval '10 minutes'
        AND clock_timestamp() + interval '10 minutes'
"""
# What is held may be read before it goes; the words of all other mail are its recipient's alone.
LISTED: LiteralString = """
WITH told AS (
    SELECT outbox.id, outbox.account, about, made_at, due_at, tries, ended_at, outcome, problem, decided_by,
        pledge, CASE WHEN ended_at IS NULL AND held THEN 'held' WHEN ended_at IS NULL THEN 'waiting'
            WHEN outcome IN ('sent', 'dropped', 'bounced') THEN outcome ELSE 'failed' END AS standing,
        CASE WHEN held AND ended_at IS NULL THEN subject END AS subject,
        CASE WHEN held AND ended_at IS NULL THEN body END AS body,
        coalesce(people.email, office.mailbox, other.alternate) AS email,
        coalesce(people.language, office.language, other.language) AS language
    FROM outbox LEFT JOIN people ON people.account = outbox.account
        LEFT JOIN entity_contacts AS office ON office.mailbox_id = outbox.account
        LEFT JOIN entity_contacts AS other ON other.alternate_id = outbox.account
)
"""
LATEST: LiteralString = f"""{LISTED}
SELECT id, account, about, made_at, due_at, tries, ended_at, outcome, problem, decided_by, pledge, standing,
    subject, body, email, language
FROM told
WHERE (%(standing)s::text IS NULL OR standing = %(standing)s)
    AND (%(before)s::uuid IS NULL
        OR (made_at, id) < (SELECT made_at, id FROM outbox AS earlier WHERE earlier.id = %(before)s))
ORDER BY made_at DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608
COUNTED: LiteralString = f"{LISTED} SELECT standing, count(*) FROM told GROUP BY standing"  # noqa: S608
LET_GO: LiteralString = """
UPDATE outbox SET held = false, decided_by = %s, decided_at = clock_timestamp(), due_at = clock_timestamp()
WHERE id = ANY(%s) AND held AND ended_at IS NULL
"""
DROP: LiteralString = """
UPDATE outbox SET ended_at = clock_timestamp(), outcome = 'dropped', decided_by = %s,
    decided_at = clock_timestamp(), problem = %s, subject = NULL, body = NULL, html = NULL, leave_at = NULL
WHERE id = ANY(%s) AND held AND ended_at IS NULL
"""
HELD: LiteralString = """
SELECT id, pledge, partner, about, day FROM outbox WHERE held AND ended_at IS NULL AND day IS NOT NULL
"""
HELD_NOTICES: LiteralString = """
SELECT id, about, pledge, partner FROM outbox
WHERE held AND ended_at IS NULL AND day IS NULL AND pledge IS NOT NULL AND about = ANY(%s)
"""
# It may be said twice, and after it was said that the letter is delayed.
CAME_BACK: LiteralString = """
UPDATE outbox SET outcome = 'bounced', problem = %s,
    came_back_at = coalesce(came_back_at, clock_timestamp())
WHERE id = %s AND outcome IN ('sent', 'unknown', 'bounced')
"""
DELAYED: LiteralString = """
UPDATE outbox SET problem = CASE WHEN outcome = 'bounced' THEN problem ELSE %s END
WHERE id = %s AND outcome IN ('sent', 'unknown', 'bounced')
"""
LAST_CAME_BACK: LiteralString = """
SELECT account, came_back_at FROM (
    SELECT DISTINCT ON (account) account, came_back_at, outcome FROM outbox
    WHERE account = ANY(%s) AND outcome IN ('sent', 'bounced') ORDER BY account, ended_at DESC
) AS last WHERE outcome = 'bounced'
"""
FORGET: LiteralString = "DELETE FROM outbox WHERE ended_at < clock_timestamp() - interval '90 days'"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that was claimed, to be sent now. `address` is None where the person was erased meanwhile."""

    id: UUID
    account: UUID
    about: str
    subject: str
    body: str
    tries: int
    address: str | None
    html: str | None = None
    leave_at: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a mail. Its words are told only while it is held, to whoever lets it go."""

    id: UUID
    account: UUID
    about: str
    made_at: datetime
    due_at: datetime
    tries: int
    ended_at: datetime | None
    outcome: Outcome | None
    problem: str | None
    decided_by: UUID | None
    pledge: UUID | None
    standing: Standing
    subject: str | None
    body: str | None
    address: str | None
    language: str | None
    """That of its recipient, in which it is written."""


class Outbox:
    """All mail."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @staticmethod
    def add_in(
        connection: Connection[Any],
        letter: UUID,
        account: UUID,
        *,
        about: str,
        subject: str,
        body: str,
        html: str | None = None,
        leave_at: str | None = None,
        pledge: UUID | None = None,
        partner: UUID | None = None,
        day: date | None = None,
        is_held: bool = False,
    ) -> None:
        """Write a mail in the transaction of what it is about.

        One about a pledge names it, and the partner that it is for; a reminder, the day too. What is held
        waits for the Secretariat's word. A letter whose id is known is there already.
        """
        row = [letter, account, about, subject, body, html, leave_at, is_held, pledge, partner, day]
        connection.execute(ADD, row)

    def is_any_due(self) -> bool:
        """Whether there is mail to be sent now."""
        with self._pool.connection() as connection:
            return bool(connection.execute(IS_ANY_DUE).fetchall()[0][0])

    def wait_for_server(self, problem: str) -> None:
        """All that is due waits a minute: the mail server cannot be reached, and why."""
        with self._pool.connection() as connection:
            connection.execute(WAIT_FOR_SERVER, [BACKOFF_FIRST, AWAY + problem])

    def server_answers(self) -> None:
        """What waited for the server alone is due, so that all of it goes out in its order."""
        with self._pool.connection() as connection:
            connection.execute(SERVER_ANSWERS)

    def claim(self) -> Letter | None:
        """The mail that is due and was written first; nobody else sends it from now on."""
        with self._pool.connection() as connection:
            found = connection.execute(CLAIM).fetchone()
        return Letter(*found) if found else None

    def end(self, letter: UUID, outcome: Outcome, problem: str | None = None) -> None:
        """It was sent or refused, or nobody knows; its words are forgotten."""
        with self._pool.connection() as connection:
            connection.execute(END, [outcome, problem, letter])

    def put_off(self, letter: Letter, problem: str) -> None:
        """It was certainly not sent: try again later, each time after twice as long; at last give up."""
        if letter.tries >= TRIES_MAX:
            self.end(letter.id, "refused", problem)
            return
        pause = min(BACKOFF_FIRST * 2 ** (letter.tries - 1), BACKOFF_MAX)
        with self._pool.connection() as connection:
            connection.execute(PUT_OFF, [pause, problem, letter.id])

    def end_what_was_cut_short(self) -> int:
        """Say of mail whose sending was cut short that nobody knows; how many."""
        with self._pool.connection() as connection:
            return connection.execute(CUT_SHORT).rowcount

    def latest(
        self, limit: int, *, standing: Standing | None = None, before: UUID | None = None
    ) -> list[Posted]:
        """What became of the latest mail, the latest first; older than one of it, where one is named."""
        asked = {"standing": standing, "before": before, "limit": limit}
        with self._pool.connection() as connection:
            return [Posted(*row) for row in connection.execute(LATEST, asked)]

    def counted(self) -> dict[Standing, int]:
        """How many letters stand how."""
        with self._pool.connection() as connection:
            found = dict(connection.execute(COUNTED).fetchall())
        return {standing: found.get(standing, 0) for standing in STANDINGS}

    def let_go(self, letters: Collection[UUID], by: UUID) -> int:
        """Let letters that are held be sent; how many still were."""
        with self._pool.connection() as connection:
            return connection.execute(LET_GO, [by, list(letters)]).rowcount

    def drop(self, letters: Collection[UUID], by: UUID | None, problem: str | None = None) -> int:
        """Drop letters that are held; how many still were."""
        with self._pool.connection() as connection:
            return connection.execute(DROP, [by, problem, list(letters)]).rowcount

    def held(self) -> dict[UUID, RemindsOf]:
        """What the letters that are held remind of."""
        with self._pool.connection() as connection:
            return {letter: tuple(reminds_of) for letter, *reminds_of in connection.execute(HELD)}

    def held_notices(self, about: Collection[str]) -> list[tuple[UUID, str, UUID, UUID | None]]:
        """The letters that are held and are about some facts: which, about what, on which pledge, to whom."""
        with self._pool.connection() as connection:
            return connection.execute(HELD_NOTICES, [list(about)]).fetchall()

    def came_back(self, letter: UUID, words: str) -> bool:
        """A mail server said that a letter could not be delivered; whether it is one that was sent."""
        with self._pool.connection() as connection:
            return connection.execute(CAME_BACK, [words, letter]).rowcount > 0

    def is_delayed(self, letter: UUID, words: str) -> bool:
        """A mail server said that it still tries to deliver a letter; whether it is one that was sent."""
        with self._pool.connection() as connection:
            return connection.execute(DELAYED, [words, letter]).rowcount > 0

    def last_came_back(self, accounts: Collection[UUID]) -> dict[UUID, datetime]:
        """Those of some recipients to whom the last letter that was sent came back, and when it did."""
        with self._pool.connection() as connection:
            return dict(connection.execute(LAST_CAME_BACK, [list(accounts)]).fetchall())

    def forget_old(self) -> int:
        """Forget what ended long ago; how many."""
        with self._pool.connection() as connection:
            return connection.execute(FORGET).rowcount
