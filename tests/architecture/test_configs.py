"""The shipped YAML says what it seems to say."""

import re

import pytest
import yaml

from tests.architecture.reading import ROOT, project_files

SHIPPED = [
    path for path in project_files() if path.suffix in {".yaml", ".yml"} and ".pre-commit" not in path.name
]
CLOCK = re.compile(r"(.*[\s,;-])?\d{1,2}:\d{2}(:\d{2})?([\s,;-].*)?")
LETTER = re.compile(r"[^\W\d_]")
OCTAL = re.compile(r"[+-]?0\d+")


def plain_scalars(text: str) -> list[yaml.ScalarToken]:
    """Return the scalars of a YAML text that stand without quotes."""
    return [token for token in yaml.scan(text) if isinstance(token, yaml.ScalarToken) and token.plain]


def misread(text: str) -> list[str]:
    """Name the unquoted scalars that YAML reads as something else than they look like."""
    problems = []
    for token in plain_scalars(text):
        line, value = token.start_mark.line + 1, token.value
        if CLOCK.fullmatch(value) and not LETTER.search(value):
            problems.append(f'line {line}: quote the time: "{value}"')
        elif value.lower() in {"yes", "no", "on", "off"}:
            problems.append(f"line {line}: {value} is read as true or false: write that, or quote it")
        elif OCTAL.fullmatch(value):
            problems.append(f"line {line}: {value} is read as octal")
    return problems


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_yaml_is_read_as_it_looks(path):
    """No time of day without quotes, no Norway problem, no octal number, no byte order mark or CR."""
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf"), "a byte order mark"
    assert b"\r" not in raw, "write LF line endings"
    text = raw.decode("utf-8")
    assert "\t" not in text, "YAML is indented with spaces"
    problems = misread(text)
    assert not problems, f"{path.relative_to(ROOT)}: " + "; ".join(problems)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_yaml_names_no_code_and_no_environment(path):
    """A config says what a thing is by its `kind`: no Python object, no environment variable."""
    text = path.read_text(encoding="utf-8")
    for forbidden in ("_target_", "oc.env", "!!python"):
        assert forbidden not in text, f"{path.relative_to(ROOT)} holds {forbidden}"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("open: 12:30", False),
        ("week: {mon: [8:30-12:00]}", False),
        ("- 08:30", False),
        ("country: no", False),
        ("code: 017", False),
        ('open: "12:30"', True),
        ("week: {mon: ['08:30-12:00']}", True),
        ("date: 2026-03-01", True),
        ("source: a yearbook, reception from 09:00 to 10:26", True),
        ("# opens at 12:30\nshare: 0.17", True),
        ("source: 'p. 3, 10:00'\nflag: true\nn: 0", True),
    ],
)
def test_the_lint_finds_what_it_is_for(text, right):
    """Times in quotes and in comments pass; bare ones do not."""
    assert (misread(text) == []) is right
