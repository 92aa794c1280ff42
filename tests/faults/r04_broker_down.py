"""R4 (`docs/targets.md`): filing while the broker, which is also the cache, is dead; and while it never answers."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.faults import portal as portals
from tests.faults.measuring import Measured, Options, measured, percentile
from tests.faults.portal import Portal

if TYPE_CHECKING:
    from tests.faults.people import Person

KEYS = ("R4",)
PAIRS, SMOKE_PAIRS = 5, 1
FILINGS, SMOKE_FILINGS = 60, 10  # of each broker state, per pair
CLIENTS = 2
MAX_RATIO = 2


def measure(options: Options) -> dict[str, Measured]:
    """File in turn with the broker, without it and with a mute one; compare the p99 of the answers."""
    from_normal: list[float] = []
    from_down: list[float] = []
    from_mute: list[float] = []
    ratios: list[float] = []
    refused = 0
    with portals.running(options.folder / "portal") as portal:
        from tests.faults.people import Crowd  # noqa: PLC0415 -- needs the portal's settings

        crowd = Crowd(portal.port)
        # The work that follows a filing is not measured: stop it, so that it does not slow down the answers.
        for name in portal.others():
            portal.rest(name)
            portal.signal(name, signal.SIGSTOP)
        count = SMOKE_FILINGS if options.smoke else FILINGS
        _file(portal, [crowd.next() for _ in range(8)])  # warms both processes
        for _pair in range(SMOKE_PAIRS if options.smoke else PAIRS):
            normal, missing = _file(portal, [crowd.next() for _ in range(count)])
            refused += missing
            people = [crowd.next() for _ in range(count)]
            portal.kill_broker()
            down, missing = _file(portal, people)
            refused += missing
            portal.start_broker()
            time.sleep(2.5)  # each process detects by itself that the broker answers again
            people = [crowd.next() for _ in range(count)]
            portal.signal_broker(signal.SIGSTOP)
            mute, missing = _file(portal, people)
            refused += missing
            portal.signal_broker(signal.SIGCONT)
            time.sleep(2.5)
            normal_99 = percentile(normal, 0.99)
            ratios += [percentile(down, 0.99) / normal_99, percentile(mute, 0.99) / normal_99]
            from_normal += normal
            from_down += down
            from_mute += mute
        portal.tend()
        fell = portal.fell
    return {"R4": figure(from_normal, from_down, from_mute, ratios=ratios, refused=refused, fell=fell)}


def figure(
    from_normal: list[float],
    from_down: list[float],
    from_mute: list[float],
    *,
    ratios: list[float],
    refused: int,
    fell: list[str],
) -> Measured:
    """Return the worse of the two ratios to the normal p99; `ratios` are those of each pair."""
    at_99 = [percentile(times, 0.99) * 1000 for times in (from_normal, from_down, from_mute)]
    at_50 = [percentile(times, 0.5) * 1000 for times in (from_normal, from_down, from_mute)]
    down, mute = at_99[1] / at_99[0], at_99[2] / at_99[0]
    return measured(
        max(down, mute),
        f"p99 <= {MAX_RATIO}x its normal p99, without a broker and with a mute one; 0 refused",
        holds=max(down, mute) <= MAX_RATIO and not refused and not fell,
        note=f"ms of a filing with the broker, without it, with a mute one: p50 {_three(at_50)}, "
        f"p99 {_three(at_99)}, {down:.2f}x and {mute:.2f}x; {len(from_normal)} filings of each, {refused} refused"
        + "".join(f"; fell: {one}" for one in fell),
        values=ratios,
    )


def _file(portal: Portal, people: "list[Person]") -> tuple[list[float], int]:
    """File as each person, two at a time; return the seconds of each answer, and the number without a receipt."""
    del portal
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda person: person.file(), people))
    return [answer.seconds for answer in answers], sum(
        not (answer.is_receipt or answer.is_arrival) for answer in answers
    )


def _three(values: list[float]) -> str:
    return ", ".join(f"{value:.0f}" for value in values)
