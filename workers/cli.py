"""The commands, as a table of contents: each imports what it needs when called, so --help answers at once.

Must not know how anything is done.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from click.core import ParameterSource

from workers.document_commands import deposit, import_file, reconcile
from workers.mail_commands import bounced

ROLES = ("pledger", "validator", "assessor", "secretariat", "auditor", "administrator")


class Commands(click.Group):
    """Says in one line on stderr what only an operator can mend."""

    def invoke(self, ctx: click.Context) -> Any:
        from domain.errors import RegisterError
        from projections.problems import OperatorProblem

        try:
            return super().invoke(ctx)
        except (OperatorProblem, RegisterError) as problem:
            click.echo(f"pledges: {problem}", err=True)
            sys.exit(1)
        except click.BadParameter as problem:
            if (setting := _setting_at_fault(problem)) is None:
                raise
            click.echo(f"pledges: {setting}: {problem.message}", err=True)
            sys.exit(1)


def _setting_at_fault(problem: click.BadParameter) -> str | None:
    """The environment's variable that a bad value came from, unless it was given as an option."""
    option, context = problem.param, problem.ctx
    if option is None or context is None:
        return None
    came_from = context.get_parameter_source(option.name)
    return str(option.envvar) if came_from is ParameterSource.ENVIRONMENT else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pledges", prog_name="pledges")
@click.option("--die-with", type=int, hidden=True)
def main(die_with: int | None) -> None:
    """The register of IMRF pledges."""
    if die_with is not None:
        from workers import lifeline

        lifeline.die_with(die_with)


# -- running it

host_option = click.option("--host", metavar="HOST", default="127.0.0.1", show_default=True)
port_option = click.option(
    "--port", metavar="N", type=click.IntRange(1, 65535), default=8000, show_default=True, envvar="PORT"
)
processes_option = click.option(
    "--processes", metavar="N", type=click.IntRange(1, 64), default=2, show_default=True
)


@main.command()
@host_option
@port_option
@processes_option
@click.option("--sample", is_flag=True, help="Load the sample pledges, once, into an empty register.")
def serve(host: str, port: int, processes: int, sample: bool) -> None:  # noqa: FBT001
    """Run everything: database, migrations, projector, web."""
    from workers import serve as of_serve

    of_serve.serve(host, port, processes, sample=sample)


@main.command()
@host_option
@port_option
@processes_option
def web(host: str, port: int, processes: int) -> None:
    """Run the web server alone."""
    from workers.web_server import serve_web

    serve_web(host, port, processes)


@main.command()
def work() -> None:
    """Run the projector alone."""
    from workers import work as of_work

    of_work.work()


@main.command()
def migrate() -> None:
    """Bring the database to the shape that this version expects."""
    from workers.maintenance import migrate_database

    migrate_database()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def status(as_json: bool) -> None:  # noqa: FBT001
    """Say which versions run, how far each read model is, and what the self-check found.

    Exit 1: a read model has stopped, or something in the store does not fit.
    """
    from workers.maintenance import say_status

    sys.exit(say_status(as_json=as_json))


@main.command()
@click.option("--new-key", is_flag=True, help="Sign under another key from now on.")
@click.option("--reason", metavar="WORDS", help="Why the key is changed.")
@click.option("--lost", metavar="DECISION", help="The key is lost: the decision to go on.")
def checkpoint(new_key: bool, reason: str | None, lost: str | None) -> None:  # noqa: FBT001
    """Sign a checkpoint of the log: a promise that what was recorded stays as it is."""
    from workers.checkpointing import sign_checkpoint
    from workers.running import the_register

    if new_key != bool(reason):
        raise click.UsageError("--new-key and --reason go together: a key is changed for a reason")
    if lost is not None and not new_key:
        raise click.UsageError(
            "--lost goes with --new-key and --reason: another key takes the lost one's place"
        )
    with the_register() as runtime:
        sign_checkpoint(runtime, reason, lost)


@main.command()
@click.option("-o", "--output", "path", metavar="FILE", type=click.Path(path_type=Path), required=True)
@click.option("--as", "email", metavar="EMAIL", help="With the events that this account may read.")
@click.option("--public", is_flag=True, help="With the events that everybody may read.")
@click.option("--at", metavar="SIZE", type=click.IntRange(min=1), help="Under the checkpoint of this size.")
def bundle(path: Path, email: str | None, public: bool, at: int | None) -> None:  # noqa: FBT001
    """Write an auditor's pack: the events, what was signed about them, and the public board.

    Without --as and --public it holds all events, for an operator. What somebody may not read is in it by its
    digests.
    """
    from workers.accounts import actor_called
    from workers.bundling import write_bundle
    from workers.running import the_register

    if email and public:
        raise click.UsageError("--as and --public are two different pairs of eyes; give one of them")
    with the_register() as runtime:
        viewer = actor_called(runtime, email) if email else None
        write_bundle(runtime, path, viewer=viewer, public=public, at=at)


@main.command()
@click.argument("path", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--key", "key_file", metavar="FILE", type=click.Path(path_type=Path), help="The key you trust.")
@click.option(
    "--older", metavar="BUNDLE", type=click.Path(path_type=Path), help="See that this grew from it."
)
def verify(path: Path, key_file: Path | None, older: Path | None) -> None:
    """Check an auditor's pack offline: every event, the tree, all signatures, and the board."""
    from workers.verifying import verify_bundle

    sys.exit(verify_bundle(path, key_file, older))


@main.command()
@host_option
@port_option
@click.option("--name", metavar="NAME", required=True, help="What the witness is called.")
@click.option("--memory", metavar="DIR", type=click.Path(path_type=Path), required=True)
@click.argument("logs", metavar="LOG-KEY…", nargs=-1, required=True)
def witness(host: str, port: int, name: str, memory: Path, logs: tuple[str, ...]) -> None:
    """Run a witness: it signs checkpoints of logs that grow, and remembers what it signed."""
    from workers.witness import run_witness

    run_witness(host, port, name, memory, logs)


@main.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write.",
)
@click.option(
    "--with-keys",
    is_flag=True,
    help="Put the private keys into it: whoever reads the file can then sign in the log's name.",
)
def backup(output: Path, with_keys: bool) -> None:  # noqa: FBT001
    """Write all that is needed into one file, while the register runs."""
    from workers.backups import back_up

    sys.exit(back_up(output, with_keys=with_keys))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(file: Path) -> None:
    """Make the register of a backup FILE, in an empty data directory or database."""
    from workers.backups import restore_from

    restore_from(file)


@main.command()
@click.argument("read_models", nargs=-1, metavar="[READ-MODEL]…")
def rebuild(read_models: tuple[str, ...]) -> None:
    """Build read models anew beside the live ones, compare, and switch; without a name, all of them."""
    from workers.maintenance import rebuild_read_models
    from workers.running import the_register

    with the_register() as runtime:
        sys.exit(rebuild_read_models(runtime, read_models))


@main.command()
@click.argument("position", type=click.IntRange(min=1), metavar="POSITION")
@click.argument("part", metavar="PART")
@click.option("--ground", metavar="WORDS", required=True, help="The legal reason. Everybody can read it.")
@click.option("--decision", metavar="WORDS", required=True, help="The Secretariat's decision, as filed.")
@click.option("--date", metavar="DATE", help="The decision's date; without it, today's.")
@click.option(
    "--dry-run", is_flag=True, help="Say what would be erased, and where else it is; erase nothing."
)
def erase(position: int, part: str, dry_run: bool, **said: str) -> None:  # noqa: FBT001
    """Erase words for ever: a PART, such as payload.content.title, of the event at POSITION."""
    from domain.log.commands import EraseField
    from domain.recording import Authority
    from workers import erasing
    from workers.running import the_register

    decision = Authority(kind="document", reference=said["decision"], date=said["date"])
    command = EraseField(position=position, part=part, ground=said["ground"], authority=decision)
    with the_register() as runtime:
        erasing.erase(runtime, command, dry_run=dry_run)


# -- accounts

role_option = click.option("--role", type=click.Choice(ROLES), required=True)
entity_option = click.option("--entity", metavar="NAME", help="Exact name or alias in any language, or ISO3.")


@main.group()
def accounts() -> None:
    """Who may act, and in which role."""


@accounts.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES))
@entity_option
@click.option("--until", metavar="DATE", help="The last day of the role.")
@click.option("--nomination", metavar="TEXT", help="The letter or decision behind it.")
@click.option("--mandate", metavar="TEXT", help="What an assessor's judgement rests on.")
@click.option("--token", is_flag=True, help="Issue an access token and print it, once.")
@click.option("--label", metavar="TEXT", help="What the token is for, to tell it from others.")
def add(email: str, role: Any, entity: str | None, token: bool, **said: str | None) -> None:  # noqa: FBT001
    """Make an account for EMAIL, with a role."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        label = said.pop("label")
        wanted = of_accounts.grant_of(runtime, role, entity, **said) if role else None
        issued = of_accounts.add(runtime, email, wanted, with_token=token, label=label)
    if issued is not None:
        click.echo(f"token: {issued}")


@accounts.command()
@click.argument("email")
def invite(email: str) -> None:
    """Print a link with which EMAIL chooses a password, good once and for two weeks."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        of_accounts.invite(runtime, email)


@accounts.command()
@click.argument("email")
@role_option
@entity_option
@click.option("--until", metavar="DATE", help="The last day of the role.")
@click.option("--nomination", metavar="TEXT", help="The letter or decision behind it.")
@click.option("--mandate", metavar="TEXT", help="What an assessor's judgement rests on.")
def grant(email: str, role: Any, entity: str | None, **said: str | None) -> None:
    """Let the account of EMAIL act in a role."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        of_accounts.grant(runtime, email, of_accounts.grant_of(runtime, role, entity, **said))


@accounts.command()
@click.argument("email")
@role_option
@entity_option
@click.option("--reason", metavar="TEXT")
def revoke(email: str, role: Any, entity: str | None, reason: str | None) -> None:
    """Take a role from the account of EMAIL."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        of_accounts.revoke(runtime, email, role, entity, reason)


@accounts.command()
@click.argument("email")
@click.option("--reason", metavar="TEXT", required=True)
def suspend(email: str, reason: str) -> None:
    """Stop the account of EMAIL from doing anything."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        of_accounts.suspend(runtime, email, reason)


@accounts.command()
@click.argument("email")
def reinstate(email: str) -> None:
    """Let the suspended account of EMAIL act again."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        of_accounts.reinstate(runtime, email)


@accounts.command()
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def tokens(email: str, as_json: bool) -> None:  # noqa: FBT001
    """Show the tokens of EMAIL: what each is for, when it was made and last used."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        of_accounts.tokens(runtime, email, as_json=as_json)


@accounts.command(name="revoke-token")
@click.argument("email")
@click.argument("token", type=click.UUID, metavar="ID")
@click.option("--reason", metavar="TEXT")
def revoke_token(email: str, token: UUID, reason: str | None) -> None:
    """Make one token of EMAIL worthless, at once. `pledges accounts tokens EMAIL` shows the ID of each."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        of_accounts.revoke_token(runtime, email, token, reason)


@accounts.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_accounts(as_json: bool) -> None:  # noqa: FBT001
    """Show everybody who has an account."""
    from workers import accounts as of_accounts
    from workers.running import the_register

    with the_register() as runtime:
        of_accounts.listed(runtime, as_json=as_json)


# -- cycles


@main.group()
def cycles() -> None:
    """The review cycles in which pledges are made."""


@cycles.command(name="open")
@click.argument("cycle", type=int, metavar="YEAR")
@click.option("--on", "opened_on", metavar="DATE", required=True, help="The day from which it takes pledges.")
@click.option("--forum-from", metavar="DATE", help="The first day of its review forum.")
@click.option("--forum-to", metavar="DATE", help="The last day of its review forum.")
@click.option("--basis", metavar="TEXT", help="What these dates rest on.")
def open_cycle(**said: Any) -> None:
    """Open the cycle that is named after YEAR."""
    from domain.cycles.commands import OpenCycle
    from workers.maintenance import open_a_cycle
    from workers.running import the_register

    with the_register() as runtime:
        open_a_cycle(runtime, OpenCycle(**said))


# -- exporting


@main.group()
def export() -> None:
    """Everything that the register shows, as a file."""


@export.command(name="events")
@click.option("--format", "form", type=click.Choice(("jsonl",)), default="jsonl", show_default=True)
@click.option("-o", "--output", "path", metavar="FILE", type=click.Path(path_type=Path))
def export_events(form: str, path: Path | None) -> None:
    """Write all events, with the very bytes that are hashed; to standard output without -o."""
    from workers.exporting import write_events
    from workers.running import the_register

    del form  # there is one
    with the_register() as runtime:
        write_events(runtime, path)


@export.command(name="iati")
@click.option("--as-of", metavar="T", help="A position, a time or a date: as it was then.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; else stdout.")
def export_iati(as_of: str | None, output: Path | None) -> None:
    """Export public financial pledges as IATI 2.03 activities."""
    from workers import exporting
    from workers.running import the_register

    with the_register() as runtime:
        exporting.export_iati(runtime, as_of, output)


@export.command()
@click.option(
    "--format", "form", type=click.Choice(("csv", "xlsx", "jsonl")), default="csv", show_default=True
)
@click.option("--as-of", metavar="T", help="A position, a time or a date: as it was then.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; else stdout.")
def pledges(form: Any, as_of: str | None, output: Path | None) -> None:
    """Export all public pledges."""
    from workers.exporting import export_pledges
    from workers.running import the_register

    with the_register() as runtime:
        export_pledges(runtime, form, as_of, output)


for command in (import_file, deposit, reconcile, bounced):
    main.add_command(command)
