"""The second factor in Chromium: first day with an application, lost device, passkey of a virtual authenticator."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from intake.accounts.models import User
from intake.accounts.second_factor.invitations import invitation_token
from tests.accounts.passkeys import add_authenticator
from tests.factories.factors import code_at, invite
from tests.factories.people import client_of, make_staff, prove_mailbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A window with an authenticator of its own. Every complaint in the console fails the test."""
    complaints: list[str] = []
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    add_authenticator(page)
    yield page
    context.close()
    assert not [text for text in complaints if "the server responded with a status" not in text]


def sign_in(page: Page, user: User) -> None:
    """Give the window a new session of `user`, who proved their mailbox in it and no second factor."""
    client = client_of(user, second_factor=False)
    prove_mailbox(client, user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": "http://localhost/"}]
    )


def link_of_invitation(user: User) -> str:
    """Return the address of the link that the mail of an invitation has."""
    return reverse("accounts:invitation", args=[invitation_token(invite(user).public_id)])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_the_first_day_then_a_lost_device(page: Page) -> None:
    user = make_staff()
    sign_in(page, user)
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Invitation nécessaire")
    page.goto(link_of_invitation(user))
    expect(page.get_by_role("heading", level=1)).to_have_text("Protéger votre compte")
    page.get_by_role("link", name="Une application d’authentification").click()
    expect(page.get_by_role("img", name="Code QR")).to_be_visible()
    secret = str(page.locator(".typed-key").text_content()).replace(" ", "")
    page.get_by_label("Code à six chiffres").fill(code_at(timezone.now(), secret))
    press(page, "Ajouter l’application")
    codes = [text.replace("\u00a0", "") for text in page.locator(".recovery-codes code").all_text_contents()]
    assert len(codes) == 10
    press(page, "J’ai conservé mes codes")
    expect(page).to_have_url(re.compile("/admin/$"))

    sign_in(page, user)  # another day, without the telephone
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirmer votre identité")
    page.get_by_label("Code de l’application").fill(codes[0])
    press(page, "Confirmer")
    expect(page).to_have_url(re.compile("/admin/$"))


def test_a_passkey_is_added_and_opens_the_administration(page: Page) -> None:
    user = make_staff()
    sign_in(page, user)
    page.goto(link_of_invitation(user))
    page.get_by_role("link", name="Une clé d’accès").click()
    page.get_by_label("Nom de cette clé").fill("Portable")
    press(page, "Ajouter la clé d’accès")
    press(page, "J’ai conservé mes codes")
    expect(page).to_have_url(re.compile("/admin/$"))

    sign_in(page, user)
    page.goto("/admin/")
    press(page, "Utiliser ma clé d’accès")
    expect(page).to_have_url(re.compile("/admin/$"))

    page.context.clear_cookies()  # a passkey alone also signs in
    page.goto("/connexion/?next=/securite/")
    press(page, "Me connecter avec ma clé d’accès")
    expect(page.get_by_role("heading", level=1)).to_have_text("Connexion et sécurité")
    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/admin/$"))
