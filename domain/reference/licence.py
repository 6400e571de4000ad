"""The licence of the data, and what goes with the names in them. Said here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence by its name, its short name and its address."""

    name: str
    short: str
    url: str

    def __str__(self) -> str:
        return f"{self.name} ({self.short})"


LICENCE = Licence(
    "Creative Commons Attribution 4.0 International",
    "CC BY 4.0",
    "https://creativecommons.org/licenses/by/4.0/",
)
BOUNDARIES = (
    "The names used here and the way places are shown express no opinion on the legal status of any "
    "country, territory, city or area, of its authorities, or of its frontiers or boundaries."
)
REGISTER = "Register of IMRF pledges"
