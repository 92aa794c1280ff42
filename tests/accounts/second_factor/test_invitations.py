"""Invitations: the first second factor of staff needs the link of a mail, once, within seven days."""

import datetime as dt
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from intake.accounts.changes import Kind, approve_change, ask_change, close_account
from intake.accounts.codes import ProofRefused
from intake.accounts.models import Invitation, User
from intake.accounts.second_factor import invitations
from intake.accounts.second_factor.errors import InvitationNotNeededError
from intake.journal.models import Entry
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from tests.accounts.second_factor.test_pages import APPLICATION, CHECK, QUEUE, SETUP, secret_on, text_of
from tests.factories.factors import code_at, invite, make_application
from tests.factories.people import (
    client_of,
    make_administrator,
    make_staff,
    make_user,
    prove_mailbox,
)
from tests.security_log import SecurityLog

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(days=7)
GONE, REFUSED = 410, 403
REASON = "Arrivée."


def sent_links() -> list[str]:
    """Send the mails of invitations; return the path of each link."""
    mail.outbox.clear()
    for delivery in Delivery.objects.filter(kind="INVITATION_MAIL").order_by("pk"):
        kinds.get(delivery.kind).handler(delivery, timezone.now())
    return [
        link for each in mail.outbox for link in re.findall(r"/connexion/invitation/\S+/", str(each.body))
    ]


def changed(person: User, kind: Kind, value: str = "") -> User:
    """Change an account, by two administrators."""
    asked = ask_change(
        person=person, kind=kind, value=value, reason=REASON, actor=make_administrator(), at=timezone.now()
    )
    approve_change(change=asked, actor=make_administrator(), at=timezone.now())
    person.refresh_from_db()
    return person


def add_application(client: Client) -> Any:
    """Add an application on its page, or return the page that refuses."""
    page = client.get(APPLICATION)
    if page.status_code != 200:
        return page
    return client.post(APPLICATION, {"code": code_at(timezone.now(), secret_on(text_of(page)))})


def test_a_person_who_gets_a_role_adds_a_factor_by_the_link_of_the_mail() -> None:
    person = changed(make_user(), Kind.ROLES, "STAFF")
    [link] = sent_links()
    assert mail.outbox[0].to == [person.email]
    asked = Client().get(link)
    assert asked["Location"].startswith("/connexion/?next="), "the link alone signs nobody in"
    client = client_of(person, second_factor=False)
    prove_mailbox(client, person)
    assert client.get(QUEUE, follow=True).status_code == REFUSED
    assert client.get(link)["Location"] == f"{SETUP}?next=%2Fadmin%2F"
    assert add_application(client).status_code == 302
    assert client.get(QUEUE).status_code == 200
    assert client_of(person, second_factor=False).get(link).status_code == 410, "the link serves once"


def test_the_holder_of_the_mailbox_alone_adds_no_factor(security_events: SecurityLog) -> None:
    client = client_of(make_staff(), second_factor=False)
    for path in (SETUP, APPLICATION, "/connexion/deux-etapes/cle/"):
        for answer in (
            client.get(path),
            client.post(path, {"code": "123456", "name": "x", "credential": "{}"}),
        ):
            assert answer.status_code == REFUSED
            assert "Invitation nécessaire" in text_of(answer)
    assert not Authenticator.objects.exists()
    assert set(security_events.kinds) == {("FACTOR_REFUSED", "NOT_INVITED")}


def test_a_link_that_expires_is_refused_from_its_seventh_day() -> None:
    person, at = make_staff(), timezone.now()
    invitation = invite(person)
    token = invitations.invitation_token(invitation.public_id)
    last = invitation.expires_at - dt.timedelta(microseconds=1)
    assert invitations.read_invitation_token(token, user=person, at=last) == invitation
    with pytest.raises(ProofRefused):
        invitations.read_invitation_token(token, user=person, at=invitation.expires_at)
    assert invitation.expires_at - at >= WEEK


def test_a_session_that_kept_an_invitation_is_refused_once_it_expired() -> None:
    person = make_staff()
    client = client_of(person, second_factor=False)
    invite(person, client)
    Invitation.objects.update(given_at=timezone.now() - WEEK)
    answer = client.get(SETUP)
    assert answer.status_code == REFUSED
    assert "Demandez une nouvelle invitation" in text_of(answer)


@pytest.mark.parametrize("change", ["the last figure", "no signature", "another account"])
def test_a_link_that_was_not_sent_to_this_account_is_refused(
    change: str, security_events: SecurityLog
) -> None:
    person = make_staff()
    token = invitations.invitation_token(invite(person).public_id)
    opener = make_staff() if change == "another account" else person
    token = {
        "the last figure": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "no signature": token[:32],
    }.get(change, token)
    client = client_of(opener, second_factor=False)
    assert client.get(f"/connexion/invitation/{token}/").status_code == GONE
    assert client.get(SETUP).status_code == REFUSED
    assert ("LINK_REFUSED", "INVITATION") in security_events.kinds


def test_another_invitation_replaces_the_earlier_one(
    security_events: SecurityLog,
) -> None:
    person, administrator = make_staff(), make_administrator()
    path = f"/admin/accounts/user/{person.pk}/inviter/"
    page = client_of(administrator)
    for _time in range(2):
        answer = page.post(path, follow=True)
        assert "La précédente n’est plus valide." in text_of(answer)
    assert security_events.kinds == [("FACTOR_CHANGED", "INVITATION_GIVEN")] * 2
    assert security_events.last["subject"] == str(person.public_id)
    links = sent_links()
    assert len(links) == 1, "the mail of the earlier one is not sent any more"
    assert Invitation.objects.filter(user=person).exists()
    entry = Entry.objects.filter(action="INVITATION_GIVEN").latest("pk")
    assert (entry.actor_id, entry.subject_id) == (administrator.pk, str(person.public_id))
    make_application(person)
    assert str(InvitationNotNeededError()) in text_of(page.post(path, follow=True))
    assert len(security_events.kinds) == 2


def test_the_link_that_was_sent_before_another_invitation_is_refused() -> None:
    person = make_staff()
    earlier = invitations.invitation_token(invite(person).public_id)
    client = client_of(person, second_factor=False)
    client.get(f"/connexion/invitation/{earlier}/")
    invitations.give_invitation(user=person, actor=None, at=timezone.now())
    assert client.get(f"/connexion/invitation/{earlier}/").status_code == GONE
    assert client.get(SETUP).status_code == REFUSED, "nor does the session that opened it before"


def test_a_stored_mail_does_not_open_the_invitation() -> None:
    person = make_staff()
    invitations.give_invitation(user=person, actor=None, at=timezone.now())
    [link] = sent_links()
    stored = Message.objects.get()
    signature = link.removesuffix("/").partition(":")[2]
    assert len(signature) == 43, "256 bits"
    assert signature not in stored.text + stored.html
    sent = mail.outbox[0]
    assert isinstance(sent, EmailMultiAlternatives)
    assert link in str(sent.alternatives[0][0])
    [kept] = re.findall(r"/connexion/invitation/\S+/", stored.text)
    assert client_of(person, second_factor=False).get(kept).status_code == GONE


def test_a_person_who_lost_a_device_is_invited_again() -> None:
    person = make_staff()
    make_application(person)
    changed(person, Kind.SECOND_FACTOR)
    [link] = sent_links()
    client = client_of(person, second_factor=False)
    client.get(link)
    assert add_application(client).status_code == 302


def test_a_new_address_gets_an_invitation_and_the_former_one_opens_nothing() -> None:
    person = make_staff()
    former = invitations.invitation_token(invite(person).public_id)
    changed(person, Kind.ADDRESS, "nouvelle@exemple.invalid")
    assert client_of(person, second_factor=False).get(f"/connexion/invitation/{former}/").status_code == GONE
    sent_links()
    assert mail.outbox[0].to == ["nouvelle@exemple.invalid"]


@pytest.mark.parametrize("end", ["role", "account"])
def test_an_invitation_ends_with_the_role_and_with_the_account(end: str) -> None:
    person = make_staff()
    invite(person)
    if end == "role":
        changed(person, Kind.ROLES, "")
    else:
        close_account(person=person, reason="Départ.", actor=make_administrator(), at=timezone.now())
    assert not Invitation.objects.filter(user=person).exists()


def test_a_passkey_of_a_candidate_is_no_factor_of_the_member_of_staff_they_become() -> None:
    person = make_user()
    make_application(person)
    changed(person, Kind.ROLES, "STAFF")
    assert not Authenticator.objects.filter(user=person).exists()
    assert len(sent_links()) == 1
    assert Delivery.objects.filter(
        kind="SECOND_FACTOR_MAIL", subject_id=str(Entry.objects.get(action="SECOND_FACTOR_REMOVED").pk)
    ).exists(), "and its owner knows"


def test_a_role_more_changes_no_factor_of_staff() -> None:
    person = make_staff()
    make_application(person)
    changed(person, Kind.ROLES, "REVIEWER STAFF")
    assert Authenticator.objects.filter(user=person, type="totp").exists()
    assert sent_links() == []


def test_the_factor_that_its_owner_removed_is_replaced_in_the_same_session_only() -> None:
    person = make_staff()
    factor = make_application(person)
    client = client_of(person)
    client.post(f"/connexion/deux-etapes/{factor.pk}/retirer/")
    assert client_of(person).get(SETUP).status_code == REFUSED
    assert add_application(client).status_code == 302
    assert "invitation" not in client.session


def test_the_command_invites_those_who_have_neither_a_factor_nor_an_invitation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waiting, expired, protected = make_staff(), make_staff(), make_staff()
    make_application(protected)
    invite(make_staff())
    invite(expired)
    Invitation.objects.filter(user=expired).update(given_at=timezone.now() - WEEK)
    make_staff(is_active=False)
    make_user()
    call_command("invite_staff")
    assert capsys.readouterr().err == "invited: 2\n"
    sent_links()
    assert {message.to[0] for message in mail.outbox} == {waiting.email, expired.email}
    for address, said in ((protected.email, "invitation_not_needed"), ("x@exemple.ca", "has no account")):
        with pytest.raises(CommandError, match=said):
            call_command("invite_staff", address)


def test_a_person_without_an_invitation_learns_where_to_look() -> None:
    person = make_staff()
    client = client_of(person, second_factor=False)
    assert client.get(QUEUE)["Location"].startswith(CHECK)
    invite(person)
    assert "Ouvrez le lien du courriel d’invitation le plus récent" in text_of(client.get(SETUP))


def test_the_page_of_security_leads_to_a_factor_that_may_be_added() -> None:
    person = make_staff()
    client = client_of(person, second_factor=False)
    page = client.get("/securite/").content.decode()
    assert (SETUP in page, "suivez le lien de l’invitation" in page) == (False, True)
    invite(person, client)
    assert SETUP in client.get("/securite/").content.decode()
