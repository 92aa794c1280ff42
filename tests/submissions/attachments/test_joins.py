"""A changed document is joined by a worker, of its last files; until then, and if it cannot be, nothing is filed."""

import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from intake.documents import joining as documents_joining
from intake.documents.child.refusal import Reason
from intake.documents.joining import Part
from intake.documents.models import Upload
from intake.documents.reasons import UploadRefused
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.submissions.attachments import joining
from intake.submissions.attachments.cards import SLOW_AFTER
from intake.submissions.attachments.joining import join_document
from intake.submissions.attachments.operations import attach_document, remove_document
from intake.submissions.attachments.parts import change_parts, parts_of, reusable_files
from intake.submissions.delivery_kinds import JOIN
from intake.submissions.filing.evaluation import IncompleteError
from intake.submissions.filing.originals import filed_originals
from intake.submissions.lifecycle.errors import DraftClosedError, StaleDraftError
from intake.submissions.models import Draft, DraftDocument
from offers.models import DocumentRequest
from tests.factories.documents import make_upload, received
from tests.factories.files import pdf_bytes
from tests.factories.submissions import make_draft, make_waiting_upload
from tests.submissions.attachments.test_documents import CARD, cv_of, outcome_of
from tests.submissions.pages import browser_of, file_now, pressed, text_of, url
from tests.submissions.uploading import inspect_received, join_wanted
from tests.two_connections import act_meanwhile, then_close

pytestmark = pytest.mark.django_db(transaction=True)
Join = DraftDocument.Join
RUN, JOIN_FILES = "run_isolated", "join_uploads"


class Killed(BaseException):
    """End of a worker."""


@pytest.fixture
def draft() -> Draft:
    """A complete draft whose CV is made of two files of one page, 301 and 302 points wide."""
    made = make_draft()
    owner = made.submission.candidate
    files = [make_upload(owner, content=pdf_bytes(1, size=(300 + number, 400))) for number in (1, 2)]
    change(made, [Part(file) for file in files])
    join_wanted()
    return made


def document_of(draft: Draft) -> DraftDocument:
    return draft.documents.select_related("upload", "request").get(request__kind="CV")


def change(draft: Draft, parts: list[Part]) -> None:
    change_parts(
        draft=draft,
        request=cv_of(draft),
        parts=parts,
        actor=draft.submission.candidate,
        seen=document_of(draft).seen,
    )


def turn(draft: Draft) -> None:
    """Turn the first file by a quarter."""
    first, *others = parts_of(document_of(draft))
    change(draft, [Part(first.upload, (first.turned + 90) % 360), *others])


def pages_of(upload: Upload) -> list[tuple[int, int]]:
    """Return width and rotation of each page."""
    with pikepdf.open(io.BytesIO(upload.file.read())) as pdf:
        return [(int(page.mediabox[2]), int(page.obj.get("/Rotate", 0))) for page in pdf.pages]


def wanted_of(draft: Draft) -> list[tuple[int, int]]:
    """Return what the pages of the document should be, from its files."""
    return [(300 + rank, part.turned) for rank, part in enumerate(parts_of(document_of(draft)), start=1)]


def joins() -> Any:
    return Delivery.objects.filter(kind=JOIN)


# -- Who joins, and when ---
def test_a_change_starts_no_process_and_the_document_follows_from_a_worker(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, runs = document_of(draft), getattr(documents_joining, RUN)

    def refused(*_args: object, **_options: object) -> None:
        raise AssertionError

    client, page = browser_of(draft), url("document_parts", draft, cv_of(draft).pk)
    monkeypatch.setattr(documents_joining, RUN, refused)
    answer = client.post(page, {"change": "right-1", "seen": before.seen})
    assert answer.headers["Location"] == f"{page}#fichier-1"
    held = document_of(draft)
    assert (held.joined, held.upload, held.seen == before.seen) == (Join.WANTED, before.upload, False)
    monkeypatch.setattr(documents_joining, RUN, runs)
    assert join_wanted() == 1
    after = document_of(draft)
    assert (after.joined, after.seen) == (Join.CURRENT, held.seen)
    assert pages_of(after.upload) == [(301, 90), (302, 0)]
    assert not Upload.objects.filter(pk=before.upload.pk).exists()


def test_the_waiting_join_of_another_document_does_not_stand_for_this_one(draft: Draft) -> None:
    document = document_of(draft)
    with transaction.atomic():
        post(kind=JOIN, key=f"{document.pk}0-other", subject=draft.submission.candidate)
    turn(draft)
    assert joins().filter(state=Delivery.State.PENDING, key__startswith=f"{document.pk}-").count() == 1


def test_ten_fast_presses_end_in_one_join_of_the_last_state(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, real = [], getattr(documents_joining, RUN)

    def counted(*args: Any, **options: Any) -> int:
        runs.append(1)
        code: int = real(*args, **options)
        return code

    monkeypatch.setattr(documents_joining, RUN, counted)
    before = joins().count()
    for _press in range(10):
        turn(draft)
    assert joins().count() == before + 1
    join_wanted()
    assert (len(runs), pages_of(document_of(draft).upload)) == (1, [(301, 180), (302, 0)])
    assert joins().exclude(state=Delivery.State.DONE).count() == 0


def test_a_change_during_a_join_drops_its_result_and_has_a_join_of_its_own(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, presses = getattr(joining, JOIN_FILES), [turn]

    def changed_meanwhile(**given: Any) -> Upload:
        made: Upload = real(**given)
        if presses:
            presses.pop()(draft)
        return made

    turn(draft)
    monkeypatch.setattr(joining, JOIN_FILES, changed_meanwhile)
    before = document_of(draft).upload
    join_wanted()
    assert (document_of(draft).joined, document_of(draft).upload) == (Join.WANTED, before)
    join_wanted()
    assert pages_of(document_of(draft).upload) == [(301, 180), (302, 0)]
    assert Upload.objects.filter(kind="CV", original="").count() == 1, "the dropped one is deleted"


def test_a_change_that_counts_on_a_waiting_job_is_joined_by_it(draft: Draft) -> None:
    """The job waits for the lock of the change, and reads the files after it."""
    turn(draft)
    assert act_meanwhile(join_wanted, lambda: turn(draft)) == 1
    assert (document_of(draft).joined, pages_of(document_of(draft).upload)[0]) == (Join.CURRENT, (301, 180))


def test_a_file_that_is_turned_back_is_the_document_at_once_and_the_job_does_nothing() -> None:
    draft = make_draft()
    alone = document_of(draft).upload
    for _quarter in range(4):
        turn(draft)
    held = document_of(draft)
    assert (held.joined, held.revision, held.upload, parts_of(held)) == (
        Join.CURRENT,
        None,
        alone,
        [Part(alone)],
    )
    assert join_wanted() == 1
    assert document_of(draft).upload == alone


@pytest.mark.parametrize("dies", ["join_uploads", "discard_if_unused", "finish_join", "save_next_version"])
def test_a_worker_that_dies_anywhere_leaves_a_document_that_the_next_joins(
    dies: str, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(draft)
    real = getattr(joining, dies)

    def killed(*given: Any, **named: Any) -> None:
        real(*given, **named)  # killed after it, before what follows
        raise Killed

    delivery = joins().get(state=Delivery.State.PENDING)
    with monkeypatch.context() as patch:
        patch.setattr(joining, dies, killed)
        with pytest.raises(Killed):
            join_document(delivery, timezone.now())
    if document_of(draft).joined != Join.CURRENT:
        with pytest.raises(IncompleteError):
            file_now(draft)
    for _again in range(2):
        join_document(delivery, timezone.now())
    assert (document_of(draft).joined, pages_of(document_of(draft).upload)) == (
        Join.CURRENT,
        wanted_of(draft),
    )
    assert pages_of(file_now(draft).filing.documents.get(request__kind="CV").upload)[0] == (301, 90)


@pytest.mark.parametrize("gone", ["replaced", "removed", "discarded"])
def test_a_document_that_is_no_more_to_join_is_left_alone(gone: str, draft: Draft) -> None:
    turn(draft)
    candidate = draft.submission.candidate
    if gone == "replaced":
        new = make_upload(candidate)
        attach_document(draft=draft, request=cv_of(draft), upload=new, actor=candidate)
    elif gone == "removed":
        remove_document(draft=draft, request=cv_of(draft), actor=candidate)
    else:
        draft.delete()
    assert join_wanted() == 1
    if gone == "replaced":
        assert (document_of(draft).upload, document_of(draft).is_current) == (new, True)
        assert list(Upload.objects.filter(kind="CV")) == [new]
    assert joins().exclude(state=Delivery.State.DONE).count() == 0


# -- A document that cannot be joined ---
def refused_with(code: Reason) -> Callable[..., Upload]:
    def refuse(**_given: object) -> Upload:
        raise UploadRefused(code, {"size": 2, "max_bytes": 1})

    return refuse


@pytest.mark.parametrize(
    "code, words",
    [
        (Reason.TOO_LARGE, "Ensemble, les fichiers de ce document dépassent 10 Mo. Retirez un fichier."),
        (
            Reason.TOO_COMPLEX,
            "Ce document n’a pas pu être préparé. Essayez de nouveau, ou retirez un fichier.",
        ),
    ],
)
def test_a_document_that_cannot_be_joined_is_missing_until_it_is_changed(
    code: Reason, words: str, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, page = browser_of(draft), url("document_parts", draft, cv_of(draft).pk)
    DocumentRequest.objects.filter(pk=cv_of(draft).pk).update(required=False)
    turn(draft)
    with monkeypatch.context() as patch:
        patch.setattr(joining, JOIN_FILES, refused_with(code))
        join_wanted()
    with pytest.raises(IncompleteError) as refused:
        file_now(draft)
    assert refused.value.documents == ("CV",)
    for shown in (page, url("documents", draft), url("document", draft, cv_of(draft).pk)):
        assert words in text_of(client.get(shown).content), shown
    for shown in (url("tasks", draft), url("review", draft)):
        assert "À corriger" in text_of(client.get(shown).content), shown
    assert "Voir le fichier" not in client.get(url("document", draft, cv_of(draft).pk)).content.decode()
    assert client.post(url("file", draft), pressed(draft), follow=True).status_code == 422
    client.post(page, {"change": "again-1", "seen": document_of(draft).seen})
    join_wanted()
    assert words not in text_of(client.get(page).content)
    assert pages_of(document_of(draft).upload) == wanted_of(draft)
    assert file_now(draft).number


def test_a_lost_file_and_dying_workers_fail_the_document(draft: Draft) -> None:
    turn(draft)
    waiting = joins().filter(state=Delivery.State.PENDING)
    waiting.update(attempts=joining.MAX_STARTS + 1)
    join_document(waiting.get(), timezone.now())
    assert document_of(draft).joined == Join.FAILED
    turn(draft)
    default_storage.delete(str(parts_of(document_of(draft))[1].upload.file.name))
    join_document(waiting.latest("pk"), timezone.now())
    assert document_of(draft).joined == Join.FAILED


def test_a_storage_that_does_not_answer_leaves_the_job_to_be_tried_again(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(**_given: object) -> Upload:
        raise OSError

    turn(draft)
    with monkeypatch.context() as patch:
        patch.setattr(joining, JOIN_FILES, cut)
        join_wanted()
    assert document_of(draft).joined == Join.WANTED
    joins().update(due_at=timezone.now())
    join_wanted()
    assert document_of(draft).is_current


# -- Filing ---
def test_nothing_is_filed_while_a_document_is_being_joined(draft: Draft) -> None:
    client = browser_of(draft)
    turn(draft)
    for page in (url("review", draft), url("tasks", draft), url("documents", draft)):
        shown = text_of(client.get(page).content)
        assert "est encore en analyse" in shown or "En préparation" in shown, page
    sent = client.post(url("file", draft), pressed(draft), follow=True)
    assert (sent.status_code, "est encore en analyse" in text_of(sent.content)) == (422, True)
    with pytest.raises(IncompleteError) as refused:
        file_now(draft)
    assert refused.value.documents == ("CV",)
    before = Draft.objects.get(pk=draft.pk).version
    join_wanted()
    with pytest.raises(StaleDraftError):
        file_now(draft, seen=before)
    assert client.post(url("file", draft), pressed(draft)).headers["Location"] == url("receipt", draft)


def test_a_filing_that_waits_for_a_change_is_refused(draft: Draft) -> None:
    with pytest.raises(IncompleteError):
        act_meanwhile(lambda: file_now(draft), lambda: turn(draft))
    join_wanted()
    assert pages_of(file_now(draft).filing.documents.get(request__kind="CV").upload)[0] == (301, 90)


def test_a_change_that_waits_for_a_filing_is_refused(draft: Draft) -> None:
    with pytest.raises(DraftClosedError):
        act_meanwhile(lambda: turn(draft), lambda: file_now(draft))
    assert pages_of(draft.filing.documents.get(request__kind="CV").upload) == wanted_of(draft)


def test_a_filing_that_waits_for_a_join_seals_what_it_joined(draft: Draft) -> None:
    turn(draft)
    waiting = joins().get(state=Delivery.State.PENDING)
    receipt = act_meanwhile(lambda: file_now(draft), lambda: join_document(waiting, timezone.now()))
    sealed = receipt.filing.documents.get(request__kind="CV")
    assert (pages_of(sealed.upload), sealed.sha256) == (wanted_of(draft), sealed.upload.sha256)


@pytest.mark.full
@pytest.mark.parametrize("attempt", range(4))
def test_whatever_the_order_a_filing_seals_the_files_that_the_draft_has(attempt: int, draft: Draft) -> None:
    """One presses, two workers join, one files, all at once, until something is filed."""
    filed, ends = threading.Event(), time.monotonic() + 60

    def until_filed(act: Callable[[], object], times: int = 10_000) -> Callable[[], None]:
        def run() -> None:
            for _time in range(times):
                if filed.is_set() or time.monotonic() > ends:
                    return
                try:
                    act()
                except (IncompleteError, StaleDraftError, DraftClosedError):
                    time.sleep(0.002 * attempt)

        return run

    def press() -> None:
        time.sleep(0.02 * attempt)
        turn(draft)

    def try_to_file() -> None:
        file_now(draft)
        filed.set()

    acts = (until_filed(press, 20), *[until_filed(join_wanted)] * 2, until_filed(try_to_file))
    with ThreadPoolExecutor(len(acts)) as pool:
        ended = [pool.submit(then_close, act) for act in acts]
    assert [each.exception() for each in ended] == [None] * len(acts)
    assert filed.is_set()
    join_wanted()
    sealed = draft.filing.documents.get(request__kind="CV")
    assert (pages_of(sealed.upload), document_of(draft).joined) == (wanted_of(draft), Join.CURRENT)


# -- Pages ---
def test_the_pages_say_that_the_document_is_being_prepared_and_go_on_by_themselves(draft: Draft) -> None:
    client, cv = browser_of(draft), cv_of(draft).pk
    turn(draft)
    page, follows = url("document_parts", draft, cv), document_of(draft).seen
    shown = text_of(client.get(page).content)
    assert "Votre document est en préparation." in shown
    assert "Le comité verra" not in shown
    assert f'<noscript><meta http-equiv="refresh" content="5; url={page}"></noscript>' in shown
    followed = f"{url('document', draft, cv)}?suivi={follows}"
    alone = text_of(client.get(followed).content)
    assert "Votre document est en préparation." in alone
    assert f'<meta http-equiv="refresh" content="5; url={followed}">' in alone
    card = client.get(followed, headers=CARD)
    assert (outcome_of(card), f'data-follows="{follows}"' in card.content.decode()) == ("waiting", True)
    listed = text_of(client.get(url("documents", draft)).content)
    assert f'href="{followed}"' in listed
    assert "apercu.jpg" not in text_of(client.get(followed, headers=CARD).content), "that is the one before"
    Draft.objects.filter(pk=draft.pk).update(saved_at=timezone.now() - SLOW_AFTER - timedelta(seconds=1))
    assert "La préparation est plus longue que d’habitude." in text_of(client.get(followed).content)
    join_wanted()
    assert outcome_of(client.get(followed, headers=CARD)) == "added"
    ended = client.get(followed, follow=True)
    assert "Curriculum vitæ : Document prêt : 2 pages." in text_of(ended.content)
    assert "Le comité verra un document de 2 pages." in text_of(client.get(page).content)


def test_a_file_that_replaces_a_document_being_joined_is_not_refused_for_the_join(draft: Draft) -> None:
    client, cv = browser_of(draft), cv_of(draft).pk
    turn(draft)
    new = received(pdf_bytes(3))
    client.post(url("document", draft, cv), {"file": new, "seen": document_of(draft).seen})
    join_wanted()
    assert document_of(draft).is_current
    inspect_received()
    assert (document_of(draft).upload.pages, document_of(draft).revision) == (3, None)


def test_a_file_added_to_a_document_being_joined_comes_last(draft: Draft) -> None:
    turn(draft)
    make_waiting_upload(draft, pages=1, adds=True)
    inspect_received()
    assert [part.turned for part in parts_of(document_of(draft))] == [90, 0, 0]
    assert len(pages_of(document_of(draft).upload)) == 3


def test_a_document_being_joined_is_not_used_again_and_keeps_the_received_files(draft: Draft) -> None:
    other = make_draft(candidate=draft.submission.candidate, documents=False)
    before = {each.upload for each in reusable_files(other.submission, cv_of(other))}
    turn(draft)
    after = {each.upload for each in reusable_files(other.submission, cv_of(other))}
    assert document_of(draft).upload in before - after
    join_wanted()
    file_now(draft)
    assert filed_originals().count() >= len(parts_of(document_of(draft)))
    DraftDocument.objects.filter(pk=document_of(draft).pk).update(joined=Join.WANTED)
    assert not set(filed_originals()) & {part.upload for part in parts_of(document_of(draft))}
