"""Applications for tests, by the operations that candidates use, on offers that are open at the database's instant."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.utils import timezone

from intake.accounts.models import User
from intake.documents.models import Upload
from intake.journal.services import record
from intake.profiles.services import remember_answers
from intake.submissions.attachments.receiving import receive_upload
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import start_draft
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.filing.arrivals import receive_arrival
from intake.submissions.filing.declarations import DECLARATIONS
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Arrival, Draft, DraftDocument, PendingUpload, PersonalExtension, Receipt
from intake.submissions.questions.forms import LANGUAGE_LEVELS
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.files import pdf_bytes, picture_bytes
from tests.factories.offers import make_offer
from tests.factories.people import ANSWERS, make_staff, make_user

ALL_DECLARATIONS = frozenset(declaration.key for declaration in DECLARATIONS)


def complete_answers(offer: Offer, **changes: Any) -> dict[str, Any]:
    """Return answers that meet every criterion of `offer`, with `changes`."""
    return (
        ANSWERS
        | {
            "birth_date": (offer.starts_on - timedelta(days=25 * 365)).isoformat(),
            "quebec_resident_since": (offer.closes_on - timedelta(days=5 * 365)).isoformat(),
            "studies": [
                {
                    "level": "MASTER",
                    "field_of_study": "Éthique",
                    "institution": "Université d’essai",
                    "state": "IN_PROGRESS",
                    "completed_on": None,
                    "expected_on": (offer.starts_on + timedelta(days=60)).isoformat(),
                }
            ],
            "bar_school": False,
            "professional_order_stage": False,
            "attests_writing_fr": True,
            "attests_writing_en": True,
            "attests_skills": True,
            "past_participant": False,
            "other_languages": "Espagnol, intermédiaire",
            "grid": {
                str(line.pk): f"Deux ans à l’Université d’essai, point {line.position}."
                for line in offer.grid_lines.filter(requirement="REQUIRED")
            },
        }
        | dict.fromkeys(LANGUAGE_LEVELS, "ADVANCED")
        | changes
    )


def make_upload(owner: User, *, kind: str = "CV", name: str = "cv.pdf", at: datetime | None = None) -> Upload:
    """Create a row for an accepted file, without the inspection that tests of documents cover."""
    upload = _build_upload(owner, kind=kind, name=name, at=at)
    upload.save()
    return upload


def _build_upload(owner: User, *, kind: str, name: str = "cv.pdf", at: datetime | None = None) -> Upload:
    """Store an accepted file; return its unsaved row."""
    content = pdf_bytes()
    digest = hashlib.sha256(content).hexdigest()
    upload = Upload(
        owner=owner,
        kind=kind,
        original_name=name,
        media_type="application/pdf",
        size=len(content),
        pages=1,
        sha256=digest,
        clean_sha256=digest,
        created_at=at or timezone.now(),
    )
    upload.file.save(f"{upload.public_id}.pdf", ContentFile(content), save=False)
    upload.original.save(f"{upload.public_id}.pdf", ContentFile(content), save=False)
    upload.thumbnail.save(f"{upload.public_id}.jpg", ContentFile(picture_bytes(size=(60, 80))), save=False)
    return upload


def make_open_offer(**changes: Any) -> Offer:
    """Publish an offer that is open now, by the clock of the database."""
    return make_offer(at=timezone.now(), **changes)


def make_draft(
    *,
    offer: Offer | None = None,
    candidate: User | None = None,
    documents: bool = True,
    file_name: str = "cv.pdf",
    **answers: Any,
) -> Draft:
    """Create a draft that may be filed at once; `answers` replace some of `complete_answers`."""
    offer = offer or make_open_offer()
    candidate = candidate or make_user()
    given = complete_answers(offer, **answers)
    remember_answers(user=candidate, answers={key: given[key] for key in ANSWERS})
    draft = start_draft(candidate=candidate, offer=offer, accepts=COLLECTION)
    Draft.objects.filter(pk=draft.pk).update(answers=given)
    draft.refresh_from_db()
    if documents:
        _attach_all(draft, candidate, file_name)
        draft.refresh_from_db()  # each file increments its version
    return draft


def make_arrival(draft: Draft | None = None, *, review_message: str = "") -> Arrival:
    """Have `draft`, or a new one, arrive with all declarations, and wait to be filed."""
    draft = draft or make_draft()
    return receive_arrival(
        draft=draft, version=draft.version, declarations=ALL_DECLARATIONS, review_message=review_message
    )


def _attach_all(draft: Draft, candidate: User, name: str) -> None:
    """Attach a file to each required document, with the same rows as that many calls of `attach_document`.

    These calls would be two thirds of a draft's statements, and thousands of tests begin with a draft.
    """
    requests = list(draft.submission.offer.documents.filter(required=True))
    uploads = Upload.objects.bulk_create(
        _build_upload(candidate, kind=request.kind, name=name) for request in requests
    )
    DraftDocument.objects.bulk_create(
        DraftDocument(draft=draft, request=request, upload=upload)
        for request, upload in zip(requests, uploads, strict=True)
    )
    Draft.objects.filter(pk=draft.pk).update(version=F("version") + len(requests), saved_at=TransactionNow())
    for request in requests:
        record(actor=candidate, action="DOCUMENT_ATTACHED", subject=draft.submission, detail=request.kind)


def make_filing(**options: Any) -> Receipt:
    """File a draft made by `make_draft(**options)` and return its receipt."""
    draft = make_draft(**options)
    return file_draft(draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS)


def close_offer(offer: Offer, *, seconds_ago: float) -> None:
    """Set the closing instant relative to now, with triggers disabled, which the portal itself never does.

    Negative `seconds_ago` is a future instant. A past instant is past for the whole transaction: filings have the
    instant at which the transaction began, and a test may have spent more than a second in it.
    """
    clock = "transaction_timestamp()" if seconds_ago >= 0 else "clock_timestamp()"
    with without_triggers_on_offers() as cursor:
        cursor.execute(
            f"UPDATE offers_offer SET closes_at = {clock} - make_interval(secs => %s) WHERE id = %s",  # noqa: S608 -- both are written above
            [seconds_ago, offer.pk],
        )
    offer.refresh_from_db()


@contextmanager
def without_triggers_on_offers() -> Iterator[CursorWrapper]:
    """Yield a cursor with the triggers of offers disabled."""
    with as_owner(), connection.cursor() as cursor:
        # PostgreSQL alters no table with pending deferred checks: run those of its foreign keys now.
        cursor.execute(
            "SELECT string_agg(quote_ident(conname), ', ') FROM pg_constraint"
            " WHERE conrelid = 'offers_offer'::regclass AND condeferrable"
        )
        (waiting,) = cursor.fetchone()
        cursor.execute(f"SET CONSTRAINTS {waiting} IMMEDIATE")
        cursor.execute("ALTER TABLE offers_offer DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("ALTER TABLE offers_offer ENABLE TRIGGER USER")
        cursor.execute(f"SET CONSTRAINTS {waiting} DEFERRED")


def make_extension(offer: Offer, candidate: User, *, days: int = 7, **options: Any) -> PersonalExtension:
    """Give `candidate` until `days` after the closing or, if that is past, after today."""
    ends = offer.closes_at - timedelta(microseconds=1), timezone.now()
    last_day = max(ends).astimezone(offer.zone).date() + timedelta(days=days)
    given: dict[str, Any] = {
        "author": make_staff(),
        "reason": "Panne.",
        "closes_on": last_day,
        "at": timezone.now(),
    }
    return extend_personal_deadline(offer=offer, candidate=candidate, **(given | options))


def make_waiting_upload(
    draft: Draft, *, kind: str = "CV", name: str = "cv.pdf", pages: int = 2, adds: bool = False
) -> PendingUpload:
    """Send a PDF for a document of `draft`, which no worker inspects."""
    pending = receive_upload(
        draft=draft,
        request=draft.submission.offer.documents.get(kind=kind),
        uploaded_file=SimpleUploadedFile(name, pdf_bytes(pages)),
        at=timezone.now(),
        adds=adds,
    )
    assert pending is not None
    return pending
