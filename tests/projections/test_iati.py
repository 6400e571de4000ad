"""Financial pledges as IATI activities: held to the published schema, and honest about what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from domain.reference.licence import LICENCE
from projections.iati import NOT_REGISTERED, Reporter, write_iati

SCHEMA = etree.XMLSchema(file=str(Path(__file__).parent / "iati-2.03" / "iati-activities-schema.xsd"))
AT = "2026-05-08T12:00:00.000000Z"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
REGISTERED = Reporter(organisation="XX-TEST-1", base_url="https://pledges.example.org")
GERMANY = {
    "id": str(UUID(int=1)), "name": "Germany", "slug": "germany", "category": "state", "kind": None,
    "country": "DEU", "region": "Europe",
}  # fmt: skip
CITY = {**GERMANY, "name": "بيروت <&>", "category": "stakeholder", "kind": "local_authority", "country": None}


def pledge(**changes: Any) -> dict[str, Any]:
    return {
        "reference": "2022-0001", "title": "A contribution", "description": "Money for the fund.",
        "language": "en", "forms": ["financial"], "objectives": [5, 23], "principles": ["human-rights"],
        "status": "made", "entity": GERMANY, "partners": [], "levels": ["national"], "countries": ["KEN"],
        "amount": {"value": "200000.00", "currency": "EUR"}, "to_mptf": False, "made_on": "2022-05-17",
        "due_on": "2026-02", "due_is_firm": False, "recorded_at": "2022-06-01T10:00:00.000000Z",
        "updated_at": "2023-06-01T10:00:00.000000Z", **changes,
    }  # fmt: skip


def written(pledges: Iterable[Mapping[str, Any]], reporter: Reporter = REGISTERED) -> Any:
    content = b"".join(write_iati(pledges, reporter=reporter, at=AT))
    root = etree.fromstring(content)
    SCHEMA.assertValid(root)
    return root


def texts(root: Any, path: str) -> list[str]:
    return [found if isinstance(found, str) else found.text for found in root.xpath(path)]


def test_a_pledge_is_a_transaction_of_type_12() -> None:
    root = written([pledge()])
    assert (root.get("version"), root.get("generated-datetime")) == ("2.03", AT)
    assert texts(root, "//iati-identifier") == ["XX-TEST-1-2022-0001"]
    assert texts(root, "//transaction/transaction-type/@code") == ["12"]
    assert texts(root, "//transaction/value") == ["200000.00"]
    assert texts(root, "//transaction/value/@currency") == ["EUR"]
    assert texts(root, "//transaction/transaction-date/@iso-date") == ["2022-05-17"]
    assert texts(root, "//activity-date[@type='3']/@iso-date") == ["2026-02-28"]
    assert (
        "known to the month (2026-02), tentatively" in texts(root, "//activity-date[@type='3']/narrative")[0]
    )
    assert texts(root, "//reporting-org/@secondary-reporter") == ["1"]
    assert texts(root, "//document-link/@url") == ["https://pledges.example.org/pledges/2022-0001"]
    assert texts(root, "//recipient-country/@code") == ["KE"]
    assert LICENCE.url in etree.tostring(root.getroottree()).decode()


def test_names_of_states_and_titles_are_told_in_their_languages() -> None:
    root = written([pledge(language="fr")])
    names = {one.get(LANG): one.text for one in root.xpath("//participating-org/narrative")}
    assert (names["en"], names["fr"], len(names)) == ("Germany", "Allemagne", 6)
    assert texts(root, "//iati-activity/@xml:lang") == ["fr"]
    # Titles that are working translations are not told as official ones.
    tags = {one.get("code"): {n.get(LANG) for n in one} for one in root.xpath("//tag")}
    assert tags == {
        "objective-5": {"en", "fr", "es"},
        "objective-23": {"en", "fr", "es"},
        "principle-human-rights": {"en", "fr", "es", "zh"},
    }
    assert set(texts(root, "//tag/@vocabulary")) == {"99"}
    assert not root.xpath("//sector")


def test_what_is_not_known_is_not_made_up() -> None:
    bare = pledge(
        amount=None, description=None, language=None, made_on=None, due_on=None, levels=["local", "national"],
        countries=["KEN", "FRA"], objectives=[], principles=[], entity={**CITY, "kind": "other"},
    )  # fmt: skip
    root = written([bare], Reporter())
    assert texts(root, "//iati-identifier") == [f"{NOT_REGISTERED}-2022-0001"]
    assert not root.xpath("//transaction | //activity-scope | //recipient-country | //tag | //document-link")
    assert not root.xpath("//iati-activity/@xml:lang | //participating-org/@type | //participating-org/@ref")
    assert texts(root, "//activity-date/@iso-date") == ["2022-06-01"]
    assert "the day of the pledge is not known" in texts(root, "//activity-date/narrative")[0]
    assert texts(root, "//description/narrative") == ["The register holds no description of this pledge."]


@pytest.mark.parametrize(
    ("made_on", "day", "words"),
    [
        ("2022", "2022-01-01", "known to the year (2022)"),
        ("2022-05", "2022-05-01", "known to the month (2022-05)"),
    ],
)
def test_a_date_says_how_much_of_it_is_known(made_on: str, day: str, words: str) -> None:
    root = written([pledge(made_on=made_on)])
    assert texts(root, "//value/@value-date") == [day]
    assert words in texts(root, "//transaction/description/narrative")[0]


def test_partners_that_joined_with_money_give_too() -> None:
    part = {"amount": {"value": "7.5", "currency": "USD"}}
    partners = [
        {"entity": CITY, "state": "joined", "part": part},
        {"entity": {**CITY, "name": "Invited"}, "state": "invited", "part": part},
        {"entity": {**CITY, "name": "In words"}, "state": "joined", "part": {"amount": None}},
        {"entity": {**CITY, "name": "Named"}, "state": "named", "part": None},
    ]
    root = written([pledge(partners=partners, to_mptf=True)])
    assert texts(root, "//transaction/value") == ["200000.00", "7.5"]
    assert texts(root, "//transaction[2]/provider-org/narrative") == ["بيروت <&>"]
    assert texts(root, "//participating-org[2]/@type") == ["11"]
    assert len(root.xpath("//participating-org")) == 2
    assert set(texts(root, "//receiver-org/narrative")) == {"Migration Multi-Partner Trust Fund"}


def test_only_pledges_of_money_are_told() -> None:
    others = [
        pledge(reference="2022-0002", forms=["policy"], amount=None),
        pledge(reference="2022-0003", forms=["in_kind"]),
        pledge(reference="2022-0004", amount=None),
    ]
    assert texts(written([pledge(), *others]), "//iati-identifier") == [
        f"XX-TEST-1-2022-000{number}" for number in (1, 3, 4)
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("made", "1"), ("matched", "1"), ("partially_fulfilled", "2"), ("fulfilled", "4"), ("withdrawn", "5"),
        ("lapsed", "5"),
    ],
)  # fmt: skip
def test_each_public_status_has_its_code(status: str, code: str) -> None:
    assert texts(written([pledge(status=status)]), "//activity-status/@code") == [code]


@given(title=st.text(min_size=1), language=st.sampled_from(["en", "ar", "zh", None]))
def test_whatever_words_hold_the_file_stays_one(title: str, language: str | None) -> None:
    words = f"{title}\u202e\u200f]]><script>&\x00\x0b\ufffe"
    root = written(
        [pledge(title=words, description=words, language=language, entity={**CITY, "name": words})]
    )
    found = texts(root, "//title/narrative")[0]
    assert found.endswith("\u202e\u200f]]><script>&\ufffd\ufffd\ufffd")
    assert not root.xpath("//script")


def test_activities_are_written_as_pledges_come() -> None:
    taken = 0

    def many() -> Any:
        nonlocal taken
        for taken in range(1, 10_001):
            yield pledge(reference=f"2022-{taken:05}")

    chunks = write_iati(many(), reporter=REGISTERED, at=AT)
    assert (next(chunks)[:5], taken) == (b"<?xml", 0)
    next(chunks)
    assert taken < 200


def test_without_any_pledge_of_money_the_list_is_empty() -> None:
    content = b"".join(write_iati([pledge(forms=[], amount=None)], reporter=REGISTERED, at=AT))
    assert len(etree.fromstring(content)) == 0
