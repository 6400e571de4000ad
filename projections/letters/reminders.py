"""What reminders say: a table of words by what is due. Must not know what is due, nor who is reminded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.pledges.asked_of_parties import DueKind
from projections.letters.happenings import N_
from projections.letters.rendering import Words, Written, write
from projections.letters.speech import Speech

URGENT_FIRST: tuple[DueKind, ...] = (
    "overdue", "due-today", "due-soon", "report-red", "report-amber", "partner-unanswered", "match-deadline",
)  # fmt: skip

_REPORT = N_("Please report what has been done. A report in a few words is welcome, too.")
_OR_AMEND = N_("Please report what has been done. If the date no longer holds, amend the pledge.")
_OR_TELL = N_("Please report what has been done. If the date no longer holds, tell the lead.")
_ON_PLEDGE, _ON_PART = N_("Report on this pledge"), N_("Report on your part")

Said = tuple[str, str, str, str]
"""The subject, what is the matter, what to do, and what the link is called."""
OF_THE_WHOLE: Mapping[DueKind, Said] = {
    "due-soon": (
        N_("Pledge %(reference)s is due on %(day)s"),
        N_("The pledge “%(title)s” (%(reference)s) of %(entity)s is due on %(day)s."),
        N_("Please report how far it has come. If the date no longer holds, amend the pledge."), _ON_PLEDGE,
    ),
    "due-today": (
        N_("Pledge %(reference)s is due today"),
        N_("The pledge “%(title)s” (%(reference)s) of %(entity)s is due today, %(day)s."),
        _REPORT, _ON_PLEDGE,
    ),
    "overdue": (
        N_("The date of pledge %(reference)s has passed"),
        N_(
            "The pledge “%(title)s” (%(reference)s) of %(entity)s was due on %(day)s, and nothing "
            "was reported since."
        ),
        _OR_AMEND, _ON_PLEDGE,
    ),
    "report-amber": (
        N_("No report on pledge %(reference)s for a year"),
        N_(
            "Nothing was reported on the pledge “%(title)s” (%(reference)s) of %(entity)s for a "
            "year, as of %(day)s."
        ),
        _REPORT, _ON_PLEDGE,
    ),
    "report-red": (
        N_("No report on pledge %(reference)s for two years"),
        N_(
            "Nothing was reported on the pledge “%(title)s” (%(reference)s) of %(entity)s for two "
            "years, as of %(day)s."
        ),
        _REPORT, _ON_PLEDGE,
    ),
    "match-deadline": (
        N_("An offer to match pledge %(reference)s waits for your answer"),
        N_(
            "A match was offered for the pledge “%(title)s” (%(reference)s) of %(entity)s and is not "
            "answered. Offers that are not answered by %(day)s expire."
        ),
        N_("Please accept or decline the offer."), N_("Answer the offer"),
    ),
}  # fmt: skip
OF_A_PART: Mapping[DueKind, Said] = {
    "due-soon": (
        N_("Your part of pledge %(reference)s is due on %(day)s"),
        N_(
            "The part of %(whose)s in the pledge “%(title)s” (%(reference)s) of %(entity)s is due on "
            "%(day)s."
        ),
        N_("Please report how far it has come. If the date no longer holds, tell the lead."), _ON_PART,
    ),
    "due-today": (
        N_("Your part of pledge %(reference)s is due today"),
        N_(
            "The part of %(whose)s in the pledge “%(title)s” (%(reference)s) of %(entity)s is due today, "
            "%(day)s."
        ),
        _REPORT, _ON_PART,
    ),
    "overdue": (
        N_("The date of your part of pledge %(reference)s has passed"),
        N_(
            "The part of %(whose)s in the pledge “%(title)s” (%(reference)s) of %(entity)s was due on "
            "%(day)s, and nothing was reported on it since."
        ),
        _OR_TELL, _ON_PART,
    ),
    "report-amber": (
        N_("No report on your part of pledge %(reference)s for a year"),
        N_(
            "Nothing was reported on the part of %(whose)s in the pledge “%(title)s” (%(reference)s) of "
            "%(entity)s for a year, as of %(day)s."
        ),
        _REPORT, _ON_PART,
    ),
    "report-red": (
        N_("No report on your part of pledge %(reference)s for two years"),
        N_(
            "Nothing was reported on the part of %(whose)s in the pledge “%(title)s” (%(reference)s) of "
            "%(entity)s for two years, as of %(day)s."
        ),
        _REPORT, _ON_PART,
    ),
    "partner-unanswered": (
        N_("An invitation of %(entity)s waits for your answer"),
        N_(
            "%(entity)s invited %(whose)s to take part in the pledge “%(title)s” two weeks ago or more, and "
            "waits for an answer."
        ),
        N_("Please answer: accept and say what your own part is, or decline."), N_("Answer the invitation"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reminded:
    """What is due, or was, on a day, of a pledge as its reader may see it; `whose` is the reader's entity."""

    kind: DueKind
    day: date
    pledge: Mapping[str, Any]
    whose: str
    is_part: bool = False


def reminder(told: Reminded, base: str, language: str | None) -> Written:
    """The letter that reminds of it."""
    speech, pledge = Speech(language), told.pledge
    _ = speech.gettext
    values = {
        "title": speech.name(pledge["title"]),
        "reference": speech.code(pledge["reference"]),
        "entity": speech.name(pledge["entity"]["name"]),
        "whose": speech.name(told.whose),
        "day": speech.day(told.day),
    }
    subject, matter, to_do, link = (OF_A_PART if told.is_part else OF_THE_WHOLE)[told.kind]
    words = Words(
        subject=_(subject, **values),
        sentences=(_(matter, **values), _(to_do)),
        link=(_(link), f"{base}/desk/pledges/{pledge['id']}?lang={speech.language}"),
        below=(
            _("You receive this because you act for %(entity)s in the register.", entity=values["whose"]),
        ),
    )
    return write(words, speech)
