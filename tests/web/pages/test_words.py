"""Every value of a closed list and every event has its words, and what has no value says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from flask import Flask

import domain.pledges.events  # noqa: F401 - registers the events
from domain.actors import ROLES
from domain.pledges.document import document
from domain.pledges.state import MatchState, PartnerState
from domain.recording import EVENT_TYPES
from domain.reference.vocabularies import (
    REGIONS,
    AuthorityKind,
    Basis,
    Category,
    Form,
    Kind,
    Level,
    MoneyStage,
    Outlook,
    PledgeType,
    Status,
    TermsKind,
)
from domain.values import ERASED
from projections.board.sorting import RELEVANCE, SORTS
from projections.timeline.changes import FIELDS as TOLD
from projections.timeline.every_event import PUBLIC_KINDS
from web.pages import context, field_names, formats, labels, language, sentences
from web.pages.addresses import FILTER_NAMES
from web.pages.life import life_of

CLOSED_LISTS = {
    "status": get_args(Status),
    "type": get_args(PledgeType),
    "form": get_args(Form),
    "level": get_args(Level),
    "category": get_args(Category),
    "kind": get_args(Kind),
    "region": REGIONS,
    "outlook": get_args(Outlook),
    "partner": get_args(PartnerState),
    "match": get_args(MatchState),
    "terms": get_args(TermsKind),
    "stage": get_args(MoneyStage),
    "role": ROLES,
    "basis": get_args(Basis),
}


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    app = Flask("web")
    language.init_app(app)
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize("name", CLOSED_LISTS)
def test_a_closed_list_has_its_words(name: str) -> None:
    assert tuple(labels.LISTS[name]) == tuple(CLOSED_LISTS[name])


def test_authorities_have_their_words() -> None:
    assert set(get_args(AuthorityKind)) <= set(labels.AUTHORITIES)


def test_every_event_that_the_public_may_see_has_its_sentence() -> None:
    kinds = ("pledge.", *(f"{kind}." for kind in PUBLIC_KINDS))
    assert set(sentences.PLAIN) == {name for name in EVENT_TYPES if name.startswith(kinds)}


def test_fields_filters_and_orders_have_their_names() -> None:
    assert set(TOLD) <= set(field_names.FIELDS)
    assert set(FILTER_NAMES) == set(field_names.FILTERS)
    assert set(field_names.SORTS) <= {*SORTS, RELEVANCE}
    assert document.__name__  # the fields told are those of the document


@pytest.mark.parametrize(
    ("value", "of", "words"),
    [
        (None, "type", "Not stated"),
        ("not_stated", "type", "Not stated"),
        ("unheard_of", "type", "unheard_of"),
        ("6", "objective", "6 Recruitment and decent work"),
        (99, "objective", "99"),
        ("KEN", "country", "Kenya"),
        ("human-rights", "principle", "Human rights"),
        ("fr", "language", "French"),
        ("xx", "language", "xx"),
    ],
)
def test_labels(value: Any, of: str, words: str) -> None:
    assert labels.label(value, of) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-05-05", "5 May 2026"),
        ("2026-05", "May 2026"),
        ("2026", "2026"),
        (None, "No date given"),
        (ERASED, "Erased by law"),
        ("2026-05-05T23:30:00Z", "5 May 2026"),
    ],
)
def test_dates_keep_their_precision(value: str | None, words: str) -> None:
    assert formats.day(value) == words


@pytest.mark.parametrize("written", ["Kenya", "São Paulo", "中国", "2022", ""])
def test_a_name_that_runs_with_the_page_stands_as_it_is(written: str) -> None:
    assert formats.name(written) == written


def test_a_name_that_runs_the_other_way_is_kept_apart() -> None:
    assert formats.name("كينيا 1") == "\u2068كينيا 1\u2069"


def test_times_are_told_in_utc() -> None:
    assert formats.instant("2026-11-23T15:05:09.1+01:00") == "23 November 2026, 14:05 UTC"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("200000.00", "200,000.00"),
        ("0.000001", "0.000001"),
        (4211, "4,211"),
        (None, "–"),
        (ERASED, "Erased by law"),
    ],
)
def test_numbers_keep_their_digits(value: Any, words: str) -> None:
    assert formats.number(value) == words


@pytest.mark.parametrize(("value", "words"), [(3, "+3"), (-3, "\u22123"), (0, "0"), (None, "–")])
def test_differences_have_their_sign(value: int | None, words: str) -> None:
    assert formats.more(value) == words


@pytest.mark.parametrize(
    ("field", "value", "lines"),
    [
        ("percent", None, []),
        ("percent", 0, ["0%"]),
        ("title", ERASED, ["Erased by law"]),
        ("champion", True, ["Yes"]),
        ("amount", {"value": "5.50", "currency": "EUR"}, ["5.50 EUR"]),
        ("countries", ["KEN", "BRA"], ["Kenya", "Brazil"]),
        ("unheard_of", {"a": 1}, ["{'a': 1}"]),
        ("entity", {"name": "Kenya"}, ["Kenya"]),
        ("partners", [], []),
        (
            "targets",
            [{"description": "Schools", "unit": "schools", "baseline": "0", "target": "40", "value": None}],
            ["Schools (schools): from 0 to 40, nothing reported yet"],
        ),
    ],
)
def test_values_of_a_record_in_words(field: str, value: Any, lines: list[str]) -> None:
    assert formats.in_words(value, field) == lines


def test_a_long_digest_is_cut_to_what_people_compare() -> None:
    assert formats.shortened(f"sha256:{'ab' * 32} row 3") == "sha256:abababababab… row 3"


def test_a_working_translation_is_shown_as_unofficial() -> None:
    found = [
        title for thing in labels.OBJECTIVES.values() for title in [thing.title("ar")] if title.basis == "own"
    ]
    app = Flask("web")
    language.init_app(app)
    app.extensions["page_languages"] = ["ar", "en"]
    with app.test_request_context("/?lang=ar"):
        shown = [labels.title(thing) for thing in labels.OBJECTIVES.values()]
    assert sum("ترجمة غير رسمية" in words for words in shown) == len(found)


def test_links_of_evidence_that_were_erased_lead_nowhere() -> None:
    kept = {"title": "The law", "url": "https://example.org/law"}
    gone = {"title": "A list of people", "url": ERASED}
    entry = {
        "position": 7,
        "name": "pledge.fulfilled",
        "recorded_at": "2026-05-05T12:00:00Z",
        "effective_on": "2026-05-05",
        "changes": [],
        "erased": [],
        "said": {"evidence": [kept, gone]},
    }
    app = Flask("web")
    language.init_app(app)
    context.init_app(app)
    with app.test_request_context("/"):
        page = app.jinja_env.get_template("pages/timeline.html").render(
            life=life_of([entry], None), own_address="#{}".format, by_what_right=str, who=str, sentence=str
        )
    assert re.findall(r'href="([^#"]+)"', page) == [kept["url"]]
    assert "<bdi>A list of people</bdi> (Erased by law)" in page
