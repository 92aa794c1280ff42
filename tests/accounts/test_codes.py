"""A sign-in code is valid for a limited time and one address, and is never stored."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from pytest_django import Settings

from intake.accounts.codes import PendingSignIn, code_lifetime, issue_code
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


def test_a_used_up_code_no_longer_matches() -> None:
    pending, code = issue_code(email="alex@exemple.ca", at=at())
    assert pending.mark_used_up().used_up
    assert not pending.mark_used_up().matches(code)
    assert not pending.mark_used_up().matches("")


def test_the_session_keeps_everything_but_the_code() -> None:
    pending, code = issue_code(email="alex@exemple.ca", at=at(), next_path="/profil/")
    kept = json.loads(json.dumps(pending.dump()))
    assert kept == {
        "email": "alex@exemple.ca",
        "reference": pending.reference,
        "digest": pending.digest,
        "sent_at": "2027-09-28T16:00:00+00:00",
        "next_path": "/profil/",
    }
    assert (len(pending.reference), len(pending.digest)) == (32, 64)
    assert PendingSignIn.load(kept) == pending
    # Substring search would fail by chance: a digest may contain the six digits.
    assert code not in kept.values()
