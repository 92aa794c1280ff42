"""Check of sent documents: each way to lose one, to attach it twice, to leave it in analysis or its bytes behind."""

from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from intake.documents.models import Upload
from intake.documents.reclaiming import erase_originals
from intake.journal.services import record
from intake.submissions.attachments.receiving import receive_upload
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Draft, DraftDocument, PendingUpload
from tests.documents.in_process import inspect_in_process
from tests.factories.documents import received
from tests.factories.files import pdf_bytes
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    make_draft,
    make_open_offer,
    make_upload,
)
from tests.faults import sent_files
from tests.faults.failure_points import POINTS, Point
from tests.faults.http_client import Answer
from tests.faults.outcome_check import FilingStory
from tests.faults.people import Person
from tests.faults.sent_files import SentFile, digest_of, send_document
from tests.faults.upload_check import broken_uploads, files_without_row
from tests.submissions.uploading import inspect_received

CONTENT = pdf_bytes(2)


def _point(name: str) -> Point:
    return next(point for point in POINTS if point.name == name)


def _person(draft: Draft) -> Person:
    email = draft.submission.candidate.email
    return Person(1, draft.pk, email, "/deposer/", "", "", documents="/documents/", document="/documents/7/")


def _story(*, point: str = "upload, after the claim", told: sent_files.Told = "added") -> FilingStory:
    """Have a candidate send the only requested document, a worker attach it, and the candidate file."""
    for path in sent_names():
        default_storage.delete(path)  # of other tests
    offer = make_open_offer()
    asked = offer.documents.order_by("position")[0]
    offer.documents.exclude(pk=asked.pk).update(required=False)
    draft = make_draft(offer=offer, documents=False)
    pending = receive_upload(
        draft=draft, request=asked, uploaded_file=received(CONTENT, "cv.pdf"), at=timezone.now()
    )
    assert pending is not None
    with inspect_in_process():
        inspect_received()
    draft.refresh_from_db()
    file_draft(draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS)
    erase_originals(uploads=Upload.objects.all(), at_most=10)
    sent = [SentFile(pending.public_id.hex, told, 1.0)]
    return FilingStory(
        _person(draft),
        answered=True,
        insisted=False,
        point=_point(point),
        began=0,
        ended=1,
        sha256=digest_of(CONTENT),
        sent=sent,
    )


def sent_names() -> list[str]:
    from tests.faults.upload_check import _stored_names  # noqa: PLC0415 -- the check's own list

    return list(_stored_names())


def _draft(story: FilingStory) -> Draft:
    return Draft.objects.select_related("submission__candidate").get(pk=story.person.draft_id)


def _lose_row(story: FilingStory) -> None:
    PendingUpload.objects.all().delete()


def _leave_in_analysis(story: FilingStory) -> None:
    PendingUpload.objects.update(state="RECEIVED", file="documents/pending/x", settled_at=None)


def _say_nothing(story: FilingStory) -> None:
    story.sent[:] = [SentFile(story.sent[0].public_id, "", 60.0)]


def _answer_nothing(story: FilingStory) -> None:
    story.sent.clear()


def _refuse(story: FilingStory) -> None:
    """Refuse a first file, and say so, although nothing is wrong with it."""
    row = PendingUpload.objects.get()
    row.pk, row.public_id, row.state, row.reason_code = None, type(row)().public_id, "REFUSED", "TIMED_OUT"
    row.save()
    story.sent.insert(0, SentFile(row.public_id.hex, "refused", 1.0))


def _store_twice(story: FilingStory) -> None:
    upload = make_upload(_draft(story).submission.candidate)
    Upload.objects.filter(pk=upload.pk).update(sha256=story.sha256)


def _attach_twice(story: FilingStory) -> None:
    submission = _draft(story).submission
    record(actor=submission.candidate, action="DOCUMENT_ATTACHED", subject=submission, detail="CV")


def _take_from_draft(story: FilingStory) -> None:
    DraftDocument.objects.all().delete()


def _file_another(story: FilingStory) -> None:
    story.sha256 = digest_of(b"another")


def _keep_original(story: FilingStory) -> None:
    Upload.objects.update(original=default_storage.save("documents/received/kept.pdf", ContentFile(CONTENT)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "breaks,said",
    [
        (lambda _story: None, set()),
        (_lose_row, {"lost"}),
        (_leave_in_analysis, {"stuck", "upload"}),
        (_say_nothing, {"upload"}),
        (_answer_nothing, {"upload"}),
        (_refuse, {"upload"}),
        (_store_twice, {"upload"}),
        (_attach_twice, {"upload"}),
        (_take_from_draft, {"upload"}),
        (_file_another, {"upload"}),
        (_keep_original, {"kept"}),
    ],
    ids=lambda given: getattr(given, "__name__", "").strip("_") or None,
)
def test_each_fault_of_an_upload_is_named(breaks: Callable[[FilingStory], None], said: set[str]) -> None:
    story = _story()
    breaks(story)
    assert {line.partition(":")[0] for line in broken_uploads([story])} == said


@pytest.mark.django_db
def test_only_a_kill_of_the_inspecting_child_may_refuse_an_honest_file() -> None:
    story = _story(point="upload, its inspecting child alone")
    _refuse(story)
    assert broken_uploads([story]) == []


@pytest.mark.django_db
def test_a_file_that_no_row_names_is_found_wherever_the_sweeps_do_not_look() -> None:
    story = _story()
    assert (files_without_row(), broken_uploads([story])) == ([], [])
    for swept in ("documents/pending/stray", "documents/clean/stray.pdf", "unfinished/stray"):
        default_storage.save(swept, ContentFile(CONTENT))
    default_storage.save("documents/elsewhere/stray.pdf", ContentFile(CONTENT))
    assert files_without_row() == ["stray: documents/elsewhere/stray.pdf belongs to no row"]


# -- Over HTTP -----------------------------------------------------------------------------------------------------
_FOUND, _OK, _AWAY = 302, 200, 500
_WAITING = b"<title>En analyse : CV</title>"
_REFUSED = b"<title>\nErreur : CV</title>"


def _answers(monkeypatch: pytest.MonkeyPatch, *answers: Answer | OSError) -> list[str]:
    """Answer the requests in this order; return the list of their methods and paths."""
    left, asked = list(answers), list[str]()

    def ask(_address: object, method: str, path: str, *_rest: object, **_options: object) -> Answer:
        asked.append(f"{method} {path}")
        answer = left.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr(sent_files, "ask", ask)
    monkeypatch.setattr(sent_files, "PAUSE_SECONDS", 0)
    return asked


def _to(location: str) -> Answer:
    return Answer(_FOUND, location, b"", "")


_PERSON = Person(1, 1, "faute@exemple.invalid", "/deposer/", "", "", "/documents/", "/documents/7/")
_PAGE = "/documents/7/?suivi=ab"


def test_a_file_is_sent_again_until_it_is_added_and_each_answered_one_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = _answers(
        monkeypatch,
        ConnectionResetError(),
        Answer(_AWAY, "", b"", ""),
        _to("/connexion/"),
        _to(_PAGE),
        Answer(_OK, "", _WAITING, ""),
        ConnectionRefusedError(),
        Answer(_OK, "", _REFUSED, ""),
        _to("/documents/7/?suivi=cd"),
        Answer(_AWAY, "", b"", ""),
        _to("/documents/#document-7"),
    )
    sent = send_document(_PERSON, CONTENT)
    assert [(file.public_id, file.told) for file in sent] == [("ab", "refused"), ("cd", "added")]
    assert [line.partition(" ")[0] for line in asked] == ["POST"] * 4 + ["GET"] * 3 + ["POST"] + ["GET"] * 2
    assert asked[4] == f"GET {_PAGE}"
