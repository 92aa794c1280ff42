"""R10 (`docs/targets.md`): measured by `test_raw_sql`."""

from tests.faults.figures_from_tests import measure_by_tests
from tests.faults.measuring import Measured, Options

KEYS = ("R10",)


def measure(options: Options) -> dict[str, Measured]:
    """Run the test and return its figures."""
    return measure_by_tests("R10", "tests/faults/test_raw_sql.py", options)
