"""The tree against published vectors, and against the definition of RFC 6962 taken word for word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.log.merkle import (
    EMPTY_ROOT,
    TILE_WIDTH,
    above,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    node_hash,
    root,
    root_from_inclusion,
)

# The eight leaves and nine roots that the implementations of Certificate Transparency are tested with.
LEAVES = [
    b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43",
    bytes(range(0x50, 0x58)), bytes(range(0x60, 0x70)),
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = st.one_of(st.integers(1, 40), st.integers(1, 3 * TILE_WIDTH))


class Kept:
    """The rows of a tree, as a log keeps them."""

    def __init__(self) -> None:
        self.rows: dict[int, list[bytes]] = {}
        self.size = 0

    def __call__(self, level: int, begin: int, end: int) -> list[bytes]:
        row = self.rows[level]
        assert 0 <= begin < end <= len(row), "asked for what is not kept"
        return row[begin:end]

    def add(self, leaves: Sequence[bytes]) -> None:
        self.rows.setdefault(0, []).extend(leaves)
        before, self.size = self.size, self.size + len(leaves)
        for level, begin, hashes in above(self, before, self.size):
            row = self.rows.setdefault(level, [])
            assert len(row) == begin
            row += hashes


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]


def kept(size: int) -> Kept:
    tree = Kept()
    tree.add(leaves_of(size))
    return tree


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over hashes of leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(naive_root(leaves[:middle]), naive_root(leaves[middle:]))


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    if index < middle:
        return [*naive_path(index, leaves[:middle]), naive_root(leaves[middle:])]
    return [*naive_path(index - middle, leaves[middle:]), naive_root(leaves[:middle])]


def naive_proof(old: int, leaves: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if old == len(leaves):
        return [] if known else [naive_root(leaves)]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    if old <= middle:
        return [*naive_proof(old, leaves[:middle], known=known), naive_root(leaves[middle:])]
    return [*naive_proof(old - middle, leaves[middle:], known=False), naive_root(leaves[:middle])]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    tree = Kept()
    tree.add([leaf_hash(leaf) for leaf in LEAVES[:size]])
    assert root(tree, size).hex() == ROOTS[size]


def test_published_audit_path() -> None:
    tree = Kept()
    tree.add([leaf_hash(leaf) for leaf in LEAVES])
    assert [one.hex() for one in inclusion_proof(tree, 5, 8)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(SIZES)
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root(kept(size), size) == naive_root(leaves_of(size))


def test_the_third_level_of_tiles() -> None:
    size = TILE_WIDTH**2 + 3
    tree = kept(TILE_WIDTH**2 - 1)
    tree.add(leaves_of(size)[TILE_WIDTH**2 - 1 :])
    assert [len(tree.rows[level]) for level in range(3)] == [size, TILE_WIDTH, 1]
    assert root(tree, size) == naive_root(leaves_of(size))


@given(SIZES, st.data())
def test_a_tree_grows_to_the_same_rows_however_it_is_cut(size: int, data: st.DataObject) -> None:
    tree, leaves = Kept(), leaves_of(size)
    while leaves:
        count = data.draw(st.integers(1, len(leaves)))
        tree.add(leaves[:count])
        del leaves[:count]
    assert tree.rows == kept(size).rows


@given(st.integers(1, 2 * TILE_WIDTH + 5), st.data())
def test_inclusion_is_proven_as_defined_and_of_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tree, leaves = kept(size + 3), leaves_of(size)
    proof, expected = inclusion_proof(tree, index, size), naive_root(leaves)
    assert proof == naive_path(index, leaves)
    assert root_from_inclusion(leaves[index], index, size, proof) == expected
    other = data.draw(st.integers(0, size).filter(lambda place: place != index))
    assert root_from_inclusion(leaves[index], other, size, proof) != expected
    assert root_from_inclusion(leaf_hash(b"other"), index, size, proof) != expected
    assert root_from_inclusion(leaves[index], index, size, [*proof, expected]) is None
    if proof:
        broken = data.draw(st.integers(0, len(proof) - 1))
        bent = [flipped(one) if place == broken else one for place, one in enumerate(proof)]
        assert root_from_inclusion(leaves[index], index, size, bent) != expected
        assert root_from_inclusion(leaves[index], index, size, proof[:-1]) is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 255, 256, 257, 300, 513])
def test_every_leaf_is_proven(size: int) -> None:
    tree, leaves = kept(size), leaves_of(size)
    for index, leaf in enumerate(leaves):
        assert root_from_inclusion(leaf, index, size, inclusion_proof(tree, index, size)) == root(tree, size)


@given(st.integers(0, 2 * TILE_WIDTH + 5), st.integers(0, 300), st.data())
def test_consistency_is_proven_as_defined_and_of_nothing_else(
    old: int, more: int, data: st.DataObject
) -> None:
    new = old + more
    tree, leaves = kept(max(new, 1)), leaves_of(new)
    before, after = naive_root(leaves[:old]), naive_root(leaves)
    proof = consistency_proof(tree, old, new)
    assert proof == (naive_proof(old, leaves) if old else [])
    assert is_consistent(old, before, new, after, proof)
    assert not is_consistent(old, flipped(before), new, after, proof)
    assert not is_consistent(old, before, new, after, [*proof, after])
    if old:
        assert not is_consistent(old, before, new, flipped(after), proof)
    if proof:
        broken = data.draw(st.integers(0, len(proof) - 1))
        bent = [flipped(one) if place == broken else one for place, one in enumerate(proof)]
        assert not is_consistent(old, before, new, after, bent)
        assert not is_consistent(old, before, new, after, proof[:-1])


def test_what_is_not_there_is_not_proven() -> None:
    tree = kept(5)
    for index in (5, -1):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(tree, index, 5)
    with pytest.raises(ValueError, match="grew"):
        consistency_proof(tree, 6, 5)
    assert root_from_inclusion(b"", 5, 5, []) is None
    assert not is_consistent(6, b"", 5, b"", [])
    assert is_consistent(0, EMPTY_ROOT, 5, root(tree, 5), [])
    assert not is_consistent(0, root(tree, 5), 5, root(tree, 5), [])


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]
