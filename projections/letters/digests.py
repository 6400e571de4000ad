"""What those who follow are told: that they asked for it, and what changed. Must not know who follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from projections.letters.happenings import PLAIN
from projections.letters.rendering import Item, Words, Written, write
from projections.letters.speech import Speech

ITEMS_MAX, LINES_MAX = 40, 6

Change = tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]
"""A pledge, and what happened to it, as the public sees both."""


def confirmation(name: str, link: str, language: str | None) -> Written:
    """The letter with the link by which somebody confirms that they want to follow."""
    speech = Speech(language)
    _ = speech.gettext
    said = speech.name(name)
    words = Words(
        subject=_("Confirm that you want to follow a pledge register entry"),
        sentences=(
            _(
                "Somebody, most likely you, asked that changes of %(name)s be mailed to this address.",
                name=said,
            ),
            _(
                "If it was not you, do nothing: nothing more is sent, and the address is forgotten "
                "after a week."
            ),
        ),
        link=(_("Confirm within a week"), link),
    )
    return write(words, speech)


def digest(changes: Sequence[Change], base: str, leave: str, language: str | None) -> Written:
    """The letter that tells what changed."""
    speech = Speech(language)
    _ = speech.gettext
    shown = changes[:ITEMS_MAX]
    more = len(changes) - len(shown)
    sentences = [
        speech.ngettext(
            "Something changed in %(num)s pledge that you follow.",
            "Something changed in %(num)s pledges that you follow.",
            len(changes),
        )
    ]
    if more:
        sentences.append(
            speech.ngettext("%(num)s more is not listed here.", "%(num)s more are not listed here.", more)
        )
    words = Words(
        subject=_("What changed in the pledges that you follow"),
        sentences=tuple(sentences),
        items=tuple(_item(pledge, happened, base, speech) for pledge, happened in shown),
        link=(_("All changes"), f"{base}/log/events?lang={speech.language}") if more else None,
        below=(_("You receive this because you follow entries of the register."),),
        leave=(_("Stop these letters"), leave),
    )
    return write(words, speech)


def _item(
    pledge: Mapping[str, Any], happened: Sequence[Mapping[str, Any]], base: str, speech: Speech
) -> Item:
    lines = [_line(entry, speech) for entry in happened[-LINES_MAX:]]
    name = f"{speech.name(pledge['title'])} ({speech.code(pledge['reference'])})"
    address = f"{base}/pledges/{pledge['reference'] or pledge['id']}?lang={speech.language}"
    return Item(name, address, (speech.name(pledge["entity"]["name"]), *lines))


def _line(entry: Mapping[str, Any], speech: Speech) -> str:
    said = PLAIN.get(entry["name"])
    day = speech.day(date.fromisoformat(entry["recorded_at"][:10]))
    return f"{day}: {speech.gettext(said) if said else entry['name']}"
