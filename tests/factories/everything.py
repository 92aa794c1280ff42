"""A small portal with one row of every kind: filed, amended, under human review, selected, completed, frozen."""

from dataclasses import dataclass

from django.utils import timezone

from intake.accounts.changes import close_account
from intake.accounts.models import AccountChange, User
from intake.dossiers.models import Dossier, SignedReceipt
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.review.models import DecisionBatch, Shortlist
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.delivery_kinds import RECEIPT_MAIL
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Arrival, PendingUpload, Receipt, Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.complements import file_answer, request_complement_for
from tests.factories.decisions import decide
from tests.factories.people import make_administrator, make_staff, make_user
from tests.factories.review import (
    make_assessment,
    make_dossier,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
    make_signed_receipt,
)
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    make_arrival,
    make_draft,
    make_open_offer,
    make_waiting_upload,
)


@dataclass(frozen=True, slots=True)
class Everything:
    """The created rows, by what they show."""

    offer: Offer
    other: Offer
    """An offer without applications."""
    staff: User
    amended: Submission
    """Filed twice."""
    receipt: Receipt
    """Receipt of the first of these filings."""
    reserved: Submission
    incomplete: Submission
    """It has an open complement request."""
    answered: Submission
    """Its complement request is answered."""
    selected: Submission
    completed: Submission
    drafted: Submission
    arrived: Arrival
    waiting: PendingUpload
    """A file that no worker has inspected yet, of another draft."""
    shortlist: Shortlist
    batch: DecisionBatch
    dossier: Dossier
    """Dossier of the current filing of `amended`."""
    signed: SignedReceipt
    """Signed receipt of `selected`."""
    sent: Delivery
    """Delivery of a receipt's mail."""
    closing: AccountChange
    """Closing of an account without submission."""


def make_everything() -> Everything:
    """Create all rows by the operations of the portal."""
    offer, staff = make_open_offer(), make_staff()
    amended = make_filed(offer)
    filing = amended.standing_filing
    assert filing is not None
    first = filing.receipt
    draft = start_amendment(submission=amended, actor=amended.candidate)
    file_draft(draft=draft, actor=amended.candidate, declarations=ALL_DECLARATIONS)
    chosen, done, listed = (make_shortlisted(offer, staff=staff) for _each in range(3))
    make_assessment(listed, make_reviewer(offer), 4)
    shortlist = freeze_shortlist(offer=offer, actor=staff, reason="Pour l’hôte", at=timezone.now())
    batch = decide(chosen, done, action=Action.SELECT)
    for action in (Action.PLACE, Action.COMPLETE):
        done.refresh_from_db()
        move_submission(submission=done, action=action, actor=staff)
    sent = Delivery.objects.get(kind=RECEIPT_MAIL, key=first.number)
    deliver(sent.pk)
    amended.refresh_from_db()
    incomplete, answered = make_filed(offer), make_filed(offer)
    for each in (incomplete, answered):
        request_complement_for(each, staff=staff)
    file_answer(answered)
    return Everything(
        offer=offer,
        other=make_open_offer(),
        staff=staff,
        amended=amended,
        receipt=first,
        reserved=make_filed_for_review(offer),
        incomplete=incomplete,
        answered=answered,
        selected=chosen,
        completed=done,
        drafted=make_draft(offer=offer).submission,
        arrived=make_arrival(make_draft(offer=offer)),
        waiting=make_waiting_upload(make_draft(offer=offer)),
        shortlist=shortlist,
        batch=batch,
        dossier=make_dossier(amended),
        signed=make_signed_receipt(chosen),
        sent=sent,
        closing=close_account(
            person=make_user(), reason="À sa demande.", actor=make_administrator(), at=timezone.now()
        ),
    )
