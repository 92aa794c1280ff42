"""Scores and means as text."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import ngettext

from intake.review.models import Mark
from intake.web import formats


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
    worded = ngettext("%(mean)s (%(marks)s note)", "%(mean)s (%(marks)s notes)", marks)
    return worded % {"mean": _figures(mean, 1), "marks": marks}


def mean_figures(mean: Decimal | None) -> str:
    """Return a mean with two decimals; a dash without one."""
    return "—" if mean is None else _figures(mean, 2)


def thousandths(score: Decimal | None) -> str:
    """Return a score with three decimals, as used in the ranking; a dash without one."""
    return "—" if score is None else _figures(score, 3)
