"""The demonstration data: 38 public pledges, loaded once into a register that has none.

Must not know how files are imported.
"""

from __future__ import annotations

import csv
from pathlib import Path

from domain.actors import OPERATOR
from domain.errors import Refused
from domain.imports.decide import SAMPLE
from projections.composition import Runtime
from workers.imports.run import Options, read_and_import

FILE = Path(__file__).parent / "data" / "gcm-pledges.csv"


def load_sample(runtime: Runtime) -> None:
    """Load the sample into an empty register, or complete a loading that was cut off. It is remembered."""
    memory = runtime.import_memory
    begun = memory.shows_samples()
    if (begun and memory.has_sources(_refs())) or (not begun and memory.has_pledges()):
        return
    try:
        read_and_import(runtime, Options(path=FILE, actor=OPERATOR, sample=not begun), quiet=True)
    except Refused as refusal:
        if refusal.code != f"{SAMPLE}-loaded":  # another process was faster
            raise


def _refs() -> list[str]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return [row["ref"] for row in csv.DictReader(file)]
