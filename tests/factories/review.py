"""Committees, marks and dossiers for tests, created by the operations of the portal."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.receipts.receipt_file import make_json_receipt
from intake.review.bulk.operations import start_bulk_run
from intake.review.committees.operations import add_committee_member, declare_conflict
from intake.review.marks.operations import AssessmentData, LineMarkData, save_assessment, submit_assessment
from intake.review.models import Assessment, BulkRun, Conflict, SavedView
from intake.review.queue.saved_views import save_view
from intake.signing.services import sign
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Ruling, Submission
from intake.submissions.receipts.queries import statement_of
from intake.submissions.rulings.operations import RulingNotAllowedError, rule_on_finding, uphold_review
from intake.submissions.rulings.queries import current_rulings
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.files import pdf_bytes
from tests.factories.people import make_staff
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_filing, make_open_offer


def make_reviewer(*offers: Offer, email: str = "") -> User:
    """Create a reviewer who is on the committees of `offers`."""
    reviewer = make_staff(Role.REVIEWER, email)
    for offer in offers:
        add_committee_member(offer=offer, reviewer=reviewer)
    return reviewer


def make_filed(offer: Offer, *, candidate: User | None = None, **answers: Any) -> Submission:
    """File an application to `offer`; return its submission, reloaded."""
    receipt = make_filing(offer=offer, candidate=candidate, **answers)
    return Submission.objects.select_related("standing_filing__receipt").get(pk=receipt.filing.submission_id)


def make_filed_for_review(
    offer: Offer, *, message: str = "Mon acte de naissance dit 2001.", **answers: Any
) -> Submission:
    """File, with a review request, an application that the rules refuse: by default for the age."""
    draft = make_draft(offer=offer, **({"birth_date": "1970-01-01"} | answers))
    receipt = file_draft(
        draft=draft,
        actor=draft.submission.candidate,
        declarations=ALL_DECLARATIONS,
        review_message=message,
    )
    return Submission.objects.select_related("standing_filing__receipt").get(pk=receipt.filing.submission_id)


def make_ruling(
    submission: Submission,
    position: int,
    decision: Ruling.Decision,
    *,
    reason: str = "Vu la pièce.",
    staff: User | None = None,
) -> Submission:
    """Rule on one refused finding of a filing with a review request; a second person approves if it is upheld."""
    filing = submission.standing_filing
    if filing is None:
        msg = "only a filing is judged"
        raise ValueError(msg)
    ruled = rule_on_finding(
        filing=filing, position=position, decision=decision, reason=reason, actor=staff or make_staff()
    )
    return uphold(ruled) or ruled


def uphold(submission: Submission) -> Submission | None:
    """Approve, as a second person, a human review that waits for it. Return the submission; None if it does not."""
    filing = Submission.objects.get(pk=submission.pk).standing_filing
    if filing is None:
        return None
    rulings = current_rulings(filing)
    try:
        with transaction.atomic():
            last = max(row.pk for row in rulings.values())
            return uphold_review(filing=filing, actor=make_staff(), seen=last)
    except RulingNotAllowedError:
        return None


def make_assessment(submission: Submission, reviewer: User, value: int | None, note: str = "") -> Assessment:
    """Submit an assessment of `reviewer`, the same mark on each line, replacing theirs; a draft if `value` is None."""
    own = Assessment.objects.filter(submission=submission, reviewer=reviewer).first()
    lines = {line.pk: LineMarkData(value) for line in submission.offer.grid_lines.all()}
    return (save_assessment if value is None else submit_assessment)(
        submission=submission,
        reviewer=reviewer,
        given=AssessmentData(mark=value, lines=lines, note=note),
        version=own.version if own else 0,
        at=timezone.now(),
    )


def make_conflict(submission: Submission | None = None, reviewer: User | None = None) -> Conflict:
    """Declare a conflict of interest of a committee member."""
    submission = submission or make_filed(make_open_offer())
    reviewer = reviewer or make_reviewer(submission.offer)
    return declare_conflict(
        submission=submission, reviewer=reviewer, actor=reviewer, reason="Ancienne élève."
    )


def make_bulk_run(submission: Submission, actor: User) -> BulkRun:
    """Confirm a bulk run that starts the review of the submission, as `actor`; its job is not performed yet."""
    return start_bulk_run(
        key=uuid4(),
        action=Action.START_REVIEW,
        actor=actor,
        versions={submission.pk: submission.version},
        query="etat=SUBMITTED",
        at=timezone.now(),
    )


def make_saved_view(owner: User, name: str = "À prendre", *, shared: bool = False) -> SavedView:
    """Save a view of `owner` that shows the received submissions."""
    return save_view(owner=owner, name=name, query="etat=SUBMITTED", shared=shared)


def make_shortlisted(offer: Offer, *, staff: User | None = None, **answers: Any) -> Submission:
    """File an application, start its review and shortlist it."""
    submission = make_filed(offer, **answers)
    actor = staff or make_staff()
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=submission, action=action, actor=actor)
    submission.refresh_from_db()
    return submission


def make_dossier(
    submission: Submission, *, content: bytes | None = None, pages: int = 1, starts: Sequence[int] = ()
) -> Dossier:
    """Store a small PDF as the dossier of the current filing, with `pages` as its number of pages."""
    filing = submission.standing_filing
    if filing is None:
        msg = "only a filed submission has a dossier"
        raise ValueError(msg)
    content = content or pdf_bytes()
    dossier = Dossier(
        seal=filing.seal,
        number=filing.receipt.number,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        pages=pages,
        starts=list(starts),
        built_at=timezone.now(),
    )
    dossier.file.save(f"{filing.receipt.number}.pdf", ContentFile(content), save=False)
    dossier.save()
    return dossier


def make_signed_receipt(submission: Submission) -> SignedReceipt:
    """Store a small PDF as the signed receipt of the current filing; the JSON receipt is signed as by the portal."""
    filing = submission.standing_filing
    if filing is None:
        msg = "only a filed submission has a receipt"
        raise ValueError(msg)
    facts = statement_of(filing.receipt)
    content = pdf_bytes() + facts.canonical()  # differs per filing, so each has its own digest
    receipt = SignedReceipt(
        seal=filing.seal,
        number=facts.number,
        code=facts.code,
        twin=make_json_receipt(facts, sign(facts.canonical())),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        built_at=timezone.now(),
    )
    receipt.file.save(f"{facts.number}.pdf", ContentFile(content), save=False)
    receipt.save()
    return receipt
