"""A process that writes, or projects, until it is killed. Run by test_kills.py."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from threading import Event
from uuid import UUID

from domain.actors import OPERATOR
from domain.pledges.commands import RecordPledge
from domain.pledges.content import Content
from domain.recording import Authority
from projections.composition import Runtime, build
from projections.database.pool import DatabaseUnavailable
from projections.database.roles import DatabaseUrls
from projections.settings import Settings
from tests.projections.tally import Tally


def write(runtime: Runtime, entity: UUID) -> None:
    """Record pledges; tell each one's command and position once it was acknowledged."""
    while True:
        command_id = runtime.new_id()
        content = Content(title="Places of learning", entity=entity)
        authority = Authority(kind="email", reference="test")
        command = RecordPledge(pledge_id=command_id, content=content, authority=authority)
        while True:
            try:
                outcome = runtime.register.handle(command, by=OPERATOR, command_id=command_id)
            except DatabaseUnavailable:
                time.sleep(0.02)
            else:
                break
        sys.stdout.write(f"done {command_id} {outcome.position}\n")
        sys.stdout.flush()


def main() -> None:
    """`killed.py write|project OWNER_URL APP_URL [ENTITY]`."""
    task, owner, app, *entity = sys.argv[1:]
    settings = Settings(data_dir=Path("/nonexistent"), secret_key="x" * 40)
    runtime = build(settings, DatabaseUrls(owner=owner, app=app, queries=app), read_models=[Tally()])
    if task == "write":
        write(runtime, UUID(entity[0]))
    else:
        runtime.projector().run(Event())


if __name__ == "__main__":
    main()
