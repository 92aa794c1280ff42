"""Changes or deletions between reading a page and its lock: each view reports them, and writes nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.after_filing import views as after_filing_views
from intake.submissions.after_filing.operations import discard_amendment
from intake.submissions.attachments import receiving
from intake.submissions.attachments import views as attachments_views
from intake.submissions.drafts.views import section
from intake.submissions.drafts.views import section as section_views
from intake.submissions.eligibility_check import views as eligibility_check_views
from intake.submissions.eligibility_check.signed_answers import sign_answers
from intake.submissions.filing import views as filing_views
from intake.submissions.lifecycle.errors import DraftGoneError, MoveNotAllowedError
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Draft, Filing, PendingUpload, Receipt, Submission
from intake.submissions.offer_changes import views as offer_changes_views
from intake.submissions.offer_changes.operations import acknowledge_changes
from intake.submissions.states import Action, State
from offers.models import Offer, RulebookVersion
from tests.database_roles import without_triggers
from tests.factories.complements import make_filed_and_closed, request_complement_for, start_answer
from tests.factories.files import pdf_bytes
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.submissions.attachments.test_documents import cv_of, outcome_of, send
from tests.submissions.filed_pages import amend, page_of, read, withdraw
from tests.submissions.pages import (
    browser_of,
    change_after_read,
    file_now,
    pressed,
    save_answers,
    text_of,
    url,
)

pytestmark = pytest.mark.django_db

NOT_ASKED = "Seuls les éléments du complément demandé peuvent encore changer. Rien n’a changé."
CLOSED = "L’offre ne reçoit plus de candidatures. Aucun document n’est ajouté ni retiré."


def _redirect(answer: Any) -> tuple[str, list[tuple[str, str]]]:
    """Return where a response redirects, and its new messages."""
    assert answer.status_code == 302
    told = [
        (row.level_tag, str(row).replace("\u00a0", " "))
        for row in answer.wsgi_request._messages._queued_messages
    ]
    return answer.headers["Location"], told


def _close(draft: Draft) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    close_offer(draft.submission.offer, seconds_ago=60)


def _select(draft: Draft) -> None:
    """Put the submission in a state that allows no amendment."""
    Submission.objects.filter(pk=draft.submission_id).update(state="DECLINED")


# -- After filing -----------------------------------------------------------------------------------------------------
def test_a_submission_that_moved_on_cannot_be_amended() -> None:
    receipt = make_filing()
    draft = receipt.filing.draft
    _select(draft)
    client, page = browser_of(draft), url("amend", draft)
    assert _redirect(client.post(page)) == (
        url("receipt", draft),
        [("warning", "Cette candidature ne peut plus être modifiée : rien n’a changé.")],
    )
    assert _redirect(client.get(page)) == (url("receipt", draft), [])
    assert not Draft.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("back, name", [("review", "review"), ("tasks", "tasks"), ("", "tasks")])
def test_an_amendment_redirects_to_the_page_that_started_it(back: str, name: str) -> None:
    draft = make_filing().filing.draft
    assert _redirect(browser_of(draft).post(url("amend", draft), {"back": back})) == (url(name, draft), [])


def test_an_amendment_filed_meanwhile_cannot_be_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = amend(make_filing())
    client = browser_of(draft)
    change_after_read(monkeypatch, after_filing_views, "open_draft", lambda: file_now(draft))
    assert _redirect(client.post(url("discard", draft))) == (
        url("receipt", draft),
        [("info", "Cette modification vient d’être déposée. Vous ne pouvez plus l’abandonner.")],
    )
    assert draft.submission.filings.count() == 2


def test_a_submission_that_moved_meanwhile_is_not_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make_filing().filing.draft
    client = browser_of(draft)
    change_after_read(monkeypatch, after_filing_views, "candidate_status_of", lambda: _select(draft))
    assert _redirect(client.post(url("withdraw", draft), {"reason": "PERSONAL"})) == (
        url("receipt", draft),
        [("warning", "L’état de votre candidature vient de changer. Relisez-le ci-dessous.")],
    )
    assert Submission.objects.get(pk=draft.submission_id).state == "DECLINED"


def test_each_request_about_a_receipt_is_confirmed_once() -> None:
    receipt = make_filing()
    draft = receipt.filing.draft
    client, address = browser_of(draft), draft.submission.candidate.email
    Delivery.objects.filter(kind="RECEIPT_PDF").delete()
    asked = ("success", "Nous préparons votre accusé de réception en PDF. Revenez dans quelques minutes.")
    for said in ([asked], []):
        assert _redirect(client.post(url("prepare_receipt", draft))) == (url("receipt", draft), said)
    sent = ("success", f"Nous renvoyons l’accusé de réception à l’adresse {address}.")
    refused = (
        "warning",
        (
            "Nous avons déjà renvoyé l’accusé de réception trois fois aujourd’hui. Regardez dans les courriels "
            "indésirables, ou écrivez-nous. Le numéro à conserver est ci-dessous."
        ),
    )
    for told in (sent, sent, sent, refused):
        Delivery.objects.filter(kind="RECEIPT_MAIL").update(state="DONE", done_at=receipt.filing.received_at)
        assert _redirect(client.post(url("resend", draft))) == (url("follow", draft), [told])


# -- Before filing ----------------------------------------------------------------------------------------------------
def test_acknowledging_changes_of_a_filed_draft_redirects_to_the_receipt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = make_draft()
    client = browser_of(draft)
    change_after_read(monkeypatch, offer_changes_views, "open_draft", lambda: file_now(draft))
    assert _redirect(client.post(url("take_note", draft), {"seen": "1"})) == (url("receipt", draft), [])
    assert _redirect(client.post(url("take_note", draft), {"seen": "1"})) == (url("receipt", draft), [])


def test_an_invalid_form_of_a_draft_filed_meanwhile_redirects_to_its_receipt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = make_draft()
    client, sent = browser_of(draft), pressed(draft)
    del sent["truth"]
    change_after_read(monkeypatch, filing_views, "draft_with_notice", lambda: file_now(draft))
    assert _redirect(client.post(url("file", draft), sent)) == (url("receipt", draft), [])


# -- Documents --------------------------------------------------------------------------------------------------------
def _cv_page(draft: Draft, name: str = "document") -> str:
    return url(name, draft, draft.submission.offer.documents.get(kind="CV").pk)


def _filed_then_asked(monkeypatch: pytest.MonkeyPatch, reader: str, room: Any = attachments_views) -> Draft:
    """Return an amendment; once the page has read it, the offer closes and a complement asks for the studies only."""
    draft = amend(make_filing())

    def only_the_studies() -> None:
        _close(draft)
        request_complement_for(
            Submission.objects.get(pk=draft.submission_id), sections=["etudes"], documents=[]
        )

    change_after_read(monkeypatch, room, reader, only_the_studies)
    return draft


@pytest.mark.parametrize(
    "meanwhile, words",
    [("closed", CLOSED), ("filed", "Cette candidature est déjà déposée."), ("asked", NOT_ASKED)],
)
def test_an_upload_refused_meanwhile_is_explained_and_stores_nothing(
    monkeypatch: pytest.MonkeyPatch, meanwhile: str, words: str
) -> None:
    if meanwhile == "asked":
        draft = _filed_then_asked(monkeypatch, "copy_received", room=receiving)
    else:
        draft = make_draft()
        change_after_read(
            monkeypatch,
            receiving,
            "copy_received",
            lambda: (_close if meanwhile == "closed" else file_now)(draft),
        )
    file = SimpleUploadedFile("autre.pdf", pdf_bytes(2))
    answer = browser_of(draft).post(_cv_page(draft), {"file": file}, headers={"X-Card": "alone"})
    assert answer.status_code == 409
    assert words in text_of(answer.content).replace("\u00a0", " ")
    assert not PendingUpload.objects.exists()


@pytest.mark.parametrize("meanwhile, words", [("closed", CLOSED), ("filed", CLOSED), ("asked", NOT_ASKED)])
def test_a_removal_refused_meanwhile_is_explained_and_keeps_the_file(
    monkeypatch: pytest.MonkeyPatch, meanwhile: str, words: str
) -> None:
    if meanwhile == "asked":
        draft = _filed_then_asked(monkeypatch, "refusal_message")
    else:
        draft = make_draft()
        change_after_read(
            monkeypatch,
            attachments_views,
            "refusal_message",
            lambda: (_close if meanwhile == "closed" else file_now)(draft),
        )
    before = draft.documents.count()
    assert _redirect(browser_of(draft).post(_cv_page(draft, "document_remove"))) == (
        url("documents", draft),
        [("error", words)],
    )
    assert draft.documents.count() == before


def test_a_document_serves_only_its_file_and_its_preview() -> None:
    draft = make_draft()
    client, asked = browser_of(draft), draft.submission.offer.documents.get(kind="CV").pk
    for which, kind in (("apercu.jpg", "image/jpeg"), ("fichier.pdf", "application/pdf")):
        answer = client.get(url("document_show", draft, asked, which))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    for request, which in ((asked, "original.pdf"), (0, "fichier.pdf")):
        assert client.get(url("document_show", draft, request, which)).status_code == 404


# -- Answers brought from the check -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "meanwhile, name, words",
    [
        ("filed", "receipt", []),
        ("closed", "review", []),
        ("asked", "review", [("error", NOT_ASKED)]),
        ("nothing", "tasks", [("success", "Les réponses de la vérification sont dans le brouillon.")]),
    ],
)
def test_answers_refused_meanwhile_redirect_to_an_explanation(
    monkeypatch: pytest.MonkeyPatch, meanwhile: str, name: str, words: list[tuple[str, str]]
) -> None:
    if meanwhile == "asked":
        submission = make_filed_and_closed()
        request_complement_for(submission)
        draft = start_answer(submission)
    else:
        draft = make_draft()
        then: dict[str, Any] = {"filed": file_now, "closed": _close, "nothing": lambda _draft: None}
        change_after_read(monkeypatch, eligibility_check_views, "open_draft", lambda: then[meanwhile](draft))
    number = draft.submission.offer.number or ""
    sent = {"answers": sign_answers({"legal_status": "PERMANENT_RESIDENT"}, number=number), "replace": "1"}
    answer = browser_of(draft).post(reverse("submissions:start_with_answers", args=[number]), sent)
    assert _redirect(answer) == (url(name, draft), words)


def test_an_offer_without_criteria_has_no_check(client: Any) -> None:
    offer = make_open_offer()
    with without_triggers("offers_rulebookversion"):
        RulebookVersion.objects.filter(offer=offer).delete()
    assert client.get(reverse("submissions:check", args=[offer.number])).status_code == 404


# -- Sections that the offer no longer contains -----------------------------------------------------------------------


def _dropping(draft: Draft, kinds: set[str]) -> None:
    """Remove the criteria of these `kinds` from the draft's offer."""
    version = RulebookVersion.objects.get(offer=draft.submission.offer)
    kept = [row for row in version.criteria if row["kind"] not in kinds]
    with without_triggers("offers_rulebookversion"):
        RulebookVersion.objects.filter(pk=version.pk).update(criteria=kept)


def test_removed_answers_are_displayed_with_their_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make_draft()
    _dropping(draft, {"LEGAL_STATUS", "STUDIES"})
    client = browser_of(draft)
    shown = client.get(url("section", draft, "statut")).context["said"]
    assert [(said.question.replace("\u00a0", " "), said.text) for said in shown] == [
        ("Quel est votre statut au Canada ?", "Citoyenneté canadienne")
    ]
    page = url("section", draft, "etudes")
    typed = {
        "studies-TOTAL_FORMS": "1",
        "studies-INITIAL_FORMS": "0",
        "studies-0-field_of_study": "Géographie",
        "studies-0-level": "MASTER",
        "bar_school": "false",
    }
    kept = client.post(page, typed)
    assert _redirect(kept) == (page, [])
    draft.refresh_from_db()
    assert draft.answers["studies"][0]["field_of_study"] == "Géographie"
    unread = client.post(page, typed | {"studies-0-day": "bientôt"})
    assert [(said.question, said.text) for said in unread.context["said"]] == [
        ("Domaine d’études", "Géographie"),
        ("Date du diplôme, obtenu ou prévu", "bientôt"),
    ]
    change_after_read(monkeypatch, section_views, "open_draft", lambda: _close(draft))
    late = client.post(page, typed | {"studies-0-field_of_study": "Histoire"})
    assert [said.text for said in late.context["said"]] == ["Histoire"]
    draft.refresh_from_db()
    assert draft.answers["studies"][0]["field_of_study"] == "Géographie"


def test_a_section_without_studies_gives_back_what_was_typed_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = make_draft()
    _dropping(draft, {"DOMICILE", "RESIDENCE"})
    change_after_read(monkeypatch, section_views, "open_draft", lambda: _close(draft))
    typed = {"domicile_province": "QC", "quebec_resident_since": "bientôt"}
    page = browser_of(draft).post(url("section", draft, "residence"), typed)
    assert [said.text for said in page.context["said"]] == ["bientôt"]


def test_a_section_stores_no_answer_of_another_section() -> None:
    draft = make_draft()
    with pytest.raises(ValueError, match=r"^statut has no answers \['city', 'first_name'\]$"):
        save_answers(draft, "statut", {"legal_status": "CITIZEN", "first_name": "X", "city": "Y"})


def test_announcing_an_unannounced_move_is_refused() -> None:
    from intake.submissions.lifecycle.operations import announce_move  # noqa: PLC0415 -- used in this test only

    submission = make_filing().filing.submission
    with pytest.raises(MoveNotAllowedError) as refused:
        announce_move(submission=submission, action=Action.START_REVIEW, actor=make_staff(), version=None)
    assert (refused.value.action, refused.value.state) == (Action.START_REVIEW, "SUBMITTED")
    with pytest.raises(ValueError, match="says more than a reason"):
        move_submission(submission=submission, action=Action.REQUEST_COMPLEMENT, actor=make_staff())


def _discard(receipt: Receipt) -> None:
    draft = Draft.objects.get(submission=receipt.filing.submission_id, closed_at=None)
    discard_amendment(draft=draft, actor=draft.submission.candidate)


@pytest.fixture(params=[_discard, withdraw])
def let_go(request: pytest.FixtureRequest) -> Callable[[Receipt], None]:
    """Both ways in which an open draft ends."""
    way: Callable[[Receipt], None] = request.param
    return way


def test_operations_refuse_a_deleted_draft(receipt: Receipt, let_go: Callable[[Receipt], None]) -> None:
    draft = amend(receipt)
    let_go(receipt)
    with pytest.raises(DraftGoneError):
        file_now(draft)
    with pytest.raises(DraftGoneError):
        acknowledge_changes(draft=draft, at=timezone.now())
    assert Filing.objects.count() == 1


def test_filing_a_discarded_amendment_redirects_to_the_receipt(
    monkeypatch: pytest.MonkeyPatch, receipt: Receipt, let_go: Callable[[Receipt], None]
) -> None:
    draft, client = amend(receipt), client_of(receipt.filing.submission.candidate)
    sent = pressed(draft)
    change_after_read(monkeypatch, filing_views, "draft_with_notice", lambda: let_go(receipt))
    answer = client.post(url("file", draft), sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of("receipt", receipt))
    page = read(client, page_of("receipt", receipt))
    assert "Elle n’est pas déposée." in page
    assert receipt.number in page
    assert Filing.objects.count() == 1


def test_two_simultaneous_discards_discard_once(monkeypatch: pytest.MonkeyPatch, receipt: Receipt) -> None:
    amend(receipt)
    client = client_of(receipt.filing.submission.candidate)
    change_after_read(monkeypatch, after_filing_views, "open_draft", lambda: _discard(receipt))
    answer = client.post(page_of("discard", receipt))
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of("receipt", receipt))
    assert "La modification est abandonnée." in read(client, page_of("receipt", receipt))
    assert Submission.objects.get().state == State.SUBMITTED


def test_a_file_inspected_during_the_deletion_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, receipt: Receipt, let_go: Callable[[Receipt], None]
) -> None:
    draft = amend(receipt)
    change_after_read(monkeypatch, receiving, "copy_received", lambda: let_go(receipt))
    answer = send(client_of(receipt.filing.submission.candidate), draft, pdf_bytes(2))
    assert (answer.status_code, outcome_of(answer)) == (409, "closed")
    assert "déjà déposée" in text_of(answer.content)
    assert not PendingUpload.objects.exists()


def test_saving_a_discarded_amendment_redirects_to_the_receipt(
    monkeypatch: pytest.MonkeyPatch, receipt: Receipt
) -> None:
    draft, client = amend(receipt), client_of(receipt.filing.submission.candidate)
    for room, page, posted, said in (
        (
            section,
            url("section", draft, "identite"),
            {"last_name": "Roy", "stay": ""},
            ["Ces réponses n’ont pas été enregistrées."],
        ),
        (attachments_views, url("document_remove", draft, cv_of(draft).pk), {}, []),
    ):
        draft = amend(receipt)
        change_after_read(monkeypatch, room, "open_draft", lambda: _discard(receipt))
        answer = client.post(page, posted, follow=True)
        assert answer.redirect_chain[-1][0] == page_of("receipt", receipt), page
        assert receipt.number in text_of(answer.content)
        assert [str(message) for message in answer.context["messages"]] == said, page
        assert not Draft.objects.filter(pk=draft.pk).exists()
    assert Submission.objects.get().standing_filing_id == receipt.filing_id


def ends(client: Client, offer: Offer) -> tuple[str, str]:
    """Return the HTML of the summary and of the end of an offer's page."""
    page = client.get(offer.get_absolute_url()).content.decode()
    top = page[page.index('<div class="offer-summary">') : page.index('<nav class="offer-contents"')]
    end = page[page.index('<section class="offer-apply"') :].partition("</section>")[0]
    return top, end


def assert_in_both(client: Client, offer: Offer, name: str, argument: Any, label: str) -> None:
    for part in ends(client, offer):
        assert f'href="{reverse(f"submissions:{name}", args=[argument])}">{label}</a>' in part


def test_both_ends_of_an_offer_lead_to_the_next_step_of_its_reader() -> None:
    draft, filed = make_draft(), make_filing().filing.submission
    offer, submission = draft.submission.offer, draft.submission
    for reader in (Client(), client_of(make_user())):
        assert_in_both(reader, offer, "start", offer.number, "Postuler")
    candidate = client_of(submission.candidate)
    assert_in_both(candidate, offer, "tasks", submission.public_id, "Continuer ma candidature")
    assert not any("Postuler" in part for part in ends(candidate, offer))
    candidate = client_of(filed.candidate)
    assert_in_both(candidate, filed.offer, "receipt", filed.public_id, "Voir mon accusé de réception")
    upcoming = make_open_offer(opens_at=timezone.now() + timedelta(days=1))
    assert_in_both(Client(), upcoming, "check", upcoming.number, "Vérifier mon admissibilité")


def test_a_closed_or_cancelled_offer_has_no_button_at_either_end() -> None:
    closed, cancelled = make_open_offer(), make_open_offer()
    close_offer(closed, seconds_ago=60)
    cancel_offer(offer=cancelled, author=make_staff(), reason="Retirée.", at=timezone.now())
    for offer in (closed, cancelled):
        top, end = ends(client_of(make_user()), offer)
        assert "Postuler" not in top + end
        assert "On ne peut plus postuler à cette offre." in text_of(end.encode())
        assert f"{reverse('offers:list')}?etat=ouverte" in end
