"""A letter as text and as HTML: one template each. Must not know what a letter says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from projections.letters.speech import Speech


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a list: its name, where it is, and what is said of it."""

    name: str
    address: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says: its subject, sentences, a list, one link to follow, and what stands below."""

    subject: str
    sentences: tuple[str, ...]
    items: tuple[Item, ...] = ()
    link: tuple[str, str] | None = None
    """What it is called, and its address."""
    below: tuple[str, ...] = ()
    leave: tuple[str, str] | None = None
    """How to get no more of these."""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter that is ready. `leave` is the address by which mail programs let people leave."""

    subject: str
    body: str
    html: str
    leave: str | None = None


def write(words: Words, speech: Speech) -> Written:
    """The letter in both forms."""
    said = {"words": words, "language": speech.language, "direction": speech.locale.text_direction,
            "from_whom": speech.gettext("Register of IMRF pledges")}  # fmt: skip
    body, html = (_templates().get_template(f"letter.{form}").render(said) for form in ("txt", "html"))
    return Written(words.subject, body, html, words.leave[1] if words.leave else None)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, keep_trailing_newline=True,
    )  # fmt: skip
