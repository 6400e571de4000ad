"""What can have happened to an outside document. Docstrings are the entries of docs/events.md.

Must not hold a file's name: people put names into names of files. The title says what it is.
"""

from __future__ import annotations

from domain.recording import Fact, recorded_as


@recorded_as("document.deposited")
class DocumentDeposited(Fact):
    """An outside document was deposited: the register knows its digest, and nothing of its contents.

    `sha256` (hex) and `bytes` say which file it is, `title` what it is called, `provenance` where it comes
    from, `as_of_day` of what day it speaks. The same bytes are deposited once.
    """

    sha256: str
    bytes: int
    media_type: str
    title: str
    provenance: str | None = None
    as_of_day: str | None = None
