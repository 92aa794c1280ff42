"""The page that answers a form is displayed by GET: to whom, for how long, and what of it is kept."""

import re
import socket
import time
from contextlib import closing
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings as portal_settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.cached_db import SessionStore
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from intake.devtools.embedded import Urls
from intake.devtools.embedded.keeper import free_port
from intake.settings.services import caches
from intake.web import kept_answer
from intake.web.kept_answer import MAX_COOKIES, PARAMETER, KeptAnswerMiddleware
from tests.accounts.sign_in_steps import CONFIRM, SIGN_IN, ask, last_code, text_of, wrong_code
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_conflict, make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.security_log import reading
from tests.web.s3_server import FaultyProxy

pytestmark = pytest.mark.django_db

BY_A_PERSON: Final = {"Sec-Fetch-Mode": "navigate"}
PROFILE: Final = "/profil/"
WRONG: Final = {"city": "Gatineau", "birth_date": "hier"}


def _send(client: Client, address: str, sent: dict[str, Any]) -> str:
    """Send a form as a person does; return the address of its answer."""
    answer = client.post(address, sent, headers=BY_A_PERSON)
    assert (answer.status_code, answer.headers["Location"][0]) == (303, "?"), "it can lead to no other site"
    assert "no-store" in answer.headers["Cache-Control"]
    return urljoin(address, answer.headers["Location"])


def _open(client: Client, address: str) -> Any:
    return client.get(address, headers=BY_A_PERSON)


def test_an_answer_stays_at_each_reload_and_its_address_alone_is_the_fresh_page() -> None:
    client = client_of(make_user())
    where = _send(client, PROFILE, WRONG)
    for _time in ("redirected", "reloaded"):
        shown = _open(client, where)
        assert shown.status_code == 422
        assert 'value="hier"' in text_of(shown)
        assert "no-store" in shown.headers["Cache-Control"]
    fresh = _open(client, PROFILE)
    assert (fresh.status_code, 'value="hier"' in text_of(fresh)) == (200, False)


def test_the_displayed_form_can_be_sent_with_its_token() -> None:
    client = client_of(make_user())
    client.handler.enforce_csrf_checks = True
    token = _token(_open(client, PROFILE))
    where = _send(client, PROFILE, WRONG | {"csrfmiddlewaretoken": token})
    again = {"city": "Gatineau", "csrfmiddlewaretoken": _token(_open(client, where))}
    assert client.post(where, again, headers=BY_A_PERSON).status_code == 302


def _token(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text_of(page))
    assert found
    return found[1]


def test_the_next_form_sent_there_replaces_the_answer() -> None:
    client = client_of(make_user())
    where = _send(client, PROFILE, WRONG)
    later = _send(client, where, WRONG | {"birth_date": "avant-hier"})
    assert later.count(PARAMETER) == 1
    assert "avant-hier" in text_of(_open(client, later))
    assert "hier" not in text_of(_open(client, where))
    assert client.post(PROFILE, {"city": "Gatineau"}).status_code == 302
    assert _open(client, later).status_code == 200


def test_a_script_gets_its_answer_at_once_and_never_an_earlier_one() -> None:
    client = client_of(make_user())
    assert client.post(PROFILE, WRONG, headers={"Sec-Fetch-Mode": "cors"}).status_code == 422
    where = _send(client, PROFILE, WRONG)
    assert client.get(where, headers={"Sec-Fetch-Mode": "cors"}).status_code == 200


def test_no_other_session_gets_the_answer() -> None:
    owner = make_user()
    client = client_of(owner)
    where = _send(client, PROFILE, WRONG)
    for other in (client_of(owner), client_of(make_user())):
        assert _open(other, where).status_code == 200
    client.post(reverse("accounts:sign_out"))
    assert _open(client, where).status_code == 302
    client.force_login(owner)
    assert _open(client, where).status_code == 200


def test_the_answer_of_a_closed_account_is_not_displayed() -> None:
    owner = make_user()
    client = client_of(owner)
    where = _send(client, PROFILE, WRONG)
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert _open(client, where).status_code == 302


def test_a_file_that_is_hidden_since_is_not_displayed() -> None:
    file = make_filed(make_open_offer())
    reviewer = make_reviewer(file.offer)
    client = client_of(reviewer)
    where = _send(client, reverse("review:conflict", args=[file.public_id]), {})
    assert [_open(client, where).status_code for _time in range(2)] == [422, 422]
    make_conflict(file, reviewer)
    assert _open(client, where).status_code == 404
    where = _send(client, reverse("review:complement", args=[file.public_id]), {"reason": "Deux mots"})
    assert _open(client, where).status_code == 404


def test_a_query_stays_in_the_address_and_no_view_reads_the_reference() -> None:
    staff = client_of(make_staff())
    lists = reverse("admin:offers_synonymgroup_changelist")
    where = _send(staff, reverse("admin:offers_synonymgroup_add") + "?_changelist_filters=q%3Da", {})
    assert "_changelist_filters=q%3Da&" in where
    assert _open(staff, f"{lists}?{PARAMETER}=perdue").status_code == 200


def test_an_answer_is_displayed_under_the_policy_of_its_response() -> None:
    staff = client_of(make_staff())
    where = _send(staff, reverse("admin:offers_synonymgroup_add"), {})
    for _time in ("redirected", "reloaded"):
        shown = _open(staff, where)
        nonces = set(re.findall(r'nonce="([^"]+)"', text_of(shown)))
        assert len(nonces) == 1
        assert f"'nonce-{nonces.pop()}'" in shown.headers["Content-Security-Policy"]


def test_a_refused_access_is_one_event_however_often_it_is_displayed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_of(make_user())
    address = reverse("submissions:withdraw", args=["00000000-0000-4000-8000-000000000000"])
    with reading(monkeypatch) as log:
        where = _send(client, address, {})
        assert [_open(client, where).status_code for _time in range(2)] == [404, 404]
    assert log.kinds == [("ACCESS_REFUSED", "NOT_FOUND")]


def test_without_its_cache_the_portal_answers_at_once(settings: Settings) -> None:
    client = client_of(make_user())
    settings.CACHES = caches(f"redis://127.0.0.1:{free_port()}/1")
    assert client.post(PROFILE, WRONG, headers=BY_A_PERSON).status_code == 422


@pytest.mark.servers
def test_a_cache_that_takes_a_tenth_of_a_second_keeps_an_answer(
    settings: Settings, embedded_servers: Urls
) -> None:
    port = urlsplit(embedded_servers.cache).port or 0

    def slowly(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            while data := connection.recv(65536):
                time.sleep(0.1)
                server.sendall(data)
                connection.sendall(server.recv(65536))

    with closing(FaultyProxy(port)) as slow:
        slow.fail(slowly)
        settings.CACHES = caches(embedded_servers.cache.replace(f":{port}", f":{slow.port}"))
        client = client_of(make_user())
        assert _open(client, _send(client, PROFILE, WRONG)).status_code == 422


def test_a_page_that_is_too_long_to_be_kept_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answer, "MAX_CHARACTERS", 1000)
    assert client_of(make_user()).post(PROFILE, WRONG, headers=BY_A_PERSON).status_code == 422


# -- Visitors, who leave nothing on the server -----------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_error_of_a_sign_in_is_displayed_without_the_code_that_was_typed(language: str) -> None:
    client, wanted = Client(), "/offres/2031-010/postuler/?" + "suite=ailleurs&" * 20
    if language == "en":
        client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    where = _send(client, SIGN_IN, {"email": "alex.exemple", "next": wanted})
    assert 'value="alex.exemple"' in text_of(_open(client, where))
    ask(client, "alex@exemple.ca", next=wanted)
    wrong = wrong_code()
    where = _send(client, CONFIRM, {"code": wrong})
    for _time in ("redirected", "reloaded"):
        shown = text_of(_open(client, where))
        assert ("Ce n’est pas le bon code." if language == "fr" else "This is not the right code.") in shown
        assert wrong not in shown
    assert client.post(CONFIRM, {"code": last_code()}, headers=BY_A_PERSON).status_code == 302
    assert portal_settings.ANSWER_COOKIE_NAME not in {
        name for name, cookie in client.cookies.items() if cookie.value
    }
    assert _open(client, where).status_code == 302


def test_the_answer_of_a_visitor_is_not_displayed_after_a_sign_in() -> None:
    client = Client()
    page = reverse("web:language")
    where = _send(client, page, {"langue": "en"})
    assert _open(client, where).status_code == 422
    client.force_login(make_user())
    assert _open(client, where).status_code == 200


def test_an_answer_in_the_browser_is_displayed_for_half_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    where = _send(client, SIGN_IN, {"email": "alex"})
    assert client.cookies[portal_settings.ANSWER_COOKIE_NAME]["max-age"] == 1800
    monkeypatch.setattr(kept_answer, "LIFETIME", -1)
    assert _open(client, where).status_code == 200


def test_a_result_of_the_check_is_computed_again_from_the_answers() -> None:
    page = reverse("submissions:check", args=[make_open_offer().number])
    for client in (Client(), client_of(make_user())):
        where = _send(client, page, {"birth_date": "hier"})
        for _time in ("redirected", "reloaded"):
            shown = _open(client, where)
            assert (shown.status_code, 'value="hier"' in text_of(shown)) == (422, True)
        assert 'value="hier"' not in text_of(_open(client, page))


def test_a_form_that_is_too_large_to_be_read_is_answered_too() -> None:
    page = reverse("submissions:check", args=[make_open_offer().number])
    client = Client()
    where = _send(client, page, {f"champ-{rank}": "x" for rank in range(501)})
    assert _open(client, where).status_code == 400


def test_a_form_sent_after_the_session_stays_in_the_page_alone() -> None:
    answer = Client().post("/admin/offers/offer/add/", {"note": "Deux mots"}, headers=BY_A_PERSON)
    assert (answer.status_code, "Deux mots" in text_of(answer)) == (403, True)
    assert portal_settings.ANSWER_COOKIE_NAME not in answer.cookies


def test_the_cookies_of_an_answer_are_set_by_its_redirect() -> None:
    request = RequestFactory().post(SIGN_IN, headers=BY_A_PERSON)
    request.session, request.user, request.resolver_match = SessionStore(), AnonymousUser(), None
    answer = HttpResponse("Refusé.", status=422)
    answer.set_cookie("appareil", "connu")
    redirected = KeptAnswerMiddleware(lambda _request: answer)(request)
    assert redirected.status_code == 303
    assert set(redirected.cookies) == {"appareil", portal_settings.ANSWER_COOKIE_NAME}


def test_cookies_together_stay_below_what_a_web_server_reads() -> None:
    client = Client()
    client.cookies[portal_settings.FORM_COOKIE_NAME] = "f" * (MAX_COOKIES - 2_000)
    assert client.post(SIGN_IN, {"email": "alex"}, headers=BY_A_PERSON).status_code == 422
