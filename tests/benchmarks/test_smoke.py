"""The benchmarks run, and write the figures that `docs/contracts.md` describes for `make bench`."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as bench
from tests.benchmarks import measuring
from tests.benchmarks.measuring import Figure, Target, benchmark

RECORDED = {"P4", "P14"}
"""Targets whose figure is the last record, of as many runs as there were time for."""


QUICK = "P12"
"""The one that needs no server and no more than a second."""
bench.find_benchmarks()


def test_every_target_of_performance_is_measured() -> None:
    assert sorted(measuring.BENCHMARKS, key=bench.order_of) == [*(f"P{rank}" for rank in range(1, 16)), "R14"]
    targets = (bench.OUT.parents[1] / "docs" / "targets.md").read_text(encoding="utf-8")
    assert [key for key in measuring.BENCHMARKS if f"* **{key}**: " not in targets] == []


@pytest.mark.parametrize(
    "key",
    [
        QUICK,
        *(
            pytest.param(key, marks=(pytest.mark.full, pytest.mark.servers))
            for key in sorted(measuring.BENCHMARKS, key=bench.order_of)
            if key != QUICK
        ),
    ],
)
def test_a_benchmark_runs_and_writes_its_key(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "bench.json"
    assert bench.main([key, "--smoke", "--out", str(out)]) in {bench.HOLDS, bench.DOES_NOT_HOLD}
    report = json.loads(out.read_text(encoding="utf-8"))
    assert list(report) == [key]
    figure = report[key]
    assert list(figure) == ["value", "target", "holds", "spread", "runs", "note"]
    assert figure["runs"] >= (1 if key in RECORDED else 5), figure["note"]
    assert figure["spread"][0] <= figure["value"] <= figure["spread"][1]
    assert f"\n{key}  " in capsys.readouterr().out


def test_a_target_without_a_benchmark_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["P99", "--out", str(tmp_path / "bench.json")]) == bench.BAD_INPUT
    assert capsys.readouterr().err.startswith("bench: nothing measures P99")
    assert not (tmp_path / "bench.json").exists()


@pytest.mark.usefixtures("alone")
def test_a_missed_target_or_limit_is_reported_and_fails_the_command(tmp_path: Path) -> None:
    benchmark("P1", title="a", sign="<=", bound=2)(lambda _smoke: Figure.of([1, 2, 3, 4, 5], "too slow"))
    limited = Figure.of([1] * 5, "fast", broken=("14 statements, over 12",))
    benchmark("P2", title="b", sign="<=", bound=2)(lambda _smoke: limited)
    assert bench.main(["--out", str(tmp_path / "bench.json")]) == bench.DOES_NOT_HOLD
    report = json.loads((tmp_path / "bench.json").read_text())
    assert report["P1"].pop("note").startswith("too slow; load before ")
    assert report["P1"] == {"value": 3, "target": "<= 2", "holds": False, "spread": [1, 5], "runs": 5}
    assert report["P2"]["holds"] is False
    assert "NOT REACHED: 14 statements, over 12" in report["P2"]["note"]
    with pytest.raises(ValueError, match="measured twice"):
        benchmark("P1", title="b", sign="<=", bound=2)(lambda _smoke: Figure.of([1] * 5, ""))


@pytest.mark.parametrize(
    "sign,value,holds",
    [(">=", 2.0, True), (">=", 1.9, False), ("<=", 2.0, True), ("<=", 2.1, False)],
)
def test_a_target_includes_its_limit(sign: str, value: float, holds: bool) -> None:  # noqa: FBT001 -- a parametrised value
    assert Target(sign, 2).holds(value) is holds  # type: ignore[arg-type]  # -- the table's texts are both signs


def test_fewer_than_five_repetitions_are_refused_as_a_figure() -> None:
    with pytest.raises(ValueError, match="too little"):
        Figure.of([1, 2, 3, 4], "")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only the benchmarks that a test registers."""
    monkeypatch.setattr(bench, "find_benchmarks", lambda: None)
    monkeypatch.setattr(measuring, "BENCHMARKS", {})


@pytest.mark.usefixtures("alone")
def test_a_target_that_cannot_be_measured_is_reported_and_the_others_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
        message = "no pgbench on this machine"
        raise RuntimeError(message)

    benchmark("P1", title="a", sign=">=", bound=2)(fail)
    benchmark("R2", title="b", sign="<=", bound=2)(lambda _smoke: Figure.of([1] * 5, "fast"))
    assert bench.main(["--out", str(tmp_path / "bench.json")]) == bench.DOES_NOT_HOLD
    report = json.loads((tmp_path / "bench.json").read_text())
    assert {key: figure["holds"] for key, figure in report.items()} == {"P1": False, "R2": True}
    assert (report["P1"]["value"], report["P1"]["spread"], report["P1"]["runs"]) == (0, [0, 0], 0)
    assert "no pgbench on this machine" in report["P1"]["note"]
    assert "DOES NOT HOLD" in capsys.readouterr().out


@pytest.mark.usefixtures("alone")
def test_some_targets_are_chosen_and_their_plots_written_beside_the_figures(tmp_path: Path) -> None:
    figure = Figure.of([1] * 5, "fast")
    figure.pictures["rush.svg"] = "<svg/>"
    for key in ("P1", "P2", "P3"):
        benchmark(key, title="a", sign="<=", bound=2)(lambda _smoke: figure)
    assert bench.main(["--only", "P3,P2", "--out", str(tmp_path / "bench.json")]) == bench.HOLDS
    assert list(json.loads((tmp_path / "bench.json").read_text())) == ["P3", "P2"]
    assert (tmp_path / "rush.svg").read_text() == "<svg/>"
