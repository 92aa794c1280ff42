"""The file's page: the filing beside the verdict, decisions, and journal entries."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.profiles.services import remember_answers
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Draft, Submission, Transition
from intake.submissions.states import Action
from intake.web import formats
from intake.web.storage import StorageUnavailableError
from intake.web.templatetags.portal import raise_ordinals
from tests.factories.decisions import decide
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_dossier, make_reviewer, make_signed_receipt
from tests.review.conftest import Received
from tests.review.reading import content_of, file_address

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def members_page(made_once: Received) -> Any:
    """The page as a committee member first sees it."""
    return client_of(make_reviewer(made_once.filed.offer)).get(file_address(made_once.filed))


def test_admissibility_of_the_file_is_displayed_before_eligibility(
    filed: Submission, fresh_page: Any
) -> None:
    text = text_of(fresh_page)
    ours, rules = text.index(">Recevabilité</h2>"), text.index(">Admissibilité</h2>")
    assert ours < rules
    filing = filed.standing_filing
    assert filing is not None
    assert raise_ordinals(formats.instant(filing.received_at, seconds=True)) in text[ours:rules]
    assert raise_ordinals(formats.closing(filed.offer.closes_at)) in text[ours:rules]
    assert "Toutes les réponses demandées" in text[ours:rules]


def test_the_signed_receipt_is_linked_once_generated(filed: Submission, staff: User, fresh_page: Any) -> None:
    link = f'href="{reverse("review:receipt", args=[filed.public_id])}"'
    assert link not in text_of(fresh_page)
    make_signed_receipt(filed)
    assert link in text_of(client_of(staff).get(file_address(filed)))


def move_of(submission: Submission, slug: str) -> str:
    return reverse("review:move", args=[submission.public_id, slug])


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_page_displays_the_filing_and_its_verdict(filed: Submission, members_page: Any) -> None:
    shown = text_of(members_page)
    assert filed.standing_filing is not None
    for words in (
        filed.standing_filing.receipt.number,
        "Tremblay-Nguyễn",
        "1035, rue des Parlementaires",
        "Études",
        "Respecté",
        "Texte de l’offre",
        "cv.pdf",
    ):
        assert words in shown


def test_a_finding_on_the_page_is_about_the_candidate_and_not_to_them(members_page: Any) -> None:
    shown = text_of(members_page)
    assert "La date de naissance, le " in shown
    assert "La personne candidate a déclaré " in shown
    for words in (
        "vous donne",
        "Vous avez déclaré",
        "Vous avez répondu",
        "Vous avez attesté",
        "vos réponses",
    ):
        assert words not in shown, words


def test_the_page_reads_neither_the_profile_nor_the_draft(filed: Submission) -> None:
    remember_answers(user=filed.candidate, answers={"last_name": "Autrement", "city": "Ailleurs"})
    Draft.objects.filter(submission=filed).update(answers={"last_name": "Encore-autrement"})
    shown = text_of(client_of(make_staff()).get(file_address(filed)))
    assert "Tremblay-Nguyễn" in shown
    assert "Autrement" not in shown
    assert "Encore-autrement" not in shown
    assert "Ailleurs" not in shown


def test_opening_the_file_or_its_dossier_enters_the_journal(filed: Submission) -> None:
    make_dossier(filed)
    reviewer = make_reviewer(filed.offer)
    client = client_of(reviewer)
    assert 'src="' + reverse("review:dossier", args=[filed.public_id]) in text_of(
        client.get(file_address(filed))
    )
    client.get(reverse("review:dossier", args=[filed.public_id]))
    entries = Entry.objects.filter(actor=reviewer, subject_id=str(filed.public_id)).order_by("pk")
    assert [entry.action for entry in entries] == ["SUBMISSION_OPENED", "DOSSIER_OPENED"]


def test_the_dossier_is_served_for_a_frame_or_as_a_download(filed: Submission) -> None:
    dossier = make_dossier(filed)
    client = client_of(make_reviewer(filed.offer))
    address = reverse("review:dossier", args=[filed.public_id])
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="{dossier.number}.pdf"'
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]
    assert content_of(answer) == dossier.file.read()
    assert client.get(address, {"telecharger": "1"})["Content-Disposition"].startswith("attachment")


def test_a_missing_dossier_is_explained(filed: Submission, members_page: Any) -> None:
    client = client_of(make_reviewer(filed.offer))
    page = text_of(members_page)
    assert "Le dossier PDF n’est pas encore produit." in page
    assert "<iframe" not in page
    answer = client.get(reverse("review:dossier", args=[filed.public_id]))
    assert answer.status_code == 202
    assert "pas encore produit" in text_of(answer)


def test_a_lost_dossier_file_is_explained_and_requested_again(
    filed: Submission, caplog: pytest.LogCaptureFixture
) -> None:
    dossier = make_dossier(filed)
    dossier.file.storage.delete(dossier.file.name or "")
    answer = client_of(make_staff()).get(reverse("review:dossier", args=[filed.public_id]))
    assert answer.status_code == 404
    assert "introuvable" in text_of(answer)
    assert "Nous préparons de nouveau ce dossier PDF" in text_of(answer)
    assert Delivery.objects.filter(kind="DOSSIER", key=f"{dossier.number}/2").exists()
    assert not Entry.objects.filter(action="DOSSIER_OPENED").exists()
    assert "no readable file" in caplog.text


def test_a_lost_receipt_file_is_explained_and_requested_again(filed: Submission) -> None:
    signed = make_signed_receipt(filed)
    signed.file.storage.delete(signed.file.name or "")
    answer = client_of(make_staff()).get(reverse("review:receipt", args=[filed.public_id]), follow=True)
    assert answer.redirect_chain == [(file_address(filed), 302)]
    assert "Nous préparons de nouveau l’accusé de réception" in text_of(answer)
    assert Delivery.objects.filter(kind="RECEIPT_PDF", key=f"{signed.number}/2").exists()
    assert not Entry.objects.filter(action="RECEIPT_OPENED").exists()


@pytest.mark.parametrize("name, make", [("dossier", make_dossier), ("receipt", make_signed_receipt)])
def test_a_file_is_not_lost_while_the_storage_does_not_answer(
    filed: Submission, monkeypatch: pytest.MonkeyPatch, name: str, make: Any
) -> None:
    make(filed)
    jobs = set(Delivery.objects.values_list("pk", flat=True))

    def be_away(_name: str) -> bool:
        raise StorageUnavailableError

    monkeypatch.setattr(default_storage, "exists", be_away)
    answer = client_of(make_staff()).get(reverse(f"review:{name}", args=[filed.public_id]))
    assert answer.status_code == 503
    assert set(Delivery.objects.values_list("pk", flat=True)) == jobs


# -- Decisions -----------------------------------------------------------------------------------------------
def test_buttons_depend_on_state_and_role(filed: Submission, fresh_page: Any, members_page: Any) -> None:
    reviewer, staff = client_of(make_reviewer(filed.offer)), client_of(make_staff())
    assert move_of(filed, "start-review") in text_of(members_page)
    shown = text_of(fresh_page)
    assert move_of(filed, "shortlist") not in shown
    assert move_of(filed, "find-inadmissible") not in shown  # needs two persons, and a letter
    assert "Déclarer non admissible…" in shown
    move_submission(submission=filed, action=Action.START_REVIEW, actor=make_staff())
    assert move_of(filed, "shortlist") in text_of(staff.get(file_address(filed)))
    assert move_of(filed, "shortlist") not in text_of(reviewer.get(file_address(filed)))


def test_a_move_without_reason_takes_one_click_and_writes_its_rows(filed: Submission) -> None:
    reviewer = make_reviewer(filed.offer)
    answer = client_of(reviewer).post(move_of(filed, "start-review"), {"version": filed.version}, follow=True)
    assert "maintenant dans l’état" in text_of(answer)
    filed.refresh_from_db()
    assert filed.state == "UNDER_REVIEW"
    moved = Transition.objects.get(action="START_REVIEW")
    assert (moved.actor, moved.from_state, moved.to_state) == (reviewer, "SUBMITTED", "UNDER_REVIEW")
    assert Entry.objects.filter(action="SUBMISSION_START_REVIEW", actor=reviewer).exists()


def test_a_reopened_review_requires_and_stores_a_reason(filed: Submission) -> None:
    client = client_of(make_staff())
    address = move_of(filed, "reopen")
    decide(filed, action=Action.FIND_INADMISSIBLE, word="Diplôme trop ancien.")
    filed.refresh_from_db()
    assert address in text_of(client.get(file_address(filed)))
    assert "Motif" in text_of(client.get(address))
    answer = client.post(address, {"version": filed.version, "reason": "   "})
    assert answer.status_code == 422
    assert "il est obligatoire pour cette décision" in text_of(answer)
    answer = client.post(address, {"version": filed.version, "reason": "Diplôme relu."}, follow=True)
    assert "Diplôme relu." in text_of(answer)
    filed.refresh_from_db()
    assert filed.state == "UNDER_REVIEW"
    assert Entry.objects.filter(action="SUBMISSION_REOPEN").count() == 1


def test_a_move_sent_twice_by_one_user_is_confirmed_twice(filed: Submission) -> None:
    reviewer = make_reviewer(filed.offer)
    sent = {"version": filed.version}
    for _press in range(2):
        answer = client_of(reviewer).post(move_of(filed, "start-review"), sent, follow=True)
        assert "maintenant dans l’état" in text_of(answer)
        assert "Une autre personne" not in text_of(answer)
    assert Transition.objects.filter(action="START_REVIEW").count() == 1
    colleague = client_of(make_reviewer(filed.offer)).post(move_of(filed, "start-review"), sent, follow=True)
    assert "Une autre personne a changé l’état de cette candidature" in text_of(colleague)


def test_a_move_without_its_version_is_refused(filed: Submission) -> None:
    answer = client_of(make_reviewer(filed.offer)).post(move_of(filed, "start-review"), {})
    assert answer.status_code == 422
    assert "Le formulaire reçu est incomplet" in text_of(answer)


def test_a_move_on_an_older_version_is_refused(filed: Submission) -> None:
    staff = make_staff()
    seen = filed.version
    move_submission(submission=filed, action=Action.START_REVIEW, actor=make_staff())
    answer = client_of(staff).post(move_of(filed, "start-review"), {"version": seen}, follow=True)
    assert "Une autre personne a changé l’état de cette candidature" in text_of(answer)
    filed.refresh_from_db()
    assert filed.state == "UNDER_REVIEW"
    assert not Transition.objects.filter(actor=staff).exists()


def test_a_reviewer_may_not_decide_and_an_unknown_decision_is_not_found(filed: Submission) -> None:
    client = client_of(make_reviewer(filed.offer))
    for method in (client.get, client.post):
        assert method(move_of(filed, "find-inadmissible")).status_code == 403
        assert method(move_of(filed, "file")).status_code == 404
        assert method(move_of(filed, "rien")).status_code == 404
    filed.refresh_from_db()
    assert filed.state == "SUBMITTED"


def test_a_decision_that_no_longer_applies_redirects_to_the_file(filed: Submission) -> None:
    answer = client_of(make_staff()).get(move_of(filed, "shortlist"), follow=True)
    assert "L’état de la candidature a changé" in text_of(answer)


@pytest.mark.parametrize("role, shown", [(Role.STAFF, True), (Role.REVIEWER, False)])
def test_journal_and_deliveries_are_for_staff(
    fresh_page: Any, members_page: Any, role: Role, *, shown: bool
) -> None:
    page = text_of(fresh_page if role == Role.STAFF else members_page)
    assert ("Journal de cette candidature" in page) is shown
    assert ("Envois" in page.split('id="historique"')[1]) is shown
