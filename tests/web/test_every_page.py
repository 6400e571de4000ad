"""Every page, for everybody who may open it: it is there, and a slow connection carries it."""

from __future__ import annotations

import re

import pytest

from domain.actors import ROLES
from tests.web.office import MANY, Office, pages_for
from web.app import create_app

BYTES_MAX = 100_000
WITH_A_PICTURE = "/account/second-factor"
LOADED = re.compile(r'<(?:link rel="(?:stylesheet|icon)"|script)[^>]*(?:href|src)="([^"?]+)')


@pytest.mark.parametrize("role", [None, *ROLES, "partner"])
def test_every_page_is_there_and_small_for_who_may_open_it(office: Office, role: str | None) -> None:
    browser = office.browser(role)
    app = create_app(office.live.runtime)
    pages = pages_for(app, office, "pledger" if role == "partner" else role)
    assert len(pages) > MANY
    large, failed = {}, {}
    for address in pages:
        answer = browser.get(address)
        if answer.status_code >= 500:
            failed[address] = answer.status_code
        if len(answer.content) >= BYTES_MAX:
            large[address] = len(answer.content)
    assert not failed
    assert not large


def test_a_page_and_all_that_it_loads_is_small(office: Office) -> None:
    for role, address in (
        ("pledger", "/desk"),
        ("pledger", "/account/passkeys"),
        (None, "/"),
        (None, "/log/1"),
    ):
        browser = office.browser(role)
        page = browser.get(address)
        loaded = {path: len(browser.get(path).content) for path in LOADED.findall(page.text)}
        assert any(path.endswith(".css") for path in loaded), page.text
        assert len(page.content) + sum(loaded.values()) < BYTES_MAX, (address, loaded)
