"""Accounts administered by forms alone: invited, given roles, stopped; and who does not get that far."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
import requests
from flask import Flask

from domain.accounts.commands import SuspendAccount
from domain.actors import OPERATOR, ROLES
from tests.web.browsing import HIDDEN, PASSWORD, Browser, Somebody, at_desk, sends, signed_in, somebody
from tests.web.live import KENYA, MALI, Register
from web.app import create_app
from web.doors import door_of

NOTE = "NV 12/2026"
ACCOUNT = re.compile(r"/desk/accounts/([0-9a-f-]{36})")
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
OTHERS = sorted(set(ROLES) - {"administrator"})


def mails(live: Register, account: UUID) -> list[tuple[str, str]]:
    with live.runtime.pool.connection() as connection:
        question = "SELECT subject, body FROM outbox WHERE account = %s ORDER BY made_at"
        return connection.execute(question, [account]).fetchall()


def grants(live: Register, account: UUID) -> set[tuple[str, UUID | None, str | None, str | None]]:
    found = live.runtime.signing_in.account(account)
    assert found
    return {(one.role, one.entity, one.until, one.nomination) for one in found.grants}


def invited(administrator: Browser, email: str, **said: str) -> UUID:
    answer = sends(
        administrator, "/desk/accounts/invitation", email=email, mail_language="en", nomination=NOTE, **said
    )
    assert answer.status_code == 303, answer.text
    found = ACCOUNT.search(answer.headers["Location"])
    assert found
    return UUID(found[1])


def test_from_an_invitation_to_the_desk_of_whoever_was_invited(live: Register) -> None:
    administrator, email = at_desk(live, "administrator"), f"{uuid4()}@example.org"
    assert "/desk/accounts" in administrator.get("/desk").text
    account = invited(
        administrator, email, roles__0__role="validator", roles__0__entities="KEN\r\nMali",
        roles__0__until="2090", roles__1__role="pledger", roles__1__entities="Kenya",
    )  # fmt: skip
    assert grants(live, account) == {
        ("validator", KENYA, "2090", NOTE), ("validator", MALI, "2090", NOTE), ("pledger", KENYA, None, NOTE)
    }  # fmt: skip
    ((subject, body),) = mails(live, account)
    assert subject == "You are invited to the Register of IMRF pledges"
    page = administrator.get(f"/desk/accounts/{account}")
    assert "the invitation is good until" in page.text
    key = re.findall(r"key=([\w-]+)", body)[0]
    person = Browser(live)
    chosen = person.send(f"/invitation?key={key}", key=key, password="many words put together")
    assert chosen.headers["Location"] == "/desk"
    assert "Begin a new pledge" in person.get("/desk").text
    assert "the invitation is good until" not in administrator.get(f"/desk/accounts/{account}").text


@pytest.mark.parametrize(
    ("language", "subject"),
    [("fr", "Vous êtes invité au Registre des engagements du FEMI"), ("ar", "دعوة إلى سجل تعهدات منتدى")],
)
def test_an_invitation_is_in_the_language_chosen(live: Register, language: str, subject: str) -> None:
    administrator = at_desk(live, "administrator")
    answer = sends(
        administrator, "/desk/accounts/invitation", email=f"{uuid4()}@example.org", mail_language=language,
        nomination=NOTE, roles__0__role="secretariat",
    )  # fmt: skip
    found = ACCOUNT.search(answer.headers["Location"])
    assert found
    ((said, body),) = mails(live, UUID(found[1]))
    assert said.startswith(subject)
    assert f"lang={language}" in body


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
        ({"email": "a\x00@b.example"}, "email"),
        ({"email": "a@b.example, c@d.example"}, "email"),
        ({"email": "x" * 5000 + "@b.example"}, "email"),
        ({"nomination": ""}, "nomination"),
        ({"nomination": "said by a@b.example"}, "nomination"),
        ({"mail_language": "tlh"}, "mail_language"),
        ({"roles__0__role": ""}, "roles"),
        ({"roles__0__role": "king"}, "roles-0-role"),
        ({"roles__0__role": "pledger"}, "roles-0-entities"),
        ({"roles__0__role": "pledger", "roles__0__entities": "Atlantis"}, "roles-0-entities"),
        ({"roles__0__role": "secretariat", "roles__0__entities": "Kenya"}, "roles-0-entities"),
        ({"roles__0__role": "auditor"}, "roles-0-until"),
        ({"roles__0__role": "auditor", "roles__0__until": "1999"}, "roles-0-until"),
        ({"roles__0__role": "auditor", "roles__0__until": "soon"}, "roles-0-until"),
        ({"roles__0__role": "assessor"}, "roles-0-mandate"),
        ({"roles__0__role": "secretariat", "roles__1__role": "pledger"}, "roles-1-entities"),
    ],
)
def test_an_invitation_with_something_wrong_makes_nothing(
    live: Register, said: dict[str, str], field: str
) -> None:
    administrator, email = at_desk(live, "administrator"), f"{uuid4()}@example.org"
    role = {} if any("role" in name for name in said) else {"roles__0__role": "secretariat"}
    body = {"email": email, "mail_language": "en", "nomination": NOTE, **role, **said}
    before = live.runtime.recorder.max_notification_id()
    answer = sends(administrator, "/desk/accounts/invitation", **body)
    assert answer.status_code == 422, answer.text
    assert f'id="{field}-error"' in answer.text
    assert live.runtime.people.account_of(email) is None
    assert live.runtime.recorder.max_notification_id() == before


def test_roles_that_exclude_each_other_are_refused_together(live: Register) -> None:
    administrator, email = at_desk(live, "administrator"), f"{uuid4()}@example.org"
    answer = sends(
        administrator, "/desk/accounts/invitation", email=email, mail_language="en", nomination=NOTE,
        roles__0__role="secretariat", roles__1__role="administrator",
    )  # fmt: skip
    assert answer.status_code == 409
    assert "has no say over content" in answer.text
    assert live.runtime.people.account_of(email) is None


def sent_twice(administrator: Browser, email: str) -> tuple[requests.Response, requests.Response]:
    """What one form of an invitation is answered, sent and sent again."""
    page = "/desk/accounts/invitation"
    said = {
        "email": email, "mail_language": "en", "nomination": NOTE, "roles.0.role": "secretariat",
        **dict(HIDDEN.findall(administrator.get(page).text)),
    }  # fmt: skip
    return administrator.send(page, **said), administrator.send(page, **said)


def test_an_invitation_sent_twice_invites_once(live: Register) -> None:
    administrator, email = at_desk(live, "administrator"), f"{uuid4()}@example.org"
    first, second = sent_twice(administrator, email)
    assert first.headers["Location"] == second.headers["Location"]
    account = live.runtime.people.account_of(email)
    assert account
    assert len(mails(live, account)) == 1
    again = sends(
        administrator, "/desk/accounts/invitation", email=email.upper(), mail_language="en", nomination=NOTE,
        roles__0__role="secretariat",
    )  # fmt: skip
    assert again.status_code == 422
    assert "has an account already" in again.text


def test_what_cannot_be_undone_is_said_before_it_is_done(live: Register) -> None:
    administrator, person = at_desk(live, "administrator"), somebody(live)
    assert "This cannot be undone." in administrator.get(f"/desk/accounts/{person.account}/erasure").text
    assert "cannot be undone" not in administrator.get(f"/desk/accounts/{person.account}/role").text


def test_whoever_follows_something_can_be_invited_and_goes_on_following(live: Register) -> None:
    administrator, follower, email = at_desk(live, "administrator"), uuid4(), f"{uuid4()}@example.org"
    live.runtime.people.add(follower, email)
    first, again = sent_twice(administrator, email)
    for answer in (first, again):
        assert (answer.status_code, ACCOUNT.findall(answer.headers["Location"])) == (303, [str(follower)])
    assert grants(live, follower) == {("secretariat", None, None, NOTE)}
    assert len(mails(live, follower)) == 1
    other = sends(
        administrator, "/desk/accounts/invitation", email=email, mail_language="en", nomination=NOTE,
        roles__0__role="auditor", roles__0__until="2090",
    )  # fmt: skip
    assert other.status_code == 422
    assert "has an account already" in other.text


@pytest.mark.parametrize(
    ("role", "is_told"), [("secretariat", True), ("administrator", True), ("pledger", False)]
)
def test_nobody_is_given_a_say_over_the_whole_register_in_silence(
    live: Register, role: str, *, is_told: bool
) -> None:
    secretariat, other = somebody(live, "secretariat"), somebody(live, "administrator")
    acting, auditor = somebody(live, "administrator"), somebody(live, "auditor")
    entities = {"roles__0__entities": "Kenya"} if role == "pledger" else {}
    account = invited(signed_in(live, acting), f"{uuid4()}@example.org", roles__0__role=role, **entities)
    told = {
        name: mails(live, one.account)
        for name, one in {
            "secretariat": secretariat,
            "other": other,
            "acting": acting,
            "auditor": auditor,
        }.items()
    }
    assert {name for name, found in told.items() if found} == ({"secretariat", "other"} if is_told else set())
    if is_told:
        ((subject, body),) = told["other"]
        assert subject == "Somebody has a new role in the Register of IMRF pledges"
        assert NOTE in body
        assert str(account) in body
    person = somebody(live, "pledger", KENYA)
    page = f"/desk/accounts/{person.account}/role"
    given = sends(signed_in(live, other), page, role="secretariat", nomination="NV 14/2026")
    assert given.status_code == 303, given.text
    assert any("NV 14/2026" in body for _, body in mails(live, secretariat.account))


def test_a_role_is_granted_and_taken_away_citing_who_asks(live: Register) -> None:
    administrator, person = at_desk(live, "administrator"), somebody(live, None)
    page = f"/desk/accounts/{person.account}"
    said = {"role": "auditor", "entities": "Kenya", "until": "2090-12"}
    assert sends(administrator, f"{page}/role", **said).status_code == 422
    assert grants(live, person.account) == set()
    assert sends(administrator, f"{page}/role", nomination=NOTE, **said).status_code == 303
    assert grants(live, person.account) == {("auditor", KENYA, "2090-12", NOTE)}
    browser = signed_in(live, person)
    assert browser.get("/desk/readings").status_code == 200
    form = f"{page}/revocation/auditor.{KENYA}"
    assert sends(administrator, form, reason="Moved on").status_code == 422
    assert sends(administrator, form, nomination="NV 13/2026", reason="Moved on").status_code == 303
    assert grants(live, person.account) == set()
    told = administrator.get(page).text
    for words in ("NV 12/2026", "NV 13/2026", "Moved on", "Kenya", "A role was taken away: Auditor."):
        assert words in told
    refused = browser.get("/desk/readings")
    assert refused.status_code == 403
    assert "perhaps one was taken from you" in refused.text


def test_what_was_being_written_is_refused_once_the_role_is_gone(live: Register) -> None:
    administrator, person = at_desk(live, "administrator"), somebody(live, "pledger", KENYA)
    browser = signed_in(live, person)
    hidden = dict(HIDDEN.findall(browser.get("/desk/new").text))
    page = f"/desk/accounts/{person.account}/revocation/pledger.{KENYA}"
    assert sends(administrator, page, nomination=NOTE).status_code == 303
    answer = browser.send(
        "/desk/new", form_of="/account", entity=str(KENYA), title="Too late", type="individual", **hidden
    )
    assert answer.status_code == 403
    assert "perhaps one was taken from you" in answer.text


def test_an_account_is_suspended_and_restored(live: Register) -> None:
    administrator, person = at_desk(live, "administrator"), somebody(live)
    browser, page = signed_in(live, person), f"/desk/accounts/{person.account}"
    assert sends(administrator, f"{page}/suspension").status_code == 422
    assert sends(administrator, f"{page}/suspension", reason="Left the service").status_code == 303
    assert browser.get("/desk").status_code == 303
    assert "suspended" in browser.signs_in(person.email).text
    assert sends(administrator, f"{page}/restoration", reason="Came back").status_code == 303
    assert browser.get("/desk").status_code == 303, "the sessions of before are over"
    assert browser.signs_in(person.email).status_code == 303


def test_somebody_is_signed_out_everywhere_and_invited_anew(live: Register) -> None:
    administrator, person = at_desk(live, "administrator"), somebody(live)
    browser, page = signed_in(live, person), f"/desk/accounts/{person.account}"
    assert sends(administrator, f"{page}/sessions", reason="Left open").status_code == 303
    assert browser.get("/desk").status_code == 303
    told = administrator.get(page).text
    assert "The account was signed out everywhere." in told
    assert "Left open" in told
    assert sends(administrator, f"{page}/letter", mail_language="fr").status_code == 303
    assert len(mails(live, person.account)) == 1


def test_nobody_changes_what_they_themselves_may_do(live: Register) -> None:
    own = somebody(live, "administrator")
    administrator, page = signed_in(live, own), f"/desk/accounts/{own.account}"
    assert (
        sends(administrator, f"{page}/role", role="auditor", until="2090", nomination=NOTE).status_code == 409
    )
    assert sends(administrator, f"{page}/suspension", reason="Tired").status_code == 409
    assert administrator.get("/desk").status_code == 200


def test_accounts_are_found_by_address_entity_role_and_standing(live: Register) -> None:
    administrator, entity = at_desk(live, "administrator"), live.entity("Institute")
    people = [somebody(live, "validator", entity), somebody(live, "validator", entity), somebody(live, None)]
    live.runtime.register.handle(SuspendAccount(account=people[1].account, reason="Left"), by=OPERATOR)
    outcome = live.runtime.register.handle(SuspendAccount(account=people[2].account, reason="x"), by=OPERATOR)
    assert live.runtime.readers.wait_for(outcome.position, 10)
    name = live.runtime.register.consult(lambda c: c.world.entity(entity), by=OPERATOR).name  # type: ignore[union-attr]

    def found(query: str) -> set[Somebody]:
        answer = administrator.get(f"/desk/accounts?{query}")
        assert answer.status_code == 200, answer.text
        return {one for one in people if f"<bdi>{one.email}</bdi></a>" in answer.text}

    assert found(f"q={name}") == set(people[:2])
    assert found(f"q={name}&standing=suspended") == {people[1]}
    assert found(f"q={people[0].email.upper()}&role=validator&standing=active") == {people[0]}
    assert found(f"q={people[2].email}&role=none") == {people[2]}
    assert found(f"q={people[2].email}&role=auditor") == set()


@pytest.mark.parametrize("query", ["role=king", "standing=dead", "sort=a"])
def test_an_address_that_asks_for_what_there_is_not_says_so(live: Register, query: str) -> None:
    assert at_desk(live, "administrator").get(f"/desk/accounts?{query}").status_code == 422


@pytest.mark.parametrize(
    "path",
    ["0190d7e2-5c3a-7000-8000-0123456789ab",
     "00000000-0000-4000-8000-000000000001", "{own}/nothing", "{own}/role/pledger",
     "{own}/revocation", "{own}/revocation/king", "{own}/revocation/secretariat",
     "{own}/revocation/pledger.x"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(live: Register, path: str) -> None:
    own = somebody(live, "administrator")
    administrator = signed_in(live, own)
    assert administrator.get(f"/desk/accounts/{path.format(own=own.account)}").status_code == 404
    answer = administrator.send(f"/desk/accounts/{path.format(own=own.account)}", form_of="/account")
    assert answer.status_code in (404, 405)


HOSTILE = ["\x00", "<script>alert(1)</script>", "\u202e", "x" * 5000, "' OR 1=1 --", "{{7*7}}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_stands_in_a_field_never_breaks(live: Register, text: str) -> None:
    administrator, person = at_desk(live, "administrator"), somebody(live)
    page = f"/desk/accounts/{person.account}"
    for name, said in (
        ("role", {"role": text, "entities": text, "until": text, "nomination": text, "mandate": text}),
        ("revocation/secretariat", {"nomination": text, "reason": text}),
        ("suspension", {"reason": text}),
    ):
        answer = sends(administrator, f"{page}/{name}", **said)
        assert answer.status_code in (303, 409, 422), (name, answer.status_code)
        assert "<script>alert" not in administrator.get(page).text + answer.text
    assert administrator.session.get(
        f"{live.url}/desk/accounts", params={"q": text[:1000]}, timeout=10
    ).status_code in (200, 422)


# -- doors


@pytest.fixture(scope="module")
def app(live: Register) -> Flask:
    return create_app(live.runtime)


def pages_of_accounts(app: Flask) -> list[tuple[str, str]]:
    values = {"<uuid:account>": str(uuid4()), "<name>": "role", "<about>": "x"}
    return [
        (method, re.sub(r"<[\w:]+>", lambda found: values[found[0]], rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/desk/accounts")
        for method in sorted(rule.methods & {"GET", "POST"})  # type: ignore[operator]
    ]


@pytest.mark.parametrize("role", [*OTHERS, None])
def test_nobody_else_reaches_the_pages(live: Register, app: Flask, role: str | None) -> None:
    browser = at_desk(live, role, KENYA if role in ("pledger", "validator", "assessor") else None)
    pages = pages_of_accounts(app)
    assert len(pages) > 6
    for method, path in pages:
        answer = browser.get(path) if method == "GET" else browser.send(path, form_of="/account")
        assert answer.status_code == 403, (method, path)
    assert Browser(live).get("/desk/accounts").status_code == 303
    assert "/desk/accounts" not in browser.get("/desk").text


def test_an_administrator_has_no_say_over_content(live: Register, app: Flask) -> None:
    """Whatever the desk has that is not made for administrators alone is shut, or knows of nothing."""
    administrator, asked = at_desk(live, "administrator"), 0
    for rule in app.url_map.iter_rules():
        door = door_of(rule.endpoint)
        if not rule.rule.startswith("/desk/") or ("administrator" in door.roles and len(door.roles) < 3):
            continue
        path = PLACE.sub(lambda found: "report" if found[1] == "name" else str(uuid4()), rule.rule)
        asked += 1
        if "GET" in (rule.methods or ()):
            assert administrator.get(path).status_code in (403, 404), path
        if "POST" in (rule.methods or ()):
            assert administrator.send(path, form_of="/account").status_code in (403, 404, 415), path
    assert asked > 15


def test_the_password_of_before_still_opens_after_a_new_letter(live: Register) -> None:
    administrator, person = at_desk(live, "administrator"), somebody(live)
    sends(administrator, f"/desk/accounts/{person.account}/letter", mail_language="en")
    assert Browser(live).signs_in(person.email, PASSWORD).status_code == 303
