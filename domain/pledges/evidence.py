"""Evidence is a titled link to the web, or a titled file. Must not know what it is evidence of.

Which files are taken is said here, what was sent is looked at elsewhere: the domain sees digests alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from domain.pledges.events import Evidence, EvidenceFile
from domain.pledges.findings import Findings, check_text
from domain.values import duplicates

TITLE_CHARS_MAX = 300
URL_CHARS_MAX = 2000
LINKS_MAX = 50
SCHEMES = ("http", "https")
FILE_BYTES_MAX = 25_000_000
MEDIA_TYPES: Mapping[str, str] = {
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/rtf": "rtf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "image/png": "png",
    "image/jpeg": "jpg",
    "text/csv": "csv",
    "text/plain": "txt",
}
"""What files may be, and how their names end: what the registry's form takes, pictures and tables in text."""
SHA256 = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


def check_evidence(evidence: tuple[Evidence, ...], found: Findings) -> None:
    """Each has a title and is a link to the web or a file, and none is there twice."""
    if duplicates(evidence):
        found.say("evidence", "must hold no duplicates.")
    if len(evidence) > LINKS_MAX:
        found.say("evidence", f"must hold at most {LINKS_MAX} links and files.")
    for index, one in enumerate(evidence):
        check_text(one.title, f"evidence.{index}.title", TITLE_CHARS_MAX, found)
        if not one.title:
            found.say(f"evidence.{index}.title", "must be given.")
        if one.file is not None:
            _check_file(one, one.file, f"evidence.{index}", found)
        elif one.url is None or not _is_web_address(one.url):
            found.say(
                f"evidence.{index}.url",
                "must be a web address (http or https, without a user) of at most "
                f"{URL_CHARS_MAX} characters, or a file in its place.",
            )


def _check_file(one: Evidence, file: EvidenceFile, field: str, found: Findings) -> None:
    if one.url is not None:
        found.say(f"{field}.url", "must not be given beside a file: a link and a file are two evidences.")
    if not SHA256.match(file.sha256):
        found.say(f"{field}.file", "must be named by the SHA-256 of its bytes, 64 hexadecimal digits.")
    if file.media_type not in MEDIA_TYPES:
        found.say(f"{field}.file", f"must be one of {', '.join(MEDIA_TYPES.values())}.")
    if not 0 < file.bytes <= FILE_BYTES_MAX:
        found.say(f"{field}.file", f"must have 1 to {FILE_BYTES_MAX:,} bytes.")


def _is_web_address(url: str) -> bool:
    if len(url) > URL_CHARS_MAX or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # What stands before an @ looks like the site that a link leads to, or is a password.
    return parts.scheme in SCHEMES and bool(parts.hostname) and "@" not in parts.netloc
