"""Staff actions on an offer: the table of each action, its effects, its form, and when it is already done."""

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
    ReasonForm,
    SettleForm,
    VersionedActionForm,
    suggest_next_edition,
)
from offers.admin.offer_actions import OFFER_ACTIONS, PUBLISHING, blocking_conditions, is_repeated_action
from offers.admin.offer_summary import Link, history_of, show_point, summary_of
from offers.models import Offer, OfferChange, OpenPoint
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

DAY = timedelta(days=1)
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
def test_each_action_has_its_address_labels_and_form() -> None:
    assert [
        (
            act.slug,
            act.url_name,
            act.kind.value,
            str(act.label),
            with_plain_spaces(act.question),
            str(act.done),
            act.form,
        )
        for act in OFFER_ACTIONS
    ] == [
        (
            "publier",
            "admin:offers_offer_publish",
            "PUBLISHED",
            "Publier",
            "Publier cette offre ?",
            "L’offre est publiée.",
            VersionedActionForm,
        ),
        (
            "courriel",
            "admin:offers_offer_mailbox",
            "MAILBOX_CONFIRMED",
            "Confirmer le courriel",
            "Confirmer le courriel de contact ?",
            "Le courriel de contact est confirmé.",
            ActionForm,
        ),
        (
            "prolonger",
            "admin:offers_offer_extend",
            "EXTENDED",
            "Prolonger",
            "Prolonger la date limite",
            "La date limite est prolongée.",
            ExtendForm,
        ),
        (
            "annuler",
            "admin:offers_offer_cancel",
            "CANCEL_ASKED",
            "Demander l’annulation",
            "Demander l’annulation de cette offre ?",
            "La demande est enregistrée. Une autre personne doit l’approuver.",
            ReasonForm,
        ),
    ]
    assert [(act.grave, act.touches_candidates) for act in OFFER_ACTIONS] == [
        (False, False),
        (False, False),
        (False, True),
        (True, True),
    ]
    assert OFFER_ACTIONS[0] is PUBLISHING


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields, possible",
    [
        ({}, ["publish", "mailbox"]),
        ({"contact_email": ""}, ["publish"]),
        ({"contact_confirmed_at": NOON}, ["publish"]),
        ({"status": "PUBLISHED"}, ["mailbox", "extend", "cancel"]),
        ({"status": "PUBLISHED", "contact_confirmed_at": NOON}, ["extend", "cancel"]),
        ({"status": "CANCELLED"}, []),
    ],
)
def test_an_action_is_possible_in_its_own_states(fields: dict[str, Any], possible: list[str]) -> None:
    assert [act.name for act in OFFER_ACTIONS if act.possible(offer(**fields))] == possible


FIXED = "Son numéro et ses critères sont alors fixés ; seule une correction annoncée peut changer le reste."
CLOSING = "1er octobre 2027, 23 h 59 (heure de l’Est, Québec)"
STAYS = (
    "La date inscrite dans l’offre reste le 1er octobre 2027 : les critères s’appliquent encore "
    "à cette date, et la page publique montre la prolongation."
)
NO_WAY_BACK = "Vous ne pourrez pas annuler cette prolongation."


@pytest.mark.parametrize(
    "name, at, fields, said",
    [
        (
            "publish",
            OPENS - timedelta(microseconds=1),
            {},
            [f"Les inscriptions ouvrent le 31 juillet 2027 et ferment le {CLOSING}.", FIXED],
        ),
        ("publish", OPENS, {}, [f"Les inscriptions ouvrent aussitôt et ferment le {CLOSING}.", FIXED]),
        (
            "publish",
            CLOSES - timedelta(microseconds=1),
            {},
            [f"Les inscriptions ouvrent aussitôt et ferment le {CLOSING}.", FIXED],
        ),
        (
            "publish",
            CLOSES,
            {"listed": False},
            [
                f"Cette offre est déjà fermée ({CLOSING}) : elle sera publiée comme archive.",
                FIXED,
                "L’offre reste invisible pour le public : ni dans la liste, ni à son adresse.",
            ],
        ),
        (
            "mailbox",
            OPENS,
            {},
            [
                "Vous avez vérifié que « a@exemple.org » est la bonne adresse et qu’une personne y répond.",
                "Le portail pourra ensuite écrire à cette adresse.",
            ],
        ),
        (
            "extend",
            CLOSES - timedelta(microseconds=1),
            {},
            [f"Cette offre ferme le {CLOSING}.", STAYS, NO_WAY_BACK],
        ),
        (
            "extend",
            CLOSES,
            {},
            [f"Cette offre est fermée depuis le {CLOSING} : elle rouvrira.", STAYS, NO_WAY_BACK],
        ),
        (
            "cancel",
            OPENS,
            {},
            [
                (
                    "Une autre personne doit approuver l’annulation. D’ici là, l’offre ne change pas et rien n’est "
                    "envoyé."
                ),
                "Les dépôts seront fermés. Les brouillons et les dépôts sont conservés et restent lisibles.",
                "La page publique annonce que l’offre est annulée. L’annulation est définitive.",
            ],
        ),
    ],
)
def test_each_action_lists_its_consequences(
    name: str, at: datetime, fields: dict[str, Any], said: list[str]
) -> None:
    (act,) = (act for act in OFFER_ACTIONS if act.name == name)
    assert [with_plain_spaces(line) for line in act.entails(offer(**fields), at)] == said


# -- Forms -----------------------------------------------------------------------------------------------------
def errors_of(form: type[ActionForm], data: dict[str, Any], **fields: Any) -> dict[str, list[str]]:
    judged = form(data, offer=offer(**fields))
    return {name: [with_plain_spaces(error) for error in errors] for name, errors in judged.errors.items()}


@pytest.mark.parametrize(
    "data, errors",
    [
        ({"closes_on": "2028-01-09", "reason": "Panne."}, {}),
        (
            {"closes_on": "2028-01-10", "reason": "x" * 250},
            {"closes_on": ["Le stage commence le 10 janvier 2028 : la date limite doit être avant ce jour."]},
        ),
        (
            {"closes_on": "", "reason": " "},
            {
                "closes_on": ["Choisissez la nouvelle date limite."],
                "reason": ["Expliquez pourquoi en quelques mots."],
            },
        ),
        (
            {"closes_on": "2028-01-09", "reason": "x" * 251},
            {"reason": ["Assurez-vous que cette valeur comporte au plus 250 caractères (actuellement 251)."]},
        ),
    ],
)
def test_an_extension_needs_a_day_before_the_stage_and_a_reason(
    data: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert errors_of(ExtendForm, data) == errors
    form = ExtendForm(offer=offer())
    assert (list(form.fields), form.label_suffix) == (["closes_on", "reason"], "")
    assert 'type="date"' in str(form["closes_on"])
    assert 'value="2028-01-09"' in str(ExtendForm(offer=offer(), initial={"closes_on": date(2028, 1, 9)}))


def test_a_resolution_and_a_digest_fit_their_columns() -> None:
    assert errors_of(SettleForm, {"resolution": "x" * 250}) == {}
    assert list(errors_of(SettleForm, {"resolution": "x" * 251})) == ["resolution"]
    assert errors_of(SettleForm, {"resolution": " "}) == {
        "resolution": ["Expliquez en quelques mots comment ce point est réglé."]
    }
    assert errors_of(VersionedActionForm, {"seen": "x" * 32}) == {}
    assert list(errors_of(VersionedActionForm, {"seen": "x" * 33})) == ["seen"]
    assert 'type="hidden"' in str(VersionedActionForm(offer=offer())["seen"])


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


@pytest.mark.django_db
def test_only_a_publication_is_prevented_by_missing_parts() -> None:
    draft = make_draft(number=None, contact_confirmed_at=None)
    assert [blocking_conditions(act, draft) for act in OFFER_ACTIONS] == [["NUMBER", "MAILBOX"], [], [], []]


# -- The administration's page of an offer ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "excerpt, beside",
    [("un  mot", ""), ("a" * 200, "a" * 200), ("", "")],
)
def test_an_excerpt_is_displayed_separately_if_it_does_not_fit(excerpt: str, beside: str) -> None:
    shown = show_point(OpenPoint(code="TEXT_NOT_PLACED", excerpt=excerpt))
    assert shown.excerpt == beside
    assert with_plain_spaces(shown.sentence).startswith("Ce texte ne correspond à aucune section")


def links(desk: dict[str, Any]) -> list[tuple[str, str, bool, bool]]:
    return [
        (link.url.rstrip("/").rpartition("/")[2], str(link.label), link.main, link.grave)
        for link in desk["links"]
    ]


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
    assert {name: value for name, value in desk.items() if name not in {"points", "links", "history"}} == {
        "state": {"label": "Brouillon", "tone": "draft"},
        "closing": desk["closing"],
        "printed": "9\u00a0avril\u00a02027",
        "is_extended": False,
        "missing": [
            "la confirmation du courriel de contact",
            "le règlement des points de l’importation",
        ],
        "may_settle": True,
        "bound_words": "",
        "asked": None,
    }
    assert with_plain_spaces(desk["closing"]) == "9 avril 2027, 23 h 59 (heure de l’Est, Québec)"
    assert links(desk) == [
        ("apercu", "Aperçu", False, False),
        ("criteres", "Critères", False, False),
        ("publier", "Publier", False, False),
        ("courriel", "Confirmer le courriel", False, False),
    ]
    assert [change.kind for change in desk["history"]] == ["POINT_SETTLED"]
    ready = make_draft()
    assert links(summary_of(request, ready, NOON))[2] == ("publier", "Publier", True, False)
    reader = summary_of(request_of("view_offer"), draft, NOON)
    assert (reader["may_settle"], [name for name, *_rest in links(reader)]) == (
        False,
        ["apercu", "criteres"],
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("no_links")
def test_the_administration_of_a_published_offer_ends_with_the_cancellation() -> None:
    accept_any_extension_date()
    request = request_of("publish_offer", "add_offer", "change_openpoint")
    stored = make_offer()
    registrations.register_admin_link(lambda _request, one: ("/ailleurs/", f"Ailleurs {one.pk}"))
    registrations.register_admin_link(lambda _request, _offer: None)
    everything = [
        ("apercu", "Aperçu", False, False),
        ("criteres", "Critères", False, False),
        ("corriger", "Corriger", False, False),
        ("prolonger", "Prolonger", False, False),
        ("ailleurs", f"Ailleurs {stored.pk}", False, False),
        ("copier", "Copier pour la prochaine édition", False, False),
        ("annuler", "Demander l’annulation", False, True),
    ]
    desk = summary_of(request, stored, NOON)
    assert links(desk) == everything
    assert (desk["state"], desk["missing"], desk["may_settle"]) == (
        {"label": "Ouverte", "tone": "open"},
        [],
        False,
    )
    assert (desk["is_extended"], desk["bound_words"]) == (False, "")
    extend_deadline(
        offer=stored, author=request.user, reason="Panne.", closes_at=stored.closes_at + DAY, at=NOON
    )
    stored.refresh_from_db()
    registrations.register_conflict_check(lambda one, account: (one, account) == (stored, request.user))
    bound = summary_of(request, stored, NOON)
    assert bound["is_extended"]
    assert "vous y avez une candidature" in bound["bound_words"]
    assert links(bound) == [
        link for link in everything if link[0] not in {"corriger", "prolonger", "annuler"}
    ]
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


def test_a_link_is_neither_main_nor_grave_by_default() -> None:
    assert Link("/a/", "A") == Link(url="/a/", label="A", main=False, grave=False)
