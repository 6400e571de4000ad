"""What letters say that follow from facts: a table of words by fact. Must not know who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.values import first_day, last_day
from projections.letters.happenings import N_
from projections.letters.rendering import Item, Words, Written, write
from projections.letters.speech import Speech

ITEMS_MAX = 40


@dataclass(frozen=True, slots=True)
class Said:
    """The words on one fact: its subject, what happened and what to do, and what the link is called."""

    subject: str
    happened: str
    to_do: str
    link: str
    reason: str = N_("The reason given: %(reason)s")


LOOK = N_("See the pledge")
NOTHING_TO_DO = N_("You need not do anything.")

SAID: Mapping[str, Said] = {
    "pledge.partner-invited": Said(
        N_("%(entity)s invites you to take part in a pledge"),
        N_("%(entity)s invites %(partner)s to take part in the pledge %(pledge)s."),
        N_(
            "Please answer: accept and say what your own part is, or decline. Until you accept, you are not "
            "named in public."
        ),
        N_("Answer the invitation"),
    ),
    "pledge.partner-joined": Said(
        N_("%(partner)s takes part in pledge %(which)s"),
        N_("%(partner)s accepted your invitation and takes part in the pledge %(pledge)s with its own part."),
        NOTHING_TO_DO, LOOK,
    ),
    "pledge.partner-declined": Said(
        N_("%(partner)s does not take part in pledge %(which)s"),
        N_("%(partner)s declined your invitation to take part in the pledge %(pledge)s. This is not public."),
        N_("You may invite somebody else."), LOOK,
    ),
    "pledge.partner-left": Said(
        N_("%(partner)s left pledge %(which)s"),
        N_("%(partner)s takes part in the pledge %(pledge)s no longer; its part does not count any more."),
        N_("If the pledge cannot be kept without it, amend the pledge."), LOOK,
    ),
    "pledge.partner-uninvited": Said(
        N_("An invitation of %(entity)s was cancelled"),
        N_("%(entity)s cancelled its invitation of %(partner)s to take part in the pledge %(pledge)s."),
        NOTHING_TO_DO, N_("Your desk"),
    ),
    "pledge.match-offered": Said(
        N_("A match was offered for pledge %(which)s"),
        N_("%(offering)s offers to match your pledge %(pledge)s with its own, %(offered)s."),
        N_("Please accept or decline the offer."), N_("Answer the offer"),
    ),
    "pledge.match-accepted": Said(
        N_("Your match for pledge %(which)s was accepted"),
        N_("%(entity)s accepted your pledge %(offered)s as a match for its pledge %(pledge)s."),
        NOTHING_TO_DO, LOOK,
    ),
    "pledge.match-declined": Said(
        N_("Your match for pledge %(which)s was declined"),
        N_("%(entity)s declined your pledge %(offered)s as a match for its pledge %(pledge)s."),
        N_("Your own pledge stands as before."), LOOK,
    ),
    "pledge.match-expired": Said(
        N_("Your offer to match pledge %(which)s expired"),
        N_(
            "The deadline for matching the pledge %(pledge)s of %(entity)s passed, and your offer of "
            "%(offered)s was not answered."
        ),
        N_("Your own pledge stands as before."), LOOK,
    ),
    "pledge.match-withdrawn": Said(
        N_("A match for pledge %(which)s was withdrawn"),
        N_(
            "The pledge %(offered)s of %(offering)s no longer matches the pledge %(pledge)s of %(entity)s: "
            "the match was withdrawn."
        ),
        N_("If your pledge cannot be kept without it, amend the pledge."), LOOK,
    ),
    "pledge.returned": Said(
        N_("Your pledge %(which)s was returned for changes"),
        N_("The Secretariat asks for changes before the pledge %(pledge)s of %(entity)s is published."),
        N_("Please change what is asked for, field by field on its page, and submit it again."),
        N_("Change the pledge"),
    ),
    "pledge.rejected": Said(
        N_("Your pledge %(which)s was not accepted"),
        N_("The Secretariat did not accept the pledge %(pledge)s of %(entity)s. This is not public."),
        N_("This submission is closed. Another pledge can be submitted at any time."), LOOK,
    ),
    "pledge.made": Said(
        N_("Your pledge is published: %(which)s"),
        N_("The pledge %(pledge)s of %(entity)s is published. Quote its reference when you write about it."),
        N_("From now on please report how far it has come, at least once a year."), LOOK,
    ),
    "pledge.contested": Said(
        N_("What was reported on pledge %(which)s is contested"),
        N_("What was reported on the pledge %(pledge)s of %(entity)s is contested, for everybody to see."),
        N_("Please reply, or correct the report. Your reply stands beside the contest."),
        N_("Reply to the contest"),
    ),
    "pledge.replied": Said(
        N_("A reply to your contest of pledge %(which)s"),
        N_("Your contest of what was reported on the pledge %(pledge)s of %(entity)s was replied to."),
        N_("If the reply settles it, you may verify the report."), LOOK,
        N_("The reply: %(reason)s"),
    ),
    "pledge.lead-transferred": Said(
        N_("Pledge %(which)s has another lead"),
        N_("The lead of the pledge %(pledge)s passed from %(old_lead)s to %(new_lead)s."),
        N_("From now on %(new_lead)s reports on it and may amend it."), LOOK,
    ),
    "pledge.lapsed": Said(
        N_("Pledge %(which)s lapsed"),
        N_("The Secretariat recorded that the pledge %(pledge)s of %(entity)s lapsed."),
        N_("If it is to go on, %(entity)s may reinstate it."), LOOK,
    ),
    "pledge.carried-over": Said(
        N_("Pledge %(which)s goes on to the forum of %(year)s"),
        N_("The Secretariat carried the pledge %(pledge)s of %(entity)s over to the forum of %(year)s."),
        N_("Please go on reporting on it."), LOOK,
    ),
    "pledge.withdrawn": Said(
        N_("Pledge %(which)s was withdrawn"),
        N_("%(entity)s withdrew the pledge %(pledge)s."),
        N_("If your part or your own pledge rests on it, please look at what becomes of that."), LOOK,
    ),
}  # fmt: skip
"""What is said of each fact, in English, to be translated."""
ON_THE_DESK = frozenset({"pledge.partner-uninvited"})
"""Of what the link leads to the desk: the pledge may be closed to its reader from now on."""
TO_EDIT = frozenset({"pledge.returned"})


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter tells of a fact, as its recipient may see it: all names are of entities and pledges.

    `reason` is None where none was given, and `deadline` where nothing has to be answered by a day.
    `follows`: a match was withdrawn because the pledge that matched ended.
    """

    name: str
    pledge: Mapping[str, Any]
    names: Mapping[str, str]
    offered: Mapping[str, Any] | None = None
    reason: str | None = None
    deadline: date | None = None
    year: int | None = None
    follows: bool = False


def notice(told: Told, whose: str | None, base: str, language: str | None) -> Written:
    """The letter on a fact of a pledge, to somebody who acts for an entity of that name."""
    speech, said = Speech(language), SAID[told.name]
    _ = speech.gettext
    values = _values(told, speech)
    sentences = [_(said.happened, **values)]
    if told.follows:
        sentences.append(_("The pledge that matched was itself withdrawn, or lapsed."))
    elif told.reason:
        sentences.append(_(said.reason, reason=speech.name(told.reason)))
    sentences.append(_(said.to_do, **values))
    if told.deadline:
        sentences.append(_("The last day for it is %(day)s.", day=speech.day(told.deadline)))
    words = Words(
        subject=_(said.subject, **values), sentences=tuple(sentences),
        link=(_(said.link), _address(told, base, speech)), below=_below(whose, speech),
    )  # fmt: skip
    return write(words, speech)


def _values(told: Told, speech: Speech) -> dict[str, object]:
    names = {name: speech.name(said) for name, said in told.names.items()}
    return {
        **names, "year": told.year, "pledge": _pledge(told.pledge, speech),
        "offered": _pledge(told.offered, speech) if told.offered else "",
        "which": speech.code(told.pledge["reference"])
        or speech.gettext("“%(title)s”", title=speech.short_name(told.pledge["title"])),
    }  # fmt: skip


def _pledge(pledge: Mapping[str, Any], speech: Speech) -> str:
    """A pledge by its title, and its reference if it has one."""
    title = speech.gettext("“%(title)s”", title=speech.name(pledge["title"]))
    return f"{title} ({speech.code(pledge['reference'])})" if pledge["reference"] else title


def _address(told: Told, base: str, speech: Speech) -> str:
    page = "/desk" if told.name in ON_THE_DESK else f"/desk/pledges/{told.pledge['id']}"
    return f"{base}{page}{'/edit' if told.name in TO_EDIT else ''}?lang={speech.language}"


def _below(whose: str | None, speech: Speech) -> tuple[str, ...]:
    if whose is None:
        return (speech.gettext("You receive this because of what you do in the register."),)
    name = speech.name(whose)
    return (speech.gettext("You receive this because you act for %(entity)s in the register.", entity=name),)


# -- forums


def forum_opened(year: int, opened_on: str, whose: str, base: str, language: str | None) -> Written:
    """The letter that a forum takes pledges."""
    speech = Speech(language)
    _ = speech.gettext
    words = Words(
        subject=_("The forum of %(year)s takes pledges", year=year),
        sentences=(
            _(
                "From %(day)s on, pledges are made for the International Migration Review Forum of %(year)s.",
                day=speech.day(first_day(opened_on)), year=year,
            ),
            _("You write a pledge on the desk, keep it there until it is ready, and then submit it."),
        ),
        link=(_("Write a pledge"), f"{base}/desk/new?lang={speech.language}"),
        below=_below(whose, speech),
    )  # fmt: skip
    return write(words, speech)


def forum_closed(year: int, pledges: Sequence[Mapping[str, Any]], base: str, language: str | None) -> Written:
    """The letter that a forum is closed, with the pledges of one entity that are open in it."""
    speech, entity = Speech(language), pledges[0]["entity"]
    _ = speech.gettext
    name, more = speech.name(entity["name"]), len(pledges) - ITEMS_MAX
    sentences = [
        _(
            "The forum of %(year)s is closed. These pledges of %(entity)s are open in it.",
            year=year, entity=name,
        ),
        _(
            "The Secretariat will decide for each of them whether it lapses or is carried over to the next "
            "forum. Before it does, please report what has been done, declare fulfilled what is fulfilled, "
            "and withdraw what you will not do."
        ),
    ]  # fmt: skip
    if more > 0:
        sentences.append(
            speech.ngettext("%(num)s more is not listed here.", "%(num)s more are not listed here.", more)
        )
    page = f"{base}/desk/entities/{entity['slug']}/handover?lang={speech.language}"
    words = Words(
        subject=_("The forum of %(year)s is closed: your open pledges", year=year),
        sentences=tuple(sentences),
        items=tuple(_item(one, base, speech) for one in pledges[:ITEMS_MAX]),
        link=(_("All that %(entity)s has on its hands", entity=name), page),
        below=_below(entity["name"], speech),
    )
    return write(words, speech)


def _item(pledge: Mapping[str, Any], base: str, speech: Speech) -> Item:
    due = pledge["due_on"] and speech.day(last_day(pledge["due_on"]))
    address = f"{base}/desk/pledges/{pledge['id']}?lang={speech.language}"
    return Item(_pledge(pledge, speech), address, (speech.gettext("Due on %(day)s", day=due),) if due else ())
