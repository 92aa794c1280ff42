"""Saved views of the queue."""

import re
from typing import Any

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.review.models import SavedView
from intake.review.pages.queue_navigation import canonical
from intake.review.queue.saved_views import SharingNotAllowedError, ViewNameTakenError, save_view
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_reviewer
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")
VIEWS = "/admin/candidatures/vues/"


def save(user: User, name: str, query: str, **more: str) -> Any:
    return client_of(user).post(VIEWS, {"name": name, "query": query, **more})


@pytest.mark.parametrize(
    "given, kept",
    [
        ("etat=SUBMITTED&offre=2031-001", "offre=2031-001&etat=SUBMITTED"),
        ("q=+Zo%C3%A9+&p=4&_facets=True&o=-1", "q=Zo%C3%A9"),
        ("next=https://ailleurs.invalid&etat=SUBMITTED&password__startswith=a", "etat=SUBMITTED"),
        ("etat=SUBMITTED&etat=DECLINED", "etat=DECLINED"),
        ("offre=%00&verdict=a%0Ab", ""),
        (f"q={'x' * 201}", ""),
        ("//ailleurs.invalid", ""),
        ("", ""),
    ],
)
def test_a_stored_filter_is_canonical_without_other_parameters(given: str, kept: str) -> None:
    assert canonical(given) == kept


def test_a_view_is_saved_displayed_and_chosen() -> None:
    make_filed(make_open_offer())
    reviewer = make_reviewer(make_filed(make_open_offer()).offer)
    client = client_of(reviewer)
    assert "Enregistrer cette vue" not in client.get(QUEUE).content.decode()
    assert "Enregistrer cette vue" in client.get(QUEUE, {"etat": "SUBMITTED"}).content.decode()
    answer = client.post(VIEWS, {"name": "  À  prendre ", "query": "p=3&etat=SUBMITTED"})
    assert answer.headers["Location"] == f"{QUEUE}?etat=SUBMITTED"
    shown = client.get(QUEUE, {"etat": "SUBMITTED", "p": "1"}).content.decode()
    assert f'<a href="{QUEUE}?etat=SUBMITTED" aria-current="true">À prendre</a>' in shown
    assert "Enregistrer cette vue" not in shown
    assert "À prendre" not in client_of(make_staff()).get(QUEUE).content.decode()


def test_a_shared_view_is_read_by_all_and_changed_by_its_owner() -> None:
    staff = make_staff()
    save(staff, "En révision", "reserve=PENDING", shared="on")
    view = SavedView.objects.get()
    reviewer = make_reviewer(make_filed(make_open_offer()).offer)
    assert "En révision <span" in client_of(reviewer).get(QUEUE).content.decode()
    address = reverse("review:saved_view", args=[view.public_id])
    for client in (client_of(reviewer), client_of(make_staff())):
        assert client.get(address).status_code == 404
        assert client.post(address, {"delete": "1"}).status_code == 404
    assert client_of(staff).get(address).status_code == 200


def test_a_reviewer_may_not_share_a_view() -> None:
    reviewer = make_reviewer(make_open_offer())
    save(reviewer, "À moi", "etat=SUBMITTED", shared="on")
    assert not SavedView.objects.get().shared
    with pytest.raises(SharingNotAllowedError):
        save_view(owner=reviewer, name="À tous", query="etat=SUBMITTED", shared=True)


def test_a_name_of_a_view_is_unique_per_user_and_typed_text_stays() -> None:
    staff, other = make_staff(), make_staff()
    save(staff, "Mes urgences", "etat=SUBMITTED")
    answer = save(staff, "MES urgences", "etat=DECLINED", shared="on")
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Une de vos vues porte déjà ce nom" in shown
    assert 'value="MES urgences"' in shown
    assert 'name="query" value="etat=DECLINED"' in shown
    assert re.search(r'<input[^>]* name="shared"[^>]* checked', shown)
    assert save(other, "Mes urgences", "etat=SUBMITTED").status_code == 302
    with pytest.raises(ViewNameTakenError):
        save_view(owner=other, name="mes urgences", query="etat=SUBMITTED")


@pytest.mark.parametrize(
    "name, query, words",
    [
        ("", "etat=SUBMITTED", "Inscrivez un nom pour la vue."),
        ("x" * 61, "etat=SUBMITTED", "Le nom dépasse 60\u00a0caractères."),
        ("Tout", "p=2&next=//ailleurs.invalid", "Aucun filtre ni recherche à enregistrer"),
    ],
)
def test_a_view_that_cannot_be_saved_is_explained(name: str, query: str, words: str) -> None:
    answer = save(make_staff(), name, query)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not SavedView.objects.exists()


def test_the_number_of_saved_views_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.review.queue.saved_views.VIEWS_MAX", 1)
    staff = make_staff()
    save(staff, "Une", "etat=SUBMITTED")
    assert (
        "supprimez une vue pour en ajouter une autre"
        in save(staff, "Deux", "etat=SUBMITTED").content.decode()
    )
    assert SavedView.objects.get().name == "Une"


def test_a_view_is_renamed_then_deleted() -> None:
    staff = make_staff()
    view = save_view(owner=staff, name="Avant", query="etat=SUBMITTED")
    save_view(owner=staff, name="Autre", query="etat=DECLINED")
    client = client_of(staff)
    address = reverse("review:saved_view", args=[view.public_id])
    assert client.post(address, {"name": "autre"}).status_code == 422
    client.post(address, {"name": "Après", "shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.shared, view.query) == ("Après", True, "etat=SUBMITTED")
    shown = client.get(VIEWS).content.decode()
    assert "Après" in shown
    assert "Autre" in shown
    assert (
        "La vue « Après » est supprimée."
        in client.post(address, {"delete": "1"}, follow=True).content.decode()
    )
    assert SavedView.objects.count() == 1


def test_a_view_lists_only_files_visible_to_its_reader() -> None:
    hidden = make_filed(make_open_offer(), last_name="Cachée")
    staff = make_staff()
    save(staff, "Cette offre", f"offre={hidden.offer.number}", shared="on")
    reviewer = make_reviewer(make_filed(make_open_offer()).offer)
    view = f"{QUEUE}?{SavedView.objects.get().query}"
    assert "Cachée" in client_of(staff).get(view).content.decode()
    shown = client_of(reviewer).get(view).content.decode()
    assert "Cachée" not in shown
    assert "Aucune candidature ne correspond à ces filtres." in shown
