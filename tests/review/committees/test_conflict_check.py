"""A user who is not impartial cannot change a published offer: neither its closing, nor its text, nor its criteria."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.committees.operations import declare_conflict
from offers.models import Offer, OfferChange
from offers.registrations import has_conflict
from offers.selectors import current_rulebook
from offers.services.cancelling import ask_cancellation
from offers.services.correcting import correct_offer
from offers.services.errors import ConflictOfInterestError
from offers.services.lifecycle import extend_deadline
from offers.services.rulebooks import publish_rulebook
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

BOUND = "vous y avez une candidature, ou un lien avec une candidature"


@pytest.fixture(scope="module")
def made(module_db: None) -> tuple[Offer, dict[str, User]]:
    offer, applied, known = make_open_offer(), make_staff(), make_staff()
    make_draft(offer=offer, candidate=applied)
    declare_conflict(submission=make_filed(offer), reviewer=known, actor=known)
    return offer, {"began to apply": applied, "in conflict": known}


@pytest.fixture
def offer(kept: tuple[Offer, dict[str, User]]) -> Offer:
    return kept[0]


@pytest.fixture(params=["began to apply", "in conflict"])
def bound(request: pytest.FixtureRequest, kept: tuple[Offer, dict[str, User]]) -> User:
    """A staff member with a draft for the offer, or with a conflict on a submission to it."""
    return kept[1][request.param]


def test_operations_on_offers_refuse_only_users_in_conflict(offer: Offer, bound: User) -> None:
    older = [
        row | {"maximum": 99} if row["kind"] == "AGE" else row for row in current_rulebook(offer).criteria
    ]

    def changes(author: User) -> list[Any]:
        said: dict[str, Any] = {
            "offer": offer,
            "author": author,
            "reason": "Il le faut.",
            "at": timezone.now(),
        }
        return [
            lambda: extend_deadline(**said, closes_at=offer.closes_at + timedelta(days=1)),
            lambda: correct_offer(**said, header={"place": "Genève, Suisse"}),
            lambda: publish_rulebook(**said, criteria=older),
            lambda: ask_cancellation(**said),
        ]

    before = OfferChange.objects.count()
    for change in changes(bound):
        with pytest.raises(ConflictOfInterestError):
            change()
    assert OfferChange.objects.count() == before
    for change in changes(make_staff()):
        change()
    assert OfferChange.objects.count() == before + len(changes(bound))
    assert not has_conflict(make_open_offer(), bound)
    assert not has_conflict(offer, None)


def test_pages_of_offers_explain_a_conflict_and_offer_no_change(offer: Offer, bound: User) -> None:
    client, free = client_of(bound), client_of(make_staff())
    pages = {
        name: reverse(f"admin:offers_offer_{name}", args=[offer.pk])
        for name in ("extend", "cancel", "correct")
    }
    desk = reverse("admin:offers_offer_change", args=[offer.pk])
    shown, others = client.get(desk), free.get(desk)
    assert BOUND in text_of(shown.content)
    assert BOUND not in text_of(others.content)
    for page in pages.values():
        assert f'href="{page}"' in others.content.decode()
        assert f'href="{page}"' not in shown.content.decode()
        for answer in (client.get(page, follow=True), client.post(page, {"reason": "Non."}, follow=True)):
            assert answer.redirect_chain == [(desk, 302)]
            assert text_of(answer.content).count(BOUND) == 2  # the message, and the page's own sentence
    rules = reverse("admin:offers_offer_rules", args=[offer.pk])
    assert free.get(rules).context["editable"]
    read = client.get(rules)
    assert BOUND in text_of(read.content)
    assert not read.context["editable"]
    for action in ("examples", "save", "publish"):
        answer = client.post(rules, {"action": action})
        assert (answer.status_code, BOUND in text_of(answer.content)) == (403, True)
    offer.refresh_from_db()
    assert offer.status == Offer.Status.PUBLISHED
    # Their other actions stay allowed: another offer, a draft, a copy.
    assert client.get(reverse("admin:offers_offer_extend", args=[make_open_offer().pk])).status_code == 200
    assert client.get(reverse("admin:offers_offer_rules", args=[make_offer_draft().pk])).context["editable"]
    assert client.get(reverse("admin:offers_offer_clone", args=[offer.pk])).status_code == 200


def test_a_user_who_applied_meanwhile_is_refused_by_the_form(
    offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = make_staff()
    page = reverse("admin:offers_offer_extend", args=[offer.pk])
    # They were asked nothing yet when the page read the offer: the service, under its lock, asks again.
    monkeypatch.setattr("offers.admin.action_pages.has_conflict", lambda _offer, _author: False)
    make_draft(offer=offer, candidate=staff)
    day = (offer.closes_on + timedelta(days=1)).isoformat()
    answer = client_of(staff).post(page, {"closes_on": day, "reason": "Panne."}, follow=True)
    assert BOUND in text_of(answer.content)
    assert not offer.extensions.exists()
