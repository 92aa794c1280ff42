"""The page of a correction: what its form accepts and returns, and what is applied, once and as displayed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from intake.accounts.models import User
from offers.admin import action_pages
from offers.admin.correct_forms import Correction, DocumentForm, HeaderForm
from offers.models import DocumentRequestData, Offer, SectionData
from offers.services.correcting import CORRECTABLE, correct_offer, correction_details
from tests.factories.offers import make_offer, mark_cancelled
from tests.factories.people import client_of, make_staff
from tests.offers.staff_pages import (
    Answer,
    address,
    correction_page,
    data_of_correction,
    last_message,
    messages_text,
    text_of,
    with_plain_spaces,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_correction_returns_sections_in_their_new_order_with_added_parts() -> None:
    offer = make_offer(
        sections=[SectionData(kind="TASKS", title=name, text=f"Texte {name}.") for name in ("A", "B")],
        documents=[
            DocumentRequestData(kind="CV", label="CV", max_pages=2, max_bytes=100, hint="Court."),
            DocumentRequestData(kind="OTHER", label="Plan", max_pages=3, max_bytes=200, required=False),
        ],
    )
    sent = data_of_correction(Correction(offer, None, seen="abc")) | {
        "sections-0-ORDER": "3",
        "sections-1-text": "Un\r\ndeux\r\n",
        "sections-2-text": "Sans titre.",
        "sections-2-ORDER": "1",
        "documents-2-label": "Neuf",
    }
    correction = Correction(offer, sent, seen="abc")
    assert correction.is_valid(), list(correction.problems())
    wanted = correction.wanted()
    assert [(one.title, one.text) for one in wanted["sections"]] == [
        ("", "Sans titre."),
        ("B", "Un\ndeux"),
        ("A", "Texte A."),
    ]
    assert [(one.label, one.max_pages, one.required) for one in wanted["documents"]] == [
        ("CV", 2, True),
        ("Plan", 3, False),
        ("Neuf", 2, False),
    ]
    assert wanted["header"] == {name: getattr(offer, name) for name in CORRECTABLE}
    # The form writes into a copy.
    assert correction.header.instance is not offer


def test_each_problem_of_a_correction_leads_to_its_field_in_the_order_of_the_page() -> None:
    offer = make_offer()
    sent = data_of_correction(Correction(offer, None, seen="abc")) | {
        "reason": "",
        "header-organisation": "",
        "sections-0-title": "t" * 251,
        "documents-1-label": "",
        "documents-0-max_pages": "0",
    }
    correction = Correction(offer, sent, seen="abc")
    assert not correction.is_valid()
    first = offer.sections.order_by("position")[0].title
    assert [(one.link, with_plain_spaces(one.field)) for one in correction.problems()] == [
        ("#id_reason", "Motif"),
        ("#id_header-organisation", "Organisation"),
        ("#id_sections-0-title", f"{first} — Titre"),
        ("#id_documents-0-max_pages", "Curriculum vitæ — Pages au plus"),
        ("#id_documents-1-label", "Lettre de motivation — Libellé"),
    ]
    assert with_plain_spaces(next(correction.problems()).words) == "Expliquez pourquoi en quelques mots."
    correction.refuse("Non.")
    assert correction.why.non_field_errors() == ["Non."]


def test_a_correction_requires_a_contact_and_valid_limits() -> None:
    offer = make_offer()
    sent = data_of_correction(Correction(offer, None, seen="abc"))
    none = HeaderForm(
        sent | {"header-contact_email": "", "header-contact_phone": ""}, instance=offer, prefix="header"
    )
    assert [with_plain_spaces(error) for error in none.non_field_errors()] == [
        "Gardez une adresse courriel ou un téléphone pour les personnes candidates."
    ]
    for contact in ({"header-contact_email": ""}, {"header-contact_phone": ""}):
        data = sent | {"header-contact_email": "a@exemple.org", "header-contact_phone": "1"} | contact
        assert HeaderForm(data, instance=offer, prefix="header").is_valid()
    for pages, size, errors in (
        (1, 1, []),
        (1000, 2**31 - 1, []),
        (0, 0, ["max_bytes", "max_pages"]),
        (1001, 2**31, ["max_bytes", "max_pages"]),
    ):
        form = DocumentForm({"kind": "OTHER", "label": "Plan", "max_pages": pages, "max_bytes": size})
        assert sorted(form.errors) == errors


def test_a_correction_is_applied_once_and_only_as_displayed(desk: Client, staff: User) -> None:
    offer = make_offer(place="Rome", at=timezone.now())
    where = address(offer, "correct")
    sent = correction_page(desk, offer) | {"header-place": "Oslo"}
    read = desk.post(where, sent | {"agreed": "x"})
    assert (read.status_code, read.context["errors"], read.context["dates_move"]) == (200, False, False)
    assert [with_plain_spaces(line) for line in read.context["lines"]] == ["Lieu : « Rome » → « Oslo »"]
    agreed = sent | {"agreed": read.context["agreed"]}
    # Agreement without confirmation, or confirmation of other data, writes nothing.
    for one in (agreed, sent | {"agreed": "x", "confirm": "1"}):
        assert desk.post(where, one).status_code == 200
    assert not offer.changes.filter(kind="CORRECTED").exists()
    done = desk.post(where, agreed | {"confirm": "1"})
    assert (done.status_code, done.headers["Location"], last_message(done)) == (
        302,
        address(offer, "change"),
        "L’offre est corrigée.",
    )
    # Sent twice by one user, it is done. By another user, or without confirmation, nothing is left to correct.
    again = desk.post(where, agreed | {"confirm": "1"})
    assert (again.status_code, last_message(again)) == (302, "L’offre est corrigée.")
    other = client_of(make_staff())
    for client, more in ((desk, {}), (other, {"confirm": "1"})):
        assert client.post(where, agreed | more).status_code == 422
    offer.refresh_from_db()
    Offer.objects.filter(pk=offer.pk).update(contact_confirmed_at=None)
    desk.post(address(offer, "mailbox"))
    assert desk.post(where, agreed | {"confirm": "1"}).status_code == 422
    change = offer.changes.get(kind="CORRECTED")
    assert (change.author, change.reason) == (staff, "Erreur.")
    assert change.details.splitlines() == read.context["lines"]


def test_a_correction_after_a_concurrent_one_is_compared_with_the_current_offer(desk: Client) -> None:
    offer = make_offer(place="Rome")
    where = address(offer, "correct")
    sent = correction_page(desk, offer) | {"header-domain": "Droit"}
    agreed = desk.post(where, sent).context["agreed"]
    correct_offer(
        offer=offer, author=make_staff(), reason="Ville.", at=timezone.now(), header={"funder": "Ville"}
    )
    late = desk.post(where, sent | {"agreed": agreed, "confirm": "1", "header-funder": "Ville"})
    assert late.status_code == 200
    (said,) = late.context["correction"].why.non_field_errors()
    assert "a changé depuis l’ouverture de cette page" in said
    assert [with_plain_spaces(line) for line in late.context["lines"]] == [
        "Domaine : « Statistique » → « Droit »"
    ]
    again = sent | {"agreed": agreed, "confirm": "1", "header-funder": "Ville", "seen": late.context["seen"]}
    assert desk.post(where, again).status_code == 302


def test_a_correction_reports_moved_dates_and_refuses_half_an_allowance(
    desk: Client, published_offer: Offer
) -> None:
    where = address(published_offer, "correct")
    sent = correction_page(desk, published_offer)
    for name in ("starts_on", "ends_on"):
        moved = desk.post(
            where, sent | {f"header-{name}": (getattr(published_offer, name) + DAY).isoformat()}
        )
        assert (moved.status_code, moved.context["dates_move"]) == (200, True)
    least = sent | {"header-allowance_min": "5", "header-allowance_max": ""}
    refused = desk.post(where, least)
    assert refused.status_code == 422
    assert (refused.context["lines"], refused.context["errors"]) == ([], True)


def test_a_correction_of_an_offer_cancelled_meanwhile_changes_nothing(
    desk: Client, open_offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = correction_page(desk, open_offer) | {"header-place": "Genève"}
    read: Answer = desk.post(address(open_offer, "correct"), sent | {"read": "1"})

    def cancelled_meanwhile(offer: Offer, **wanted: Any) -> list[str]:
        mark_cancelled(offer.pk)
        return correction_details(offer, **wanted)

    monkeypatch.setattr(action_pages, "correction_details", cancelled_meanwhile)
    agreed = sent | {"confirm": "1", "agreed": read.context["agreed"]}
    answer = desk.post(address(open_offer, "correct"), agreed, follow=True)
    assert answer.redirect_chain == [(address(open_offer), 302)]
    assert "annulée" in messages_text(answer)
    assert not open_offer.changes.filter(kind="CORRECTED").exists()


def test_a_correction_without_a_change_is_refused_with_a_message(desk: Client, open_offer: Offer) -> None:
    answer = desk.post(address(open_offer, "correct"), correction_page(desk, open_offer))
    assert answer.status_code == 422
    assert "contient déjà tout cela" in text_of(answer)


def test_each_refusal_of_a_correction_has_its_message(desk: Client, open_offer: Offer) -> None:
    usual = correction_page(desk, open_offer)
    for changes, words in (
        ({"documents-0-max_pages": "1"}, "son nombre de pages ne peut qu’augmenter"),
        ({"header-ends_on": "2020-01-01"}, "Le stage doit finir après son début."),
        ({"header-starts_on": open_offer.closes_on.isoformat()}, "le stage commencerait avant la fin"),
        (
            {"header-contact_email": "", "header-contact_phone": ""},
            "Gardez une adresse courriel ou un téléphone pour les personnes candidates",
        ),
        ({"reason": ""}, "Expliquez pourquoi en quelques mots."),
    ):
        answer = desk.post(address(open_offer, "correct"), usual | changes)
        assert answer.status_code == 422, words
        assert words in text_of(answer)
        assert "Rien n’est encore corrigé." in text_of(answer)
    empty = desk.post(address(open_offer, "correct"), usual | {"documents-0-label": ""})
    assert 'href="#id_documents-0-label"' in empty.content.decode()
    dates = {"header-starts_on": (open_offer.starts_on + 7 * DAY).isoformat()}
    moved = desk.post(address(open_offer, "correct"), usual | dates)
    assert "Publiez une nouvelle version des critères pour utiliser les nouvelles dates" in text_of(moved)


def test_sections_and_documents_are_added_removed_and_moved(desk: Client, open_offer: Offer) -> None:
    sent = correction_page(desk, open_offer)
    sections, documents = open_offer.sections.count(), open_offer.documents.count()
    sent |= {
        "sections-0-DELETE": "on",
        f"sections-{sections}-title": "Nouvelle",
        f"sections-{sections}-text": "Du neuf.",
        f"sections-{sections}-kind": "OTHER",
        f"documents-{documents}-kind": "OTHER",
        f"documents-{documents}-label": "Portfolio",
        f"documents-{documents}-max_pages": "3",
    }
    read: Answer = desk.post(address(open_offer, "correct"), sent)
    assert [with_plain_spaces(line).rpartition(" :")[2] for line in read.context["lines"]][:2] == [
        " ajoutée",
        " retirée",
    ]
    desk.post(address(open_offer, "correct"), sent | {"confirm": "1", "agreed": read.context["agreed"]})
    assert open_offer.sections.order_by("position").last().title == "Nouvelle"  # type: ignore[union-attr]  # -- the offer has sections
    assert open_offer.documents.get(label="Portfolio").required is False
