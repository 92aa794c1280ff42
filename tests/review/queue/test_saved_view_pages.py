"""The pages of a user's saved views: lists, initial values and responses."""

from typing import Any

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.models import VIEWS_MAX, SavedView
from intake.review.queue.saved_views import save_view
from tests.factories.people import client_of, make_staff
from tests.review.form_errors import error_codes
from tests.review.page_responses import redirect_of, url, view_context

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")
SUBMITTED = f"{QUEUE}?etat=SUBMITTED"


@pytest.fixture
def staff() -> User:
    return make_staff()


def keep(owner: User, name: str, *, shared: bool = False) -> SavedView:
    return save_view(owner=owner, name=name, query="etat=SUBMITTED", shared=shared)


def test_own_views_are_listed_by_name(staff: User) -> None:
    views = {name: keep(staff, name) for name in ("Midi", "Aube", "Soir")}
    keep(make_staff(), "D’une autre personne", shared=True)
    assert view_context(client_of(staff).get(url("saved_views"))) == {
        "title": "Mes vues",
        "form": None,
        "query": "",
        "queue_url": QUEUE,
        "views": [{"view": views[name], "url": SUBMITTED} for name in ("Aube", "Midi", "Soir")],
        "place": {"queue_url": QUEUE},
    }


def test_a_view_is_saved_from_its_filtered_queue(staff: User) -> None:
    client, address = client_of(staff), url("saved_views")
    query = "p=3&etat=SUBMITTED"
    kept = ("success", "La vue « À lire » est enregistrée.")
    assert redirect_of(client.post(address, {"name": "À  lire", "query": query, "shared": "on"})) == (
        SUBMITTED,
        [kept],
    )
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.query, view.shared) == (staff, "À lire", "etat=SUBMITTED", True)
    assert redirect_of(client.post(address, {"name": "À moi", "query": query}))[0] == SUBMITTED
    assert SavedView.objects.get(name="À moi").shared is False
    refused = client.post(address, {"name": "À LIRE", "query": query})
    seen = view_context(refused)
    assert (refused.status_code, seen["query"], seen["queue_url"], seen["place"]) == (
        422,
        "etat=SUBMITTED",
        SUBMITTED,
        {"queue_url": SUBMITTED},
    )
    assert error_codes(seen["form"]) == {
        "name": ["Une de vos vues porte déjà ce nom : choisissez-en un autre."],
    }
    nothing = client.post(address, {"name": "Tout", "query": "p=3"})
    empty = "Aucun filtre ni recherche à enregistrer. Filtrez d’abord la file, puis enregistrez."
    assert (nothing.status_code, error_codes(view_context(nothing)["form"])) == (422, {"__all__": [empty]})


def test_at_most_twenty_views_are_saved(staff: User) -> None:
    for number in range(VIEWS_MAX):
        keep(staff, f"Vue {number}")
    answer = client_of(staff).post(url("saved_views"), {"name": "Une de trop", "query": "etat=SUBMITTED"})
    most = f"Vous avez déjà {VIEWS_MAX} vues : supprimez une vue pour en ajouter une autre."
    assert (answer.status_code, error_codes(view_context(answer)["form"])) == (422, {"__all__": [most]})
    assert SavedView.objects.count() == VIEWS_MAX == 20


@pytest.mark.parametrize("role, fields", [(Role.STAFF, ["name", "shared"]), (Role.REVIEWER, ["name"])])
def test_a_view_is_changed_on_its_page_and_shared_by_permission(role: Role, fields: list[str]) -> None:
    owner = make_staff(role)
    view, other = keep(owner, "Avant", shared=role == Role.STAFF), keep(owner, "Autre")
    client, address = client_of(owner), url("saved_view", view.public_id)
    seen = view_context(client.get(address))
    form = seen.pop("form")
    assert seen == {"title": "Avant", "url": SUBMITTED, "place": {"queue_url": SUBMITTED}}
    assert (list(form.fields), form.initial) == (fields, {"name": "Avant", "shared": role == Role.STAFF})

    def changed(**sent: Any) -> tuple[str, bool]:
        answer = client.post(address, sent)
        words = [("success", f"La vue « {sent['name']} » est enregistrée.")]
        assert redirect_of(answer) == (url("saved_views"), words)
        view.refresh_from_db()
        return view.name, view.shared

    assert changed(name="Après", shared="on") == ("Après", role == Role.STAFF)
    assert changed(name="Encore") == ("Encore", False)
    refused = client.post(address, {"name": "autre"})
    taken = "Une de vos vues porte déjà ce nom : choisissez-en un autre."
    assert (
        refused.status_code,
        error_codes(view_context(refused)["form"]),
        view_context(refused)["title"],
    ) == (
        422,
        {"name": [taken]},
        "Encore",
    )
    deleted = [("success", "La vue « Encore » est supprimée.")]
    assert redirect_of(client.post(address, {"delete": "1"})) == (url("saved_views"), deleted)
    assert list(SavedView.objects.all()) == [other]
    assert client.get(address).status_code == 404
