"""Steps of the demonstration, through the operations that real requests use. Each step may be repeated."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.services import open_account
from intake.devtools.sample_pdf import make_pdf
from intake.devtools.synthetic.service_steps import (
    ALL_DECLARATIONS,
    open_administrator,
    open_staff,
    upload_pdf,
)
from intake.review.access.errors import AlreadyOnCommitteeError
from intake.review.committees.operations import add_committee_member
from intake.review.exports.operations import export_shortlist
from intake.review.marks.operations import AssessmentData, LineMarkData, submit_assessment
from intake.review.models import Assessment
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.attachments.operations import attach_document
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import save_section, start_draft
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Draft, Receipt, Submission
from intake.submissions.questions.sections import asked_sections
from intake.submissions.states import Action, State
from offers.models import Offer
from offers.selectors import document_requests

from . import sample_texts


@dataclass(frozen=True, slots=True)
class People:
    """Users of the demonstration."""

    candidate: User
    reviewer: User
    staff: User
    administrator: User


def invite_people(*, at: datetime) -> People:
    """Create the accounts that are missing, of the four, and give them their roles."""
    reviewer = open_staff(*sample_texts.REVIEWER, role=Role.REVIEWER, at=at)
    staff = open_staff(*sample_texts.STAFF, role=Role.STAFF, at=at)
    candidate, _created = open_account(email=sample_texts.CANDIDATE[0], at=at)
    administrator = open_administrator(*sample_texts.ADMINISTRATOR, at=at)
    return People(candidate=candidate, reviewer=reviewer, staff=staff, administrator=administrator)


def seat_committee(*, offer: Offer, people: People) -> None:
    """Add the reviewer to the committee of the offer, unless they are on it."""
    try:
        add_committee_member(offer=offer, reviewer=people.reviewer)
    except AlreadyOnCommitteeError:
        return


def find_receipt(*, offer: Offer, candidate: User) -> Receipt | None:
    """Return the receipt of the candidate's first filing on the offer, if there is one."""
    rows = Receipt.objects.filter(filing__submission__offer=offer, filing__submission__candidate=candidate)
    return rows.select_related("filing__submission").order_by("filing__sequence").first()


def file_application(*, offer: Offer, candidate: User, at: datetime) -> Receipt:
    """Fill in a draft on `offer`, section by section, attach its documents, and file it."""
    draft = start_draft(candidate=candidate, offer=offer, accepts=COLLECTION)
    answers = sample_texts.answers_for(offer)
    for section in asked_sections(offer):
        save_section(draft=draft, section=section, answers=section.of(answers), actor=candidate)
    _attach_documents(draft=draft, offer=offer, candidate=candidate, at=at)
    return file_draft(draft=draft, actor=candidate, declarations=ALL_DECLARATIONS)


def _attach_documents(*, draft: Draft, offer: Offer, candidate: User, at: datetime) -> None:
    for request in document_requests(offer):
        if not request.required or draft.documents.filter(request=request).exists():
            continue
        title, blocks = sample_texts.document_for(request.kind, offer)
        name = sample_texts.FILE_NAMES.get(request.kind, "document.pdf")
        content = make_pdf(title=title, blocks=blocks)
        upload = upload_pdf(owner=candidate, request=request, name=name, content=content, at=at)
        attach_document(draft=draft, request=request, upload=upload, actor=candidate)


def shortlist_application(*, submission: Submission, people: People, at: datetime) -> Submission:
    """Start the review, mark as the reviewer and shortlist as staff; skip steps that are done or came too late."""
    if submission.state == State.SUBMITTED:
        submission = move_as_reviewer(
            submission=submission, action=Action.START_REVIEW, actor=people.reviewer
        )
    if submission.state == State.UNDER_REVIEW:
        if not Assessment.objects.filter(submission=submission, reviewer=people.reviewer).exists():
            lines = {line.pk: LineMarkData(mark=4) for line in submission.offer.grid_lines.all()}
            submit_assessment(
                submission=submission,
                reviewer=people.reviewer,
                given=AssessmentData(mark=4, lines=lines, note=sample_texts.NOTE),
                version=0,
                at=at,
            )
        submission = move_as_reviewer(submission=submission, action=Action.SHORTLIST, actor=people.staff)
    return submission


def write_shortlist(*, offer: Offer, people: People, path: Path) -> int:
    """Write the offer's shortlist to `path` as XLSX, atomically; return its number of submissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        beside = Path(folder, path.name)
        with beside.open("w+b") as file:
            export = export_shortlist(
                offer=offer,
                file_format="xlsx",
                to=file,
                actor=people.staff,
                reason=sample_texts.EXPORT_REASON,
            )
        beside.replace(path)
    return export.rows_count
