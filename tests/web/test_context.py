"""The template variable `portal`."""

from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from intake.web.language import COOKIE
from intake.web.pages import portal
from intake.web.request_id import use_request_id


def test_templates_get_contact_language_and_request_of_the_portal(
    settings: Settings,
) -> None:
    settings.PORTAL_NAME, settings.PORTAL_SHORT_NAME = "Portail d’essai", "Portail"
    settings.PORTAL_WORDMARK, settings.PORTAL_CONTACT_UNIT = "img/favicon.svg", "Bureau"
    settings.PORTAL_CONTACT_EMAIL, settings.PORTAL_ENVIRONMENT = "bureau@exemple.ca", "Essai"
    request = RequestFactory().get("/offres/?page=2")
    expected = {
        "name": "Portail d’essai",
        "short_name": "Portail",
        "wordmark": "img/favicon.svg",
        "contact_unit": "Bureau",
        "contact_email": "bureau@exemple.ca",
        "environment": "Essai",
        "language": "fr",
        "language_tag": "fr-CA",
        "english_offered": True,
        "path": "/offres/?page=2",
        "reference": "7QX4-0K2M-93TD",
        "scans_files": False,
    }
    with use_request_id("7QX4-0K2M-93TD"):
        assert portal(request) == {"portal": expected}
    given = HttpResponse()
    given.set_signed_cookie(COOKIE, "en", salt="intake.web.language")
    request.COOKIES[COOKIE] = given.cookies[COOKIE].value
    expected |= {"language": "en", "language_tag": "en-CA", "reference": "-"}
    assert portal(request) == {"portal": expected}
    settings.ENGLISH_OFFERED = False
    expected |= {"language": "fr", "language_tag": "fr-CA", "english_offered": False}
    assert portal(request) == {"portal": expected}
    del settings.ENGLISH_OFFERED, settings.PORTAL_ENVIRONMENT
    assert portal(request) == {"portal": expected | {"environment": "", "english_offered": True} | _ENGLISH}


_ENGLISH = {"language": "en", "language_tag": "en-CA"}
