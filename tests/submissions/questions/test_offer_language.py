"""On English pages, the offer's own French (lines, documents, hints) is marked, and the pages say how to answer."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from intake.devtools.demonstration.offers import GRID
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Draft
from offers.models import DocumentRequest
from tests.factories.people import client_of
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_open_offer
from tests.house.pages_text import page_texts
from tests.submissions.pages import text_of, url

pytestmark = pytest.mark.django_db
HINT = "Une copie de votre relevé est acceptée."


def _in_english(client: Client) -> Client:
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    return client


def _unmarked(answer: Any, own: list[str]) -> list[str]:
    """Return the texts of a page that contain one of the offer's `own` and are not marked as French."""
    assert answer.headers["Content-Language"] == "en-CA"
    return [
        said.text
        for said in page_texts(answer.content.decode().partition("</title>")[2])
        if not said.language.startswith("fr") and any(text in said.text for text in own)
    ]


@pytest.fixture
def draft() -> Draft:
    """A complete draft of an offer with grid lines and hints."""
    offer = make_open_offer(grid=GRID)
    DocumentRequest.objects.filter(offer=offer).update(hint=HINT)
    return make_draft(offer=offer)


def test_the_french_of_an_offer_is_marked_on_the_english_pages_of_a_draft(draft: Draft) -> None:
    offer, candidate = draft.submission.offer, draft.submission.candidate
    lines = [line.text[1:] for line in offer.grid_lines.all()]
    own = [*lines, HINT, *offer.documents.values_list("label", flat=True)]
    client = _in_english(client_of(candidate))
    skills = url("section", draft, "competences")
    pages = [
        offer.get_absolute_url(),
        skills,
        *(url(name, draft) for name in ("tasks", "documents", "review")),
    ]
    assert {page: _unmarked(client.get(page), own) for page in pages} == {page: [] for page in pages}
    lacking = make_draft(offer=offer, grid={})
    refused = _in_english(client_of(lacking.submission.candidate)).get(
        f"{url('section', lacking, 'competences')}?a-corriger"
    )
    assert "error-summary" in refused.content.decode()
    assert _unmarked(refused, [text[:60] for text in own]) == []
    file_draft(draft=draft, actor=candidate, declarations=ALL_DECLARATIONS)
    assert _unmarked(client.get(url("receipt", draft)), own) == []


def test_the_english_pages_say_in_which_language_to_answer(draft: Draft) -> None:
    client = _in_english(client_of(draft.submission.candidate))
    said = "These questions are in French, like the offer. Answer in French"
    for page in (draft.submission.offer.get_absolute_url(), url("section", draft, "competences")):
        assert said in text_of(client.get(page).content)
    assert "documents are in French, like the offer" in text_of(client.get(url("documents", draft)).content)
    french = client_of(draft.submission.candidate)
    assert "comme l’offre" not in text_of(french.get(url("section", draft, "competences")).content)
