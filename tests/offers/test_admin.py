"""Offers in the administration: drafts are editable, published ones read-only, and errors are shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from offers.admin.offer import OfferAdmin
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.offers import make_draft, make_offer, mark_cancelled
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
LIST = "admin:offers_offer_changelist"
WRITES = ("view_offer", "add_offer", "change_offer", "view_section", "change_section", "view_rulebookversion")


@pytest.fixture
def staff(client: Client) -> Callable[..., Client]:
    """Sign a staff member in, with these permissions on offers."""

    def sign_in(*codenames: str) -> Client:
        user = make_user(is_staff=True)
        permissions = Permission.objects.filter(content_type__app_label="offers", codename__in=codenames)
        assert permissions.count() == len(codenames)
        with as_owner():
            user.user_permissions.set(permissions)
        client.force_login(user)
        return client

    return sign_in


def publish(client: Client, *offers: Offer) -> Any:
    chosen = {"action": "publish", "_selected_action": [offer.pk for offer in offers]}
    return client.post(reverse(LIST), chosen, follow=True)


def test_each_field_that_staff_may_change_has_a_place_on_the_page_of_an_offer() -> None:
    placed = set(flatten_fieldsets(OfferAdmin.fieldsets))
    written = {field.name for field in Offer._meta.concrete_fields if field.editable and not field.generated}
    assert written - placed == {"id"}


def test_the_publish_action_of_the_list_redirects_to_the_page_of_one_offer(
    staff: Callable[..., Client],
) -> None:
    client = staff(*WRITES, "publish_offer")
    one, other, done = make_draft(number="A-1"), make_draft(number="A-2"), make_offer(number="A-3")
    led = publish(client, one)
    assert led.redirect_chain == [(reverse("admin:offers_offer_publish", args=[one.pk]), 302)]
    assert 'name="seen"' in led.content.decode()
    said = [str(message) for message in publish(client, one, other).context["messages"]]
    assert said == [
        "Choisissez une seule offre : relisez chaque offre avant de la publier. Rien n’est publié."
    ]
    (said,) = publish(client, done).context["messages"]
    assert "cette action n’est pas possible" in str(said)
    assert not Offer.objects.filter(number__in=("A-1", "A-2")).exclude(status="DRAFT").exists()


def test_publishing_requires_its_own_permission(staff: Callable[..., Client]) -> None:
    offer = make_draft()
    answer = publish(staff(*WRITES), offer)
    assert answer.redirect_chain == []
    assert answer.context["action_form"] is None
    offer.refresh_from_db()
    assert offer.status == "DRAFT"


def test_the_list_is_filtered_by_phase_and_searched_without_accents(staff: Callable[..., Client]) -> None:
    client, now = staff("view_offer"), timezone.now()
    for number, days in (("OPEN", 10), ("SOON", 0), ("CLOSED", -2)):
        make_offer(
            number=number, closes_on=now.date() + timedelta(days=days), opens_at=now - timedelta(days=20)
        )
    make_draft(number="DRAFT", place="Genève")
    mark_cancelled(make_offer(number="CANCELLED").pk)

    def found(**parameters: str) -> list[str | None]:
        rows = client.get(reverse(LIST), parameters).context["cl"].result_list
        return sorted(offer.number or "" for offer in rows)

    assert found() == ["CANCELLED", "CLOSED", "DRAFT", "OPEN", "SOON"]
    for etat, numbers in (
        ("DRAFT", ["DRAFT"]),
        ("OPEN", ["OPEN"]),
        ("CLOSING_SOON", ["SOON"]),
        ("CLOSED", ["CLOSED"]),
        ("UPCOMING", []),
        ("CANCELLED", ["CANCELLED"]),
    ):
        assert found(etat=etat) == numbers
    assert found(q="GENEVE") == ["DRAFT"]


def test_only_a_draft_may_be_deleted(staff: Callable[..., Client]) -> None:
    client = staff(*WRITES, "delete_offer")
    for offer, status in ((make_draft(), 200), (make_offer(), 403)):
        assert client.get(reverse("admin:offers_offer_delete", args=[offer.pk])).status_code == status


@pytest.mark.parametrize("published", [False, True])
def test_a_published_offer_is_read_only(staff: Callable[..., Client], published: bool) -> None:  # noqa: FBT001 -- a column of the table
    client = staff(*WRITES)
    offer = make_offer(number="A-1") if published else make_draft(number="A-1")
    address = reverse("admin:offers_offer_change", args=[offer.pk])
    page = client.get(address).content.decode()
    assert ('name="organisation"' in page) is not published
    assert ('name="sections-0-text"' in page) is not published
    assert ("<ul>" in page) is published  # the text as candidates read it
    assert ('href="/offres/A-1/"' in page) is published
    assert "de 18 à 35\u00a0ans au début du stage" in page
    assert client.post(address, {}).status_code == (403 if published else 200)


def test_a_draft_is_created_in_the_administration_without_a_number(staff: Callable[..., Client]) -> None:
    client = staff(*WRITES)
    written: dict[str, Any] = {
        "organisation": "Organisation d’essai",
        "starts_on": "2028-01-10",
        "ends_on": "2028-07-07",
        "opens_at_0": "2027-08-01",
        "opens_at_1": "09:00",
        "closes_on": "2027-10-01",
        "closes_at_0": "2027-10-02",
        "closes_at_1": "00:00",
        "time_zone": "America/Toronto",
        "currency": "CAD",
        "listed": "on",
    }
    for part in ("sections", "documents", "rulebooks"):
        written |= {f"{part}-TOTAL_FORMS": 0, f"{part}-INITIAL_FORMS": 0}
    address = reverse("admin:offers_offer_add")
    backwards = client.post(address, written | {"ends_on": "2028-01-01"})
    assert "Le stage doit finir après son début." in backwards.content.decode()
    assert client.post(address, written).status_code == 302
    offer = Offer.objects.get()
    assert (offer.number, offer.status) == (None, "DRAFT")
    assert f"{offer.closes_at:%Y-%m-%dT%H:%MZ}" == "2027-10-02T04:00Z"
    far = client.post(address, written | {"closes_at_0": "", "closes_at_1": "", "closes_on": "9999-12-31"})
    assert "dépassent le calendrier" in far.content.decode()
    # Without an instant, closing follows the printed day.
    blank = written | {"closes_at_0": "", "closes_at_1": "", "closes_on": "2027-12-05"}
    astray = client.post(address, blank | {"time_zone": "Mars/Phobos"})
    assert "n’est pas un fuseau horaire connu" in astray.content.decode()
    assert client.post(address, blank).status_code == 302
    assert f"{Offer.objects.latest('pk').closes_at:%Y-%m-%dT%H:%MZ}" == "2027-12-06T05:00Z"
