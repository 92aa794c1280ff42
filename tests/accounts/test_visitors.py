"""A visitor leaves nothing on the server: no session, and few small keys in the cache (S15, docs/targets.md)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.accounts.sign_in_steps import CONFIRM, RESEND, SIGN_IN, ask, wrong_code
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import url

pytestmark = pytest.mark.django_db

TEXT = {"first_name": "Zoé", "last_name": "Texte d’une personne qui n’est pas connectée. " * 40}


def _guess(client: Client) -> Any:
    ask(client, "alex@exemple.ca")
    return client.post(CONFIRM, {"code": wrong_code()})


def _resend(client: Client) -> Any:
    ask(client, "alex@exemple.ca")
    return client.post(RESEND)


REQUESTS: dict[str, Callable[[Client], Any]] = {
    "the address": lambda client: ask(client, "alex@exemple.ca"),
    "a guess": _guess,
    "another code": _resend,
    "a guess without a code": lambda client: client.post(CONFIRM, {"code": "123456"}, follow=True),
    "the sign-in page": lambda client: client.get(SIGN_IN, {"motif": "fin"}),
    "a sign-out": lambda client: client.post("/deconnexion/", follow=True),
    "a profile": lambda client: client.post("/profil/", TEXT, follow=True),
}


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS)
def test_a_visitor_opens_no_session(asked: Callable[[Client], Any]) -> None:
    assert asked(Client()).status_code in {200, 302, 422}
    assert not Session.objects.exists()


def test_a_posted_section_or_check_of_a_visitor_opens_no_session() -> None:
    draft, offer = make_draft(), make_open_offer()
    for page in (
        url("section", draft, "identite"),
        url("file", draft),
        reverse("submissions:start_with_answers", args=[offer.number]),
        reverse("submissions:check", args=[offer.number]),
    ):
        Client().post(page, TEXT, follow=True)
    assert not Session.objects.exists()


def _bytes_in_the_cache() -> int:
    kept: dict[str, bytes] = cache._cache  # type: ignore[attr-defined] # -- the tests' cache keeps bytes in a dict
    return sum(len(key) + len(value) for key, value in kept.items())


@pytest.mark.parametrize("requests", [200, pytest.param(1000, marks=pytest.mark.full)])
def test_requests_of_a_visitor_leave_less_than_a_hundred_kilobytes(requests: int) -> None:
    client = Client()
    for rank in range(requests // 2):
        ask(client, f"p{rank}@exemple.ca")
    left = _bytes_in_the_cache()
    for rank in range(requests // 2, requests):
        ask(client, f"p{rank}@exemple.ca")
    assert 0 < _bytes_in_the_cache() == left < 100_000
    assert not Session.objects.exists()
