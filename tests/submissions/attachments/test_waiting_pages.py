"""While a file is in analysis its pages say so, go on by themselves, and nothing is filed without it silently."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from intake.documents.child.refusal import Reason
from intake.outbox.models import Delivery
from intake.submissions.attachments import cards, queries
from intake.submissions.attachments.cards import SLOW_AFTER
from intake.submissions.attachments.inspecting import MAX_STARTS
from intake.submissions.delivery_kinds import UPLOAD
from intake.submissions.filing.evaluation import IncompleteError
from intake.submissions.models import Draft, PendingUpload
from tests.factories.files import pdf_bytes
from tests.factories.people import client_of, make_user
from tests.factories.submissions import (
    make_draft,
    make_waiting_upload,
)
from tests.security_log import SecurityLog
from tests.submissions.attachments.test_documents import CARD, cv_of, followed_page, outcome_of, send
from tests.submissions.pages import browser_of, file_now, pressed, text_of, url
from tests.submissions.uploading import inspect_received

pytestmark = pytest.mark.django_db


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


def test_the_page_of_a_file_that_waits_for_long_promises_to_keep_it() -> None:
    draft = make_draft(documents=False)
    pending = make_waiting_upload(draft)
    rows, client = PendingUpload.objects.filter(pk=pending.pk), browser_of(draft)
    rows.update(received_at=timezone.now() - SLOW_AFTER + timedelta(seconds=30))
    assert "plus longue que d’habitude" not in read(client, followed_page(draft))
    rows.update(received_at=timezone.now() - SLOW_AFTER - timedelta(seconds=1))
    shown = read(client, followed_page(draft))
    assert "L’analyse est plus longue que d’habitude. Votre fichier est conservé" in shown
    assert 'content="30; url=' in shown


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


def test_a_refused_file_among_several_is_an_event(draft: Draft, security_events: SecurityLog) -> None:
    page = url("document_parts", draft, cv_of(draft).pk)
    answer = browser_of(draft).post(page, {"files": SimpleUploadedFile("cv.pdf", b"")})
    assert answer.status_code == 422
    assert (security_events.last["kind"], security_events.last["reason"]) == ("UPLOAD_REFUSED", "EMPTY")


def test_no_draft_shows_the_file_of_another(draft: Draft) -> None:
    other = make_draft(candidate=draft.submission.candidate)
    make_waiting_upload(other)
    assert "Votre fichier est en analyse." not in read(browser_of(draft), url("documents", draft))


SENTENCE = "Page\u00a02\u00a0: rien n’est visible. Vérifiez que c’est le bon fichier."


@pytest.mark.parametrize("page", ["documents", "review"])
@pytest.mark.parametrize("is_warned", [True, False])
def test_a_page_with_the_file_displays_its_warnings(page: str, *, is_warned: bool) -> None:
    draft = make_draft()
    document = draft.documents.select_related("upload").get(request__kind="CV")
    document.upload.warnings = ["BLANK_PAGE:2"] if is_warned else []
    document.upload.save(update_fields=["warnings"])
    shown = browser_of(draft).get(url(page, draft)).content.decode()
    assert (SENTENCE in shown) is is_warned
    if page == "documents":
        assert ("Ajouté, à vérifier" in text_of(shown.encode())) is is_warned
