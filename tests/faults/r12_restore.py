"""R12 (`docs/targets.md`): measured by `test_restore`."""

from tests.faults.figures_from_tests import measure_by_tests
from tests.faults.measuring import Measured, Options

KEYS = ("R12",)


def measure(options: Options) -> dict[str, Measured]:
    """Run the test and return its figures."""
    return measure_by_tests("R12", "tests/faults/test_restore.py", options)
