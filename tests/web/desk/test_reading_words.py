"""What auditors read is told in words, whatever door it came through."""

from __future__ import annotations

import pytest

from tests.web.browsing import at_desk
from tests.web.live import KENYA, Register
from tests.web.pledges import recorded
from web.app import create_app
from web.desk.reading_words import asked_in_words, operation_in_words
from web.readings import PAGES_SHOW_MORE, SHOW_MORE


def test_everything_that_is_written_down_has_words(live: Register) -> None:
    app = create_app(live.runtime)
    known = set(app.view_functions)
    asked = {
        name
        for rule in app.url_map.iter_rules()
        if rule.endpoint in SHOW_MORE | PAGES_SHOW_MORE
        for name in rule.arguments - {"reference"}
    }
    with app.test_request_context("/"):
        for endpoint in (SHOW_MORE | PAGES_SHOW_MORE) & known:
            assert "." not in operation_in_words(endpoint)[0]
        assert operation_in_words("pages.pledge") == ("A pledge", None)
        assert operation_in_words("pages.events_csv") == ("Events, searched", "CSV")
        assert operation_in_words("pledges.show") == ("A pledge", "API")
        for name in asked:
            assert asked_in_words(name) != name, name


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "A pledge"), ("fr", "Un engagement"), ("ar", "تعهد")],
)
def test_an_auditor_finds_in_words_what_was_read(live: Register, lang: str, words: str) -> None:
    pledge = recorded(live, KENYA).json
    auditor = at_desk(live, "auditor")
    auditor.get(f"/pledges/{pledge['reference']}")
    page = auditor.get(f"/desk/readings?lang={lang}").text
    assert f"<div>{words}" in page
    assert "pages.pledge" not in page
    assert f"<bdi>{pledge['reference']}</bdi>" in page
