"""Drafts with received files in every state that a page shows without a worker."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.documents.child.refusal import Reason
from intake.documents.joining import Part
from intake.outbox.models import Delivery
from intake.submissions.attachments.joining import join_document
from intake.submissions.attachments.parts import change_parts
from intake.submissions.attachments.receiving import settle
from intake.submissions.delivery_kinds import JOIN
from intake.submissions.models import Draft, DraftDocument, PendingUpload, Submission
from tests.factories.offers import new_number
from tests.factories.submissions import make_draft, make_open_offer, make_upload, make_waiting_upload
from tests.journeys.printing import print_found, session_of

_LONG_NAME = "Curriculum_vitae_de_" + "Marie-Eve-Elisabeth_" * 3 + "final.pdf"


def make_in_analysis(candidate: User, number: str) -> Submission:
    """Return an application with a file in analysis, one that waits for long, one refused and one that timed out.

    No worker takes them: they are due in a year.
    """
    draft = make_draft(candidate=candidate, offer=make_open_offer(number=number))
    with transaction.atomic():
        waiting, slow, refused, late = (
            make_waiting_upload(draft, kind=kind, name=_LONG_NAME)
            for kind in ("CV", "MOTIVATION_LETTER", "TRANSCRIPT", "ENROLMENT_PROOF")
        )
        postpone(waiting, slow, refused, late)
        PendingUpload.objects.filter(pk=slow.pk).update(received_at=timezone.now() - timedelta(minutes=2))
        settle(
            pending=refused,
            state=PendingUpload.State.REFUSED,
            code=Reason.TOO_MANY_PAGES,
            facts={"pages": 9, "max_pages": 3, "max_bytes": 10},
        )
        settle(pending=late, state=PendingUpload.State.REFUSED, code=Reason.TIMED_OUT)
    draft.documents.filter(request__kind__in=["MOTIVATION_LETTER", "ENROLMENT_PROOF"]).delete()
    return draft.submission


def make_joined(candidate: User, number: str) -> Submission:
    """Return an application whose CV is made of two files, one turned; a third is in analysis, a fourth was refused."""
    draft = make_draft(candidate=candidate, offer=make_open_offer(number=number))
    join_document(_with_two_files(draft, "CV"), timezone.now())
    with transaction.atomic():
        waiting, refused = (
            make_waiting_upload(draft, name=f"IMG_20270930_18451{pages}.jpg", pages=pages, adds=True)
            for pages in (1, 2)
        )
        postpone(waiting, refused)
        settle(pending=refused, state=PendingUpload.State.REFUSED, code=Reason.DAMAGED)
    return draft.submission


def make_being_joined(candidate: User, number: str) -> Submission:
    """Return an application with a document that no worker joins, one for long, one too large and one that failed."""
    draft = make_draft(candidate=candidate, offer=make_open_offer(number=number))
    for kind in ("CV", "MOTIVATION_LETTER", "TRANSCRIPT", "ENROLMENT_PROOF"):
        delivery = _with_two_files(draft, kind)
        delivery.due_at = timezone.now() + timedelta(days=365)
        delivery.save(update_fields=["due_at"])
    for kind, join in (
        ("TRANSCRIPT", DraftDocument.Join.TOO_LARGE),
        ("ENROLMENT_PROOF", DraftDocument.Join.FAILED),
    ):
        draft.documents.filter(request__kind=kind).update(joined=join)
    return draft.submission


def _with_two_files(draft: Draft, kind: str) -> Delivery:
    """Make a document of two files, one turned; return the job that joins them."""
    held = draft.documents.select_related("request", "upload").get(request__kind=kind)
    actor = draft.submission.candidate
    parts = [Part(held.upload), Part(make_upload(actor, name=_LONG_NAME), 90)]
    change_parts(draft=draft, request=held.request, parts=parts, actor=actor, seen=None)
    return Delivery.objects.get(kind=JOIN, key__startswith=f"{held.pk}-")


def make_waiting() -> None:
    """Make a draft with one file in analysis that no worker takes; print its address, its file and its session."""
    draft = make_draft(offer=make_open_offer(number=new_number()), documents=False)
    with transaction.atomic():
        pending = make_waiting_upload(draft)
        postpone(pending)
    found = {
        "public_id": draft.submission.public_id,
        "pending": pending.pk,
        "session": session_of(draft.submission.candidate),
    }
    print_found(found)


def postpone(*waiting: PendingUpload) -> None:
    """Let no worker take these files: they are due in a year."""
    keys = [str(each.public_id) for each in waiting]
    Delivery.objects.filter(key__in=keys).update(due_at=timezone.now() + timedelta(days=365))


def let_a_worker_take(key: int) -> None:
    """Let a worker take the postponed file `key`, now; print nothing of use."""
    pending = PendingUpload.objects.get(pk=key)
    Delivery.objects.filter(key=str(pending.public_id)).update(due_at=timezone.now())
    print_found(key)
