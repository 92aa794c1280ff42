"""R9 (`docs/targets.md`): measured by `test_application_clock`."""

from tests.faults.figures_from_tests import measure_by_tests
from tests.faults.measuring import Measured, Options

KEYS = ("R9",)


def measure(options: Options) -> dict[str, Measured]:
    """Run the test and return its figures."""
    return measure_by_tests("R9", "tests/faults/test_application_clock.py", options)
