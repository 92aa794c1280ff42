"""A programme's labels in the administration: all set or, for the portal's own programme, none."""

import pytest
from django.test import Client
from django.urls import reverse

from offers.models import Programme
from tests.factories.participants import portal_programme
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
WORDS = {
    "dates_label": "Dates du séjour",
    "allowance_label": "Montant de la bourse",
    "at_start": "au début du séjour",
    "lead": "Des bourses pour présenter son travail à l’étranger.",
    "next_steps": "Un jury choisit, puis écrit à chaque personne.",
}
MISSING = (
    "Ce texte manque. Un programme remplit les cinq ; seul le premier du portail peut les laisser tous vides."
)


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def errors_of(client: Client, *, programme: Programme | None, **words: str) -> dict[str, list[str]]:
    """Send the form of a new programme, or of an existing one. Return the errors by field."""
    if programme is None:
        where = reverse("admin:offers_programme_add")
        sent = {"code": "BOURSE", "name": "Bourse"}
    else:
        where = reverse("admin:offers_programme_change", args=[programme.pk])
        sent = {"name": programme.name}
    answer = client.post(where, sent | words)
    if answer.status_code == 302:
        return {}
    return {name: [str(text) for text in said] for name, said in answer.context["adminform"].errors.items()}


@pytest.mark.parametrize(
    "kind, left_out",
    [*(("a new one", name) for name in WORDS), ("the first", "lead"), ("another", "at_start")],
)
def test_a_missing_label_is_reported_at_its_field(administrator: Client, kind: str, left_out: str) -> None:
    programmes = {
        "a new one": None,
        "the first": portal_programme(),
        "another": Programme.objects.create(code="AUTRE", name="Autre", **WORDS),
    }
    said = errors_of(administrator, programme=programmes[kind], **(WORDS | {left_out: " "}))
    assert said == {left_out: [MISSING]}


def test_all_missing_labels_are_reported_at_once(administrator: Client) -> None:
    assert errors_of(administrator, programme=None) == {name: [MISSING] for name in WORDS}


def test_the_first_programme_may_set_its_labels_and_empty_them_again(administrator: Client) -> None:
    first = portal_programme()
    assert errors_of(administrator, programme=first, **WORDS) == {}
    first.refresh_from_db()
    assert {name: getattr(first, name) for name in WORDS} == WORDS
    assert errors_of(administrator, programme=first) == {}
    first.refresh_from_db()
    assert {getattr(first, name) for name in WORDS} == {""}
