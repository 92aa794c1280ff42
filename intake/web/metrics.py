"""Metrics of the running portal, one JSON line each to the logger `intake.metrics`. None is about a person.

`docs/operations/metrics.md` says who reads the lines, and `deploy/alerts/operations.yaml` what they trigger.
"""

import datetime as dt
import json
import logging
from enum import StrEnum

from django.utils import timezone

logger = logging.getLogger("intake.metrics")


class Metric(StrEnum):
    """What a line measures. Each has its alerts in `deploy/alerts/operations.yaml`."""

    QUEUE = "QUEUE"
    """Each minute, by each sweep, of each `queue`: how many deliveries are `waiting`, and `oldest_seconds`."""
    ARRIVALS = "ARRIVALS"
    """Each second, by the sweep, if any was left to the workers: how many are `waiting`, and `oldest_seconds`."""
    ARRIVAL_EXPIRED = "ARRIVAL_EXPIRED"
    """An arrival was in time and is not filed: the portal took too long."""
    OUTAGE = "OUTAGE"
    """A `server` failed for this `reason`; again each minute until it answers, or at each failure."""


def record_metric(kind: Metric, **values: str | float) -> None:
    """Write a line with `values`, which are names, codes and numbers."""
    line = {"log": "metrics", "at": timezone.now().astimezone(dt.UTC).isoformat(timespec="milliseconds")}
    logger.info("%s", json.dumps(line | {"kind": kind.value} | values))
