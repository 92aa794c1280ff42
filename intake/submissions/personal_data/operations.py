"""Export of a user's own data: profile, drafts, filings and documents, as plain data.

Nothing that other users wrote is included: no mark, note or ruling, and no state that is not released to the candidate.
"""

import json
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from intake.accounts.models import User
from intake.documents.models import Upload
from intake.dossiers.receipts.statement import format_instant
from intake.dossiers.services import AnonymisedError, read_seal
from intake.journal.services import record
from intake.profiles.selectors import answers_from_profile
from intake.submissions.models import (
    Arrival,
    Draft,
    DraftDocument,
    FiledDocument,
    Filing,
    PendingUpload,
    Submission,
    Transition,
)
from intake.submissions.questions.answers import PAGES
from intake.submissions.states import Action

SCHEMA: Final = 1
"""Schema number of the file. New keys do not change it; a change of a key's meaning does."""


def own_data(user: User, *, at: datetime) -> dict[str, Any]:
    """Return what `user` supplied, ready for JSON: instants and days as ISO 8601 texts, sizes in bytes.

    The number of queries is constant. Each payload comes with its salt and digest: as canonical JSON it is the sealed
    text (`intake.dossiers.sealed_payload`). An erased payload is null.
    """
    submissions = list(_submissions_of(user))
    return {
        "schema": SCHEMA,
        "made_at": _instant(at),
        "account": {
            "email": user.email,
            "created_at": _instant(user.date_joined),
            "last_sign_in_at": _instant(user.last_login),
        },
        "profile": answers_from_profile(user),
        "applications": [_application(submission) for submission in submissions],
        "consents": [consent for submission in submissions for consent in _consents(submission)],
        "documents": [_upload(row) for row in Upload.objects.filter(owner=user).order_by("created_at", "pk")],
        "received_files": [_received(row) for row in _received_files(user)],
    }


def _received_files(user: User) -> QuerySet[PendingUpload]:
    """Return the files in analysis and those of the last two days, refused ones too."""
    return PendingUpload.objects.filter(owner=user).select_related("request").order_by("pk")


def _received(row: PendingUpload) -> dict[str, Any]:
    return {
        "document": row.request.label,
        "name": row.name,
        "size": row.size,
        "sha256": row.sha256,
        "received_at": _instant(row.received_at),
        "state": row.state,
        "sent_from": row.client,
    }


def _submissions_of(user: User) -> QuerySet[Submission]:
    drafts = Draft.objects.order_by("pk").prefetch_related(
        Prefetch("documents", DraftDocument.objects.select_related("request", "upload").order_by("pk"))
    )
    filings = (
        Filing.objects.select_related("receipt", "seal__signed_receipt", "replaces__receipt")
        .order_by("sequence")
        .prefetch_related(
            Prefetch("documents", FiledDocument.objects.select_related("request", "upload").order_by("pk"))
        )
    )
    withdrawals = Transition.objects.filter(action=Action.WITHDRAW, actor=user).order_by("pk")
    return (
        Submission.objects.filter(candidate=user)
        .select_related("offer")
        .prefetch_related(
            Prefetch("drafts", drafts),
            Prefetch("arrivals", Arrival.objects.order_by("pk")),
            Prefetch("filings", filings),
            Prefetch("transitions", withdrawals),
        )
        .order_by("created_at", "pk")
    )


def _application(submission: Submission) -> dict[str, Any]:
    return {
        "offer": {"number": submission.offer.number, "organisation": submission.offer.organisation},
        "started_at": _instant(submission.created_at),
        "drafts": [_draft(row) for row in submission.drafts.all()],
        "arrivals": [_arrival(row) for row in submission.arrivals.all()],
        "filings": [_filing(row) for row in submission.filings.all()],
        "withdrawals": [
            {"at": _instant(row.at), "reason": row.reason} for row in submission.transitions.all()
        ],
    }


def _draft(draft: Draft) -> dict[str, Any]:
    return {
        "opened_at": _instant(draft.opened_at),
        "saved_at": _instant(draft.saved_at),
        "filed_at": _instant(draft.closed_at),
        "answers": {key: value for key, value in draft.answers.items() if key != PAGES},
        "documents": [
            {"document": row.request.label, "name": row.upload.original_name, "sha256": row.upload.sha256}
            for row in draft.documents.all()
        ],
    }


def _arrival(arrival: Arrival) -> dict[str, Any]:
    return {
        "reference": arrival.reference,
        "arrived_at": _instant(arrival.arrived_at),
        "state": arrival.state,
        "reason": arrival.reason or None,
        "settled_at": _instant(arrival.settled_at),
        "review_message": arrival.review_message,
    }


def _filing(filing: Filing) -> dict[str, Any]:
    signed = getattr(filing.seal, "signed_receipt", None)
    return {
        "number": filing.receipt.number,
        "received_at": _instant(filing.received_at),
        "replaces": filing.replaces.receipt.number if filing.replaces else None,
        "digest": filing.seal.digest,
        "salt": filing.seal.salt,
        "sealed": json.loads(filing.seal.canonical) if filing.seal.canonical is not None else None,
        # The JSON receipt as it was issued; None until it is generated. The PDF is a separate download.
        "signed_receipt": json.loads(signed.twin) if signed is not None else None,
        "documents": [
            {"document": row.request.label, "name": row.upload.original_name, "sha256": row.sha256}
            for row in filing.documents.all()
        ],
    }


def _consents(submission: Submission) -> list[dict[str, Any]]:
    consents = []
    for filing in submission.filings.all():
        try:
            accepted = read_seal(filing.seal).declarations
        except AnonymisedError:
            continue
        consents += [
            {
                "number": filing.receipt.number,
                "accepted_at": _instant(filing.received_at),
                "key": row.key,
                "version": row.version,
                "text": row.text,
            }
            for row in accepted
        ]
    return consents


def _upload(upload: Upload) -> dict[str, Any]:
    return {
        "name": upload.original_name,
        "kind": upload.kind,
        "media_type": upload.media_type,
        "size": upload.size,
        "pages": upload.pages,
        "sha256": upload.sha256,
        "received_at": _instant(upload.created_at),
    }


def _instant(at: datetime | None) -> str | None:
    return format_instant(at) if at is not None else None


@transaction.atomic
def export_own_data(*, user: User, at: datetime) -> dict[str, Any]:
    """Return all that `user` supplied (see `own_data`) and record the export in the journal."""
    data = own_data(user, at=at)
    record(actor=user, action="OWN_DATA_DOWNLOADED", subject=user)
    return data
