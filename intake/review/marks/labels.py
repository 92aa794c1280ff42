"""Scores and means in words and figures."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import ngettext

from intake.review.models import Mark
from intake.web import formats


def _figures(number: Decimal, places: int) -> str:
    """Write a number to `places` decimals, half up as everywhere: format() alone would round to the even figure."""
    figures = str(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
    return figures if formats.in_english() else figures.replace(".", ",")


def score_text(score: Decimal | None) -> str:
    """Return a score from 0 to 5, to two decimals; a whole one with its mark's word; a dash without one."""
    if score is None:
        return "—"
    whole = int(score)
    return f"{whole} — {Mark(whole).label}" if score == whole else _figures(score, 2)


def mean_text(mean: Decimal | None, marks: int) -> str:
    """Return the committee's mean, to one decimal, and how many marks it is made of; a dash without a mark."""
    if mean is None:
        return "—"
    worded = ngettext("%(mean)s (%(marks)s note)", "%(mean)s (%(marks)s notes)", marks)
    return worded % {"mean": _figures(mean, 1), "marks": marks}


def mean_figures(mean: Decimal | None) -> str:
    """Return a mean to two decimals, a dash without one."""
    return "—" if mean is None else _figures(mean, 2)


def thousandths(score: Decimal | None) -> str:
    """Return a score to the thousandth, as scores are ranked; a dash without one."""
    return "—" if score is None else _figures(score, 3)
