"""A process that carries out one command of a pledge: `carrying.py NAME COMMAND-AS-JSON COMMAND-ID`."""

from __future__ import annotations

import sys
from uuid import UUID

import msgspec

from domain.actors import OPERATOR
from domain.pledges import commands
from projections.composition import build
from projections.database.roles import urls_of
from projections.settings import read_settings


def main() -> None:
    name, said, command_id = sys.argv[1:]
    settings = read_settings()
    runtime = build(settings, urls_of(settings.database_url or ""))
    command = msgspec.json.decode(said, type=getattr(commands, name))
    runtime.register.handle(command, by=OPERATOR, command_id=UUID(command_id))
    runtime.close()


if __name__ == "__main__":
    main()
