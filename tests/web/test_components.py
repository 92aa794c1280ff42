"""The page of components shows each of them, to staff only; the wordmark is a setting."""

from pathlib import Path

import lxml.html
import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from tests.factories.people import client_of, make_staff

pytestmark = pytest.mark.django_db

FOLDER = Path(django_settings.BASE_DIR) / "templates" / "components"


def test_every_component_is_on_the_page() -> None:
    page = client_of(make_staff()).get("/composants/")
    used = {template.name for template in page.templates if template.name}
    wanted = {f"components/{path.name}" for path in FOLDER.glob("*.html")}
    assert wanted - used == set(), "Show each component in templates/web/components.html"


def test_the_list_of_answers_shows_one_that_is_missing() -> None:
    page = client_of(make_staff()).get("/composants/").content.decode()
    assert '<span class="missing">À remplir</span>' in page


def test_the_wordmark_and_its_short_name_are_settings(settings: Settings) -> None:
    settings.PORTAL_NAME, settings.PORTAL_SHORT_NAME = "Bourses de recherche", "Bourses"
    settings.PORTAL_WORDMARK = "img/favicon.svg"
    page = lxml.html.document_fromstring(Client().get("/accessibilite/").content.decode())
    (wordmark,) = page.find_class("wordmark")
    assert [span.text for span in wordmark.findall("span")] == ["Bourses de recherche", "Bourses"]
    assert wordmark.find("img").get("src").startswith("/static/img/favicon")
