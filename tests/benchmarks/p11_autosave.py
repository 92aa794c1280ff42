"""P11 (`docs/targets.md`): a save while typing beside a view with session, sign-in and one UPDATE."""

from statistics import median

from tests.benchmarks.measuring import Figure, benchmark, measured_by


@benchmark("P11", title="save while typing to a view with one UPDATE, p50", sign="<=", bound=2.5)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Measure in a new process, which runs a whole portal."""
    little = ["--requests", "3"] if smoke else []
    taken = measured_by("autosave_beside_view", *little)
    ratios = [mine / other for mine, other in zip(taken["save"], taken["update"], strict=True)]
    return Figure.of(
        ratios, f"{median(taken['save']):.1f} ms beside {median(taken['update']):.1f} ms, one client"
    )
