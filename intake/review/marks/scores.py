"""Score of an assessment: the weighted mean of its marks by line, from 0 to 5, with three decimals. Scores as text."""

import hashlib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.translation import ngettext

from intake.review.models import Mark
from intake.web import formats

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
    text = ",".join(f"{line}={weight}" for line, weight in sorted(weights.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _figures(number: Decimal, places: int) -> str:
    """Return a number with `places` decimals, rounded half up as everywhere: format() would round half to even."""
    figures = str(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
    return figures if formats.in_english() else figures.replace(".", ",")


def score_text(score: Decimal | None) -> str:
    """Return a score from 0 to 5 with two decimals; a whole score with its mark's label; a dash without one."""
    if score is None:
        return "—"
    whole = int(score)
    return f"{whole} — {Mark(whole).label}" if score == whole else _figures(score, 2)


def mean_text(mean: Decimal | None, marks: int) -> str:
    """Return the mean with one decimal and the number of marks; a dash without a mark."""
    if mean is None:
        return "—"
    text = ngettext("%(mean)s (%(marks)s note)", "%(mean)s (%(marks)s notes)", marks)
    return text % {"mean": _figures(mean, 1), "marks": formats.number(marks)}


def mean_figures(mean: Decimal | None) -> str:
    """Return a mean with two decimals; a dash without one."""
    return "—" if mean is None else _figures(mean, 2)


def thousandths(score: Decimal | None) -> str:
    """Return a score with three decimals, as used in the ranking; a dash without one."""
    return "—" if score is None else _figures(score, 3)
