"""Invented applications through the operations that real requests use, documents and deliveries included."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from intake.accounts.changes import change_as_operator
from intake.accounts.models import YES, AccountChange, User
from intake.accounts.roles import Role
from intake.accounts.services import open_account
from intake.devtools.embedded.owner import as_owner
from intake.devtools.sample_pdf import TEXT, make_pdf
from intake.documents.models import Upload
from intake.documents.services import prepare_upload
from intake.documents.temp_dirs import temporary_directory
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.attachments.operations import attach_document
from intake.submissions.drafts.operations import start_draft
from intake.submissions.filing.declarations import DECLARATIONS
from intake.submissions.filing.evaluation import IncompleteError, NotEligibleError
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, HumanReview
from offers.models import DocumentRequest, Offer
from offers.selectors import document_requests

from .people import DOMAIN, REASON, REVIEW_MESSAGE, Application, Tally

ALL_DECLARATIONS = frozenset(declaration.key for declaration in DECLARATIONS)


def invite_staff(*, at: datetime) -> User:
    """Return the invented staff user who decides; their address cannot receive a sign-in code."""
    return open_staff(f"personnel@{DOMAIN}", "Personnel synthétique", role=Role.STAFF, at=at)


def open_staff(email: str, name: str, *, role: Role, at: datetime) -> User:
    """Return the account of a member of staff; a new account gets its name and its role."""
    return _open_changed(email, name, kind=AccountChange.Kind.ROLES, value=role.value, at=at)


def open_administrator(email: str, name: str, *, at: datetime) -> User:
    """Return the account of an administrator; a new account gets its name and the administration."""
    return _open_changed(email, name, kind=AccountChange.Kind.ADMINISTRATION, value=YES, at=at)


def _open_changed(email: str, name: str, *, kind: AccountChange.Kind, value: str, at: datetime) -> User:
    user, created = open_account(email=email, at=at)
    if created:
        user.display_name = name
        user.save(update_fields=["display_name"])
        with as_owner():
            change_as_operator(person=user, kind=kind, value=value, reason="Personne inventée.", at=at)
        user.refresh_from_db()
    return user


def make_application(
    *, offer: Offer, application: Application, staff: User, at: datetime, tally: Tally
) -> None:
    """Create the application unless it exists, file it if planned and admitted, apply its moves, and count it."""
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
            if TABLE[action].permission is None:
                submission = withdraw_submission(submission=submission, actor=candidate, reason=REASON)
            else:
                reason = REASON if TABLE[action].reason_required else ""
                submission = move_as_reviewer(
                    submission=submission, action=action, actor=staff, reason=reason
                )
    tally.count(submission, receipt.filing.verdict.outcome if receipt else None)


def upload_pdf(*, owner: User, request: DocumentRequest, name: str, content: bytes, at: datetime) -> Upload:
    """Accept a PDF for `request` as an upload of `owner`, inspected like any other."""
    with temporary_directory("upload") as room:
        received = room / "received"
        received.write_bytes(content)
        upload = prepare_upload(
            owner=owner,
            kind=request.kind,
            received=received,
            name=name,
            max_pages=request.max_pages,
            max_bytes=request.max_bytes,
            at=at,
        )
    upload.save()
    return upload


def make_sample_upload(*, owner: User, request: DocumentRequest, at: datetime) -> Upload:
    """Accept an invented one-page PDF for `request` as an upload of `owner`."""
    blocks = [(TEXT, "Document inventé : personne ne l’a écrit ni délivré.")]
    content = make_pdf(title=request.label, blocks=blocks)
    name = f"{request.kind.lower().replace('_', '-')}.pdf"
    return upload_pdf(owner=owner, request=request, name=name, content=content, at=at)


def copy_uploads(uploads: Iterable[Upload], *, owner: User) -> list[Upload]:
    """Return a copy of each upload with `owner` as its owner: an identifier of its own, the same stored files.

    Destroying one person's files destroys all copies: acceptable only for invented people.
    """
    return [
        Upload(
            owner=owner,
            **{
                field.name: getattr(upload, field.name)
                for field in Upload._meta.concrete_fields
                if field.name not in {"id", "public_id", "owner"}
            },
        )
        for upload in uploads
    ]
