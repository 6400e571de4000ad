"""What people call a browser and the system that it runs on, from what it calls itself.

A browser calls itself by the names of others too: the order in which names are looked for tells it apart.
"""

from __future__ import annotations

from web.pages.formats import name
from web.pages.language import gettext as _

BROWSERS = (
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chromium/", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("CrOS", "ChromeOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_in_words(said: str | None) -> str:
    """What the browser is that calls itself so: Firefox on Windows."""
    if not said:
        return _("Not stated")
    browser = next((words for sign, words in BROWSERS if sign in said), None)
    system = next((words for sign, words in SYSTEMS if sign in said), None)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=name(browser), system=name(system))
    if system:
        return _("A browser on %(system)s", system=name(system))
    return name(browser) if browser else _("An unknown browser or a program")
