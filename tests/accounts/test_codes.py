"""A sign-in code is valid for a limited time and one address, and is never stored."""

import datetime as dt
import time
from dataclasses import asdict, replace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from intake.accounts.codes import (
    PendingSignIn,
    ProofRefused,
    code_lifetime,
    issue_code,
    mailed_token,
    read_mailed_token,
    use_up,
)
from tests.factories.people import at


def test_a_code_has_six_digits_and_is_valid_only_for_its_address() -> None:
    pending, code = issue_code(email="alex@exemple.ca", at=at())
    assert len(code) == 6
    assert code.isdecimal()
    assert pending.matches(code)
    assert not replace(pending, email="sam@exemple.ca").matches(code)
    assert not replace(pending, reference="another").matches(code)


def test_a_code_does_not_match_under_another_secret_key(settings: Settings) -> None:
    pending, code = issue_code(email="alex@exemple.ca", at=at())
    settings.SECRET_KEY = "another-" + "0" * 40
    assert not pending.matches(code)
    assert not pending.matches("")


def test_issued_codes_differ_from_each_other() -> None:
    codes = {issue_code(email="alex@exemple.ca", at=at())[1] for _ in range(20)}
    assert len(codes) > 15


@pytest.mark.parametrize(
    "after, over",
    [
        (dt.timedelta(0), False),
        (dt.timedelta(minutes=10) - dt.timedelta(microseconds=1), False),
        (dt.timedelta(minutes=10), True),
    ],
)
def test_a_code_lasts_ten_minutes(after: dt.timedelta, over: bool) -> None:  # noqa: FBT001 -- a table's column
    pending, _code = issue_code(email="alex@exemple.ca", at=at())
    assert code_lifetime() == dt.timedelta(minutes=10)
    assert pending.expired(at=at() + after) is over


def test_the_browser_keeps_everything_but_the_code(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    pending, code = issue_code(email="alex@exemple.ca", at=at(), next_path="/profil/")
    given, back = HttpResponse(), RequestFactory().get("/")
    pending.keep(given)
    cookie = given.cookies["signin"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert cookie["max-age"] == 3600
    back.COOKIES["signin"] = cookie.value
    assert PendingSignIn.of(back) == pending
    assert (len(pending.reference), len(pending.digest)) == (32, 64)
    # Substring search would fail by chance: a digest may contain the six digits.
    assert code not in asdict(pending).values()
    assert len(cookie.value) < 700


@pytest.mark.parametrize("value", ["", "x", "eyJhIjoxfQ:1:2"])
def test_a_browser_without_the_portal_s_signature_has_no_sign_in_under_way(value: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["signin"] = value
    assert PendingSignIn.of(request) is None


def test_the_code_and_the_link_of_one_mail_serve_once() -> None:
    pending, _code = issue_code(email="alex@exemple.ca", at=at())
    other, _code = issue_code(email="alex@exemple.ca", at=at())
    token = mailed_token(pending)
    assert read_mailed_token(token, at=at()).email == "alex@exemple.ca"
    use_up(pending)
    with pytest.raises(ProofRefused):
        use_up(pending)
    with pytest.raises(ProofRefused):
        read_mailed_token(token, at=at())
    use_up(read_mailed_token(mailed_token(other), at=at()))


def test_a_used_code_stays_used_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    pending, _code = issue_code(email="alex@exemple.ca", at=at())
    use_up(pending)
    later = time.time() + code_lifetime().total_seconds() - 5
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: later)
    with pytest.raises(ProofRefused):
        use_up(pending)
