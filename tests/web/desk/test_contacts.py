"""How entities are reached: who sees and changes it, what is kept of that, and that it can be deleted."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
import requests

from tests.web.browsing import Browser, at_desk
from tests.web.live import Register

VERSION = re.compile(r'name="version" value="(\d+)"')


def path_of(entity: UUID) -> str:
    return f"/desk/entities/{entity}/contacts"


def keeps(browser: Browser, entity: UUID, *, decision: str = "keep", **said: str) -> requests.Response:
    page = browser.get(path_of(entity)).text
    version = VERSION.search(page)
    assert version, page
    return browser.send(path_of(entity), decision=decision, **{"version": version[1], **said})


def test_an_entitys_pledgers_and_the_secretariat_keep_its_contacts(live: Register) -> None:
    entity = live.entity("Is reached")
    own, secretariat = at_desk(live, "pledger", entity), at_desk(live, "secretariat")
    assert keeps(own, entity, mailbox="Migration@Example.org ", language="fr").status_code == 303
    page = secretariat.get(path_of(entity)).text
    assert 'value="migration@example.org"' in page
    assert (
        keeps(secretariat, entity, mailbox="office@example.org", alternate="b@example.org").status_code == 303
    )
    found = live.runtime.contacts.of(entity)
    assert found
    assert (found.mailbox, found.alternate, found.language) == ("office@example.org", "b@example.org", None)
    changes = live.runtime.contacts.changes(entity)
    assert [(one.what, one.fields) for one in changes] == [
        ("changed", ["mailbox", "alternate", "language"]), ("given", ["mailbox", "language"])
    ]  # fmt: skip
    assert len({one.account for one in changes}) == 2
    assert keeps(own, entity, mailbox="office@example.org", alternate="b@example.org").status_code == 303
    assert len(live.runtime.contacts.changes(entity)) == 2, "nothing was changed"


def test_nobody_else_sees_them(live: Register) -> None:
    entity = live.entity("Is private")
    keeps(at_desk(live, "secretariat"), entity, mailbox="private@example.org")
    for role, of, status in (
        ("pledger", live.entity("Stranger"), 404), ("auditor", None, 403), ("administrator", None, 403),
        ("validator", entity, 403),
    ):  # fmt: skip
        browser = at_desk(live, role, of)
        assert browser.get(path_of(entity)).status_code == status, role
        assert (
            browser.send(path_of(entity), form_of="/account", mailbox="x@example.org").status_code == status
        )
    assert Browser(live).get(path_of(entity)).status_code == 303
    assert "private@example.org" not in live.anonymous.get(f"/entities/{entity}").response.text
    assert at_desk(live, "secretariat").get(path_of(UUID(int=1))).status_code == 404


def test_deletion_leaves_nothing_but_that_it_was_deleted(live: Register) -> None:
    entity = live.entity("Is forgotten")
    own = at_desk(live, "pledger", entity)
    keeps(own, entity, mailbox="gone@example.org")
    unsure = keeps(own, entity, decision="delete")
    assert unsure.status_code == 422
    assert live.runtime.contacts.of(entity)
    assert keeps(own, entity, decision="delete", sure="yes").status_code == 303
    assert live.runtime.contacts.of(entity) is None
    assert "gone@example.org" not in own.get(path_of(entity)).text
    assert [one.what for one in live.runtime.contacts.changes(entity)] == ["deleted", "given"]
    assert keeps(own, entity, mailbox="again@example.org").status_code == 303


def test_a_stale_form_is_told_what_stands_there_now(live: Register) -> None:
    entity = live.entity("Is changed twice")
    own, other = at_desk(live, "pledger", entity), at_desk(live, "secretariat")
    assert keeps(other, entity, mailbox="first@example.org").status_code == 303
    for said in ({"mailbox": "second@example.org"}, {"decision": "delete", "sure": "yes"}):
        for version in ("0", "x", "9" * 40):
            answer = keeps(own, entity, **{**said, "version": version})
            assert answer.status_code == 412
            assert "first@example.org" in answer.text
    found = live.runtime.contacts.of(entity)
    assert found
    assert found.mailbox == "first@example.org"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"mailbox": "nobody"}, "mailbox"),
        ({"mailbox": "a@example.org\r\nBcc: b@example.org"}, "mailbox"),
        ({"mailbox": "a@example.org, b@example.org"}, "mailbox"),
        ({"mailbox": "a@" + "x" * 400 + ".org"}, "mailbox"),
        ({"alternate": "a@example.org"}, "mailbox"),
        ({"mailbox": "a@example.org", "alternate": "A@example.org"}, "alternate"),
        ({"mailbox": "a@example.org", "language": "tlh"}, "language"),
        ({"mailbox": "\x00@example.org"}, "mailbox"),
    ],
)
def test_what_is_no_address_is_told_beside_its_field(
    live: Register, said: dict[str, str], field: str
) -> None:
    entity = live.entity("Is mistyped")
    answer = keeps(at_desk(live, "secretariat"), entity, **said)
    assert answer.status_code == 422
    assert f'id="{field}-error' in answer.text
    assert live.runtime.contacts.of(entity) is None
