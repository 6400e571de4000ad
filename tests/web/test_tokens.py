"""Whose token it is, and for how long it is good."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from domain.accounts.commands import AddAccount, GrantRole, ReinstateAccount, RevokeRole, SuspendAccount
from domain.actors import OPERATOR
from tests.web.live import KENYA, MALI, Client, Register
from tests.web.pledges import drafted, pledge_body


@pytest.fixture
def account(live: Register) -> UUID:
    """An account that pledges for Kenya."""
    made = uuid4()
    live.runtime.register.handle(AddAccount(account=made), by=OPERATOR)
    live.runtime.register.handle(GrantRole(account=made, role="pledger", entity=KENYA), by=OPERATOR)
    return made


def test_the_account_behind_a_token_is_told(live: Register, account: UUID) -> None:
    me = Client(live, live.runtime.tokens.issue(account)).get("/accounts/me")
    assert me.json["id"] == str(account)
    assert [(grant["role"], grant["entity"]["name"]) for grant in me.json["grants"]] == [("pledger", "Kenya")]
    assert live.anonymous.get("/accounts/me").status == 401


def test_a_suspended_account_is_nobody(live: Register, account: UUID) -> None:
    client = Client(live, live.runtime.tokens.issue(account))
    assert client.get("/pledges").status == 200
    live.runtime.register.handle(SuspendAccount(account=account, reason="Left"), by=OPERATOR)
    assert client.get("/pledges").status == 401
    live.runtime.register.handle(ReinstateAccount(account=account, reason="Back"), by=OPERATOR)
    assert client.get("/pledges").status == 200


def test_a_role_that_was_revoked_opens_no_door_any_more(live: Register, account: UUID) -> None:
    client = Client(live, live.runtime.tokens.issue(account))
    assert client.post("/pledges", pledge_body(KENYA)).status == 201
    live.runtime.register.handle(RevokeRole(account=account, role="pledger", entity=KENYA), by=OPERATOR)
    assert client.post("/pledges", pledge_body(KENYA)).status in (401, 403)


def test_revoked_tokens_are_no_good(live: Register, account: UUID) -> None:
    client = Client(live, live.runtime.tokens.issue(account))
    live.runtime.tokens.revoke_all(account)
    assert client.get("/pledges").status == 401


def test_a_pledger_acts_for_its_own_entities_alone(live: Register) -> None:
    other = live.as_("pledger", MALI)
    assert other.post("/pledges", pledge_body(KENYA)).status == 403
    pledge = drafted(live, KENYA)
    for answer in (
        other.get(f"/pledges/{pledge}"),
        other.patch(f"/pledges/{pledge}", {"changes": {"title": "Mine now"}}),
        other.post(f"/pledges/{pledge}/submission"),
        other.delete(f"/pledges/{pledge}"),
    ):
        assert answer.status == 404
    assert other.get("/pledges", status="draft").json["total"] == 0
    moved = live.as_("pledger", KENYA).patch(f"/pledges/{pledge}", {"changes": {"entity": str(MALI)}})
    assert moved.status == 403


def test_whoever_pledges_for_an_entity_no_longer_has_no_papers_there(live: Register, account: UUID) -> None:
    client = Client(live, live.runtime.tokens.issue(account))
    handle = live.runtime.register.handle
    handle(GrantRole(account=account, role="pledger", entity=MALI), by=OPERATOR)
    pledge = client.post("/pledges", pledge_body(KENYA)).json["id"]
    handle(RevokeRole(account=account, role="pledger", entity=KENYA), by=OPERATOR)
    assert client.get("/pledges", status="draft").json["total"] == 0
    assert client.get(f"/pledges/{pledge}").status == 404
    assert client.patch(f"/pledges/{pledge}", {"changes": {"title": "Still mine"}}).status == 404
    assert client.delete(f"/pledges/{pledge}").status == 404


def test_an_auditor_reads_and_does_not_write(live: Register) -> None:
    auditor = live.as_("auditor")
    assert auditor.get("/intake").json["items"] is not None
    assert live.anonymous.get("/intake").json["items"] is None
    assert auditor.post("/pledges", pledge_body(KENYA)).status == 403
