"""The sign-in flow, for a user and for an attacker who does not read the user's mail."""

import datetime as dt
import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.codes import PendingSignIn
from intake.accounts.models import User
from intake.journal.models import Entry
from tests.accounts.sign_in_steps import CONFIRM, RESEND, SIGN_IN, ask, last_code, text_of, wrong_code
from tests.factories.people import client_of, make_staff, make_user

pytestmark = pytest.mark.django_db


def comparable(response: Any, email: str) -> tuple[int, dict[str, str], bytes]:
    """Return everything an attacker receives, without the tokens that differ per response."""
    body = re.sub(rb'(name="csrfmiddlewaretoken" value="|nonce=")[^"]+', rb"\1", response.content)
    body = re.sub(rb'value="\d{6}"', b'value="CODE"', body)  # the address or code typed in this test
    headers = {name: re.sub(r"'nonce-[^']+'", "", value) for name, value in response.items()}
    for changing in ("X-Request-Id", "X-Request-Reference", "Expires"):
        headers.pop(changing, None)
    return response.status_code, headers, body.replace(email.encode(), b"EMAIL")


def next_path_of(client: Client) -> str:
    """Return where the sign-in under way in this browser leads."""
    request = RequestFactory().get("/")
    request.COOKIES["signin"] = client.cookies["signin"].value
    pending = PendingSignIn.of(request)
    assert pending is not None
    return pending.next_path


def said_on(response: Any) -> list[tuple[str, str]]:
    """Return the messages of a page, each with its level."""
    return [(message.level_tag, str(message)) for message in response.context["messages"]]


def test_a_new_account_is_created_only_when_the_code_is_confirmed(client: Client) -> None:
    assert client.get(SIGN_IN).status_code == 200
    answer = ask(client, "Alex@Exemple.ca")
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    page = client.get(CONFIRM)
    assert (page.status_code, page.context["refusal"]) == (200, "")
    assert (page.context["email"], page.context["minutes"]) == ("alex@exemple.ca", 10)
    assert not User.objects.exists()

    answer = client.post(CONFIRM, {"code": last_code()})

    assert (answer.status_code, answer["Location"]) == (302, reverse("submissions:mine"))
    user = User.objects.get()
    assert user.email == "alex@exemple.ca"
    assert not user.has_usable_password()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session["opened_at"] == client.session["seen_at"] == pytest.approx(time.time(), abs=60)
    [way] = client.session["account_authentication_methods"]
    assert (way["method"], way["email"]) == ("code", "alex@exemple.ca")
    assert said_on(client.get(answer["Location"])) == [
        ("success", "La connexion est faite\u00a0: vous utilisez l’adresse alex@exemple.ca.")
    ]
    assert list(Entry.objects.order_by("pk").values_list("action", "actor")) == [
        ("ACCOUNT_OPENED", user.pk),
        ("SIGNED_IN", user.pk),
    ]


def test_only_cookies_named_by_the_privacy_page_are_set(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    one_hour, six_months = 3600, 180 * 24 * 3600  # as the page says
    assert client.cookies[settings.SIGN_IN_COOKIE_NAME]["max-age"] == one_hour
    client.post(CONFIRM, {"code": last_code()})
    assert client.cookies[settings.DEVICE_COOKIE_NAME]["max-age"] == six_months
    named = client.get(reverse("web:privacy")).content.decode()
    assert client.cookies
    for cookie in client.cookies:
        assert f"<code>{cookie}</code>" in named


@pytest.mark.parametrize("has_passkey", [False, True])
def test_a_known_address_signs_in_to_the_same_account(client: Client, *, has_passkey: bool) -> None:
    user = make_user("alex@exemple.ca")
    if has_passkey:  # the mailbox stays enough
        Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Clé"})
    ask(client, "ALEX@exemple.ca")
    client.post(CONFIRM, {"code": last_code()})
    assert User.objects.get() == user
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_refused_address_and_a_refused_code_are_refusals_to_the_browser_too(client: Client) -> None:
    refused = client.post(SIGN_IN, {"email": "alex@"})
    assert refused.status_code == 422
    assert 'value="alex@"' in text_of(refused)
    assert mail.outbox == []
    ask(client, "alex@exemple.ca")
    for typed in ("12", wrong_code()):
        refused = client.post(CONFIRM, {"code": typed})
        assert refused.status_code == 422
        assert 'aria-invalid="true"' in text_of(refused)
    assert "_auth_user_id" not in client.session


# -- S4 (docs/targets.md): no response depends on whether an address has an account --------------------------


def walk(email: str) -> list[tuple[int, dict[str, str], bytes]]:
    """Go through every step that an attacker can reach with `email`, and return the responses."""
    client = Client()
    seen = [ask(client, email), client.get(CONFIRM), client.post(CONFIRM, {"code": wrong_code()})]
    seen += [client.post(RESEND), client.get(CONFIRM), client.get(SIGN_IN)]
    seen += [client.post(CONFIRM, {"code": wrong_code()}) for _ in range(6)]
    seen += [client.post(RESEND) for _ in range(6)]
    seen.append(ask(client, email))
    return [comparable(response, email) for response in seen]


def mails_to(email: str) -> list[list[str]]:
    """Return the subject, the text and the HTML part of each mail to `email`, without codes."""
    messages: list[Any] = [message for message in mail.outbox if message.to == [email]]
    return [
        [
            re.sub(r"\d{3}\u00a0\d{3}|(?<=/connexion/courriel/)[^/]+", "CODE", str(part))
            for part in (message.subject, message.body, message.alternatives[0].content)
        ]
        for message in messages
    ]


def test_known_unknown_and_closed_addresses_get_identical_responses() -> None:
    make_user("connue@exemple.ca")
    make_user("fermee@exemple.ca", is_active=False)
    seen = {email: walk(email) for email in ("connue@exemple.ca", "fermee@exemple.ca", "absent@exemple.ca")}
    assert seen["connue@exemple.ca"] == seen["absent@exemple.ca"]
    assert seen["fermee@exemple.ca"] == seen["absent@exemple.ca"]
    assert {status for status, _headers, _body in seen["absent@exemple.ca"]} == {200, 302, 422, 429}
    sent = mails_to("connue@exemple.ca")
    assert len(sent) == 6
    assert sent == mails_to("absent@exemple.ca") == mails_to("fermee@exemple.ca")


def test_known_and_unknown_addresses_run_the_same_queries() -> None:
    make_user("connue@exemple.ca")
    asked = {}
    for email in ("connue@exemple.ca", "absent@exemple.ca"):
        with CaptureQueriesContext(connection) as queries:
            walk(email)
        asked[email] = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
    assert asked["connue@exemple.ca"] == asked["absent@exemple.ca"]
    assert asked["absent@exemple.ca"] == []


# -- Codes that open nothing -----------------------------------------------------------------------------------


def test_after_five_wrong_codes_the_right_one_is_refused(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    for _ in range(5):
        assert "Ce n’est pas le bon code" in text_of(client.post(CONFIRM, {"code": wrong_code()}))
    answer = client.post(CONFIRM, {"code": last_code()})
    assert "Trop d’essais" in text_of(answer)
    assert "Trop d’essais" in text_of(client.post(CONFIRM, {"code": last_code()}))
    assert "_auth_user_id" not in client.session

    client.post(RESEND)
    client.post(CONFIRM, {"code": last_code()})
    assert "_auth_user_id" in client.session


def test_simultaneous_guesses_are_all_counted(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    before = client.cookies["signin"].value
    answers = []
    for _ in range(8):  # each request has the cookie of before any other
        client.cookies["signin"] = before
        answers.append(text_of(client.post(CONFIRM, {"code": wrong_code()})))
    assert sum("Ce n’est pas le bon code" in answer for answer in answers) == 5


def test_a_code_without_six_digits_is_not_counted_as_a_guess(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    for typed in ("12345", "1234567", "bonjour", "", "²²²²²²") * 2:
        answer = client.post(CONFIRM, {"code": typed})
        assert "six chiffres" in text_of(answer)
    client.post(CONFIRM, {"code": last_code()})
    assert "_auth_user_id" in client.session


def test_a_code_expires(client: Client, clock: Any) -> None:
    ask(client, "alex@exemple.ca")
    clock.ahead = dt.timedelta(minutes=9, seconds=50)
    assert "Ce n’est pas le bon code" in text_of(client.post(CONFIRM, {"code": wrong_code()}))
    clock.ahead = dt.timedelta(minutes=10)
    answer = client.post(CONFIRM, {"code": last_code()})
    assert "Ce code a expiré" in text_of(answer)
    assert "_auth_user_id" not in client.session
    client.post(RESEND)
    client.post(CONFIRM, {"code": last_code()})
    assert "_auth_user_id" in client.session


def test_a_new_code_replaces_the_one_before(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    first = last_code()
    answer = client.post(RESEND, follow=True)
    assert said_on(answer) == [
        ("success", "Nous avons envoyé un nouveau code. Le précédent n’est plus valide.")
    ]
    while last_code() == first:  # one draw in a million
        client.post(RESEND)
    assert "Ce n’est pas le bon code" in text_of(client.post(CONFIRM, {"code": first}))
    client.post(CONFIRM, {"code": last_code()})
    assert "_auth_user_id" in client.session


def test_a_code_signs_in_only_the_browser_that_requested_it(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    code = last_code()
    stranger = Client()
    ask(stranger, "alex@exemple.ca")
    while last_code() == code:  # one draw in a million
        stranger.post(RESEND)
    stranger.post(CONFIRM, {"code": code})
    assert "_auth_user_id" not in stranger.session
    client.post(CONFIRM, {"code": code})
    assert "_auth_user_id" in client.session


def test_a_code_is_accepted_once(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    code, kept = last_code(), client.cookies["signin"].value
    client.post(CONFIRM, {"code": code})
    client.post("/deconnexion/")
    answer = client.post(CONFIRM, {"code": code})
    assert answer["Location"] == f"{SIGN_IN}?motif=adresse"
    assert "_auth_user_id" not in client.session
    client.cookies["signin"] = kept
    again = client.post(CONFIRM, {"code": code})
    assert "Ce code a déjà servi" in text_of(again)
    assert "_auth_user_id" not in client.session


def test_a_closed_account_is_reported_only_after_the_right_code(client: Client) -> None:
    make_user("fermee@exemple.ca", is_active=False)
    ask(client, "fermee@exemple.ca")
    answer = client.post(CONFIRM, {"code": last_code()}, follow=True)
    assert answer.status_code == 403
    assert "Compte fermé" in text_of(answer)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("url, method", [(CONFIRM, "get"), (CONFIRM, "post"), (RESEND, "post")])
def test_a_visitor_without_a_pending_code_is_sent_to_the_address_page(
    client: Client, url: str, method: str
) -> None:
    answer = getattr(client, method)(url, follow=True)
    assert answer.redirect_chain == [(f"{SIGN_IN}?motif=adresse" if url == CONFIRM else SIGN_IN, 302)]
    said = [("info", "Commencez par inscrire votre adresse courriel.")]
    assert said_on(answer) == (said if url == CONFIRM else [])
    assert not Session.objects.exists()


# -- Cookies and headers of the session ---------------------------------------------------------------------------


def test_the_session_gets_a_new_key_at_sign_in_and_keeps_its_data(client: Client) -> None:
    session = client.session
    session["kept"] = "eligibility answers"
    session.save()
    ask(client, "alex@exemple.ca")
    before = client.session.session_key
    client.post(CONFIRM, {"code": last_code()})
    assert client.session.session_key != before
    assert client.session["kept"] == "eligibility answers"
    assert client.cookies["signin"].value == ""


@pytest.mark.parametrize(
    "wanted, reached",
    [
        ("/profil/", "/profil/"),
        ("/offres/?domaine=eau", "/offres/?domaine=eau"),
        ("http://testserver/profil/", "http://testserver/profil/"),
        ("https://evil.invalid/", None),
        ("//evil.invalid/", None),
        ("/\\evil.invalid", None),
        ("javascript:alert(1)", None),
        *((relative, None) for relative in ("=1+1", "home", "profil/")),
    ],
)
def test_sign_in_redirects_to_the_next_path_only_on_this_site(
    client: Client, wanted: str, reached: str | None
) -> None:
    page = client.get(SIGN_IN, {"next": wanted})
    assert ('name="next"' in text_of(page)) is (reached is not None)
    ask(client, "alex@exemple.ca", next=wanted)
    client.post(RESEND)
    answer = client.post(CONFIRM, {"code": last_code()})
    assert answer["Location"] == (reached or reverse("submissions:mine"))


def test_the_next_parameter_of_the_page_is_kept_unless_it_leaves_https(
    client: Client,
) -> None:
    client.post(f"{SIGN_IN}?next=/profil/", {"email": "alex@exemple.ca"})
    assert next_path_of(client) == "/profil/"
    for wanted, kept in (("http://testserver/offres/", ""), ("https://testserver/offres/",) * 2):
        stranger = Client()
        stranger.post(SIGN_IN, {"email": f"a{len(wanted)}@exemple.ca", "next": wanted}, secure=True)
        assert next_path_of(stranger) == kept


def test_a_user_signed_in_meanwhile_gets_no_second_code(client: Client) -> None:
    ask(client, "alex@exemple.ca")
    client.force_login(make_user("alex@exemple.ca"))
    assert client.post(RESEND)["Location"] == SIGN_IN
    assert client.get(CONFIRM)["Location"] == reverse("submissions:mine")
    assert len(mail.outbox) == 1


def test_staff_are_sent_to_the_administration_after_sign_in(client: Client) -> None:
    make_staff(email="bureau@exemple.ca")
    ask(client, "bureau@exemple.ca")
    assert client.post(CONFIRM, {"code": last_code()})["Location"] == reverse("admin:index")


@pytest.mark.parametrize("url", [SIGN_IN, CONFIRM])
def test_a_signed_in_user_is_redirected_from_the_sign_in_pages(url: str) -> None:
    client = client_of(make_user())
    assert client.get(url)["Location"] == reverse("submissions:mine")
    assert client.get(SIGN_IN, {"next": "/profil/"})["Location"] == "/profil/"
    assert client.get(SIGN_IN, {"next": "//evil.invalid/"})["Location"] == reverse("submissions:mine")
    assert client.post(RESEND)["Location"] == SIGN_IN
    assert not mail.outbox
    worker = client_of(make_staff())
    assert worker.get(url)["Location"] == reverse("admin:index")


def test_signing_out_requires_a_post_request() -> None:
    client = client_of(make_user())
    assert client.get("/deconnexion/").status_code == 405
    assert "_auth_user_id" in client.session
    left = client.post("/deconnexion/")
    assert (left.status_code, left["Location"]) == (302, "/")
    assert "_auth_user_id" not in client.session
    assert said_on(client.get("/", follow=True)) == [("success", "Votre session est fermée.")]


def test_a_mail_server_outage_is_reported_at_sign_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("intake.accounts.views.send_code", refuse)
    answer = ask(client, "alex@exemple.ca")
    assert answer.status_code == 503
    assert answer.context["form"].non_field_errors() == [
        "Le courriel n’est pas envoyé. Rien n’est perdu : réessayez dans une minute."
    ]
    assert "signin" not in client.cookies


def test_correcting_the_address_keeps_the_next_path(client: Client) -> None:
    ask(client, "alx@exemple.ca", next="/profil/")
    page = text_of(client.get(SIGN_IN))
    assert 'value="alx@exemple.ca"' in page
    assert 'name="next" value="/profil/"' in page
    assert 'name="next" value="/offres/"' in text_of(client.get(SIGN_IN, {"next": "/offres/"}))
