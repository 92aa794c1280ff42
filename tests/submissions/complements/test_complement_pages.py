"""The candidate's pages during a complement request, and after it has ended or its due date has passed."""

import re
from typing import Any

import pytest
from django.test import Client

from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import ComplementRequest, Draft, Submission
from intake.submissions.states import Action, State
from intake.web import formats
from tests.factories.complements import (
    WORDS,
    expire_request,
    request_complement_for,
    resume_without_complement,
    start_answer,
)
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import close_offer, make_draft, make_extension, make_open_offer, make_upload
from tests.submissions.filed_pages import page_of, read
from tests.submissions.pages import between, pressed, section_of, text_of

pytestmark = pytest.mark.django_db


def _send_again(draft: Draft, kind: str = "CV") -> None:
    """Put another file in the draft, whether the request's scope allows it or not."""
    upload = make_upload(draft.submission.candidate, kind=kind, name=f"{kind}-lisible.pdf")
    upload.sha256 = "f" * 64
    upload.save(update_fields=["sha256"])
    draft.documents.filter(request__kind=kind).update(upload=upload)


def _change_elsewhere(draft: Draft) -> None:
    """Store in the draft a change outside the scope, from before the request."""
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"city": "Laval"})


def _close(submission: Submission) -> Submission:
    close_offer(submission.offer, seconds_ago=3600)
    return Submission.objects.get(pk=submission.pk)


def _page_text(response: Any) -> str:
    return text_of(response.content)


# -- Mes candidatures -----------------------------------------------------------------------------------------------


def test_after_the_due_date_the_pages_give_the_next_step_without_a_button(
    browser: Client, incomplete: Submission
) -> None:
    start_answer(incomplete)
    expire_request(incomplete.complements.get())
    listed, page = (read(browser, address) for address in ("/candidatures/", page_of("follow", incomplete)))
    for words in ("Délai passé", "Réponse non déposée", "Nous décidons d’après le dépôt"):
        assert words in listed
    assert "submission-asked" not in listed
    assert "Voir ce qui est demandé" not in listed
    assert "Le délai du complément est passé" in page
    assert "Votre réponse n’est pas déposée." in page
    assert "Réponse au complément commencée — non déposée" in page
    assert page_of("amend", incomplete) not in page
    assert WORDS in page


# -- Suivi ----------------------------------------------------------------------------------------------------------


def test_while_the_offer_is_open_the_page_allows_other_changes() -> None:
    submission = make_filed(make_open_offer())
    request_complement_for(submission)
    page = read(client_of(submission.candidate), page_of("follow", submission))
    assert "ous pouvez aussi changer le reste de votre candidature" in page
    assert "Le reste de votre candidature ne change pas" not in page
    start_answer(submission)
    tasks = read(client_of(submission.candidate), page_of("tasks", submission))
    assert WORDS in tasks
    assert page_of("section", submission, "coordonnees") in tasks
    section = read(client_of(submission.candidate), page_of("section", submission, "etudes"))
    assert 'name="previous"' in section
    assert re.search(r"Section \d de \d", section)


def test_the_page_displays_the_text_of_the_newer_request(browser: Client, incomplete: Submission) -> None:
    request_complement_for(
        incomplete, words="Il manque aussi votre adresse.", sections=["coordonnees"], days=12
    )
    page = read(browser, page_of("follow", incomplete))
    top = page[: page.index("Où en est votre candidature")]
    assert "Il manque aussi votre adresse." in top
    assert WORDS not in top
    assert page.count("Complément demandé</") == 1


# -- Scope ----------------------------------------------------------------------------------------------------------
def test_the_task_list_has_requested_parts_and_read_only_others(
    browser: Client, incomplete: Submission
) -> None:
    response = browser.post(page_of("amend", incomplete))
    assert response["Location"] == page_of("tasks", incomplete)
    page = read(browser, page_of("tasks", incomplete))
    asked, kept = page.split("complement-kept")
    cv = incomplete.offer.documents.get(kind="CV")
    assert page_of("document", incomplete, cv.pk) in asked
    assert page_of("section", incomplete, "etudes") in asked
    assert "À remplacer" in asked
    assert "À revoir" in asked
    assert page_of("section", incomplete, "coordonnees") not in page
    assert f"{page_of('review', incomplete)}#partie-coordonnees" in kept
    letter = incomplete.offer.documents.get(kind="MOTIVATION_LETTER")
    assert page_of("document_show", incomplete, letter.pk, "fichier.pdf") in kept
    draft = incomplete.drafts.get(closed_at=None)
    _send_again(draft)
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"bar_school": True})
    asked, _kept = read(browser, page_of("tasks", incomplete)).split("complement-kept")
    assert "À remplacer" not in asked
    assert asked.count("Changé") == 2


def test_a_requested_part_that_was_emptied_is_missing(browser: Client, incomplete: Submission) -> None:
    draft = start_answer(incomplete)
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"studies": [], "bar_school": False})
    draft.documents.filter(request__kind="CV").delete()
    asked, _kept = read(browser, page_of("tasks", incomplete)).split("complement-kept")
    assert asked.count("À ajouter") + asked.count("À compléter") == 2
    page = read(browser, page_of("review", incomplete))
    assert page_of("document", incomplete, incomplete.offer.documents.get(kind="CV").pk) in page
    assert "Déposer ma réponse" not in page


def test_parts_outside_the_scope_are_read_only(browser: Client, incomplete: Submission) -> None:
    draft = start_answer(incomplete)
    letter = incomplete.offer.documents.get(kind="MOTIVATION_LETTER")
    for address in (
        page_of("section", incomplete, "coordonnees"),
        page_of("document", incomplete, letter.pk),
        page_of("document_remove", incomplete, letter.pk),
    ):
        response = browser.get(address, follow=True)
        assert response.redirect_chain[0][0].startswith(page_of("review", incomplete))
        assert "ne fait pas partie du complément" in _page_text(response)
    listed = read(browser, page_of("documents", incomplete))
    assert f'action="{page_of("document", incomplete, letter.pk)}"' not in listed
    assert letter.label in listed.split("complement-kept")[1]
    response = browser.post(
        page_of("section", incomplete, "coordonnees"), {"city": "Laval", "stay": "1"}, follow=True
    )
    assert response.redirect_chain == [(page_of("section", incomplete, "coordonnees"), 303)]
    assert "Seuls les éléments du complément demandé peuvent encore changer" in _page_text(response)
    assert "Laval" in _page_text(response), "what was typed stays on the page"
    response = browser.post(page_of("document_remove", incomplete, letter.pk), follow=True)
    assert "Seuls les éléments du complément demandé peuvent encore changer" in _page_text(response)
    card = browser.post(
        page_of("document", incomplete, letter.pk),
        {"name": "lettre.pdf", "size": "9"},
        headers={"X-Card": "listed"},
    )
    assert (card.status_code, 'data-outcome="closed"' in _page_text(card)) == (409, True)
    draft.refresh_from_db()
    assert draft.answers == incomplete.filings.get().draft.answers


def test_requested_sections_and_documents_are_visited_in_order(
    browser: Client, incomplete: Submission
) -> None:
    start_answer(incomplete)
    page = read(browser, page_of("section", incomplete, "etudes"))
    assert not re.search(r"Section \d de \d", page), "there is one"
    assert 'name="previous"' not in page
    assert WORDS in page
    cv = incomplete.offer.documents.get(kind="CV")
    assert WORDS in read(browser, page_of("document", incomplete, cv.pk))
    listed, _kept = read(browser, page_of("documents", incomplete)).split("complement-kept")
    assert "À remplacer" in listed


def test_a_missing_part_outside_the_scope_links_to_the_team(browser: Client, incomplete: Submission) -> None:
    lacking = make_draft(city=None)
    asked = read(client_of(lacking.submission.candidate), page_of("review", lacking.submission))
    assert "Il manque</h3>" in asked, "where all may change"
    draft = start_answer(incomplete)
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"city": ""})
    for name in ("tasks", "review"):
        page = read(browser, page_of(name, incomplete))
        told = page.split("Il manque maintenant aussi ceci")[1].split("</div>")[0]
        assert "Coordonnées" in told
        assert "mailto:" in told
        assert "Il manque</h3>" not in page
        assert page_of("section", incomplete, "coordonnees") not in page


# -- Filing ---------------------------------------------------------------------------------------------------------
def test_the_button_files_the_answer(browser: Client, incomplete: Submission) -> None:
    draft = start_answer(incomplete)
    _send_again(draft)
    page = read(browser, page_of("review", incomplete))
    assert "Déposer ma réponse" in page
    assert "Délai du complément :" in between(page, 'id="depot-title"', "</form>")
    assert "Ce qui change depuis le dépôt" in page
    assert "CV-lisible.pdf" in page
    assert "Demandé, mais inchangé depuis votre dépôt" in page, "the studies are as they were"
    assert page_of("section", incomplete, "coordonnees") not in page
    assert page_of("section", incomplete, "etudes") in page
    asked = incomplete.complements.get()
    assert f'name="asked" value="{asked.pk}"' in page
    response = browser.post(page_of("file", incomplete), pressed(draft, asked=str(asked.pk)))
    assert response["Location"] == page_of("receipt", incomplete)
    asked.refresh_from_db()
    assert asked.ending == ComplementRequest.Ending.ANSWERED
    again = browser.post(page_of("file", incomplete), pressed(draft, asked=str(asked.pk)), follow=True)
    assert again.redirect_chain[-1][0] == page_of("receipt", incomplete)
    assert incomplete.filings.count() == 2


def test_an_older_amendment_is_restored_by_a_button() -> None:
    submission = make_filed(make_open_offer())
    draft = start_answer(submission)
    _change_elsewhere(draft)
    _send_again(draft)
    submission = _close(submission)
    asked = request_complement_for(submission)
    browser = client_of(submission.candidate)
    for name in ("tasks", "review"):
        page = read(browser, page_of(name, submission))
        assert "Votre brouillon dépasse ce qui est demandé" in page, name
        assert "Coordonnées" in page.split("strays-title")[-1]
    assert "Déposer ma réponse" not in page
    refused = browser.post(page_of("file", submission), pressed(draft, asked=str(asked.pk)), follow=True)
    assert refused.status_code == 409
    assert "Rétablir mes réponses déposées" in _page_text(refused)
    draft.refresh_from_db()
    assert draft.answers["city"] == "Laval", "nothing is put back before they say so"
    back = browser.post(page_of("amend", submission), {"back": "review"}, follow=True)
    assert back.redirect_chain[-1][0] == page_of("review", submission)
    assert "Vos réponses sont rétablies, sauf celles du complément." in _page_text(back)
    assert "Déposer ma réponse" in _page_text(back)
    assert "CV-lisible.pdf" in _page_text(back)


def test_a_replaced_request_must_be_displayed_before_the_answer(
    browser: Client, incomplete: Submission
) -> None:
    draft = start_answer(incomplete)
    _send_again(draft)
    first = incomplete.complements.get()
    second = request_complement_for(incomplete, words="Et le relevé de notes.", sections=["etudes"], days=12)
    refused = browser.post(page_of("file", incomplete), pressed(draft, asked=str(first.pk)), follow=True)
    assert refused.status_code == 409
    assert "La demande de complément a changé" in _page_text(refused)
    assert "Et le relevé de notes." in _page_text(refused)
    assert incomplete.filings.count() == 1
    filed = browser.post(page_of("file", incomplete), pressed(draft, asked=str(second.pk)))
    assert filed["Location"] == page_of("receipt", incomplete)


def test_a_new_request_must_be_displayed_before_the_amendment() -> None:
    submission = make_filed(make_open_offer())
    draft, browser = start_answer(submission), client_of(submission.candidate)
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"first_name": "Zoé"})
    assert 'name="asked" value="0"' in read(browser, page_of("review", submission))
    request_complement_for(submission)
    refused = browser.post(page_of("file", submission), pressed(draft, asked="0"), follow=True)
    assert (refused.status_code, submission.filings.count()) == (409, 1)
    assert WORDS in _page_text(refused)


@pytest.mark.parametrize("ending", ["over", "resumed", "cancelled"])
def test_a_late_answer_is_refused_with_its_reason_and_kept(
    browser: Client, incomplete: Submission, ending: str
) -> None:
    draft, asked = start_answer(incomplete), incomplete.complements.get()
    section = section_of("etudes")
    page = browser.get(page_of("section", incomplete, "etudes"))
    assert page.status_code == 200
    if ending == "over":
        expire_request(asked)
    elif ending == "resumed":
        resume_without_complement(submission=incomplete, actor=make_staff(), reason="Lisible.")
    else:
        mark_cancelled(incomplete.offer_id)
    why = {
        "over": "Le délai du complément",
        "resumed": "a repris sans complément",
        "cancelled": "L’offre est annulée.",
    }[ending]
    refused = browser.post(page_of("file", incomplete), pressed(draft, asked=str(asked.pk)))
    assert refused.status_code == 409
    assert why in _page_text(refused)
    typed = section.form.as_post_data(section.of(draft.answers)) | {
        "studies-0-field_of_study": "Droit de la mer"
    }
    saved = browser.post(page_of("section", incomplete, "etudes"), typed, follow=True)
    assert saved.redirect_chain == [(page_of("section", incomplete, "etudes"), 303)]
    assert why in _page_text(saved)
    assert "Droit de la mer" in _page_text(saved)
    assert why in read(browser, page_of("review", incomplete))
    assert incomplete.filings.count() == 1
    assert Draft.objects.filter(pk=draft.pk, closed_at=None).exists()


def test_the_page_of_the_offer_links_to_the_open_request(browser: Client, incomplete: Submission) -> None:
    assert page_of("follow", incomplete) in read(browser, f"/offres/{incomplete.offer.number}/")
    expire_request(incomplete.complements.get())
    assert page_of("follow", incomplete) not in read(browser, f"/offres/{incomplete.offer.number}/")


NO_WAY_BACK = "votre désistement sera définitif"
WENT_ON = "L’étude de votre candidature a repris sans complément"


def _cancel(submission: Submission) -> None:
    mark_cancelled(submission.offer_id)


def _resume(submission: Submission) -> Submission:
    """Resume the review without the complement, and start it."""
    staff = make_staff()
    resume_without_complement(submission=submission, actor=staff, reason="Lisible.")
    submission.refresh_from_db()
    move_submission(submission=submission, action=Action.START_REVIEW, actor=staff)
    submission.refresh_from_db()
    return submission


def _extend(submission: Submission) -> Submission:
    make_extension(submission.offer, submission.candidate, days=2)
    return Submission.objects.get(pk=submission.pk)


def _with_single_spaces(page: str) -> str:
    """Fold white space, as in the text of pages."""
    return " ".join(page.split())


# -- Withdrawing ----------------------------------------------------------------------------------------------------
def test_withdrawing_during_a_complement_depends_on_the_closing_alone(incomplete: Submission) -> None:
    page = read(client_of(incomplete.candidate), page_of("withdraw", incomplete))
    assert NO_WAY_BACK in page
    assert "nouveau dépôt" not in page
    is_open = make_filed(make_open_offer(number="2031-900"))
    request_complement_for(is_open, days=10)
    close_offer(is_open.offer, seconds_ago=-3600)
    for submission in (is_open, _extend(incomplete)):
        window = Submission.objects.get(pk=submission.pk).window
        assert window.is_complement, "the request ends later than the rest"
        page = read(client_of(submission.candidate), page_of("withdraw", submission))
        assert NO_WAY_BACK not in page
        promised = page.split("vous pourrez faire un nouveau dépôt jusqu’au")[1].split("</li>")[0]
        assert _with_single_spaces(formats.closing(window.ordinary_closing)) in promised


# -- Resumed without the complement ---------------------------------------------------------------------------------
def test_an_unfiled_answer_after_a_resumption_is_explained_on_every_page(
    browser: Client, incomplete: Submission
) -> None:
    start_answer(incomplete)
    _resume(incomplete)
    for name in ("tasks", "review", "receipt", "follow"):
        page = read(browser, page_of(name, incomplete))
        assert WENT_ON in page, name
        assert (
            "Les inscriptions ont fermé le"
            not in page.split("Ce qui s’est passé")[0].split("Et maintenant")[0]
        )
    assert WENT_ON in read(browser, "/candidatures/")
    removed = browser.post(
        page_of("document_remove", incomplete, incomplete.offer.documents.get(kind="CV").pk), follow=True
    )
    assert WENT_ON in text_of(removed.content)


def test_after_the_review_started_no_page_announces_the_resumption(
    browser: Client, incomplete: Submission
) -> None:
    resume_without_complement(submission=incomplete, actor=make_staff(), reason="Lisible.")
    assert "reprend sans complément" in read(browser, "/candidatures/")
    incomplete.refresh_from_db()
    move_submission(submission=incomplete, action=Action.START_REVIEW, actor=make_staff())
    page = read(browser, "/candidatures/")
    assert "reprend sans complément" not in page
    assert "À l’étude" in page


def test_an_answer_after_the_review_resumed_is_refused_without_late_text(
    browser: Client, incomplete: Submission
) -> None:
    draft, asked = start_answer(incomplete), incomplete.complements.get()
    shown = pressed(draft, asked=str(asked.pk))
    _resume(incomplete)
    refused = browser.post(page_of("file", incomplete), shown)
    page = text_of(refused.content)
    assert (refused.status_code, WENT_ON in page) == (409, True)
    assert "empêché(e)" not in page
    assert "Heure officielle de votre demande" not in page


# -- The offer was cancelled ----------------------------------------------------------------------------------------
def test_after_a_cancellation_no_page_mentions_the_due_date(browser: Client, incomplete: Submission) -> None:
    start_answer(incomplete)
    _cancel(incomplete)
    cv = incomplete.offer.documents.get(kind="CV")
    for address in (page_of("document_remove", incomplete, cv.pk), page_of("amend", incomplete)):
        page = text_of(browser.post(address, follow=True).content)
        assert "L’offre est annulée : rien n’a été changé." in page, address
        assert "Le délai du complément est passé" not in page


def test_after_a_cancellation_an_answer_is_discarded_like_an_amendment(
    browser: Client, incomplete: Submission
) -> None:
    start_answer(incomplete)
    promises = ("Le complément reste demandé", "recommencer", "Abandonner ma réponse")
    page = read(browser, page_of("discard", incomplete))
    assert [words for words in promises if words in page] == [*promises]
    _cancel(incomplete)
    page = read(browser, page_of("discard", incomplete))
    assert [words for words in promises if words in page] == []
    gone = text_of(browser.post(page_of("discard", incomplete), follow=True).content)
    assert "La modification est abandonnée." in gone
    assert "Le complément reste demandé" not in gone


def test_after_a_cancellation_the_badge_is_that_of_the_filing(
    browser: Client, incomplete: Submission
) -> None:
    assert "Complément demandé" in read(browser, "/candidatures/")
    _cancel(incomplete)
    for page in (
        read(browser, "/candidatures/"),
        read(browser, page_of("follow", incomplete)).split("Ce qui s’est passé")[0],
        read(browser, page_of("receipt", incomplete)),
    ):
        assert "Complément demandé" not in page
        assert "Candidature déposée" in page
        assert "state-success" in page


# -- Discarded ------------------------------------------------------------------------------------------------------
def test_discarding_an_answer_states_that_the_request_stays_open(
    browser: Client, incomplete: Submission
) -> None:
    asked = incomplete.complements.get()
    until = _with_single_spaces(formats.closing(asked.closing))
    still = f"Le complément reste demandé : vous pouvez y répondre jusqu’au {until}."
    for is_over in (False, True):
        start_answer(incomplete)
        if is_over:
            expire_request(asked)
        page = text_of(browser.post(page_of("discard", incomplete), follow=True).content)
        assert "Votre réponse est abandonnée." in page
        assert (still in page, "Le complément reste demandé" in page) == (not is_over, not is_over)
        assert "La modification est abandonnée" not in page


# -- Past its due date, with the offer open -------------------------------------------------------------------------
def test_an_overdue_complement_can_be_answered_while_the_offer_is_open() -> None:
    submission = make_filed(make_open_offer())
    asked = request_complement_for(submission)
    draft, browser = start_answer(submission), client_of(submission.candidate)
    expire_request(asked)
    for name in ("follow", "tasks", "receipt"):
        page = read(browser, page_of(name, submission))
        assert "l’offre est encore ouverte pour vous jusqu’au" in page, name
    for name in ("tasks", "review"):
        page = read(browser, page_of(name, submission))
        assert "Réponse au complément non déposée" in page, name
        assert "ne peut plus être déposée" not in page
        assert "ne peuvent plus être déposés" not in page
    assert "Déposer ma réponse" in page
    assert "Le complément reste demandé" in read(browser, page_of("discard", submission))
    filed = browser.post(page_of("file", submission), pressed(draft, asked=str(asked.pk)))
    assert filed["Location"] == page_of("receipt", submission)
    asked.refresh_from_db()
    submission.refresh_from_db()
    assert (asked.ending, asked.answered_by_id) == ("ANSWERED", submission.standing_filing_id)
    assert submission.state == State.SUBMITTED
    page = read(browser, page_of("receipt", submission))
    assert "Répond au complément" in page
    assert "Votre complément est entre nos mains" in page
