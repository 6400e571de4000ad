"""Every page, for everybody who may open it: it is there, a slow connection carries it, and it is translated.

Looked at in Arabic, which takes more bytes than English, and each kind of page in French: nothing may be
English but what people wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lxml import html

from domain.actors import ROLES
from tests.web.office import MANY, Office, pages_for
from web.app import create_app

BYTES_MAX = 100_000
OF_ONE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=key=)[\w.%-]+")
"""What tells pages of one kind apart."""
WITH_A_PICTURE = "/account/second-factor"
LOADED = re.compile(r'<(?:link rel="(?:stylesheet|icon)"|script)[^>]*(?:href|src)="([^"?]+)')


APART = frozenset(
    {"bdi", "code", "kbd", "pre", "samp", "script", "style", "textarea", "time", "title", "option"}
)
ISOLATED = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069")
MARK = "span[@class='required']"
QUOTED = re.compile(r"«[^»]*»|https?://\S+|(?<=Choisir le message à ).*")
"""Titles and addresses in French sentences, and the subject of somebody's letter."""
SAID = ("title", "aria-label", "placeholder", "alt")
LITERAL = "pledges event v1"
"""The first line of what is hashed, the same in all languages."""
ENGLISH = {
    "ar": re.compile(r"[A-Za-z][A-Za-z’'-]*(?:[ ,;:]+[A-Za-z][A-Za-z’'-]*){2,}"),
    "fr": re.compile(
        r"\b(?:the|and|with|which|this|that|are|was|were|been|from|by|who|whose|what|when|will|must|there|their"
        r"|your|you|has|have|had|into|be|does|it|its|nobody|everybody)\b",
        re.IGNORECASE,
    ),
}
"""What is English, by the language of the page: words that follow one another, or such as French has not."""


def words_of(element: html.HtmlElement, language: str) -> Iterator[str]:
    """What a page itself says below an element: not what somebody wrote, nor names, nor what stays as it is.

    Where a name stands in a sentence, it is isolated from it by signs of direction; in options it is bare.
    """
    if not isinstance(element.tag, str) or element.tag in APART:
        return
    if element.get("dir") == "auto" or element.get("translate") == "no":
        return
    if element.get("lang") and element.tag != "html" and not element.get("lang", "").startswith(language):
        return
    yield from (element.get(name) or "" for name in SAID)
    if element.get("type") in ("submit", "button"):
        yield element.get("value") or ""
    yield element.text or ""
    for inner in element:
        yield from words_of(inner, language)
        yield inner.tail or ""


def in_english(page: bytes, language: str = "ar") -> list[str]:
    """What a page in another language says in English."""
    said = map(bare, words_of(html.fromstring(page), language))
    return [words for words in said if ENGLISH[language].search(words)]


def unmarked(page: bytes) -> list[str]:
    """The fields of a page’s forms that are required and not marked so, or whose mark is not explained."""
    forms = html.fromstring(page).xpath("//main//form[@method='post']")
    return [
        field.get("id")
        for form in forms
        for field in form.xpath(".//*[@required or @aria-required='true']")
        if not (form.xpath(".//label[@for=$id]", id=field.get("id")) + field.xpath("legend"))[0].xpath(MARK)
        or "* مطلوب" not in form.text_content()
    ]


def bare(words: str) -> str:
    """Words without the names in them, which may hold others."""
    while (without := ISOLATED.sub("", words)) != words:
        words = without
    return QUOTED.sub("", words.replace(LITERAL, ""))


@pytest.mark.parametrize("role", [None, *ROLES, "partner"])
def test_every_page_is_there_small_and_translated(office: Office, role: str | None) -> None:
    browser = office.browser(role)
    app = create_app(office.live.runtime)
    pages = pages_for(app, office, "pledger" if role == "partner" else role)
    assert len(pages) > MANY
    large, failed, english, marks = {}, {}, {}, {}
    for address in pages:
        answer = browser.get(f"{address}{'&' if '?' in address else '?'}lang=ar")
        if answer.status_code >= 500:
            failed[address] = answer.status_code
        if len(answer.content) >= BYTES_MAX:
            large[address] = len(answer.content)
        is_page = answer.status_code not in range(300, 400) and "html" in answer.headers["Content-Type"]
        if is_page and (said := in_english(answer.content)):
            english[address] = said
        if is_page and (fields := unmarked(answer.content)):
            marks[address] = fields
    assert not failed
    assert not large
    assert not english
    assert not marks


@pytest.mark.parametrize("role", [None, *ROLES, "partner"])
def test_every_kind_of_page_is_french_in_french(office: Office, role: str | None) -> None:
    browser, english = office.browser(role), {}
    pages = pages_for(create_app(office.live.runtime), office, "pledger" if role == "partner" else role)
    for address in {OF_ONE.sub("*", one): one for one in pages}.values():
        answer = browser.get(f"{address}{'&' if '?' in address else '?'}lang=fr")
        is_page = answer.status_code not in range(300, 400) and "html" in answer.headers["Content-Type"]
        if is_page and (said := in_english(answer.content, "fr")):
            english[address] = said
    assert not english


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
