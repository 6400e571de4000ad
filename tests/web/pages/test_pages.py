"""Each page over the samples and some pledges with a life: it answers, is small, sound and safe, leads on."""

from __future__ import annotations

import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import quote, urldefrag, urlsplit

import pytest

from tests.web.demonstration import ARABIC, FORMULA, HOSTILE, SAMPLES, Demonstration

KILOBYTES_MAX, LINKS_MAX = 100, 250
NO_PAGES = (".json", ".csv", ".xlsx", ".ics", ".atom", ".css", ".svg", "/docs")
PAGES = (
    "/",
    "/?sort=-pledges",
    "/pledges",
    "/pledges?objective=15&region=Africa",
    "/pledges?q=cities",
    "/pledges?q=zzzz",
    "/pledges?sort=due_on",
    "/progress",
    "/progress?by=status",
    "/progress?by=region&compare_to=2026-11-01",
    "/compare",
    "/compare?compare_to=0",
    "/compare?compare_to=0&kind=came_in&objective=15&page=2",
    "/entities/germany",
    "/entities/KEN",
    "/help",
    "/pledges/2022-0002",
)
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
SELF_CLOSED = frozenset(["circle", "path", "rect"])


class Page(HTMLParser):
    """A page taken apart: its links and ids, and what is wrong with its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if len(said) != len(attrs):
            self.wrong.append(f"<{tag}> says an attribute twice")
        is_ours = tag == "script" and str(said.get("src")).startswith("/static/")
        brings = tag in ("script", "style") and not is_ours
        if brings or any(name == "style" or name.startswith("on") for name in said):
            self.wrong.append(f"<{tag}> brings script or style in the page")
        self.ids += [said["id"] or ""] if "id" in said else []
        self.links += [said["href"] or ""] if "href" in said else []
        if tag not in VOID | SELF_CLOSED:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script" and data.strip():
            self.wrong.append("<script> brings script in the page")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


def page_at(demonstration: Demonstration, path: str) -> Page:
    answer = demonstration.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    assert len(answer.content) < KILOBYTES_MAX * 1000, f"{path} has {len(answer.content)} bytes"
    page = Page(answer.text)
    assert not page.wrong, f"{path}: {page.wrong}"
    assert len(page.ids) == len(set(page.ids)), f"{path} has an id twice"
    return page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_small_and_sound_at_any_moment(demonstration: Demonstration, path: str) -> None:
    page_at(demonstration, path)
    page_at(demonstration, at(path, demonstration.samples_alone))
    for early in (demonstration.before_all, "0", "150"):
        if path.startswith(("/pledges/", "/entities/")):
            assert demonstration.get(at(path, early)).status_code in (200, 404)
        else:
            page_at(demonstration, at(path, early))


def at(path: str, moment: str) -> str:
    """The page as of a moment."""
    return f"{path}{'&' if '?' in path else '?'}as_of={moment}"


def test_every_link_leads_somewhere(demonstration: Demonstration) -> None:
    waiting, seen, ids = deque(["/"]), {"/"}, {}
    anchors: set[tuple[str, str]] = set()
    while waiting:
        path = waiting.popleft()
        page = page_at(demonstration, path)
        ids[path] = set(page.ids)
        for link in page.links:
            target, anchor = urldefrag(link)
            target = target or path
            if urlsplit(target).netloc:
                continue
            if anchor:
                anchors.add((target, anchor))
            if target not in seen and len(seen) < LINKS_MAX:
                seen.add(target)
                if urlsplit(target).path.endswith(NO_PAGES):
                    assert demonstration.get(target).status_code == 200, target
                else:
                    waiting.append(target)
    assert not {one for one in anchors if one[0] in ids and one[1] not in ids[one[0]]}
    assert len([path for path in ids if path.startswith("/pledges/2022-")]) >= SAMPLES


def test_what_people_wrote_stays_words(demonstration: Demonstration) -> None:
    for path in (f"/pledges/{demonstration.hostile}", "/pledges", "/", f"/pledges?q={quote(HOSTILE)}"):
        page_at(demonstration, path)
    shown = demonstration.get(f"/pledges/{demonstration.hostile}").text
    assert "&lt;script&gt;alert(" in shown
    assert HOSTILE not in shown
    assert shown.count("&amp;lt;") == 0


def test_content_keeps_its_language_and_direction(demonstration: Demonstration) -> None:
    shown = demonstration.get(f"/pledges/{demonstration.arabic}").text
    assert f'<h1 lang="ar"><bdi>{ARABIC}</bdi></h1>' in shown
    assert '<html lang="en" dir="ltr">' in shown


def test_no_cell_is_calculated(demonstration: Demonstration) -> None:
    for path in (f"/pledges/{demonstration.formula}.csv", "/pledges.csv"):
        text = demonstration.get(path).content.decode()
        assert "'=HYPERLINK" in text
        assert f",{FORMULA}" not in text
        assert ',"=HYPERLINK' not in text


def test_a_demonstration_says_so_on_every_page(demonstration: Demonstration) -> None:
    for path in (*PAGES, "/nowhere"):
        assert "Demonstration." in demonstration.get(path).text, path


def test_pages_carry_the_note_the_licence_and_how_to_cite(demonstration: Demonstration) -> None:
    for path in PAGES:
        shown = demonstration.get(path).text
        assert "do not imply the expression of any opinion" in shown
        assert "CC BY 4.0" in shown
        assert "<cite>Register of IMRF pledges, “" in shown


def test_the_address_to_cite_shows_the_same_for_ever(demonstration: Demonstration) -> None:
    shown = demonstration.get(f"/pledges/{demonstration.joint}?lang=en").text
    cited = shown.split("<cite>")[1].split("</cite>")[0].rsplit(", ", 1)[1].replace("&amp;", "&")
    assert "as_of=" in cited
    again = demonstration.get(cited.removeprefix(demonstration.live.url)).text
    assert words_of_record(again) == words_of_record(shown)


def words_of_record(shown: str) -> list[str]:
    """What the record says, without its links."""
    return re.sub(
        r"<[^>]*>", " ", shown.split('<dl class="figures', 1)[1].split('<p class="tools data', 1)[0]
    ).split()


def test_pages_are_kept_by_no_cache_unasked_and_vary_by_language(demonstration: Demonstration) -> None:
    answer = demonstration.get("/")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Accept-Language" in answer.headers["Vary"]
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
