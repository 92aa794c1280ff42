"""Verification panel of the submission's page."""

from collections.abc import Mapping
from typing import Any

from intake.accounts.models import User
from intake.review.access.errors import InConflictError
from intake.review.access.register_matches import OPEN, unverified_match
from intake.review.claims.views import claim_context
from intake.review.pages.sealed_filing import FilingDetails
from intake.submissions.models import Submission, Transition
from intake.submissions.states import SELECTED_STATES, TABLE, Action, HumanReview, State

from .checks import documents_of, read_verifications
from .forms import EvidenceForm
from .queries import is_verifiable, is_verifiable_by
from .register_recheck import positions_to_reconfirm


def verification_context(
    user: User,
    submission: Submission,
    reading: FilingDetails,
    sent: Mapping[int, EvidenceForm],
    *,
    impartial: bool,
) -> dict[str, Any]:
    """Return the context of the verdict's panel, the dossier's outline and the banners. At most eight queries.

    `sent` has the posted forms with errors, by the finding's position. A user who is not `impartial` gets no form.
    """
    is_open = is_verifiable(submission)
    may_verify = is_verifiable_by(submission, user)
    documents = documents_of(reading.filing)
    checks = read_verifications(reading, documents, verifies=may_verify and impartial, sent=sent)
    return claim_context(user, submission) | {
        "checks": checks,
        "bound_words": InConflictError.message if may_verify and not impartial else "",
        "verification_counts": is_open,
        "register_match": unverified_match(reading.filing) if submission.state in OPEN else None,
        "to_confirm_since": _to_confirm_since(submission, reading),
        "is_selected": submission.state == State.SELECTED,
        "stage_held": submission.state == State.SELECTED and checks.confirmed < checks.wanted,
        "has_begun": submission.state == State.PLACED,
        "contradicted_since": checks.first_contradicted if submission.state in SELECTED_STATES else None,
        "workable": is_open or submission.reserve == HumanReview.PENDING,
        "withdrawal": _withdrawal(submission),
    }


def _to_confirm_since(submission: Submission, reading: FilingDetails) -> int | None:
    """Return the position of the ONCE_ONLY finding that must be confirmed again before a selection, or None."""
    if submission.state not in TABLE[Action.SELECT].sources:
        return None
    return positions_to_reconfirm({reading.filing: submission.offer.programme}).get(reading.filing.pk)


def _withdrawal(submission: Submission) -> Transition | None:
    if submission.state != State.WITHDRAWN:
        return None
    moves = submission.transitions.filter(action=Action.WITHDRAW)
    return moves.select_related("actor").order_by("-at", "-pk").first()
