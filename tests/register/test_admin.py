"""The register in the administration: searched without logging whom, filled, and corrected with a reason."""

import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.journal.models import Entry
from intake.register.models import Participation, Removal
from tests.factories.participants import make_participation, portal_programme
from tests.factories.people import client_of, make_staff

pytestmark = pytest.mark.django_db
HOME = "/admin/register/participation/"
PERSON = {"last_name": "ROY", "first_name": "marie eve", "birth_date": "4 mai 1990"}


def typed(**changes: str) -> dict[str, str]:
    return {"programme": str(portal_programme().pk)} | PERSON | changes


def test_a_search_is_answered_in_place_and_stored_in_no_address(caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(make_staff())
    caplog.set_level(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, logger="django.db.backends"), CaptureQueriesContext(connection):
        unknown = client.post(f"{HOME}chercher/", typed())
        row = make_participation(last_name="Roy", first_name="Marie-Ève")
        found = client.post(f"{HOME}chercher/", typed())
    assert "Inconnue du registre" in unknown.content.decode()
    assert f"{HOME}{row.pk}/change/" in found.content.decode()
    assert "no-store" in found.headers["Cache-Control"]
    entries = Entry.objects.filter(action="REGISTER_SEARCHED")
    assert [entry.detail for entry in entries.order_by("pk")] == ["rows=1", "rows=1"]
    assert "register_participation" in caplog.text, "what is asked of the database is in the log here"
    assert "roy" not in caplog.text.lower()


def test_a_search_by_get_does_not_search() -> None:
    make_participation(last_name="Roy", first_name="Marie-Ève")
    client = client_of(make_staff())
    assert "Au registre" not in client.get(f"{HOME}chercher/", typed()).content.decode()
    assert not Entry.objects.filter(action="REGISTER_SEARCHED").exists()
    assert "Au registre" in client.post(f"{HOME}chercher/", typed()).content.decode()


def test_a_person_is_entered_once_by_the_form() -> None:
    client = client_of(make_staff())
    assert client.post(f"{HOME}add/", typed(year="2014")).status_code == 302
    assert Participation.objects.get().source == "HAND"
    again = client.post(f"{HOME}add/", typed(year="2014", first_name="Marie-Ève"))
    assert again.status_code == 422
    assert "déjà au registre" in again.content.decode()


@pytest.mark.parametrize("year", ["14", "1995", "2200", "l’an dernier"])
def test_an_impossible_year_is_refused(year: str) -> None:
    assert client_of(make_staff()).post(f"{HOME}add/", typed(year=year)).status_code == 422
    assert not Participation.objects.exists()


def test_an_entry_is_removed_with_a_displayed_reason() -> None:
    client, row = client_of(make_staff()), make_participation(last_name="Roy", first_name="Marie-Ève")
    assert client.post(f"{HOME}{row.pk}/delete/", {"reason": " "}).status_code == 422
    assert client.post(f"{HOME}{row.pk}/delete/", {"reason": "Homonyme confirmé"}).status_code == 302
    assert not Participation.objects.exists()
    assert Removal.objects.count() == 1
    assert "Homonyme confirmé" in client.get(HOME).content.decode()


def test_the_list_counts_by_year_without_names() -> None:
    make_participation(last_name="Roy", first_name="Marie-Ève", year=2014)
    page = client_of(make_staff()).get(HOME).content.decode()
    assert "1\u00a0participation, par année" in page
    assert '<th scope="row">2014</th>' in page
    assert "Roy" not in page[page.index("<main") :]
