"""Reader of the tables of cases: YAML in which dates stay texts, and only `true` and `false` are booleans."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parent / "cases"


class _Loader(yaml.SafeLoader):
    """A loader that reads `on`, `no`, `ON` and 2024-01-15 as texts."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


@cache
def read_table(path: Path) -> dict[str, Any]:
    """Return one table of cases."""
    with path.open(encoding="utf-8") as lines:
        table = yaml.load(lines, Loader=_Loader)  # noqa: S506 -- a SafeLoader with fewer types
    assert isinstance(table, dict)
    return table


@cache
def criterion_cases() -> list[tuple[str, dict[str, Any]]]:
    """Return every case of one criterion, by name, with the defaults of its table."""
    cases = []
    for path in sorted(CASES.glob("*.yaml")):
        if path.stem == "verdicts":
            continue
        table = read_table(path)
        for case in table["cases"]:
            criterion = case.get("replace") or {**table["criterion"], **case.get("criterion", {})}
            filled = {
                "starts_on": table["starts_on"],
                "closes_on": table["closes_on"],
                **case,
                "criterion": {"effect": "BLOCK", "clause": {}, **criterion},
                "facts": {**table.get("facts", {}), **case["facts"]},
            }
            cases.append((f"{path.stem}: {case['name']}", filled))
    return cases
