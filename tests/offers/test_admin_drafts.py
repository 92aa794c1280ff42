"""The form of a draft and its import: what a save stores, and a concurrent save by another user."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from offers.models import GridLine, Offer
from offers.services.rulebooks import draft_rulebook
from tests.factories.offers import make_draft
from tests.factories.people import client_of
from tests.offers.parsed_pages import page_text
from tests.offers.staff_pages import Answer, address, text_of

pytestmark = pytest.mark.django_db
NBSP = "\u00a0"


def draft_of(client: Client, offer: Offer) -> dict[str, Any]:
    """Return the data that a browser sends for the unchanged page of a draft."""
    page: Answer = client.get(address(offer))
    sent: dict[str, Any] = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    for form in forms:
        for bound in form:
            widget, value = bound.field.widget, bound.value()
            if hasattr(widget, "decompress"):
                for index, part in enumerate(widget.decompress(value)):
                    sent[f"{bound.html_name}_{index}"] = "" if part is None else part
            elif value is True:
                sent[bound.html_name] = "on"
            elif value is not None and value is not False:
                sent[bound.html_name] = value
    return sent


def test_a_changed_contact_address_of_a_draft_is_unconfirmed(desk: Client, draft_offer: Offer) -> None:
    sent = draft_of(desk, draft_offer)
    answer: Answer = desk.post(address(draft_offer), sent)
    assert answer.status_code == 302, answer.context["errors"]
    draft_offer.refresh_from_db()
    assert draft_offer.contact_confirmed_at is not None
    desk.post(address(draft_offer), draft_of(desk, draft_offer) | {"contact_email": "autre@exemple.invalid"})
    draft_offer = Offer.objects.get(pk=draft_offer.pk)
    assert (draft_offer.contact_email, draft_offer.contact_confirmed_at) == ("autre@exemple.invalid", None)


def test_a_save_over_a_concurrent_one_is_refused_with_the_differences(
    desk: Client, draft_offer: Offer
) -> None:
    first, second = draft_of(desk, draft_offer), draft_of(desk, draft_offer)
    assert desk.post(address(draft_offer), first | {"place": "Genève"}).status_code == 302
    mine = second | {"place": "Dakar", "sections-0-text": "Mon texte."}
    answer: Answer = desk.post(address(draft_offer), mine)
    words = text_of(answer)
    assert "Ce brouillon a changé depuis l’ouverture de cette page" in words
    assert "Différences dans l’en-tête : Lieu." in words.replace(NBSP, " ")
    page = answer.content.decode()
    assert 'value="Dakar"' in page
    assert "Mon texte." in page
    assert Offer.objects.get(pk=draft_offer.pk).place == "Genève"
    # The answer has the digest of the current draft, so a second save may replace it.
    again = mine | {"seen": answer.context["adminform"].form["seen"].value()}
    assert f'value="{again["seen"]}"' in page
    assert desk.post(address(draft_offer), again).status_code == 302
    assert Offer.objects.get(pk=draft_offer.pk).place == "Dakar"
    assert Offer.objects.get(pk=draft_offer.pk).sections.get(position=1).text == "Mon texte."


def with_parts(sent: dict[str, Any]) -> dict[str, Any]:
    """Change the header and a section in the form data, add a grid line, and remove the second section."""
    lines = int(sent["grid_lines-TOTAL_FORMS"])
    return sent | {
        "place": "Genève",
        "closes_at_0": "",
        "closes_at_1": "",
        "sections-0-text": "Mon texte.",
        "sections-1-DELETE": "on",
        "grid_lines-TOTAL_FORMS": lines + 1,
        f"grid_lines-{lines}-position": lines + 1,
        f"grid_lines-{lines}-requirement": "ASSET",
        f"grid_lines-{lines}-text": "Un atout.",
    }


def test_a_button_pressed_twice_saves_once(desk: Client, draft_offer: Offer) -> None:
    lines, sections = draft_offer.grid_lines.count(), draft_offer.sections.count()
    sent = with_parts(draft_of(desk, draft_offer))
    for _press in range(2):
        answer: Answer = desk.post(address(draft_offer), sent, follow=True)
        assert answer.redirect_chain, answer.context["errors"]
        assert "Ce brouillon a changé" not in text_of(answer)
        assert "succès" in text_of(answer)
    assert Offer.objects.get(pk=draft_offer.pk).place == "Genève"
    assert (draft_offer.grid_lines.count(), draft_offer.sections.count()) == (lines + 1, sections - 1)
    assert draft_offer.sections.get(position=1).text == "Mon texte."


def test_a_version_of_the_criteria_that_a_form_adds_is_ignored(desk: Client, draft_offer: Offer) -> None:
    sent = draft_of(desk, draft_offer)
    more = int(sent["rulebooks-TOTAL_FORMS"]) + 1
    wrong = {"rulebooks-TOTAL_FORMS": more, "documents-0-max_pages": "beaucoup"}
    answer: Answer = desk.post(address(draft_offer), sent | wrong)
    assert answer.status_code == 200, "the page with its errors"
    assert draft_offer.rulebooks.count() == more - 1


@pytest.fixture(scope="module")
def saved(kept_staff: User) -> tuple[Offer, dict[str, Any]]:
    """A draft with a saved page, and the form data that was sent."""
    offer = make_draft(number="SAVED")
    desk = client_of(deepcopy(kept_staff))
    sent = with_parts(draft_of(desk, offer))
    assert desk.post(address(offer), sent).status_code == 302
    return offer, sent


@pytest.mark.parametrize(
    "otherwise",
    [
        {"place": "Dakar"},
        {"sections-0-text": "Autre texte."},
        {"sections-1-DELETE": ""},
        {"documents-0-required": ""},
        {"documents-0-max_pages": "beaucoup"},
        {"starts_on": "jamais"},
        {"grid_lines-TOTAL_FORMS": 0},
    ],
    ids=lambda otherwise: next(iter(otherwise)),
)
def test_a_second_save_with_any_difference_is_refused(
    desk: Client, saved: tuple[Offer, dict[str, Any]], otherwise: dict[str, Any]
) -> None:
    offer, sent = saved
    answer: Answer = desk.post(address(offer), sent | otherwise)
    assert answer.status_code == 200
    assert "Ce brouillon a changé" in text_of(answer)


def test_concurrent_changes_of_the_parts_are_not_overwritten(desk: Client, draft_offer: Offer) -> None:

    def refused(sent: dict[str, Any]) -> bool:
        return "Ce brouillon a changé" in text_of(desk.post(address(draft_offer), sent))

    sent = draft_of(desk, draft_offer)
    draft_offer.sections.filter(position=1).update(text="Autre texte")
    assert refused(sent)
    sent = draft_of(desk, draft_offer)
    draft_offer.documents.filter(position=1).update(label="Autre pièce")
    assert refused(sent)
    sent = draft_of(desk, draft_offer)
    GridLine.objects.create(offer=draft_offer, position=1, text="Autre ligne", requirement="ASSET")
    assert refused(sent)
    sent = draft_of(desk, draft_offer)
    draft_offer.sections.filter(position=2).delete()
    assert refused(sent)
    assert draft_offer.sections.get(position=1).text == "Autre texte"
    assert draft_offer.documents.get(position=1).label == "Autre pièce"
    assert (draft_offer.grid_lines.count(), draft_offer.sections.filter(position=2).count()) == (1, 0)
    # A page from before digests existed sends no digest.
    assert refused(draft_of(desk, draft_offer) | {"seen": "", "place": "Dakar"})
    # The page of the criteria does its own comparison: a change there does not conflict with this page.
    sent = draft_of(desk, draft_offer)
    draft_rulebook(offer=draft_offer, criteria=[], at=timezone.now())
    assert desk.post(address(draft_offer), sent).status_code == 302


def test_an_import_that_the_database_refuses_keeps_the_text(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_race(**_given: object) -> None:
        reason = "duplicate key value\nDETAIL: the other import"
        raise IntegrityError(reason)

    monkeypatch.setattr("offers.admin.import_page.import_page", lose_the_race)
    text = page_text("2024-031-paris")
    answer = desk.post(reverse("admin:offers_offer_import"), {"text": text})
    form = answer.context["form"]
    assert (answer.status_code, form.errors["text"]) == (
        422,
        ["Une valeur de ce texte est trop longue ou n’est pas permise\u00a0: rien n’est enregistré."],
    )
    assert form["text"].value() == text


def test_a_draft_is_locked_for_saving_and_not_for_reading(desk: Client) -> None:
    draft = make_draft()
    held = []
    for send in (desk.get, desk.post):
        with CaptureQueriesContext(connection) as captured:
            send(address(draft))
        held.append(any('FOR UPDATE OF "offers_offer"' in query["sql"] for query in captured))
    assert held == [False, True]
