"""Drafts with received files in every state that a page shows without a worker."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.documents.child.refusal import Reason
from intake.outbox.models import Delivery
from intake.submissions.attachments.receiving import settle
from intake.submissions.models import PendingUpload, Submission
from tests.factories.submissions import make_draft, make_open_offer, make_waiting_upload

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
        keys = [str(each.public_id) for each in (waiting, slow, refused, late)]
        Delivery.objects.filter(key__in=keys).update(due_at=timezone.now() + timedelta(days=365))
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
