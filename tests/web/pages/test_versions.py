"""Two versions of a pledge side by side: fields, words, and what happened in between."""

from __future__ import annotations

from projections.timeline.versions import difference, erased_between, versions
from tests.web.demonstration import Demonstration
from web.pages.versions import compared_words


def test_changes_in_a_row_are_told_once_and_undone_ones_not_at_all() -> None:
    told = [
        ("pledge.made", {"percent": 0, "title": "A"}), ("x", {"percent": 20}), ("x", {"title": "B"}),
        ("x", {"percent": 40}), ("x", {"title": "A"}), ("x", {"percent": 50}),
    ]  # fmt: skip
    entries = [
        {"position": at, "name": name, "changes": [{"field": f, "after": v} for f, v in said.items()]}
        for at, (name, said) in enumerate(told, 1)
    ]
    assert difference(entries, 1, 5) == [{"field": "percent", "before": 0, "after": 40}]
    assert difference(entries, 0, 1) == [
        {"field": "percent", "before": None, "after": 0}, {"field": "title", "before": None, "after": "A"},
    ]  # fmt: skip
    assert difference(entries, 5, 5) == []


def test_what_was_erased_is_told_of_the_version_that_said_it() -> None:
    """What the public reads of a submission that it may not see, it reads in the publication."""
    said = [
        ("pledge.made", ["title", "description"]), ("x", ["percent"]), ("x", ["title"]), ("x", ["percent"]),
    ]  # fmt: skip
    entries = [
        {
            **dict.fromkeys(("recorded_at", "effective_on", "actor")), "position": at, "name": name,
            "changes": [{"field": field, "after": at} for field in fields],
        }
        for at, (name, fields) in enumerate(said, 2)
    ]  # fmt: skip
    title, description, reason, later = erased = [
        {"position": 1, "part": "payload.content.title"}, {"position": 2, "part": "payload.description"},
        {"position": 3, "part": "payload.reason"}, {"position": 6, "part": "payload.reason"},
    ]  # fmt: skip
    told = [one["erased"] for one in versions(entries, erased)]
    assert told == [[title, description], [reason], [], []]
    table = {
        (0, 5): [title, description, reason], (0, 2): [title, description], (3, 3): [reason], (4, 5): [],
        (3, 4): [title, reason], (2, 2): [title, description], (5, 5): [],
    }  # fmt: skip
    for (begin, end), expected in table.items():
        assert erased_between(entries, erased, begin, end) == expected, (begin, end)
    assert later not in erased_between(entries, erased, 0, 6)


def test_words_are_compared_word_by_word() -> None:
    found = compared_words("Build ten schools", "Build twenty schools")
    assert found == [("same", "Build "), ("gone", "ten"), ("new", "twenty"), ("same", " schools")]
    assert compared_words("移民", "移居") == [("same", "移"), ("gone", "民"), ("new", "居")]
    assert compared_words(None, "new") is None
    assert compared_words("a " * 2_000, "b") is None


def test_two_versions_differ_by_what_was_recorded_between(demonstration: Demonstration) -> None:
    path = f"/pledges/{demonstration.joint}"
    history = demonstration.live.anonymous.get(f"{path}/history").json["items"]
    amended = next(entry for entry in history if entry["name"] == "pledge.amended")
    around = f"from={amended['position'] - 1}&to={amended['position']}"
    found = demonstration.get(f"{path}/changes.json?{around}").json()
    assert found["changes"] == [c for c in amended["changes"] if c["before"] != c["after"]]
    assert [entry["position"] for entry in found["between"]] == [amended["position"]]
    page = demonstration.get(f"{path}/changes?{around}").text
    assert "True from" in page
    assert f"/log/{amended['position']}" in page
    assert demonstration.get(f"{path}/changes.csv?{around}").text.startswith("field,before,after,erased\r\n")
    assert f"{path}/changes" in demonstration.get(path).text


def test_what_cannot_be_compared_is_refused(demonstration: Demonstration) -> None:
    path = f"/pledges/{demonstration.joint}/changes"
    for query in ("from=9&to=8", "from=x", "to=999999999", "from=-1"):
        assert demonstration.get(f"{path}?{query}").status_code == 422
    assert demonstration.get("/pledges/2022-9999/changes").status_code == 404
