"""Result of a run: a table by package, the survivors, and a JSON file."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutants.changes import Mutant
from tests.mutants.population import package
from tests.mutants.runner import KILLED, NOT_EXECUTED, SURVIVED, MutantResult

ROOT = Path(__file__).parents[2]
ARGUED = ROOT / "docs" / "mutants.md"
COLUMNS = ("of", "sampled", "killed", "survived", "not executed", "argued")


def is_argued(mutant: Mutant) -> bool:
    """True if docs/mutants.md argues the survivor under its own name."""
    return f"`{mutant.name}`" in (ARGUED.read_text(encoding="utf-8") if ARGUED.exists() else "")


def unargued(found: Sequence[MutantResult]) -> list[MutantResult]:
    """Return the survivors without an argument."""
    return [one for one in found if one.outcome != KILLED and not is_argued(one.mutant)]


def table(found: Sequence[MutantResult], population: Mapping[str, int]) -> str:
    """Return the table of a run, and a paragraph for each survivor without an argument."""
    rows: dict[str, Counter[str]] = {name: Counter({"of": count}) for name, count in population.items()}
    for one in found:
        row = rows.setdefault(package(one.mutant), Counter())
        row["sampled"] += 1
        row[one.outcome] += 1
        row["argued"] += one.outcome != KILLED and is_argued(one.mutant)
    total: Counter[str] = sum(rows.values(), Counter())
    lines = [_row("package", {column: column for column in COLUMNS})]
    lines += [_row(name, row) for name, row in sorted(rows.items())]
    lines.append(_row("all", total))
    if found:
        share = 100 * total[KILLED] / len(found)
        hung = sum(one.by == "time-out" for one in found)
        lines.append(f"\n{share:.1f} % killed, {hung} of them by time-out")
    for one in sorted(
        unargued(found), key=lambda one: (one.outcome != SURVIVED, one.mutant.path, one.mutant.line)
    ):
        lines += ["", f"{one.mutant.path}:{one.mutant.line}, {one.mutant.place}: {one.outcome}"]
        lines += [f"    - {one.mutant.before}", f"    + {one.mutant.after}"]
        if one.outcome != NOT_EXECUTED:
            files = Counter(test.partition("::")[0] for test in one.tried)
            lines.append(
                f"    {len(one.tried)} tests passed: {', '.join(name for name, _ in files.most_common(4))}…"
            )
    return "\n".join(lines) + "\n"


def write(
    out: Path, found: Sequence[MutantResult], population: Mapping[str, int], said: Mapping[str, object]
) -> None:
    """Write the results as JSON."""
    out.parent.mkdir(parents=True, exist_ok=True)
    report = {
        **said,
        "population": dict(population),
        "mutants": [
            {
                "name": one.mutant.name,
                "package": package(one.mutant),
                "file": one.mutant.path,
                "line": one.mutant.line,
                "before": one.mutant.before,
                "after": one.mutant.after,
                "outcome": one.outcome,
                "by": one.by,
                "argued": one.outcome != KILLED and is_argued(one.mutant),
                "tried": one.tried,
                "seconds": round(one.seconds, 1),
            }
            for one in found
        ],
    }
    out.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _row(name: str, cells: Mapping[str, object]) -> str:
    return f"{name:26}" + "".join(
        f"{cells.get(column, 0)!s:>{max(8, len(column) + 2)}}" for column in COLUMNS
    )
