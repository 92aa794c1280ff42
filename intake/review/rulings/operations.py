"""Rule on a finding that the rules refuse, unless another user has claimed the file."""

from django.db import transaction

from intake.accounts.models import User
from intake.review.access.impartiality import check_impartial
from intake.review.claims.operations import check_and_renew_claim
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.rulings.operations import rule_on_finding, uphold_review


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
    """Rule on one finding through `rule_on_finding`, and claim the file, taking it over from the user numbered `over`.

    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises FileClaimedError: if a user other than `over` has claimed the file.
    :raises intake.submissions.lifecycle.errors.SubmissionError: as `rule_on_finding`.
    """
    check_impartial(actor=actor, offer=filing.submission.offer)
    check_and_renew_claim(submission=filing.submission, actor=actor, over=over, takes=True)
    return rule_on_finding(
        filing=filing, position=position, decision=decision, reason=reason, actor=actor, seen=seen
    )


@transaction.atomic
def uphold_as_reviewer(*, filing: Filing, actor: User, seen: int) -> Submission:
    """Approve that the file is inadmissible through `uphold_review`, unless another user has claimed the file.

    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises FileClaimedError: if another user has claimed the file.
    :raises intake.submissions.lifecycle.errors.SubmissionError: as `uphold_review`.
    """
    check_impartial(actor=actor, offer=filing.submission.offer)
    check_and_renew_claim(submission=filing.submission, actor=actor, takes=False)
    return uphold_review(filing=filing, actor=actor, seen=seen)
