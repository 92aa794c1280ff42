"""R7 (`docs/targets.md`): measured by `test_one_receipt`."""

from tests.faults.figures_from_tests import measure_by_tests
from tests.faults.measuring import Measured, Options

KEYS = ("R7",)


def measure(options: Options) -> dict[str, Measured]:
    """Run the test and return its figures."""
    return measure_by_tests("R7", "tests/faults/test_one_receipt.py", options)
