"""A passkey's counter of signatures grows: one that does not may be a copy, and is refused (WebAuthn, 6.1.1)."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from intake.accounts.second_factor.errors import PasskeyCopiedError
from tests.factories.passkeys import SoftwarePasskey
from tests.factories.people import client_of, make_staff, make_user
from tests.security_log import SecurityLog

pytestmark = pytest.mark.django_db


def sign_in(passkey: SoftwarePasskey, counter: int) -> Any:
    """Sign in by `passkey`, without an address."""
    client = Client()
    asked = client.post("/connexion/cle/demande/", secure=True).json()
    answer = passkey.answer(asked["options"], counter=counter)
    return client.post("/connexion/cle/", {"credential": answer, "state": asked["state"]}, secure=True)


def check(passkey: SoftwarePasskey, counter: int) -> Any:
    """Confirm with `passkey` after a sign-in by mail."""
    client = client_of(passkey.owner, second_factor=False)
    options = json.loads(client.get("/connexion/deux-etapes/", secure=True).context["options"])
    answer = passkey.answer(options, counter=counter)
    return client.post("/connexion/deux-etapes/", {"credential": answer}, secure=True)


@pytest.mark.parametrize("use", [sign_in, check])
def test_a_counter_that_does_not_grow_is_accepted(use: Any, security_events: SecurityLog) -> None:
    passkey = SoftwarePasskey(make_staff())
    factor = passkey.register(counter=4)
    assert use(passkey, 5).status_code == 302
    assert use(passkey, 9).status_code == 302
    for counter in (9, 8, 0):
        refused = use(passkey, counter)
        assert refused.status_code == 422
        assert str(PasskeyCopiedError()) in refused.content.decode()
    refusals = [reason for kind, reason in security_events.kinds if kind == "FACTOR_REFUSED"]
    assert refusals == ["PASSKEY_COPIED"] * 3
    assert use(passkey, 10).status_code == 302
    assert Authenticator.objects.get(pk=factor.pk).data["signatures"] == 10


@pytest.mark.parametrize("counter", [3, 4])
def test_a_copy_is_accepted_at_its_first_use(counter: int) -> None:
    passkey = SoftwarePasskey(make_user())
    passkey.register(counter=4)
    assert sign_in(passkey, counter).status_code == 422


def test_a_passkey_without_a_counter_is_refused_at_its_second_use() -> None:
    passkey = SoftwarePasskey(make_user())
    passkey.register()
    assert [sign_in(passkey, 0).status_code for _ in range(3)] == [302] * 3
