"""What the domain and the API refuse with has its words in each language of the pages."""

from __future__ import annotations

import re

import pytest

from domain.actors import ROLES
from tests.web.browsing import at_desk, sends
from tests.web.desk.refusing import PLACE, sentences
from tests.web.desk.test_lives import begun, written
from tests.web.live import KENYA, Register
from web.api.blueprint import IN_OUR_WORDS
from web.app import create_app
from web.pages.refusals import SENTENCES, in_words

ARABIC = re.compile(r"[\u0600-\u06ff]")
ENGLISH = re.compile(r"[a-z]{2,} [a-z]+ [a-z]{2,}", re.IGNORECASE)
"""Three words in a row: a sentence that was only translated where it begins."""


def filled(sentence: str, where: str = "") -> str:
    """A sentence as it may be said; of the many, those that count what. A file has no name on pages."""
    if where.startswith("sheets/") and sentence.startswith(PLACE):
        sentence = sentence.replace(PLACE, "the file", 1)
    return sentence.replace(f"{PLACE} {PLACE}.", f"{PLACE} items.").replace(PLACE, "7")


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_every_refusal_has_its_words(live: Register, language: str) -> None:
    said = {filled(text, where): where for text, where in sentences().items()}
    said |= dict.fromkeys(IN_OUR_WORDS.values(), "web/api/blueprint.py")
    assert len(said) > 150
    with create_app(live.runtime).test_request_context(f"/?lang={language}"):
        missing = {f"{where}: {text}" for text, where in said.items() if in_words(text) == text}
        english = {text for text in said if language == "ar" and ENGLISH.search(in_words(text))}
    assert not missing, "add to web/pages/refusals.py and translate: " + "; ".join(sorted(missing))
    assert not english, "add these too, which only begin as another sentence does: " + "; ".join(
        sorted(english)
    )


def test_what_varies_is_kept_and_told_in_words(live: Register) -> None:
    assert len(SENTENCES) == len(set(SENTENCES))
    with create_app(live.runtime).test_request_context("/?lang=ar"):
        assert "2031-02-03" in in_words("must not be before today (2031-02-03).")
        assert ARABIC.search(in_words("must be one of a, b."))
        assert "withdrawn" not in in_words("The pledge is withdrawn; reinstate it first.")
        assert "stakeholder" in in_words("is for stakeholders; the category is stakeholder.")
        wrong = (
            "The first row has no column ref. The columns seem to be separated by tabs; commas are needed."
        )
        assert not re.search("[A-Za-z]{4}", in_words(wrong))
        assert in_words("What nobody says.") == "What nobody says."
        roles = in_words(f"must be one of {', '.join(ROLES)}.")
        assert not re.search("[a-z]{4}", roles)
        assert roles.count("،") == len(ROLES) - 1
    with create_app(live.runtime).test_request_context("/?lang=en"):
        assert in_words("must be given.") == "must be given."


def test_a_form_in_arabic_is_refused_in_arabic(live: Register) -> None:
    pledger = at_desk(live, "pledger", KENYA)
    pledge = begun(pledger)
    answer = sends(pledger, f"{pledge}/edit?lang=ar", changes__due_on="soon", changes__title="Ki", save="1")
    assert answer.status_code == 422
    errors = re.findall(r'class="error"[^>]*><bdi>([^<]*)', answer.text)
    assert len(errors) == 2
    assert all(ARABIC.search(error) for error in errors)
    written(pledger, pledge)
    sends(pledger, f"{pledge}/submission")
    secretariat = at_desk(live, "secretariat")
    sends(secretariat, f"{pledge}/publication")
    problem = sends(secretariat, f"{pledge}/return?lang=fr", reason="Too late.")
    assert problem.status_code == 409
    assert "Il faut ici une soumission en attente d’examen." in problem.text
