"""What the domain and the API refuse with, in the language of the page.

They say it in English, as programs are told; a sentence is found again by its words, what varies in it by
its places. A test holds this list against their source. Must not know who refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from projections.translations import ENGLISH
from web.pages.labels import label
from web.pages.language import gettext, language

N_ = str  # marks what is to be translated
SENTENCES: Sequence[str] = (
    N_("must be later than %(year)s."),
    N_("must be a cycle that was opened, or the next, %(year)s."),
    N_("Only a withdrawn or lapsed pledge can be reinstated."),
    N_("The pledge is %(status)s; this needs a published pledge."),
    N_("The pledge is %(status)s; reinstate it first."),
    N_("The pledge is declared fulfilled; retract that first."),
    N_("is for the Secretariat to correct, of pledges that it recorded from a source."),
    N_("must stay common or partnership while %(number)s partners take part."),
    N_("must stay while %(number)s offers wait for an answer: give it first."),
    N_("The pledger stated the %(field)s; only an amendment changes it."),
    N_("cannot be classified; only %(fields)s can."),
    N_("is not a known pledge."),
    N_("cannot match itself."),
    N_("This pledge asks for no match: it has no terms."),
    N_("The deadline of the terms (%(day)s) has passed."),
    N_("There is no such match on this pledge."),
    N_("This match is %(state)s already."),
    N_("must be in the currency of the terms' amount."),
    N_("must say how the counted value was found."),
    N_("must say what the offer counts for in %(currency)s, the currency of the terms."),
    N_("This entity is no partner of the pledge."),
    N_("This partner is %(state)s; that needs one that is %(states)s."),
    N_("is the pledge's own entity."),
    N_("This entity leads the pledge: its part is the lead's."),
    N_("Only a common pledge or a partnership has partners; amend the type first."),
    N_("is not a known entity."),
    N_("The lead passes only to a partner that has joined; invite it first."),
    N_("is not a part of a partner that has joined (0 is the lead's)."),
    N_("must be from 0 to 100."),
    N_("must be one of %(choices)s."),
    N_("must hold one value for each target (%(target)s has two)."),
    N_("must hold no duplicates."),
    N_("must hold at most %(number)s items."),
    N_("The partner whose report this is has left the pledge."),
    N_("the report at %(position)s is about part %(part)s."),
    N_("There is no progress report of this pledge at position %(position)s."),
    N_("a report needs a narrative, a percent or measures."),
    N_("is not a target of this part of the pledge."),
    N_("must be %(choices)s."),
    N_("must not lie in the future."),
    N_("not every part stands at 100 percent: say why the pledge is fulfilled."),
    N_("is a target without a number; report on it in the narrative."),
    N_("cannot change once a pledge was submitted."),
    N_("The pledge is %(status)s; only a working paper or a returned pledge can be submitted."),
    N_("is said by imports only."),
    N_("The pledge is %(status)s; this needs a submission that waits for review."),
    N_("Words of the submission were erased by law (%(fields)s): return it, for others."),
    N_("The day by which it was to be done (%(day)s) has passed; return it for another."),
    N_("There is a pledge with this id already."),
    N_("Only the Secretariat records pledges in their owners' place."),
    N_("is not a field of a pledge."),
    N_("must say what to change."),
    N_("Only a validator of the entity concerned, an assessor or the Secretariat gives verdicts."),
    N_("A report is confirmed by another account than the one that reported."),
    N_("There is no contest to reply to here."),
    N_("must name the position of the report meant: the pledge is not declared fulfilled."),
    N_("There is no such pledge."),
    N_("Only a pledger of the entity concerned, or the Secretariat in its place, may do this."),
    N_(
        "In an entity's place the Secretariat acts only with an authority: send `authority` "
        "with its kind and reference."
    ),
    N_(
        "In an entity's place the Secretariat acts only with an authority: send `authority`, "
        "with its kind and reference."
    ),
    N_("Only the Secretariat may do this."),
    N_("must say by what the authority can be found again."),
    N_("must not lie in the future (today is %(day)s in UTC)."),
    N_("must hold at most %(number)s links and files."),
    N_("must not be given beside a file: a link and a file are two evidences."),
    N_("must have 1 to %(most)s bytes."),
    N_("must be given."),
    N_("must be a web address (http or https) of at most %(number)s characters."),
    N_("must have at most %(number)s characters; it has %(count)s."),
    N_("must be given: say why."),
    N_("must have at least %(number)s characters."),
    N_("must be a language code such as en, fr or ar."),
    N_("must be said: %(choices)s."),
    N_("must hold no duplicates (%(item)s)."),
    N_("must not be before the day it was made (%(day)s)."),
    N_("two targets have the id %(item)s."),
    N_("must be letters and digits, such as t1; leave it out for a new target."),
    N_("must be given for a target without a number."),
    N_("must say what the number counts, for example people."),
    N_("must differ from the baseline (an unknown baseline counts as 0)."),
    N_("a pledge of type %(type)s has no partners."),
    N_("must be common or partnership for a pledge with partners."),
    N_("must be from 1 to %(most)s."),
    N_("must not be before today (%(day)s)."),
    N_("is not known; GET /api/v1/entities?q= finds entities."),
    N_("is not a cycle that was opened."),
    N_("is not a known public pledge."),
    N_("must have at least %(number)s characters to be submitted."),
    N_("must name at least one form."),
    N_("must be given to submit: by when will it be done?"),
    N_("%(item)s is not %(known)s."),
    N_("must not be after the day by which it is due (%(day)s)."),
    N_("must be given where there is a baseline."),
    N_("must differ from the target."),
    N_("terms, and what a pledge matches, are for pledges of type matching only."),
    N_("terms name either an amount or a number of matches."),
    N_("terms need a condition, an amount or a number of matches."),
    N_("is a pledge that asks for no match (it has no terms)."),
    N_("must name at least one objective or one guiding principle."),
    N_("a matching pledge needs terms, or the pledge that it matches."),
    N_("must not be blank."),
    N_("a matching pledge has either terms or the pledge that it matches, not both."),
    N_("is not a target of this pledge; leave it out for a new one."),
    N_("The account was never granted the role %(role)s."),
    N_("There is no account %(id)s."),
    N_("The operator's account belongs to the machine and does not change."),
    N_("Nobody suspends the account they act with."),
    N_("The account is suspended; reinstate it first."),
    N_("The account has no token %(id)s."),
    N_("is for assessors."),
    N_("Nobody grants a role to the account they act with."),
    N_("must be given: a %(role)s acts for an entity."),
    N_("there is no entity %(id)s."),
    N_("%(entity)s was merged into %(other)s (%(id)s); name that one."),
    N_("must be a State, or left out: an auditor sees one State or all."),
    N_(
        "Who administers accounts has no say over content. The account is %(roles)s already "
        "and cannot be %(role)s too: use another one."
    ),
    N_("The account has %(number)s tokens that are good: revoke one first."),
    N_("must not be over (today is %(day)s in UTC)."),
    N_("must say why."),
    N_("must have at most %(number)s characters."),
    N_("must not hold an e-mail address: it would be kept for ever. Cite the document."),
    N_("must be left out: the role %(role)s is for the whole register."),
    N_("must name one role at least, and only roles that the account has."),
    N_("one of the two must say for which body an assessor speaks."),
    N_("The cycle %(cycle)s was opened on %(day)s."),
    N_("must be the year of its forum, from %(first)s to %(last)s."),
    N_("must not be before forum_from, which must be given with it."),
    N_("there is no cycle %(cycle)s."),
    N_("must not be before %(day)s, when the cycle opened."),
    N_("The cycle %(cycle)s is open; close it first."),
    N_("say why."),
    N_("choose from 1 to %(most)s."),
    N_("there is no public pledge %(id)s."),
    N_("cycles open in the order of their years: %(cycle)s on %(day)s."),
    N_("Only the role %(role)s may do this."),
    N_("must be a date as 2022-05-17, 2022-05 or 2022."),
    N_("must lie between the years %(first)s and %(last)s."),
    N_("must be a time such as 2026-05-17T12:00:00Z."),
    N_("currency must be an ISO 4217 code such as EUR, not %(code)s."),
    N_("must be a positive decimal such as 200000.00 (at most 18 digits and 4 decimals)."),
    N_("must be a decimal number such as 240 or 0.5."),
    N_("must not hold signs that override the reading direction (U+%(code)s)."),
    N_("must not hold control characters (U+%(code)s)."),
    N_("must not be %(said)s, which marks what was erased by law."),
    N_("is no day of the calendar: %(said)s."),
    N_("is no time that can be told in UTC: %(said)s."),
    N_("is no time of the calendar: %(said)s."),
    N_("Version %(named)s was named, but the latest is %(latest)s."),
    N_("There is no %(kind)s with the id %(id)s."),
    N_("must be given once."),
    N_("must be text."),
    N_("must be a whole number."),
    N_("must be true or false."),
    N_("must be a list."),
    N_("must be an object."),
    N_("must not be null."),
    N_("is not known here."),
    N_("If-Match names no version that this pledge ever had."),
    N_("cannot be changed in a published pledge."),
    N_("Others change the same working paper again and again. Try once more."),
    N_("The working paper was changed in between; read it again."),
    N_("A working paper is for an entity that the account pledges for."),
    N_("Only a working paper is thrown away; a pledge is withdrawn."),
    N_("There is no such working paper."),
    N_("There is no such working paper any more."),
    N_("must be an id such as 0190d7e2-5c3a-7000-8000-0123456789ab."),
    N_("must be an ISO 4217 code such as EUR, not %(code)s."),
    N_("must be said: individual, common, partnership or matching."),
    N_("is for pledges that are recorded (`record`: true)."),
    N_("must be the id or the reference of a pledge."),
    N_("must have %(least)s to %(most)s characters."),
    N_("must be from %(least)s to %(most)s."),
    N_("must be at least %(least)s."),
    N_("must have %(least)s to %(most)s items."),
    N_("must have at most %(number)s items."),
    N_("It is so already."),
)
PLACE = re.compile(r"%\((\w+)\)s")
LISTS: Mapping[str, str] = {"status": "status", "role": "role", "type": "type"}
"""Places with a word of the register, by the list in which it stands."""
ISOLATE, POP = "\u2068", "\u2069"


def in_words(said: str) -> str:
    """A refusal in the language of the page; one that is not known here stays as it is."""
    if language() == ENGLISH:
        return said
    if said in _sentences():
        return gettext(said)
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(said):
            return gettext(sentence, **{name: _place(name, text) for name, text in found.groupdict().items()})
    return said


def _place(name: str, text: str) -> str:
    return ISOLATE + (label(text, LISTS[name]) if name in LISTS else text) + POP


@cache
def _sentences() -> frozenset[str]:
    return frozenset(one for one in SENTENCES if not PLACE.search(one))


@cache
def _patterns() -> Sequence[tuple[str, re.Pattern[str]]]:
    """The sentences with places, those that say most by themselves first."""
    told = sorted((one for one in SENTENCES if PLACE.search(one)), key=lambda one: -len(PLACE.sub("", one)))
    return [(one, _pattern(one)) for one in told]


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = PLACE.split(sentence)
    names = (f"(?P<{part}>.+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
    return re.compile("".join(names), re.DOTALL)
