"""P8, P9, P10 (`docs/targets.md`): a long shortlist as CSV, XLSX and archive, beside COPY, XlsxWriter and cat."""

from functools import cache
from statistics import median
from typing import Any

from tests.benchmarks.measuring import Figure, benchmark, measured_by

FIRST_BYTE = 0.1
GROWTH = {"csv": 32, "xlsx": 64, "zip": 32}  # MiB


@cache
def _measured(smoke: bool) -> dict[str, Any]:  # noqa: FBT001 -- the one argument of every measure
    """Measure the three in one new process, which fills a portal of its own."""
    little = ["--rows", "600", "--dossiers", "50"] if smoke else []
    found: dict[str, Any] = measured_by("exports_at_size", *little)
    return found


@benchmark("P8", title="CSV of a long list to COPY of the same cells", sign="<=", bound=3)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Time the CSV with permissions, journal and digest, and the first byte of its download."""
    found = _measured(smoke)
    times, first = found["times"], [one["first_byte"] for one in found["download"]]
    broken = [] if median(first) <= FIRST_BYTE else [f"first byte after {1000 * median(first):.0f} ms"]
    flat = _ratios(times["csv"], times["copy of a table"])
    note = (
        f"{found['rows']} rows of {found['columns']} columns: {_seconds(times, 'csv', 'copy', 'copy of a table')};"
        f" beside COPY of a table that has the cells already, {median(flat):.0f}; over HTTP ordered in"
        f" {_middle(found, 'ordered')}, written by the worker after {_middle(found, 'ready')}, first byte of the"
        f" download {_middle(found, 'first_byte')}, the last {_middle(found, 'all')}"
    )
    return _figure(found, "csv", _ratios(times["csv"], times["copy"]), note, broken)


@benchmark("P9", title="XLSX of the same to bare XlsxWriter", sign="<=", bound=1.2)
def measure_workbook(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Time the workbook beside the same cells from a table by XlsxWriter in constant memory, and by openpyxl."""
    found = _measured(smoke)
    times = found["times"]
    rows = _ratios(times["xlsx"], times["xlsxwriter of the rows"])
    note = (
        f"{found['rows']} rows: {_seconds(times, 'xlsx', 'xlsxwriter', 'openpyxl', 'csv')};"
        f" beside XlsxWriter of the rows that COPY reads {median(rows):.2f}"
    )
    return _figure(found, "xlsx", _ratios(times["xlsx"], times["xlsxwriter"]), note, [])


@benchmark("P10", title="archive of dossiers, speed to cat's", sign=">=", bound=0.7)
def measure_archive(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Time the archive, each dossier checked against its digest, beside cat of the same files into one."""
    found = _measured(smoke)
    times = found["times"]
    note = (
        f"{found['dossiers']} dossiers of 1 MB: {_seconds(times, 'zip', 'cat')}; without any digest"
        f" {_seconds(times, 'zipfile')}"
    )
    return _figure(found, "zip", _ratios(times["cat"], times["zip"]), note, [])


def _figure(found: dict[str, Any], name: str, ratios: list[float], note: str, broken: list[str]) -> Figure:
    growth = found["growth"][name]
    if growth > GROWTH[name]:
        broken.append(f"memory grew by {growth:.0f} MiB, over {GROWTH[name]}")
    return Figure.of(ratios, f"{note}; memory grows by {growth:.0f} MiB", broken=tuple(broken))


def _ratios(ours: list[float], theirs: list[float]) -> list[float]:
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def _middle(found: dict[str, Any], step: str) -> str:
    return f"{1000 * median(one[step] for one in found['download']):.0f} ms"


def _seconds(times: dict[str, list[float]], *names: str) -> str:
    return ", ".join(
        f"{name} {median(times[name]):.3g} s ({min(times[name]):.3g} to {max(times[name]):.3g})"
        for name in names
    )
