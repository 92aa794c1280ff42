"""Registrations of apps above `offers`, and error exits of commands."""

from types import SimpleNamespace

import pytest
from django.core.management import CommandError
from django.db import DatabaseError, IntegrityError

from intake.base.command_errors import exit_bad_input
from offers import registrations
from offers.models import Offer, OfferChange
from offers.services.database_errors import explain_database


@pytest.fixture(autouse=True)
def no_registrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the registrations for the test, and the test's own afterwards."""
    for module, name in (
        (registrations, "_conflict_checks"),
        (registrations, "_listeners"),
        (registrations, "_audiences"),
        (registrations, "_admin_links"),
    ):
        monkeypatch.setattr(module, name, [])


# -- Error exits of commands -----------------------------------------------------------------------------------
def test_a_command_refuses_bad_input_in_one_line_with_its_exit_code() -> None:
    with pytest.raises(CommandError) as refused:
        exit_bad_input("Non.")
    assert (str(refused.value), refused.value.returncode) == ("Non.", 2)


OTHERS = "Une valeur de ce texte est trop longue ou n’est pas permise\u00a0: rien n’est enregistré."


@pytest.mark.parametrize(
    "rule, said",
    [
        ("offer_ends_after_it_starts", "Le stage doit finir après son début."),
        ("another_rule", OTHERS),
        (None, OTHERS),
    ],
)
def test_a_violated_constraint_has_its_message(rule: str | None, said: str) -> None:
    error: DatabaseError = IntegrityError("Une ligne.\nUne autre.")
    if rule is not None:
        error.__cause__ = type("Broken", (Exception,), {"diag": SimpleNamespace(constraint_name=rule)})()
    assert explain_database(error) == said


# -- Registrations ---------------------------------------------------------------------------------------------
def test_registrations_of_higher_apps_are_unique_and_ordered() -> None:
    offer, request = Offer(number="2027-020"), SimpleNamespace()
    for _time in range(2):
        registrations.register_admin_link(_first_link)
        registrations.register_admin_link(_no_link)
        registrations.register_admin_link(_second_link)
        registrations.register_change_listener(_nothing, audience=_one_person)
        registrations.register_change_listener(_nothing, audience=_no_person)
    registrations.register_change_listener(_heard)
    assert list(registrations.admin_links(request, offer)) == [("/a/", "A"), ("/b/", "B")]  # type: ignore[arg-type]  # -- no link reads it
    kinds = (OfferChange.Kind.EXTENDED, OfferChange.Kind.CANCELLED)
    assert [registrations.audience_messages(offer, kind) for kind in kinds] == [
        ["EXTENDED : une personne."],
        ["CANCELLED : une personne."],
    ]
    assert not registrations.has_conflict(offer, None)


def _first_link(_request: object, _offer: Offer) -> tuple[str, str]:
    return "/a/", "A"


def _second_link(_request: object, _offer: Offer) -> tuple[str, str]:
    return "/b/", "B"


def _no_link(_request: object, _offer: Offer) -> None:
    return None


def _nothing(_change: OfferChange) -> None:
    return None


def _heard(_change: OfferChange) -> None:
    return None


def _one_person(_offer: Offer, kind: OfferChange.Kind) -> str:
    return f"{kind.value} : une personne."


def _no_person(_offer: Offer, _kind: OfferChange.Kind) -> str:
    return ""
