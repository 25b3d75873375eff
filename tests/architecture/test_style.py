"""What a reader may count on: docstrings with an example that runs, short files, short functions."""

import ast
from collections.abc import Iterator

from tests.architecture.reading import Module, modules

LINES_OF_A_FILE = 330
LINES_OF_A_FUNCTION = 45
"""About 300 and about 40, the docstring of a function not counted."""

LONGER: dict[str, str] = {}
"""Modules, or functions as `module:name`, that are longer than that, each with its reason."""

NO_EXAMPLE = {"cli"}
"""Rooms whose docstrings are printed as help."""
IN_THE_KERNEL = {"kernel_code", "hot_code"}
"""Decorators of what only the kernel calls, on the state of a run; the engine's example runs all of it."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_functions(module: Module) -> Iterator[Function]:
    """Give the functions that others may call: no underscore on them nor on a module above."""
    if any(part.startswith("_") for part in module.name.split(".")):
        return
    for node in module.tree.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node


def body_length(function: Function) -> int:
    """Count the lines of a function from its `def`, less its docstring."""
    first = function.body[0]
    docstring = first.end_lineno - first.lineno + 1 if ast.get_docstring(function) is not None else 0
    return function.end_lineno - function.lineno + 1 - docstring


def test_public_functions_have_a_docstring_with_an_example():
    """A reader learns a function from a line that says what it does and an example that runs."""
    silent = []
    for module in modules():
        for function in public_functions(module):
            text = ast.get_docstring(function) or ""
            decorators = {node.id for node in function.decorator_list if isinstance(node, ast.Name)}
            needs_none = module.room in NO_EXAMPLE or bool(decorators & IN_THE_KERNEL)
            if not text or (">>> " not in text and not needs_none):
                lack = "an example (>>>)" if text else "a docstring"
                silent.append(f"{module.name}:{function.lineno} {function.name} lacks {lack}")
    assert not silent, "\n".join(silent)


def test_files_and_functions_are_short():
    """A file or function that must be longer says why, in LONGER."""
    longer = []
    for module in modules():
        lines = len(module.path.read_text(encoding="utf-8").splitlines())
        if lines > LINES_OF_A_FILE and module.name not in LONGER:
            longer.append(f"{module.name}: {lines} lines")
        for node in ast.walk(module.tree):
            named = isinstance(node, Function) and f"{module.name}:{node.name}" in LONGER
            if isinstance(node, Function) and not named and body_length(node) > LINES_OF_A_FUNCTION:
                longer.append(f"{module.name}:{node.name}: {body_length(node)} lines")
    assert not longer, "\n".join(longer)


def test_the_exceptions_exist():
    """A reason outlives its function only until this test is run."""
    known = {module.name for module in modules()}
    for module in modules():
        functions = (node for node in ast.walk(module.tree) if isinstance(node, Function))
        known |= {f"{module.name}:{node.name}" for node in functions}
    assert set(LONGER) <= known
