"""Who may write an offer's criteria or correct it, the administration's log, and the response to each button."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.demonstration.offers import CRITERIA
from offers import registrations
from offers.admin.correct_forms import Correction
from offers.models import Offer
from offers.rule_forms import RulesForm
from offers.selectors import current_rulebook
from offers.services.correcting import correct_offer
from tests.database_roles import as_owner
from tests.factories.offers import make_draft, make_offer
from tests.factories.people import client_of, make_staff, make_user

pytestmark = pytest.mark.django_db
type Answer = Any
"""Any: Django's types lack what the test client adds to a response."""
DAY = timedelta(days=1)


@pytest.fixture
def staff(kept_staff: User) -> User:
    return deepcopy(kept_staff)


@pytest.fixture
def desk(staff: User) -> Client:
    return client_of(staff)


@pytest.fixture(autouse=True)
def no_registrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrations, "_conflict_checks", [])
    monkeypatch.setattr(registrations, "_listeners", [])


def address(offer: Offer, page: str) -> str:
    return reverse(f"admin:offers_offer_{page}", args=[offer.pk])


def last_message(answer: Answer) -> str:
    return str(list(get_messages(answer.wsgi_request))[-1]).replace("\u00a0", " ")


def other_user(*codenames: str) -> User:
    user = make_user(is_staff=True)
    with as_owner():
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="offers", codename__in=codenames)
        )
    return user


# -- Criteria --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "codenames, draft, published",
    [
        ((), False, False),
        (("view_offer", "publish_offer"), False, False),
        (("change_offer",), True, False),
        (("change_offer", "publish_offer"), True, True),
    ],
)
def test_criteria_are_edited_by_users_who_may_change_or_publish_offers(
    codenames: tuple[str, ...],
    draft: bool,  # noqa: FBT001 -- a column of the table
    published: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    pages: Any = admin.site.get_model_admin(Offer)
    request: Any = RequestFactory().get("/")
    request.user = other_user(*codenames)
    offers = [make_draft(), make_offer(), make_offer()]
    offers[2].status = Offer.Status.CANCELLED
    assert [pages.may_edit_rules(request, offer) for offer in offers] == [draft, published, False]
    registrations.register_conflict_check(lambda _offer, account: account == request.user)
    assert [pages.may_edit_rules(request, offer) for offer in offers] == [draft, False, False]


def test_criteria_are_read_by_users_who_may_view_offers() -> None:
    draft, published = make_draft(), make_offer()
    for codenames, answers in (
        ((), (403, 403)),
        (("view_offer",), (200, 200)),
        (("change_offer",), (200, 200)),
    ):
        client = client_of(other_user(*codenames))
        assert tuple(client.get(address(one, "rules")).status_code for one in (draft, published)) == answers
        assert client.get(reverse("admin:offers_offer_rules", args=[10**6])).status_code == (
            404 if codenames else 403
        )


def older(maximum: int) -> list[dict[str, Any]]:
    return [one | {"maximum": maximum} if one["kind"] == "AGE" else one for one in CRITERIA]


def sent_by(criteria: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    rules = RulesForm.of(criteria)
    sent: dict[str, Any] = {"place": [card.placed for card in rules.cards]}
    for card in rules.cards:
        for bound in card.form.judged:
            value = bound.value()
            if value is True:
                sent[bound.html_name] = "on"
            elif value not in (None, False):
                sent[bound.html_name] = value
    return sent | more


def open_branches(criteria: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return criteria with defaults written out, as they are stored."""
    return [
        one | {"bar_school": True, "professional_order_stage": True} if one["kind"] == "STUDIES" else one
        for one in criteria
    ]


def test_changes_of_criteria_are_reported_and_logged(desk: Client, staff: User) -> None:
    draft, offer = make_draft(), make_offer()
    edition = desk.get(address(draft, "rules")).context["edition"]
    saved = desk.post(address(draft, "rules"), sent_by(older(40), edition=edition))
    assert (saved.status_code, saved.headers["Location"]) == (302, address(draft, "rules"))
    assert last_message(saved) == "Les critères sont enregistrés dans le brouillon (version 1)."
    page = desk.get(address(offer, "rules"))
    asked = desk.post(
        address(offer, "rules"), sent_by(older(40), edition=page.context["edition"], action="ask")
    )
    digest = asked.context["digest"]
    sent = sent_by(older(40), edition=page.context["edition"], action="publish", digest=digest)
    done = desk.post(address(offer, "rules"), sent | {"reason": "Erreur."})
    assert (done.status_code, done.headers["Location"]) == (302, address(offer, "rules"))
    assert last_message(done) == "La version 2 s’applique dès maintenant."
    twice = desk.post(address(offer, "rules"), sent | {"reason": "Erreur."})
    assert (twice.status_code, last_message(twice)) == (
        302,
        "La version 2 contient déjà ces critères : il n’y a rien d’autre à publier.",
    )
    entries = LogEntry.objects.order_by("pk").values_list("user", "object_id", "change_message")
    assert list(entries) == [
        (staff.pk, str(draft.pk), "Critères enregistrés"),
        (staff.pk, str(offer.pk), "Critères remplacés"),
    ]
    assert offer.changes.get(kind="RULES_CHANGED").author == staff


def test_each_button_of_the_criteria_does_only_its_own_action(desk: Client) -> None:
    draft, offer = make_draft(), make_offer()
    edition = desk.get(address(offer, "rules")).context["edition"]
    # Without the digest of the displayed page nothing is published, and the page asks again.
    unread = desk.post(
        address(offer, "rules"),
        sent_by(open_branches(older(40)), edition=edition, action="publish", reason="Erreur."),
    )
    assert (unread.status_code, unread.context["changes"][0].after) == (409, "40 ans")
    assert "la version 1 est en vigueur" in last_message(unread)
    stale = desk.post(address(draft, "rules"), sent_by(older(40)))
    assert (stale.status_code, current_rulebook(draft).criteria[1]["maximum"]) == (409, 35)
    added = desk.post(address(draft, "rules"), sent_by(older(40), action="add:OTHER", kind="AGE"))
    assert [card.kind for card in added.context["rules"].cards][-1] == "OTHER"
    chosen = desk.post(address(draft, "rules"), sent_by(CRITERIA[:1], action="add", kind="AGE"))
    assert [card.placed for card in chosen.context["rules"].cards] == ["1:STUDIES", "2:AGE"]
    assert not added.context["rules"].bound
    examples = desk.post(address(draft, "rules"), sent_by(older(10), action="examples"))
    assert (examples.status_code, [fault.anchor for fault in examples.context["rules"].faults]) == (
        200,
        ["id_critere-2-maximum"],
    )
    assert desk.post(address(draft, "rules"), sent_by(older(10), edition="x")).status_code == 422
    # The same criteria and digest are no change.
    current = current_rulebook(offer)
    same = sent_by(
        open_branches(CRITERIA), edition=edition, action="publish", digest=current.digest, reason="Rien."
    )
    answer = desk.post(address(offer, "rules"), same)
    assert (answer.status_code, last_message(answer)) == (422, f"{offer} : refusé.")
    assert offer.rulebooks.count() == 1
    assert offer.changes.count() == 1


def test_a_draft_is_locked_for_saving_and_not_for_reading(desk: Client) -> None:
    draft = make_draft()
    held = []
    for send in (desk.get, desk.post):
        with CaptureQueriesContext(connection) as captured:
            send(address(draft, "change"))
        held.append(any('FOR UPDATE OF "offers_offer"' in query["sql"] for query in captured))
    assert held == [False, True]


# -- Corrections -----------------------------------------------------------------------------------------------
def correction_of(offer: Offer, **changes: Any) -> dict[str, Any]:
    correction = Correction(offer, None, seen="")
    sent: dict[str, Any] = {"reason": "Erreur."}
    forms: list[Any] = [correction.header, *correction.sections, *correction.documents]
    forms += [correction.sections.management_form, correction.documents.management_form]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                sent[bound.html_name] = "on"
            elif value is not None and value is not False:
                sent[bound.html_name] = value
    return sent | changes


def test_a_correction_is_applied_once_and_only_as_displayed(desk: Client) -> None:
    offer = make_offer(place="Rome", at=timezone.now())
    where = address(offer, "correct")
    seen = desk.get(where).context["seen"]
    sent = correction_of(offer, seen=seen) | {"header-place": "Oslo"}
    read = desk.post(where, sent | {"agreed": "x"})
    assert (read.status_code, read.context["errors"], read.context["dates_move"]) == (200, False, False)
    agreed = sent | {"agreed": read.context["agreed"]}
    # Agreement without confirmation, or confirmation of other data, writes nothing.
    for one in (agreed, sent | {"agreed": "x", "confirm": "1"}):
        assert desk.post(where, one).status_code == 200
    assert not offer.changes.filter(kind="CORRECTED").exists()
    done = desk.post(where, agreed | {"confirm": "1"})
    assert (done.status_code, done.headers["Location"], last_message(done)) == (
        302,
        address(offer, "change"),
        "L’offre est corrigée.",
    )
    # Sent twice by one user, it is done. By another user, or without confirmation, nothing is left to correct.
    again = desk.post(where, agreed | {"confirm": "1"})
    assert (again.status_code, last_message(again)) == (302, "L’offre est corrigée.")
    other = client_of(make_staff())
    for client, more in ((desk, {}), (other, {"confirm": "1"})):
        assert client.post(where, agreed | more).status_code == 422
    offer.refresh_from_db()
    Offer.objects.filter(pk=offer.pk).update(contact_confirmed_at=None)
    desk.post(address(offer, "mailbox"))
    assert desk.post(where, agreed | {"confirm": "1"}).status_code == 422
    assert offer.changes.filter(kind="CORRECTED").count() == 1


def test_a_correction_after_a_concurrent_one_is_compared_with_the_current_offer(desk: Client) -> None:
    offer = make_offer(place="Rome")
    where = address(offer, "correct")
    sent = correction_of(offer, seen=desk.get(where).context["seen"]) | {"header-domain": "Droit"}
    agreed = desk.post(where, sent).context["agreed"]
    correct_offer(
        offer=offer, author=make_staff(), reason="Ville.", at=timezone.now(), header={"funder": "Ville"}
    )
    late = desk.post(where, sent | {"agreed": agreed, "confirm": "1", "header-funder": "Ville"})
    assert late.status_code == 200
    (said,) = late.context["correction"].why.non_field_errors()
    assert "a changé depuis l’ouverture de cette page" in said
    assert [line.replace("\u00a0", " ") for line in late.context["lines"]] == [
        "Domaine : « Statistique » → « Droit »"
    ]
    again = sent | {"agreed": agreed, "confirm": "1", "header-funder": "Ville", "seen": late.context["seen"]}
    assert desk.post(where, again).status_code == 302


def test_a_correction_reports_moved_dates_and_refuses_half_an_allowance(
    desk: Client, published_offer: Offer
) -> None:
    where = address(published_offer, "correct")
    sent = correction_of(published_offer, seen=desk.get(where).context["seen"])
    for name in ("starts_on", "ends_on"):
        moved = desk.post(
            where, sent | {f"header-{name}": (getattr(published_offer, name) + DAY).isoformat()}
        )
        assert (moved.status_code, moved.context["dates_move"]) == (200, True)
    least = sent | {"header-allowance_min": "5", "header-allowance_max": ""}
    refused = desk.post(where, least)
    assert refused.status_code == 422
    assert (refused.context["lines"], refused.context["errors"]) == ([], True)
