"""Accounts: each command says, refuses and stays quiet; who an account is on a day."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.accounts.commands import (
    AccountCommand,
    AddAccount,
    EndSecondFactor,
    EndSessions,
    GrantRole,
    IssueToken,
    ReinstateAccount,
    RevokeRole,
    RevokeToken,
    SuspendAccount,
)
from domain.accounts.decide import decide
from domain.accounts.events import (
    AccountAdded,
    AccountReinstated,
    AccountSuspended,
    RoleGranted,
    RoleRevoked,
    SecondFactorEnded,
    SessionsEnded,
    TokenIssued,
    TokenRevoked,
)
from domain.accounts.evolve import evolve
from domain.accounts.rules import TOKEN_DAYS_MAX, TOKENS_MAX
from domain.accounts.state import Account, actor_of
from domain.actors import OPERATOR, OPERATOR_ID, Actor, Grant, Role
from domain.entities.events import EntityMerged, EntityRegistered
from domain.entities.evolve import evolve as evolve_entity
from domain.errors import InvalidInput, NotFound, NotPermitted, Refused, UnreadableEvent
from domain.recording import Fact
from tests.domain.given import (
    ADMINISTRATOR,
    NOBODY,
    SECRETARIAT,
    FakeWorld,
    an_id,
    context,
    folded,
    happened,
    recorded,
)

ACCOUNT, STATE, BODY, MERGED, TOKEN = (an_id(number) for number in (1, 10, 11, 12, 20))
TODAY = date(2026, 11, 23)


@pytest.fixture
def world() -> FakeWorld:
    found = FakeWorld()
    registered = {
        STATE: EntityRegistered(name="Kenya", slug="kenya", category="state"),
        BODY: EntityRegistered(name="Institute", slug="institute", category="stakeholder"),
        MERGED: EntityRegistered(name="Old institute", slug="old", category="stakeholder"),
    }
    for stream, fact in registered.items():
        found.entities[stream] = evolve_entity(None, happened(fact, stream))
    merged = happened(EntityMerged(into=BODY, reason="Same"), MERGED, 2)
    found.entities[MERGED] = evolve_entity(found.entities[MERGED], merged)
    return found


@pytest.fixture
def account() -> Account:
    return folded(evolve, None, [happened(AccountAdded(), ACCOUNT)])


def says(
    world: FakeWorld, command: AccountCommand, account: Account | None, actor: Actor = OPERATOR
) -> tuple[Fact, ...]:
    return decide(command, account, context(world, actor)).facts


def after(world: FakeWorld, account: Account, *commands: AccountCommand) -> Account:
    for command in commands:
        decision = decide(command, account, context(world))
        account = folded(evolve, account, recorded(decision, account.version))
    return account


def grant(role: Role, entity: UUID | None = None, **more: str) -> GrantRole:
    return GrantRole(account=ACCOUNT, role=role, entity=entity, **more)


# -- AddAccount


def test_add_says_an_account_and_nothing_of_the_person(world: FakeWorld) -> None:
    decision = decide(AddAccount(), None, context(world))
    assert decision.facts == (AccountAdded(),)
    assert decision.stream == an_id(1)
    assert AccountAdded.__struct_fields__ == ()


def test_add_refuses_the_operators_own(world: FakeWorld) -> None:
    with pytest.raises(Refused) as refusal:
        says(world, AddAccount(account=OPERATOR_ID), None)
    assert refusal.value.code == "operator-account"


def test_add_stays_quiet_about_an_account_that_is_there(world: FakeWorld, account: Account) -> None:
    assert says(world, AddAccount(account=ACCOUNT), account) == ()


# -- GrantRole


@pytest.mark.parametrize(
    "command",
    [
        grant("pledger", STATE),
        grant("validator", STATE, nomination="Note verbale 12/2026"),
        grant("assessor", BODY),
        grant("assessor", mandate="Terms of reference of the review"),
        grant("auditor"),
        grant("auditor", STATE, until="2026-12"),
        grant("secretariat"),
        grant("administrator"),
    ],
)
def test_grant_says_the_role_and_what_it_rests_on(
    world: FakeWorld, account: Account, command: GrantRole
) -> None:
    assert says(world, command, account) == (
        RoleGranted(
            role=command.role,
            entity=command.entity,
            until=command.until,
            nomination=command.nomination,
            mandate=command.mandate,
        ),
    )


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (grant("owner"), ["role"]),  # type: ignore[arg-type]
        (grant("pledger"), ["entity"]),
        (grant("validator"), ["entity"]),
        (grant("assessor"), ["entity", "mandate"]),
        (grant("secretariat", STATE), ["entity"]),
        (grant("administrator", STATE), ["entity"]),
        (grant("auditor", BODY), ["entity"]),
        (grant("pledger", an_id(99)), ["entity"]),
        (grant("pledger", MERGED), ["entity"]),
        (grant("pledger", STATE, mandate="None"), ["mandate"]),
        (grant("pledger", STATE, until="2026-11-22"), ["until"]),
        (grant("pledger", STATE, until="tomorrow"), ["until"]),
        (grant("pledger", STATE, nomination="see someone@example.org"), ["nomination"]),
        (grant("pledger", STATE, nomination="x" * 1001), ["nomination"]),
        (grant("pledger", STATE, nomination="\x1b[2J"), ["nomination"]),
    ],
)
def test_grant_refuses_bad_input(
    world: FakeWorld, account: Account, command: GrantRole, fields: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        says(world, command, account)
    assert list(refusal.value.errors) == fields


@pytest.mark.parametrize("content", ["secretariat", "pledger", "validator", "assessor"])
def test_whoever_administers_accounts_has_no_say_over_content(
    world: FakeWorld, account: Account, content: Role
) -> None:
    for_content = grant(content, None if content == "secretariat" else BODY)
    for first, second in ((for_content, grant("administrator")), (grant("administrator"), for_content)):
        with pytest.raises(Refused) as refusal:
            says(world, second, after(world, account, first))
        assert refusal.value.code == "roles-apart"
    freed = after(
        world, account, for_content, RevokeRole(account=ACCOUNT, role=content, entity=for_content.entity)
    )
    assert says(world, grant("administrator"), freed)


def test_an_auditor_may_administer_and_a_pledger_may_validate(world: FakeWorld, account: Account) -> None:
    assert says(world, grant("administrator"), after(world, account, grant("auditor")))
    assert says(world, grant("validator", STATE), after(world, account, grant("pledger", STATE)))


def test_nobody_suspends_themselves(world: FakeWorld, account: Account) -> None:
    oneself = Actor(account=ACCOUNT, grants=(Grant(role="administrator"),))
    with pytest.raises(Refused) as refusal:
        says(world, SuspendAccount(account=ACCOUNT, reason="Tired"), account, oneself)
    assert refusal.value.code == "own-account"


def test_nobody_grants_a_role_to_themselves(world: FakeWorld, account: Account) -> None:
    oneself = Actor(account=ACCOUNT, grants=(Grant(role="administrator"),))
    with pytest.raises(Refused) as refusal:
        says(world, grant("auditor"), account, oneself)
    assert refusal.value.code == "own-account"


def test_a_second_grant_takes_the_place_of_the_first(world: FakeWorld, account: Account) -> None:
    renewed = after(world, account, grant("auditor", until="2026-12"), grant("auditor", until="2027-12"))
    assert [held.until for held in renewed.grants] == ["2027-12"]


def test_grant_stays_quiet_about_what_is_granted(world: FakeWorld, account: Account) -> None:
    assert says(world, grant("pledger", STATE), after(world, account, grant("pledger", STATE))) == ()


# -- RevokeRole


def test_revoke_says_which_role_is_over(world: FakeWorld, account: Account) -> None:
    held = after(world, account, grant("pledger", STATE), grant("pledger", BODY))
    command = RevokeRole(account=ACCOUNT, role="pledger", entity=STATE, reason="Left the post")
    assert says(world, command, held) == (RoleRevoked(role="pledger", entity=STATE, reason="Left the post"),)
    assert [left.entity for left in after(world, held, command).grants] == [BODY]


def test_revoke_refuses_what_was_never_granted(world: FakeWorld, account: Account) -> None:
    held = after(world, account, grant("pledger", STATE))
    for command in (
        RevokeRole(account=ACCOUNT, role="pledger"),
        RevokeRole(account=ACCOUNT, role="validator", entity=STATE),
    ):
        with pytest.raises(Refused) as refusal:
            says(world, command, held)
        assert refusal.value.code == "no-such-grant"


def test_revoke_stays_quiet_about_what_is_revoked(world: FakeWorld, account: Account) -> None:
    command = RevokeRole(account=ACCOUNT, role="pledger", entity=STATE)
    assert says(world, command, after(world, account, grant("pledger", STATE), command)) == ()


# -- SuspendAccount, ReinstateAccount


def test_suspend_says_why_and_takes_every_role_away_for_now(world: FakeWorld, account: Account) -> None:
    command = SuspendAccount(account=ACCOUNT, reason="Token found on a public page")
    assert says(world, command, account) == (AccountSuspended(reason="Token found on a public page"),)
    suspended = after(world, account, grant("pledger", STATE), command)
    assert actor_of(suspended, TODAY).grants == ()


def test_suspend_refuses_without_a_reason(world: FakeWorld, account: Account) -> None:
    with pytest.raises(InvalidInput) as refusal:
        says(world, SuspendAccount(account=ACCOUNT, reason=" "), account)
    assert list(refusal.value.errors) == ["reason"]


def test_suspend_stays_quiet_about_what_is_suspended(world: FakeWorld, account: Account) -> None:
    command = SuspendAccount(account=ACCOUNT, reason="Lost")
    assert says(world, command, after(world, account, command)) == ()


def test_a_second_factor_and_sessions_are_ended_with_a_trace(world: FakeWorld, account: Account) -> None:
    ended = EndSecondFactor(account=ACCOUNT, reason="The telephone is gone")
    assert says(world, ended, account) == (SecondFactorEnded(reason="The telephone is gone"),)
    assert says(world, EndSessions(account=ACCOUNT), account) == (SessionsEnded(),)
    granted = after(world, account, grant("pledger", STATE))
    assert after(world, granted, ended, EndSessions(account=ACCOUNT)).grants == granted.grants


def test_a_second_factor_is_not_ended_without_a_reason_nor_with_an_address_in_it(
    world: FakeWorld, account: Account
) -> None:
    for reason in ("", "a@b.org asked"):
        with pytest.raises(InvalidInput) as refusal:
            says(world, EndSecondFactor(account=ACCOUNT, reason=reason), account)
        assert list(refusal.value.errors) == ["reason"]


def test_reinstate_says_the_account_may_act_again(world: FakeWorld, account: Account) -> None:
    suspended = after(world, account, grant("pledger", STATE), SuspendAccount(account=ACCOUNT, reason="Lost"))
    assert says(world, ReinstateAccount(account=ACCOUNT), suspended) == (AccountReinstated(),)
    back = after(world, suspended, ReinstateAccount(account=ACCOUNT))
    assert actor_of(back, TODAY).own_entities == {STATE}


def test_reinstate_refuses_an_address_in_the_reason(world: FakeWorld, account: Account) -> None:
    with pytest.raises(InvalidInput):
        says(world, ReinstateAccount(account=ACCOUNT, reason="a@b.org asked"), account)


def test_reinstate_stays_quiet_about_an_account_that_may_act(world: FakeWorld, account: Account) -> None:
    assert says(world, ReinstateAccount(account=ACCOUNT), account) == ()


# -- IssueToken, RevokeToken


def test_issue_says_id_and_label_and_no_secret(world: FakeWorld, account: Account) -> None:
    command = IssueToken(account=ACCOUNT, token=TOKEN, label="nightly script", until="2026-12")
    assert says(world, command, account) == (
        TokenIssued(token=TOKEN, label="nightly script", until="2026-12"),
    )
    token = after(world, account, command).token(TOKEN)
    assert token is not None
    assert token.is_good_on(TODAY)
    assert not token.is_good_on(date(2027, 1, 1))


@pytest.mark.parametrize("days", [TOKEN_DAYS_MAX, TOKEN_DAYS_MAX + 1])
def test_a_token_that_has_an_end_is_good_for_a_year_at_most(
    world: FakeWorld, account: Account, days: int
) -> None:
    until = (TODAY + timedelta(days=days)).isoformat()
    command = IssueToken(account=ACCOUNT, token=TOKEN, until=until)
    if days <= TOKEN_DAYS_MAX:
        assert says(world, command, account)
        return
    with pytest.raises(InvalidInput) as refusal:
        says(world, command, account)
    assert list(refusal.value.errors) == ["until"]


def test_issue_refuses_a_suspended_account_and_a_day_that_is_over(world: FakeWorld, account: Account) -> None:
    suspended = after(world, account, SuspendAccount(account=ACCOUNT, reason="Lost"))
    with pytest.raises(Refused) as refusal:
        says(world, IssueToken(account=ACCOUNT, token=TOKEN), suspended)
    assert refusal.value.code == "account-suspended"
    with pytest.raises(InvalidInput):
        says(world, IssueToken(account=ACCOUNT, token=TOKEN, until="2025"), account)


def test_issue_says_what_the_token_may_do_which_is_no_more_than_the_account(
    world: FakeWorld, account: Account
) -> None:
    pledger = after(world, account, grant("pledger", STATE))
    said = says(world, IssueToken(account=ACCOUNT, token=TOKEN, roles=("pledger",), reads_only=True), pledger)
    assert said == (TokenIssued(token=TOKEN, roles=("pledger",), reads_only=True),)
    refused: list[tuple[Role, ...]] = [("secretariat",), (), ("pledger", "auditor")]
    for roles in refused:
        with pytest.raises(InvalidInput) as refusal:
            says(world, IssueToken(account=ACCOUNT, token=TOKEN, roles=roles), pledger)
        assert list(refusal.value.errors) == ["roles"]


def test_issue_refuses_one_token_too_many(world: FakeWorld, account: Account) -> None:
    issued = [IssueToken(account=ACCOUNT, token=an_id(1000 + number)) for number in range(TOKENS_MAX)]
    full = after(world, account, *issued)
    with pytest.raises(Refused) as refusal:
        says(world, IssueToken(account=ACCOUNT, token=TOKEN), full)
    assert refusal.value.code == "too-many-tokens"
    freed = after(world, full, RevokeToken(account=ACCOUNT, token=issued[0].token))
    assert says(world, IssueToken(account=ACCOUNT, token=TOKEN), freed)


def test_whoever_holds_an_account_issues_and_revokes_its_tokens_and_nobody_elses(
    world: FakeWorld, account: Account
) -> None:
    oneself = Actor(account=ACCOUNT, grants=(Grant(role="pledger", entity=STATE),))
    decision = decide(IssueToken(account=ACCOUNT, token=TOKEN), account, context(world, oneself))
    assert (decision.acting.actor, decision.acting.role) == (ACCOUNT, "pledger")
    issued = after(world, account, IssueToken(account=ACCOUNT, token=TOKEN))
    assert says(world, RevokeToken(account=ACCOUNT, token=TOKEN), issued, oneself)
    other = Actor(account=an_id(2), grants=(Grant(role="pledger", entity=STATE),))
    for command in (IssueToken(account=ACCOUNT, token=an_id(21)), RevokeToken(account=ACCOUNT, token=TOKEN)):
        with pytest.raises(NotPermitted):
            says(world, command, issued, other)
    with pytest.raises(NotPermitted):
        says(world, SuspendAccount(account=ACCOUNT, reason="Mine"), account, oneself)


def test_issue_stays_quiet_about_what_is_issued(world: FakeWorld, account: Account) -> None:
    command = IssueToken(account=ACCOUNT, token=TOKEN)
    assert says(world, command, after(world, account, command)) == ()


def test_revoking_a_token_says_it_is_worthless(world: FakeWorld, account: Account) -> None:
    issued = after(world, account, IssueToken(account=ACCOUNT, token=TOKEN))
    command = RevokeToken(account=ACCOUNT, token=TOKEN, reason="Lost")
    assert says(world, command, issued) == (TokenRevoked(token=TOKEN, reason="Lost"),)
    token = after(world, issued, command).token(TOKEN)
    assert token is not None
    assert not token.is_good_on(TODAY)


def test_revoking_a_token_refuses_one_that_is_not_there(world: FakeWorld, account: Account) -> None:
    with pytest.raises(NotFound):
        says(world, RevokeToken(account=ACCOUNT, token=TOKEN), account)


def test_revoking_a_token_stays_quiet_about_what_is_revoked(world: FakeWorld, account: Account) -> None:
    command = RevokeToken(account=ACCOUNT, token=TOKEN)
    revoked = after(world, account, IssueToken(account=ACCOUNT, token=TOKEN), command)
    assert says(world, command, revoked) == ()


# -- doors, the actor, replay


ALL_COMMANDS: list[AccountCommand] = [
    AddAccount(account=ACCOUNT),
    grant("pledger", STATE),
    RevokeRole(account=ACCOUNT, role="pledger", entity=STATE),
    SuspendAccount(account=ACCOUNT, reason="Lost"),
    EndSecondFactor(account=ACCOUNT, reason="Lost"),
    EndSessions(account=ACCOUNT),
    ReinstateAccount(account=ACCOUNT),
    IssueToken(account=ACCOUNT, token=TOKEN),
    RevokeToken(account=ACCOUNT, token=TOKEN),
]


@pytest.mark.parametrize("command", ALL_COMMANDS)
@pytest.mark.parametrize("actor", [NOBODY, SECRETARIAT])
def test_only_an_administrator_may(
    world: FakeWorld, account: Account, command: AccountCommand, actor: Actor
) -> None:
    with pytest.raises(NotPermitted):
        says(world, command, account, actor)


@pytest.mark.parametrize("command", ALL_COMMANDS[1:])
def test_an_account_that_is_not_there_cannot_change(world: FakeWorld, command: AccountCommand) -> None:
    with pytest.raises(NotFound):
        says(world, command, None)


def test_events_say_in_which_role_the_actor_acted(world: FakeWorld, account: Account) -> None:
    decision = decide(grant("pledger", STATE), account, context(world, ADMINISTRATOR))
    assert (decision.acting.actor, decision.acting.role) == (ADMINISTRATOR.account, "administrator")


def test_a_role_is_over_after_its_last_day(world: FakeWorld, account: Account) -> None:
    held = after(world, account, grant("auditor", until="2026-12"), grant("pledger", STATE))
    assert actor_of(held, date(2026, 12, 31)).has("auditor")
    assert not actor_of(held, date(2027, 1, 1)).has("auditor")
    assert actor_of(held, date(2027, 1, 1)).has("pledger")


def test_a_role_for_an_entity_that_was_merged_is_for_the_survivor(world: FakeWorld, account: Account) -> None:
    held = after(world, account, grant("pledger", STATE))
    actor = actor_of(held, TODAY, channel="web", resolve=lambda _: BODY)
    assert actor.own_entities == {BODY}
    assert actor.channel == "web"


def test_replay_refuses_what_cannot_have_happened(account: Account) -> None:
    with pytest.raises(UnreadableEvent):
        evolve(None, happened(AccountReinstated(), ACCOUNT))
    with pytest.raises(UnreadableEvent):
        evolve(account, happened(AccountAdded(), ACCOUNT, 2))
