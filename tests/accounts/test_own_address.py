"""A candidate changes their own address: both mailboxes are proved, and no answer says whether one has an account."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from intake.accounts import errors
from intake.accounts.changes import change_own_address, end_sessions
from intake.accounts.limits import WAIT
from intake.accounts.models import AccountChange, User
from intake.journal.models import Entry
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from intake.web import formats
from tests.accounts.sign_in_steps import CONFIRM, ask, last_code, text_of, wrong_code
from tests.database_roles import as_owner
from tests.factories.people import client_of, make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db

PAGE, CODE, HOME = "/securite/adresse/", "/securite/adresse/code/", "/securite/"
PROOF = "/securite/confirmer/"
OLD, NEW = "ancienne@exemple.ca", "nouvelle@exemple.ca"


@pytest.fixture
def person() -> User:
    return make_user(OLD)


def ask_for(client: Client, email: str = NEW, **more: Any) -> Any:
    return client.post(PAGE, {"email": email} | more)


def give_code(client: Client, code: str = "") -> Any:
    return client.post(CODE, {"code": code or last_code()})


def changed(client: Client, email: str = NEW) -> User:
    ask_for(client, email)
    assert give_code(client).headers["Location"] == HOME
    return User.objects.get(email=email)


def test_a_proved_address_replaces_the_one_of_the_account(person: User) -> None:
    client = client_of(person)
    assert ask_for(client, f"  {NEW.upper()} ").headers["Location"] == CODE
    assert mail.outbox[-1].to == [NEW]
    assert User.objects.get(pk=person.pk).email == OLD
    assert NEW in text_of(client.get(CODE))
    assert give_code(client).headers["Location"] == HOME
    assert User.objects.get(pk=person.pk).email == NEW
    change = AccountChange.objects.get()
    assert (change.kind, change.before, change.value) == ("OWN_ADDRESS", OLD, NEW)
    assert change.asked_by == change.decided_by == person
    entry = Entry.objects.get(action="ACCOUNT_CHANGE_APPLIED")
    assert (entry.actor, entry.subject_id) == (person, str(person.public_id))
    assert NEW in text_of(client.get(HOME))
    assert client.get(CODE).headers["Location"] == PAGE  # nothing is left of the change


def test_the_mail_of_a_code_names_the_mailbox_that_it_proves(person: User) -> None:
    client = client_of(person, second_factor=False)
    client.post(PROOF, {"send": "1"})
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([OLD], "Votre code de confirmation")
    ask_for(client_of(person))
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([NEW], "Votre code pour changer d’adresse")


def test_the_former_address_alone_learns_what_changed_when_and_whom_to_write_to(
    person: User, settings: Settings
) -> None:
    settings.PRIVACY_OFFICER_NAME = "Dominique Roy"
    changed(client_of(person))
    mail.outbox.clear()
    for delivery in Delivery.objects.order_by("pk"):
        kinds.get(delivery.kind).handler(delivery, timezone.now())
    [notice] = mail.outbox
    assert notice.to == [OLD]
    text = " ".join(str(notice.body).split())
    done_at = AccountChange.objects.get().decided_at
    assert done_at is not None
    when = formats.instant(done_at)
    for said in (
        f"Le {' '.join(when.split())}, une personne connectée à votre compte lui a donné une autre adresse courriel.",
        "L’adresse où vous lisez ce courriel ne permet plus de vous y connecter.",
        "Vous n’avez rien à faire",
        f"Dominique Roy {settings.PRIVACY_OFFICER_EMAIL}",
    ):
        assert said in text, said
    for untrue in ("Connectez-vous", reverse("accounts:sign_in"), "Écrivez-nous"):
        assert untrue not in text, untrue


def test_the_other_sessions_end_and_this_one_goes_on_under_a_new_key(person: User) -> None:
    here, there = client_of(person), client_of(person)
    before = here.session.session_key
    changed(here)
    assert [client.get(HOME).status_code for client in (here, there)] == [200, 302]
    assert here.session.session_key != before


def test_a_taken_address_gets_other_answers_than_a_free_one(person: User) -> None:
    taken = make_user("prise@exemple.ca")
    client = client_of(person)

    def answers(email: str) -> list[Any]:
        asked = ask_for(client, email)
        sent = mail.outbox[-1]
        wrong = client.post(CODE, {"code": wrong_code()})
        shown = [client.get(PAGE), client.get(CODE), wrong]
        texts = [
            re.sub(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|value="\d{6}"', "", text_of(one))
            for one in shown
        ]
        code = f"{last_code()[:3]}\u00a0{last_code()[3:]}"
        texts += [str(sent.subject), str(sent.body).replace(code, "CODE"), asked.headers["Location"]]
        return [sent.to == [email], asked.status_code, *(text.replace(email, "ADRESSE") for text in texts)]

    free = answers("libre@exemple.ca")
    assert answers(taken.email) == free
    assert free[0]


def test_a_taken_address_is_revealed_before_its_mailbox_is_proved(person: User) -> None:
    taken = make_user("prise@exemple.ca")
    client = client_of(person)
    ask_for(client, taken.email)
    assert give_code(client).headers["Location"] == PAGE
    assert "Un autre compte a déjà cette adresse" in text_of(client.get(PAGE))
    assert User.objects.get(pk=person.pk).email == OLD
    assert not AccountChange.objects.exists()


def test_no_code_is_sent_to_the_address_of_the_account_or_to_none(person: User) -> None:
    client = client_of(person)
    for typed in (OLD, f" {OLD.upper()}", "", "nouvelle"):
        assert ask_for(client, typed).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert mail.outbox == []


def test_a_wrong_or_late_code_changes_no_address(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(person)
    ask_for(client)
    assert "pas le bon code" in text_of(give_code(client, wrong_code()))
    later = timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr("intake.accounts.mailbox_pages.timezone.now", lambda: later)
    assert "Ce code a expiré" in text_of(give_code(client))
    assert User.objects.get(pk=person.pk).email == OLD


def test_another_code_voids_the_one_before(person: User) -> None:
    client = client_of(person)
    ask_for(client)
    first = last_code()
    assert client.post(CODE, {"resend": "1"}).headers["Location"] == CODE
    assert "Nous avons envoyé un nouveau code" in text_of(client.get(CODE))
    if first != last_code():
        assert give_code(client, first).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert give_code(client).headers["Location"] == HOME


def test_guesses_at_one_address_are_counted_over_all_accounts(person: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_in_guess_address": "2/d/key"}
    for account in (person, make_user()):
        client = client_of(account)
        ask_for(client)
        give_code(client, wrong_code())
    client = client_of(make_user())
    ask_for(client)
    assert "Trop d’essais" in text_of(give_code(client))
    assert not User.objects.filter(email=NEW).exists()


def test_codes_of_a_change_are_limited_and_take_none_of_a_sign_in_away(person: User) -> None:
    client, victim = client_of(person), make_user(NEW)
    answers = [ask_for(client).status_code for _ in range(6)]
    assert answers == [HTTPStatus.FOUND] * 5 + [HTTPStatus.TOO_MANY_REQUESTS]
    refused = [ask_for(client, "libre@exemple.ca"), ask_for(client_of(make_user()), NEW)]
    assert [answer.status_code for answer in refused] == [HTTPStatus.TOO_MANY_REQUESTS] * 2
    assert ask(Client(), victim.email).headers["Location"] == CONFIRM


def test_a_busy_network_waits_and_is_not_shut_out(person: User, settings: Settings, clock: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_in_code_network": "1/m/ip"}
    client = client_of(person)
    ask_for(client)
    busy = client.post(CODE, {"resend": "1"})
    assert (busy.status_code, busy.headers["Retry-After"]) == (HTTPStatus.TOO_MANY_REQUESTS, "20")
    assert 'name="ticket"' in text_of(busy)
    assert 'name="ticket"' in text_of(ask_for(client))
    [ticket] = re.findall(r'name="ticket" value="([^"]+)"', text_of(busy))
    clock.ahead = WAIT
    assert client.post(CODE, {"resend": "1", "ticket": ticket}).headers["Location"] == CODE


def test_a_busy_network_keeps_where_a_proof_of_the_mailbox_leads(
    person: User, settings: Settings, clock: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_in_code_network": "1/m/ip"}
    client = client_of(person, second_factor=False)
    client.post(PROOF, {"send": "1", "next": "/profil/"})
    busy = text_of(client.post(PROOF, {"send": "1", "next": "/profil/"}))
    again = dict(re.findall(r'name="(next|ticket)" value="([^"]+)"', busy.rpartition("<form")[2]))
    clock.ahead = WAIT
    sent = client.post(PROOF, {"send": "1"} | again)
    assert sent.headers["Location"] == f"{PROOF}?next=%2Fprofil%2F"


def test_a_mail_server_that_is_down_changes_nothing(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr("intake.accounts.own_codes.send_address_code", refuse)
    client = client_of(person)
    assert ask_for(client).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert client.get(CODE).headers["Location"] == PAGE


def test_staff_change_no_address_of_their_own() -> None:
    alone = make_user("e@exemple.ca")
    with as_owner():
        User.objects.filter(pk=alone.pk).update(is_superuser=True)
    with pytest.raises(errors.StaffAddressError):
        change_own_address(person=alone, email=NEW, at=timezone.now())
    for colleague in (make_staff(email="c@exemple.ca"), make_administrator("d@exemple.ca")):
        client = client_of(colleague)
        assert "Deux personnes" in text_of(client.get(PAGE))
        assert ask_for(client).status_code == HTTPStatus.FORBIDDEN
        with pytest.raises(errors.StaffAddressError):
            change_own_address(person=colleague, email=NEW, at=timezone.now())
    assert mail.outbox == []


def test_a_closed_account_or_the_same_address_changes_nothing(person: User) -> None:
    with pytest.raises(errors.NothingToChangeError):
        change_own_address(person=person, email=OLD, at=timezone.now())
    User.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(errors.StaffAddressError):
        change_own_address(person=person, email=NEW, at=timezone.now())


def test_a_change_that_is_refused_meanwhile_changes_the_address(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(person)
    ask_for(client)

    def refuse(**_arguments: object) -> None:
        raise errors.StaffAddressError

    monkeypatch.setattr("intake.accounts.address_pages.change_own_address", refuse)
    assert str(errors.StaffAddressError()) in text_of(give_code(client))


def test_ended_sessions_forget_a_change_under_way(person: User) -> None:
    client = client_of(person)
    ask_for(client)
    end_sessions(user=person, at=timezone.now())
    assert give_code(client).status_code == HTTPStatus.FOUND
    assert User.objects.get(pk=person.pk).email == OLD


# -- Mails that wait, or are sent again -------------------------------------------------------------------
def test_a_stored_mail_follows_the_account_to_its_new_address(person: User) -> None:
    at, notice = timezone.now() - timedelta(hours=1), kinds.get("ACCOUNT_CHANGED_MAIL")
    change_own_address(person=make_user("autre@exemple.ca"), email="ailleurs@exemple.ca", at=timezone.now())
    changed(client_of(person))
    delivery = Delivery.objects.filter(kind="ACCOUNT_CHANGED_MAIL").latest("pk")
    Message.objects.create(
        delivery=delivery, message_id="<1@x.invalid>", to_address=OLD, subject="S", text="T", created_at=at
    )
    mail.outbox.clear()
    notice.handler(delivery, timezone.now())
    assert mail.outbox[-1].to == [OLD]  # of the change itself, to the former mailbox
    Delivery.objects.filter(pk=delivery.pk).update(subject_kind="", subject_id="x")
    Message.objects.update(sent_at=None)
    notice.handler(Delivery.objects.get(pk=delivery.pk), timezone.now())
    assert mail.outbox[-1].to == [NEW]
    assert Message.objects.get().to_address == NEW


def test_a_mail_to_the_next_owner_of_an_address_does_not_follow_the_former_one(person: User) -> None:
    changed(client_of(person))
    make_user(OLD)
    delivery = Delivery.objects.get(kind="ACCOUNT_CHANGED_MAIL")
    Delivery.objects.filter(pk=delivery.pk).update(subject_kind="", subject_id="x")
    Message.objects.create(
        delivery=delivery,
        message_id="<1@x.invalid>",
        to_address=OLD,
        subject="S",
        text="T",
        created_at=timezone.now() + timedelta(seconds=1),
    )
    mail.outbox.clear()
    kinds.get("ACCOUNT_CHANGED_MAIL").handler(Delivery.objects.get(pk=delivery.pk), timezone.now())
    assert mail.outbox[-1].to == [OLD]


def test_the_code_of_the_present_mailbox_changes_the_address(person: User) -> None:
    client = client_of(person, second_factor=False)
    client.post(PROOF, {"send": "1", "next": PAGE})
    first = last_code()
    assert client.post(PROOF, {"code": first, "next": PAGE}).headers["Location"] == PAGE
    ask_for(client)
    if first != last_code():
        assert give_code(client, first).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert User.objects.get(pk=person.pk).email == OLD
