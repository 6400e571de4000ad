"""`pledges backup` and `pledges restore`: all that is needed in one file, and the register made from it.

Must not know what a backup looks like inside.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from domain.errors import UnreadableEvent
from domain.log.checkpoints import hash_words
from domain.log.notes import Verifier
from projections.backup.archive import LOG_KEYS, SECRET_KEY, Backup, BackupProblem, opened
from projections.backup.aside import filled_aside
from projections.backup.making import make_backup
from projections.backup.restoring import Restored, restore_database
from projections.composition import Runtime
from projections.database.embedded import CLUSTER, running_database
from projections.log.keys import KEY_FILE, NEXT_KEY_FILE, KeyProblem, KeyRing
from projections.log.signing import Tampered
from projections.moments import NotReadYet
from projections.settings import SECRET_KEY_FILE, Settings, data_folder, database_address, read_settings
from workers.logs import configure_logs
from workers.progress import Bar
from workers.publishing import latest_copy, publish
from workers.running import the_register, wait_until_readable, wired

DOUBTFUL = ".doubtful"
"""Ends the name of a backup of a register in which something does not fit: no good backup has it."""


def back_up(path: Path, *, with_keys: bool) -> int:
    """Sign what was recorded, look whether all of it fits together, and write all that is needed into a file.

    The exit status is 1 if something does not fit: then the file is written beside, with another name.
    """
    if not database_address() and not (data_folder() / CLUSTER).exists():
        raise BackupProblem(f"there is no register in {data_folder()}: PLEDGES_DATA says where it is")
    with the_register() as runtime:
        return _back_up(runtime, path, with_keys=with_keys)


def _back_up(runtime: Runtime, wanted: Path, *, with_keys: bool) -> int:
    wait_until_readable(runtime, runtime.recorder.max_notification_id() or 0)
    wrong = _what_does_not_fit(runtime)
    try:
        _sign(runtime)
    except (KeyProblem, Tampered, UnreadableEvent) as problem:  # better under an older checkpoint than none
        click.echo(f"pledges: no checkpoint was signed for this backup: {problem}", err=True)
    path = wanted.with_name(wanted.name + DOUBTFUL) if wrong else wanted
    keys = _keys(runtime.settings) if with_keys else {}
    with Bar("backing up") as bar:
        manifest = make_backup(runtime.urls.owner, path, keys, bar.at)
    rows = sum(table.rows for table in manifest.tables)
    click.echo(
        f"{path} holds {manifest.position:,} events and all else that is needed, "
        f"{rows:,} rows of {len(manifest.tables)} tables"
    )
    if with_keys:
        click.echo(
            "It holds the private keys too: whoever reads it can sign in this log's name. "
            "Keep it as you keep the keys.",
            err=True,
        )
    if wrong:
        click.echo(
            f"pledges: this is no good backup, and `pledges restore` refuses it: {wrong} {wanted} is left as "
            "it was. Keep the backups that you have; docs/operations.md says more.",
            err=True,
        )
    return int(wrong is not None)


def _what_does_not_fit(runtime: Runtime) -> str | None:
    try:
        return runtime.log.check(latest_copy(runtime.settings.checkpoints_to))
    except NotReadYet:  # without a tree there is nothing to hold events against; a restore does it
        return None


def _sign(runtime: Runtime) -> None:
    """Sign what the log has grown to; a read model that stands still stops no backup."""
    runtime.notary.adopt_first_key()
    wait_until_readable(runtime, runtime.recorder.max_notification_id() or 0)
    publish(runtime, runtime.notary.sign())


def _keys(settings: Settings) -> dict[str, str]:
    signers = KeyRing(settings).all()
    return {
        SECRET_KEY: settings.secret_key + "\n",
        LOG_KEYS: "".join(f"{signer.words()}\n" for signer in signers),
    }


def restore_from(path: Path) -> None:
    """Make the register that a backup holds, where there is none."""
    with opened(path) as backup:
        if database_address():
            settings = read_settings()
            configure_logs(settings.log, quiet=True)
            restored = _restore_into(settings, backup)
            _bring_keys(backup, settings.data_dir, (KEY_FILE, NEXT_KEY_FILE))
        else:
            restored = _restore_embedded(backup)
    _say(path, backup, restored)
    _say_of_key(read_settings(), restored.key)


def _restore_embedded(backup: Backup) -> Restored:
    folder = data_folder()
    with filled_aside(folder) as aside:
        _refuse_other_keys(backup, folder)
        _bring_keys(backup, aside, (SECRET_KEY_FILE, KEY_FILE, NEXT_KEY_FILE))
        settings = read_settings(data_dir=aside)
        configure_logs(settings.log, quiet=True)
        return _restore_into(settings, backup)


def _restore_into(settings: Settings, backup: Backup) -> Restored:
    with running_database(settings) as urls:
        with Bar("restoring") as bar:
            restored = restore_database(urls.owner, backup, bar.at)
        with wired(settings, urls) as runtime, Bar("building read models") as bar:
            runtime.projector().catch_up(_up_to(bar, restored.position))
            stopped = [one for one in runtime.questions.read_model_status() if one["error"]]
    for model in stopped:
        click.echo(f"pledges: the read model {model['name']} stopped: {model['error']}", err=True)
    return restored


def _up_to(bar: Bar, total: int) -> Callable[[int], None]:
    return lambda reached: bar.at(reached, total)


def _say(path: Path, backup: Backup, restored: Restored) -> None:
    found = restored.checkpoint
    signed = (
        f"the tree has the root {hash_words(found.root)} that was signed at {found.size:,} events"
        if found
        else "no checkpoint was signed before it was made"
    )
    click.echo(
        f"restored {restored.position:,} events and all else, {restored.rows:,} rows of "
        f"{restored.tables} tables, from the backup {path} of {backup.manifest.made_at}: "
        f"every digest holds, and {signed}"
    )


# -- keys


def _files(backup: Backup) -> dict[str, str]:
    """What the backup holds of key files."""
    secret, signers = backup.keys(SECRET_KEY), (backup.keys(LOG_KEYS) or "").split()
    return ({SECRET_KEY_FILE: secret} if secret else {}) | {
        name: f"{words}\n" for name, words in zip((KEY_FILE, NEXT_KEY_FILE), signers, strict=False)
    }


def _refuse_other_keys(backup: Backup, folder: Path) -> None:
    for name, words in _files(backup).items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8").strip() != words.strip():
            raise BackupProblem(
                f"{path} is another key than the backup's: move it away, or the backup's is lost"
            )


def _bring_keys(backup: Backup, folder: Path, wanted: tuple[str, ...]) -> None:
    """Leave the backup's keys where keys are kept; none that is there is written over."""
    for name, words in _files(backup).items():
        if name in wanted and not (folder / name).exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / name
            path.touch(mode=0o600)
            path.write_text(words, encoding="utf-8")


def _say_of_key(settings: Settings, key: Verifier | None) -> None:
    """Say what is missing to sign on with."""
    if key and not KeyRing(settings).has(key):
        click.echo(
            f"pledges: the log is signed under the key {key.key_id.hex()}, which is not here: put it into "
            f"{settings.data_dir / KEY_FILE}, readable by its owner alone, or give it as PLEDGES_LOG_KEY. "
            "Until then everything works, but no checkpoint is signed.",
            err=True,
        )
