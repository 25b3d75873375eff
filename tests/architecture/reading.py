"""Read the project as text: its modules, its folders, its files."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "simulation"


@dataclass(frozen=True)
class Module:
    """One Python file of the package, read and not run."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room that the module belongs to; each part of `engines` is a room of its own."""
        parts = self.name.split(".")[1:]
        if not parts:
            return "__init__"
        return ".".join(parts[:2]) if parts[0] == "engines" else parts[0]


@dataclass(frozen=True)
class Import:
    """One imported module, and whether importing the importer imports it too."""

    module: str
    names: tuple[str, ...]
    line: int
    eager: bool


@cache
def modules() -> tuple[Module, ...]:
    """Return all the modules of the package, in order of their names."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        found.append(Module(".".join(parts), path, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def _runs_later(node: ast.AST) -> bool:
    """Tell whether what stands inside is not run when the module is imported."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def imports(module: Module) -> list[Import]:
    """Return what a module imports, at its top or inside its functions."""
    found: list[Import] = []

    def visit(node: ast.AST, eager: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend(Import(alias.name, (), child.lineno, eager) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                names = tuple(alias.name for alias in child.names)
                found.append(Import(child.module or "", names, child.lineno, eager))
            else:
                visit(child, eager and not _runs_later(child))

    visit(module.tree, True)
    return found


@cache
def project_files() -> tuple[Path, ...]:
    """Return the files of the project: in a clone what git does not ignore, elsewhere all in its folders."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        names = listing.stdout.decode().split("\0")
        return tuple(path for name in sorted(set(names)) if name and (path := ROOT / name).is_file())
    folders = ("simulation", "configs", "experiments", "tests", "docs")
    inside = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    found = [
        path for path in (*ROOT.iterdir(), *inside) if path.is_file() and "__pycache__" not in path.parts
    ]
    return tuple(sorted(found))
