"""The offer's page in the administration and its neighbours: texts, allowed actions, and error messages."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from offers.admin.action_pages import UNNUMBERED
from offers.models import GridLine, Offer, OfferChange
from offers.selectors import offer_digest
from offers.services.lifecycle import extend_deadline
from tests.database_roles import as_owner
from tests.factories.offers import make_draft, make_offer, make_point, mark_cancelled
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import make_draft as make_application
from tests.factories.submissions import make_open_offer
from tests.offers.staff_pages import Answer, address, messages_text, text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NBSP = "\u00a0"
TEXTS = Path(__file__).with_name("pages")
ACTS = ("publish", "mailbox", "extend", "cancel", "correct")


def links_of(answer: Answer) -> set[str]:
    return {str(link.url).rstrip("/").rpartition("/")[2] for link in answer.context["desk"]["links"]}


# -- The page itself
def test_a_draft_lists_its_missing_parts_and_possible_actions(desk: Client) -> None:
    offer = make_draft(number=None, contact_confirmed_at=None)
    make_point(offer)
    page = desk.get(address(offer))
    words = text_of(page)
    assert "Pas encore prête à être publiée." in words
    for line in ("un numéro", "la confirmation du courriel de contact", "le règlement des points"):
        assert line in words
    assert "L’offre n’indique pas le lieu du stage." in words
    assert links_of(page) == {"apercu", "criteres", "publier", "courriel"}


def test_a_published_offer_has_its_possible_actions_and_no_field(desk: Client) -> None:
    page = desk.get(address(make_open_offer()))
    assert links_of(page) == {"apercu", "criteres", "corriger", "prolonger", "delais", "copier", "annuler"}
    assert 'name="organisation"' not in page.content.decode()
    assert "Ouverte" in text_of(page)
    cancelled = make_offer()
    mark_cancelled(cancelled.pk)
    assert links_of(desk.get(address(cancelled))) == {"apercu", "criteres", "delais", "copier"}


def test_the_history_states_author_instant_and_reason(desk: Client, staff: User, open_offer: Offer) -> None:
    extend_deadline(
        offer=open_offer,
        author=staff,
        reason="Panne du portail.",
        closes_on=open_offer.closes_on + 7 * DAY,
        at=timezone.now(),
    )
    words = text_of(desk.get(address(open_offer)))
    assert "Date limite prolongée" in words
    assert str(staff) in words
    assert "Motif : Panne du portail." in words
    assert "une commande du système" in words  # the command that published it
    assert "Prolongée : ferme le" in words


def test_the_grid_is_editable_only_in_a_draft_offer(desk: Client) -> None:
    for offer, written in ((make_draft(), True), (make_offer(), False)):
        GridLine.objects.create(offer=offer, position=1, text="Parler latin.")
        page = desk.get(address(offer)).content.decode()
        assert ('name="grid_lines-0-text"' in page) is written
        assert "Parler latin." in page


# -- Publishing
def test_publishing_is_confirmed_first_and_records_its_author(desk: Client, staff: User) -> None:
    offer = make_draft(number="A-1")
    page: Answer = desk.get(address(offer, "publish"))
    assert "Publier cette offre" in text_of(page)
    sent = {"seen": page.context["form"].initial["seen"]}
    first = desk.post(address(offer, "publish"), sent, follow=True)
    again = desk.post(address(offer, "publish"), sent, follow=True)
    assert messages_text(first) == messages_text(again) == "L’offre est publiée."
    assert [(row.kind, row.author) for row in offer.changes.all()] == [("PUBLISHED", staff)]
    other = client_of(make_staff()).post(address(offer, "publish"), sent, follow=True)
    assert "est déjà publiée" in messages_text(other)
    back = desk.get(address(offer, "publish"), follow=True)
    assert back.redirect_chain == [(address(offer), 302)]  # the back button leads to the offer


def test_an_offer_changed_since_the_page_was_opened_is_not_published(
    desk: Client, draft_offer: Offer
) -> None:
    sent = {"seen": offer_digest(draft_offer)}
    Offer.objects.filter(pk=draft_offer.pk).update(place="Ailleurs")
    answer = desk.post(address(draft_offer, "publish"), sent, follow=True)
    assert "a changé depuis" in messages_text(answer)
    draft_offer.refresh_from_db()
    assert draft_offer.status == "DRAFT"


def test_an_incomplete_offer_lists_its_missing_parts_without_a_button(desk: Client) -> None:
    offer = make_draft(number=None)
    page = desk.get(address(offer, "publish"))
    assert "un numéro" in text_of(page)
    assert 'name="seen"' not in page.content.decode()
    refused = desk.post(address(offer, "publish"), {"seen": offer_digest(offer)})
    assert refused.status_code == 422
    offer.refresh_from_db()
    assert offer.status == "DRAFT"
    assert 'name="seen"' in desk.get(address(make_draft(), "publish")).content.decode()


# -- Mailbox, extension, cancellation
def test_the_mailbox_is_confirmed_from_its_page(desk: Client) -> None:
    offer = make_draft(contact_confirmed_at=None)
    assert "essai@exemple.invalid" in text_of(desk.get(address(offer, "mailbox")))
    desk.post(address(offer, "mailbox"))
    answer = desk.post(address(offer, "mailbox"), follow=True)
    assert "Le courriel de contact est confirmé." in messages_text(answer)
    assert offer.changes.count() == 1


def test_an_extension_states_its_recipients_and_is_done_once(desk: Client, open_offer: Offer) -> None:
    make_application(offer=open_offer)
    page = text_of(desk.get(address(open_offer, "extend")))
    assert "1 personne recevra un courriel" in page
    assert "Vous ne pourrez pas annuler cette prolongation." in page
    sent = {"closes_on": open_offer.closes_on + 7 * DAY, "reason": "Panne du portail."}
    for _click in range(2):
        answer = desk.post(address(open_offer, "extend"), sent, follow=True)
        assert messages_text(answer) == "La date limite est prolongée."
    assert open_offer.extensions.count() == 1
    sooner = desk.post(address(open_offer, "extend"), {**sent, "closes_on": open_offer.closes_on})
    assert sooner.status_code == 422
    assert "une prolongation doit fermer plus tard que maintenant et que la fermeture prévue" in text_of(
        sooner
    )


def test_an_extension_beyond_the_stage_or_without_a_reason_is_explained(
    desk: Client, open_offer: Offer
) -> None:
    answer = desk.post(address(open_offer, "extend"), {"closes_on": "9999-12-31", "reason": ""})
    words = text_of(answer)
    assert answer.status_code == 422
    assert "Le stage commence le" in words
    assert "Expliquez pourquoi en quelques mots." in words
    assert not open_offer.extensions.exists()


def test_a_cancellation_requires_a_reason_and_is_requested_once(desk: Client, open_offer: Offer) -> None:
    assert "L’annulation est définitive" in text_of(desk.get(address(open_offer, "cancel")))
    assert desk.post(address(open_offer, "cancel"), {"reason": " "}).status_code == 422
    for _click in range(2):
        answer = desk.post(address(open_offer, "cancel"), {"reason": "Retrait."}, follow=True)
        assert messages_text(answer) == "La demande est enregistrée. Une autre personne doit l’approuver."
    assert open_offer.changes.filter(kind="CANCEL_ASKED").count() == 1
    late = desk.post(address(open_offer, "cancel"), {"reason": "Autre motif."}, follow=True)
    assert "attend déjà une décision" in messages_text(late)


# -- Points
def test_a_point_is_settled_from_its_page_with_a_resolution(
    desk: Client, staff: User, draft_offer: Offer
) -> None:
    point = make_point(draft_offer, code="WEEKDAY_DIFFERS", excerpt="lundi 2 mai")
    where = address(draft_offer, "settle", point_id=point.pk)
    assert "lundi 2 mai" in text_of(desk.get(where))
    refused = desk.post(where, {"resolution": ""})
    assert (refused.status_code, "comment ce point est réglé" in text_of(refused)) == (422, True)
    for _click in range(2):
        assert (
            messages_text(desk.post(where, {"resolution": "Vérifié."}, follow=True)) == "Le point est réglé."
        )
    point.refresh_from_db()
    assert (point.resolution, point.resolved_by) == ("Vérifié.", staff)
    assert (
        draft_offer.changes.get().details
        == f"Le jour de la semaine ne correspond pas à la date{NBSP}: «{NBSP}lundi 2 mai{NBSP}»."
    )
    assert "déjà réglé" in messages_text(desk.get(where, follow=True))
    other = desk.post(where, {"resolution": "Autrement."}, follow=True)
    assert "déjà réglé" in messages_text(other)
    assert "Vérifié." in text_of(desk.get(address(draft_offer)))
    elsewhere = address(make_draft(), "settle", point_id=point.pk)
    assert desk.get(elsewhere).status_code == 404


# -- Preview and copy
@pytest.mark.parametrize("number", ["A-1", None])
def test_the_preview_of_a_draft_displays_the_page_of_candidates(desk: Client, number: str | None) -> None:
    offer = make_draft(number=number, organisation="Organisation encore secrète")
    page = desk.get(address(offer, "preview"))
    words = text_of(page)
    for nowhere_yet in (
        reverse("offers:deadline", args=[offer.number or UNNUMBERED]),
        "admissibilite/",
        "postuler/",
    ):
        assert nowhere_yet not in page.content.decode()
    assert "Aperçu — non publiée" in words
    assert "Organisation encore secrète" in words
    assert "Documents à fournir" in words
    offer.refresh_from_db()
    assert offer.number == number
    assert desk.get("/offres/A-1/").status_code == 404


def test_the_form_of_a_copy_is_prefilled_with_its_days(desk: Client) -> None:
    offer = make_offer(number="2027-020")
    page: Answer = desk.get(address(offer, "clone"))
    initial = page.context["form"].initial
    assert initial["number"] == "2028-020"
    assert initial["closes_on"].weekday() == offer.closes_on.weekday()
    sent = {name: str(value) for name, value in initial.items()}
    assert "Un numéro contient des chiffres" in text_of(
        desk.post(address(offer, "clone"), sent | {"number": "A B"})
    )
    alone = desk.post(address(offer, "clone"), sent | {"ends_on": ""})
    assert "Inscrivez les deux dates du stage, ou aucune." in text_of(alone)
    far = desk.post(
        address(offer, "clone"), sent | {"closes_on": "9999-12-31", "starts_on": "", "ends_on": ""}
    )
    assert "Ces dates ne concordent pas, ou dépassent le calendrier." in text_of(far)
    desk.post(address(offer, "clone"), sent)
    copy = Offer.objects.get(number="2028-020")
    assert (copy.status, copy.starts_on) == ("DRAFT", initial["starts_on"])
    again = desk.post(address(offer, "clone"), sent)
    assert (again.status_code, "Une autre offre porte déjà ce numéro." in text_of(again)) == (422, True)


# -- Import
def test_a_pasted_text_becomes_a_draft_with_open_points(desk: Client, staff: User) -> None:
    where = reverse("admin:offers_offer_import")
    assert where in desk.get(reverse("admin:offers_offer_changelist")).content.decode()
    text = (TEXTS / "2026-003-doubtful.txt").read_text(encoding="utf-8")
    answer = desk.post(where, {"text": text.replace("\n", "\r\n")}, follow=True)
    offer = Offer.objects.get(number="2026-003")
    assert f"L’offre est importée{NBSP}: {offer.points.count()}{NBSP}points à régler." in messages_text(
        answer
    )
    assert (offer.status, offer.changes.get().author) == ("DRAFT", staff)
    assert answer.redirect_chain == [(address(offer), 302)]


def test_an_unreadable_pasted_text_is_explained(desk: Client) -> None:
    before = Offer.objects.count()
    for text, words in (("", "Collez le texte"), ("Bonjour", "Ce texte est illisible"), ("a\0b", "nul")):
        answer = desk.post(reverse("admin:offers_offer_import"), {"text": text})
        assert answer.status_code == 422
        assert words in text_of(answer)
    assert Offer.objects.count() == before


# -- Permissions ---
@pytest.mark.parametrize("page", [*ACTS, "clone", "preview"])
def test_users_without_the_permission_are_refused(page: str, open_offer: Offer) -> None:
    reader = make_user(is_staff=True)
    with as_owner():
        reader.user_permissions.set(
            Permission.objects.filter(
                content_type__app_label="offers", codename__in=["view_offer", "change_offer"]
            )
        )
    reviewer = make_staff(Role.REVIEWER)
    for user in (reviewer, reader):
        client = client_of(user)
        expected = 200 if (page, user) == ("preview", reader) else 403
        assert client.get(address(open_offer, page)).status_code == expected
        if page != "preview":
            assert client.post(address(open_offer, page), {"reason": "Non."}).status_code == 403
    words = links_of(client_of(reader).get(address(open_offer)))
    assert words == {"apercu", "criteres"}
    assert not OfferChange.objects.exclude(kind="PUBLISHED").exists()
