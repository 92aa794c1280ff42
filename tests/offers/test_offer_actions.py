"""Staff actions on an offer: when each is possible, its consequences, its form, and when it is already done."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import RequestFactory

from offers import registrations
from offers.admin.action_forms import (
    ActionForm,
    CloneForm,
    ExtendForm,
    suggest_next_edition,
)
from offers.admin.offer_actions import OFFER_ACTIONS, is_repeated_action
from offers.admin.offer_summary import history_of, summary_of
from offers.models import Offer, OfferChange
from offers.services.lifecycle import extend_deadline, settle_point
from offers.services.publishing import publish_offer
from tests.database_roles import as_owner
from tests.factories.offers import (
    NOON,
    accept_any_extension_date,
    cancel_offer,
    make_draft,
    make_offer,
    make_point,
)
from tests.factories.people import make_user

DAY, LEAST = timedelta(days=1), timedelta(microseconds=1)
OPENS, CLOSES = datetime(2027, 8, 1, 3, tzinfo=UTC), datetime(2027, 10, 2, 4, tzinfo=UTC)


def with_plain_spaces(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def offer(**fields: Any) -> Offer:
    """Return an unsaved draft that closes at the end of 1 October 2027 in Québec."""
    usual = {
        "number": "2027-020",
        "organisation": "Union",
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "closes_on": date(2027, 10, 1),
        "starts_on": date(2028, 1, 10),
        "ends_on": date(2028, 7, 7),
        "contact_email": "a@exemple.org",
    }
    return Offer(**(usual | fields))


# -- The table -------------------------------------------------------------------------------------------------


CLOSING = "le 1er octobre 2027, 23 h 59 (heure de l’Est, Québec)"


@pytest.mark.parametrize(
    "name, at, listed, said",
    [
        (
            "publish",
            OPENS - LEAST,
            True,
            f"Les inscriptions ouvrent le 31 juillet 2027 et ferment {CLOSING}.",
        ),
        ("publish", OPENS, True, f"Les inscriptions ouvrent aussitôt et ferment {CLOSING}."),
        (
            "publish",
            CLOSES,
            True,
            f"Cette offre est déjà fermée ({CLOSING[3:]}) : elle sera publiée comme archive.",
        ),
        (
            "publish",
            CLOSES,
            False,
            "L’offre reste invisible pour le public : ni dans la liste, ni à son adresse.",
        ),
        ("extend", CLOSES - LEAST, True, f"Cette offre ferme {CLOSING}."),
        ("extend", CLOSES, True, f"Cette offre est fermée depuis {CLOSING} : elle rouvrira."),
    ],
)
def test_each_action_lists_its_consequences(name: str, at: datetime, listed: bool, said: str) -> None:  # noqa: FBT001 -- a column of the table
    (act,) = (act for act in OFFER_ACTIONS if act.name == name)
    assert said in [with_plain_spaces(line) for line in act.entails(offer(listed=listed), at)]


# -- Forms -----------------------------------------------------------------------------------------------------
def errors_of(form: type[ActionForm], data: dict[str, Any], **fields: Any) -> dict[str, list[str]]:
    judged = form(data, offer=offer(**fields))
    return {name: [with_plain_spaces(error) for error in errors] for name, errors in judged.errors.items()}


@pytest.mark.parametrize(
    "closes_on, errors",
    [
        ("2028-01-09", {}),
        (
            "2028-01-10",
            {"closes_on": ["Le stage commence le 10 janvier 2028 : la date limite doit être avant ce jour."]},
        ),
        ("", {"closes_on": ["Choisissez la nouvelle date limite."]}),
    ],
)
def test_an_extension_needs_a_day_before_the_stage(closes_on: str, errors: dict[str, list[str]]) -> None:
    assert errors_of(ExtendForm, {"closes_on": closes_on, "reason": "Panne."}) == errors


COPY = {"number": "2028-020", "closes_on": "2028-10-01", "starts_on": "", "ends_on": ""}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes, errors",
    [
        ({}, {}),
        ({"starts_on": "2028-10-02", "ends_on": "2028-10-03"}, {}),
        ({"starts_on": "2029-01-08"}, {"ends_on": ["Inscrivez les deux dates du stage, ou aucune."]}),
        ({"ends_on": "2029-01-08"}, {"ends_on": ["Inscrivez les deux dates du stage, ou aucune."]}),
        (
            {"starts_on": "2028-10-01", "ends_on": "2028-10-01"},
            {
                "ends_on": ["Le stage doit finir après son début."],
                "starts_on": ["Le stage doit commencer après la date limite."],
            },
        ),
        (
            {"number": "", "closes_on": ""},
            {
                "number": ["Inscrivez le numéro de la copie."],
                "closes_on": ["Inscrivez la date limite de la copie."],
            },
        ),
        (
            {"number": "2028--020"},
            {"number": ["Un numéro contient des chiffres, des lettres et des traits d’union."]},
        ),
        ({"number": "2027-020"}, {"number": ["Une autre offre porte déjà ce numéro."]}),
        ({"number": "9" * 20}, {}),
        (
            {"number": "9" * 21},
            {"number": ["Assurez-vous que cette valeur comporte au plus 20 caractères (actuellement 21)."]},
        ),
    ],
)
def test_a_copy_needs_its_own_number_and_consistent_days(
    changes: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    make_draft(number="2027-020")
    assert errors_of(CloneForm, COPY | changes) == errors


@pytest.mark.parametrize(
    "number, next_number",
    [("2027-020", "2028-020"), ("2099-1-B", "2100-1-B"), ("T-1", ""), ("20270", ""), (None, "")],
)
def test_the_suggested_next_offer_is_a_year_later_on_the_same_weekdays(
    number: str | None, next_number: str
) -> None:
    assert suggest_next_edition(offer(number=number)) == {
        "number": next_number,
        "closes_on": date(2028, 9, 29),
        "starts_on": date(2029, 1, 8),
        "ends_on": date(2029, 7, 6),
    }


# -- Pressed twice ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_action_repeated_by_one_user_with_the_same_data_counts_as_done() -> None:
    accept_any_extension_date()
    author, other, stored = make_user(), make_user(), make_offer()
    publish, _mailbox, extend, cancel = OFFER_ACTIONS
    day = stored.closes_on + 7 * DAY

    def done(given: Mapping[str, Any], *, act: Any = extend, who: Any = author) -> bool:
        stored.refresh_from_db()
        return is_repeated_action(act, stored, given, who)

    given = {"reason": " Panne. ", "closes_on": day}
    assert not done(given)
    # Of two changes at one instant, the one written last counts.
    extend_deadline(offer=stored, author=other, reason="Avant.", closes_at=stored.closes_at + DAY, at=NOON)
    extend_deadline(offer=stored, author=author, reason="Panne.", closes_on=day, at=NOON)
    assert done(given)
    assert done({"reason": "Panne."})
    assert done({})
    assert not done(given | {"reason": "Autre."})
    assert not done(given | {"closes_on": day + DAY})
    assert not done(given, who=other)
    assert not done(given, act=cancel)
    assert not done({}, act=publish)
    assert not is_repeated_action(extend, make_draft(), given, author)


# -- The administration's page of an offer ---------------------------------------------------------------------


def links(desk: dict[str, Any]) -> list[str]:
    return [link.url.rstrip("/").rpartition("/")[2] for link in desk["links"]]


def request_of(*codenames: str) -> Any:
    user = make_user(is_staff=True)
    with as_owner():
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="offers", codename__in=codenames)
        )
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the registered links and conflict checks."""
    monkeypatch.setattr(registrations, "_admin_links", [])
    monkeypatch.setattr(registrations, "_conflict_checks", [])


@pytest.mark.django_db
@pytest.mark.usefixtures("no_links")
def test_the_administration_of_a_draft_lists_open_points_first() -> None:
    request, draft = request_of("publish_offer", "change_openpoint"), make_draft(contact_confirmed_at=None)
    points = [make_point(draft, code=code) for code in ("DOMAIN_MISSING", "PLACE_MISSING", "GRID_EMPTY")]
    settled = settle_point(point=points[0], author=request.user, resolution="Vu.", at=NOON)
    desk = summary_of(request, draft, NOON)
    assert [shown.point for shown in desk["points"]] == [points[1], points[2], settled]
    assert desk["may_settle"]
    assert links(desk) == ["apercu", "criteres", "publier", "courriel"]
    reader = summary_of(request_of("view_offer"), draft, NOON)
    assert (reader["may_settle"], links(reader)) == (False, ["apercu", "criteres"])


@pytest.mark.django_db
@pytest.mark.usefixtures("no_links")
def test_a_user_with_a_conflict_of_interest_has_no_link_to_a_grave_action() -> None:
    request = request_of("publish_offer", "add_offer", "change_openpoint")
    stored = make_offer()
    registrations.register_admin_link(lambda _request, _offer: ("/ailleurs/", "Ailleurs"))
    registrations.register_admin_link(lambda _request, _offer: None)
    everything = ["apercu", "criteres", "corriger", "prolonger", "ailleurs", "copier", "annuler"]
    assert links(summary_of(request, stored, NOON)) == everything
    registrations.register_conflict_check(lambda one, account: (one, account) == (stored, request.user))
    bound = summary_of(request, stored, NOON)
    assert "vous y avez une candidature" in bound["bound_words"]
    assert links(bound) == ["apercu", "criteres", "ailleurs", "copier"]
    # A draft has no candidates, so no conflict.
    assert summary_of(request, make_draft(), NOON)["bound_words"] == ""


@pytest.mark.django_db
def test_the_history_of_an_offer_lists_only_its_changes_newest_first() -> None:
    author, draft = make_user(), make_draft()
    publish_offer(offer=draft, at=NOON)
    make_offer()
    cancel_offer(offer=draft, author=author, reason="Retrait.", at=NOON)
    OfferChange.objects.create(offer=draft, kind="IMPORTED", at=NOON - DAY)
    assert [(change.kind, change.author) for change in history_of(draft)][1:] == [
        ("CANCEL_ASKED", author),
        ("PUBLISHED", None),
        ("IMPORTED", None),
    ]
