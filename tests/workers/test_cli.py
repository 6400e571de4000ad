"""The command line: it answers at once, says what is wrong in one line, and prints a token once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.reference.states import state_id
from projections.composition import Runtime
from tests.workers.conftest import Pledges
from workers.cli import main

LAZY = ("psycopg", "flask", "msgspec", "eventsourcing", "granian", "rich", "xlsxwriter")


def test_help_answers_at_once() -> None:
    code = f"""
import sys
from workers.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
print([name for name in {LAZY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    for command in ("serve", "import", "export", "accounts", "rebuild", "status", "migrate", "web", "work"):
        assert command in done.stdout


def test_python_m_workers_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workers", "--help"], capture_output=True, text=True, check=True
    )
    assert "The register of IMRF pledges." in done.stdout


def test_a_bad_setting_stops_in_one_line(pledges: Pledges, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEDGES_LOG", "loud")
    result = pledges("status")
    assert result.exit_code == 1
    assert result.stderr == "pledges: PLEDGES_LOG is json or text, not loud\n"


@pytest.mark.parametrize("command", ["status", "migrate"])
def test_a_database_that_is_away_is_said_in_one_line(
    pledges: Pledges, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    result = pledges(command)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("pledges: DATABASE_URL: the database ")


def test_what_libraries_complain_of_does_not_stand_beside_that_line(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "workers", "status"]
    away = {**os.environ, **environment, "DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    done = subprocess.run(command, env=away, capture_output=True, text=True, check=False)
    assert done.stderr == "pledges: DATABASE_URL: the database does not answer\n"


def test_a_database_that_was_never_migrated_is_refused(
    environment: dict[str, str], bare_database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", bare_database.owner_url)  # type: ignore[attr-defined]
    result = CliRunner().invoke(main, ["accounts", "list"])
    assert result.exit_code == 1
    assert "pledges migrate" in result.stderr


# -- accounts


def test_an_account_is_added_with_a_role_and_a_token_that_is_shown_once(
    pledges: Pledges, runtime: Runtime
) -> None:
    result = pledges(
        "accounts", "add", "Ana@Example.org", "--role", "pledger", "--entity", "كينيا", "--token"
    )
    token = result.stdout.splitlines()[-1].removeprefix("token: ")
    actor = runtime.signing_in.actor_of_token(token)
    assert actor is not None
    assert actor.own_entities == {state_id("KEN")}
    assert token not in pledges("accounts", "list", "--json").stdout
    assert "ana@example.org: pledger for Kenya" in pledges("accounts", "list").stdout


def test_an_invitation_is_a_link_of_the_account(pledges: Pledges, runtime: Runtime) -> None:
    pledges("accounts", "add", "ana@example.org", "--role", "secretariat")
    first, second = (
        pledges("accounts", "invite", "ANA@example.org").stdout.strip().partition("/invitation?key=")[2]
        for _ in range(2)
    )
    assert runtime.links.account_of(second, "invitation") == runtime.people.account_of("ana@example.org")
    assert runtime.links.account_of(first, "invitation") is None
    assert pledges("accounts", "invite", "bea@example.org").exit_code == 1


def test_an_account_is_added_once_and_takes_more_roles(pledges: Pledges) -> None:
    pledges("accounts", "add", "ana@example.org", "--role", "pledger", "--entity", "KEN")
    pledges("accounts", "add", "ANA@example.org", "--role", "pledger", "--entity", "Uganda")
    (person,) = json.loads(pledges("accounts", "list", "--json").stdout)
    assert [role["entity"] for role in person["roles"]] == ["Kenya", "Uganda"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "ana@example.org", "--role", "pledger", "--entity", "Atlantis"], "“Atlantis” is no entity"),
        (["add", "ana@example.org", "--role", "pledger"], "a pledger acts for an entity"),
        (["add", "ana", "--role", "secretariat"], "is no e-mail address"),
        (["grant", "ana@example.org", "--role", "secretariat"], "there is no account of ana@example.org"),
        (["suspend", "ana@example.org", "--reason", "left"], "there is no account"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(pledges: Pledges, arguments: list[str], said: str) -> None:
    result = pledges("accounts", *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("entity", [["--entity", "Atlantis"], []])
def test_a_role_that_cannot_be_leaves_nobody_behind(pledges: Pledges, entity: list[str]) -> None:
    assert pledges("accounts", "add", "ana@example.org", "--role", "pledger", *entity).exit_code == 1
    assert pledges("accounts", "list", "--json").stdout.strip() == "[]"


def test_roles_are_granted_revoked_and_suspended(pledges: Pledges, runtime: Runtime) -> None:
    added = pledges("accounts", "add", "ana@example.org", "--role", "secretariat", "--token")
    token = added.stdout.splitlines()[-1].removeprefix("token: ")
    assert (
        pledges("accounts", "grant", "ana@example.org", "--role", "auditor", "--until", "2199").exit_code == 0
    )
    assert pledges("accounts", "revoke", "ana@example.org", "--role", "secretariat").stdout == "done\n"
    assert "so before" in pledges("accounts", "revoke", "ana@example.org", "--role", "secretariat").stdout
    actor = runtime.signing_in.actor_of_token(token)
    assert actor is not None
    assert [grant.role for grant in actor.grants] == ["auditor"]
    pledges("accounts", "suspend", "ana@example.org", "--reason", "left")
    assert runtime.signing_in.actor_of_token(token) is None
    pledges("accounts", "reinstate", "ana@example.org")
    assert runtime.signing_in.actor_of_token(token) is not None


def test_one_token_is_revoked_and_the_others_go_on(pledges: Pledges, runtime: Runtime) -> None:
    def added(label: str) -> str:
        said = ("--role", "secretariat", "--token", "--label", label)
        return pledges("accounts", "add", "ana@example.org", *said).stdout.splitlines()[-1][len("token: ") :]

    lost, kept = added("laptop"), added("nightly job")
    assert runtime.signing_in.actor_of_token(kept) is not None
    listed = pledges("accounts", "tokens", "ana@example.org", "--json").stdout
    laptop, nightly = json.loads(listed)
    assert (laptop["label"], nightly["label"]) == ("laptop", "nightly job")
    assert (laptop["last_used_at"], laptop["revoked_at"]) == (None, None)
    assert nightly["last_used_at"] is not None
    assert lost not in listed
    assert runtime.signing_in.actor_of_token(lost) is not None

    revoke = ("accounts", "revoke-token", "ana@example.org", laptop["id"], "--reason", "The laptop is lost")
    assert pledges(*revoke).stdout == "done\n"
    assert runtime.signing_in.actor_of_token(lost) is None, "at once"
    assert runtime.signing_in.actor_of_token(kept) is not None
    assert "so before" in pledges(*revoke).stdout
    first, second = pledges("accounts", "tokens", "ana@example.org").stdout.splitlines()
    assert first.startswith(f"{laptop['id']} “laptop”: made 20")
    assert ", revoked 20" in first
    assert "revoked" not in second


def test_only_a_token_of_the_account_is_revoked(pledges: Pledges, runtime: Runtime) -> None:
    for email in ("ana@example.org", "ben@example.org"):
        pledges("accounts", "add", email, "--role", "secretariat", "--token")
    (other,) = json.loads(pledges("accounts", "tokens", "ben@example.org", "--json").stdout)
    refused = pledges("accounts", "revoke-token", "ana@example.org", other["id"])
    assert (refused.exit_code, refused.stderr) == (
        1,
        f"pledges: The account has no token {other['id']}.\n",
    )
    assert json.loads(pledges("accounts", "tokens", "ben@example.org", "--json").stdout) == [other]
    assert pledges("accounts", "revoke-token", "ana@example.org", "laptop").exit_code == 2
    assert pledges("accounts", "tokens", "nobody@example.org").exit_code == 1


# -- the database as a whole


def test_status_says_where_everything_stands(pledges: Pledges) -> None:
    pledges("rebuild")
    status = json.loads(pledges("status", "--json").stdout)
    assert status["position"] == 196
    assert status["checkpoint"] is None
    assert int(status["postgresql"].split(".")[0]) >= 15
    assert {model["state"] for model in status["read_models"]} == {"live"}
    assert {model["lag"] for model in status["read_models"]} == {0}
    assert "board" in pledges("status").stdout
    assert status["files"]["problem"] is None
    assert set(status["notices"]) == {"waiting", "since"}
    assert "wait for their letters" in pledges("status").stdout


def test_status_says_that_files_are_away(
    pledges: Pledges, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pledges("rebuild")
    (tmp_path / "file").touch()
    monkeypatch.setenv("PLEDGES_FILES", str(tmp_path / "file" / "below"))
    told = pledges("status")
    assert told.exit_code == 1
    assert "files of evidence: PLEDGES_FILES cannot be used" in told.stdout


def test_read_models_are_rebuilt_and_compared(pledges: Pledges) -> None:
    pledges("cycles", "open", "2026", "--on", "2026-05-01")
    result = pledges("rebuild", "entities", "board")
    assert result.exit_code == 0
    assert all(line.endswith("equal") for line in result.stdout.splitlines())
    refused = pledges("rebuild", "nothing")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "there is no read model nothing" in refused.stderr


def test_a_cycle_is_opened(pledges: Pledges) -> None:
    forum = ("--forum-from", "2026-05-05", "--forum-to", "2026-05-08")
    result = pledges("cycles", "open", "2026", "--on", "2026-05-01", *forum)
    assert result.stdout == "cycle 2026 takes pledges from 2026-05-01 on\n"
    again = pledges("cycles", "open", "2026", "--on", "2026-05-01", *forum)
    assert "open before" in again.stdout


def test_exports_go_to_stdout_or_to_a_file_that_is_whole(pledges: Pledges, tmp_path: Path) -> None:
    assert pledges("export", "pledges", "--format", "jsonl").stdout == ""
    assert pledges("export", "pledges").stdout.startswith("ref,title,pledger,")
    assert pledges("export", "iati").stdout.endswith("</iati-activities>\n")
    refused = pledges("export", "pledges", "-o", tmp_path / "nowhere" / "out.csv")
    assert refused.exit_code == 1
    assert "cannot be written" in refused.stderr
    future = pledges("export", "pledges", "--as-of", "2199-01-01", "-o", tmp_path / "out.csv")
    assert future.exit_code == 1
    assert list(tmp_path.glob("out*")) == []
