"""`docs/architecture.md` draws the code as it is.

The drawings between two comments are made from the table of moves and from the import contracts. After an intended
change, run `make held` and commit the page.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from intake.outbox.policy import QUEUES
from intake.submissions.states import TABLE, Move, State

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
REWRITE = os.environ.get("HELD") == "rewrite"
MAX_LINE = 110  # characters of a drawing's source


# -- States ----------------------------------------------------------------------------------------------------
def _state_diagram(moves: Iterable[Move]) -> str:
    """Return a diagram of `moves`; those between the same two states share an arrow."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for move in moves:
        name = f"{move.action} (batch)" if move.announced else str(move.action)
        for source in State:
            if source in move.sources:
                arrows.setdefault((source, move.target), []).append(name)
    begins = ["    [*] --> DRAFT"] if any(source is State.DRAFT for source, _target in arrows) else []
    lines = [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in arrows.items()]
    return "\n".join(["stateDiagram-v2", *begins, *lines])


def _moves_of_the_candidate() -> str:
    return _state_diagram(move for move in TABLE.values() if move.permission is None)


def _moves_of_staff() -> str:
    return _state_diagram(move for move in TABLE.values() if move.permission is not None)


# -- Layers ----------------------------------------------------------------------------------------------------
def _layers(container: str) -> list[str]:
    """Return the layers of the import contract of `container`, highest first."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each.get("containers") == [container])
    return [str(layer) for layer in layers]


def _layer_diagram(layers: Sequence[str]) -> str:
    """Return a column of `layers`, each with an arrow to the next one below; a line has as many as fit."""
    lines = [f'    layer1["{layers[0]}"]']
    for number, layer in enumerate(layers[1:], start=2):
        arrow = f' --> layer{number}["{layer}"]'
        if len(lines[-1] + arrow) > MAX_LINE:
            lines.append(f"    layer{number - 1}")
        lines[-1] += arrow
    return "\n".join(["flowchart TD", *lines])


DRAWINGS: dict[str, Callable[[], str]] = {
    "layers of intake": lambda: _layer_diagram(
        [*_layers("intake")[:-1], "offers", f"eligibility | {_layers('intake')[-1]}"]
    ),
    "layers of intake.submissions": lambda: _layer_diagram(_layers("intake.submissions")),
    "layers of intake.review": lambda: _layer_diagram(_layers("intake.review")),
    "moves of the candidate": _moves_of_the_candidate,
    "moves of reviewers and staff": _moves_of_staff,
}


def _block_of(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"(<!-- begin: {re.escape(name)} -->\n).*?(<!-- end: {re.escape(name)} -->\n)", re.DOTALL
    )


@pytest.mark.parametrize("name", DRAWINGS)
def test_each_diagram_of_the_page_matches_the_code(name: str) -> None:
    page, now = PAGE.read_text(encoding="utf-8"), f"```mermaid\n{DRAWINGS[name]()}\n```\n"
    if REWRITE:
        page = _block_of(name).sub(lambda found: f"{found[1]}{now}{found[2]}", page)
        PAGE.write_text(page, encoding="utf-8")
    found = _block_of(name).search(page)
    assert found is not None, f"docs/architecture.md has no block {name!r}"
    assert found[0] == f"{found[1]}{now}{found[2]}", (
        "Is it what you meant? `make held` draws the code as it is."
    )


def test_each_marked_diagram_of_the_page_is_generated() -> None:
    assert re.findall(r"<!-- begin: (.+?) -->", PAGE.read_text(encoding="utf-8")) == [*DRAWINGS]


def test_every_state_is_in_the_diagrams() -> None:
    drawn = f"{_moves_of_the_candidate()}\n{_moves_of_staff()}"
    assert {state for state in State if re.search(rf"\b{state}\b", drawn)} == set(State)


def test_the_drawing_of_processes_has_every_service_and_every_queue() -> None:
    drawn = PAGE.read_text(encoding="utf-8").partition("## Processes and servers")[2].partition("\n```\n")[0]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert {*services, *QUEUES} - set(re.findall(r"[\w-]+", drawn)) == set()
