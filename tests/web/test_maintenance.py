"""Maintenance: every page but the probes is one page, served without any server, which loses nothing typed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from intake.settings.services import Maintenance, maintenance
from intake.web.language import COOKIE
from intake.web.request_id import HEADER
from tests.web import sample

# Without the `db` fixture any query fails, as if the database were away.
pytestmark = pytest.mark.urls("tests.web.sample")
HERE = {"Origin": "http://testserver"}


@pytest.fixture(autouse=True)
def under_maintenance(settings: Settings) -> None:
    settings.MAINTENANCE = Maintenance(until=None)


def _body(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", None),
        (" OFF ", None),
        ("on", Maintenance(until=None)),
        ("2027-03-01T08:00-05:00", Maintenance(until=datetime(2027, 3, 1, 13, tzinfo=UTC))),
        ("2027-03-01T13:00Z", Maintenance(until=datetime(2027, 3, 1, 13, tzinfo=UTC))),
    ],
)
def test_the_variable_announces_a_maintenance_and_its_end(text: str, expected: Maintenance | None) -> None:
    assert maintenance(text) == expected


@pytest.mark.parametrize("text", ["yes", "demain", "2027-03-01T08:00"])
def test_a_variable_that_is_not_an_instant_with_its_offset_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="MAINTENANCE"):
        maintenance(text)


@pytest.mark.parametrize("address", ["/", "/essai/", "/rien/", "/panne/", "/admin/", "/langue/"])
def test_every_page_is_the_page_of_the_maintenance(client: Client, address: str) -> None:
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "a" * 32
    response = client.get(address)
    assert response.status_code == 503
    body = _body(response)
    assert "<h1>Le portail est en maintenance</h1>" in body
    assert "Ce que vous aviez déjà enregistré ou déposé est conservé." in body
    assert "La maintenance devrait se terminer bientôt." in body
    assert "Une date limite tombe pendant la maintenance ?" in body.replace("\u00a0", " ")
    assert f'<span class="reference">{response.headers[HEADER]}</span>' in body
    assert f"mailto:{django_settings.PORTAL_CONTACT_EMAIL}" in body
    assert "Se connecter" not in body
    assert response.headers["Retry-After"] == "300"
    assert "no-store" in response.headers["Cache-Control"]
    assert "Cookie" in response.headers["Vary"]
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["X-Frame-Options"] == "DENY"


def test_probes_and_static_files_are_served_during_a_maintenance(client: Client) -> None:
    assert _body(client.post("/healthz")) == "ok"
    assert client.get("/readyz").status_code == 404  # it reaches the addresses, which here have none for it
    static_files = "whitenoise.middleware.WhiteNoiseMiddleware"
    order = django_settings.MIDDLEWARE
    assert order.index(static_files) < order.index("intake.web.maintenance.MaintenanceMiddleware")
    assert client.get("/healthz/").status_code == 503


def test_without_a_maintenance_pages_are_served(client: Client, settings: Settings) -> None:
    settings.MAINTENANCE = None
    assert client.get("/").status_code == 200


def test_the_announced_end_is_written_and_is_the_time_to_retry(client: Client, settings: Settings) -> None:
    until = datetime.now(UTC) + timedelta(hours=2)
    settings.MAINTENANCE = Maintenance(until=until)
    response = client.get("/")
    assert 7190 <= int(response.headers["Retry-After"]) <= 7201
    assert "(heure de l’Est" in _body(response)
    assert "bientôt" not in _body(response)


def test_an_end_that_is_past_is_no_longer_written(client: Client, settings: Settings) -> None:
    settings.MAINTENANCE = Maintenance(until=datetime(2026, 1, 1, tzinfo=UTC))
    response = client.get("/")
    assert response.headers["Retry-After"] == "300"
    assert "bientôt" in _body(response)
    assert "2026" not in _body(response)


def test_a_form_posted_during_a_maintenance_is_on_the_page_to_be_sent_again(client: Client) -> None:
    sent = {"motif": sample.TYPED, "csrfmiddlewaretoken": "its-own"}
    response = client.post("/essai/?page=2", sent, headers=HERE)
    assert response.status_code == 503
    body = _body(response)
    assert "Gardez cette page ouverte." in body
    assert f"<blockquote>{sample.TYPED}</blockquote>" in body
    assert '<form class="mb-4" method="post" action="/essai/?page=2">' in body
    assert f'<input type="hidden" name="motif" value="{sample.TYPED}">' in body
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="its-own">' in body
    foreign = client.post("/essai/", sent, headers={"Origin": "https://exemple.invalid"})
    assert sample.TYPED not in _body(foreign)


def test_the_page_is_in_english_for_a_person_who_attested(client: Client) -> None:
    given = HttpResponse()
    given.set_signed_cookie(COOKIE, "en", salt="intake.web.language")
    client.cookies[COOKIE] = given.cookies[COOKIE].value
    response = client.get("/")
    assert response.headers["Content-Language"] == "en-CA"
    assert '<html lang="en-CA">' in _body(response)
    assert "Under maintenance" in _body(response)
