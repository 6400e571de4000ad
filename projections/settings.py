"""What the surroundings of the register say about it, read once from the environment.

Must not know what is done with it. Everything else is given a Settings; nothing else reads the environment.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, TypeVar, cast
from urllib.parse import SplitResult, urlsplit

from environs import EnvError, FileAwareEnv
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from domain.log.notes import BadKey, Verifier, parse_signer, parse_verifier
from projections.problems import OperatorProblem

SECRET_KEY_CHARACTERS_MIN = 32
IDENTIFIER_CHARS_MAX = 100
FILES_FOLDER = "files"
SECRET_KEY_FILE = "secret-key"  # noqa: S105 - a file's name

LogForm = Literal["json", "text"]
Network = IPv4Network | IPv6Network
THIS_MACHINE: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
T = TypeVar("T")


class SettingsError(OperatorProblem):
    """A setting is missing or bad; the text names it."""


@dataclass(frozen=True, slots=True)
class WitnessAt:
    """A witness of the log: its address and the key that it signs with."""

    url: str
    key: Verifier


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """Who else may say whose address somebody has: its address, and as what it knows this register."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = "OpenID Connect"
    vouches: bool = False
    """Whether its addresses are taken for verified though it says nothing of that."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set from outside."""

    data_dir: Path
    secret_key: str = field(repr=False)
    database_url: str | None = field(default=None, repr=False)  # None: the embedded one of data_dir
    database_replica_url: str | None = field(
        default=None, repr=False
    )  # None: queries go to the same database
    base_url: str | None = None  # None: whatever address the visitor used
    smtp_url: str | None = field(default=None, repr=False)  # None: nothing is mailed
    log_keys: tuple[str, ...] = field(default=(), repr=False)  # none: the one kept in data_dir
    witnesses: tuple[WitnessAt, ...] = ()
    checkpoints_to: str | None = None  # a directory, or an address that takes PUT
    files: str | None = None  # a directory, or s3://bucket/prefix; None: in data_dir
    iati_organisation: str | None = None  # None: the publisher has no identifier in IATI
    log: LogForm = "text"
    oidc: OpenIdProvider | None = None  # None: people sign in here alone
    proxies: tuple[Network, ...] = THIS_MACHINE
    """Whose word is believed for whom they pass on, `X-Forwarded-For`."""

    @property
    def is_embedded(self) -> bool:
        return self.database_url is None

    @property
    def files_at(self) -> str:
        """Where files of evidence are: a folder, or `s3://bucket/prefix`."""
        return self.files or str(self.data_dir / FILES_FOLDER)


def data_folder() -> Path:
    """The data directory, whether or not it is there."""
    return _setting("PLEDGES_DATA", _folder) or _default_data_dir()


def database_address() -> str | None:
    """The database to use instead of the embedded one."""
    return _setting("DATABASE_URL", _database_address)


def read_settings(data_dir: Path | None = None) -> Settings:
    """Read the environment; where the database is embedded, the secret key is made at the first reading.

    Each setting may be given in a file instead, named by the same name with _FILE at its end. A data
    directory that is given here stands in for the one that is set.
    """
    data_dir = data_dir or data_folder()
    database_url = database_address()
    replica_url = _setting("DATABASE_REPLICA_URL", _database_address)
    if replica_url and not database_url:
        raise SettingsError(
            "DATABASE_REPLICA_URL needs DATABASE_URL beside it: the embedded database has no replica"
        )
    return Settings(
        data_dir=data_dir,
        secret_key=_setting("PLEDGES_SECRET_KEY", _long_enough) or _kept_secret_key(data_dir, database_url),
        database_url=database_url,
        database_replica_url=replica_url,
        base_url=_setting("PLEDGES_BASE_URL", _web_address),
        smtp_url=_setting("SMTP_URL", _mail_server),
        witnesses=_setting("PLEDGES_WITNESSES", _witnesses) or (),
        checkpoints_to=_setting("PLEDGES_CHECKPOINTS_TO", _place),
        files=_setting("PLEDGES_FILES", _storage),
        iati_organisation=_setting("PLEDGES_IATI_ORG", _organisation),
        log_keys=_setting("PLEDGES_LOG_KEY", _keys) or (),
        log=_setting("PLEDGES_LOG", _log_form) or "text",
        oidc=_openid_provider(),
        proxies=(*THIS_MACHINE, *(_setting("PLEDGES_PROXIES", _networks) or ())),
    )


def _openid_provider() -> OpenIdProvider | None:
    """The provider, if its address, and the name and secret by which it knows this register, are all set."""
    names = ("PLEDGES_OIDC_ISSUER", "PLEDGES_OIDC_CLIENT_ID", "PLEDGES_OIDC_CLIENT_SECRET")
    issuer, client_id, client_secret = (
        _setting(names[0], _issuer), _setting(names[1], str), _setting(names[2], str)
    )  # fmt: skip
    vouches = _setting("PLEDGES_OIDC_EMAIL_VERIFIED", _how_verified) == "always"
    if issuer and client_id and client_secret:
        name = _setting("PLEDGES_OIDC_NAME", str) or urlsplit(issuer).hostname or issuer
        return OpenIdProvider(issuer, client_id, client_secret, name, vouches)
    if issuer or client_id or client_secret:
        raise SettingsError(f"{', '.join(names)} are set together or not at all")
    return None


def _setting(name: str, check: Callable[[str], T]) -> T | None:
    """The checked value of one setting; None if it is not set."""
    try:
        value = FileAwareEnv().str(name, default=None)
        return None if value is None else check(_not_empty(value))
    except (EnvError, ValueError) as error:
        raise SettingsError(f"{name} {error}") from error


def _not_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty: give it a value, or do not set it")
    return value.strip()


def _folder(value: str) -> Path:
    path = Path(value).expanduser().resolve()
    if path.exists() and not path.is_dir():
        raise ValueError(f"is not a folder: {path}")
    return path


def _default_data_dir() -> Path:
    try:
        home = Path.home()
    except RuntimeError as error:
        raise SettingsError(
            "PLEDGES_DATA is missing, and this user has no home folder to put it into"
        ) from error
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "pledges"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "pledges"


def _database_address(value: str) -> str:
    try:
        conninfo_to_dict(value)
    except ProgrammingError as error:
        # The driver's message may quote the address, and with it a password.
        raise ValueError("is not an address like postgresql://user:password@host:5432/name") from error
    return value


def _web_address(value: str) -> str:
    parts = _address(value, ("http", "https"), like="https://pledges.example.org")
    if parts.query or parts.fragment:
        raise ValueError("must end with the host or a path, without ? and #")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user or a password: addresses are shown and logged")
    return value.rstrip("/")


def _issuer(value: str) -> str:
    """Without encryption anybody on the way could say who somebody is, but on this machine itself."""
    address = _web_address(value)
    if address.startswith("http:") and urlsplit(address).hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("must begin with https://")
    return address


def _how_verified(value: str) -> str:
    if value not in ("claim", "always"):
        raise ValueError(f"is claim or always, not {value}")
    return value


def _organisation(value: str) -> str:
    if len(value) > IDENTIFIER_CHARS_MAX or re.search(r"[\s/&|?]", value) or not value.isprintable():
        raise ValueError("must be an organisation identifier of IATI, without spaces and without / & | ?")
    return value


def _mail_server(value: str) -> str:
    _address(value, ("smtp", "smtps"), like="smtp://user:password@host:587")
    return value


def _address(value: str, schemes: tuple[str, ...], *, like: str) -> SplitResult:
    problem = ValueError(f"is not an address like {like}")
    try:
        parts = urlsplit(value)
        _ = parts.port  # a number, and one that a port can have
    except ValueError:
        raise problem from None
    if parts.scheme not in schemes or not parts.hostname or re.search(r"\s", value):
        raise problem
    return parts


def _keys(value: str) -> tuple[str, ...]:
    keys = tuple(value.split())
    try:
        for key in keys:
            parse_signer(key)
    except BadKey as problem:
        raise ValueError(f"holds no key of a log: {problem}") from None
    return keys


def _witnesses(value: str) -> tuple[WitnessAt, ...]:
    words = value.split()
    if len(words) % 2:
        raise ValueError("names an address and a key for each witness, by spaces")
    try:
        return tuple(
            WitnessAt(_web_address(url), parse_verifier(key))
            for url, key in zip(words[::2], words[1::2], strict=True)
        )
    except BadKey as problem:
        raise ValueError(f"holds no key of a witness: {problem}") from None


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one) for one in value.split())
    except ValueError:
        raise ValueError("names addresses or networks by spaces, such as 10.0.0.5 or 10.1.0.0/16") from None


def _place(value: str) -> str:
    return _web_address(value) if "://" in value else str(_folder(value))


def _storage(value: str) -> str:
    if "://" not in value:
        return str(_folder(value))
    parts = _address(value, ("s3",), like="s3://bucket/prefix, and is no directory")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must name a bucket and a prefix alone; keys go into AWS_ACCESS_KEY_ID and so on")
    return value.rstrip("/")


def _log_form(value: str) -> LogForm:
    if value not in ("json", "text"):
        raise ValueError(f"is json or text, not {value}")
    return cast("LogForm", value)


def _long_enough(value: str) -> str:
    if len(value) < SECRET_KEY_CHARACTERS_MIN:
        raise ValueError(f"needs at least {SECRET_KEY_CHARACTERS_MIN} characters, it has {len(value)}")
    return value


def _kept_secret_key(data_dir: Path, database_url: str | None) -> str:
    if database_url is not None:
        raise SettingsError(
            "PLEDGES_SECRET_KEY is missing: with DATABASE_URL it must be set, the same in every process "
            '(make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))")'
        )
    path = data_dir / SECRET_KEY_FILE
    try:
        if not path.exists():
            _make_secret_key(path)
        return _long_enough(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise SettingsError(f"PLEDGES_DATA cannot be used: {path}: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"the secret key in {path} {error}: restore it from a backup") from error


def _make_secret_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside and linked, so that of processes that start together all read the whole key of the first.
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink(missing_ok=True)
