"""After an error the first wrong control of a section has the focus; the error summary keeps its links."""

from typing import Any

import lxml.html
import pytest

from intake.submissions.models import Draft
from tests.factories.submissions import make_draft
from tests.submissions.pages import browser_of, url

pytestmark = pytest.mark.django_db

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
