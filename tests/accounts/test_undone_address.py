"""The former mailbox of a changed address takes it back by the link of its mail: once, for seven days, unsigned in."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from intake.accounts.changes import approve_change, ask_change, change_own_address, undo_own_address
from intake.accounts.errors import ChangeDecidedError, StaffAddressError
from intake.accounts.models import AccountChange, User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from tests.accounts.sign_in_steps import text_of
from tests.factories.passkeys import SoftwarePasskey
from tests.factories.people import client_of, give_role, make_administrator, make_user
from tests.security_log import SecurityLog

pytestmark = pytest.mark.django_db

OLD, THIEF, THIRD = "moi@exemple.ca", "voleur@exemple.ca", "ailleurs@exemple.ca"
Kind = AccountChange.Kind


@pytest.fixture
def person() -> User:
    return make_user(OLD)


def change(person: User, email: str) -> str:
    """Change the own address of `person`; return the link that the former mailbox gets."""
    change_own_address(person=person, email=email, at=timezone.now())
    deliver()
    return link_to(mail.outbox)


def deliver() -> None:
    """Send every mail about an account that waits, and nothing before them."""
    mail.outbox.clear()
    for delivery in Delivery.objects.filter(state="PENDING").order_by("pk"):
        kinds.get(delivery.kind).handler(delivery, timezone.now())
        Delivery.objects.filter(pk=delivery.pk).update(state="DONE", done_at=timezone.now())


def link_to(sent: list[Any]) -> str:
    found = [
        link for letter in sent for link in re.findall(r"/securite/adresse/reprendre/[^/\s]+/", letter.body)
    ]
    return found[0] if found else ""


def address_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def test_the_former_mailbox_takes_its_address_back_unsigned_in(
    person: User, security_events: SecurityLog
) -> None:
    thief = client_of(person)
    link = change(person, THIEF)
    assert mail.outbox[0].to == [OLD]
    SoftwarePasskey(User.objects.get(pk=person.pk)).register()
    visitor = Client()
    assert OLD in text_of(visitor.get(link))
    assert address_of(person) == THIEF, "opening the page changed something: mail servers open links"
    done = visitor.post(link)
    assert done.headers["Location"] == "/connexion/?motif=reprise"
    assert "Votre compte a repris son adresse" in text_of(visitor.get(done.headers["Location"]))
    assert "_auth_user_id" not in visitor.session, "the link signed somebody in"
    assert address_of(person) == OLD
    assert not Authenticator.objects.exists(), "the thief's passkey stayed"
    assert thief.get("/securite/").status_code == HTTPStatus.FOUND, "the thief's session stayed"
    undo = AccountChange.objects.latest("pk")
    assert (undo.kind, undo.before, undo.value, undo.undoes_id) == ("OWN_ADDRESS", THIEF, OLD, undo.pk - 1)
    assert Entry.objects.filter(action="ACCOUNT_CHANGE_APPLIED", detail=f"OWN_ADDRESS {undo.pk}").exists()
    assert ("ACCOUNT_CHANGED", "UNDONE") in security_events.kinds


def test_the_other_mailbox_does_not_take_the_address_back_in_turn(person: User) -> None:
    first = change(person, THIEF)
    second = change(User.objects.get(pk=person.pk), THIRD)
    assert Client().post(first).headers["Location"] == "/connexion/?motif=reprise"
    assert address_of(person) == OLD
    deliver()
    told = {letter.to[0]: str(letter.body) for letter in mail.outbox}
    assert "a repris l’ancienne adresse" in " ".join(told[THIRD].split())
    assert "cette adresse" in told[OLD]
    assert link_to(mail.outbox) == "", "a link was offered to the mailbox that lost the address"
    assert Client().post(second).status_code == HTTPStatus.GONE
    assert address_of(person) == OLD


def test_a_link_serves_once_in_its_time_and_only_if_it_is_genuine(
    person: User, monkeypatch: pytest.MonkeyPatch, security_events: SecurityLog
) -> None:
    link = change(person, THIEF)
    forged = re.sub(r"/\d+:", "/1:", link) if "/1:" not in link else link.replace("/1:", "/2:")
    assert Client().post(forged).status_code == HTTPStatus.GONE
    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(
            "intake.accounts.address_pages.timezone.now", lambda: now + timedelta(days=7, seconds=1)
        )
        assert [Client().get(link).status_code, Client().post(link).status_code] == [HTTPStatus.GONE] * 2
        patch.setattr("intake.accounts.address_pages.timezone.now", lambda: now + timedelta(days=6, hours=23))
        assert Client().get(link).status_code == HTTPStatus.OK
    Client().post(link)
    change_own_address(person=User.objects.get(pk=person.pk), email=THIEF, at=timezone.now())
    assert [Client().get(link).status_code, Client().post(link).status_code] == [HTTPStatus.GONE] * 2
    assert address_of(person) == THIEF
    assert ("LINK_REFUSED", "UNDO_ADDRESS") in security_events.kinds


def test_the_stored_mail_opens_the_link(person: User) -> None:
    change(person, THIEF)
    letter = Message.objects.get(delivery__kind="ACCOUNT_CHANGED_MAIL")
    assert "/securite/adresse/reprendre/" in letter.text, "the test looks for another link"
    stored = link_to([type("Letter", (), {"body": letter.text})])
    assert Client().post(stored).status_code == HTTPStatus.GONE
    assert address_of(person) == THIEF


def test_an_address_that_another_account_took_meanwhile_closes_the_account(person: User) -> None:
    link = change(person, THIEF)
    make_user(OLD)  # the owner signed in first, which opened an account
    assert Client().post(link).headers["Location"] == "/connexion/compte-ferme/"
    closed = User.objects.get(pk=person.pk)
    assert (closed.email, closed.is_active) == (THIEF, False)
    assert Client().post(link).status_code == HTTPStatus.GONE


def test_a_link_overrules_no_later_decision_of_administrators(person: User) -> None:
    link = change(person, THIEF)
    asker, approver = make_administrator(), make_administrator()
    asked = ask_change(
        person=person, kind=Kind.ADDRESS, value=THIRD, reason="Preuve vue.", actor=asker, at=timezone.now()
    )
    approve_change(change=asked, actor=approver, at=timezone.now())
    assert Client().post(link).status_code == HTTPStatus.GONE
    assert address_of(person) == THIRD


def test_an_account_that_is_of_staff_since_changes_by_no_link(person: User) -> None:
    changed = change_own_address(person=person, email=THIEF, at=timezone.now())
    give_role(user=User.objects.get(pk=person.pk), role=Role.REVIEWER)
    with pytest.raises(StaffAddressError):
        undo_own_address(change=changed, at=timezone.now())


def test_a_change_of_another_kind_has_no_link() -> None:
    person, asker, approver = make_user(), make_administrator(), make_administrator()
    asked = ask_change(
        person=person, kind=Kind.ADDRESS, value=THIRD, reason="Mariage.", actor=asker, at=timezone.now()
    )
    for each in (asked, approve_change(change=asked, actor=approver, at=timezone.now())):
        with pytest.raises(ChangeDecidedError):
            undo_own_address(change=each, at=timezone.now())
