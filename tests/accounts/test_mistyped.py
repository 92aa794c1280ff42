"""A mistyped domain is proposed, never refused; the sign-in says what it opens, and what to do without the mailbox."""

from http import HTTPStatus

import pytest
from django.core import mail
from django.test import Client

from intake.accounts.mistyped import proposed_address
from intake.accounts.models import User
from tests.accounts.sign_in_steps import CONFIRM, SIGN_IN, ask, last_code, text_of
from tests.factories.people import client_of, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed, meant",
    [
        *(
            (f"alex@{slip}", "alex@gmail.com")
            for slip in ("gmial.com", "gmal.com", "gmaill.com", "gmail.con")
        ),
        ("alex@hotmial.com", "alex@hotmail.com"),
        ("alex@ulavl.ca", "alex@ulaval.ca"),
        ("a@b@gmial.com", "a@b@gmail.com"),
        *(
            (f"alex@{domain}", "")
            for domain in (
                "gmail.com",
                "mail.com",
                "hotmail.ca",
                "exemple.ca",
                "gmila.co",
                "gm.com",
                "uqam.ca",
                "",
            )
        ),
        ("alex@liv.ca", "alex@live.ca"),
        ("alex@yaho.fr", "alex@yahoo.fr"),
        ("alex@hotmail.cr", ""),  # one slip from two of them
    ],
)
def test_a_slip_in_a_common_domain_is_recognised(typed: str, meant: str) -> None:
    assert proposed_address(typed) == meant


def test_the_right_domain_is_proposed_for_a_mistyped_one(client: Client) -> None:
    assert ask(client, "Alex@gmial.com", next="/profil/").headers["Location"] == CONFIRM
    page = text_of(client.get(CONFIRM))
    assert 'Vouliez-vous dire <strong class="text-break">alex@gmail.com</strong>' in page
    client.post(SIGN_IN, {"email": "alex@gmail.com"})  # the button of the proposal
    assert mail.outbox[-1].to == ["alex@gmail.com"]
    assert "Vouliez-vous dire" not in text_of(client.get(CONFIRM))
    assert client.post(CONFIRM, {"code": last_code()}).headers["Location"] == "/profil/"
    assert User.objects.get().email == "alex@gmail.com"


def test_an_unusual_domain_signs_in_without_a_proposal(client: Client) -> None:
    ask(client, "alex@gmial.com")
    assert client.post(CONFIRM, {"code": last_code()}).status_code == HTTPStatus.FOUND
    assert User.objects.get().email == "alex@gmial.com"


def test_the_right_domain_is_proposed_for_a_new_address() -> None:
    client = client_of(make_user("moi@exemple.ca"))
    client.post("/securite/adresse/", {"email": "moi@gmial.com"})
    page = text_of(client.get("/securite/adresse/code/"))
    assert "moi@gmail.com" in page
    assert page.count('action="/securite/adresse/"') == 1
