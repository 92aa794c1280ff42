"""A document's page and card: the file is shown, errors give a reason, and two tabs lose nothing."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from intake.documents import inspection, virus_scan
from intake.documents.isolated_process import run_isolated
from intake.documents.models import Upload
from intake.journal.models import Entry
from intake.settings.services import VirusScanner
from intake.submissions.models import Draft, DraftDocument, PendingUpload
from intake.web.circuit_breaker import CircuitBreaker
from offers.models import DocumentRequest
from tests.factories.files import HOSTILE, pdf_bytes, picture_bytes
from tests.factories.submissions import close_offer, make_draft, make_filing, make_upload
from tests.submissions.pages import between, browser_of, text_of, url
from tests.submissions.uploading import inspect_received

pytestmark = pytest.mark.django_db


CARD = {"X-Card": "listed"}


def cv_of(draft: Draft) -> DocumentRequest:
    return draft.submission.offer.documents.get(kind="CV")


def send(client: Client, draft: Draft, content: bytes, name: str = "cv.pdf", **fields: Any) -> Any:
    """Send a file for the CV as the script does, or with `plain=True` as a form does; return its result.

    If it is received, a worker inspects it before the next request of the page.
    """
    headers = {} if fields.pop("plain", False) else CARD
    page = url("document", draft, cv_of(draft).pk)
    answer = client.post(page, {"file": SimpleUploadedFile(name, content), **fields}, headers=headers)
    if not is_received(answer):
        return answer
    inspect_received()
    return client.get(followed_page(draft), headers=headers)


def is_received(answer: Any) -> bool:
    return answer.status_code == 202 or "?suivi=" in answer.headers.get("Location", "")


def followed_page(draft: Draft) -> str:
    """Return the address that says what became of the last file."""
    pending = PendingUpload.objects.order_by("pk").last()
    assert pending is not None
    return f"{url('document', draft, cv_of(draft).pk)}?suivi={pending.public_id.hex}"


def outcome_of(response: Any) -> str:
    found = re.search(r'data-outcome="(\w*)"', response.content.decode())
    assert found is not None
    return found[1]


def seen_in(response: Any) -> str:
    found = re.search(r'name="seen" value="(\w*)"', response.content.decode())
    assert found is not None
    return found[1]


def test_the_page_displays_each_document_with_its_rules_and_form() -> None:
    draft = make_draft(documents=False)
    shown = text_of(browser_of(draft).get(url("documents", draft)).content)
    for asked in draft.submission.offer.documents.all():
        card = between(shown, f'id="document-{asked.pk}"', "</section>")
        assert f'action="{url("document", draft, asked.pk)}"' in card
        pages = "1 page" if asked.max_pages == 1 else f"{asked.max_pages} pages"
        assert f"{pages} au plus, " in card
    assert "10 Mo au plus, en PDF, JPEG, PNG ou HEIC." in shown
    assert "capture" not in shown, "a phone offers its camera by itself, and its files too"


def test_a_plain_form_redirects_to_its_card_with_a_message() -> None:
    draft = make_draft(documents=False)
    client = browser_of(draft)
    response = send(client, draft, pdf_bytes(2), plain=True)
    assert response.headers["Location"] == f"{url('documents', draft)}#document-{cv_of(draft).pk}"
    shown = text_of(client.get(url("documents", draft)).content)
    assert "Curriculum vitæ : Fichier accepté : 2 pages." in shown
    assert f'id="document-{cv_of(draft).pk}"' in shown


def test_a_request_of_the_script_gets_only_the_card() -> None:
    draft = make_draft(documents=False)
    response = send(browser_of(draft), draft, HOSTILE["open-action-javascript"][0]())
    assert (response.status_code, outcome_of(response)) == (200, "added")
    shown = text_of(response.content)
    assert "<html" not in shown
    assert "Ajouté, à vérifier" in shown
    assert shown.count("programme JavaScript") == 1
    assert '<div class="document-checks" data-said>' in shown, "read out with the result"
    assert "ce que le comité verra" in shown
    assert "data-said" not in text_of(browser_of(draft).get(url("documents", draft)).content)


def test_what_to_check_in_a_file_is_a_list_in_the_order_of_its_pages() -> None:
    draft = make_draft(documents=False)
    held = make_upload(draft.submission.candidate, name="a.pdf")
    Upload.objects.filter(pk=held.pk).update(
        warnings=["BLANK_PAGE:2", "CUT:1", "CUT:3"], neutralised=["JAVASCRIPT"]
    )
    for kind in ("TRANSCRIPT", "MOTIVATION_LETTER", "CV"):
        request = draft.submission.offer.documents.get(kind=kind)
        DraftDocument.objects.create(draft=draft, request=request, upload=held)
    shown = text_of(browser_of(draft).get(url("documents", draft)).content)
    first = shown.index('<div class="document-checks">')
    listed = re.sub(r"</?span[^>]*>", "", shown[first : shown.index("</ul>", first)])
    assert re.findall(r"<li>(.*?)</li>", listed) == [
        "Par sécurité, nous avons retiré ces éléments : programme JavaScript. Vérifiez l’aperçu.",
        "Pages 1 et 3 : le contenu touche le bord et semble coupé. Vérifiez le fichier.",
        "Page 2 : rien n’est visible. Vérifiez que c’est le bon fichier.",
        "Ce fichier est le même que pour : Lettre de motivation, Relevé de notes. Vérifiez que c’est voulu.",
    ]


@pytest.mark.parametrize(
    "content, name, words, status",
    [
        (b"", "vide.pdf", "Ce fichier est vide.", 422),
        (pdf_bytes(4), "long.pdf", "Ce document a 4 pages. ", 200),
        (b"Bonjour", "cv.pdf", "ni un PDF, ni une image", 200),
        (HOSTILE["encrypted"][0](), "cv.pdf", "mot de passe", 200),
    ],
)
def test_a_refused_file_is_explained_and_the_earlier_one_stays(
    content: bytes, name: str, words: str, status: int
) -> None:
    draft = make_draft()
    held = draft.documents.get(request=cv_of(draft)).upload
    client = browser_of(draft)
    for plain in (True, False):
        response = send(client, draft, content, name, plain=plain)
        assert (response.status_code, outcome_of(response)) == (status, "refused")
        shown = text_of(response.content)
        assert words in shown
        assert name in shown
        assert "Votre fichier précédent est conservé" in shown
    assert draft.documents.get(request=cv_of(draft)).upload == held


def test_a_form_without_a_file_is_refused_with_a_message() -> None:
    draft = make_draft()
    response = browser_of(draft).post(url("document", draft, cv_of(draft).pk))
    assert response.status_code == 422
    assert "Choisissez un fichier." in text_of(response.content)


def test_size_and_first_bytes_are_prechecked_before_the_file_is_sent() -> None:
    draft = make_draft()
    client, page = browser_of(draft), url("document", draft, cv_of(draft).pk)
    fine = client.post(page, {"name": "cv", "size": "1000"}, headers=CARD)
    assert (fine.status_code, fine.content) == (204, b"")
    named = {"name": "IMG_0001.HEIC", "size": "9", "head": SimpleUploadedFile("blob", picture_bytes())}
    assert client.post(page, named, headers=CARD).status_code == 204, "its bytes are a JPEG"
    for said, words in (
        ({"name": "cv.pdf", "size": str(15 * 1024**2)}, "fait 15 Mo ; la limite est de 10 Mo"),
        (
            {"name": "cv.pdf", "size": "1000", "head": SimpleUploadedFile("blob", b"{\\rtf1")},
            "traitement de texte",
        ),
        ({"name": "cv.pdf", "size": "0"}, "Ce fichier est vide."),
        ({"name": "cv.pdf", "size": "-1e9"}, "Ce fichier est vide."),
        ({"name": "cv.pdf", "size": "9" * 5_000}, "Ce fichier est vide."),  # of no browser
    ):
        response = client.post(page, said, headers=CARD)
        assert (response.status_code, outcome_of(response)) == (422, "refused")
        assert words in text_of(response.content)


@pytest.mark.parametrize("cause", ["too slow", "no scanner"])
def test_a_file_that_could_not_be_inspected_may_be_sent_again(cause: str, settings: Settings) -> None:
    draft = make_draft()
    held, uploads = draft.documents.get(request=cv_of(draft)).upload, Upload.objects.count()
    browser = browser_of(draft)
    with pytest.MonkeyPatch.context() as patch:  # undone before the module's own patch
        if cause == "too slow":
            patch.setattr(inspection, "run_isolated", run_isolated)
            patch.setattr(inspection, "WALL_SECONDS", 0.01)
        else:
            patch.setattr(virus_scan, "_breaker", CircuitBreaker("the virus scanner", lambda: False))
            settings.VIRUS_SCANNER = VirusScanner(path="/nowhere")
        response = send(browser, draft, pdf_bytes(2))
    assert (response.status_code, outcome_of(response)) == (200, "again")
    shown = text_of(response.content)
    assert re.search(r"Téléversez-?(le| ce fichier) de nouveau dans quelques minutes\.", shown)
    assert "Refusé" not in shown
    assert "Fichier actuel" in shown
    assert draft.documents.get(request=cv_of(draft)).upload == held
    assert Upload.objects.count() == uploads


@pytest.mark.parametrize(
    "name", ["l’été d'Ève.pdf", "🌞🌞.pdf", "cv\u202efdp.exe.pdf", "سيرة.pdf", "a" * 250 + ".pdf"]
)
def test_a_file_with_any_name_is_accepted(name: str) -> None:
    draft = make_draft(documents=False)
    assert outcome_of(send(browser_of(draft), draft, pdf_bytes(), name)) == "added"
    kept = draft.documents.get().upload.original_name
    assert kept.endswith(".pdf")
    assert kept in text_of(unescape(browser_of(draft).get(url("documents", draft)).content.decode()).encode())


# -- Two tabs, two clicks, two cards ------------------------------------------------------------------------------
def test_the_same_file_sent_again_is_stored_once() -> None:
    draft = make_draft(documents=False)
    client, content = browser_of(draft), pdf_bytes(2)
    seen = seen_in(client.get(url("document", draft, cv_of(draft).pk)))
    assert outcome_of(send(client, draft, content, seen=seen)) == "added"
    again = send(client, draft, content, seen=seen)
    assert (again.status_code, outcome_of(again)) == (200, "same")
    assert "rien n’a changé" in text_of(again.content)
    assert Upload.objects.count() == 1


def test_a_file_of_another_tab_is_not_replaced_before_it_was_displayed() -> None:
    draft = make_draft()
    client = browser_of(draft)
    seen = seen_in(client.get(url("document", draft, cv_of(draft).pk)))
    first = send(client, draft, pdf_bytes(2), "premier.pdf", seen=seen)
    late = send(client, draft, pdf_bytes(3), "tardif.pdf", seen=seen)
    assert (late.status_code, outcome_of(late)) == (409, "changed")
    assert "premier.pdf" in text_of(late.content)
    assert draft.documents.get(request=cv_of(draft)).upload.pages == 2
    assert seen_in(late) == seen_in(first)
    anyway = send(client, draft, pdf_bytes(3), "tardif.pdf", seen=seen_in(late))
    assert outcome_of(anyway) == "added"


def test_without_script_a_file_from_another_tab_is_displayed_with_advice() -> None:
    draft = make_draft()
    client = browser_of(draft)
    response = send(client, draft, pdf_bytes(3), "tardif.pdf", seen="", plain=True)
    assert response.status_code == 409
    shown = text_of(response.content)
    assert "Erreur :" in shown
    assert "choisissez-le de nouveau" in shown


def test_the_same_file_for_two_documents_gives_a_warning() -> None:
    draft = make_draft(documents=False)
    client, content = browser_of(draft), picture_bytes()
    letter = draft.submission.offer.documents.get(kind="MOTIVATION_LETTER")
    send(client, draft, content, "page.jpg")
    page = url("document", draft, letter.pk)
    client.post(page, {"file": SimpleUploadedFile("page.jpg", content)}, headers=CARD)
    inspect_received()
    response = client.get(page, headers=CARD)
    shown = text_of(response.content)
    assert 'Ce fichier est le même que pour : <span lang="fr-CA">Curriculum vitæ</span>.' in shown


# -- Replaced or removed documents --------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_replaced_or_removed_file_leaves_neither_row_nor_file() -> None:
    draft = make_draft()
    client = browser_of(draft)
    page = url("document_remove", draft, cv_of(draft).pk)
    for change in (lambda: send(client, draft, pdf_bytes(2)), lambda: client.post(page)):
        held = draft.documents.get(request=cv_of(draft)).upload
        change()
        assert not Upload.objects.filter(pk=held.pk).exists()
        for field in filter(None, (held.original, held.file, held.thumbnail, held.small_thumbnail)):
            assert not default_storage.exists(str(field.name))
    assert "Curriculum vitæ : fichier retiré." in text_of(client.get(url("documents", draft)).content)
    assert client.post(page).status_code == 302, "a second click removes nothing more"
    entries = Entry.objects.order_by("pk").values_list("action", flat=True)
    assert [*entries][-2:] == ["DOCUMENT_ATTACHED", "DOCUMENT_REMOVED"]


@pytest.mark.django_db(transaction=True)
def test_a_filed_document_survives_its_replacement_in_a_draft() -> None:
    filing = make_filing().filing
    draft = Draft.objects.create(submission=filing.submission, answers=filing.draft.answers, replaces=filing)
    for row in filing.documents.all():
        draft.documents.create(request=row.request, upload=row.upload)
    held = draft.documents.get(request=cv_of(draft)).upload
    assert outcome_of(send(browser_of(draft), draft, pdf_bytes(2))) == "added"
    assert filing.documents.get(request=cv_of(draft)).upload == held
    assert default_storage.exists(str(held.original.name))


def test_a_deleted_file_is_not_found() -> None:
    draft = make_draft()
    client, page = browser_of(draft), url("document_show", draft, cv_of(draft).pk, "apercu.jpg")
    assert client.get(page).status_code == 200
    default_storage.delete(str(draft.documents.get(request=cv_of(draft)).upload.thumbnail.name))
    assert client.get(page).status_code == 404


# -- End of session, offer or draft -------------------------------------------------------------------------------
def test_an_ended_session_gives_401_to_the_script_and_sign_in_to_a_form() -> None:
    draft = make_draft()
    page = url("document", draft, cv_of(draft).pk)
    held, uploads = draft.documents.get(request=cv_of(draft)).upload, Upload.objects.count()
    assert send(Client(), draft, pdf_bytes(2)).status_code == 401
    form = send(Client(), draft, pdf_bytes(2), plain=True)
    assert form.headers["Location"] == f"{reverse('accounts:sign_in')}?next={page}&motif=fin"
    assert Client().get(page, headers=CARD).status_code == 401
    assert draft.documents.get(request=cv_of(draft)).upload == held
    assert Upload.objects.count() == uploads


def test_after_closing_the_script_gets_the_card_without_its_form() -> None:
    draft = make_draft()
    held = draft.documents.get(request=cv_of(draft)).upload
    shown = browser_of(draft).get(url("document", draft, cv_of(draft).pk)).content.decode()
    assert "data-upload" in shown
    close_offer(draft.submission.offer, seconds_ago=1)
    response = send(browser_of(draft), draft, pdf_bytes(2))
    assert (response.status_code, outcome_of(response)) == (409, "closed")
    shown = text_of(response.content)
    assert "ne reçoit plus de candidatures" in shown
    assert "data-upload" not in shown
    assert draft.documents.get(request=cv_of(draft)).upload == held


def test_after_filing_the_script_gets_a_410_response() -> None:
    filing = make_filing().filing
    filed, uploads = set(filing.documents.values_list("request_id", "upload_id")), Upload.objects.count()
    answer = send(browser_of(filing.draft), filing.draft, pdf_bytes(2))
    assert (answer.status_code, answer.content) == (410, b"")
    assert set(filing.documents.values_list("request_id", "upload_id")) == filed
    assert set(filing.draft.documents.values_list("request_id", "upload_id")) == filed
    assert Upload.objects.count() == uploads


def test_the_page_of_documents_runs_as_many_queries_empty_and_full() -> None:
    counts = []
    for documents in (False, True):
        draft = make_draft(documents=documents)
        client = browser_of(draft)
        client.get(url("documents", draft))
        with CaptureQueriesContext(connection) as queries:
            client.get(url("documents", draft))
        counts.append(len(queries))
    assert counts[0] == counts[1]
