from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.log.tiles import Tile, bundle, parse_level, parse_tile, tiles_of


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0), "000"),
        (Tile(7, 3), "007.p/3"),
        (Tile(1_234_067), "x001/x234/067"),  # the example of C2SP tlog-tiles
        (Tile(1000, 255), "x001/000.p/255"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0000",
        "x000/001",
        "001/002",
        "x001",
        "001.p/0",
        "001.p/256",
        "001.p/01",
        "001.p/",
        "٠٠١",
        "001 ",
    ],
)
def test_what_is_no_path_of_a_tile(path: str) -> None:
    assert parse_tile(path) is None


@given(st.integers(0, 10**15), st.integers(1, 256))
def test_each_tile_has_one_path(index: int, width: int) -> None:
    assert parse_tile(Tile(index, width).path) == Tile(index, width)


@pytest.mark.parametrize(("words", "level"), [("0", 0), ("63", 63), ("64", None), ("01", None), ("-1", None)])
def test_levels(words: str, level: int | None) -> None:
    assert parse_level(words) == level


def test_the_tiles_of_a_tree_of_70_000() -> None:  # the example of C2SP tlog-tiles
    assert [len(list(tiles_of(70_000, level))) for level in range(4)] == [274, 2, 1, 0]
    assert list(tiles_of(70_000))[-1] == Tile(273, 112)
    assert list(tiles_of(70_000, 1))[-1] == Tile(1, 17)
    assert list(tiles_of(70_000, 2)) == [Tile(0, 1)]
    assert list(tiles_of(256)) == [Tile(0)]
    assert list(tiles_of(256, 1)) == [Tile(0, 1)]


def test_a_bundle_says_how_long_each_entry_is() -> None:
    assert bundle([b"ab", b"", b"c"]) == b"\x00\x02ab\x00\x00\x00\x01c"
