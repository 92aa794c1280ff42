"""Freezing a list from its page, and exporting a frozen list: the displayed list is frozen, each with a reason."""

import hashlib
import re
from collections.abc import Callable
from copy import deepcopy

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.roles import Role
from intake.review.models import Shortlist, ShortlistExport
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.models import Submission
from intake.web import formats
from intake.web.templatetags.portal import raise_ordinals
from offers.models import Offer
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import make_assessment, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.reading import content_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


NAMES = ("Aube", "Brise", "Crue")


@pytest.fixture(scope="module")
def made(module_db: None) -> Offer:
    offer = make_open_offer()
    for name in NAMES:
        make_shortlisted(offer, last_name=name)
    return offer


@pytest.fixture
def offer(made: Offer) -> Offer:
    """An offer with three shortlisted submissions."""
    return deepcopy(made)


def freeze(offer: Offer) -> Shortlist:
    return freeze_shortlist(offer=offer, actor=make_staff(), reason="Pour l’hôte", at=timezone.now())


def page_of(frozen: Shortlist) -> str:
    return reverse("review:shortlist", args=[frozen.offer.number, frozen.number])


def test_a_list_is_frozen_from_the_queue_via_its_page() -> None:
    offer = make_open_offer()
    submission = make_shortlisted(offer, last_name="Ève", first_name="Ada")
    make_assessment(submission, make_reviewer(offer), 4)
    staff = make_staff()
    client = client_of(staff)
    address = reverse("review:freeze_shortlist", args=[offer.number])
    queue = reverse("admin:submissions_submission_changelist")
    assert address in client.get(queue, {"offre": offer.number or ""}).content.decode()
    shown = client.get(address)
    text = shown.content.decode()
    assert "Ève, Ada" in text
    assert "4,00" in text
    seen = shown.context["form"].initial["seen"]
    refused = client.post(address, {"seen": seen, "reason": " "})
    assert refused.status_code == 422
    assert not Shortlist.objects.exists()
    done = client.post(address, {"seen": seen, "reason": "Envoi à l’hôte"}, follow=True)
    frozen = Shortlist.objects.get()
    assert done.redirect_chain == [(page_of(frozen), 302)]
    text = done.content.decode()
    for said in (
        frozen.digest,
        "Envoi à l’hôte",
        str(staff),
        raise_ordinals(formats.instant(frozen.frozen_at, seconds=True)),
    ):
        assert said in text
    assert page_of(frozen) in client.get(queue, {"offre": offer.number or ""}).content.decode()


def test_a_list_changed_meanwhile_is_displayed_again_and_not_frozen(offer: Offer) -> None:
    client = client_of(make_staff())
    address = reverse("review:freeze_shortlist", args=[offer.number])
    seen = client.get(address).context["form"].initial["seen"]
    make_shortlisted(offer, last_name="Nouvelle")
    answer = client.post(address, {"seen": seen, "reason": "Envoi"})
    assert answer.status_code == 422
    assert "Nouvelle" in answer.content.decode()
    assert not Shortlist.objects.exists()
    again = client.post(address, {"seen": answer.context["form"]["seen"].value(), "reason": "Envoi"})
    assert again.status_code == 302
    assert Shortlist.objects.get().rows_count == 4


def test_an_export_of_a_frozen_list_requires_a_reason_and_is_recorded(offer: Offer) -> None:
    frozen = freeze(offer)
    staff = make_staff()
    client = client_of(staff)
    asked = {"file_format": "csv", "language": "en"}
    refused = client.post(page_of(frozen), asked)
    assert refused.status_code == 422
    assert not ShortlistExport.objects.exists()
    answer = client.post(page_of(frozen), asked | {"reason": "Envoi à l’hôte"})
    name = f"preselection-{offer.number}-liste-1-en.csv"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    content = content_of(answer)
    kept = ShortlistExport.objects.get()
    assert (kept.shortlist, kept.reason, kept.actor) == (frozen, "Envoi à l’hôte", staff)
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert kept.sha256 in client.get(page_of(frozen)).content.decode()
    ledger = client.get(reverse("admin:review_shortlistexport_changelist")).content.decode()
    assert "Envoi à l’hôte" in ledger


@pytest.mark.parametrize("make", [make_shortlisted, make_filed])
def test_a_candidate_neither_reads_nor_freezes_nor_exports_a_list(
    offer: Offer, make: Callable[..., Submission]
) -> None:
    candidate = make(offer, last_name="Soi").candidate
    frozen = freeze(offer)
    give_role(user=candidate, role=Role.STAFF)
    client = client_of(candidate)
    asked = {"file_format": "csv", "language": "fr", "reason": "Voir"}
    for address in (page_of(frozen), reverse("review:freeze_shortlist", args=[offer.number])):
        for answer in (client.get(address, follow=True), client.post(address, asked, follow=True)):
            text = answer.content.decode()
            assert "Vous avez postulé à cette offre" in text
            assert "une autre personne doit s’occuper de la liste" in text
            assert frozen.digest not in text
    assert not ShortlistExport.objects.exists()
    assert Shortlist.objects.get() == frozen
    assert frozen.digest in client_of(make_staff()).get(page_of(frozen)).content.decode()


def test_a_long_list_is_paged_and_frozen_completely(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.review.shortlist_page.views.PAGE", 2)
    client = client_of(make_staff())
    address = reverse("review:freeze_shortlist", args=[offer.number])
    first, second = (client.get(address, {"page": page}) for page in ("1", "2"))
    assert [name in first.content.decode() for name in NAMES] == [True, True, False]
    assert [name in second.content.decode() for name in NAMES] == [False, False, True]
    assert "Toute la liste sera figée" in second.content.decode()
    seen = second.context["form"].initial["seen"]
    assert seen == first.context["form"].initial["seen"]
    client.post(f"{address}?page=2", {"seen": seen, "reason": "Envoi à l’hôte"})
    frozen = Shortlist.objects.get()
    assert frozen.rows_count == 3
    text = client.get(page_of(frozen), {"page": "2"}).content.decode()
    assert [name in text for name in NAMES] == [False, False, True]


def test_the_rows_of_a_list_are_displayed_by_rank(offer: Offer) -> None:
    for rank, submission in enumerate(Submission.objects.filter(offer=offer).order_by("pk")):
        make_assessment(submission, make_reviewer(offer), 2 + rank)
    client, frozen = client_of(make_staff()), freeze(offer)
    for address in (reverse("review:freeze_shortlist", args=[offer.number]), page_of(frozen)):
        text = text_of(client.get(address).content)
        places = [text.index(name) for name in reversed(NAMES)]
        assert places == sorted(places)
        assert re.findall(r"Rang : ?</span> (\d+)<", text) == ["1", "2", "3"]
