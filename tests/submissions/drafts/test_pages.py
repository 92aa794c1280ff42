"""The candidate's pages, by HTTP requests."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.submissions.models import Filing, Submission
from intake.submissions.questions.study_forms import StudiesForm
from intake.submissions.states import State
from tests.factories.files import pdf_bytes
from tests.factories.people import client_of, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.submissions.filed_pages import amend, file_again, withdraw
from tests.submissions.pages import browser_of, pressed, text_of, url, without_its_address
from tests.submissions.uploading import inspect_received

pytestmark = pytest.mark.django_db

AGREED = {"accepts_notice": "on"}


def test_a_double_click_on_apply_opens_one_draft() -> None:
    offer = make_open_offer()
    client = client_of(make_user())
    start = reverse("submissions:start", args=[offer.number])
    assert client.get(start).status_code == 200
    first, second = client.post(start, AGREED), client.post(start, AGREED)
    assert first.headers["Location"] == second.headers["Location"]
    assert Submission.objects.get().drafts.count() == 1


def test_an_anonymous_visitor_is_sent_to_sign_in_and_back() -> None:
    offer = make_open_offer()
    start = reverse("submissions:start", args=[offer.number])
    response = Client().get(start)
    assert response.status_code == 302
    assert response.headers["Location"] == f"{reverse('accounts:sign_in')}?next={start}"


def test_every_page_of_a_draft_states_that_it_is_not_filed() -> None:
    draft = make_draft()
    client = browser_of(draft)
    cv = draft.submission.offer.documents.get(kind="CV")
    pages = [
        url("tasks", draft),
        url("section", draft, "identite"),
        url("section", draft, "etudes"),
        url("documents", draft),
        url("document", draft, cv.pk),
        url("document_remove", draft, cv.pk),
        url("review", draft),
    ]
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        shown = text_of(response.content)
        assert "Brouillon — non déposée" in shown, page
        assert "Le comité ne voit rien tant que vous n’avez pas déposé" in shown, page


def test_a_section_is_saved_and_leads_to_the_next() -> None:
    draft = make_draft(first_name=None)
    response = browser_of(draft).post(
        url("section", draft, "identite"),
        {"first_name": "D’Arcy", "last_name": "Ó Briain", "birth_date": "4 mai 1998"},
    )
    assert response.headers["Location"] == url("section", draft, "coordonnees")
    draft.refresh_from_db()
    assert draft.answers["first_name"] == "D’Arcy"
    assert draft.answers["birth_date"] == "1998-05-04"


def test_refused_answers_stay_on_the_page() -> None:
    draft = make_draft()
    page = url("section", draft, "identite")
    response = browser_of(draft).post(
        page, {"first_name": "Zoé", "last_name": "", "birth_date": "31 février 1998"}
    )
    assert (response.status_code, response.headers["Location"]) == (303, f"{page}?a-corriger")
    for _device in range(2):
        shown = text_of(browser_of(draft).get(f"{page}?a-corriger").content)
        assert 'value="Zoé"' in shown
        assert 'value="31 février 1998"' in shown
        assert "Ce jour n’existe pas au calendrier" in shown
        assert "Inscrivez votre nom de famille." in shown
    draft.refresh_from_db()
    assert (draft.answers["first_name"], draft.answers["birth_date"]) == ("Zoé", None)


def test_two_tabs_do_not_overwrite_each_other_silently() -> None:
    draft = make_draft()
    client = browser_of(draft)
    page = url("section", draft, "statut")
    seen = re.search(r'name="seen" value="([^"]+)"', client.get(page).content.decode())
    assert seen is not None
    other_tab = client.post(page, {"legal_status": "PERMANENT_RESIDENT", "seen": seen[1]})
    assert other_tab.status_code == 302
    shown = text_of(client.post(page, {"legal_status": "OTHER", "seen": seen[1]}, follow=True).content)
    saved, typed = re.findall(r"<dd> <span[^>]*>([^<]+)</span> ([^<]+?) </dd>", shown)
    assert saved == ("Enregistrée", "Résidence permanente")
    assert typed == ("Pas enregistrée", "Autre situation")
    draft.refresh_from_db()
    assert draft.answers["legal_status"] == "PERMANENT_RESIDENT"
    assert client.post(page, {"legal_status": "OTHER", "seen": seen[1]}).status_code == 303
    compared = re.search(r'name="seen" value="([^"]+)"', shown)
    assert compared is not None
    assert client.post(page, {"legal_status": "OTHER", "seen": compared[1]}).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["legal_status"] == "OTHER"


def test_a_programme_of_study_is_added_without_losing_typed_text() -> None:
    draft = make_draft(studies=[])
    page = url("section", draft, "etudes")
    typed = {
        "studies-TOTAL_FORMS": "1",
        "studies-INITIAL_FORMS": "0",
        "studies-0-level": "MASTER",
        "studies-0-field_of_study": "Droit de l’IA",
        "studies-0-day": "un jour",
        "add": "1",
    }
    response = browser_of(draft).post(page, typed, follow=True)
    assert response.redirect_chain == [(f"{page}?add#id_studies-1-level", 303)]
    content = text_of(response.content)
    assert 'value="Droit de l’IA"' in content
    assert 'value="un jour"' in content
    assert 'id="id_studies-1-level"' in content
    assert len(response.context["form"].entries.forms) == 2
    assert not response.context["form"].entries.forms[1].errors


def test_only_the_section_of_studies_adds_a_programme() -> None:
    draft = make_draft()
    assert browser_of(draft).post(url("section", draft, "statut"), {"add": "1"}).status_code == 404
    posted = {
        name: "" if value is None else value
        for name, value in StudiesForm.as_post_data(draft.answers).items()
    }
    added = browser_of(draft).post(url("section", draft, "etudes"), posted | {"add": "1"})
    assert added.headers["Location"] == f"{url('section', draft, 'etudes')}?add#id_studies-1-level"


def test_a_residence_since_always_is_the_birth_date() -> None:
    draft = make_draft(birth_date="1998-05-04")
    client, page = browser_of(draft), url("section", draft, "residence")
    typed = {
        "domicile_province": "QC",
        "quebec_resident_since": "Depuis toujours",
        "resident_for_health_insurance": "true",
        "resident_for_tax": "true",
    }
    assert client.post(page, typed).status_code in {302, 303}
    draft.refresh_from_db()
    assert draft.answers["quebec_resident_since"] == "1998-05-04"
    assert 'value="depuis toujours"' in text_of(client.get(page).content)
    assert "Depuis toujours (4 mai 1998)" in text_of(client.get(url("review", draft)).content)


def test_studies_are_stored_with_their_day_in_the_right_field() -> None:
    draft = make_draft(studies=[])
    response = browser_of(draft).post(
        url("section", draft, "etudes"),
        {
            "studies-TOTAL_FORMS": "2",
            "studies-INITIAL_FORMS": "0",
            "studies-0-level": "MASTER",
            "studies-0-field_of_study": "Droit",
            "studies-0-institution": "Université d’essai",
            "studies-0-state": "COMPLETED",
            "studies-0-day": "30 avril 2025",
            "studies-1-level": "DOCTORATE",
            "studies-1-field_of_study": "Droit",
            "studies-1-institution": "Université d’essai",
            "studies-1-state": "IN_PROGRESS",
            "studies-1-day": "",
            "bar_school": "false",
            "professional_order_stage": "false",
        },
    )
    assert response.status_code == 302, text_of(response.content)
    draft.refresh_from_db()
    master, doctorate = draft.answers["studies"]
    assert (master["completed_on"], master["expected_on"]) == ("2025-04-30", None)
    assert (doctorate["completed_on"], doctorate["expected_on"]) == (None, None)


def test_a_file_is_inspected_attached_and_displayed() -> None:
    draft = make_draft(documents=False)
    client = browser_of(draft)
    cv = draft.submission.offer.documents.get(kind="CV")
    response = client.post(
        url("document", draft, cv.pk), {"file": SimpleUploadedFile("mon cv.pdf", pdf_bytes(2))}
    )
    assert response.status_code == 302, text_of(response.content)
    assert "En analyse" in text_of(client.get(response.headers["Location"]).content)
    inspect_received()
    assert draft.documents.get().upload.pages == 2
    picture = client.get(url("document_show", draft, cv.pk, "apercu.jpg"))
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/jpeg"


def test_a_refused_file_is_explained_and_keeps_the_earlier_one() -> None:
    draft = make_draft()
    cv = draft.submission.offer.documents.get(kind="CV")
    held = draft.documents.get(request=cv).upload
    client = browser_of(draft)
    sent = client.post(url("document", draft, cv.pk), {"file": SimpleUploadedFile("cv.pdf", pdf_bytes(4))})
    inspect_received()
    response = client.get(sent.headers["Location"])
    assert response.status_code == 200
    assert "Ce document a 4 pages." in text_of(response.content)
    assert draft.documents.get(request=cv).upload == held


def test_filing_redirects_to_the_receipt_at_each_click() -> None:
    draft = make_draft()
    client, sent = browser_of(draft), pressed(draft)
    first = client.post(url("file", draft), sent)
    second = client.post(url("file", draft), sent)
    assert first.headers["Location"] == second.headers["Location"] == url("receipt", draft)
    filing = Filing.objects.select_related("receipt").get()
    page = text_of(client.get(first.headers["Location"]).content)
    assert filing.receipt.number in page
    assert "Candidature déposée" in page
    assert client.get(url("tasks", draft)).headers["Location"] == first.headers["Location"]


def test_an_unticked_declaration_refuses_the_filing() -> None:
    draft = make_draft()
    response = browser_of(draft).post(
        url("file", draft), {"truth": "on", "seen": pressed(draft)["seen"]}, follow=True
    )
    assert response.status_code == 422
    assert "Cochez le consentement" in text_of(response.content)
    assert not Filing.objects.exists()


def test_after_closing_the_page_states_that_the_draft_is_not_filed() -> None:
    draft = make_draft()
    close_offer(draft.submission.offer, seconds_ago=1)
    response = browser_of(draft).post(url("file", draft), pressed(draft))
    assert response.status_code == 409
    page = text_of(response.content)
    assert "Cette candidature n’est pas déposée." in page
    assert "Déposer ma candidature" not in page
    draft.submission.refresh_from_db()
    assert draft.submission.state == State.DRAFT


@pytest.mark.parametrize("page", ["tasks", "review"])
def test_after_closing_no_page_of_a_draft_states_that_it_is_eligible(page: str) -> None:
    draft = make_draft()
    assert 'state-success"> Admissible' in text_of(browser_of(draft).get(url("tasks", draft)).content)
    close_offer(draft.submission.offer, seconds_ago=1)
    shown = text_of(browser_of(draft).get(url(page, draft)).content)
    assert "Admissible" not in shown
    assert "Ce brouillon n’est pas déposé : ce résultat n’a pas d’effet." in shown
    assert "alert-success" not in shown


def test_the_list_of_an_amendment_states_that_the_earlier_filing_is_valid() -> None:
    first = make_draft()
    assert "rien n’est encore déposé" in text_of(browser_of(first).get(url("tasks", first)).content)
    receipt = file_again(first)
    draft = amend(receipt)
    shown = text_of(browser_of(draft).get(url("tasks", draft)).content)
    stands = f'Modification non déposée — le dépôt n° <span class="text-nowrap">{receipt.number}</span> reste valide'
    assert f"Tout est rempli. {stands}." in shown
    assert "rien n’est encore déposé" not in shown
    withdraw(receipt)
    resumed = amend(receipt)
    shown = text_of(browser_of(resumed).get(url("tasks", resumed)).content)
    assert "Tout est rempli. Votre désistement tient tant que vous n’avez pas déposé de nouveau." in shown


def test_the_age_limit_is_exact_to_the_day_and_quotes_its_clause() -> None:
    offer = make_open_offer()
    last_refused = offer.starts_on.replace(year=offer.starts_on.year - 36)
    first_kept = last_refused + timedelta(days=1)
    refused = make_draft(offer=offer, birth_date=last_refused.isoformat(), quebec_resident_since="2010-01-01")
    response = browser_of(refused).post(url("file", refused), pressed(refused), follow=True)
    assert response.status_code == 422
    page = text_of(response.content)
    assert "Non respecté" in page
    age = next(row for row in offer.rulebooks.get().criteria if row["kind"] == "AGE")
    assert age["clause"]["text"].replace("\xa0", " ") in page.replace("\xa0", " ")
    kept = make_draft(offer=offer, birth_date=first_kept.isoformat(), quebec_resident_since="2010-01-01")
    assert browser_of(kept).post(url("file", kept), pressed(kept)).headers["Location"] == url("receipt", kept)
    assert Filing.objects.get().draft == kept


def test_the_submission_of_another_user_is_not_found() -> None:
    draft = make_draft()
    receipt = make_filing()
    stranger = client_of(make_user())
    nowhere = reverse("submissions:tasks", args=["00000000-0000-4000-8000-000000000000"])
    missing = without_its_address(stranger.get(nowhere).content, nowhere)
    for page in (
        url("tasks", draft),
        url("section", draft, "identite"),
        url("review", draft),
        reverse("submissions:receipt", args=[receipt.filing.submission.public_id]),
        reverse("submissions:dossier", args=[receipt.filing.submission.public_id]),
    ):
        response = stranger.get(page)
        assert response.status_code == 404
        assert without_its_address(response.content, page) == missing


def test_the_list_of_submissions_runs_as_many_queries_for_three_rows() -> None:
    candidate = make_user()
    client = client_of(candidate)
    counts: list[int] = []
    for _round in range(2):
        make_filing(candidate=candidate)
        if counts:
            make_draft(candidate=candidate)
        client.get(reverse("submissions:mine"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("submissions:mine")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_empty_list_of_submissions_displays_advice() -> None:
    page = text_of(client_of(make_user()).get(reverse("submissions:mine")).content)
    assert "Aucune candidature pour le moment" in page
    assert reverse("offers:list") in page


def test_a_save_after_closing_is_refused_and_keeps_typed_text() -> None:
    draft = make_draft()
    offer = draft.submission.offer
    assert offer.is_open(timezone.now())
    close_offer(offer, seconds_ago=3600)
    response = browser_of(draft).post(
        url("section", draft, "identite"),
        {"first_name": "Tardive", "last_name": "Roy", "birth_date": "1998-05-04"},
        follow=True,
    )
    assert response.redirect_chain == [(url("section", draft, "identite"), 303)]
    assert 'value="Tardive"' in text_of(response.content)
    before = draft.answers
    draft.refresh_from_db()
    assert draft.answers == before
