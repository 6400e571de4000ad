"""What reminders say. Must not know what is due, nor who is reminded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from projections.letters.rendering import Words, Written, write
from projections.letters.speech import Speech

Kind = Literal["due-soon", "due-today", "overdue", "report-amber", "report-red"]


def reminder(kind: Kind, day: date, pledge: Mapping[str, Any], base: str, language: str | None) -> Written:
    """A reminder that something of a pledge is due, or was, on a day. `pledge` is what the public sees."""
    speech = Speech(language)
    _ = speech.gettext
    said = {
        "title": speech.name(pledge["title"]),
        "reference": speech.code(pledge["reference"]),
        "entity": speech.name(pledge["entity"]["name"]),
        "day": speech.day(day),
    }
    subject, sentences = _said(kind, speech, said)
    words = Words(
        subject=subject,
        sentences=sentences,
        link=(_("Report on this pledge"), f"{base}/desk/pledges/{pledge['id']}?lang={speech.language}"),
        below=(_("You receive this because your account reports for %(entity)s.", entity=said["entity"]),),
    )
    return write(words, speech)


def _said(kind: Kind, speech: Speech, said: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    _ = speech.gettext
    report = _("Please report what has been done. A report in a few words is welcome, too.")
    match kind:
        case "due-soon":
            return _("Pledge %(reference)s is due on %(day)s", **said), (
                _("The pledge “%(title)s” (%(reference)s) of %(entity)s is due on %(day)s.", **said),
                _("Please report how far it has come. If the date no longer holds, amend the pledge."),
            )
        case "due-today":
            return _("Pledge %(reference)s is due today", **said), (
                _("The pledge “%(title)s” (%(reference)s) of %(entity)s is due today, %(day)s.", **said),
                report,
            )
        case "overdue":
            return _("The date of pledge %(reference)s has passed", **said), (
                _(
                    "The pledge “%(title)s” (%(reference)s) of %(entity)s was due on %(day)s, and nothing "
                    "was reported since.",
                    **said,
                ),
                _("Please report what has been done. If the date no longer holds, amend the pledge."),
            )
        case "report-amber":
            return _("No report on pledge %(reference)s for a year", **said), (
                _(
                    "Nothing was reported on the pledge “%(title)s” (%(reference)s) of %(entity)s for a "
                    "year, as of %(day)s.",
                    **said,
                ),
                report,
            )
        case "report-red":
            return _("No report on pledge %(reference)s for two years", **said), (
                _(
                    "Nothing was reported on the pledge “%(title)s” (%(reference)s) of %(entity)s for two "
                    "years, as of %(day)s.",
                    **said,
                ),
                report,
            )
