"""No way of signing in leads to another one: only the present mailbox, proved again, adds or changes any of them."""

import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from intake.accounts.models import User
from intake.accounts.second_factor.checks import MAILBOX, PROVIDER, RECENT
from intake.accounts.urls import urlpatterns
from tests.accounts.sign_in_steps import CONFIRM, ask, last_code, last_link, text_of, wrong_code
from tests.database_roles import as_owner
from tests.factories.factors import invite, make_application
from tests.factories.passkeys import SoftwarePasskey
from tests.factories.people import client_of, make_staff, make_user

pytestmark = pytest.mark.django_db

PROOF, CHECK, HOME = "/securite/confirmer/", "/connexion/deux-etapes/", "/securite/"
PASSKEY, APPLICATION = "/connexion/deux-etapes/cle/", "/connexion/deux-etapes/application/"
CODES, ADDRESS = "/connexion/deux-etapes/codes/", "/securite/adresse/"
ADDED: Final = {"name": "Clé", "credential": "{}"}

type Way = Callable[[Client, User], None]


def set_records(client: Client, user: User, *records: dict[str, Any]) -> None:
    """Write how, and how many seconds ago, the user proved who they are in this session."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        record | {"at": time.time() - record["at"]} for record in records
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def by_old_mail(client: Client, user: User) -> None:
    set_records(client, user, {"method": "code", "email": user.email, "at": RECENT + 1})


def by_mail_of_a_former_address(client: Client, user: User) -> None:
    set_records(client, user, {"method": "code", "email": "avant@exemple.ca", "at": 1})


def by_new_passkey(client: Client, user: User) -> None:
    set_records(client, user, {"method": "mfa", "type": "webauthn", "id": 1, "at": 1})


def by_application(client: Client, user: User) -> None:
    set_records(client, user, {"method": "mfa", "type": "totp", "id": 1, "at": 1})


def by_recovery_code(client: Client, user: User) -> None:
    set_records(client, user, {"method": "mfa", "type": "recovery_codes", "id": 1, "at": 1})


def by_provider(client: Client, user: User) -> None:
    set_records(client, user, {"method": PROVIDER, "at": 1}, {"method": "mfa", "type": PROVIDER, "at": 1})


def by_one_time_link(client: Client, user: User) -> None:
    set_records(client, user, {"method": "link", "at": 1})


WAYS: Final[tuple[Way, ...]] = (
    by_old_mail,
    by_mail_of_a_former_address,
    by_new_passkey,
    by_application,
    by_recovery_code,
    by_provider,
    by_one_time_link,
)
BY_MAIL: Final = (by_old_mail, by_mail_of_a_former_address)
SIGNS_IN: Final = {
    "factor_setup",
    "add_application",
    "add_passkey",
    "recovery_codes",
    "recovery_codes_file",
    "remove_factor",
    "change_address",
}
"""The pages that add or change what signs in."""
OTHER_PAGES: Final = {
    *("sign_in", "confirm", "resend", "sign_in_mailed", "sign_in_by_passkey", "passkey_options"),
    *("provider_sign_in", "provider_answer", "closed", "sign_out", "sign_in_link"),
    *("second_factor", "invitation", "prove_mailbox", "confirm_address", "undo_address"),
    *("security", "end_session", "end_other_sessions"),
}
"""Those that prove something, or end a session; `confirm_address` follows `change_address` and has its own test."""


def test_every_page_of_accounts_is_in_the_walk() -> None:
    assert {pattern.name for pattern in urlpatterns} <= SIGNS_IN | OTHER_PAGES


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["candidate", "staff"])
def test_an_old_session_adds_no_way_in_before_a_proof_of_the_mailbox(
    kind: str, way: Way, settings: Settings
) -> None:
    settings.ONE_TIME_LINKS = True  # the link of a demonstration counts as a second factor
    user = make_user() if kind == "candidate" else make_staff()
    factor = make_application(user) if kind == "staff" else SoftwarePasskey(user).register()
    client, before = client_of(user, second_factor=False), user.email
    kept = list(Authenticator.objects.order_by("pk").values_list("pk", "type", "data__hashes"))
    way(client, user)
    for name in sorted(SIGNS_IN):
        path = reverse(f"accounts:{name}", args=[factor.pk] if name == "remove_factor" else [])
        if kind == "staff" and name == "change_address":
            assert client.post(path, {"email": "b@exemple.ca"}).status_code == HTTPStatus.FORBIDDEN
            continue
        for answer in (
            client.get(path),
            client.post(path, ADDED | {"code": "123456", "email": "b@exemple.ca"}),
        ):
            asked = answer.headers["Location"].partition("?")[0]
            assert asked == (CHECK if kind == "staff" and way in BY_MAIL else PROOF), (name, answer)
    assert list(Authenticator.objects.order_by("pk").values_list("pk", "type", "data__hashes")) == kept
    assert User.objects.get(pk=user.pk).email == before
    assert mail.outbox == []


def test_an_invitation_is_no_proof_of_the_mailbox() -> None:
    user = make_staff()
    client = client_of(user, second_factor=False)
    by_old_mail(client, user)
    invite(user, client)
    assert client.post(APPLICATION, {"code": "000000"}).headers["Location"].startswith(PROOF)


@pytest.mark.parametrize("proof", ["sign-in code", "sign-in link", "code of the page"])
def test_a_proved_mailbox_opens_the_pages_for_fifteen_minutes(proof: str) -> None:
    user, client = make_user("moi@exemple.ca"), Client()
    if proof == "code of the page":
        client = client_of(user, second_factor=False)
        client.post(PROOF, {"send": "1"})
        assert client.post(PROOF, {"code": last_code(), "next": PASSKEY}).headers["Location"] == PASSKEY
    else:
        ask(client, user.email)
        client.post(CONFIRM, {"code": last_code()}) if proof == "sign-in code" else client.post(last_link())
    assert client.get(PASSKEY).status_code == HTTPStatus.OK
    with pytest.MonkeyPatch.context() as patch:
        now = time.time() + RECENT + 1
        patch.setattr("intake.accounts.second_factor.checks.time.time", lambda: now)
        assert client.get(PASSKEY).headers["Location"].startswith(PROOF)


def test_an_address_changes_after_a_proof_of_the_present_mailbox_alone() -> None:
    user, client = make_user("moi@exemple.ca"), Client()
    ask(client, user.email)
    client.post(CONFIRM, {"code": last_code()})
    answer = client.post(ADDRESS, {"email": "b@exemple.ca"})
    assert answer.headers["Location"] == f"{PROOF}?next=%2Fsecurite%2Fadresse%2F"
    client.post(PROOF, {"send": "1", "next": ADDRESS})
    assert mail.outbox[-1].to == ["moi@exemple.ca"]
    shown = text_of(client.post(PROOF, {"code": last_code(), "next": ADDRESS}))
    assert '<input type="hidden" name="email" value="b@exemple.ca">' in shown, "the typed address was lost"
    client.post(ADDRESS, {"email": "b@exemple.ca"})
    assert mail.outbox[-1].to == ["b@exemple.ca"]
    set_records(client, user, {"method": MAILBOX, "email": "moi@exemple.ca", "at": RECENT + 1})
    late = client.post(f"{ADDRESS}code/", {"code": last_code()})
    assert late.headers["Location"].startswith(PROOF), "the proof of the present mailbox was too old"
    assert User.objects.get(pk=user.pk).email == "moi@exemple.ca"


def test_a_wrong_code_proves_no_mailbox(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user("moi@exemple.ca")
    client = client_of(user, second_factor=False)
    assert "Recevoir un code" in text_of(client.get(PROOF))
    client.post(PROOF, {"send": "1"})
    assert "moi@exemple.ca" in text_of(client.get(PROOF))
    refused = client.post(PROOF, {"code": wrong_code(), "next": PASSKEY})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert client.get(PASSKEY).headers["Location"].startswith(PROOF)
    later = timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr("intake.accounts.mailbox_pages.timezone.now", lambda: later)
    assert "Ce code a expiré" in text_of(client.post(PROOF, {"code": last_code()}))


def test_a_code_sent_before_the_address_changed_proves_nothing() -> None:
    user = make_user("moi@exemple.ca")
    client = client_of(user, second_factor=False)
    client.post(PROOF, {"send": "1"})
    code = last_code()
    with as_owner():
        User.objects.filter(pk=user.pk).update(email="b@exemple.ca")
    client.post(PROOF, {"code": code, "next": PASSKEY})
    assert client.get(PASSKEY).headers["Location"].startswith(PROOF)


def test_codes_to_the_mailbox_have_a_limit() -> None:
    client = client_of(make_user(), second_factor=False)
    answers = [client.post(PROOF, {"send": "1"}).status_code for _each in range(6)]
    assert answers == [HTTPStatus.FOUND] * 5 + [HTTPStatus.TOO_MANY_REQUESTS]


def test_a_proof_leads_to_no_page_of_another_site() -> None:
    client, foreign = client_of(make_user(), second_factor=False), "https://ailleurs.example/securite/"
    assert client.get(PROOF, {"next": foreign}).context["next"] == ""
    assert client.post(PROOF, {"send": "1", "next": foreign}).headers["Location"] == PROOF
    assert client.post(PROOF, {"code": last_code(), "next": foreign}).headers["Location"] == HOME


def test_a_proof_gives_the_session_a_new_key() -> None:
    client = client_of(make_user(), second_factor=False)
    before = client.session.session_key
    client.post(PROOF, {"send": "1"})
    client.post(PROOF, {"code": last_code()})
    assert client.session.session_key != before
