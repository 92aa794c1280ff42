"""Constraints of the database on offers, whatever the code writes."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from offers.models import DocumentRequest, Offer, RulebookVersion
from offers.selectors import current_rulebook
from offers.services.rulebooks import publish_rulebook
from tests.factories.offers import NOON, make_draft, make_offer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_time_zone_that_does_not_exist_is_refused_in_a_form() -> None:
    offer = make_draft()
    offer.time_zone = "America/Atlantis"
    with pytest.raises(ValidationError) as refusal:
        offer.full_clean()
    assert refusal.value.error_dict["time_zone"][0].code == "unknown_time_zone"


def test_a_draft_rulebook_may_be_changed_and_deleted() -> None:
    offer = make_draft()
    assert offer.rulebooks.update(criteria=[]) == 1
    offer.delete()
    assert not RulebookVersion.objects.exists()


def test_several_recommendations_and_other_documents_may_be_requested() -> None:
    offer = make_draft(documents=())
    for position, kind in enumerate(["RECOMMENDATION", "RECOMMENDATION", "OTHER", "OTHER"], start=1):
        DocumentRequest.objects.create(offer=offer, position=position, kind=kind, label="x", max_pages=1)
    assert offer.documents.count() == 4


def test_moved_stage_dates_change_no_criteria_until_a_new_version() -> None:
    offer = make_offer()
    before = current_rulebook(offer)
    Offer.objects.filter(pk=offer.pk).update(starts_on=offer.starts_on + 14 * DAY)
    offer.refresh_from_db()
    assert current_rulebook(offer).as_rulebook() == before.as_rulebook()
    assert current_rulebook(offer).as_rulebook().digest == before.digest
    version = publish_rulebook(offer=offer, reason="Le stage commence deux semaines plus tard.", at=NOON)
    assert version.number == 2
    assert current_rulebook(offer) == version
    assert version.as_rulebook().starts_on == offer.starts_on == before.as_rulebook().starts_on + 14 * DAY
    assert version.as_rulebook().digest == version.digest != before.digest


def test_an_unpublished_offer_cannot_be_saved_twice_under_one_number_by_a_form() -> None:
    make_draft(number="2027-020")
    other = make_draft(number="2027-021")
    other.number = "2027-020"
    with pytest.raises(ValidationError, match="numéro"):
        other.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()
