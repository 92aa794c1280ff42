"""Profiles: what is stored, deleted and refused."""

from typing import Any

import pytest

from intake.profiles.models import NoticeAcceptance, Profile
from intake.profiles.selectors import acceptances, answers_from_profile, profile_of
from intake.profiles.services import accept_notice, remember_answers
from tests.factories.people import ANSWERS, make_profile, make_user
from tests.two_connections import act_meanwhile

pytestmark = pytest.mark.django_db


def test_a_complete_profile_is_read_back_as_answered() -> None:
    user = make_user()
    remember_answers(user=user, answers=ANSWERS)
    assert answers_from_profile(user) == ANSWERS


def test_only_the_given_answers_change() -> None:
    profile = make_profile()
    remember_answers(user=profile.user, answers={"city": "Gatineau", "studies": [{"level": "MASTER"}]})
    assert answers_from_profile(profile.user) == ANSWERS | {"city": "Gatineau"}


@pytest.mark.django_db(transaction=True)
def test_answers_of_two_pages_saved_at_once_are_all_kept() -> None:
    user = make_profile().user
    act_meanwhile(
        lambda: remember_answers(user=user, answers={"city": "Gatineau"}),
        lambda: remember_answers(user=user, answers={"phone": "+18195550100"}),
    )
    assert answers_from_profile(user) == ANSWERS | {"city": "Gatineau", "phone": "+18195550100"}


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
