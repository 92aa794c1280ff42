"""A page that misses the target is audited again, and its medians count."""

from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest

from tests.benchmarks import lighthouse
from tests.journeys.page_visit import PageVisit

SCENE: dict[str, Any] = {"rows": {}, "usual": {}, "variants": {"": {}}, "sessions": {}}


def _report(performance: float) -> dict[str, Any]:
    scores = dict.fromkeys(lighthouse.CATEGORIES, 1.0) | {"performance": performance}
    audits = {key: {"score": None, "numericValue": 1000.0} for key in lighthouse._METRICS}
    return {
        "categories": {name: {"score": score} for name, score in scores.items()},
        "audits": audits | {"unused-css-rules": {"score": 0.5}, "viewport": {"score": 1}},
    }


@pytest.mark.parametrize("performances,runs,score", [([0.95, 0], 1, 95), ([0.90, 0.99, 0.97], 3, 97)])
def test_a_page_below_the_target_is_audited_three_times(
    monkeypatch: pytest.MonkeyPatch, performances: list[float], runs: int, score: float
) -> None:
    audited: list[str] = []

    def audit(url: str, _cookies: list[tuple[str, str]]) -> dict[str, Any]:
        audited.append(url)
        return _report(performances[len(audited) - 1])

    monkeypatch.setattr(lighthouse, "audit", audit)
    page = lighthouse.figures_of(PageVisit("offers:list"), "http://127.0.0.1:1", SCENE)
    assert audited == ["http://127.0.0.1:1/offres/"] * runs
    assert page["scores"] == {"performance": score, "accessibility": 100, "best-practices": 100}
    assert page["failed"] == ["unused-css-rules"]
    assert "| offers:list anonymous | " + str(score) in lighthouse.table([page])


@pytest.mark.parametrize("failures", [1, lighthouse.TRIES])
def test_a_page_whose_trace_is_lost_is_audited_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failures: int
) -> None:
    command = tmp_path / "lighthouse"
    command.write_text(
        f"#!/bin/sh\necho >> {tmp_path}/runs\n[ $(wc -l < {tmp_path}/runs) -gt {failures} ] && echo '{{}}'\n"
    )
    monkeypatch.setattr(lighthouse, "node", lambda: "sh")
    monkeypatch.setattr(lighthouse, "_COMMAND", command)
    if failures < lighthouse.TRIES:
        assert lighthouse.audit("http://127.0.0.1:1/", []) == {}
    else:
        with pytest.raises(CalledProcessError):
            lighthouse.audit("http://127.0.0.1:1/", [])
    assert len((tmp_path / "runs").read_text().splitlines()) == min(failures + 1, lighthouse.TRIES)
