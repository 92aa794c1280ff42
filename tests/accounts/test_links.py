"""One-time sign-in links: only if enabled, valid once and for a limited time, used by a click."""

import datetime as dt
from contextlib import nullcontext

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings

from intake.accounts.changes import end_sessions
from intake.accounts.codes import ProofRefused
from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.services import (
    OneTimeLinksOff,
    make_sign_in_link,
    user_of_link,
)
from tests.accounts import urls_with_links  # import before a test changes the settings that it reads
from tests.database_roles import as_owner
from tests.factories.people import at, make_staff, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls(urls_with_links.__name__)]


@pytest.fixture(autouse=True)
def links_allowed(settings: Settings) -> None:
    settings.ONE_TIME_LINKS = True
    settings.SITE_URL = "http://testserver"


def link_for(user: User) -> str:
    return make_sign_in_link(user=user, at=dt.datetime.now(dt.UTC))


def token_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def test_a_link_signs_in_once(client: Client) -> None:
    user = make_staff(Role.REVIEWER)
    link = link_for(user)
    assert link.startswith("http://testserver/connexion/lien/")

    answer = client.post(link)
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))
    assert client.session["_auth_user_id"] == str(user.pk)
    [way] = client.session["account_authentication_methods"]
    assert way["method"] == "link"

    second = Client()
    assert second.post(link).status_code == 410
    assert second.get(link).status_code == 410
    assert "_auth_user_id" not in second.session


def test_fetching_the_page_does_not_use_up_the_link(client: Client) -> None:
    user = make_user("alex@exemple.ca")
    link = link_for(user)
    for _ in range(3):
        page = client.get(link)
        assert page.status_code == 200
        assert "alex@exemple.ca" in page.content.decode()
    assert "_auth_user_id" not in client.session
    assert client.post(link).status_code == 302


def test_a_link_issued_before_another_sign_in_is_refused(client: Client) -> None:
    user = make_user()
    first, second = link_for(user), link_for(user)
    client.post(first)
    assert Client().get(second).status_code == 410
    user.refresh_from_db()
    assert Client().get(link_for(user)).status_code == 200


def test_a_link_lasts_twelve_hours() -> None:
    user, ends = make_user(), at() + dt.timedelta(hours=12)
    token = token_of(make_sign_in_link(user=user, at=at()))
    assert user_of_link(token=token, at=ends - dt.timedelta(microseconds=1)) == user
    with pytest.raises(ProofRefused):
        user_of_link(token=token, at=ends)


def test_a_link_from_before_the_end_of_all_sessions_is_refused() -> None:
    user = make_user()
    token = token_of(make_sign_in_link(user=user, at=at()))
    end_sessions(user=user, at=at() + dt.timedelta(minutes=1))
    with pytest.raises(ProofRefused):
        user_of_link(token=token, at=at() + dt.timedelta(minutes=2))
    later = token_of(make_sign_in_link(user=user, at=at() + dt.timedelta(minutes=1)))
    assert user_of_link(token=later, at=at() + dt.timedelta(minutes=2)) == user


def test_a_link_of_a_closed_account_is_refused(client: Client) -> None:
    user = make_user()
    link = link_for(user)
    User.objects.update(is_active=False)
    assert client.post(link).status_code == 410
    assert "_auth_user_id" not in client.session
    with as_owner():
        User.objects.update(is_active=True)
    assert client.post(link).status_code == 302, "the link itself was good"


def test_an_altered_link_is_refused(client: Client) -> None:
    token = token_of(link_for(make_user()))
    for forged in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "x" + token,
        "nothing",
        token.rsplit(":", 1)[0],
    ):
        address = reverse("accounts:sign_in_link", args=[forged])
        assert [client.get(address).status_code, client.post(address).status_code] == [410, 410]
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("accounts:sign_in_link", args=[token])).status_code == 200


def test_using_a_link_locks_the_account_and_reading_one_does_not(
    transactional_db: None,
) -> None:
    del transactional_db
    token = token_of(make_sign_in_link(user=make_user(), at=at()))
    asked = []
    for holding in (False, True):
        with CaptureQueriesContext(connection) as queries, transaction.atomic() if holding else nullcontext():
            user_of_link(token=token, at=at())
        asked.append([sql for query in queries if "accounts_user" in (sql := query["sql"])])
    ([reading], [using]) = asked
    assert "FOR UPDATE" not in reading
    assert using.endswith('FOR UPDATE OF "accounts_user"')


def test_sign_in_links_are_not_found_when_disabled(settings: Settings, client: Client) -> None:
    user = make_user()
    link = link_for(user)
    settings.ONE_TIME_LINKS = False
    with pytest.raises(OneTimeLinksOff):
        link_for(user)
    with pytest.raises(OneTimeLinksOff):
        user_of_link(token=token_of(link), at=at())
    # A route that remains after the setting is off signs no user in.
    with pytest.raises(OneTimeLinksOff):
        client.post(link)


@pytest.mark.urls("intake.urls")
def test_sign_in_links_are_disabled_by_default() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("accounts:sign_in_link", args=["x"])
