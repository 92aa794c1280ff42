"""The sign-in page of an installation with an identity provider, in Chromium: axe, no scrolling sideways."""

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from intake.settings.services import IdentityProvider
from tests.journeys.axe import LOOKS, assert_accessible_at_each_width
from tests.web.conftest import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.django_db(transaction=True)]
STATES = {"asked": "/connexion/?next=/admin/", "refused": "/connexion/fournisseur/retour/?code=x&state=y"}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_the_sign_in_of_staff_is_accessible_and_fits_each_width(
    open_page: OpenPage, settings: Settings, state: str, look: str
) -> None:
    settings.OIDC = IdentityProvider(
        issuer="https://fournisseur.invalid", client_id="portail", secret="", factors=frozenset({"mfa"})
    )
    page = open_page(STATES[state])
    page.emulate_media(**LOOKS[look])
    expect(page.get_by_role("link", name="Me connecter avec mon compte professionnel")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(1 if state == "refused" else 0)
    assert_accessible_at_each_width(page, fits=True)
