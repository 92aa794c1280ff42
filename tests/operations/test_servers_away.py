"""Candidates file while the servers that filing does not need are away."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from kombu import Connection
from pytest_django import Settings

from intake.devtools.embedded import Urls
from intake.outbox import wake
from intake.settings import services
from intake.submissions.models import Receipt
from tests.factories.people import client_of, make_staff
from tests.factories.submissions import make_draft
from tests.submissions.pages import browser_of, pressed, url

DEAD = "127.0.0.1:9"


@pytest.fixture(autouse=True)
def breakers_are_closed(settings: Settings) -> Iterator[None]:
    """Their threads would ask for ever."""
    yield
    for alias in settings.CACHES:
        caches[alias]._absence.breaker.close()  # type: ignore[attr-defined]  # -- that of the portal
    wake.breaker.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cache", ["wrong password", "no password", "away"])
def test_candidates_file_without_cache_mail_server_and_broker(
    cache: str, embedded_servers: Urls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = urlsplit(embedded_servers.cache).password or ""
    settings.CACHES = services.caches(
        {
            "wrong password": embedded_servers.cache.replace(password, "wrong"),
            "no password": embedded_servers.cache.replace(f":{password}@", ""),
            "away": f"redis://{DEAD}/1",
        }[cache]
    )
    settings.SESSION_ENGINE = "intake.web.sessions"
    settings.MAILERS = dict.fromkeys(("default", "codes"), services.mailer(f"smtp://{DEAD}"))
    broker = Connection(f"redis://{DEAD}/0", transport_options=wake.PUBLISH_OPTIONS)
    monkeypatch.setattr(wake, "_connection", lambda: broker)
    draft = make_draft()
    client = browser_of(draft)
    client.raise_request_exception = False
    for page in ("offers:list", "submissions:mine", "accounts:security"):
        assert client.get(reverse(page)).status_code == 200, page
    assert client.get(url("review", draft)).status_code == 200
    assert client.post(url("file", draft), pressed(draft)).headers["Location"] == url("receipt", draft)
    assert client.get(url("receipt", draft)).status_code == 200
    assert Receipt.objects.count() == 1
    visitor = Client(raise_request_exception=False)
    assert visitor.get(reverse("accounts:sign_in")).status_code == 200
    refused = visitor.post(reverse("accounts:sign_in"), {"email": "camille@exemple.invalid"})
    assert refused.status_code == 503
    assert "Rien n’est perdu" in refused.content.decode().replace("\u00a0", " ")
    staff = client_of(make_staff())
    staff.raise_request_exception = False
    for page in ("admin:index", "admin:outbox_delivery_changelist"):
        assert staff.get(reverse(page)).status_code == 200, page
