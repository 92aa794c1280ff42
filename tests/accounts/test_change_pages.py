"""Pages of account changes: an administrator asks, another approves or refuses."""

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.changes import ask_change, close_account
from intake.accounts.models import AccountChange, User
from intake.accounts.roles import Role
from tests.factories.people import client_of, make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db

Kind, State = AccountChange.Kind, AccountChange.State
WAITING = reverse("admin:accounts_user_changes")


def ask_url(user: User, kind: str) -> str:
    return reverse("admin:accounts_user_ask", args=[user.pk, kind])


def decide_url(change: AccountChange) -> str:
    return reverse("admin:accounts_user_decide", args=[change.pk])


def account_url(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def asked(person: User, kind: AccountChange.Kind = Kind.ROLES, value: str = "STAFF") -> AccountChange:
    return ask_change(
        person=person,
        kind=kind,
        value=value,
        reason="Arrivée.",
        actor=make_administrator(),
        at=timezone.now(),
    )


def words(page: str) -> str:
    return " ".join(page.split())


@pytest.mark.parametrize(
    "kind, sent, value",
    [
        ("ADDRESS", {"email": "Autre@Exemple.ca"}, "autre@exemple.ca"),
        ("ROLES", {"roles": ["STAFF", "REVIEWER"]}, "REVIEWER STAFF"),
        ("ADMINISTRATION", {}, "YES"),
    ],
)
def test_a_form_changes_the_account_before_another_person_approves_on_the_page(
    kind: str, sent: dict[str, object], value: str
) -> None:
    asker, approver, person = make_administrator(), make_administrator(), make_user("moi@exemple.ca")
    client = client_of(asker)
    assert client.get(ask_url(person, kind)).status_code == 200
    refused = client.post(ask_url(person, kind), sent)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
    answer = client.post(ask_url(person, kind), sent | {"reason": "Demande écrite."}, follow=True)
    assert answer.redirect_chain == [(account_url(person), 302)]
    assert "Une autre personne doit l’approuver." in answer.content.decode()
    change = person.changes.get()
    assert (change.kind, change.value, change.state, change.asked_by) == (kind, value, State.ASKED, asker)
    own = words(client.get(decide_url(change)).content.decode())
    label = {"ADDRESS": "Adresse courriel", "ROLES": "Rôles", "ADMINISTRATION": "Administration"}[kind]
    assert f"{label} – moi@exemple.ca" in own
    assert "Retirer ma demande" in own
    assert "Approuver le changement" not in own
    assert client.post(decide_url(change), {"approve": "1"}).status_code == 422
    second = client_of(approver)
    assert "Approuver ou refuser" in second.get(WAITING).content.decode()
    answer = second.post(decide_url(change), {"approve": "1"}, follow=True)
    change.refresh_from_db()
    assert (change.state, change.decided_by) == (State.APPLIED, approver)
    page = words(answer.content.decode())
    assert "Le changement est fait. Un courriel l’annonce à la personne." in page
    assert "Demande écrite." in page
    assert "Aucun changement n’attend." in second.get(WAITING).content.decode()


def test_an_account_closes_from_its_page_and_waits_for_two_people_to_open_again() -> None:
    boss, person = make_administrator(), make_user()
    client = client_of(boss)
    assert "Fermeture du compte" in client.get(account_url(person)).content.decode()
    answer = client.post(ask_url(person, "CLOSING"), {"reason": "Téléphone perdu."}, follow=True)
    person.refresh_from_db()
    assert not person.is_active
    page = answer.content.decode()
    assert "Le compte est fermé, avec toutes ses sessions." in page
    assert "Réouverture du compte" in page
    client.post(ask_url(person, "REOPENING"), {"reason": "Téléphone trouvé."})
    person.refresh_from_db()
    assert not person.is_active
    again = client.post(ask_url(person, "REOPENING"), {"reason": "Téléphone trouvé."})
    assert again.context["form"].non_field_errors() == [
        "Un changement de ce genre attend déjà une décision pour ce compte."
    ]


def test_a_refused_request_changes_the_account() -> None:
    person, other = make_user(), make_administrator()
    change = asked(person)
    assert client_of(other).post(decide_url(change), {}).status_code == 422, "no button was pressed"
    answer = client_of(other).post(decide_url(change), {"refuse": "1"}, follow=True)
    assert answer.redirect_chain == [(account_url(person), 302)]
    assert "La demande est refusée. Le compte ne change pas." in answer.content.decode()
    change.refresh_from_db()
    person.refresh_from_db()
    assert (change.state, person.is_staff) == (State.REFUSED, False)
    late = client_of(other).post(decide_url(change), {"approve": "1"})
    assert late.status_code == 422
    assert "n’attend plus de décision" in late.content.decode()


def test_a_taken_address_is_reported_beside_its_field() -> None:
    person, other = make_user(), make_user()
    sent = {"email": other.email, "reason": "Mariage."}
    answer = client_of(make_administrator()).post(ask_url(person, "ADDRESS"), sent)
    assert answer.context["form"].errors == {"email": ["Une autre personne utilise déjà cette adresse."]}


def test_staff_read_why_an_account_was_closed() -> None:
    person, staff = make_staff(Role.REVIEWER), make_staff(Role.STAFF)
    close_account(person=person, reason="Motif confidentiel.", actor=make_administrator(), at=timezone.now())
    assert "Motif confidentiel." not in client_of(staff).get(account_url(person)).content.decode()


def test_an_unknown_kind_of_change_or_account_is_a_page() -> None:
    client = client_of(make_administrator())
    person = make_user()
    for url in (ask_url(person, "AUTRE"), reverse("admin:accounts_user_ask", args=[987654, "ROLES"])):
        assert client.get(url).status_code == 404
    assert client.get(reverse("admin:accounts_user_decide", args=[987654])).status_code == 404
