"""A pledge's life a page at a time: so many entries as there is room for, their long texts cut short.

A page begins with the entry whose position the address names, and tells that one whole; without one it
shows the latest. Must not know where the entries come from, nor how they look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from flask import request
from markupsafe import escape

from domain.errors import invalid
from web.pages.addresses import address
from web.pages.formats import abridged, in_words, told_changes
from web.pages.language import gettext as _

BYTES_MAX = 40_000
"""What the entries of one page take, beside the record and its frame in less than 100 kB."""
ENTRIES_MAX = 25
CUTS: Sequence[int] = (20_000, 8_000, 4_000, 2_000, 1_000, 600)
"""To how many bytes a text of an entry may be cut: the first with which it has room, when told whole."""
SHORT = CUTS[-1]
FRAME, PER_CHANGE, PER_LINE, PER_ERASURE = 1_500, 350, 30, 1_000
"""What the page takes around an entry, a change and a line, and for what was erased."""
FILE_LINK = 250
"""What the page takes for a file's address, type, size and digest."""
ROWS_SHOWN, VERDICTS_SHOWN, PARTS_WITH_TARGETS_SHOWN = 20, 10, 3
"""How much a record tells of its lists above its life; its data have them whole."""
DIGITS_MAX = 18


@dataclass(frozen=True)
class Course:
    """When a report was recorded, and when and by which position it was corrected last, if it was."""

    reported_at: str
    corrected_at: str | None = None
    corrected_by: int | None = None


@dataclass(frozen=True)
class Told:
    """One entry as the page tells it. `is_cut`: there is more, under the entry's own address."""

    entry: Mapping[str, Any]
    reason: str | None
    narrative: str | None
    evidence: Sequence[Mapping[str, Any]]
    changes: Sequence[Mapping[str, Any]]
    bytes: int
    is_cut: bool
    course: Course | None = None


@dataclass(frozen=True)
class Life:
    """The entries of one page, oldest first, which ones they are, and the ways to those around them."""

    entries: Sequence[Told]
    first: int
    of: int
    earliest: str | None
    earlier: str | None
    later: str | None
    latest: str | None

    @property
    def last(self) -> int:
        return self.first + len(self.entries) - 1


def asked_position() -> int | None:
    """The position at which the page shall begin. InvalidInput if it is none."""
    given = request.args.get("history", "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= DIGITS_MAX):
        raise invalid("history", _("must be the position of an entry, such as 1234."))
    return int(given)


def life_of(history: Sequence[Mapping[str, Any]], position: int | None) -> Life:
    """The page that begins at a position, or with the first entry after it; else the latest entries."""
    start = _index(history, position) if position is not None else None
    entries = _latest(history) if start is None else _beginning_at(history, start)
    first = len(history) - len(entries) if start is None else start
    behind = first + len(entries)
    courses = _courses(history)
    entries = [replace(one, course=courses.get(one.entry["position"])) for one in entries]
    return Life(
        entries, first + 1, len(history),
        earliest=_at(history[0]) if first else None,
        earlier=_at(history[_page_before(history, first)]) if first else None,
        later=_at(history[behind]) if behind < len(history) else None,
        latest=address("pages.pledge", history=None) + "#history" if behind < len(history) else None,
    )  # fmt: skip


def _courses(history: Sequence[Mapping[str, Any]]) -> dict[int, Course]:
    """The course of every report, under its own position and those of its corrections."""
    found: dict[int, Course] = {}
    for entry in history:
        position, recorded_at = entry["position"], entry["recorded_at"]
        if entry["name"] == "pledge.progress-reported":
            found[position] = Course(recorded_at)
        elif entry["name"] == "pledge.progress-corrected" and (report := found.get(entry["corrects"])):
            corrected = replace(report, corrected_at=recorded_at, corrected_by=position)
            found[entry["corrects"]] = found[position] = corrected
    return found


def _index(history: Sequence[Mapping[str, Any]], position: int) -> int | None:
    return next((n for n, entry in enumerate(history) if entry["position"] >= position), None)


def _latest(history: Sequence[Mapping[str, Any]]) -> list[Told]:
    return _fitting(map(told, reversed(history)))[::-1]


def _beginning_at(history: Sequence[Mapping[str, Any]], start: int) -> list[Told]:
    whole, others = told_whole(history[start]), map(told, history[start + 1 :])
    return [whole, *_fitting(others, BYTES_MAX - whole.bytes, ENTRIES_MAX - 1)]


def _page_before(history: Sequence[Mapping[str, Any]], first: int) -> int:
    """Where to begin so that what is shown ends just before; the first entry of it will be told whole."""
    start = first - 1
    taken = told_whole(history[start]).bytes
    while start and first - start < ENTRIES_MAX:
        taken += told(history[start]).bytes - told_whole(history[start]).bytes
        taken += told_whole(history[start - 1]).bytes
        if taken > BYTES_MAX:
            break
        start -= 1
    return start


def _fitting(entries: Iterable[Told], room: int = BYTES_MAX, most: int = ENTRIES_MAX) -> list[Told]:
    """As many as there is room for."""
    left = room

    def fits(numbered: tuple[int, Told]) -> bool:
        nonlocal left
        left -= numbered[1].bytes
        return left >= 0 and numbered[0] < most

    return [entry for _number, entry in takewhile(fits, enumerate(entries))]


def _at(entry: Mapping[str, Any]) -> str:
    return own_address(entry["position"])


def own_address(position: int) -> str:
    """The lasting address of an entry on the page of its pledge, where it is told whole."""
    return f"{address('pages.pledge', history=str(position))}#{position}"


# -- one entry


def told_whole(entry: Mapping[str, Any]) -> Told:
    """An entry with all its texts, as far as one page has room for them."""
    found = told(entry, CUTS[0])
    for cut in CUTS[1:]:
        if found.bytes <= BYTES_MAX:
            break
        found = told(entry, cut)
    return found


def told(entry: Mapping[str, Any], cut: int = SHORT) -> Told:
    """An entry with its texts, lists and links cut to so many bytes each."""
    said = entry["said"]
    reason, narrative = (abridged(words, cut) if words else words for words in _words(entry))
    evidence = _links(said.get("evidence") or (), 2 * cut)
    found = told_changes(entry["changes"])
    changes = [_change(change, cut) for change in found]
    is_cut = (
        (reason, narrative) != _words(entry)
        or len(evidence) < len(said.get("evidence") or ())
        or any(change["is_cut"] for change in changes)
    )
    taken = FRAME + sum(map(_size, (reason or "", narrative or ""))) + sum(map(_link_size, evidence))
    taken += sum(PER_CHANGE + _lines_size(c["before"]) + _lines_size(c["after"]) for c in changes)
    taken += PER_ERASURE * min(len(entry["erased"]), ROWS_SHOWN)
    return Told(entry, reason, narrative, evidence, changes, taken, is_cut)


def _words(entry: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return entry.get("reason"), entry["said"].get("narrative")


def _change(change: Mapping[str, Any], cut: int) -> dict[str, Any]:
    field = change["field"]
    whole = {side: in_words(change[side], field) for side in ("before", "after")}
    short = {side: lines_within(lines, cut) for side, lines in whole.items()}
    return {"field": field, **short, "is_cut": short != whole}


def lines_within(lines: Sequence[str], room: int) -> list[str]:
    """As many lines as there is room for; the last one is cut short where it is too long for it."""
    kept: list[str] = []
    for line in lines:
        if room <= PER_LINE:
            return [*kept, "…"]
        kept.append(abridged(line, room))
        room -= _size(line) + PER_LINE
    return kept


def _links(links: Sequence[Mapping[str, Any]], room: int) -> list[Mapping[str, Any]]:
    kept: list[Mapping[str, Any]] = []
    for link in links:
        room -= _link_size(link)
        if room < 0:
            break
        kept.append(link)
    return kept


def _link_size(link: Mapping[str, Any]) -> int:
    where = FILE_LINK if link.get("file") else _size(link["url"])
    return 120 + where + _size(link["title"])


def _lines_size(lines: Sequence[str]) -> int:
    return sum(_size(line) + PER_LINE for line in lines)


def _size(words: str) -> int:
    return len(str(escape(words)).encode())
