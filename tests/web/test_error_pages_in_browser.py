"""Error pages, maintenance and statements in Chromium: axe and no scrolling sideways, in each look and language."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from intake.settings.services import Maintenance
from intake.web.language import COOKIE
from tests.journeys.axe import LOOKS, WIDTHS, assert_accessible_at_each_width
from tests.web import sample
from tests.web.conftest import OpenPage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.web.sample"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("reported_checks"),
]
POSTED = "/formulaire/?vers="
STATES = {
    "400": "/suspect/",
    "403": f"{POSTED}/refus/",
    "404": "/rien/",
    "405": "/bouton/",
    "410": "/lien/",
    "413": "/lourd/",
    "429": f"{POSTED}/limite/",
    "500": f"{POSTED}/panne/",
    "503": f"{POSTED}/fichiers/",
    "storage_full": f"{POSTED}/plein/",
    "too_long": f"{POSTED}/long/",
    "csrf": f"{POSTED}/bouton/&sans-jeton",
    "session": "/session/",
    "statement": "/accessibilite/",
    "maintenance": f"{POSTED}/essai/",
}
"""How to reach each page: an address, or a form to send."""


def _english() -> dict[str, str]:
    given = HttpResponse()
    given.set_signed_cookie(COOKIE, "en", salt="intake.web.language")
    return {COOKIE: given.cookies[COOKIE].value}


def _send(page: Page) -> None:
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", level=1, name="Essai")).to_have_count(0)


QUICK = {
    ("404", "dark", "en"),
    ("500", "light", "fr"),
    ("maintenance", "dark", "fr"),
    ("session", "light", "en"),
}
"""A page without and with a form to send again, of each kind; the exhaustive run checks every page in every look."""


def _cases() -> list[Any]:
    return [
        pytest.param(
            shown,
            look,
            language,
            (320, 1280) if case in QUICK else WIDTHS,
            marks=() if case in QUICK else pytest.mark.full,
            id=" ".join(case),
        )
        for shown in STATES
        for look in LOOKS
        for language in ("fr", "en")
        for case in [(shown, look, language)]
    ]


@pytest.mark.parametrize("shown, look, language, widths", _cases())
def test_an_error_page_is_accessible_and_fits_each_width(
    open_page: OpenPage, settings: Settings, shown: str, look: str, language: str, widths: tuple[int, ...]
) -> None:
    page = open_page(STATES[shown], width=widths[0], cookies=_english() if language == "en" else {})
    page.emulate_media(**LOOKS[look])
    if shown == "maintenance":
        settings.MAINTENANCE = Maintenance(until=sample.CLOSES_AT.replace(year=2099))
    if STATES[shown].startswith(POSTED):
        _send(page)
        page.locator("details > summary").click()
        expect(page.get_by_text(sample.TYPED)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", f"{language}-CA")
    assert_accessible_at_each_width(page, fits=True, widths=widths)


@pytest.mark.parametrize(
    "to, prepare, name",
    [
        ("/bouton/&sans-jeton", lambda _settings: None, "Le formulaire n’a pas été reçu"),
        (
            "/bouton/",
            lambda settings: setattr(settings, "MAINTENANCE", Maintenance(until=None)),
            "Le portail est en maintenance",
        ),
    ],
    ids=["without its token", "during a maintenance"],
)
def test_a_form_on_an_error_page_can_be_sent_again(
    open_page: OpenPage, settings: Settings, to: str, prepare: Callable[[Settings], None], name: str
) -> None:
    page = open_page(f"{POSTED}{to}")
    prepare(settings)
    _send(page)
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    settings.MAINTENANCE = None
    page.get_by_role("button", name="Envoyer de nouveau").click()
    expect(page.get_by_text("ok", exact=True)).to_be_visible()
