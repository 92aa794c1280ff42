"""Instants at which people press before a closing: faster and faster, as 1 / (time to closing)."""

import math
import random
from collections.abc import Sequence


def slowest_end(*, count: int, seconds: float, peak: float) -> float:
    """Return the seconds `c` for which arrivals at a rate of A / (time to closing + c) end at `peak` a second.

    Without `c` the rate would grow without end. A is such that `count` arrive in `seconds`: A = peak × c.

    :raises ValueError: if the peak is not above the mean rate.
    """
    if peak * seconds <= count:
        message = f"a peak of {peak:g} a second is not above the mean of {count / seconds:g}"
        raise ValueError(message)
    low, high = seconds * 1e-9, seconds * 1e9  # the count grows with c
    for _half in range(200):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if peak * middle * math.log1p(seconds / middle) > count else (middle, high)
    return low


def rush(*, count: int, seconds: float, peak: float, seed: int) -> list[float]:
    """Return `count` instants from 0 to `seconds`, sorted, drawn from the hyperbolic rate that ends at `peak`."""
    end = slowest_end(count=count, seconds=seconds, peak=peak)
    whole = math.log1p(seconds / end)
    chance = random.Random(seed)  # noqa: S311 -- arrivals that can be drawn again, no secret
    drawn = (seconds + end - (seconds + end) * math.exp(-whole * chance.random()) for _each in range(count))
    return sorted(drawn)


def steady(*, rate: float, seconds: float, seed: int) -> list[float]:
    """Return the instants of a Poisson process of `rate` a second during `seconds`."""
    chance = random.Random(seed)  # noqa: S311 -- as above
    found: list[float] = []
    at = chance.expovariate(rate)
    while at < seconds:
        found.append(at)
        at += chance.expovariate(rate)
    return found


def per_second(instants: Sequence[float], *, seconds: int) -> list[int]:
    """Return how many of the instants fall in each of the first `seconds` seconds."""
    counts = [0] * seconds
    for instant in instants:
        if 0 <= instant < seconds:
            counts[int(instant)] += 1
    return counts
