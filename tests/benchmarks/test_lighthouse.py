"""A page that misses the target is audited again, and its medians count."""

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
