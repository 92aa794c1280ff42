"""Judging what the rules refuse, on a file that nobody else has in hand."""

from django.db import transaction

from intake.accounts.models import User
from intake.review.access.impartiality import check_impartial
from intake.review.claims.operations import check_and_renew_claim
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.rulings.operations import rule_on_finding


@transaction.atomic
def rule_as_reviewer(
    *,
    filing: Filing,
    position: int,
    decision: Ruling.Decision,
    reason: str,
    actor: User,
    seen: int | None = None,
    over: int | None = None,
) -> Submission:
    """Judge one finding as `rule_on_finding` does, and take the file in hand.

    `over` is whose lease the actor takes over, if another person had it in hand.

    :raises OwnSubmissionError: if the actor applied to the offer.
    :raises InConflictError: if they have a conflict of interest on a candidature to it.
    :raises FileHeldError: if another person than `over` has the file in hand.
    :raises intake.submissions.lifecycle.errors.SubmissionError: as `rule_on_finding` does.
    """
    check_impartial(actor=actor, offer=filing.submission.offer)
    check_and_renew_claim(submission=filing.submission, actor=actor, over=over, takes=True)
    return rule_on_finding(
        filing=filing, position=position, decision=decision, reason=reason, actor=actor, seen=seen
    )
