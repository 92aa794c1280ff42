"""Profiles: what is stored, deleted and refused."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from intake.profiles.models import NoticeAcceptance, Profile
from intake.profiles.selectors import acceptances, answers_from_profile, profile_of
from intake.profiles.services import accept_notice, remember_answers
from tests.factories.people import ANSWERS, make_profile, make_user

pytestmark = pytest.mark.django_db


def test_a_complete_profile_is_read_back_as_answered() -> None:
    user = make_user()
    remember_answers(user=user, answers=ANSWERS)
    assert answers_from_profile(user) == ANSWERS


def test_only_the_given_answers_change() -> None:
    profile = make_profile()
    remember_answers(user=profile.user, answers={"city": "Gatineau", "studies": [{"level": "MASTER"}]})
    assert answers_from_profile(profile.user) == ANSWERS | {"city": "Gatineau"}


def test_a_cleared_answer_is_removed_from_the_profile() -> None:
    profile = make_profile()
    remember_answers(user=profile.user, answers={"phone": None, "birth_date": None, "resident_for_tax": None})
    kept = answers_from_profile(profile.user)
    assert kept == {
        key: ANSWERS[key] for key in ANSWERS if key not in {"phone", "birth_date", "resident_for_tax"}
    }


def test_the_answer_no_is_stored() -> None:
    profile = make_profile(resident_for_tax=False)
    assert answers_from_profile(profile.user)["resident_for_tax"] is False


@pytest.mark.parametrize(
    "answers, forgotten",
    [
        ({"birth_date": "2000-01-01"}, "quebec_resident_since"),
        ({"quebec_resident_since": "1990-01-01"}, "quebec_resident_since"),
        ({"province": "OUTSIDE", "postal_code": "75007"}, None),
        ({"postal_code": "75007"}, "postal_code"),
        ({"province": None, "postal_code": "75007"}, "province"),
        ({"quebec_resident_since": "1998-05-04"}, None),
        ({"quebec_resident_since": "1998-05-03"}, "quebec_resident_since"),
        ({"birth_date": None, "quebec_resident_since": "1950-01-01"}, "birth_date"),
    ],
)
def test_a_contradicted_answer_is_removed(answers: dict[str, Any], forgotten: str | None) -> None:
    profile = make_profile()
    remember_answers(user=profile.user, answers=answers)
    missing = set(ANSWERS) - set(answers_from_profile(profile.user))
    assert missing == ({forgotten} if forgotten else set())


@pytest.mark.parametrize(
    "columns, constraint",
    [
        ({"birth_date": dt.date(1899, 12, 31)}, "birth_date_is_plausible"),
        ({"quebec_resident_since": dt.date(1998, 5, 3)}, "resides_after_being_born"),
        ({"province": "XX"}, "province_is_known"),
        ({"domicile_province": "quebec"}, "domicile_province_is_known"),
        ({"legal_status": "citizen"}, "legal_status_is_known"),
        ({"phone": "418 555"}, "phone_is_international"),
        ({"postal_code": "75007"}, "postal_code_is_canadian"),
    ],
)
def test_the_database_refuses_an_impossible_profile(columns: dict[str, Any], constraint: str) -> None:
    profile = make_profile()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Profile.objects.filter(pk=profile.pk).update(**columns)


def test_a_user_has_one_profile() -> None:
    profile = make_profile()
    with pytest.raises(IntegrityError, match="user_id_key"), transaction.atomic():
        Profile.objects.create(user=profile.user)


def test_a_notice_is_accepted_once_in_each_of_its_versions() -> None:
    user, other = make_user(), make_user()
    first = accept_notice(user=user, notice="COLLECTION", version="1")
    assert accept_notice(user=user, notice="COLLECTION", version="1") == first
    accept_notice(user=other, notice="COLLECTION", version="2")
    asked = [
        (user, "COLLECTION", "1"),
        (user, "COLLECTION", "2"),
        (user, "AUTRE", "1"),
        (other, "COLLECTION", "1"),
    ]
    assert [acceptances(who, notice=notice, version=version).exists() for who, notice, version in asked] == [
        True,
        False,
        False,
        False,
    ]
    assert list(acceptances(user, notice="COLLECTION", version="1")) == [first]
    assert NoticeAcceptance.objects.count() == 2


def test_a_profile_is_built_only_of_its_known_answers() -> None:
    user = make_user()
    empty = profile_of(user)
    assert empty.user == user
    assert not Profile.objects.exists()
    kept = remember_answers(user=user, answers={"city": None, "first_name": "Alex", "grid": {"1": "x"}})
    assert profile_of(user) == kept
    assert (kept.city, kept.first_name, kept.birth_date, kept.resident_for_tax) == ("", "Alex", None, None)
    assert answers_from_profile(user) == {"first_name": "Alex"}
