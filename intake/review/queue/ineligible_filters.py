"""Criteria that refuse the filings with a review request, from their sealed verdicts."""

from django.db.models import F, Func, JSONField, Q, QuerySet, Value
from django.db.models.functions import Cast

from intake.submissions.models import Submission
from intake.submissions.states import HumanReview

_CANONICAL = "standing_filing__seal__canonical"
_REFUSING = '$.verdict.findings[*] ? (@.outcome == "NOT_MET" && @.effect == "BLOCK").kind'


class _RefusingKinds(Func):
    """Kinds of the findings that refuse, one row each."""

    function = "jsonb_path_query"
    template = "%(function)s(%(expressions)s::jsonpath)"
    set_returning = True
    output_field = JSONField()


def filed_for_review() -> Q:
    """Return the condition that the current filing was made with a review request, whatever the rulings since."""
    return ~Q(reserve=HumanReview.NONE)


def refused_by_criterion(kind: str) -> Q:
    """Return the condition that a criterion of `kind` refuses the current filing; needs `with_sealed_verdict`."""
    found = {"verdict": {"findings": [{"kind": kind, "outcome": "NOT_MET", "effect": "BLOCK"}]}}
    return filed_for_review() & Q(sealed__contains=found)


def with_sealed_verdict(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Add the sealed payload as alias `sealed`, for `refused_by_criterion`."""
    return submissions.alias(sealed=Cast(_CANONICAL, JSONField()))


def refusing_kinds(submissions: QuerySet[Submission]) -> dict[str, int]:
    """Count the submissions that each kind of criterion refuses; the most frequent first, then by kind."""
    kinds = _RefusingKinds(Cast(F(_CANONICAL), JSONField()), Value(_REFUSING))
    # A criterion that may repeat counts once per file.
    pairs = set(
        submissions.filter(filed_for_review())
        .order_by()
        .annotate(refusing=kinds)
        .values_list("pk", "refusing")
    )
    counts: dict[str, int] = {}
    for _pk, kind in pairs:
        counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
