"""Who is behind a token or a session: the account with the roles that it has today.

Must not know HTTP, nor what the roles allow.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock
from uuid import UUID

from msgspec.structs import replace

from domain.accounts.evolve import evolve
from domain.accounts.state import Account, actor_of
from domain.actors import Actor
from domain.deciding import Context
from domain.entities.state import survivor
from domain.recording import Recorded
from domain.register import Register
from domain.values import utc_day
from projections.credentials.sessions import WebSessions
from projections.database.people import Scope, Standing, Tokens
from projections.database.recorder import EventRecorder

KNOWN_MAX = 5_000


class SigningIn:
    """Finds accounts by their tokens and sessions. Roles granted or revoked are seen by the next request."""

    def __init__(
        self,
        tokens: Tokens,
        sessions: WebSessions,
        recorder: EventRecorder,
        register: Register,
        clock: Callable[[], datetime],
    ) -> None:
        self._tokens, self._sessions = tokens, sessions
        self._recorder, self._register, self._clock = recorder, register, clock
        self._lock = Lock()
        self._known: OrderedDict[Standing, tuple[Account, dict[UUID, UUID]]] = OrderedDict()

    def actor_of_token(
        self, token: str, *, request_id: str | None = None, channel: str = "api"
    ) -> Actor | None:
        """Who asks; None if the token is no good, or its account is suspended or has no role left."""
        found = self._tokens.standing_of(token)
        if found is None:
            return None
        standing, scope = found
        account, survivors = self._account(standing)
        actor = self._actor(account, survivors, channel, request_id)
        return _within(scope, actor) if actor else None

    def actor_of_session(self, secret: str, *, request_id: str | None = None) -> tuple[UUID, Actor] | None:
        """The session of a browser and who is signed in there, with the roles of today; none may be left."""
        found = self._sessions.standing_of(secret)
        if found is None:
            return None
        session, standing = found
        account, survivors = self._account(standing)
        actor = self._actor(account, survivors, "form", request_id)
        return (session, actor) if actor else None

    def actor_of_account(self, account_id: UUID, *, channel: str) -> Actor | None:
        """Who acts when an account acts; None if it is suspended or was never added."""
        account = self.account(account_id)
        return self._actor(account, self._survivors(account), channel, None) if account else None

    def _actor(
        self, account: Account | None, survivors: dict[UUID, UUID], channel: str, request_id: str | None
    ) -> Actor | None:
        if account is None or account.suspended:
            return None
        return actor_of(
            account,
            utc_day(self._clock()),
            channel=channel,
            request_id=request_id,
            resolve=lambda entity: survivors.get(entity, entity),
        )

    def _account(self, standing: Standing) -> tuple[Account | None, dict[UUID, UUID]]:
        with self._lock:
            known = self._known.get(standing)
        if known is not None:
            return known
        account = self.account(standing.account)
        if account is None:
            return None, {}
        known = account, self._survivors(account)
        with self._lock:
            self._known[standing] = known
            if len(self._known) > KNOWN_MAX:
                self._known.popitem(last=False)
        return known

    def account(self, account_id: UUID) -> Account | None:
        """An account as it is now."""
        account = None
        for event in self.events_of(account_id):
            account = evolve(account, event)
        return account

    def events_of(self, account_id: UUID) -> Sequence[Recorded]:
        """What happened to an account, the earliest first."""
        with self._recorder.session() as session:
            return session.events(account_id)

    def _survivors(self, account: Account) -> dict[UUID, UUID]:
        """The entities of the account's roles that were merged, each with the one that stands for it now."""
        named = {grant.entity for grant in account.grants if grant.entity}
        nobody = Actor(account=account.id)

        def look(context: Context) -> dict[UUID, UUID]:
            known = {entity: context.world.entity(entity) for entity in named}
            return {one: survivor(found, context.world.entity).id for one, found in known.items() if found}

        return self._register.consult(look, by=nobody) if named else {}


def _within(scope: Scope, actor: Actor) -> Actor:
    """The actor with what a token may do of what its account may."""
    grants = tuple(grant for grant in actor.grants if scope.roles is None or grant.role in scope.roles)
    return replace(actor, grants=grants, reads_only=scope.reads_only)
