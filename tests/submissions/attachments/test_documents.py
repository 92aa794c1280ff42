"""A document's page and card: the file is shown, in analysis too; errors give a reason; two tabs lose nothing."""

import re
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from intake.documents import inspection, virus_scan
from intake.documents.child.refusal import Reason
from intake.documents.isolated_process import run_isolated
from intake.documents.models import Upload
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.settings.services import VirusScanner
from intake.submissions.attachments import cards, queries
from intake.submissions.attachments.inspecting import MAX_STARTS
from intake.submissions.delivery_kinds import UPLOAD
from intake.submissions.filing.evaluation import IncompleteError
from intake.submissions.models import Draft, DraftDocument, PendingUpload
from intake.web.circuit_breaker import CircuitBreaker
from offers.models import DocumentRequest
from tests.factories.files import HOSTILE, pdf_bytes
from tests.factories.people import client_of, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_upload, make_waiting_upload
from tests.security_log import SecurityLog
from tests.submissions.pages import browser_of, file_now, pressed, text_of, url
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
    [(b"", "vide.pdf", "Ce fichier est vide.", 422), (b"Bonjour", "cv.pdf", "ni un PDF, ni une image", 200)],
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


def test_size_and_first_bytes_are_prechecked_before_the_file_is_sent() -> None:
    draft = make_draft()
    client, page = browser_of(draft), url("document", draft, cv_of(draft).pk)
    fine = client.post(page, {"name": "cv", "size": "1000"}, headers=CARD)
    assert (fine.status_code, fine.content) == (204, b"")
    for said, words in (
        ({"name": "cv.pdf", "size": str(15 * 1024**2)}, "fait 15 Mo ; la limite est de 10 Mo"),
        ({"name": "cv.pdf", "size": "0"}, "Ce fichier est vide."),
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
    draft = make_filing().filing.draft
    answer = send(browser_of(draft), draft, pdf_bytes(2))
    assert (answer.status_code, answer.content) == (410, b"")


def post_cv(draft: Draft, client: str = "127.0.0.1") -> None:
    """Send a CV from the address `client`, that no worker inspects yet."""
    sent = {"file": SimpleUploadedFile("cv.pdf", pdf_bytes())}
    browser_of(draft).post(url("document", draft, cv_of(draft).pk), sent, REMOTE_ADDR=client)


def read(client: Client, page: str) -> str:
    return text_of(client.get(page).content)


def test_the_page_shows_that_the_file_is_in_analysis_and_reloads_without_a_script() -> None:
    draft = make_draft(documents=False)
    client = browser_of(draft)
    make_waiting_upload(draft)
    shown = read(client, followed_page(draft))
    assert "Votre fichier est en analyse." in shown
    assert "Cela prend quelques secondes." in shown
    refresh = f'<noscript><meta http-equiv="refresh" content="5; url={followed_page(draft)}"></noscript>'
    assert refresh in shown
    assert f'href="{url("documents", draft)}"' in shown, "the way on, for who does not wait"
    listed = read(client, url("documents", draft))
    assert "Votre fichier est en analyse." in listed
    assert f'href="{followed_page(draft)}"' in listed
    inspect_received()
    ended = client.get(followed_page(draft), follow=True)
    assert ended.redirect_chain == [(f"{url('documents', draft)}#document-{cv_of(draft).pk}", 302)]
    assert "Curriculum vitæ : Fichier accepté : 2 pages." in text_of(ended.content)


def test_a_file_that_is_attached_while_its_page_is_read_is_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the script would find neither a file in analysis nor a document, and look no more."""
    draft = make_draft(documents=False)
    make_waiting_upload(draft)
    reads = queries.last_uploads

    def attached_first(read_draft: Draft) -> dict[int, PendingUpload]:
        inspect_received()
        return reads(read_draft)

    monkeypatch.setattr(cards, "last_uploads", attached_first)
    client = browser_of(draft)
    card = client.get(url("document", draft, cv_of(draft).pk), headers=CARD)
    assert "cv.pdf" in text_of(card.content)


def test_the_page_counts_the_files_that_come_before() -> None:
    draft = make_draft(documents=False)
    others = [make_draft(documents=False) for _each in range(2)]
    for other in (others[0], others[0], others[1]):
        make_waiting_upload(other, pages=2 + PendingUpload.objects.count(), kind="CV")
    make_waiting_upload(others[0], kind="TRANSCRIPT")
    make_waiting_upload(draft, kind="TRANSCRIPT")
    make_waiting_upload(draft)
    client = browser_of(draft)
    assert "3 fichiers sont avant le vôtre." in read(client, followed_page(draft))
    make_draft(documents=False)
    PendingUpload.objects.filter(owner__in=[each.submission.candidate for each in others]).delete()
    assert "avant le vôtre" not in read(client, followed_page(draft)), "one is not a line"


def test_the_script_learns_once_what_became_of_the_file() -> None:
    draft = make_draft(documents=False)
    client, pending = browser_of(draft), make_waiting_upload(draft)
    page = followed_page(draft)
    waiting = client.get(page, headers=CARD)
    assert (waiting.status_code, outcome_of(waiting)) == (200, "waiting")
    assert f'data-follows="{pending.public_id.hex}"' in waiting.content.decode()
    inspect_received()
    assert outcome_of(client.get(page, headers=CARD)) == "added"
    assert outcome_of(client.get(url("document", draft, cv_of(draft).pk), headers=CARD)) == ""
    assert Client().get(page, headers=CARD).status_code == 401, "the session ended meanwhile"


def test_a_refusal_stays_on_the_card_until_another_file_is_sent() -> None:
    draft = make_draft(documents=False)
    client = browser_of(draft)
    assert outcome_of(send(client, draft, b"Bonjour")) == "refused"
    for page in (url("documents", draft), url("document", draft, cv_of(draft).pk)):
        assert "ni un PDF, ni une image" in read(client, page)
    make_waiting_upload(draft)
    assert "ni un PDF, ni une image" not in read(client, url("documents", draft))


def test_a_person_drops_a_file_in_analysis_and_keeps_the_one_before() -> None:
    draft = make_draft()
    held, client = draft.documents.get(request=cv_of(draft)).upload, browser_of(draft)
    pending = make_waiting_upload(draft, pages=3)
    page = url("document", draft, cv_of(draft).pk)
    answer = client.post(page, {"drop": "1"}, follow=True)
    assert "Curriculum vitæ : le fichier en analyse est abandonné." in text_of(answer.content)
    assert client.post(page, {"drop": "1"}).status_code == 302, "a second click changes nothing"
    pending.refresh_from_db()
    assert (pending.state, draft.documents.get(request=cv_of(draft)).upload) == ("DROPPED", held)


def test_nothing_is_filed_while_a_file_is_in_analysis() -> None:
    draft = make_draft()
    client = browser_of(draft)
    make_waiting_upload(draft)
    for page in (url("review", draft), url("tasks", draft), url("documents", draft)):
        assert "est encore en analyse" in read(client, page) or "est en analyse" in read(client, page), page
    shown = read(client, url("review", draft))
    assert "vous pourrez déposer dès qu’elle est terminée" in shown
    assert "Il manque" not in shown
    assert 'name="truth"' not in shown
    sent = client.post(url("file", draft), pressed(draft), follow=True)
    assert sent.status_code == 422
    assert "est encore en analyse" in text_of(sent.content)
    with pytest.raises(IncompleteError) as refused:
        file_now(draft)
    assert refused.value.documents == ("CV",)
    inspect_received()
    assert client.post(url("file", draft), pressed(draft)).headers["Location"] == url("receipt", draft)


def test_another_persons_file_in_analysis_looks_like_none() -> None:
    draft, bare = make_draft(documents=False), make_draft(documents=False)
    pending = make_waiting_upload(draft)
    stranger = client_of(make_user())
    for each in (draft, bare):
        page = url("document", each, cv_of(each).pk)
        assert stranger.get(f"{page}?suivi={pending.public_id.hex}").status_code == 404
        assert stranger.post(page, {"drop": "1"}).status_code == 404
    own = browser_of(bare).get(f"{url('document', bare, cv_of(bare).pk)}?suivi={pending.public_id.hex}")
    assert (own.status_code, outcome_of(own)) == (200, "")
    pending.refresh_from_db()
    assert pending.is_waiting


def test_a_refusal_by_a_worker_and_a_quota_leave_their_events(
    security_events: SecurityLog, settings: object
) -> None:
    draft = make_draft(documents=False)
    send(browser_of(draft), draft, b"Bonjour")
    settings.UPLOADS_PER_DAY = 1  # type: ignore[attr-defined]  # -- pytest-django's fixture
    answer = send(browser_of(draft), draft, b"Bonsoir")
    assert (answer.status_code, outcome_of(answer)) == (422, "full")
    assert "Non ajouté" in text_of(answer.content)
    assert "Vous avez envoyé beaucoup de fichiers aujourd’hui." in text_of(answer.content)
    found = [
        (event["kind"], event["reason"], event["subject"], event["client"])
        for event in security_events.events
    ]
    owner = str(draft.submission.candidate.public_id)
    assert ("UPLOAD_REFUSED", Reason.NOT_ACCEPTED_TYPE.value, owner, "127.0.0.1") in found
    assert ("LIMIT_REACHED", "UPLOADS_OF_A_DAY", None, "127.0.0.1") in found


def test_a_file_that_ends_its_workers_is_an_event_with_the_network_that_sent_it(
    security_events: SecurityLog,
) -> None:
    draft = make_draft(documents=False)
    post_cv(draft, "2001:db8::7")
    Delivery.objects.filter(kind=UPLOAD).update(attempts=MAX_STARTS)
    inspect_received()
    assert (security_events.last["reason"], security_events.last["client"]) == ("TIMED_OUT", "2001:db8::7")


def test_the_network_of_a_sender_is_kept_until_the_file_is_inspected() -> None:
    draft = make_draft(documents=False)
    post_cv(draft)
    pending = PendingUpload.objects.get()
    assert pending.client == "127.0.0.1"
    inspect_received()
    pending.refresh_from_db()
    assert pending.client is None


def test_a_refused_file_among_several_is_an_event(security_events: SecurityLog) -> None:
    draft = make_draft()
    page = url("document_parts", draft, cv_of(draft).pk)
    answer = browser_of(draft).post(page, {"files": SimpleUploadedFile("cv.pdf", b"")})
    assert answer.status_code == 422
    assert (security_events.last["kind"], security_events.last["reason"]) == ("UPLOAD_REFUSED", "EMPTY")


def test_no_draft_shows_the_file_of_another() -> None:
    draft = make_draft()
    other = make_draft(candidate=draft.submission.candidate)
    make_waiting_upload(other)
    assert "Votre fichier est en analyse." not in read(browser_of(draft), url("documents", draft))


SENTENCE = "Page\u00a02\u00a0: rien n’est visible. Vérifiez que c’est le bon fichier."


@pytest.mark.parametrize("is_warned", [True, False])
def test_the_review_page_displays_the_warnings_of_a_file(*, is_warned: bool) -> None:
    draft = make_draft()
    document = draft.documents.select_related("upload").get(request__kind="CV")
    document.upload.warnings = ["BLANK_PAGE:2"] if is_warned else []
    document.upload.save(update_fields=["warnings"])
    shown = browser_of(draft).get(url("review", draft)).content.decode()
    assert (SENTENCE in shown) is is_warned
