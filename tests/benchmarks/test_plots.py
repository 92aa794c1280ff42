"""A chart has its lines, its names and the same bytes each time."""

from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.plots import Chart, step_of

_NAME = "{http://www.w3.org/2000/svg}"


def test_a_chart_draws_each_line_within_its_frame() -> None:
    lines = {"presses < 5": [(0.0, 0.0), (10.0, 50.0)], "done": [(0.0, 20.0), (10.0, 100.0)]}
    chart = Chart("Presses & filings", "seconds", "a second", lines)
    assert chart.svg() == chart.svg()
    drawing = ET.fromstring(chart.svg())  # noqa: S314 -- our own text
    assert drawing.findtext(f"{_NAME}title") == "Presses & filings"
    first, second = drawing.iter(f"{_NAME}polyline")
    assert first.get("points") == "64.0,262.0 836.0,154.0"
    assert second.get("points") == "64.0,218.8 836.0,46.0"
    assert first.get("stroke-dasharray") != second.get("stroke-dasharray")
    texts = [element.text for element in drawing.iter(f"{_NAME}text")]
    assert {"presses < 5", "done", "seconds", "a second", "100", "10"} <= set(texts)


def test_a_chart_without_points_is_empty() -> None:
    assert "<polyline" not in Chart("Nothing", "seconds", "", {}).svg()


@pytest.mark.parametrize("highest,step", [(1, 0.1), (7, 1), (12, 2), (80, 10), (300, 50)])
def test_an_axis_has_round_steps(highest: float, step: float) -> None:
    assert step_of(highest) == pytest.approx(step)
