"""Words by which somebody can be reached: e-mail addresses and telephone numbers in a text.

What was said once stays for ever, so whoever writes such words is warned. Years, dates, amounts, numbers of
resolutions and links are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import decimal

LINK = re.compile(r"\b(?:(?:https?|ftp)://|www\.)[^\s<>\"]+", re.IGNORECASE)
ADDRESS = re.compile(r"(?<![\w.+%'-])[\w.+%'-]*[\w+%]@(?:[\w-]+\.)+[^\W\d_]{2,}")
DATE = re.compile(
    r"(?<![\d./-])(?:\d{4}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d{2}))(?!\d|[./-]\d)"
)
RUN = re.compile(r"(?<![\w/.,+-])(?:\+[  ]?)?\(?\d+(?:[  ()./-]{1,2}\d+)*(?![\w%‰€$£]|,\d)")
CUE = re.compile(
    r"(?:\b(?:t[eé]l|telephone|t[eé]l[eé]phone|phone|mobile|cell|fax|whatsapp|tel[eé]fono|m[oó]vil|тел|телефон)\b"
    r"|هاتف|جوال|电话|手机)[\s.:()№#-]{0,6}\Z",
    re.IGNORECASE,
)
CUE_CHARS = 30
SHORTEST, LONGEST = 8, 17
"""Digits of a number that says its country, as it is dialled: up to 15, and 00 before them."""
NATIONAL = range(9, 12)
NAMED = range(6, 16)
DIALLED = re.compile(r"\d{3}([.-])\d{3}\1\d{4}")
AREA = re.compile(r"\(\d{2,4}\)")
GROUPS_MIN = 3
CODE_DIGITS_MAX = 4


def contact_words(text: str) -> tuple[str, ...]:
    """The e-mail addresses and telephone numbers that seem to stand in a text, each once, in their order."""
    plain = LINK.sub(_blank, text)
    found = [(one.start(), one[0]) for one in ADDRESS.finditer(plain)]
    found += _numbers(DATE.sub(_blank, ADDRESS.sub(_blank, plain)))
    return tuple(dict.fromkeys(words for _, words in sorted(found)))


def _blank(found: re.Match[str]) -> str:
    """As many signs that are part of nothing, so that places stay."""
    return ";" * len(found[0])


def _numbers(text: str) -> Iterator[tuple[int, str]]:
    for run in RUN.finditer(text):
        if _is_number(run[0], text[max(0, run.start() - CUE_CHARS) : run.start()]):
            yield run.start(), run[0]


def _is_number(run: str, before: str) -> bool:
    """Whether a run of digits is a telephone number: by what it begins with, how it is grouped, or named."""
    groups = ["".join(str(decimal(sign)) for sign in group) for group in re.findall(r"\d+", run)]
    count, first = sum(map(len, groups)), groups[0]
    if CUE.search(before):
        return count in NAMED
    if run.startswith("+") or (first.startswith("00") and first.strip("0")):
        is_one = len(groups) == 1
        return (
            SHORTEST <= count <= LONGEST and groups[-1] != "000" and (is_one or len(first) <= CODE_DIGITS_MAX)
        )
    if AREA.match(run):
        return count in NATIONAL
    is_grouped = len(groups) >= GROUPS_MIN and first.startswith("0") and first.strip("0") != ""
    return (is_grouped and count in NATIONAL) or DIALLED.fullmatch(run) is not None
