"""The letter by which the Secretariat asks an entity about its pledges. Must not know how they were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from projections.letters.rendering import Item, Words, Written, write
from projections.letters.speech import Speech

Why = Literal["overdue", "stale", "returned"]


def asking(
    words: str, reply_by: date, entity: Mapping[str, Any],
    pledges: Sequence[tuple[Mapping[str, Any], Sequence[Why]]], *, base: str, language: str | None,
) -> Written:  # fmt: skip
    """What the Secretariat says in its own words, and which pledges it is about. `pledges` come with why."""
    speech = Speech(language)
    _ = speech.gettext
    name, day = speech.name(entity["name"]), speech.day(reply_by)
    said = tuple(paragraph.strip() for paragraph in words.split("\n\n") if paragraph.strip())
    page = f"{base}/desk/entities/{entity['slug']}/handover?lang={speech.language}"
    return write(
        Words(
            subject=_("The pledges of %(entity)s: please answer by %(day)s", entity=name, day=day),
            sentences=(
                *said,
                _("Please answer by %(day)s, by a report or a change in the register.", day=day),
            ),
            items=tuple(_item(pledge, why, base, speech) for pledge, why in pledges),
            link=(_("All that %(entity)s has on its hands", entity=name), page),
            below=(
                _(
                    "The Secretariat asks this of those who answer for the pledges of %(entity)s.",
                    entity=name,
                ),
            ),
        ),
        speech,
    )


def _item(pledge: Mapping[str, Any], why: Sequence[Why], base: str, speech: Speech) -> Item:
    _ = speech.gettext
    told = {
        "overdue": _("The date has passed, and nothing was reported since."),
        "stale": _("Nothing was reported for a year or more."),
        "returned": _("The submission came back and was not submitted again."),
    }
    name = " ".join(filter(None, (speech.code(pledge["reference"]), speech.name(pledge["title"]))))
    address = f"{base}/desk/pledges/{pledge['id']}?lang={speech.language}"
    return Item(name, address, tuple(told[one] for one in why))
