"""One invented application through the operations that real requests use, its two deliveries included."""

from contextlib import suppress
from datetime import datetime

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.services import give_role, open_account
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.attachments.operations import attach_document
from intake.submissions.drafts.operations import start_draft
from intake.submissions.filing.evaluation import IncompleteError, NotEligibleError
from intake.submissions.filing.forms import DECLARATIONS
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, HumanReview
from offers.models import Offer
from offers.selectors import document_requests

from .applications import REASON, REVIEW_MESSAGE, Application
from .people import DOMAIN
from .sample_documents import make_sample_upload
from .tally import Tally

ALL_DECLARATIONS = frozenset(declaration.key for declaration in DECLARATIONS)


def invite_staff(*, at: datetime) -> User:
    """Return the invented staff user who decides; their address cannot receive a sign-in code."""
    user, created = open_account(email=f"personnel@{DOMAIN}", at=at)
    if created:
        user.display_name = "Personnel synthétique"
        user.save(update_fields=["display_name"])
        give_role(user=user, role=Role.STAFF)
    return user


def make_application(
    *, offer: Offer, application: Application, staff: User, at: datetime, tally: Tally
) -> None:
    """Create the application, file it if planned and admitted, apply its moves, and count it in `tally`.

    An existing application of the person to the offer is skipped.
    """
    candidate, _created = open_account(email=application.person.email, at=at)
    if Submission.objects.filter(offer=offer, candidate=candidate).exists():
        tally.already += 1
        return
    draft = start_draft(candidate=candidate, offer=offer, answers=application.answers)
    receipt = None
    if application.files:
        for request in document_requests(offer).filter(required=True):
            upload = make_sample_upload(owner=candidate, request=request, at=at)
            attach_document(draft=draft, request=request, upload=upload, actor=candidate)
        with suppress(IncompleteError, NotEligibleError):  # refused by the offer's rules: it stays a draft
            receipt = file_draft(
                draft=draft,
                actor=candidate,
                declarations=ALL_DECLARATIONS,
                review_message=REVIEW_MESSAGE if application.asks_for_review else "",
            )
    submission = Submission.objects.get(offer=offer, candidate=candidate)
    if receipt is not None and submission.reserve == HumanReview.NONE:
        for action in application.moves:
            submission = _move(submission, action, staff)
    tally.count(submission, receipt.filing.verdict.outcome if receipt else None)


def _move(submission: Submission, action: Action, staff: User) -> Submission:
    if TABLE[action].permission is None:
        return withdraw_submission(submission=submission, actor=submission.candidate, reason=REASON)
    reason = REASON if TABLE[action].reason_required else ""
    return move_as_reviewer(submission=submission, action=action, actor=staff, reason=reason)
