"""`SECRET_KEY` is replaced while people work: what it signed is read until its fallback goes, and nothing is lost."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from intake.accounts.codes import (
    PendingSignIn,
    ProofRefused,
    issue_code,
    mailed_token,
    read_mailed_token,
    read_undo_token,
    undo_token,
)
from intake.accounts.devices import Device
from intake.accounts.models import OpenSession, User
from intake.submissions.eligibility_check.signed_answers import (
    InvalidSignedAnswers,
    read_signed_answers,
    sign_answers,
)
from intake.submissions.filing.arrivals import Cited
from intake.submissions.filing.held_press import PRESS_FIELD, held_press_of, hold_press
from intake.submissions.filing.witness import witnesses
from intake.submissions.models import Draft
from intake.submissions.templatetags.submissions import unsent_keys
from intake.web.cache import SealedSerializer
from tests.accounts.sign_in_steps import CONFIRM, ask, last_code
from tests.factories.people import at, make_user
from tests.factories.submissions import make_draft
from tests.submissions.pages import url

OLD, NEW = secrets.token_hex(32), secrets.token_hex(32)
EMAIL = "alex@exemple.invalid"


def _signed_in() -> Client:
    client = Client()
    ask(client, EMAIL)
    assert client.post(CONFIRM, {"code": last_code()}).status_code == 302
    return client


def _is_signed_in(client: Client) -> bool:
    return client.get("/securite/").status_code == 200


@pytest.mark.django_db
def test_a_rotation_signs_out_only_who_was_away_and_loses_nothing(
    settings: Settings,
) -> None:
    settings.SECRET_KEY = OLD
    draft = make_draft(candidate=make_user(EMAIL))
    here, away = _signed_in(), _signed_in()
    page = here.get(url("section", draft, "langues"))
    form = page.context["form"]
    shown = form.as_post_data(form.own_answers(draft.answers))
    typed = {name: str(value) for name, value in shown.items() if value is not None}
    typed |= {"seen": page.context["seen"], "page": f"{str(page.context['page']).split('.')[0]}.1"}
    session = here.cookies[configured.SESSION_COOKIE_NAME].value

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    other_tab = Client()
    other_tab.cookies[configured.SESSION_COOKIE_NAME] = session
    assert here.post(url("autosave", draft, "langues"), typed).status_code == 200
    assert _is_signed_in(other_tab)  # it sends the same cookie, as a request under way does
    assert here.cookies[configured.SESSION_COOKIE_NAME].value == session
    assert (
        here.get("/securite/").content.decode().count("/securite/session/") == 1
    )  # the other device, to be ended
    assert OpenSession.objects.count() == 2

    settings.SECRET_KEY_FALLBACKS = []
    answers = Draft.objects.get(pk=draft.pk).answers
    assert _is_signed_in(here)
    assert not _is_signed_in(away)
    away = _signed_in()
    assert away.get(url("section", draft, "langues")).status_code == 200
    assert Draft.objects.get(pk=draft.pk).answers == answers


def _request(cookies: dict[str, str]) -> HttpRequest:
    request = RequestFactory().get("/")
    request.COOKIES = cookies
    return request


def _kept_by(keep: Callable[[HttpResponse], Any]) -> dict[str, str]:
    response = HttpResponse()
    keep(response)
    return {name: cookie.value for name, cookie in response.cookies.items()}


def _code() -> Callable[[], object]:
    pending, code = issue_code(email=EMAIL, at=at())
    cookies = _kept_by(pending.keep)
    return lambda: (kept := PendingSignIn.of(_request(cookies))) is not None and kept.matches(code)


def _link() -> Callable[[], object]:
    token = mailed_token(issue_code(email=EMAIL, at=at())[0])
    return lambda: read_mailed_token(token, at=at())


def _undone_change() -> Callable[[], object]:
    token = undo_token(7)
    return lambda: read_undo_token(token)


def _answers() -> Callable[[], object]:
    packed = sign_answers({"attests_skills": True}, number="OE-1")
    return lambda: read_signed_answers(packed, number="OE-1")


def _device() -> Callable[[], object]:
    user = make_user(EMAIL)
    cookies = _kept_by(lambda response: Device("x", ()).remember(user, response, checked=True))
    return lambda: Device.of(_request(cookies)).is_checked(user)


def _cached() -> Callable[[], object]:
    stored: Any = SealedSerializer().dumps([1.5])
    return lambda: SealedSerializer().loads(stored)


def _press() -> Callable[[], object]:
    posted = {"seen": "1"}
    posted[PRESS_FIELD] = hold_press(posted, 1)
    return lambda: held_press_of(posted)


def _unsent() -> Callable[[], object]:
    user = User(email=EMAIL)
    key = unsent_keys(user).split()[0]
    return lambda: key in unsent_keys(user).split()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "begin",
    [_code, _link, _undone_change, _answers, _device, _cached, _press, _unsent],
    ids=lambda case: case.__name__,
)
def test_what_a_key_signed_is_read_until_its_fallback_goes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, begin: Callable[[], Callable[[], object]]
) -> None:
    monkeypatch.setattr(witnesses, "cite", lambda _ns: Cited("session", timedelta(seconds=1)))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    read = begin()
    settings.SECRET_KEY_FALLBACKS = [NEW]  # announced to every process first
    assert read()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert read()
    later = begin() if begin is not _device else read
    # A process that has not been restarted yet:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, [NEW]
    assert later()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, []
    with suppress(BadSignature, ProofRefused, InvalidSignedAnswers, ValueError):
        assert not read()
