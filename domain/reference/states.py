"""The 193 Members and two Observer States of the United Nations: codes, M49 regions, names in six languages.

The names express no opinion on status. Knows nothing of what States pledge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, cast
from uuid import UUID

import msgspec

from domain.reference.compact import LANGUAGES
from domain.reference.identifiers import fixed_id
from domain.reference.tables import rows
from domain.reservations import name_key

Membership = Literal["member", "observer"]


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A State in the reference data. `aliases` are other ways to write its name, for recognition only."""

    iso3: str
    iso2: str
    m49: str
    membership: Membership
    region: str
    subregion: str
    intermediate_region: str | None
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.names["en"]

    def name_in(self, language: str) -> str:
        return self.names.get(language, self.name)


# What people write in English where the short name of the United Nations is longer or newer. Only forms that
# can mean one State; never shown.
_OTHER_NAMES = {
    "BRN": ("Brunei",),
    "CIV": ("Ivory Coast",),
    "COD": ("DR Congo", "DRC", "Congo (Democratic Republic of the)"),
    "COG": ("Republic of the Congo", "Congo (Republic of the)"),
    "CPV": ("Cape Verde",),
    "CZE": ("Czech Republic",),
    "FSM": ("Federated States of Micronesia",),
    "GBR": ("United Kingdom", "UK", "Great Britain"),
    "GMB": ("The Gambia",),
    "IRN": ("Islamic Republic of Iran",),
    "KOR": ("South Korea", "Korea (Republic of)"),
    "KGZ": ("Kyrgyz Republic",),
    "KNA": ("St. Kitts and Nevis", "St Kitts and Nevis"),
    "LAO": ("Laos", "Lao PDR"),
    "LCA": ("St. Lucia", "St Lucia"),
    "MDA": ("Moldova",),
    "MKD": ("Macedonia", "The former Yugoslav Republic of Macedonia"),
    "MMR": ("Burma",),
    "NLD": ("The Netherlands", "Kingdom of the Netherlands", "Netherlands (the)"),
    "NRU": ("Nauru",),
    "PRK": ("DPRK", "North Korea"),
    "PSE": ("Palestine",),
    "RUS": ("Russia",),
    "SVK": ("Slovak Republic",),
    "SWZ": ("Swaziland",),
    "SYR": ("Syria",),
    "TLS": ("East Timor",),
    "TUR": ("Turkey", "Tuerkiye"),
    "TZA": ("Tanzania",),
    "USA": ("United States", "US", "U.S.", "U.S.A."),
    "VCT": ("Saint Vincent", "St. Vincent and the Grenadines", "St Vincent and the Grenadines"),
    "VAT": ("Vatican",),
    "VEN": ("Bolivarian Republic of Venezuela",),
    "BOL": ("Plurinational State of Bolivia",),
    "VNM": ("Vietnam",),
}

_FORMAL_PART = re.compile(r"^(?P<name>.+?) \(.+\)$")


def _mended_arabic(name: str) -> str:
    """The name with the sign that the source puts inside the formal part replaced by what it stands for."""
    # Five names have it; a hyphen outside brackets, as in Guinea-Bissau, belongs to the name.
    found = _FORMAL_PART.match(name)
    if found is None:
        return name
    return re.sub(r"(?<= )[-_](?=[ )])", found["name"], name)


def _names(row: Mapping[str, str]) -> dict[str, str]:
    names = {str(language): row[f"name_{language}"] for language in LANGUAGES}
    return {**names, "ar": _mended_arabic(names["ar"])}


def _aliases(iso3: str, names: Mapping[str, str]) -> tuple[str, ...]:
    short = (found["name"] for name in names.values() if (found := _FORMAL_PART.match(name)))
    known = {name_key(name) for name in names.values()}
    kept: dict[str, str] = {}
    for alias in (*short, *_OTHER_NAMES.get(iso3, ())):
        if name_key(alias) not in known:
            kept.setdefault(name_key(alias), alias)
    return tuple(kept.values())


def _state(row: Mapping[str, str]) -> State:
    names = _names(row)
    return State(
        iso3=row["iso3"],
        iso2=row["iso2"],
        m49=row["m49"].zfill(3),
        membership=cast("Membership", row["membership"]),
        region=row["region"],
        subregion=row["subregion"],
        intermediate_region=row["intermediate_region"] or None,
        names=MappingProxyType(names),
        aliases=_aliases(row["iso3"], names),
    )


STATES: Mapping[str, State] = MappingProxyType({row["iso3"]: _state(row) for row in rows("states.csv")})


def state_id(iso3: str) -> UUID:
    """The id of a State as an entity: the same in every register."""
    return fixed_id("state", iso3)


def _keys(state: State) -> Iterator[str]:
    for name in (*state.names.values(), *state.aliases, state.iso3):
        yield name_key(name)


def _unaccented(key: str) -> str:
    letters = unicodedata.normalize("NFD", key.replace("-", " "))
    return "".join(sign for sign in letters if not unicodedata.combining(sign))


_BY_KEY = {key: state for state in STATES.values() for key in _keys(state)}
_BY_UNACCENTED = {_unaccented(key): state for key, state in _BY_KEY.items()}
_BY_ISO2 = {state.iso2: state for state in STATES.values()}
_BY_M49 = {state.m49: state for state in STATES.values()}


def find_state(text: str) -> State | None:
    """The State that a name in any language (accents may be missing), an alias or a code names.

    Two-letter codes count in capitals only: in small letters too many are words.
    """
    said, key = text.strip(), name_key(text)
    return _BY_KEY.get(key) or _BY_UNACCENTED.get(_unaccented(key)) or _BY_ISO2.get(said) or _BY_M49.get(said)


def split_office(text: str) -> tuple[str, str] | None:
    """Name and office of `Portugal (Ministry of Foreign Affairs)`, or None if it does not end in brackets."""
    name, _, office = text.strip().removesuffix(")").rpartition("(")
    if not text.strip().endswith(")") or not name.strip() or not office.strip():
        return None
    return name.strip(), office.strip()


def find_state_and_office(text: str) -> tuple[State, str | None] | None:
    """The State and, if it is written behind it in brackets, the office through which it acts."""
    whole = find_state(text)
    if whole is not None:
        return whole, None
    parts = split_office(text)
    state = find_state(parts[0]) if parts else None
    return (state, parts[1]) if state and parts else None


def region_of(iso3: str | None) -> str | None:
    """The M49 region of a country, by its ISO 3166 alpha-3 code."""
    state = STATES.get(iso3 or "")
    return state.region if state else None


def subregion_of(iso3: str | None) -> str | None:
    """The M49 subregion of a country."""
    state = STATES.get(iso3 or "")
    return state.subregion if state else None
