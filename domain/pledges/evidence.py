"""Evidence is a titled link to the web. Must not know what it is evidence of."""

from __future__ import annotations

from urllib.parse import urlsplit

from domain.pledges.events import Evidence
from domain.pledges.findings import Findings, check_text
from domain.values import duplicates

TITLE_CHARS_MAX = 300
URL_CHARS_MAX = 2000
LINKS_MAX = 50
SCHEMES = ("http", "https")


def check_evidence(evidence: tuple[Evidence, ...], found: Findings) -> None:
    """Each link has a title and leads to the web, and none is there twice."""
    if duplicates(evidence):
        found.say("evidence", "must hold no duplicates.")
    if len(evidence) > LINKS_MAX:
        found.say("evidence", f"must hold at most {LINKS_MAX} links.")
    for index, link in enumerate(evidence):
        check_text(link.title, f"evidence.{index}.title", TITLE_CHARS_MAX, found)
        if not link.title:
            found.say(f"evidence.{index}.title", "must be given.")
        if not _is_web_address(link.url):
            found.say(
                f"evidence.{index}.url",
                f"must be a web address (http or https) of at most {URL_CHARS_MAX} characters.",
            )


def _is_web_address(url: str) -> bool:
    if len(url) > URL_CHARS_MAX or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.hostname)
