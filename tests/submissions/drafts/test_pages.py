"""The candidate's pages of a draft, with the column beside them, by HTTP requests."""

from typing import Any

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.submissions.models import Draft, Filing, Submission
from intake.submissions.questions.sections import asked_sections
from offers.models import GridLineData
from tests.factories.complements import make_filed_and_closed, request_complement_for, start_answer
from tests.factories.people import client_of, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.submissions.filed_pages import amend, file_again, withdraw
from tests.submissions.pages import browser_of, pressed, text_of, url, without_its_address

pytestmark = pytest.mark.django_db

AGREED = {"accepts_notice": "on"}


def test_a_double_click_on_apply_opens_one_draft() -> None:
    offer = make_open_offer()
    client = client_of(make_user())
    start = reverse("submissions:start", args=[offer.number])
    assert client.get(start).status_code == 200
    first, second = client.post(start, AGREED), client.post(start, AGREED)
    assert first.headers["Location"] == second.headers["Location"]
    assert Submission.objects.get(offer=offer).drafts.count() == 1


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


def test_an_unticked_declaration_refuses_the_filing() -> None:
    draft = make_draft()
    response = browser_of(draft).post(
        url("file", draft), {"truth": "on", "seen": pressed(draft)["seen"]}, follow=True
    )
    assert response.status_code == 422
    assert "Cochez le consentement" in text_of(response.content)
    assert not Filing.objects.exists()


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


STUDIES = {"studies-TOTAL_FORMS": "1", "studies-INITIAL_FORMS": "0", "studies-0-level": "MASTER"}


def _page(draft: Draft, key: str, posted: dict[str, str]) -> Any:
    answer = browser_of(draft).post(url("section", draft, key), posted, follow=True)
    return lxml.html.document_fromstring(answer.content.decode())


def _focused(page: Any) -> list[str]:
    """Return the names of what takes the focus: an element's id, or the name of a group's first control."""
    found = page.xpath("//*[@autofocus]")
    assert [element for element in found if element.get("data-focus") is None] == []
    return [element.get("id") or element.find(".//input").get("name") for element in found]


def test_the_second_field_has_the_focus_if_only_it_is_wrong() -> None:
    draft = make_draft(last_name="")
    page = _page(draft, "identite", {"first_name": "Zoé", "last_name": "", "birth_date": "4 mai 1998"})
    assert _focused(page) == ["id_last_name"]
    (link,) = page.find_class("error-summary")[0].findall(".//a")
    assert link.get("href") == "#id_last_name"


def test_a_group_of_choices_takes_the_focus_at_its_question() -> None:
    assert _focused(_page(make_draft(legal_status=None), "statut", {})) == ["legal_status"]


def test_the_fields_of_a_programme_come_before_the_two_questions() -> None:
    page = _page(make_draft(studies=[]), "etudes", STUDIES | {"studies-0-field_of_study": "Droit"})
    assert _focused(page) == ["id_studies-0-institution"]


def test_a_missing_programme_puts_the_focus_on_the_first_one() -> None:
    draft = make_draft(studies=[])
    posted = {
        "studies-TOTAL_FORMS": "1",
        "studies-INITIAL_FORMS": "0",
        "studies-0-level": "",
        "bar_school": "false",
        "professional_order_stage": "false",
    }
    assert _focused(_page(draft, "etudes", posted)) == ["id_studies-0-level"]


def _aside(draft: Draft, name: str, *args: object) -> Any:
    """Return the aside of a page, or None."""
    answer = browser_of(draft).get(url(name, draft, *args))
    assert answer.status_code == 200
    found = lxml.html.document_fromstring(answer.content.decode()).find_class("draft-aside")
    return found[0] if found else None


def _states(aside: Any) -> dict[str, str]:
    """Return the state in words of each row, by the address of its link."""
    return {
        row.find("a").get("href"): " ".join(row.find_class("step-state")[0].text_content().split())
        for row in aside.find_class("step")
    }


def test_the_aside_shows_the_state_of_each_section_and_of_the_documents() -> None:
    draft = make_draft(documents=False, first_name="", phone="")
    answers = draft.answers | {"studies": []}
    for key in ("bar_school", "professional_order_stage"):
        answers.pop(key, None)
    Draft.objects.filter(pk=draft.pk).update(answers=answers)
    states = _states(_aside(draft, "section", "statut"))
    sections = [url("section", draft, section.key) for section in asked_sections(draft.submission.offer)]
    assert list(states) == [*sections, url("documents", draft)]
    assert states[url("section", draft, "identite")] == "En cours"
    assert states[url("section", draft, "etudes")] == "À faire"
    assert states[url("section", draft, "statut")] == "Complète"
    required = draft.submission.offer.documents.filter(required=True).count()
    assert states[url("documents", draft)] == f"{required} à ajouter"


def test_the_aside_of_a_complement_shows_only_what_is_requested() -> None:
    submission = make_filed_and_closed()
    request_complement_for(submission, sections=["etudes"])
    draft = start_answer(submission)
    states = _states(_aside(draft, "section", "etudes"))
    assert list(states) == [url("section", draft, "etudes"), url("documents", draft)]


def test_a_closed_draft_has_no_aside(draft: Draft) -> None:
    close_offer(draft.submission.offer, seconds_ago=60)
    assert _aside(draft, "tasks") is None
    assert _aside(draft, "review") is None


def _count(draft: Draft, name: str, *args: object) -> int:
    client = browser_of(draft)
    client.get(url(name, draft, *args))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url(name, draft, *args)).status_code == 200
    return len(queries)


@pytest.mark.parametrize("name, key", [("section", "identite"), ("review", "")])
def test_a_page_of_a_draft_runs_as_many_queries_for_more_lines(name: str, key: str) -> None:
    args = [key] if key else []
    lines = tuple(GridLineData(text=f"parle la langue {number}") for number in range(4))
    small, large = make_draft(), make_draft(offer=make_open_offer(grid=lines))
    assert _count(small, name, *args) == _count(large, name, *args)
