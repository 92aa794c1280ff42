"""Limits of the sign-in, which stop no other person, and the link of the mail, which needs no code."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from intake.accounts.models import User
from intake.web.sessions import OPENED
from tests.accounts.sign_in_steps import (
    CLOSED,
    CONFIRM,
    RESEND,
    SIGN_IN,
    ask,
    last_code,
    last_link,
    text_of,
    wrong_code,
)
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


def test_codes_to_one_address_are_limited_with_a_message(client: Client) -> None:
    statuses = [ask(Client(), "alex@exemple.ca").status_code for _ in range(7)]
    assert statuses == [302] * 6 + [429]
    assert len(mail.outbox) == 6
    answer = ask(client, "alex@exemple.ca")
    assert answer.headers["Retry-After"] == "600", "as the page says: ten minutes"
    assert answer.context["form"].non_field_errors() == [
        (
            "Nous avons déjà envoyé plusieurs codes à cette adresse. Ouvrez le courriel le plus récent et suivez son "
            "lien pour vous connecter, ou réessayez dans dix minutes."
        )
    ]
    assert ask(client, "sam@exemple.ca").status_code == 302


def test_the_last_code_stays_valid_once_the_limit_is_reached(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    answers = [client.post(RESEND) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert answers[-1].context["refusal"].startswith("Nous avons déjà envoyé plusieurs codes à cette adresse")
    assert (answers[-1].context["email"], answers[-1].context["minutes"]) == ("alex@exemple.ca", 10)
    # The error page is at the address of the refused request: its form must post to another address.
    assert f'<form method="post" action="{CONFIRM}"' in text_of(answers[-1])
    client.post(CONFIRM, {"code": last_code()})
    assert "_auth_user_id" in client.session


def test_an_address_that_a_stranger_fills_is_signed_in_by_its_mailbox_or_its_device(client: Client) -> None:
    owner = make_user("alex@exemple.ca")
    ask(client, "alex@exemple.ca")
    client.post(CONFIRM, {"code": last_code()})
    client.post("/deconnexion/")
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    assert [ask(stranger, "alex@exemple.ca").status_code for _ in range(6)][-1] == 429

    assert ask(client, "alex@exemple.ca").status_code == 302
    client.post(CONFIRM, {"code": last_code()})
    assert client.session["_auth_user_id"] == str(owner.pk)

    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert ask(elsewhere, "alex@exemple.ca").status_code == 429
    cache.clear()
    ask(stranger, "alex@exemple.ca")  # its mail reaches the owner, who has never used this device
    elsewhere.post(last_link())
    assert elsewhere.session["_auth_user_id"] == str(owner.pk)


def test_guesses_of_a_stranger_leave_the_link_of_the_mail(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_in_guess_address": "5/d/key"}
    stranger = Client()
    ask(stranger, "alex@exemple.ca")
    for _ in range(5):
        stranger.post(CONFIRM, {"code": wrong_code()})
    ask(client, "alex@exemple.ca")
    refused = client.post(CONFIRM, {"code": last_code()})
    assert "Trop d’essais" in text_of(refused)
    assert "Suivez le lien du courriel" in text_of(refused)
    client.post(last_link())
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("url", [SIGN_IN, RESEND])
def test_a_visitor_of_a_busy_network_waits_and_presses_again(
    client: Client, settings: Settings, clock: Any, url: str
) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_in_code_network": "1/h/ip"}
    ask(client, "alex@exemple.ca")
    sent = {"email": "alex@exemple.ca"}
    busy = client.post(url, sent)
    assert (busy.status_code, len(mail.outbox)) == (429, 1)
    assert "Attendez 20\u00a0secondes" in text_of(busy)
    assert busy.headers["Retry-After"] == "20"
    [ticket] = re.findall(r'name="ticket" value="([^"]+)"', text_of(busy))
    clock.ahead = dt.timedelta(seconds=20)
    assert client.post(url, sent | {"ticket": ticket}).status_code == 302
    assert len(mail.outbox) == 2


def test_a_forged_forwarding_header_does_not_avoid_the_limit(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_in_code_network": "5/h/ip"}
    statuses = [
        ask(Client(headers={"x-forwarded-for": f"203.0.113.{n}"}), f"p{n}@exemple.ca").status_code
        for n in range(7)
    ]
    assert statuses == [302] * 5 + [429, 429]


# -- The link of the mail -----------------------------------------------------------------------------------------


def test_a_mailed_link_signs_in_on_another_device_and_only_once(client: Client) -> None:
    ask(client, "alex@exemple.ca", next="/profil/")
    elsewhere = Client()
    page = elsewhere.get(last_link())
    assert (page.status_code, page.context["owner"]) == (200, "alex@exemple.ca")
    assert not User.objects.exists(), "a program that reads the mail opens the page, and no account"
    answer = elsewhere.post(last_link())
    assert (answer.status_code, answer["Location"]) == (302, reverse("submissions:mine"))
    user = User.objects.get()
    assert elsewhere.session["_auth_user_id"] == str(user.pk)
    [way] = elsewhere.session["account_authentication_methods"]
    assert (way["method"], way["email"]) == ("mailed link", "alex@exemple.ca")
    for again in (client, Client()):
        assert again.post(last_link()).status_code == 410
        assert "_auth_user_id" not in again.session


def test_a_mailed_link_in_the_same_browser_leads_to_the_next_path(client: Client) -> None:
    ask(client, "alex@exemple.ca", next="/profil/")
    assert client.post(last_link())["Location"] == "/profil/"
    assert client.cookies["signin"].value == ""


def test_a_mailed_link_expires_with_its_code(client: Client, clock: Any) -> None:
    ask(client, "alex@exemple.ca")
    clock.ahead = dt.timedelta(minutes=9, seconds=50)
    assert client.get(last_link()).status_code == 200
    clock.ahead = dt.timedelta(minutes=10)
    assert [client.get(last_link()).status_code, client.post(last_link()).status_code] == [410, 410]
    assert "_auth_user_id" not in client.session


def test_a_mailed_link_that_is_altered_is_refused(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    link = last_link()
    for altered in (link.replace("courriel/", "courriel/x"), "/connexion/courriel/x/"):
        assert client.post(altered).status_code == 410
    assert "_auth_user_id" not in client.session


def test_a_mailed_link_is_void_after_a_sign_in_by_code(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    client.post(CONFIRM, {"code": last_code()})
    assert Client().post(last_link()).status_code == 410


def test_a_mailed_link_of_a_closed_account_leads_to_its_page(client: Client) -> None:
    make_user("fermee@exemple.ca", is_active=False)
    ask(client, "fermee@exemple.ca")
    assert client.post(last_link())["Location"] == CLOSED
    assert "device" not in client.cookies


def test_the_link_of_a_closed_account_leaves_the_session_of_another_person_as_it_was(client: Client) -> None:
    owner = make_user("alex@exemple.ca")
    make_user("fermee@exemple.ca", is_active=False)
    ask(client, "alex@exemple.ca")
    client.post(CONFIRM, {"code": last_code()})
    session = client.session
    session[OPENED] -= 3600
    session.save()
    device = client.cookies["device"].value
    ask(Client(), "fermee@exemple.ca")
    assert client.post(last_link()).headers["Location"] == CLOSED
    assert client.session["_auth_user_id"] == str(owner.pk)
    assert client.session[OPENED] == session[OPENED], "the limits of the session began again"
    assert client.cookies["device"].value == device, "the device is remembered for an account that is closed"
