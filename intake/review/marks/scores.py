"""Score of an assessment: the weighted mean of its marks by line, from 0 to 5, with three decimals."""

import hashlib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

DEFAULT_WEIGHTS: Final = {"REQUIRED": 2, "ASSET": 1}
"""Weight of a line by its requirement, until staff set one. A decision of this project: no source gives it."""
_THOUSANDTH = Decimal("0.001")


def score_of(marks: Mapping[int, int], weights: Mapping[int, int]) -> Decimal:
    """Return the mean of `marks` (0 to 5) weighted by `weights`, both by line: from 0 to 5, rounded half up.

    A line without a mark does not count. If all marked lines have weight 0, they count equally: no other mean is
    defined.

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
    """Return a digest of the weights by line. A later write compares it to detect a change."""
    said = ",".join(f"{line}={weight}" for line, weight in sorted(weights.items()))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
