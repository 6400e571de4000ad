"""To whom letters go that are for an entity or a body: who acts for it, and its office's mailbox.

Must not know what letters say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from domain.pledges.concerned import Party
from projections.composition import Runtime
from projections.database.people import same_address
from projections.reporters import who_acts


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a letter is addressed, in which language they read, and whose address that is.

    `whose` is an account, or an address that is no account's: who is the same gets one letter.
    """

    id: UUID
    language: str | None
    whose: UUID | str


def recipients(runtime: Runtime, parties: Collection[Party]) -> dict[Party, list[Recipient]]:
    """Whom to write to for each party. An office's mailbox gets what its entity's pledgers get."""
    acting = who_acts(runtime.questions)
    languages = runtime.people.languages_of({one for party in parties for one in acting.get(party, ())})
    found = {
        party: [Recipient(one, languages[one], one) for one in acting.get(party, ()) if one in languages]
        for party in parties
    }
    offices = {party.entity: party for party in parties if party.entity and party.role == "pledger"}
    for entity, contact in runtime.contacts.of_several(offices.keys()).items():
        if contact.mailbox:
            whose = runtime.people.account_of(contact.mailbox) or same_address(contact.mailbox)
            found[offices[entity]].append(Recipient(contact.mailbox_id, contact.language, whose))
    return {party: _each_once(several) for party, several in found.items()}


def _each_once(several: list[Recipient]) -> list[Recipient]:
    return list({one.whose: one for one in reversed(several)}.values())[::-1]
