"""Every string can be translated, the template for translators is complete, pages turn with a language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from tests.web.demonstration import Demonstration
from web.app import create_app
from web.pages import formats, labels, language

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "web/translations"
PLACE = re.compile(r"%\((\w+)\)s|%(%)")
IN_WORDS = {"ar": 3}
"""How many forms of a plural, from the first, may say the number in words: none, one and two."""
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["lazy_gettext", "lazy_pgettext:1c,2"])}


def extracted() -> Catalog:
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog()
    for _, _, message, _, context in extract_from_dir(ROOT, methods, options, KEYWORDS):
        catalog.add(message, context=context)
    return catalog


def test_the_template_for_translators_is_complete() -> None:
    with (FOLDER / "messages.pot").open(encoding="utf-8") as file:
        kept = {(message.id, message.context) for message in read_po(file) if message.id}
    found = {(message.id, message.context) for message in extracted() if message.id}
    assert kept == found, "run: make messages"


def test_templates_hold_no_words_of_their_own() -> None:
    folder = ROOT / "web/templates"
    for template in (path for path in folder.rglob("*.html") if "api" not in path.parts):
        source = template.read_text(encoding="utf-8")
        fixed = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
        words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>|[a-z-]+=\"[^\"]*\"", "", fixed, flags=re.DOTALL))
        assert words == [], f"{template.name} holds words that nobody can translate"


def catalogue(code: str) -> Catalog:
    with (FOLDER / code / "LC_MESSAGES/messages.po").open(encoding="utf-8") as file:
        return read_po(file, locale=code, abort_invalid=True)


def places(text: str) -> set[str]:
    return {name or sign for name, sign in PLACE.findall(text)}


def is_faithful(message: Message, code: str) -> bool:
    """Whether a translation has the places of its message, and no others."""
    if not message.pluralizable:
        return places(message.string) == places(message.id)
    wanted, free = places(message.id[1]), IN_WORDS.get(code, 0)
    return all(
        places(form) == wanted or (n < free and places(form) == wanted - {"number"})
        for n, form in enumerate(message.string)
    )


@pytest.mark.parametrize("code", ["ar", "fr"])
def test_translations_keep_every_place_of_their_message(code: str) -> None:
    found = [message for message in catalogue(code) if message.id and message.string]
    assert len(found) > 500
    assert [message.id for message in found if not is_faithful(message, code)] == []


@pytest.mark.parametrize("code", ["ar", "fr"])
def test_every_string_is_translated(code: str) -> None:
    """Whoever adds a string translates it: `make messages`, then each empty `msgstr`."""
    found = {(one.id, one.context) for one in catalogue(code) if one.id and is_translated(one)}
    missing = [one.id for one in extracted() if one.id and (one.id, one.context) not in found]
    assert missing == [], f"run make messages, and translate these in {code}/LC_MESSAGES/messages.po"


def is_translated(message: Message) -> bool:
    """Whether each form of it is there, and nobody is in doubt about it."""
    forms = message.string if message.pluralizable else (message.string,)
    return all(forms) and not message.fuzzy


def test_a_plural_has_the_forms_of_its_language() -> None:
    for code, forms in (("ar", 6), ("fr", 2)):
        plurals = [one for one in catalogue(code) if one.pluralizable and any(one.string)]
        assert plurals
        assert all(len(one.string) == forms and all(one.string) for one in plurals)


LOOSE_IN_FRENCH = re.compile(
    r"[^\u202f\s][;?!](?=\s|$)| [;?!%](?!\()|(?<!\u00a0):(?=\s|$)|(?<!\u00a0)»|«(?!\u00a0)"
)
"""A sign that a line may begin with, or that stands too near. Values such as “5; 6” are no French."""


def test_no_sign_of_a_french_string_falls_to_the_next_line() -> None:
    strings = [
        form
        for one in catalogue("fr")
        if one.id
        for form in (one.string if one.pluralizable else (one.string,))
    ]
    assert sum("\u00a0:" in one for one in strings) > 100
    loose = [one for one in strings if LOOSE_IN_FRENCH.search(re.sub(r"\d; \d", "", one))]
    assert loose == [], "a no-break space goes before : and inside « », a narrow one before ; ? ! and %"


@pytest.fixture
def turned(tmp_path: Path) -> Path:
    """A translation into Arabic of a sort: every string between brackets, so that what has none shows."""
    catalog = Catalog(locale="ar")
    for message in extracted():
        if not message.id:
            continue
        marked = tuple(f"⟦{one}⟧" for one in (message.id if message.pluralizable else (message.id,)))
        string = (marked[1],) * catalog.num_plurals if message.pluralizable else marked[0]
        catalog.add(message.id, string, context=message.context)
    folder = tmp_path / "ar/LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.po").open("wb") as file:
        write_po(file, catalog)
    return tmp_path


def test_a_page_in_another_language_is_whole_and_turned_round(
    demonstration: Demonstration, turned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "TRANSLATIONS", turned)
    client = create_app(demonstration.live.runtime).test_client()
    for path in ("/", "/pledges?objective=15", "/progress", "/pledges/2022-0002", "/help", "/nowhere"):
        shown = client.get(path, headers={"Accept-Language": "ar"}).text
        assert '<html lang="ar" dir="rtl">' in shown
        assert "⟦Dashboard⟧" in shown
        chosen = client.get(
            f"{path}{'&' if '?' in path else '?'}lang=en", headers={"Accept-Language": "ar"}
        ).text
        assert '<html lang="en" dir="ltr">' in chosen
        assert "⟦" not in chosen
        assert "lang=en" in chosen.split("<header")[1].split("</header>")[0]


def test_a_page_offers_itself_in_each_language_by_its_own_name(demonstration: Demonstration) -> None:
    client = create_app(demonstration.live.runtime).test_client()
    for path in ("/pledges?objective=15&lang=fr", "/nowhere?lang=fr"):
        offered = client.get(path).text.split('class="languages"')[1].split("</nav>")[0]
        links = re.findall(
            r'href="([^"]*)" hreflang="(..)" lang="(..)"( aria-current="true")?.*?<bdi>(.*?)<', offered
        )
        kept = "objective=15&amp;" if path.startswith("/pledges") else ""
        assert links == [
            (f"?{kept}lang=en", "en", "en", "", "English"),
            (f"?{kept}lang=ar", "ar", "ar", "", "العربية"),
            (f"?{kept}lang=fr", "fr", "fr", ' aria-current="true"', "Français"),
        ]


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [
        ("fr-CA,en;q=0.9", "fr"),
        ("en-US,fr;q=0.9", "en"),
        ("pt-BR,ar;q=0.5,fr;q=0.4", "ar"),
        ("*", "en"),
        ("pt", "en"),
        ("-;q=x, 💥", "en"),
    ],
)
def test_the_language_is_the_first_of_the_browsers_that_there_is(
    demonstration: Demonstration, accepted: str, shown: str
) -> None:
    client = create_app(demonstration.live.runtime).test_client()
    assert f'<html lang="{shown}"' in client.get("/help", headers={"Accept-Language": accepted}).text


@pytest.mark.parametrize(
    ("code", "words", "number", "title"),
    [
        ("fr", "38\u202f%", "1\u202f234", "6 Favoriser des pratiques de recrutement justes"),
        ("ar", "\u206638%\u2069", "1,234", "العمل اللائق (ترجمة غير رسمية)"),
    ],
)
def test_numbers_and_titles_are_written_as_the_language_has_them(
    demonstration: Demonstration, code: str, words: str, number: str, title: str
) -> None:
    app = create_app(demonstration.live.runtime)
    with app.test_request_context(f"/?lang={code}"):
        assert formats.percent(38) == words
        assert formats.number(1234) == number
        assert title in labels.objective(6)
