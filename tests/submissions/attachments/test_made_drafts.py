"""The factory of drafts writes in bulk the same rows as the operation writes file by file."""

from collections import Counter
from typing import Any

import pytest

from intake.journal.models import Entry
from intake.submissions.attachments.operations import attach_document
from intake.submissions.models import Draft, DraftDocument
from tests.factories.submissions import make_draft, make_open_offer, make_upload

pytestmark = pytest.mark.django_db


def _left_by(draft: Draft) -> dict[str, Any]:
    """Return the values of a draft and its files, without keys, instants and bytes."""
    candidate = draft.submission.candidate
    held = DraftDocument.objects.filter(draft=draft).select_related("upload", "request")
    entries = Entry.objects.filter(actor_id=candidate.pk)
    return {
        "version": draft.version,
        "saved": draft.saved_at == draft.submission.created_at,
        "files": Counter(
            (one.request.kind, one.upload.kind, len(one.upload.sha256), one.upload.owner_id == candidate.pk)
            for one in held
        ),
        "stored": all(one.upload.file.storage.exists(str(one.upload.file.name)) for one in held),
        "journal": Counter(entries.values_list("action", "subject_kind", "detail")),
        "about": set(entries.values_list("subject_id", flat=True)) <= {str(draft.submission.public_id)},
    }


def test_a_factory_draft_equals_one_with_attached_files() -> None:
    offer = make_open_offer()
    made, attached = make_draft(offer=offer), make_draft(offer=offer, documents=False)
    candidate = attached.submission.candidate
    for request in offer.documents.filter(required=True):
        upload = make_upload(candidate, kind=request.kind)
        attach_document(draft=attached, request=request, upload=upload, actor=candidate)
    attached.refresh_from_db()
    left = _left_by(made)
    assert left == _left_by(attached)
    assert left["files"].total() > 1
    assert left["stored"]
