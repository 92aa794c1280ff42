"""Changes of an amendment from what was filed; the originals of documents, erased once they are filed."""

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from intake.documents.models import Upload
from intake.dossiers.services import read_seal
from intake.outbox import kinds
from intake.outbox.models import Delivery
from intake.submissions.access.queries import own_submission
from intake.submissions.delivery_kinds import ORIGINALS_ERASURE
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.filing import originals
from intake.submissions.filing.changes import changes_of
from intake.submissions.questions import answer_display
from tests.factories.documents import make_upload
from tests.factories.submissions import make_draft, make_filing
from tests.submissions.filed_pages import amend

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "words", ["", "Depuis toujours"], ids=["sealed before the words", "sealed with them"]
)
def test_a_residence_that_did_not_change_is_no_change(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        if not words:  # as the seals were written before
            patch.setattr(answer_display, "since_birth", lambda day: day)
        receipt = make_filing(birth_date="1998-05-04", quebec_resident_since="1998-05-04")
    draft = amend(receipt)
    sealed = {a.key: a.value for section in read_seal(receipt.filing.seal).sections for a in section.answers}
    assert sealed["quebec_resident_since"].startswith(words or "4")
    own = own_submission(draft.submission.candidate, draft.submission.public_id)
    assert own is not None
    assert changes_of(read_draft_details(own, draft, at=own.read_at), receipt.filing) == []


def run() -> None:
    kinds.get(ORIGINALS_ERASURE).handler(Delivery(), timezone.now())


def test_a_filed_document_keeps_its_cleaned_copy_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    filed = [row.upload for row in make_filing().filing.documents.select_related("upload")]
    kept = [row.upload for row in make_draft().documents.select_related("upload")] + [make_upload()]
    assert len(filed) > 1
    monkeypatch.setattr(originals, "MAX_PER_RUN", 1)
    run()
    assert originals.filed_originals().count() == len(filed) - 1
    monkeypatch.undo()
    run()
    run()
    assert not originals.filed_originals().exists()
    assert set(Upload.objects.exclude(original="")) == set(kept), "a draft may still be corrected"
    for upload in filed:
        assert not default_storage.exists(str(upload.original.name))
        assert default_storage.exists(str(upload.file.name))


def test_the_files_that_a_filed_document_was_joined_from_lose_their_originals_too() -> None:
    draft = make_filing().filing.draft
    document, part, other = draft.documents.earliest("pk"), make_upload(), make_upload()
    document.parts.create(position=1, upload=part)
    make_draft().documents.earliest("pk").parts.create(position=1, upload=other)
    run()
    assert not Upload.objects.get(pk=part.pk).original
    assert default_storage.exists(str(part.file.name)), "an amendment may join it in another order"
    assert Upload.objects.get(pk=other.pk).original, "its document is not filed"
