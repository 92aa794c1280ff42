"""Final check of the documents that candidates sent: rows, files of the storage, received bytes of what is filed."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from intake.documents.models import Upload
from intake.documents.reclaiming import reclaim_uploads
from intake.journal.models import Entry
from intake.journal.selectors import subject_key
from intake.outbox.models import Delivery
from intake.submissions.attachments.inspecting import MAX_WAIT, sweep_uploads
from intake.submissions.models import Draft, FiledDocument, PendingUpload
from intake.web.storage import PARTIAL_FOLDER
from tests.factories.submissions import make_draft
from tests.faults.sent_files import SentFile, digest_of

if TYPE_CHECKING:
    from offers.models import Offer
    from tests.faults.outcome_check import FilingStory

_State = PendingUpload.State
_TOLD: Final = {
    _State.ADDED: "added",
    _State.SAME: "added",
    _State.REFUSED: "refused",
    _State.CHANGED: "refused",
    _State.CLOSED: "refused",
}
FOLDERS: Final = ("documents", PARTIAL_FOLDER)
LATER: Final = MAX_WAIT + timedelta(hours=1)
"""After this time a sweep gives up what waits, and deletes what no row names."""


def plant_neglected_uploads(offer: "Offer") -> None:
    """Store what a sweep is there for: a file that no worker inspected for a day, and bytes that no row names."""
    draft, content = make_draft(offer=offer, documents=False), b"%PDF-1.7 of yesterday"
    pending = PendingUpload(
        owner=draft.submission.candidate,
        draft=draft,
        request=offer.documents.order_by("position")[0],
        name="hier.pdf",
        size=len(content),
        sha256=digest_of(content),
        received_at=timezone.now() - LATER,
    )
    pending.file.save(pending.public_id.hex, ContentFile(content), save=False)
    pending.save()
    stray = default_storage.save(f"documents/pending/stray-{pending.public_id.hex}", ContentFile(content))
    before = (timezone.now() - LATER).timestamp()
    os.utime(default_storage.path(stray), (before, before))


def broken_uploads(stories: list["FilingStory"]) -> list[str]:
    """Return the faults of what candidates sent, when no delivery is under way."""
    found = [line for story in stories for line in _broken_story(story)]
    waiting = PendingUpload.objects.filter(state=_State.RECEIVED).order_by("pk")
    found += [f"stuck: {row.name} of {row.owner.email} is in analysis" for row in waiting]
    kept = FiledDocument.objects.exclude(upload__original="").order_by("pk")
    return found + [f"kept: the received bytes of filed document {row.pk}" for row in kept]


def files_without_row() -> list[str]:
    """Sweep as a day later, when no delivery is under way; return the files of documents that stay without a row."""
    at = timezone.now()
    sweep_uploads(Delivery(), at + LATER)
    reclaim_uploads(before=at + LATER)
    named = set(_names_in_rows())
    return [f"stray: {name} belongs to no row" for name in sorted(set(_stored_names()) - named)]


def _broken_story(story: "FilingStory") -> Iterator[str]:
    if not story.sha256:
        return
    said = f"{story.person.email} ({story.point.name})"
    if not story.sent or story.sent[-1].told != "added":
        yield f"upload: {said} was not told that the document is added: {story.sent}"
    for sent in story.sent:
        yield from _broken_answer(sent, said)
        if sent.told == "refused" and not story.point.may_refuse:
            yield f"upload: {said} was to send a file again that nothing is wrong with"
    draft = Draft.objects.select_related("submission").get(pk=story.person.draft_id)
    uploads = Upload.objects.filter(owner=draft.submission.candidate_id, sha256=story.sha256).count()
    attached = Entry.objects.filter(
        action="DOCUMENT_ATTACHED", subject_id=subject_key(draft.submission)
    ).count()
    if (uploads, attached) != (1, 1):
        yield f"upload: that of {said} is stored {uploads} times and attached {attached} times"
    held = list(draft.documents.values_list("upload__sha256", flat=True))
    if held != [story.sha256]:
        yield f"upload: the draft of {said} has {len(held)} documents, or another one"
    filed = list(FiledDocument.objects.filter(filing__draft=draft).values_list("upload__sha256", flat=True))
    if filed not in ([story.sha256], []) or (story.answered and not filed):
        yield f"upload: the filing of {said} has {len(filed)} documents, or another one"


def _broken_answer(sent: SentFile, said: str) -> Iterator[str]:
    """Yield the fault of a file that was answered for: lost, or its sender told something else than its row."""
    if not sent.public_id:
        return  # the draft had it already
    row = PendingUpload.objects.filter(public_id=sent.public_id).first()
    if row is None:
        yield f"lost: the upload of {said}, which was answered"
    elif _TOLD.get(_State(row.state)) != sent.told:
        yield f"upload: {said} was told {sent.told or 'nothing'} of a file that is {row.state} {row.reason_code}"


def _names_in_rows() -> Iterator[str]:
    """Yield the name of every file that a row of any table names."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.FileField):
                yield from model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)


def _stored_names(folder: str = "") -> Iterator[str]:
    """Yield the name of every stored file of `folder`; by default, of all folders of documents."""
    if not folder:
        for top in FOLDERS:
            yield from _stored_names(top)
        return
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _stored_names(f"{folder}/{name}")
