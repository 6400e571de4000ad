"""Every string can be translated, the template for translators is complete, pages turn with a language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.web.demonstration import Demonstration
from web.app import create_app
from web.pages import language

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "web/translations"
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["lazy_gettext", "lazy_pgettext:1c,2"])}


def extracted() -> Catalog:
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog()
    for folder in ("web/pages", "web/templates"):
        for _, _, message, _, context in extract_from_dir(
            ROOT / folder,
            [(f"{Path(pattern).name}", method) for pattern, method in methods],
            {Path(pattern).name: said for pattern, said in options.items()},
            KEYWORDS,
        ):
            catalog.add(message, context=context)
    return catalog


def test_the_template_for_translators_is_complete() -> None:
    with (FOLDER / "messages.pot").open(encoding="utf-8") as file:
        kept = {(message.id, message.context) for message in read_po(file) if message.id}
    found = {(message.id, message.context) for message in extracted() if message.id}
    assert kept == found, "run: make messages"


def test_templates_hold_no_words_of_their_own() -> None:
    folder = ROOT / "web/templates"
    for template in (*folder.glob("*.html"), *(folder / "pages").glob("*.html")):
        source = template.read_text(encoding="utf-8")
        fixed = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
        words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>|[a-z]+=\"[^\"]*\"", "", fixed, flags=re.DOTALL))
        assert words == [], f"{template.name} holds words that nobody can translate"


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
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    return tmp_path


def test_a_page_in_another_language_is_whole_and_turned_round(
    demonstration: Demonstration, turned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "TRANSLATIONS", str(turned))
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
