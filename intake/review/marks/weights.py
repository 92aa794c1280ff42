"""How much each line of an offer's grid weighs."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.impartiality import check_impartial
from intake.review.access.queries import grid_lines_of
from intake.review.models import WEIGHT_MAX, Assessment, LineWeight
from offers.models import GridLine, Offer

from .errors import NothingWeighsError, StaleWeightsError, UnknownLineError, WeightOutOfBoundsError
from .queries import weights_of
from .scores import score_of, weights_digest

_BATCH = 500
"""Assessments whose score one statement changes."""


@transaction.atomic
def set_line_weights(
    *, offer: Offer, weights: Mapping[int, int], actor: User, seen: str | None = None
) -> int:
    """Let the lines of the grid of `offer` weigh `weights`, by number; return how many scores that changed.

    Lines left out weigh what they did. What was submitted is scored anew, its marks as they are; first scores stay.
    `seen` is the `edition_of_weights` of all the lines as the page showed them; `None` replaces whatever is there. What
    the lines weigh already is not stale.

    :raises PermissionDenied: if `actor` may not weigh lines.
    :raises OwnSubmissionError: if they applied to the offer.
    :raises InConflictError: if they have a conflict of interest on a candidature to it.
    :raises UnknownLineError: if a line is not of the offer's grid.
    :raises WeightOutOfBoundsError: if a weight is not from 0 to `WEIGHT_MAX`.
    :raises NothingWeighsError: if no line would weigh anything.
    :raises StaleWeightsError: if the lines no longer weigh what was `seen`.
    """
    if not actor.has_perm("review.change_lineweight"):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)
    # The lock that submitting takes too: no score is made of the weights of before once this is committed.
    len(GridLine.objects.filter(offer=offer).order_by("position").select_for_update(of=("self",)))
    lines = grid_lines_of(
        offer
    )  # after it: joined to the rows waited for, the weights would be those of before
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
