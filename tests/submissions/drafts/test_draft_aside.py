"""The column beside the pages of a draft: states of the sections, deadline, and the way to submit."""

from typing import Any

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.submissions.models import Draft
from intake.submissions.questions.sections import asked_sections
from offers.models import GridLineData
from tests.factories.complements import make_filed_and_closed, request_complement_for, start_answer
from tests.factories.submissions import close_offer, make_draft, make_open_offer
from tests.submissions.pages import browser_of, url

pytestmark = pytest.mark.django_db


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


def test_the_aside_of_a_complete_draft_leads_to_the_filing_page(draft: Draft) -> None:
    aside = _aside(draft, "section", "identite")
    assert set(_states(aside).values()) == {"Complète", "Complets"}
    (button,) = aside.find_class("btn")
    assert (button.text, button.get("href")) == ("Vérifier et déposer", url("review", draft))
    assert "btn-primary" in button.get("class")
    assert aside.find_class("time-left")
    (saved,) = aside.xpath(".//*[@data-saved-state]")
    assert saved.text.startswith("Enregistré à ")


@pytest.mark.parametrize("name, key", [("section", "residence"), ("documents", "")])
def test_the_aside_marks_the_current_page(draft: Draft, name: str, key: str) -> None:
    args = [key] if key else []
    (current,) = _aside(draft, name, *args).xpath(".//a[@aria-current='page']")
    assert current.get("href") == url(name, draft, *args)


def test_the_task_list_and_the_filing_page_repeat_nothing(draft: Draft) -> None:
    assert _states(_aside(draft, "tasks")) == {}
    assert _aside(draft, "review").find_class("btn") == []


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


@pytest.mark.parametrize(
    "name, key", [("section", "identite"), ("tasks", ""), ("documents", ""), ("review", "")]
)
def test_a_page_of_a_draft_runs_as_many_queries_for_more_lines(name: str, key: str) -> None:
    args = [key] if key else []
    lines = tuple(GridLineData(text=f"parle la langue {number}") for number in range(4))
    small, large = make_draft(), make_draft(offer=make_open_offer(grid=lines))
    assert _count(small, name, *args) == _count(large, name, *args)
