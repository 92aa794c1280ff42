"""The candidate's pages during a complement request, page by page."""

import re
from typing import Any

import pytest
from django.test import Client

from intake.submissions.models import ComplementRequest, Draft, Submission
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
from tests.factories.submissions import close_offer, make_draft, make_open_offer, make_upload
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


def test_the_list_states_the_next_step_after_the_due_date(browser: Client, incomplete: Submission) -> None:
    start_answer(incomplete)
    expire_request(incomplete.complements.get())
    page = read(browser, "/candidatures/")
    assert "Délai passé" in page
    assert "Réponse non déposée" in page
    assert "Nous décidons d’après le dépôt" in page
    assert "submission-asked" not in page
    assert "Voir ce qui est demandé" not in page


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


def test_the_timeline_page_has_no_button_after_the_due_date(browser: Client, incomplete: Submission) -> None:
    start_answer(incomplete)
    expire_request(incomplete.complements.get())
    page = read(browser, page_of("follow", incomplete))
    assert "Le délai du complément est passé" in page
    assert "Votre réponse n’est pas déposée." in page
    assert "Réponse au complément commencée — non déposée" in page
    assert page_of("amend", incomplete) not in page
    assert WORDS in page


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
