"""`docs/contracts.md` parsed as data, and the commands and variables as the code declares them."""

import argparse
import ast
import importlib
import inspect
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

ROOT = Path(settings.BASE_DIR)
PAGE = ROOT / "docs" / "contracts.md"


# -- The page ------------------------------------------------------------------------------------------------------
@cache
def page() -> str:
    """Return the text of `docs/contracts.md`."""
    return PAGE.read_text(encoding="utf-8")


def codes(text: str) -> list[str]:
    """Return the texts between backticks."""
    return re.findall(r"`([^`]+)`", text)


def rows(first: str) -> list[list[str]]:
    """Return the cells of each row of the tables whose first column has the heading `first`."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", page(), re.MULTILINE):
        header, _line, *lines = [_cells(line) for line in block.splitlines()]
        found += lines if header[0] == first else []
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@dataclass(slots=True)
class Documented:
    """One documented command: its sentence, its arguments, and how each argument is given."""

    does: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)

    @property
    def exit_codes(self) -> set[int]:
        """Return the numbers that follow the word Exit."""
        return {int(code) for code in codes(self.does.partition("Exit ")[2]) if code.isdecimal()}


def documented() -> dict[str, Documented]:
    """Return what the page documents of each command and program, by name."""
    found: dict[str, Documented] = {}
    for command, argument, given, meaning in rows("command"):
        one = found.setdefault(codes(command)[0], Documented())
        if argument:
            one.arguments[codes(argument)[0]] = given
            one.meanings[codes(argument)[0]] = meaning
        elif not given:
            one.does = meaning
    return found


@dataclass(frozen=True, slots=True)
class Shape:
    """One documented shape: its JSON, and the text beside it."""

    template: Any
    notes: str


@cache
def shapes() -> dict[str, Shape]:
    """Return the shapes of the page: in a block after `Shape`, in a table of shapes, or printed by a command."""
    found = {}
    for name, notes, text in re.findall(
        r"^Shape `(\w+)`((?:.|\n)*?)\n\n```json\n((?:.|\n)*?)```", page(), re.MULTILINE
    ):
        found[name] = Shape(json.loads(text), notes)
    for name, text, notes in rows("shape"):
        found[codes(name)[0]] = Shape(json.loads(text.strip("`")), notes)
    for name, _argument, given, meaning in rows("command"):
        if given == "prints":
            text, _end, notes = meaning.removeprefix("`").partition("`")
            found[codes(name)[0]] = Shape(json.loads(text), notes)
    return found


def alternatives(name: str, path: str) -> set[str]:
    """Return the codes that shape `name` allows at `path`, such as `offers[].moment`."""
    return set(_at(shapes()[name].template, path).removesuffix(" or null").split(" | "))


def _at(template: Any, path: str) -> Any:
    for key in path.split("."):
        template = template[key.removesuffix("[]")] if key != "[]" else template
        template = template[0] if key.endswith("[]") else template
    return template


# -- Shapes compared with what the code writes ---------------------------------------------------------------------
def _written_as(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda _value: True,
    "map": lambda value: isinstance(value, dict),
    "text": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in {int, float},
    "day": _written_as(r"\d{4}-\d\d-\d\d"),
    "instant": _written_as(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z"),
    "amount": _written_as(r"\d+\.\d\d"),
    "hash": _written_as(r"[0-9a-f]{64}"),
    "digest": _written_as(r"sha256:[0-9a-f]{64}"),
    "base64": _written_as(r"[A-Za-z0-9+/]+={0,2}"),
}


def differences(name: str, values: Sequence[Any]) -> list[str]:
    """Return how `values` differ from the shape `name`, and the places of the shape that no value has."""
    comparison = _Comparison()
    template = shapes()[name].template
    for value in values:
        comparison.compare(template, value, "")
    unseen = set(_places(template, "")) - comparison.seen
    return comparison.found + [f"{place}: nothing was written there" for place in sorted(unseen)]


def _places(template: Any, path: str) -> Iterator[str]:
    yield path
    if isinstance(template, dict):
        for key, inner in template.items():
            yield from _places(inner, f"{path}.{key.removesuffix('?')}")
    elif isinstance(template, list):
        for rank, inner in enumerate(template):
            yield from _places(inner, f"{path}[{rank if len(template) > 1 else ''}]")


@dataclass(slots=True)
class _Comparison:
    found: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def compare(self, template: Any, value: Any, path: str) -> None:
        self.seen.add(path)
        if isinstance(template, dict) and isinstance(value, dict):
            self._compare_objects(template, value, path)
        elif isinstance(template, list) and isinstance(value, list):
            if len(template) > 1 and len(value) != len(template):
                self.found.append(f"{path}: {value!r} has not {len(template)} elements")
            for rank, inner in enumerate(value):
                place = rank if len(template) > 1 else 0
                self.compare(template[place], inner, f"{path}[{rank if len(template) > 1 else ''}]")
        elif isinstance(template, str) and not (value is None and template.endswith(" or null")):
            self._compare_text(template.removesuffix(" or null"), value, path)
        elif not isinstance(template, str) and (template != value or type(template) is not type(value)):
            self.found.append(f"{path}: {value!r} is not {template!r}")

    def _compare_objects(self, template: dict[str, Any], value: dict[str, Any], path: str) -> None:
        named = {key.removesuffix("?"): inner for key, inner in template.items() if key != "*"}
        self.found += [
            f"{path}.{key}: is not written" for key in template if key not in value and key[-1] not in "?*"
        ]
        for key, inner in value.items():
            if key in named:
                self.compare(named[key], inner, f"{path}.{key}")
            elif "*" in template:
                self.compare(template["*"], inner, f"{path}.*")
            else:
                self.found.append(f"{path}.{key}: is not on the page")

    def _compare_text(self, kind: str, value: Any, path: str) -> None:
        if reference := re.fullmatch(r"<(\w+)>", kind):
            self.compare(shapes()[reference[1]].template, value, f"{path}<{reference[1]}>")
        elif not (TYPES[kind](value) if kind in TYPES else value in kind.split(" | ")):
            self.found.append(f"{path}: {value!r} is not {kind}")


# -- The commands as the code declares them --------------------------------------------------------------------------
def project_commands() -> dict[str, str]:
    """Return the management commands of the project, each with its application."""
    return {name: app for name, app in get_commands().items() if app.split(".")[0] in {"intake", "offers"}}


def arguments_of(name: str) -> dict[str, argparse.Action]:
    """Return the own arguments of a management command, by option or by upper-case name of the position."""
    common = {
        option for action in BaseCommand().create_parser("", "")._actions for option in action.option_strings
    }
    actions = load_command_class(project_commands()[name], name).create_parser("manage.py", name)._actions
    return _by_name(action for action in actions if not common.intersection(action.option_strings))


class _Seen(Exception):
    """Ends a program once its parser is built."""


def program_arguments(main: Callable[[], object]) -> dict[str, argparse.Action]:
    """Return the arguments that `main` declares; it ends before it reads any."""
    parsers: list[argparse.ArgumentParser] = []

    def parse_args(parser: argparse.ArgumentParser, *_given: object) -> None:
        parsers.append(parser)
        raise _Seen

    with pytest.MonkeyPatch.context() as patch, pytest.raises(_Seen):
        patch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
        main()
    return _by_name(action for action in parsers[0]._actions if action.dest != "help")


def _by_name(actions: Iterator[argparse.Action]) -> dict[str, argparse.Action]:
    return {
        action.option_strings[-1] if action.option_strings else action.dest.upper(): action
        for action in actions
    }


def way_given(action: argparse.Action) -> str:
    """Return how the page writes that an argument is given: flag, default, required or optional."""
    if action.nargs == 0:
        return "flag"
    if action.default not in (None, "", False):
        return f"default `{str(action.default).removeprefix(f'{ROOT}/')}`"
    return "required" if action.required and action.nargs != "*" else "optional"


def exit_codes(name: str) -> set[int]:
    """Return the exit codes in the source of a management command, and that of success."""
    command = load_command_class(project_commands()[name], name)
    return {os.EX_OK, *_codes_in(importlib.import_module(type(command).__module__))}


def _codes_in(module: ModuleType) -> Iterator[int]:
    """Yield the exit codes in `module`, and in called functions that document `SystemExit` or `CommandError`."""
    for call in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(call, ast.Call):
            continue
        ends = ast.unparse(call.func)
        if ends in {"SystemExit", "sys.exit"}:
            code = _value(call.args[0], module)
            yield code if isinstance(code, int) else 1
        elif ends == "CommandError":
            given = [keyword.value for keyword in call.keywords if keyword.arg == "returncode"]
            yield _value(given[0], module) if given else 1
        else:
            called = getattr(module, ends, None)
            says = re.search(r":raises (SystemExit|CommandError)", inspect.getdoc(called) or "")
            if says and inspect.isfunction(called) and called.__module__ != module.__name__:
                yield from _codes_in(importlib.import_module(called.__module__))


def _value(node: ast.expr, module: ModuleType) -> Any:
    """Return the value of a constant, of a name of the module or of an attribute of one. None for any other node."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, module), node.attr, None)
    return vars(module).get(ast.unparse(node))


# -- The environment as the code reads it ----------------------------------------------------------------------------
def _calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            yield ast.unparse(node.func), node


def read_by_settings() -> dict[str, set[str]]:
    """Return the variables that the settings read, each with its reading functions and its literal defaults."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "intake" / "settings").glob("*.py")):
        for function, call in _calls(path):
            if re.fullmatch(r"env\.\w+|services\.(required|host_names|address|number|flag|site)", function):
                defaults = [word.value for word in call.keywords if word.arg == "default"]
                plain = {
                    repr(value.value)
                    for value in defaults
                    if isinstance(value, ast.Constant) and value.value != ""
                }
                name = str(ast.literal_eval(call.args[0]))
                found.setdefault(name, set()).update(
                    {function} | (plain if path.stem in {"base", "production"} else set())
                )
    return found


def read_elsewhere() -> set[str]:
    """Return the variables that code outside the settings reads by name."""
    found: set[str] = set()
    for path in [ROOT / "manage.py", *(ROOT / "intake").rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        reads = r'environ(?:\.(?:get|pop|setdefault)\(|\[)"([A-Z_]+)"|"([A-Z_]+)" in os\.environ'
        found |= {one or other for one, other in re.findall(reads, source)}
    return found
