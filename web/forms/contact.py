"""Words in a form by which somebody can be reached, told beside their fields before they are public for ever.

They go through when the form is sent again with their warning ticked. Must not know any form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from domain.contact_words import contact_words

TICKED = "may-be-public"
"""The field of the ticks; each says which words it is about, so that others are warned about anew."""
LINKS = frozenset({"url", "file"})
IN_ONE = frozenset({"fields"})
"""Fields of several texts that are shown as one."""


@dataclass(frozen=True)
class Warned:
    """The words in one field, and whether they may be public."""

    words: Sequence[str]
    is_ticked: bool
    tick: str


def warnings_of(body: Any, stands: Any, ticks: Sequence[str]) -> dict[str, Warned]:
    """What to warn about, by the path of the field; not about words that stand in the pledge already."""
    known = {word for _, text in _texts(stands, "") for word in contact_words(text)}
    found: dict[str, list[str]] = {}
    for path, text in _texts(body, ""):
        new = [word for word in contact_words(text) if word not in known]
        if new:
            found.setdefault(path, []).extend(new)
    said = {path: (tuple(dict.fromkeys(words)), _tick(words)) for path, words in found.items()}
    return {path: Warned(words, tick in ticks, tick) for path, (words, tick) in said.items()}


def _tick(words: Sequence[str]) -> str:
    return sha256("\n".join(sorted(set(words))).encode("utf-8", "replace")).hexdigest()[:16]


def _texts(said: Any, path: str) -> Iterator[tuple[str, str]]:
    """Each text in a body with the path of the field that shows it."""
    if isinstance(said, str):
        yield path, said
    elif isinstance(said, Mapping):
        for name, inner in said.items():
            if name not in LINKS:
                yield from _texts(inner, path if path.rpartition(".")[2] in IN_ONE else _below(path, name))
    elif isinstance(said, list | tuple):
        for number, inner in enumerate(said):
            yield from _texts(inner, path if isinstance(inner, str) else _below(path, str(number)))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
