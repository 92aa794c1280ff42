"""Pages around an offer in the administration: template context, responses and messages."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from offers import registrations
from offers.models import Offer
from offers.services.lifecycle import extend_deadline
from tests.factories.offers import NOON, accept_any_extension_date, make_draft, make_offer
from tests.factories.people import make_staff
from tests.offers.parsed_pages import page_text
from tests.offers.staff_pages import Answer, address, with_plain_spaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def audience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register one audience of changes, and no listener or conflict check."""
    monkeypatch.setattr(registrations, "_conflict_checks", [])
    monkeypatch.setattr(registrations, "_listeners", [])
    monkeypatch.setattr(registrations, "_audiences", [lambda offer, kind: f"{kind.value} {offer.number}"])


def new_messages(answer: Answer) -> list[tuple[str, str]]:
    """Return the message that this response adds to the pending ones."""
    waiting = list(get_messages(answer.wsgi_request))
    return [(message.level_tag, with_plain_spaces(message)) for message in waiting[-1:]]


def redirect_target(answer: Answer) -> str:
    assert answer.status_code == 302
    where: str = answer.url
    return where


# -- Acts ------------------------------------------------------------------------------------------------------


def test_an_impossible_action_redirects_to_the_offer(desk: Client) -> None:
    published, draft = make_offer(), make_draft()
    for offer, page in ((published, "publish"), (published, "mailbox"), (draft, "extend"), (draft, "cancel")):
        answer = desk.get(address(offer, page))
        assert redirect_target(answer) == address(offer)
        assert new_messages(answer) == [
            ("warning", f"{offer} : cette action n’est pas possible en ce moment.")
        ]
    early = desk.get(address(draft, "correct"))
    assert redirect_target(early) == address(draft)
    assert "Elle est brouillon" in new_messages(early)[0][1]
    # The operation refuses the data, with its own message.
    sent = desk.post(address(draft, "cancel"), {"reason": "Retrait."})
    assert redirect_target(sent) == address(draft)
    assert [level for level, _words in new_messages(sent)] == ["warning"]
    assert "Elle est brouillon" in new_messages(sent)[0][1]


def test_a_user_with_a_conflict_of_interest_may_neither_act_nor_correct(desk: Client, staff: User) -> None:
    offer, draft = make_offer(contact_confirmed_at=NOON), make_draft()
    registrations.register_conflict_check(lambda _offer, account: account == staff)
    for page in ("extend", "cancel", "correct"):
        for answer in (
            desk.get(address(offer, page)),
            desk.post(address(offer, page), {"reason": "Moi."}),
        ):
            assert redirect_target(answer) == address(offer)
            ((level, words),) = new_messages(answer)
            assert level == "warning"
            assert "vous y avez une candidature" in words
    assert desk.get(address(draft, "publish")).status_code == 200
    rules = desk.post(address(offer, "rules"), {"action": "save"})
    assert rules.status_code == 403
    assert "vous y avez une candidature" in rules.context["bound_words"]
    assert not desk.get(address(offer, "rules")).context["editable"]
    assert desk.get(address(draft, "rules")).context["bound_words"] == ""
    assert offer.changes.count() == 1


def test_a_concurrent_extension_is_reported_at_the_day_field(desk: Client, staff: User) -> None:
    accept_any_extension_date()
    offer = make_offer(at=timezone.now())
    day = offer.closes_on + DAY
    extend_deadline(offer=offer, author=make_staff(), reason="Panne.", closes_on=day + DAY, at=timezone.now())
    answer = desk.post(address(offer, "extend"), {"closes_on": day, "reason": "Panne."})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["closes_on"]
    assert not offer.extensions.filter(author=staff).exists()


# -- Import ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "old, new, said",
    [
        ("6 octobre 2024", "31 décembre 9999", "Ces dates dépassent le calendrier."),
        ("N0 2024-031", "N0 A-1", "A-1 — "),
        ("Union internationale des rivières\n", "\n", "Ce texte est illisible : il manque l’organisation."),
    ],
)
def test_a_pasted_text_that_cannot_become_a_draft_is_refused_with_a_reason(
    desk: Client, old: str, new: str, said: str
) -> None:
    if new == "N0 A-1":
        make_offer(number="2024-031")
        new, said = (
            old,
            "2024-031 — Organisation d’essai 2024-031 est déjà publiée ou annulée : rien n’a changé.",
        )
    before = Offer.objects.count()
    answer = desk.post(
        reverse("admin:offers_offer_import"), {"text": page_text("2024-031-paris").replace(old, new)}
    )
    assert answer.status_code == 422
    assert [with_plain_spaces(error) for error in answer.context["form"].errors["text"]] == [said]
    assert Offer.objects.count() == before


# -- Criteria --------------------------------------------------------------------------------------------------


def test_days_that_moved_after_the_publication_of_the_criteria_are_displayed(
    desk: Client, published_offer: Offer
) -> None:
    def moved(offer: Offer) -> bool:
        return bool(desk.get(address(offer, "rules")).context["moved"])

    rows = Offer.objects.filter(pk=published_offer.pk)
    assert not moved(published_offer)
    rows.update(starts_on=published_offer.starts_on + DAY)
    assert moved(published_offer)
    rows.update(starts_on=published_offer.starts_on, closes_on=published_offer.closes_on + DAY)
    assert moved(published_offer)
    # A draft's criteria always use the offer's days.
    assert not moved(make_draft())


# -- The public page -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", list(registrations.PanelPlace))
def test_a_panel_is_displayed_at_its_place_and_phase(
    monkeypatch: pytest.MonkeyPatch, client: Client, place: registrations.PanelPlace
) -> None:
    monkeypatch.setattr(registrations, "_panels", [])
    panel: Callable[[HttpRequest, Offer], str] = lambda _request, _offer: "ici"  # noqa: E731 -- registered by name
    for _time in range(2):
        registrations.register_panel(panel, place)
    now = timezone.now()
    is_open = make_offer(number="OPEN", at=now)
    closed = make_offer(number="OVER", at=now, closes_on=now.date() - 2 * DAY, opens_at=now - 30 * DAY)
    names = {
        registrations.PanelPlace.SUMMARY: "panels",
        registrations.PanelPlace.CRITERIA: "criteria_panels",
        registrations.PanelPlace.DOCUMENTS: "documents_panels",
        registrations.PanelPlace.AFTERWARDS: "afterwards_panels",
    }
    for offer in (is_open, closed):
        page: Answer = client.get(offer.get_absolute_url())
        shown = {name: page.context[name] for name in names.values()}
        hidden = place is registrations.PanelPlace.AFTERWARDS and offer is is_open
        assert shown == {key: [] for key in names.values()} | {names[place]: [] if hidden else ["ici"]}
