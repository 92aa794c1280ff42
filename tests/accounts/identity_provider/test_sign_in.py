"""Sign-in of staff by an identity provider: which answers open which account, and which are refused."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from intake.accounts.changes import Kind
from intake.accounts.identity_provider import provider as identity_provider
from intake.accounts.models import ProviderIdentity, User
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.settings.services import IdentityProvider
from tests.database_roles import as_owner
from tests.factories.factors import make_application
from tests.factories.identity_provider import CLIENT, Provider, make_key, running_provider
from tests.factories.people import change_as_operator, make_staff, make_user
from tests.security_log import SecurityLog

pytestmark = pytest.mark.django_db
GO, ANSWER = "/connexion/fournisseur/", "/connexion/fournisseur/retour/"
QUEUE, CHECK = "/admin/submissions/submission/", "/connexion/deux-etapes/"
EMAIL = "personnel@exemple.invalid"


@pytest.fixture(scope="module")
def served() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(served: Provider, settings: Settings) -> Provider:
    cache.clear()
    served.reset()
    settings.OIDC = served.settings
    return served


@pytest.fixture
def person() -> User:
    return make_staff(email=EMAIL)


def sign_in(provider: Provider, client: Client | None = None, *, path: str = GO) -> Any:
    """Go to the provider and come back; return the portal's response to the answer."""
    client = client or Client()
    return client.get(provider.sign_in(client.get(path)["Location"]))


def is_open(client: Client) -> bool:
    """Return whether the client has a session of a user."""
    return "_auth_user_id" in client.session


def test_a_member_of_staff_signs_in_and_enters_the_administration(
    provider: Provider, person: User, security_events: SecurityLog
) -> None:
    client = Client()
    answer = sign_in(provider, client, path=f"{GO}?next={QUEUE}")
    assert (answer.status_code, answer["Location"]) == (302, QUEUE)
    assert client.get(QUEUE).status_code == 200, "the provider checked a second factor"
    assert client.get(f"{GO}?next={QUEUE}")["Location"] == QUEUE, "who is signed in is not sent away"
    assert ProviderIdentity.objects.get(user=person).subject == "personne-1"
    actions = list(Entry.objects.filter(actor=person).values_list("action", flat=True).order_by("pk"))
    assert actions == ["IDENTITY_LINKED", "SIGNED_IN"]
    assert Delivery.objects.filter(kind="SECOND_FACTOR_MAIL").count() == 1, "its owner gets a mail"
    assert ("SIGNED_IN", "OPENED") in security_events.kinds


def test_the_request_has_a_challenge_a_state_and_a_nonce_of_its_own(provider: Provider) -> None:
    paths = (GO, f"{GO}?confirmer=1")  # nobody is signed in, who could confirm
    asked = [parse_qs(urlsplit(Client().get(path)["Location"]).query) for path in paths]
    for query in asked:
        assert query["code_challenge_method"] == ["S256"]
        assert query["response_type"] == ["code"]
        assert set(query["scope"][0].split()) == {"openid", "email"}
        assert (query["client_id"], query["max_age"], query.get("prompt")) == ([CLIENT], ["900"], None)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43, "256 bits"


def test_a_code_is_exchanged_with_its_verifier_alone(provider: Provider, person: User) -> None:
    client = Client()
    path = provider.sign_in(client.get(GO)["Location"])
    other = Client()
    provider.sign_in(other.get(GO)["Location"])
    [query] = [parse_qs(urlsplit(path).query)]
    stolen = provider.sign_in(other.get(GO)["Location"], code=query["code"][0])
    assert other.get(stolen).status_code == 422, "the code of another browser"
    assert not is_open(other)
    assert provider.posted[0]["code"] == query["code"][0]


@pytest.mark.parametrize(
    "claims, reason",
    [
        ({"iss": "https://ailleurs.invalid"}, "NOT_VALID"),
        ({"iss": None}, "NOT_VALID"),
        ({"aud": "autre"}, "NOT_VALID"),
        ({"aud": None}, "NOT_VALID"),
        ({"aud": [CLIENT, "autre"]}, "OTHER_CLIENT"),
        ({"azp": "autre"}, "OTHER_CLIENT"),
        ({"exp": 1_600_000_000}, "NOT_VALID"),
        ({"exp": None}, "NOT_VALID"),
        ({"iat": 4_102_444_800}, "NOT_VALID"),
        ({"nonce": "x" * 43}, "NONCE"),
        ({"nonce": None}, "NOT_VALID"),
        ({"sub": None}, "NOT_VALID"),
        ({"sub": ""}, "SUBJECT"),
        ({"sub": "x" * 256}, "SUBJECT"),
        ({"email_verified": False}, "ADDRESS_NOT_VERIFIED"),
        ({"email_verified": None}, "ADDRESS_NOT_VERIFIED"),
        ({"email_verified": "true"}, "ADDRESS_NOT_VERIFIED"),
        ({"email": None}, "ADDRESS_NOT_VERIFIED"),
        ({"email": "ailleurs@exemple.invalid"}, "NO_ACCOUNT"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_an_answer_with_a_wrong_claim_is_refused(
    provider: Provider, person: User, security_events: SecurityLog, claims: dict[str, Any], reason: str
) -> None:
    provider.claims = claims
    client = Client()
    answer = sign_in(provider, client)
    assert answer.status_code == 422
    assert security_events.kinds == [("IDENTITY_REFUSED", reason)]
    assert not is_open(client)
    assert not ProviderIdentity.objects.exists()
    assert EMAIL not in "".join(security_events.lines)
    assert User.objects.count() == 1, "an account was opened"


@pytest.mark.parametrize(
    "claims",
    [{"aud": [CLIENT]}, {"aud": [CLIENT, "autre"], "azp": CLIENT}, {"sub": "x" * 255}],
    ids=["one", "two", "longest"],
)
def test_an_answer_with_an_unusual_claim_is_accepted(
    provider: Provider, person: User, claims: dict[str, Any]
) -> None:
    provider.claims, provider.header = claims, {}  # nor does the token name its key, the only one
    client = Client()
    sign_in(provider, client)
    assert is_open(client)


@pytest.mark.parametrize(
    "seconds, counted", [(-31, False), (-30, True), (0, True), (15 * 60 + 30, True), (15 * 60 + 31, False)]
)
def test_a_check_of_the_provider_counts_for_fifteen_minutes(
    settings: Settings, seconds: int, *, counted: bool
) -> None:
    settings.OIDC = IdentityProvider(issuer="", client_id="", secret="", factors=frozenset({"mfa"}))
    at = timezone.now().replace(microsecond=0)
    claims = {
        "nonce": "n",
        "sub": "x",
        "email": "A@Exemple.ca",
        "email_verified": True,
        "amr": ["mfa"],
        "auth_time": at.timestamp() - seconds,
    }
    stated = identity_provider._statement(claims, "n", at)
    expected = at - dt.timedelta(seconds=max(seconds, 0)) if counted else None
    assert stated == identity_provider.Statement("x", "a@exemple.ca", expected)


def test_a_token_with_another_signature_is_refused(
    provider: Provider, person: User, security_events: SecurityLog
) -> None:
    provider.key = make_key()
    assert sign_in(provider).status_code == 422
    assert security_events.kinds == [("IDENTITY_REFUSED", "NOT_VALID")]


@pytest.mark.parametrize("algorithm, key", [("none", None), ("HS256", "k" * 64)])
def test_a_token_without_the_signature_of_a_key_pair_is_refused(
    provider: Provider, person: User, algorithm: str, key: str | None
) -> None:
    provider.algorithm, provider.key = algorithm, key
    assert sign_in(provider).status_code == 422


def test_a_token_by_an_unpublished_key_is_refused(
    provider: Provider, person: User, security_events: SecurityLog
) -> None:
    provider.header = {"kid": "two"}
    assert sign_in(provider).status_code == 422
    assert security_events.kinds == [("IDENTITY_REFUSED", "UNKNOWN_KEY")]


@pytest.mark.parametrize(
    "changed, reason",
    [
        ({"state": "x" * 43}, "STATE"),
        ({"state": ""}, "STATE"),
        ({"code": ""}, "NO_CODE"),
        ({"iss": "https://ailleurs.invalid"}, "OTHER_ISSUER"),
        ({"code": "x"}, "CODE"),
    ],
)
def test_an_answer_to_another_request_is_refused(
    provider: Provider, person: User, security_events: SecurityLog, changed: dict[str, str], reason: str
) -> None:
    client = Client()
    path = provider.sign_in(client.get(GO)["Location"], **changed)
    assert client.get(path).status_code == 422
    assert security_events.kinds == [("IDENTITY_REFUSED", reason)]


def test_an_answer_in_another_browser_is_refused(
    provider: Provider, person: User, security_events: SecurityLog
) -> None:
    path = provider.sign_in(Client().get(GO)["Location"])
    assert Client().get(path).status_code == 422
    assert security_events.kinds == [("IDENTITY_REFUSED", "NO_REQUEST")]


def test_an_answer_is_accepted_once(provider: Provider, person: User) -> None:
    client = Client()
    path = provider.sign_in(client.get(GO)["Location"])
    again = Client()
    again.cookies["signin"] = client.cookies["signin"].value
    assert client.get(path).status_code == 302
    assert client.cookies["signin"].value == ""
    assert again.get(path).status_code == 422
    assert not is_open(again)


def test_the_account_of_a_candidate_is_not_opened(provider: Provider, security_events: SecurityLog) -> None:
    make_user(EMAIL)
    assert sign_in(provider).status_code == 422
    assert security_events.kinds == [("IDENTITY_REFUSED", "NO_ACCOUNT")]


def test_the_subject_opens_the_account_whatever_its_address(provider: Provider, person: User) -> None:
    sign_in(provider)
    provider.claims = {"email": "autre@exemple.invalid", "email_verified": False}
    client = Client()
    assert sign_in(provider, client).status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_another_person_with_the_address_of_a_linked_account_is_refused(
    provider: Provider, person: User, security_events: SecurityLog
) -> None:
    sign_in(provider)
    provider.claims = {"sub": "personne-2"}
    assert sign_in(provider).status_code == 422
    assert security_events.kinds[-1] == ("IDENTITY_REFUSED", "LINKED_TO_ANOTHER")


def test_a_linked_account_is_refused_without_its_role(
    provider: Provider, person: User, security_events: SecurityLog
) -> None:
    sign_in(provider)
    with as_owner():
        User.objects.filter(pk=person.pk).update(is_staff=False)
    assert sign_in(provider).status_code == 422
    assert security_events.kinds[-1] == ("IDENTITY_REFUSED", "NOT_STAFF")


def test_each_change_of_an_account_ends_its_link(provider: Provider, person: User) -> None:
    sign_in(provider)
    change_as_operator(
        person=person, kind=Kind.ADDRESS, value="n@exemple.invalid", reason="Erreur.", at=timezone.now()
    )
    assert not ProviderIdentity.objects.exists()
    assert sign_in(provider).status_code == 422


def test_a_closed_account_stays_closed(provider: Provider) -> None:
    make_staff(email=EMAIL, is_active=False)
    client = Client()
    assert sign_in(provider, client)["Location"] == "/connexion/compte-ferme/"
    assert not is_open(client)
    assert not ProviderIdentity.objects.exists()


@pytest.mark.parametrize(
    "claims, enters",
    [
        ({"amr": None, "acr": "niveau-2"}, True),
        ({"amr": None, "acr": "niveau-1"}, False),
        ({"amr": ["pwd"]}, False),
        ({"amr": "mfa"}, False),
        ({"auth_time": 1_600_000_000}, False),
        ({"auth_time": 4_102_444_800}, False),
        ({"auth_time": None}, False),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_the_factor_of_the_portal_is_required_unless_the_provider_checked_one(
    provider: Provider, person: User, claims: dict[str, Any], *, enters: bool
) -> None:
    make_application(person)
    provider.claims = claims
    client = Client()
    assert sign_in(provider, client).status_code == 302
    answer = client.get(QUEUE)
    assert answer.status_code == 200 if enters else answer["Location"].startswith(CHECK)


def test_a_sensitive_action_asks_the_provider_again(provider: Provider) -> None:
    person = make_staff(email=EMAIL)
    provider.claims = {"auth_time": int(time.time()) - 14 * 60 - 58}
    client = Client()
    sign_in(provider, client)
    provider.claims = {}
    client.session.save()
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= 60
    session.save()
    path = "/admin/submissions/submission/"
    assert client.get(CHECK)["Location"] == f"{GO}?next=%2Fadmin%2F&confirmer=1"
    location = client.get(CHECK, {"next": path})["Location"]
    assert location.startswith(f"{GO}?next=")
    asked = client.get(location)["Location"]
    assert parse_qs(urlsplit(asked).query)["prompt"] == ["login"]
    before = client.session.session_key
    provider.claims = {"amr": None}
    assert client.get(provider.sign_in(asked))["Location"] == "/securite/", "no second factor was checked"
    provider.claims = {}
    assert client.session.session_key == before
    asked = client.get(location)["Location"]
    assert client.get(provider.sign_in(asked))["Location"] == path
    assert client.session.session_key != before
    assert client.session["account_authentication_methods"][-1]["at"] > time.time() - 60
    assert client.session["_auth_user_id"] == str(person.pk)


def test_another_person_does_not_confirm_for_the_one_who_is_signed_in(
    provider: Provider, person: User
) -> None:
    client = Client()
    sign_in(provider, client)
    make_staff(email="autre@exemple.invalid")
    provider.claims = {"sub": "personne-2", "email": "autre@exemple.invalid"}
    location = client.get(f"{GO}?confirmer=1&next={QUEUE}")["Location"]
    answer = client.get(provider.sign_in(location), follow=True)
    assert answer.redirect_chain == [("/securite/", 302)]
    assert "n’a pas confirmé votre connexion" in answer.content.decode()
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize(
    "broken",
    [
        {"configuration": {"issuer": "https://ailleurs.invalid"}},
        {"configuration": {"token_endpoint": "ftp://127.0.0.1/token"}},
        {"configuration": {"jwks_uri": None}},
        {"answers": {"/keys": (500, b"")}},
        {"answers": {"/keys": (200, b"[]")}},
        {"answers": {"/token": (302, b"")}},
        {"answers": {"/token": (200, b"not JSON")}},
        {"answers": {"/token": (403, b"{}")}},
        {"answers": {"/keys": (401, b"{}")}},
    ],
    ids=str,
)
def test_an_answer_is_refused_while_its_provider_is_out_of_order(
    provider: Provider, person: User, security_events: SecurityLog, broken: dict[str, Any]
) -> None:
    client = Client()
    path = provider.sign_in(client.get(GO)["Location"])
    vars(provider).update(broken)
    answer = client.get(path)
    assert answer.status_code == 503
    assert "Le service d’identité ne répond pas" in answer.content.decode()
    assert "Recevoir mon code" in answer.content.decode(), "the code of a mail still signs in"
    assert not is_open(client)
    assert security_events.kinds[-1][0] == "IDENTITY_REFUSED"


@pytest.mark.parametrize(
    "changed, answers",
    [
        ({"code": "", "error": "access_denied"}, {}),
        ({"state": "x" * 43}, {}),
        ({}, {"/token": (503, b"")}),
        (None, {"/.well-known/openid-configuration": (503, b"")}),
    ],
    ids=["cancelled", "of another request", "no answer", "no way there"],
)
def test_the_page_that_they_wanted_is_kept_when_the_provider_fails(
    provider: Provider, changed: dict[str, str] | None, answers: dict[str, tuple[int, bytes]]
) -> None:
    client, path = Client(), f"{GO}?next={QUEUE}"
    if changed is not None:
        path = provider.sign_in(client.get(path)["Location"], **changed)
    provider.answers = answers
    assert f'name="next" value="{QUEUE}"' in client.get(path).content.decode()


def test_the_way_to_the_provider_exists_only_if_it_is_configured(
    provider: Provider, settings: Settings
) -> None:
    label = "Me connecter avec mon compte professionnel"
    assert label in Client().get("/connexion/").content.decode()
    settings.OIDC = None
    assert label not in Client().get("/connexion/").content.decode()
    for path in (GO, ANSWER):
        assert Client().get(path).status_code == 404


def test_a_visitor_leaves_nothing_on_the_server(provider: Provider, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    client.get(GO)
    cookie = client.cookies["signin"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert cookie["max-age"] == 600
    client.get(ANSWER)
    assert "sessionid" not in client.cookies


def test_no_token_is_kept(provider: Provider, person: User) -> None:
    client = Client()
    sign_in(provider, client)
    kept = json.dumps(dict(client.session.items())) + str(client.cookies)
    assert "eyJ" not in kept.replace(client.cookies["sessionid"].value, "")


def test_the_provider_leads_to_no_other_site(provider: Provider, person: User) -> None:
    answer = sign_in(provider, path=f"{GO}?next=https://exemple.invalid/")
    assert answer["Location"] == "/admin/"
