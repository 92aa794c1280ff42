"""How marks by line become one score: a weighted mean, from 0 to 5, to three decimals."""

import hashlib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

DEFAULT_WEIGHTS: Final = {"REQUIRED": 2, "ASSET": 1}
"""What a line weighs, by what the offer says of it, until the staff weigh it: a decision, no source settles it."""
_THOUSANDTH = Decimal("0.001")


def score_of(marks: Mapping[int, int], weights: Mapping[int, int]) -> Decimal:
    """Return the mean of `marks`, each from 0 to 5, weighted by `weights`, both by line: from 0 to 5, half up.

    A line that is not marked counts for nothing. Where nothing that is marked weighs anything, the lines weigh the
    same: there is no other mean to give.

    :raises ValueError: if there is no mark.
    :raises KeyError: if a marked line has no weight.
    """
    if not marks:
        msg = "there is no mark to make a score of"
        raise ValueError(msg)
    counted = {line: weights[line] for line in marks}
    if not any(counted.values()):
        counted = dict.fromkeys(marks, 1)
    total = sum(mark * counted[line] for line, mark in marks.items())
    return (Decimal(total) / sum(counted.values())).quantize(_THOUSANDTH, rounding=ROUND_HALF_UP)


def weights_digest(weights: Mapping[int, int]) -> str:
    """Return what names these weights, by line, so that a later write can say which ones it was made from."""
    said = ",".join(f"{line}={weight}" for line, weight in sorted(weights.items()))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
