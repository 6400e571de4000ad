"""A sentence for every event that the public may see, where no more is known: for pages and mail.

To be translated by whoever says them. Must not know what else is known of an event.
"""

from __future__ import annotations

from collections.abc import Mapping


def N_(text: str) -> str:  # noqa: N802 - the name by which translators' tools find words said later
    """Marks words for translation."""
    return text


PLAIN: Mapping[str, str] = {
    "pledge.submitted": N_("The pledge was submitted for review."),
    "pledge.recalled": N_("The submission was taken back."),
    "pledge.returned": N_("The submission was returned for changes."),
    "pledge.rejected": N_("The submission was rejected."),
    "pledge.made": N_("The pledge was made."),
    "pledge.amended": N_("The pledge was amended."),
    "pledge.classified": N_("The pledge was classified."),
    "pledge.partner-invited": N_("A partner was invited."),
    "pledge.partner-joined": N_("A partner joined."),
    "pledge.partner-declined": N_("A partner declined."),
    "pledge.partner-left": N_("A partner left."),
    "pledge.partner-uninvited": N_("An invitation to a partner was cancelled."),
    "pledge.lead-transferred": N_("The lead was handed over."),
    "pledge.match-offered": N_("A match was offered."),
    "pledge.match-accepted": N_("An offered match was accepted."),
    "pledge.match-declined": N_("An offered match was declined."),
    "pledge.match-withdrawn": N_("A match was withdrawn."),
    "pledge.match-expired": N_("An offered match expired without an answer."),
    "pledge.matched": N_("The terms were met: the pledge is matched."),
    "pledge.unmatched": N_("The terms are no longer met."),
    "pledge.progress-reported": N_("Progress was reported."),
    "pledge.progress-corrected": N_("A progress report was corrected."),
    "pledge.partially-fulfilled": N_("The pledge is partially fulfilled."),
    "pledge.progress-reverted": N_("Nothing is measured any more."),
    "pledge.fulfilled": N_("The pledge was declared fulfilled."),
    "pledge.fulfilment-retracted": N_("The declaration of fulfilment was retracted."),
    "pledge.verified": N_("What was reported was verified."),
    "pledge.contested": N_("What was reported was contested."),
    "pledge.replied": N_("The owner replied to a contest."),
    "pledge.withdrawn": N_("The pledge was withdrawn."),
    "pledge.lapsed": N_("The pledge lapsed."),
    "pledge.carried-over": N_("The pledge was carried over to the next forum."),
    "pledge.reinstated": N_("The pledge was reinstated."),
    "entity.registered": N_("An entity was registered."),
    "entity.renamed": N_("An entity was renamed."),
    "entity.merged": N_("An entity was merged into another."),
    "entity.alias-added": N_("Another name of an entity became known."),
    "entity.classified": N_("The category of an entity became known."),
    "entity.office-registered": N_("An office of an entity became known."),
    "cycle.opened": N_("A forum was opened for pledges."),
    "cycle.closed": N_("A forum was closed."),
    "cycle.pledges-decided": N_("It was decided what becomes of open pledges of a forum."),
    "document.deposited": N_("An outside document was deposited."),
    "log.key-adopted": N_("The log adopted a key."),
    "log.field-erased": N_("Words were erased by law."),
}
