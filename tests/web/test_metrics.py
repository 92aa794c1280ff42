"""A metric is one JSON line, with its instant in UTC."""

import datetime as dt
import json

import pytest

from intake.web.metrics import Metric, logger, record_metric


def test_a_line_has_its_instant_its_kind_and_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(logger, "info", lambda _form, line: written.append(line))
    record_metric(Metric.OUTAGE, server="storage", reason="ENOSPC")
    line = json.loads(written[0])
    assert dt.datetime.fromisoformat(line.pop("at")).utcoffset() == dt.timedelta(0)
    assert line == {"log": "metrics", "kind": "OUTAGE", "server": "storage", "reason": "ENOSPC"}
