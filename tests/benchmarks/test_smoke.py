"""The benchmarks run, and write the figures that `docs/contracts.md` describes for `make bench`."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as bench
from tests.benchmarks import measuring
from tests.benchmarks.measuring import Figure, Target, benchmark, interleaved


@pytest.mark.parametrize("keys", [("P12",), pytest.param((), marks=pytest.mark.full, id="all")])
def test_a_benchmark_runs_and_writes_its_key(
    keys: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "bench.json"
    assert bench.main([*keys, "--smoke", "--out", str(out)]) in {bench.HOLDS, bench.DOES_NOT_HOLD}
    report = json.loads(out.read_text(encoding="utf-8"))
    assert tuple(report) == (keys or tuple(sorted(measuring.BENCHMARKS, key=lambda key: int(key[1:]))))
    table = capsys.readouterr().out
    for key, figure in report.items():
        assert list(figure) == ["value", "target", "holds", "spread", "runs", "note"]
        assert figure["spread"][0] <= figure["value"] <= figure["spread"][1]
        assert figure["runs"] >= 5
        assert f"\n{key}  " in table


def test_a_target_without_a_benchmark_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["P99", "--out", str(tmp_path / "bench.json")]) == bench.BAD_INPUT
    assert capsys.readouterr().err.startswith("bench: nothing measures P99")
    assert not (tmp_path / "bench.json").exists()


def test_a_missed_target_is_reported_and_fails_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "find_benchmarks", lambda: None)
    monkeypatch.setattr(measuring, "BENCHMARKS", {})
    benchmark("P1", title="a", sign="<=", bound=2)(lambda _smoke: Figure.of([1, 2, 3, 4, 5], "too slow"))
    assert bench.main(["--out", str(tmp_path / "bench.json")]) == bench.DOES_NOT_HOLD
    assert json.loads((tmp_path / "bench.json").read_text()) == {
        "P1": {"value": 3, "target": "<= 2", "holds": False, "spread": [1, 5], "runs": 5, "note": "too slow"}
    }
    assert "DOES NOT HOLD" in capsys.readouterr().out
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


def test_contenders_alternate_and_the_order_is_reversed_each_time() -> None:
    order: list[str] = []
    times = interleaved({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repetitions=5)
    assert "".join(order) == "ab" + "ba" + "ab" + "ba" + "ab" + "ba"
    assert {name: len(taken) for name, taken in times.items()} == {"a": 5, "b": 5}
