"""What the domain and the API refuse with, in the language of the page.

They say it in English, as programs are told; a sentence is found again by its words, what varies in it by
its places. A test holds this list against their source. Must not know who refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from domain.errors import FieldErrors
from projections.translations import ENGLISH
from web.pages.labels import LISTS as CLOSED
from web.pages.labels import label
from web.pages.language import gettext, language, pgettext

N_ = str  # marks what is to be translated
SENTENCES: Sequence[str] = (
    N_("must be later than %(year)s."),
    N_("must be a cycle that was opened, or the next, %(year)s."),
    N_("Only a withdrawn or lapsed pledge can be reinstated."),
    N_("The pledge is %(status)s; this needs a published pledge."),
    N_("The pledge is %(status)s; reinstate it first."),
    N_("The pledge is declared fulfilled; retract that first."),
    N_("is for the Secretariat to correct, of pledges that it recorded from a source."),
    N_("must stay common or partnership while partners take part (%(number)s)."),
    N_("must stay while offers wait for an answer (%(number)s): give it first."),
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
    N_("must not be later than %(day)s: a token is good for a year at most."),
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
    N_("Only the Secretariat and auditors deposit documents."),
    N_("looks like it holds an e-mail address or a telephone number; it would stay for ever."),
    N_("must be given: what the document is called."),
    N_("must be the SHA-256 of the file's bytes: 64 digits of 0-9 and a-f."),
    N_("must be %(bytes)s, with which these very bytes were deposited before."),
    N_("must be the size of the file in bytes; an empty one is no document."),
    N_("must be a media type such as text/csv, without parameters."),
    N_("The id %(id)s already means %(entity)s."),
    N_("is for stakeholders of the kind other."),
    N_("There is no entity %(id)s."),
    N_("The 195 States are in the register from the start, and the category is closed."),
    N_("must be un_entity or stakeholder."),
    N_("must be the ISO 3166 alpha-3 code of a State, such as KEN."),
    N_("is for stakeholders only."),
    N_("“%(name)s” already means %(entity)s (%(id)s)."),
    N_("%(entity)s was already merged into %(other)s."),
    N_("A State is not merged into anything; the category is closed."),
    N_("must be another entity."),
    N_("%(entity)s was itself merged into %(other)s (%(id)s); name that one."),
    N_("%(entity)s is known as %(known)s: only the unknown can be filled in."),
    N_("must have 1 to %(most)s characters."),
    N_("must stand on one line."),
    N_("is no language kept here (%(languages)s)."),
    N_("The first row is empty; it has to name the columns."),
    N_("The first row has %(count)s columns; %(most)s is the most."),
    N_("The first row has no column %(names)s."),
    N_("%(rule)s The columns seem to be separated by semicolons; commas are needed."),
    N_("%(rule)s The columns seem to be separated by tabs; commas are needed."),
    N_("%(rule)s The columns seem to be separated by bars; commas are needed."),
    N_("The column %(name)s stands twice in the first row."),
    N_("The column %(name)s looks like contact details, which are never kept."),
    N_("The first row has no column %(name)s that could be kept."),
    N_(
        "has %(count)s cells, but the header has %(width)s columns: look for a missing or stray comma "
        "or quote."
    ),
    N_(
        "held words that had to be erased by law, and an import does not bring any back: leave it "
        "blank, and say in the register what holds now."
    ),
    N_("cannot be changed by an import: hand the lead over in the register."),
    N_("cannot be changed by an import: invite or cancel partners in the register."),
    N_("was kept with the first import and cannot be changed by another."),
    N_("cannot be cleared: it is a report; correct it in the register."),
    N_(
        "was %(before)s when last imported, and is now %(held)s in the register and %(now)s in the "
        "sheet: decide which holds, and say so in the register."
    ),
    N_("There is no import %(id)s of this account."),
    N_("Only pledgers and the Secretariat hand pledges in."),
    N_("Only the Secretariat records pledges from a sheet; submit it with --submit."),
    N_("An import with this id was started before, with another file."),
    N_("must be the SHA-256 of the file, in hex, with its size and rows."),
    N_("must be one of %(choices)s, with its reference."),
    N_("The sample was loaded before."),
    N_("Rows are dealt with in order, each once, before an import is finished."),
    N_("%(left)s of %(rows)s rows have no outcome yet."),
    N_("ref: is that of row %(row)s too; only the first row counts."),
    N_("is that of the pledge %(pledge)s too, which came by a sheet."),
    N_("is the source of the pledge %(pledge)s, which was not imported by a sheet."),
    N_("“%(entity)s” is the pledger itself."),
    N_("%(entity)s is not an entity that this account pledges for."),
    N_("was imported as the pledge %(pledge)s, which is not there."),
    N_("is %(day)s, the day on which it was published."),
    N_("is the source of a pledge that is %(status)s; nothing was changed."),
    N_("“%(name)s” is not known, and only the Secretariat makes entities known."),
    N_("is %(said)s, but %(entity)s is known as %(known)s."),
    N_("of %(entity)s is for the Secretariat to say."),
    N_("holds %(cell)s, with which spreadsheets say that a formula has no result."),
    N_("must stand on one line of at most %(number)s characters."),
    N_("%(said)s is not one of %(choices)s."),
    N_("%(said)s is not an objective (1 to 23)."),
    N_("%(said)s is not one of the ten guiding principles, by name or code."),
    N_("%(said)s is not a country known here, by name or code."),
    N_("%(said)s is not Local, National, Regional (…), Global or International."),
    N_("%(said)s is not an ISO 4217 code such as EUR."),
    N_("must have at most %(number)s characters to be kept."),
    N_("looks like an e-mail address or a telephone number; kept columns stay for ever."),
    N_("is given without objectives."),
    N_("must be given with the %(column)s."),
    N_("%(said)s is not one of the 195 States, by name or code."),
    N_("is %(category)s, but %(said)s is a State."),
    N_("is for stakeholders; the category is %(category)s."),
    N_("must be given where the kind is not one of the list."),
    N_("the file cannot be read: %(why)s"),
    N_("the file is an old or encrypted Excel file: save it as .xlsx without a password, or as CSV"),
    N_("the file is a PDF: what it says has to be in a sheet, .xlsx or CSV in UTF-8"),
    N_("the file is called %(suffix)s but is no such file: it does not begin as a zip archive"),
    N_("the file is in UTF-16: save it as CSV in UTF-8"),
    N_("the file is no CSV file: row %(row)s: %(why)s"),
    N_("the file is not in UTF-8: row %(row)s, column %(column)s: byte %(byte)s; save it as CSV in UTF-8"),
    N_("the file is not in UTF-8: save it as CSV in UTF-8"),
    N_("the file is a broken .xlsx file: %(why)s"),
    N_("the file is a broken .xlsx file: there is no shared text %(number)s"),
    N_("the file has %(count)s parts; %(most)s is the most"),
    N_("the file would inflate to %(bytes)s bytes; %(most)s is the most"),
    N_("the file would inflate %(times)s times; %(most)s times is the most"),
    N_("the file declares a document type, which no spreadsheet program writes"),
    N_("the file is no Excel file: it has no part %(part)s"),
    N_("the file has no visible sheet"),
    N_("the file has a text of more than %(most)s characters"),
    N_("row %(row)s has a cell of more than %(most)s characters"),
    N_("“%(said)s” names no cell"),
    N_("the first row is empty; it has to name the columns"),
    N_("the file is empty: its first row has to name the columns"),
    N_("the file could not be read: %(number)s workers ended over it"),
    N_("something went wrong in the register; its operators find it in their log"),
    N_("Who sent or confirmed this sheet is not of the Secretariat any more."),
    N_("There is no such entity."),
    N_("No such document was deposited."),
    N_("is no file that you have sent: send it first."),
    N_("No evidence that you may see is this file."),
    N_(
        "Too many of your files wait to be named in a report: name those first, or wait until they "
        "are forgotten after %(days)s days."
    ),
    N_(
        "says something else, and the row is of version %(version)s; it is %(now)s by now: begin with "
        "a new export."
    ),
    N_("was overtaken."),
    N_("blank"),
    N_("is not one that this list gave out: begin again without it."),
    N_("belongs to another list: keep filters, sort and as_of as they were."),
    N_("belongs to another moment: keep as_of as it was."),
    N_(
        "can be answered of the first %(most)s events alone, and %(asked)s are asked about: give an "
        "earlier as_of, or leave effective_at out."
    ),
    N_("lies ahead of what was known then, %(day)s."),
    N_("lies in the future (it is %(now)s)."),
    N_("must not lie behind `%(field)s`."),
    N_(
        "must be a position such as 1207, a checkpoint such as checkpoint:1200, a time such as "
        "2026-05-17T12:00:00Z or a date such as 2026-05-17, not %(said)s."
    ),
    N_("names a position that is not there yet: the latest is %(latest)s."),
    N_("names the checkpoint %(size)s, and none of that size was signed."),
    N_("must be given: the earlier of two moments."),
    N_("cannot be given together with another objective or region."),
    N_("must be a whole number from 1."),
    N_("must be a whole number, the position of an event."),
    N_("has %(count)s values; at most %(most)s can be asked for at once."),
    N_("must be one of %(choices)s, not %(said)s."),
    N_("must be a number from 1 to %(last)s, or %(other)s, not %(said)s."),
    N_("is not known: %(said)s. Give its id, its slug or, of a State, the ISO 3166 alpha-3 code."),
    N_("%(status)s cannot be asked for together with others: working papers are kept apart."),
    N_("there is no pledge %(said)s."),
    N_("must be the id of a letter."),
    N_("The file %(file)s is not kept any more; upload it again."),
    N_(
        "must be a web address (http or https, without a user) of at most %(number)s characters, "
        "or a file in its place."
    ),
    N_("must be named by the SHA-256 of its bytes, 64 hexadecimal digits."),
    N_("must be the SHA-256 of a file that you have sent: 64 hexadecimal digits."),
    N_(
        "must have at most %(number)s characters, it has %(count)s; ask for less at once. A letter that is "
        "not in a-z counts as the 6 or more signs that stand for it in an address."
    ),
    N_("must have at least %(number)s characters; a few words together are good."),
    N_("is too easy to guess: it is, or repeats, one of the most used passwords."),
    N_("must not hold your e-mail address."),
    N_("must be the year of a cycle such as 2022, not %(said)s."),
    N_("must be the ISO 3166 alpha-3 code of a State such as KEN, or %(other)s, not %(said)s."),
    N_("must have at most %(number)s characters, it has %(count)s."),
    N_("must be the id, the slug or, of a State, the ISO 3166 alpha-3 code of an entity."),
    N_("must be a time such as 2022-05-17T12:00:00Z or a date, not %(said)s."),
    N_(
        "must be the name of an event such as pledge.made, or what some begin with, such as "
        "`pledge.`, not %(said)s."
    ),
    N_("must be a field that events change or say, such as title, not %(said)s."),
    N_("must be the id of a pledge, or its reference such as 2022-0042, not %(said)s."),
    N_("must be a day, month or year such as 2022-05-17, not %(said)s."),
    N_(
        "the file has %(count)s lines; %(most)s is the most here, and more are compared by `pledges "
        "reconcile`"
    ),
    N_("a piece of more than %(most)s bytes that does not end"),
    N_("the file is a broken .xlsx file: %(part)s: %(why)s"),
)
PLACE = re.compile(r"%\((\w+)\)s")
LISTS: Mapping[str, str] = {"status": "status", "role": "role", "type": "type"}
"""Places with a word of the register, by the list in which it stands."""
SAID_BEFORE = ("rule", "why", "before", "held", "now")
"""Places that may hold another of the sentences."""
ISOLATE, POP = "\u2068", "\u2069"


def told(errors: FieldErrors) -> dict[str, list[str]]:
    """Why fields are refused, in the language of the page."""
    return {name: [in_words(one) for one in said] for name, said in errors.items()}


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
    if name == "choices":
        comma = pgettext("between two remarks", ", ")
        return comma.join(ISOLATE + one + POP for one in _choices(text.split(", ")))
    said = label(text, LISTS[name]) if name in LISTS else in_words(text) if name in SAID_BEFORE else text
    return ISOLATE + said + POP


def _choices(codes: Sequence[str]) -> list[str]:
    """Codes in the words that the page offers them in, where one list has them all."""
    known = next((name for name, words in CLOSED.items() if words.keys() >= set(codes)), None)
    return [label(code, known) if known else code for code in codes]


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
