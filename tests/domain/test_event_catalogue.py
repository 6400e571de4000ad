"""The catalogue of events (docs/events.md) is complete and true."""

from __future__ import annotations

import re
import typing
from typing import Any

import msgspec
import pytest

from domain.recording import EVENT_TYPES, WORDS
from tests.domain.event_catalogue import KINDS, PAGE, anchor, catalogue, shapes


def sections() -> dict[str, str]:
    """What stands below each heading of the third level."""
    _, *parts = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {part.split("\n", 1)[0]: part for part in parts}


def fields_of(section: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)


def test_every_event_is_in_the_catalogue_and_no_other() -> None:
    assert set(sections()) == {*EVENT_TYPES, *(shape.__name__ for shape in shapes())}
    assert {name.split(".")[0] for name in EVENT_TYPES} == set(KINDS)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_an_event_is_told_with_its_version_and_fields(name: str) -> None:
    section, kind = sections()[name], EVENT_TYPES[name]
    assert f"\nVersion {kind.version}. " in section
    assert fields_of(section) == list(kind.fact.__struct_fields__)
    assert kind.fact.__doc__
    assert all(f"Read from version {version}: " in section for version in kind.upcasters)


def test_a_shape_is_told_with_its_fields() -> None:
    for shape in shapes():
        assert fields_of(sections()[shape.__name__]) == [
            field.name for field in msgspec.structs.fields(shape)
        ]


def test_the_page_is_the_one_that_the_events_would_write() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue(), "run `python -m tests.domain.event_catalogue`"


def test_every_link_within_the_page_leads_somewhere() -> None:
    page = PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)
    assert set(re.findall(r"\(#([\w-]+)\)", page)) <= set(map(anchor, headings))


NO_WORDS = {
    **dict.fromkeys(("made_on", "due_on", "until", "opened_on", "forum_from", "forum_to"), "a date"),
    **dict.fromkeys(("deadline", "date"), "a date"),
    **dict.fromkeys(("baseline", "value"), "a decimal"),
    **dict.fromkeys(("language", "country", "countries", "currency"), "a code of a published list"),
    **dict.fromkeys(("principles", "regions", "code", "kind"), "on a closed list"),
    **dict.fromkeys(("key", "replaces"), "a public key, under a name that the operator chose"),
    "target": "a decimal, or the id of a target",
    "id": "of a target: a token of at most 20 letters and digits",
    "reference": "the register's own number",
    "inherited": "`name`, or languages",
    "sha256": "a digest",
    "media_type": "of a narrow form: two tokens of a few signs",
    "as_of_day": "a date",
    "recorded_at": "a time",
    "part": "a path, by the names of fields and keys",
}
"""What is text and yet no words, and why: none of it can hold what somebody may ask to have erased."""


def test_it_is_decided_of_every_text_whether_it_is_words() -> None:
    facts = {kind.fact for kind in EVENT_TYPES.values()}
    texts = {
        name
        for shape in facts | shapes()
        for name, hint in typing.get_type_hints(shape).items()
        if name in shape.__struct_fields__ and holds_text(hint)
    }
    assert texts == WORDS | set(NO_WORDS)
    assert not WORDS & set(NO_WORDS)


def holds_text(hint: Any) -> bool:
    if typing.get_origin(hint) is typing.Literal:
        return False
    return hint is str or any(map(holds_text, typing.get_args(hint)))
