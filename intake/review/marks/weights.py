"""Change the weights of an offer's grid lines."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.impartiality import check_impartial
from intake.review.access.visibility import grid_lines_of
from intake.review.models import WEIGHT_MAX, Assessment, LineWeight
from offers.models import GridLine, Offer

from .errors import NothingWeighsError, StaleWeightsError, UnknownLineError, WeightOutOfBoundsError
from .queries import weights_of
from .scores import score_of, weights_digest

_BATCH = 500
"""Maximum number of assessments that one UPDATE changes."""


@transaction.atomic
def set_line_weights(
    *, offer: Offer, weights: Mapping[int, int], actor: User, seen: str | None = None
) -> int:
    """Set the weights of the grid lines of `offer`, by number; return how many scores changed.

    Lines left out keep their weight. Submitted assessments get a new score from their marks; first scores stay. `seen`
    is the `weights_digest` of all lines that the page displayed; `None` skips this check. Setting the stored weights
    again is not stale.

    :raises PermissionDenied: if `actor` may not change weights.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises UnknownLineError: if a line is not in the offer's grid.
    :raises WeightOutOfBoundsError: if a weight is not from 0 to `WEIGHT_MAX`.
    :raises NothingWeighsError: if all weights would be 0.
    :raises StaleWeightsError: if the weights differ from `seen`.
    """
    if not actor.has_perm("review.change_lineweight"):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)
    # Submitting takes the same lock: no score is computed from the old weights after this commit.
    len(GridLine.objects.filter(offer=offer).order_by("position").select_for_update(of=("self",)))
    lines = grid_lines_of(offer)  # after the lock: a join in the locking SELECT would return the old weights
    if not weights.keys() <= {line.pk for line in lines}:
        raise UnknownLineError
    if not all(0 <= weight <= WEIGHT_MAX for weight in weights.values()):
        raise WeightOutOfBoundsError
    before = weights_of(lines)
    after = {**before, **weights}
    if not any(after.values()):
        raise NothingWeighsError
    if after == before:
        return 0
    if seen is not None and seen != weights_digest(before):
        raise StaleWeightsError
    LineWeight.objects.bulk_create(
        [LineWeight(line_id=line, weight=weight) for line, weight in weights.items()],
        update_conflicts=True,
        unique_fields=["line"],
        update_fields=["weight"],
    )
    changed = _recompute_scores(offer, after)
    said = ", ".join(f"{line.position}={after[line.pk]}" for line in lines)
    record(actor=actor, action="LINES_WEIGHED", subject=offer, detail=said)
    return changed


def _recompute_scores(offer: Offer, weights: Mapping[int, int]) -> int:
    submitted = (
        Assessment.objects.filter(
            submission__offer=offer, submitted_at__isnull=False, line_marks__isnull=False
        )
        .distinct()
        .order_by("pk")
        .prefetch_related("line_marks")
    )
    changed = []
    for assessment in submitted:
        marks = {row.line_id: row.mark for row in assessment.line_marks.all() if row.mark is not None}
        score = score_of(marks, weights) if marks else assessment.score
        if score != assessment.score:
            assessment.score = score
            changed.append(assessment)
    return Assessment.objects.bulk_update(changed, ["score"], batch_size=_BATCH)
