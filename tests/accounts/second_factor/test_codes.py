"""Codes of applications and recovery codes: each is accepted once, at its time, and changes are told to the owner."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from intake.accounts.changes import Kind, approve_change, ask_change
from intake.accounts.errors import SecondPersonError, StaleChangeError
from intake.accounts.models import User
from intake.accounts.second_factor import services
from intake.accounts.second_factor.encryption import KeyLostError, decrypt, encrypt
from intake.accounts.second_factor.errors import (
    ApplicationKnownError,
    CodeAlreadyUsedError,
    WrongCodeError,
)
from intake.accounts.second_factor.recovery_codes import unseen
from intake.accounts.second_factor.selectors import factors_of
from intake.journal.models import Entry
from intake.outbox import kinds
from intake.outbox.models import Delivery
from tests.factories.factors import SECRET, STEP, code_at, make_application
from tests.factories.people import make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2027, 1, 4, 15, 0, 10, tzinfo=dt.UTC)


@pytest.fixture
def owner() -> User:
    user = make_staff()
    make_application(user, at=NOW - 100 * STEP)
    return user


def codes_of(user: User) -> list[str]:
    return unseen(Authenticator.objects.get(user=user, type="recovery_codes"))


def actions_about(user: User) -> list[str]:
    found = Entry.objects.filter(subject_id=str(user.public_id), action__contains="CO").order_by("pk")
    return [entry.action for entry in found if entry.action != "ACCOUNT_OPENED"]


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_the_code_of_a_clock_that_drifts_by_one_step_is_accepted(owner: User, steps: int) -> None:
    assert services.check_code(user=owner, code=code_at(NOW + steps * STEP), at=NOW).last_used_at == NOW


@pytest.mark.parametrize("steps", [-2, 2])
def test_the_code_of_a_clock_that_drifts_by_two_steps_is_refused(owner: User, steps: int) -> None:
    with pytest.raises(WrongCodeError):
        services.check_code(user=owner, code=code_at(NOW + steps * STEP), at=NOW)


@pytest.mark.parametrize("later", [dt.timedelta(0), dt.timedelta(seconds=19), STEP])
def test_a_code_is_refused_the_second_time(owner: User, later: dt.timedelta) -> None:
    services.check_code(user=owner, code=code_at(NOW), at=NOW)
    with pytest.raises(CodeAlreadyUsedError):
        services.check_code(user=owner, code=code_at(NOW), at=NOW + later)


def test_an_earlier_code_is_refused_after_a_later_one(owner: User) -> None:
    services.check_code(user=owner, code=code_at(NOW), at=NOW)
    with pytest.raises(CodeAlreadyUsedError):
        services.check_code(user=owner, code=code_at(NOW - STEP), at=NOW)


def test_the_code_that_added_an_application_is_refused_as_a_check() -> None:
    user = make_staff()
    make_application(user, at=NOW)
    with pytest.raises(CodeAlreadyUsedError):
        services.check_code(user=user, code=code_at(NOW), at=NOW)


def test_an_application_that_shows_another_code_is_not_added() -> None:
    user = make_user()
    with pytest.raises(WrongCodeError):
        services.add_application(user=user, secret=SECRET, code=code_at(NOW + 5 * STEP), at=NOW)
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_second_application_is_refused(owner: User) -> None:
    with pytest.raises(ApplicationKnownError):
        services.add_application(user=owner, secret=services.new_secret(), code=code_at(NOW), at=NOW)


def test_the_code_of_another_account_is_refused(owner: User) -> None:
    other = make_user()
    secret = services.new_secret()
    services.add_application(user=other, secret=secret, code=code_at(NOW, secret), at=NOW)
    with pytest.raises(WrongCodeError):
        services.check_code(user=owner, code=code_at(NOW + STEP, secret), at=NOW)


def test_each_recovery_code_is_accepted_once(owner: User) -> None:
    codes = codes_of(owner)
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {12}
    services.check_code(user=owner, code=codes[3], at=NOW)
    with pytest.raises(WrongCodeError):
        services.check_code(user=owner, code=codes[3], at=NOW)
    assert codes_of(owner) == [code for code in codes if code != codes[3]]


def test_new_recovery_codes_make_the_earlier_ones_invalid(owner: User) -> None:
    earlier = codes_of(owner)
    later = services.make_recovery_codes(user=owner)
    assert not set(earlier) & set(later)
    with pytest.raises(WrongCodeError):
        services.check_code(user=owner, code=earlier[0], at=NOW)
    services.check_code(user=owner, code=later[0], at=NOW)


def test_the_recovery_codes_go_with_the_last_factor(owner: User) -> None:
    services.remove_factor(user=owner, factor=Authenticator.objects.get(user=owner, type="totp"), at=NOW)
    assert not Authenticator.objects.filter(user=owner).exists()


def test_two_administrators_remove_the_factors_of_a_lost_device(owner: User) -> None:
    asker, approver = make_administrator(), make_administrator()
    change = ask_change(
        person=owner, kind=Kind.SECOND_FACTOR, reason="Téléphone perdu.", actor=asker, at=timezone.now()
    )
    with pytest.raises(SecondPersonError):
        approve_change(change=change, actor=asker, at=timezone.now())
    assert Authenticator.objects.filter(user=owner).exists()
    approve_change(change=change, actor=approver, at=timezone.now())
    assert not Authenticator.objects.filter(user=owner).exists()
    with pytest.raises(WrongCodeError):
        services.check_code(user=owner, code=code_at(NOW), at=NOW)
    entry = Entry.objects.get(action="SECOND_FACTOR_REMOVED")
    assert (entry.actor_id, entry.subject_id, entry.detail) == (approver.pk, str(owner.public_id), "totp")


def test_a_removal_is_stale_once_the_owner_added_another_device(owner: User) -> None:
    change = ask_change(
        person=owner,
        kind=Kind.SECOND_FACTOR,
        reason="Téléphone perdu.",
        actor=make_administrator(),
        at=timezone.now(),
    )
    services.remove_factor(user=owner, factor=Authenticator.objects.get(user=owner, type="totp"), at=NOW)
    make_application(owner)
    with pytest.raises(StaleChangeError):
        approve_change(change=change, actor=make_administrator(), at=timezone.now())
    assert Authenticator.objects.filter(user=owner, type="totp").exists()


def test_each_change_is_in_the_journal_and_in_a_mail_to_the_owner(owner: User) -> None:
    services.check_code(user=owner, code=codes_of(owner)[0], at=NOW)
    services.make_recovery_codes(user=owner)
    services.remove_factor(user=owner, factor=Authenticator.objects.get(user=owner, type="totp"), at=NOW)
    assert actions_about(owner) == [
        "SECOND_FACTOR_ADDED",
        "RECOVERY_CODE_USED",
        "RECOVERY_CODES_MADE",
        "SECOND_FACTOR_REMOVED",
    ]
    for delivery in Delivery.objects.filter(kind="SECOND_FACTOR_MAIL").order_by("pk"):
        kinds.get(delivery.kind).handler(delivery, timezone.now())
    assert [message.to for message in mail.outbox] == [[owner.email]] * 4
    assert [str(message.subject) for message in mail.outbox] == [
        "Un moyen de connexion est ajouté à votre compte",
        "Un code de secours a servi",
        "Vos codes de secours sont remplacés",
        "Un moyen de connexion est retiré de votre compte",
    ]
    assert all("/securite/" in str(message.body) for message in mail.outbox)


def test_no_secret_is_stored_in_clear(owner: User) -> None:
    stored = {row.type: row.data for row in Authenticator.objects.filter(user=owner)}
    assert SECRET not in str(stored)
    assert decrypt(stored["totp"]["secret"]) == SECRET
    assert stored["recovery_codes"]["unseen"].startswith("tests:")
    codes = codes_of(owner)
    services.keep_recovery_codes(user=owner)
    kept = Authenticator.objects.get(user=owner, type="recovery_codes").data
    assert kept.keys() == {"salt", "hashes"}
    assert [check_password(code, hashed) for code, hashed in zip(codes, kept["hashes"], strict=True)] == [
        True
    ] * 10


def test_a_kept_code_is_accepted_once_and_codes_of_two_accounts_have_two_salts(owner: User) -> None:
    code = codes_of(owner)[0]
    services.keep_recovery_codes(user=owner)
    services.keep_recovery_codes(user=owner)
    services.check_code(user=owner, code=code, at=NOW)
    with pytest.raises(WrongCodeError):
        services.check_code(user=owner, code=code, at=NOW)
    assert factors_of(owner).codes_left == 9
    make_application(make_staff(), at=NOW - 100 * STEP)
    stored = Authenticator.objects.filter(type="recovery_codes").order_by("pk")
    assert len({row.data["salt"] for row in stored}) == 2


def test_codes_of_the_version_before_are_no_longer_valid_and_can_be_replaced(owner: User) -> None:
    Authenticator.objects.filter(user=owner, type="recovery_codes").update(data={"seed": "x", "used_mask": 0})
    with pytest.raises(WrongCodeError):
        services.check_code(user=owner, code="0" * 12, at=NOW)
    assert factors_of(owner).codes_left == 0
    services.check_code(user=owner, code=services.make_recovery_codes(user=owner)[0], at=NOW)


def test_a_use_encrypts_the_secret_under_the_current_key(owner: User, settings: Settings) -> None:
    old = settings.SECOND_FACTOR_KEYS["tests"]
    settings.SECOND_FACTOR_KEYS = {"new": "n" * 40, "tests": old}
    services.check_code(user=owner, code=code_at(NOW), at=NOW)
    settings.SECOND_FACTOR_KEYS = {"new": "n" * 40}
    services.check_code(user=owner, code=code_at(NOW + STEP), at=NOW + STEP)


def test_a_lost_key_opens_no_secret(owner: User, settings: Settings) -> None:
    settings.SECOND_FACTOR_KEYS = {"new": "n" * 40}
    with pytest.raises(KeyLostError):
        services.check_code(user=owner, code=code_at(NOW), at=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_sent_twice_at_once_is_accepted_once(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_read, counter_of = threading.Barrier(2), services._counter_of

    def read(*given: Any) -> int | None:
        with suppress(threading.BrokenBarrierError):
            both_read.wait(timeout=1)
        return counter_of(*given)

    def is_accepted(code: str) -> bool:
        try:
            services.check_code(user=owner, code=code, at=NOW)
        except CodeAlreadyUsedError:
            return False
        finally:
            connection.close()
        return True

    monkeypatch.setattr(services, "_counter_of", read)
    with ThreadPoolExecutor(2) as requests:
        assert sorted(requests.map(is_accepted, [code_at(NOW)] * 2)) == [False, True]


def test_a_candidate_gets_no_recovery_codes() -> None:
    user = make_user()
    make_application(user)
    assert not Authenticator.objects.filter(user=user, type="recovery_codes").exists()


def test_an_altered_secret_is_refused() -> None:
    stored = encrypt(SECRET)
    with pytest.raises(KeyLostError):
        decrypt(stored[:-4] + "AAA=")
