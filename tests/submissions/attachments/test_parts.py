"""A document made of several files: in order, turned, one removed; and a file of another application used again."""

import io
import re
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.test import Client

from intake.documents.joining import Part
from intake.documents.models import Upload
from intake.submissions.attachments.operations import attach_document, remove_document
from intake.submissions.attachments.parts import change_parts, parts_of, reusable_files
from intake.submissions.models import DocumentPart, Draft, DraftDocument, PendingUpload
from offers.models import DocumentRequest
from tests.factories.documents import make_upload, received
from tests.factories.files import pdf_bytes
from tests.factories.submissions import close_offer, make_draft, make_filing
from tests.submissions.attachments.test_documents import cv_of
from tests.submissions.pages import browser_of, text_of, url
from tests.submissions.uploading import inspect_received, join_wanted

pytestmark = pytest.mark.django_db


def cv_held(draft: Draft) -> DraftDocument:
    return draft.documents.select_related("upload").get(request__kind="CV")


def make_photos(draft: Draft, count: int = 2) -> list[Part]:
    """Store files of different widths: 301 points, then 302."""
    owner = draft.submission.candidate
    return [
        Part(
            make_upload(
                owner, content=pdf_bytes(1, size=(300 + number, 400)), original_name=f"photo-{number}.pdf"
            )
        )
        for number in range(1, count + 1)
    ]


def join(draft: Draft, parts: list[Part], seen: str | None = None) -> None:
    """Make `parts` the files of the CV, and join them as a worker does."""
    document = draft.documents.select_related("upload").filter(request__kind="CV").first()
    change_parts(
        draft=draft,
        request=cv_of(draft),
        parts=parts,
        actor=draft.submission.candidate,
        seen=(document.seen if document else "") if seen is None else seen,
    )
    join_wanted()


def pages_of(draft: Draft) -> list[tuple[int, int]]:
    """Return width and rotation of the pages of the CV."""
    with pikepdf.open(io.BytesIO(cv_held(draft).upload.file.read())) as pdf:
        return [(int(page.mediabox[2]), int(page.obj.get("/Rotate", 0))) for page in pdf.pages]


def change(client: Client, draft: Draft, what: str, **fields: str) -> Any:
    """Press a button of the page, and join the files as a worker does."""
    seen = cv_held(draft).seen
    response = client.post(
        url("document_parts", draft, cv_of(draft).pk), {"change": what, "seen": seen, **fields}
    )
    join_wanted()
    return response


@pytest.fixture
def draft() -> Draft:
    """A draft whose CV is made of two files."""
    made = make_draft(documents=False)
    join(made, make_photos(made))
    return made


# -- Operations ---
def test_several_files_become_the_document(draft: Draft) -> None:
    assert pages_of(draft) == [(301, 0), (302, 0)]
    assert [part.upload.original_name for part in parts_of(cv_held(draft))] == ["photo-1.pdf", "photo-2.pdf"]
    assert cv_held(draft).upload.pages == 2


def test_one_file_that_is_not_turned_is_the_document_itself() -> None:
    draft = make_draft(documents=False)
    (photo,) = make_photos(draft, 1)
    join(draft, [photo])
    assert (cv_held(draft).upload, DocumentPart.objects.count()) == (photo.upload, 0)
    assert parts_of(cv_held(draft)) == [photo]


def test_a_removed_file_and_those_of_a_replaced_document_are_deleted(
    draft: Draft, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = parts_of(cv_held(draft))
    with django_capture_on_commit_callbacks(execute=True):
        join(draft, [second])
    assert list(Upload.objects.all()) == [second.upload]
    with django_capture_on_commit_callbacks(execute=True):
        join(draft, [second, *make_photos(draft, 1)])
    new = make_upload(draft.submission.candidate)
    with django_capture_on_commit_callbacks(execute=True):
        attach_document(draft=draft, request=cv_of(draft), upload=new, actor=draft.submission.candidate)
    assert (list(Upload.objects.all()), DocumentPart.objects.count()) == ([new], 0)
    del first


def test_removing_the_document_removes_its_files(
    draft: Draft, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        remove_document(draft=draft, request=cv_of(draft), actor=draft.submission.candidate)
    assert (Upload.objects.count(), DocumentPart.objects.count()) == (0, 0)


# -- The page ---
def test_the_page_lists_the_files_in_order_with_what_may_be_done(draft: Draft) -> None:
    shown = text_of(browser_of(draft).get(url("document_parts", draft, cv_of(draft).pk)).content)
    assert "Le comité verra un document de 2 pages." in shown
    assert shown.index("photo-1.pdf") < shown.index("photo-2.pdf")
    assert re.findall(r'name="change" value="([\w-]+)"', shown) == [
        *("left-1", "right-1", "down-1", "remove-1"),
        *("left-2", "right-2", "up-2", "remove-2"),
    ]


@pytest.mark.parametrize(
    "what, pages, said, anchor",
    [
        ("down-1", [(302, 0), (301, 0)], "Ce fichier est maintenant au rang 2.", "fichier-2"),
        ("up-2", [(302, 0), (301, 0)], "Ce fichier est maintenant au rang 1.", "fichier-1"),
        ("left-1", [(301, 270), (302, 0)], "Fichier 1 tourné d’un quart de tour.", "fichier-1"),
        ("right-2", [(301, 0), (302, 90)], "Fichier 2 tourné d’un quart de tour.", "fichier-2"),
        ("remove-1", [(302, 0)], "Fichier 1 retiré du document.", "fichier-1"),
    ],
)
def test_a_change_redirects_to_the_changed_file_with_a_message(
    what: str, pages: list[tuple[int, int]], said: str, anchor: str, draft: Draft
) -> None:
    client = browser_of(draft)
    response = change(client, draft, what)
    page = url("document_parts", draft, cv_of(draft).pk)
    assert response.headers["Location"] == f"{page}#{anchor}"
    assert pages_of(draft) == pages
    assert said in text_of(client.get(page).content)


@pytest.mark.parametrize("what", ["up-1", "down-2"])
def test_a_file_at_an_end_moves_no_further(what: str, draft: Draft) -> None:
    before = cv_held(draft).upload
    change(browser_of(draft), draft, what)
    assert cv_held(draft).upload == before


@pytest.mark.parametrize("what", ["", "down-3", "up-0", "right-1x"])
def test_an_unknown_change_is_refused_and_nothing_changes(what: str, draft: Draft) -> None:
    before, client = cv_held(draft).upload, browser_of(draft)
    response = change(client, draft, what)
    assert response.status_code == 302
    assert "Ce document a changé dans une autre fenêtre." in text_of(
        client.get(response.headers["Location"]).content
    )
    assert cv_held(draft).upload == before


def test_a_change_of_a_document_that_another_tab_changed_is_refused(draft: Draft) -> None:
    client = browser_of(draft)
    response = change(client, draft, "down-1", seen="0" * 32)
    assert "Ce document a changé dans une autre fenêtre." in text_of(
        client.get(response.headers["Location"]).content
    )
    assert pages_of(draft) == [(301, 0), (302, 0)]


def test_a_document_over_its_limit_of_pages_stays_as_it_is(draft: Draft) -> None:
    client = browser_of(draft)
    DocumentRequest.objects.filter(pk=cv_of(draft).pk).update(max_pages=1)
    response = change(client, draft, "down-1")
    assert "Ce document a 2 pages." in text_of(client.get(response.headers["Location"]).content)
    assert pages_of(draft) == [(301, 0), (302, 0)]


def test_after_closing_the_files_no_longer_change(draft: Draft) -> None:
    client = browser_of(draft)
    close_offer(draft.submission.offer, seconds_ago=1)
    response = change(client, draft, "down-1")
    assert response.headers["Location"] == url("documents", draft)
    assert pages_of(draft) == [(301, 0), (302, 0)]


# -- Files that are added ---
def add(client: Client, draft: Draft, *contents: bytes) -> Any:
    files = [received(content, f"page-{rank}.pdf") for rank, content in enumerate(contents, start=1)]
    return client.post(url("document_parts", draft, cv_of(draft).pk), {"files": files})


def test_several_files_sent_together_become_one_document_in_their_order() -> None:
    draft = make_draft(documents=False)
    client, page = browser_of(draft), url("document_parts", draft, cv_of(draft).pk)
    response = add(client, draft, pdf_bytes(1, size=(301, 400)), pdf_bytes(1, size=(302, 400)))
    assert response.headers["Location"] == page
    shown = text_of(client.get(page).content)
    assert "2 fichiers sont en analyse." in shown
    assert shown.index("page-1.pdf") < shown.index("page-2.pdf")
    inspect_received()
    assert pages_of(draft) == [(301, 0), (302, 0)]
    assert "Le comité verra un document de 2 pages." in text_of(client.get(page).content)


def test_an_added_file_is_joined_to_the_one_that_is_there() -> None:
    draft = make_draft()
    before = cv_held(draft).upload
    add(browser_of(draft), draft, pdf_bytes(1, size=(302, 400)))
    inspect_received()
    assert parts_of(cv_held(draft))[0].upload == before
    assert cv_held(draft).upload.pages == 2


def test_a_refused_file_is_explained_and_the_others_are_joined() -> None:
    draft = make_draft(documents=False)
    client = browser_of(draft)
    add(client, draft, pdf_bytes(1, size=(301, 400)), b"Bonjour", pdf_bytes(1, size=(303, 400)))
    inspect_received()
    assert pages_of(draft) == [(301, 0), (303, 0)]
    shown = text_of(client.get(url("document_parts", draft, cv_of(draft).pk)).content)
    assert "page-2.pdf" in shown
    assert "ni un PDF, ni une image" in shown


def test_a_file_that_makes_the_document_too_long_is_refused(draft: Draft) -> None:
    client = browser_of(draft)
    add(client, draft, pdf_bytes(2))
    inspect_received()
    assert pages_of(draft) == [(301, 0), (302, 0)]
    shown = text_of(client.get(url("document_parts", draft, cv_of(draft).pk)).content)
    assert "Ce document a" not in shown, "it is not this file that has four pages"
    assert (
        "Avec ce fichier, le document aurait 4 pages. La limite est de 3 pages : retirez un autre fichier, ou "
        "choisissez un fichier plus court."
    ) in shown
    assert not PendingUpload.objects.filter(state="RECEIVED").exists()


def test_a_file_that_replaces_the_document_drops_those_to_add(draft: Draft) -> None:
    client = browser_of(draft)
    add(client, draft, pdf_bytes(1))
    new = pdf_bytes(1, size=(309, 400))
    client.post(url("document", draft, cv_of(draft).pk), {"file": received(new)})
    inspect_received()
    assert pages_of(draft) == [(309, 0)]
    assert not DocumentPart.objects.exists()


def test_the_same_file_sent_twice_is_added_once() -> None:
    draft = make_draft(documents=False)
    client = browser_of(draft)
    for _click in range(2):
        add(client, draft, pdf_bytes(1))
    assert PendingUpload.objects.count() == 1


# -- Files of other applications ---
def reuse(client: Client, draft: Draft, file: str) -> Any:
    document = draft.documents.select_related("upload").filter(request__kind="CV").first()
    seen = document.seen if document else ""
    return client.post(url("document_reuse", draft, cv_of(draft).pk), {"file": file, "seen": seen})


def test_a_file_filed_for_another_offer_is_copied_into_this_document() -> None:
    receipt = make_filing(file_name="mon-cv.pdf")
    candidate = receipt.filing.submission.candidate
    draft = make_draft(candidate=candidate, documents=False)
    client = browser_of(draft)
    page = url("document_reuse", draft, cv_of(draft).pk)
    assert f'href="{page}"' in client.get(url("documents", draft)).content.decode()
    assert f'href="{page}"' in client.get(url("document", draft, cv_of(draft).pk)).content.decode()
    shown = text_of(client.get(page).content)
    assert "mon-cv.pdf" in shown
    assert str(receipt.filing.submission.offer.number) in shown
    filed = receipt.filing.documents.get(request__kind="CV").upload
    response = reuse(client, draft, filed.public_id.hex)
    assert response.headers["Location"] == f"{url('documents', draft)}#document-{cv_of(draft).pk}"
    copied = cv_held(draft).upload
    assert (copied.sha256, copied.pk == filed.pk) == (filed.sha256, False)


def test_only_own_files_that_fit_are_offered_once_each() -> None:
    draft = make_draft(documents=False)
    candidate = draft.submission.candidate
    other, stranger = make_draft(candidate=candidate), make_draft()
    sizes = {"CV": 1, "MOTIVATION_LETTER": 1}
    for document in other.documents.select_related("upload", "request"):
        pages = sizes.get(document.request.kind, 30)
        Upload.objects.filter(pk=document.upload_id).update(pages=pages, sha256=f"{document.pk:064x}")
    found = reusable_files(draft.submission, cv_of(draft))
    assert [file.label for file in found] == ["Curriculum vitæ", "Lettre de motivation"]
    Upload.objects.filter(owner=candidate).update(sha256="0" * 64)
    assert len(reusable_files(draft.submission, cv_of(draft))) == 1
    theirs = stranger.documents.get(request__kind="CV").upload.public_id.hex
    response = reuse(browser_of(draft), draft, theirs)
    assert response.status_code == 422
    assert "Choisissez un fichier." in text_of(response.content)
    assert not draft.documents.exists()


def test_a_lost_file_is_refused_with_a_message() -> None:
    other = make_draft()
    draft = make_draft(candidate=other.submission.candidate, documents=False)
    lost = cv_held(other).upload
    default_storage.delete(str(lost.file.name))
    response = reuse(browser_of(draft), draft, lost.public_id.hex)
    assert "Ce fichier n’est plus conservé. Téléversez-le de nouveau." in text_of(response.content)
    assert not draft.documents.exists()
