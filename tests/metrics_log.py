"""Reads the metrics of a test as their collector does: one JSON object a line."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.security_log import SecurityLog


@contextmanager
def metrics_written() -> Iterator[list[dict[str, Any]]]:
    """Yield a list that has, at the end of the block, the lines written in it, without their instants."""
    log, logger = SecurityLog(), logging.getLogger("intake.metrics")
    found: list[dict[str, Any]] = []
    logger.addHandler(log)
    try:
        yield found
    finally:
        logger.removeHandler(log)
        found += [json.loads(line) for line in log.lines]
        for line in found:
            del line["at"]
