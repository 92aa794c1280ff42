"""Changes of accounts: one administrator asks, another approves; journal, mails and the end of all sessions."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from intake.accounts import changes, errors
from intake.accounts.changes import (
    approve_change,
    ask_change,
    close_account,
    refuse_change,
)
from intake.accounts.codes import ProofRefused
from intake.accounts.devices import Device
from intake.accounts.models import CHANGE_LIFETIME, AccountChange, User
from intake.accounts.roles import Role
from intake.accounts.selectors import changes_of, changes_to_decide
from intake.accounts.services import check_sent_since, roles_of
from intake.journal.models import Entry
from intake.journal.selectors import entries_about
from intake.outbox import kinds
from intake.outbox.models import Delivery
from intake.web import formats
from tests.database_roles import as_owner
from tests.factories.people import change_as_operator, client_of, make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db

Kind, State = AccountChange.Kind, AccountChange.State
HOME = "/candidatures/"


def asked(
    person: User,
    kind: AccountChange.Kind,
    value: str = "",
    *,
    actor: User | None = None,
    at: datetime | None = None,
) -> AccountChange:
    """Ask for a change as an administrator."""
    return ask_change(
        person=person,
        kind=kind,
        value=value,
        reason="Demande écrite du 3 mars.",
        actor=actor or make_administrator(),
        at=at or timezone.now(),
    )


def approved(change: AccountChange, actor: User | None = None) -> AccountChange:
    """Approve a change as another administrator."""
    return approve_change(change=change, actor=actor or make_administrator(), at=timezone.now())


def send_mails() -> list[tuple[list[str], str]]:
    """Perform every posted delivery; return recipients and French subject of each mail."""
    mail.outbox.clear()
    for delivery in Delivery.objects.order_by("pk"):
        kinds.get(delivery.kind).handler(delivery, timezone.now())
    return [(list(each.to), each.subject.partition(" / ")[0]) for each in mail.outbox]


def closed(person: User) -> User:
    """Close an account."""
    close_account(person=person, reason="Départ.", actor=make_administrator(), at=timezone.now())
    person.refresh_from_db()
    return person


def reopened(person: User) -> User:
    """Open a closed account again."""
    approved(asked(person, Kind.REOPENING))
    person.refresh_from_db()
    return person


# -- Two people ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind, value, field, before, after",
    [
        (Kind.ADDRESS, "autre@exemple.ca", "email", "moi@exemple.ca", "autre@exemple.ca"),
        (Kind.ADMINISTRATION, "YES", "is_superuser", False, True),
        (Kind.ROLES, "STAFF", "is_staff", False, True),
    ],
)
def test_an_account_changed_before_a_second_person_approved(
    kind: AccountChange.Kind, value: str, field: str, before: object, after: object
) -> None:
    person, asker, approver = make_user("moi@exemple.ca"), make_administrator(), make_administrator()
    change = asked(person, kind, value, actor=asker)
    person.refresh_from_db()
    assert getattr(person, field) == before
    approved(change, approver)
    person.refresh_from_db()
    assert getattr(person, field) == after
    change.refresh_from_db()
    assert (change.state, change.asked_by, change.decided_by) == (State.APPLIED, asker, approver)
    assert [(entry.action, entry.actor_id, entry.detail) for entry in entries_about(person).order_by("pk")][
        :1
    ] == [("ACCOUNT_CHANGE_ASKED", asker.pk, f"{kind} {change.pk}")]
    assert Entry.objects.get(action="ACCOUNT_CHANGE_APPLIED").actor == approver


def test_an_administrator_approved_a_change_of_their_own_account() -> None:
    person = make_administrator()
    change = asked(person, Kind.ADDRESS, "autre@exemple.ca")
    with pytest.raises(errors.SecondPersonError):
        approved(change, person)


def test_a_person_who_is_no_administrator_changed_an_account() -> None:
    person, staff, closed_one = make_user(), make_staff(), make_administrator()
    User.objects.filter(pk=closed_one.pk).update(is_active=False)
    change = asked(person, Kind.ROLES, "STAFF")
    for actor in (staff, closed_one):
        with pytest.raises(errors.NotAdministratorError):
            asked(person, Kind.ADMINISTRATION, "YES", actor=actor)
        with pytest.raises(errors.NotAdministratorError):
            approved(change, actor)
        with pytest.raises(errors.NotAdministratorError):
            refuse_change(change=change, actor=actor)
        with pytest.raises(errors.NotAdministratorError):
            close_account(person=person, reason="Non.", actor=actor, at=timezone.now())
        with pytest.raises(errors.NotAdministratorError):
            changes.open_staff_account(email="n@exemple.ca", display_name="N", actor=actor, at=timezone.now())


def test_a_change_was_approved_after_its_asker_left_the_administration() -> None:
    asker = make_administrator()
    change = asked(make_user(), Kind.ROLES, "STAFF", actor=asker)
    for left in ({"is_superuser": False}, {"is_superuser": True, "is_active": False}):
        with as_owner():
            User.objects.filter(pk=asker.pk).update(**left)
        with pytest.raises(errors.AskerLeftError):
            approved(change)


def test_a_change_was_approved_after_seven_days() -> None:
    change, late = asked(make_user(), Kind.ROLES, "STAFF"), make_administrator()
    last = change.expires_at - timedelta(microseconds=1)
    assert list(changes_to_decide(at=last)) == [change]
    assert list(changes_to_decide(at=change.expires_at)) == []
    with pytest.raises(errors.ChangeDecidedError):
        approve_change(change=change, actor=late, at=change.expires_at)
    again = asked(change.person, Kind.ROLES, "STAFF", at=change.expires_at)
    change.refresh_from_db()
    assert (change.state, change.decided_by, again.state) == (State.EXPIRED, None, State.ASKED)
    assert timedelta(days=7) == CHANGE_LIFETIME


def test_a_second_change_of_the_same_kind_waits_beside_the_first() -> None:
    person = make_user()
    asked(person, Kind.ROLES, "STAFF")
    with pytest.raises(errors.OpenChangeError):
        asked(person, Kind.ROLES, "REVIEWER")
    asked(person, Kind.ADDRESS, "autre@exemple.ca")  # of another kind


def test_a_change_was_applied_to_an_account_that_changed_meanwhile() -> None:
    person = make_user()
    change = asked(person, Kind.ROLES, "STAFF")
    change_as_operator(person=person, kind=Kind.ROLES, value="REVIEWER", reason="Essai", at=timezone.now())
    with pytest.raises(errors.StaleChangeError):
        approved(change)
    again = asked(closed(person), Kind.REOPENING)
    change_as_operator(person=person, kind=Kind.REOPENING, reason="Essai", at=timezone.now())
    with pytest.raises(errors.NothingToChangeError):
        approved(again)


def test_a_change_to_what_the_account_already_is_was_stored() -> None:
    person = make_staff(Role.REVIEWER)
    nothing = [
        (Kind.ADDRESS, person.email),
        (Kind.ROLES, "REVIEWER"),
        (Kind.ADMINISTRATION, "NO"),
        (Kind.REOPENING, ""),
        (Kind.CLOSING, ""),  # one person closes it at once
        (Kind.SECOND_FACTOR, ""),
    ]
    for kind, value in nothing:
        with pytest.raises(errors.NothingToChangeError):
            asked(person, kind, value)
    with pytest.raises(errors.NothingToChangeError):
        closed(closed(person))


def test_two_accounts_got_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    person, other = make_user(), make_user()
    with pytest.raises(errors.AddressTakenError):
        asked(person, Kind.ADDRESS, other.email)
    change = asked(person, Kind.ADDRESS, "libre@exemple.ca")
    make_user("libre@exemple.ca")
    with pytest.raises(errors.AddressTakenError):
        approved(change)
    change.refresh_from_db()
    assert change.state == State.ASKED
    monkeypatch.setattr(changes, "_check_possible", lambda *_given: None)  # it was free a moment ago
    with pytest.raises(errors.AddressTakenError):
        approved(change)
    with pytest.raises(IntegrityError, match="accounts_user_email_is_lower_case"):
        changes.change_own_address(person=person, email="Autre@exemple.ca", at=timezone.now())


def test_a_refused_change_was_applied() -> None:
    person, asker, other = make_user(), make_administrator(), make_administrator()
    for actor, is_withdrawn in ((asker, True), (other, False)):
        change = refuse_change(change=asked(person, Kind.ROLES, "STAFF", actor=asker), actor=actor)
        assert (change.state, change.decided_by, change.is_withdrawn) == (State.REFUSED, actor, is_withdrawn)
        with pytest.raises(errors.ChangeDecidedError):
            approved(change)
        with pytest.raises(errors.ChangeDecidedError):
            refuse_change(change=change, actor=other)
    assert roles_of(person) == set()
    assert [
        entry.actor for entry in Entry.objects.filter(action="ACCOUNT_CHANGE_REFUSED").order_by("pk")
    ] == [
        asker,
        other,
    ]
    assert [each.state for each in changes_of(person)] == [State.REFUSED, State.REFUSED]


def test_roles_are_replaced_and_the_administration_keeps_its_access() -> None:
    person = make_staff(Role.REVIEWER)
    approved(asked(person, Kind.ROLES, "STAFF"))
    person.refresh_from_db()
    assert (roles_of(person), person.is_staff) == ({Role.STAFF}, True)
    approved(asked(person, Kind.ADMINISTRATION, "YES"))
    approved(asked(person, Kind.ADMINISTRATION, "NO"))
    person.refresh_from_db()
    assert (roles_of(person), person.is_staff, person.is_superuser) == ({Role.STAFF}, True, False)
    approved(asked(person, Kind.ADMINISTRATION, "YES"))
    approved(asked(person, Kind.ROLES, ""))
    person.refresh_from_db()
    assert (roles_of(person), person.is_staff, person.is_superuser) == (set(), True, True)
    approved(asked(person, Kind.ADMINISTRATION, "NO"))
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (False, False)


# -- One person ------------------------------------------------------------------------------------------
def test_the_last_administrator_was_closed_or_lost_the_administration() -> None:
    last, other = make_administrator(), make_administrator()
    close_account(person=other, reason="Départ.", actor=last, at=timezone.now())
    with pytest.raises(errors.LastAdministratorError):
        close_account(person=last, reason="Départ.", actor=last, at=timezone.now())
    with pytest.raises(errors.LastAdministratorError):
        asked(last, Kind.ADMINISTRATION, "NO", actor=last)
    operator: dict[str, Any] = {"reason": "Non.", "at": timezone.now()}
    with pytest.raises(errors.LastAdministratorError):
        change_as_operator(person=last, kind=Kind.CLOSING, **operator)
    with pytest.raises(errors.LastAdministratorError):
        change_as_operator(person=last, kind=Kind.ADMINISTRATION, value="NO", **operator)
    change_as_operator(person=last, kind=Kind.ADDRESS, value="autre@exemple.ca", **operator)  # it stays one


def test_the_operators_change_has_no_author_and_every_administrator_reads_of_it() -> None:
    first, second, person = (
        make_administrator("a@exemple.ca"),
        make_administrator("b@exemple.ca"),
        make_user("c@exemple.ca"),
    )
    change = change_as_operator(
        person=person, kind=Kind.ADMINISTRATION, value="YES", reason="Départ.", at=timezone.now()
    )
    person.refresh_from_db()
    assert (person.is_superuser, change.asked_by, change.decided_by) == (True, None, None)
    assert Entry.objects.get(action="ACCOUNT_CHANGE_APPLIED").actor is None
    assert send_mails() == [
        (["c@exemple.ca"], "Vos accès ont changé"),
        ([first.email], "Un compte est changé par une commande sur le serveur"),
        ([second.email], "Un compte est changé par une commande sur le serveur"),
        (["c@exemple.ca"], "Invitation à protéger votre compte"),
    ]


# -- Mails -----------------------------------------------------------------------------------------------
def test_a_changed_address_is_announced_to_the_former_and_to_the_new_one() -> None:
    person = make_user("ancienne@exemple.ca")
    approved(asked(person, Kind.ADDRESS, "nouvelle@exemple.ca"))
    assert send_mails() == [
        (["ancienne@exemple.ca"], "L’adresse de votre compte a changé"),
        (["nouvelle@exemple.ca"], "Votre nouvelle adresse de connexion"),
    ]
    assert "nouvelle@exemple.ca" not in str(mail.outbox[0].body)  # a stranger may read the former mailbox
    assert "(English follows)" in str(mail.outbox[0].body)


def test_a_person_reads_of_each_change_of_their_account() -> None:
    person = make_staff(Role.REVIEWER, "moi@exemple.ca")
    approved(asked(person, Kind.ROLES, "REVIEWER STAFF"))
    approved(asked(person, Kind.ROLES, ""))
    approved(asked(person, Kind.ADMINISTRATION, "YES"))
    approved(asked(person, Kind.ADMINISTRATION, "NO"))
    reopened(closed(person))
    subjects = ["Vos accès ont changé"] * 4 + ["Votre compte est fermé", "Votre compte est rouvert"]
    assert send_mails() == [([person.email], subject) for subject in subjects]
    texts = [" ".join(str(message.body).split()) for message in mail.outbox]
    assert "Vos rôles dans le portail sont maintenant : Membre du comité, Personnel Par prudence" in texts[0]
    assert "Vous n’avez plus de rôle dans le portail." in texts[1]
    assert "Vous avez maintenant accès à toute l’administration du portail." in texts[2]
    assert "Vous n’avez plus accès à l’administration des comptes ni des droits." in texts[3]
    assert "Connectez-vous" not in texts[4]


# -- Sessions --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind, value", [(Kind.ADDRESS, "autre@exemple.ca"), (Kind.ROLES, "STAFF"), (Kind.ADMINISTRATION, "YES")]
)
def test_a_session_outlives_a_change_of_its_account(kind: AccountChange.Kind, value: str) -> None:
    person = make_user()
    client = client_of(person)
    assert client.get(HOME).status_code == 200
    change = asked(person, kind, value)
    assert client.get(HOME).status_code == 200  # asked, not applied
    approved(change)
    assert client.get(HOME).status_code == 302


def test_an_old_cookie_is_valid_again_once_its_account_is_reopened() -> None:
    person = make_user()
    before = client_of(person)
    while_closed = client_of(closed(person))
    reopened(person)
    assert [client.get(HOME).status_code for client in (before, while_closed)] == [302, 302]
    assert client_of(User.objects.get(pk=person.pk)).get(HOME).status_code == 200


def test_a_code_sent_before_the_sessions_were_ended_still_signs_in() -> None:
    at, person = timezone.now(), make_user()
    check_sent_since(user=person, sent_at=at)
    changes.end_sessions(user=person, at=at)
    check_sent_since(user=person, sent_at=at)
    with pytest.raises(ProofRefused):
        check_sent_since(user=person, sent_at=at - timedelta(microseconds=1))


def test_a_device_is_known_after_the_sessions_were_ended(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    person, others = make_user(), [make_user() for _ in range(4)]

    def device_with(cookie: str) -> Device:
        request: Any = RequestFactory().get("/")
        request.COOKIES[settings.DEVICE_COOKIE_NAME] = cookie
        return Device.of(request)

    def remembered(cookie: str, user: User) -> str:
        response = HttpResponse()
        device_with(cookie).remember(user, response)
        morsel = response.cookies[settings.DEVICE_COOKIE_NAME]
        attributes = (morsel["secure"], morsel["httponly"], morsel["samesite"], morsel["max-age"])
        assert attributes == (True, True, "Lax", 180 * 24 * 3600)
        return morsel.value

    cookie = ""
    for user in (person, *others, others[0]):
        cookie = remembered(cookie, user)
    assert len(cookie) < 400
    assert all(device_with(cookie).knows(user.email) for user in (person, *others)), "five people"
    assert not device_with(remembered(cookie, make_user())).knows(person.email), "the first one of six"
    assert not device_with(cookie).knows("personne@exemple.invalid")
    changes.end_sessions(user=person, at=timezone.now())
    assert not device_with(cookie).knows(person.email)


# -- Those who can approve learn of a request --------------------------------------------------------------------
def test_a_request_is_mailed_to_those_who_can_approve() -> None:
    asker, approver, person = make_administrator(), make_administrator(), make_administrator()
    closed = make_administrator()
    with as_owner():
        User.objects.filter(pk=closed.pk).update(is_active=False)
    make_staff()
    asked = ask_change(
        person=person, kind=Kind.ROLES, value="STAFF", reason="Relève.", actor=asker, at=timezone.now()
    )
    waiting = Delivery.objects.filter(kind="ACCOUNT_ASKED_MAIL")
    assert [delivery.key for delivery in waiting] == [f"{asked.pk}-{approver.pk}"]
    kinds.get("ACCOUNT_ASKED_MAIL").handler(waiting.get(), timezone.now())
    letter = mail.outbox[-1]
    assert letter.to == [approver.email]
    said = " ".join(str(letter.body).split())
    for part in (str(person), str(asker), "Relève.", f"/admin/accounts/user/changements/{asked.pk}/"):
        assert part in said, part
    assert " ".join(formats.instant(asked.expires_at).split()) in said


def test_the_dashboard_lists_a_request_for_those_who_can_approve() -> None:
    asker, approver, person = make_administrator(), make_administrator(), make_administrator()
    at, link = timezone.now(), reverse("admin:accounts_user_changes")
    asked = ask_change(person=person, kind=Kind.ROLES, value="STAFF", reason="Relève.", actor=asker, at=at)

    def told(reader: User) -> bool:
        page = client_of(reader).get(reverse("admin:index")).content.decode()
        return f'<a href="{link}">1\u00a0changement de compte à approuver</a>' in page

    assert [told(reader) for reader in (approver, asker, person, make_staff())] == [True, False, False, False]
    refuse_change(change=asked, actor=asker)
    assert not told(approver)


def test_the_operator_closes_no_account_without_an_administrator() -> None:
    person = make_user()
    change_as_operator(person=person, kind=Kind.CLOSING, reason="Perdu.", at=timezone.now())
    person.refresh_from_db()
    assert not person.is_active


def test_a_refused_change_sends_no_mail() -> None:
    refuse_change(change=asked(make_user(), Kind.ADDRESS, "autre@exemple.ca"), actor=make_administrator())
    assert send_mails() == []
