"""The shape of the code, as the design asks for it: who may import whom, and how long things are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "projections", "web", "workers")
FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 500
DOCSTRING_LINES_MAX = 4
INSIDE_OF_A_READ_MODEL = re.compile(r"projections\.(?P<read_model>\w+)\.(read_model|tables|rows)\b")

MODULES = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
every_module = pytest.mark.parametrize("module", MODULES, ids=str)


def tree_of(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def functions_of(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports_of(module: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_the_import_rules_hold() -> None:
    linter = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linter.returncode == 0, linter.stdout + linter.stderr


def test_the_tables_of_a_read_model_are_its_own_business() -> None:
    strangers = [
        f"{module} imports {name}"
        for module in MODULES
        for name in imports_of(module)
        if (inside := INSIDE_OF_A_READ_MODEL.match(name))
        and module.parent.name != inside["read_model"]
        and module != Path("projections/read_models.py")
    ]
    assert strangers == []


@every_module
def test_a_module_says_what_it_is_for(module: Path) -> None:
    lines = [line for line in (ast.get_docstring(tree_of(module)) or "").splitlines() if line.strip()]
    assert 1 <= len(lines) <= DOCSTRING_LINES_MAX, f"{module} needs a docstring of one to four lines"


@every_module
def test_a_module_is_short_enough_to_read(module: Path) -> None:
    # The verifier is one file that an auditor can take away and read: it imports nothing of ours.
    most = MODULE_LINES_MAX + 200 if module == Path("workers/verifier.py") else MODULE_LINES_MAX
    assert len((ROOT / module).read_text(encoding="utf-8").splitlines()) <= most


@every_module
def test_functions_are_short(module: Path) -> None:
    too_long = {
        function.name: length
        for function in functions_of(module)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert not too_long


def test_every_package_can_be_imported_by_its_name() -> None:
    folders = {ROOT / module.parent for module in MODULES}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
