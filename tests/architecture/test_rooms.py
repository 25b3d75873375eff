"""Each room uses the libraries that it is there for, and the front door stays fast."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib

from tests.architecture.reading import PACKAGE, ROOT, Module, imports, modules

ALLOWED = {
    "__init__": set(),
    "compiling": {"numba"},
    "spec": {"pydantic", "pydantic_core"},
    "distributions": {"numpy", "pydantic", "scipy"},
    "calendars": {"holidays", "numpy", "pydantic"},
    "theory": {"numpy", "scipy"},
    "scenario": {"numpy", "pydantic", "pydantic_core"},
    "streams": {"llvmlite", "numba", "numpy", "scipy"},
    "records": {"numpy"},
    "layout": {"numpy"},
    "demand": {"numpy", "scipy"},
    "roster": {"numpy"},
    "engines": {"numpy"},
    "engines.replication": set(),
    "engines.ordering": {"numpy"},
    "engines.manual": set(),
    "engines.reference": {"numpy", "simpy"},
    "engines.compiled": {"llvmlite", "numba", "numpy"},
    "kpis": {"numpy", "pandas"},
    "twin": {"numpy", "pandas", "scipy"},
    "analysis": {"SALib", "numpy", "pandas", "scipy"},
    "assumptions": set(),
    "study": {"numpy", "pydantic"},
    "store": {"numpy", "pandas", "pyarrow"},
    "runner": {"dask", "distributed", "numpy", "pandas"},
    "procedures": {"numpy", "optuna", "pandas", "scipy"},
    "figures": {"PIL", "matplotlib", "numpy", "pandas"},
    "report": {"jinja2", "markupsafe", "pandas"},
    "provenance": set(),
    "benchmark": {"ciw", "numpy", "pandas", "salabim", "simpy"},
    "publication": {"numpy", "pandas"},
    "validation": {"numpy", "pandas", "scipy"},
    "configuration": {"hydra", "omegaconf", "yaml"},
    "cli": {"pandas", "rich", "typer"},
}
"""The third-party libraries that a room may import at all."""

SLOW = {"llvmlite", "matplotlib", "numba", "pandas", "pyarrow", "scipy"}
"""What `vetsim --help`, `list` and `check` must not wait for."""

FAST_ROOMS = {"__init__", "spec", "distributions", "calendars", "scenario", "study", "configuration", "cli"}
"""What those commands load."""

ONE_DOOR = {
    "concurrent": {"runner"},
    "multiprocessing": {"runner"},
    "pickle": set(),
    "random": {"benchmark"},
    "secrets": set(),
    "shelve": set(),
}
"""Standard modules that let parallelism, randomness or pickles in, and the rooms that may use them."""

OUTSIDE_WORLD = re.compile(
    r"^(time\.(time|time_ns|monotonic|perf_counter|process_time)|(datetime\.)?(datetime|date)\.(now|today|utcnow)"
    r"|os\.getcwd|(pathlib\.)?Path\.cwd|input)\(|^(pathlib\.)?Path\(('\.')?\)$"
)
"""Calls that read the clock, the working directory or the keyboard."""

MAY_LOOK_OUTSIDE = {"benchmark", "cli", "runner"}
"""The front door, and the rooms that time their work."""

DISTRIBUTION_OF = {
    "SALib": "salib",
    "hydra": "hydra-core",
    "PIL": "pillow",
    "markupsafe": "jinja2",
    "pydantic_core": "pydantic",
    "yaml": "pyyaml",
}
"""Where the library's name is not the name under which it is installed."""

WITH_THE_TESTS = {"ciw", "dask", "distributed", "optuna", "salabim", "salib"}
"""Installed with the tests, and as extras: what imports it does without, or says what is missing."""


def root_of(name: str) -> str:
    return name.partition(".")[0]


def third_party(module: Module) -> list[tuple[str, int, bool]]:
    """Return the libraries that a module imports, with the line, and whether at its top."""
    roots = [(root_of(found.module), found.line, found.eager) for found in imports(module)]
    return [found for found in roots if found[0] not in sys.stdlib_module_names | {"simulation"}]


def test_a_room_imports_only_its_libraries():
    """A room uses the libraries that the table gives it; a new room needs a line in the table."""
    homeless = {module.room for module in modules()} - ALLOWED.keys()
    assert not homeless, f"give these rooms a line in ALLOWED: {homeless}"
    strangers = [
        f"{module.name}:{line} imports {library}"
        for module in modules()
        for library, line, _ in third_party(module)
        if library not in ALLOWED[module.room]
    ]
    assert not strangers, "\n".join(strangers)


def test_randomness_parallelism_and_pickles_have_one_door():
    """No generator but those of `streams`, no pickle on disk, no process outside the runner.

    A generator that is handed in may be named by its type.
    """
    strangers = []
    for module in modules():
        roots = {root_of(found.module) for found in imports(module)} & ONE_DOOR.keys()
        strangers += [f"{module.name} imports {root}" for root in roots if module.room not in ONE_DOOR[root]]
        drawn = re.search(r"\b(np|numpy)\.random\b(?!(\.| import )Generator\b)", ast.unparse(module.tree))
        if drawn and module.room != "streams":
            strangers.append(f"{module.name} draws from numpy; draws come from streams")
    assert not strangers, "\n".join(strangers)


def test_library_code_does_not_look_outside():
    """The clock, the working directory and the keyboard are read at the front door."""
    looks = [
        f"{module.name}:{node.lineno} calls {ast.unparse(node)}"
        for module in modules()
        for node in ast.walk(module.tree)
        if module.room not in MAY_LOOK_OUTSIDE
        and isinstance(node, ast.Call)
        and OUTSIDE_WORLD.match(ast.unparse(node))
    ]
    assert not looks, "\n".join(looks)


def test_no_module_imports_the_package_itself():
    """Rooms import rooms: `import simulation` brings every public name, and all floors with them."""
    rooms = {path.stem for path in PACKAGE.iterdir()}
    whole = [
        f"{module.name}:{found.line}"
        for module in modules()
        for found in imports(module)
        if found.module == "simulation" and not (found.names and rooms.issuperset(found.names))
    ]
    assert not whole, f"name the room: {whole}"


def test_fast_rooms_import_slow_libraries_inside_functions():
    """What `--help`, `list` and `check` load has no slow import at its top."""
    slow = [
        f"{module.name}:{line} imports {library}; do so inside the function that needs it"
        for module in modules()
        for library, line, eager in third_party(module)
        if module.room in FAST_ROOMS and eager and library in SLOW
    ]
    assert not slow, "\n".join(slow)


def test_loading_the_fast_rooms_loads_nothing_slow():
    """The same, seen from `sys.modules`, so that no chain of imports gets past it."""
    names = [module.name for module in modules() if module.room in FAST_ROOMS]
    code = f"import sys, {', '.join(names)}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert SLOW.isdisjoint(run.stdout.split())


def test_every_library_is_declared_and_every_declared_one_used():
    """The dependencies in `pyproject.toml` are those that the package imports by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=~!\[; ]", line)[0].lower() for line in project["dependencies"]}
    used = {
        DISTRIBUTION_OF.get(library, library) for module in modules() for library, _, _ in third_party(module)
    }
    assert used - WITH_THE_TESTS <= declared, f"imported and not declared: {used - declared}"
    assert declared <= used, f"declared and never imported: {declared - used}"
    for name in declared:
        assert importlib.metadata.version(name)
