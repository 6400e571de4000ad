"""What auditors read, in words: by the endpoint that answered, and by the names of what was asked.

Must not know who read, nor how it is written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext, lazy_pgettext

from web.pages.field_names import FILTERS

OPERATIONS: Mapping[str, Any] = {
    "pledges.listed": lazy_gettext("Pledges, as a list"),
    "pledges.show": lazy_gettext("A pledge"),
    "pledges.history": lazy_gettext("The history of a pledge"),
    "pledges.intake": lazy_gettext("What was received"),
    "matches.listed": lazy_gettext("The offers to match a pledge"),
    "versions.listed": lazy_gettext("The versions of a pledge"),
    "versions.changes": lazy_gettext("What changed between two versions of a pledge"),
    "exports.pledges": lazy_gettext("Pledges, downloaded"),
    "exports.events": lazy_gettext("All events, downloaded"),
    "exports.pack": lazy_gettext("An auditor’s pack"),
    "log.event": lazy_gettext("An event with its proof"),
    "events.found": lazy_gettext("Events, searched"),
    "files.download": lazy_gettext("A file of evidence"),
    "pages.pledge": lazy_gettext("A pledge"),
    "pages.changes": lazy_gettext("What changed between two versions of a pledge"),
    "pages.events": lazy_gettext("Events, searched"),
    "pages.log_event": lazy_gettext("An event with its proof"),
    "pages.evidence_file": lazy_gettext("A file of evidence"),
}
FORMS = {"_csv": "CSV", "_json": "JSON"}
ASKED: Mapping[str, Any] = {
    **FILTERS,
    "pledge": lazy_pgettext("of a reading", "Pledge"),
    "position": lazy_pgettext("of a reading", "Position"),
    "as_of": lazy_pgettext("of a reading", "As of"),
    "effective_at": lazy_pgettext("of a reading", "What was true on"),
    "compare_to": lazy_pgettext("of a reading", "Compared with"),
    "from": lazy_pgettext("of a reading", "From"),
    "to": lazy_pgettext("of a reading", "To"),
    "sort": lazy_pgettext("of a reading", "Order"),
    "limit": lazy_pgettext("of a reading", "At most"),
    "cursor": lazy_pgettext("of a reading", "Further on in the list"),
    "history": lazy_pgettext("of a reading", "Further on in the history"),
    "sha256": lazy_pgettext("of a reading", "Digest of the file"),
}
"""Names of what was asked. Others stand as they are."""


def operation_in_words(endpoint: str) -> tuple[str, str | None]:
    """What was read, and in which form if not as a page; a name that no table has stands for itself."""
    for ending, form in FORMS.items():
        if endpoint.startswith("pages.") and endpoint.endswith(ending):
            return operation_in_words(endpoint.removesuffix(ending))[0], form
    return str(OPERATIONS.get(endpoint, endpoint)), None if endpoint.startswith("pages.") else "API"


def asked_in_words(name: str) -> str:
    """What a part of the question is called."""
    return str(ASKED.get(name, name))
