"""Constraints of the database on offers, whatever the code writes."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from offers.models import DocumentRequest, Offer, RulebookVersion, Section
from offers.selectors import current_rulebook
from offers.services.lifecycle import extend_deadline
from offers.services.rulebooks import publish_rulebook
from tests.factories.offers import NOON, accept_any_extension_date, make_draft, make_offer, mark_cancelled
from tests.factories.people import make_staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def refused_by(write: Callable[[], object]) -> str:
    """Return the name of the constraint that refuses `write`."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        write()
    name = getattr(refusal.value.__cause__, "diag").constraint_name  # noqa: B009 -- an attribute of psycopg's error
    assert name, refusal.value
    return str(name)


@pytest.mark.parametrize(
    "changes, rule",
    [
        ({"ends_on": date(2027, 7, 18)}, "offer_ends_after_it_starts"),
        ({"opens_at": NOON + 60 * DAY}, "offer_closes_after_it_opens"),
        ({"organisation": ""}, "offer_names_its_organisation"),
        ({"number": "2027/020"}, "offer_number_fits_an_address"),
        ({"number": ""}, "offer_number_fits_an_address"),
        (
            {"allowance_min": Decimal(2), "allowance_max": Decimal(1)},
            "offer_allowance_goes_from_least_to_most",
        ),
        ({"allowance_min": Decimal(2)}, "offer_allowance_goes_from_least_to_most"),
        ({"allowance_max": Decimal(2)}, "offer_allowance_goes_from_least_to_most"),
        (
            {"allowance_min": Decimal(-1), "allowance_max": Decimal(1)},
            "offer_allowance_goes_from_least_to_most",
        ),
        ({"currency": "$CA"}, "offer_currency_is_a_three_letter_code"),
        ({"currency": ""}, "offer_currency_is_a_three_letter_code"),
        ({"time_zone": ""}, "offer_time_zone_is_an_area_and_a_city"),
        ({"time_zone": "EST5EDT"}, "offer_time_zone_is_an_area_and_a_city"),
        ({"status": "GONE"}, "offer_status_is_known"),
        ({"published_at": NOON}, "published_offer_has_number_contact_and_instant"),
        ({"status": "PUBLISHED"}, "published_offer_has_number_contact_and_instant"),
        ({"status": "CANCELLED"}, "an_offer_is_cancelled_by_two_people"),
        (
            {"status": "PUBLISHED", "published_at": NOON, "number": None},
            "published_offer_has_number_contact_and_instant",
        ),
        (
            {"status": "PUBLISHED", "published_at": NOON, "contact_email": "", "contact_phone": ""},
            "published_offer_has_number_contact_and_instant",
        ),
    ],
)
def test_the_database_refuses_an_inconsistent_offer(changes: dict[str, Any], rule: str) -> None:
    offer = make_draft(starts_on=date(2027, 7, 18), ends_on=date(2027, 12, 31))
    rows = Offer.objects.filter(pk=offer.pk)
    # An unknown status violates two constraints: PostgreSQL checks them in order of name.
    assert refused_by(lambda: rows.update(**changes)) == rule


def test_two_offers_cannot_share_a_number_but_may_have_none() -> None:
    make_draft(number="2027-020")
    make_draft(number=None)
    make_draft(number=None)
    assert refused_by(lambda: make_draft(number="2027-020")) == "offer_number_is_unique"


def test_a_time_zone_that_does_not_exist_is_refused_in_a_form() -> None:
    offer = make_draft()
    offer.time_zone = "America/Atlantis"
    with pytest.raises(ValidationError) as refusal:
        offer.full_clean()
    assert refusal.value.error_dict["time_zone"][0].code == "unknown_time_zone"


@pytest.mark.parametrize(
    "changes, rule",
    [
        ({"closes_at": NOON + DAY}, "published_offer_closes_only_later"),
        ({"closes_on": NOON.date() + DAY}, "published_offer_closes_only_later"),
        ({"status": "DRAFT", "published_at": None}, "published_offer_is_only_ever_cancelled"),
        ({"number": "2031-001"}, "published_offer_keeps_its_number_and_instant"),
        ({"published_at": NOON - 2 * DAY}, "published_offer_keeps_its_number_and_instant"),
    ],
)
def test_a_published_offer_refuses_an_earlier_closing_or_another_number(
    changes: dict[str, Any], rule: str
) -> None:
    offer = make_offer()
    assert refused_by(lambda: Offer.objects.filter(pk=offer.pk).update(**changes)) == rule


def test_a_published_offer_may_close_later_and_be_cancelled_for_good() -> None:
    accept_any_extension_date()
    offer = make_offer()
    rows = Offer.objects.filter(pk=offer.pk)
    extend_deadline(
        offer=offer, author=make_staff(), reason="Tempête.", at=NOON, closes_at=offer.closes_at + DAY
    )
    mark_cancelled(offer.pk)
    broken = refused_by(lambda: rows.update(status=Offer.Status.PUBLISHED))
    assert broken == "published_offer_is_only_ever_cancelled"
    assert refused_by(lambda: rows.update(closes_at=offer.closes_at)) == "published_offer_closes_only_later"


def test_no_offer_closes_later_without_its_extension() -> None:
    offer = make_offer()

    def close_later() -> None:
        Offer.objects.filter(pk=offer.pk).update(closes_at=offer.closes_at + DAY)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert refused_by(close_later) == "a_later_closing_has_its_extension"


@pytest.mark.parametrize(
    "changes",
    [
        {"criteria": []},
        {"starts_on": date(2020, 1, 1)},
        {"reason": "autre"},
        {"digest": "sha256:0"},
        {"published_at": None, "starts_on": None, "closes_on": None, "digest": ""},
    ],
)
def test_a_published_rulebook_never_changes(changes: dict[str, Any]) -> None:
    offer = make_offer()
    rows = RulebookVersion.objects.filter(offer=offer)
    assert refused_by(lambda: rows.update(**changes)) == "published_rulebook_never_changes"


def test_neither_a_published_rulebook_nor_its_offer_can_be_deleted() -> None:
    offer = make_offer()
    assert refused_by(offer.rulebooks.all().delete) == "published_rulebook_never_changes"
    # Both its criteria and its change records prevent the deletion; the order of the checks is not defined.
    kept = {"published_rulebook_never_changes", "offer_records_are_never_rewritten"}
    assert refused_by(offer.delete) in kept
    assert offer.rulebooks.count() == offer.changes.count() == 1


def test_a_draft_rulebook_may_be_changed_and_deleted() -> None:
    offer = make_draft()
    assert offer.rulebooks.update(criteria=[]) == 1
    offer.delete()
    assert not RulebookVersion.objects.exists()


@pytest.mark.parametrize(
    "changes, rule",
    [
        ({"published_at": NOON}, "published_rulebook_is_dated_and_digested"),
        ({"digest": "sha256:0"}, "published_rulebook_is_dated_and_digested"),
        ({"starts_on": date(2027, 1, 4)}, "published_rulebook_is_dated_and_digested"),
        ({"number": 0, "reason": "."}, "rulebook_numbers_start_at_one"),
        ({"number": 2}, "later_rulebook_says_why_it_replaces"),
    ],
)
def test_the_database_refuses_an_inconsistent_rulebook(changes: dict[str, Any], rule: str) -> None:
    versions = make_draft().rulebooks.all()
    assert refused_by(lambda: versions.update(**changes)) == rule


@pytest.mark.parametrize(
    "changes, rule",
    [
        ({"kind": "VIDEO"}, "document_kind_is_known"),
        ({"label": ""}, "document_has_a_label"),
        ({"max_pages": 0}, "document_limits_leave_room_for_one_page"),
        ({"max_bytes": 0}, "document_limits_leave_room_for_one_page"),
        ({"position": 2}, "offer_documents_have_distinct_positions"),
        ({"kind": "TRANSCRIPT"}, "offer_asks_for_a_kind_once"),
    ],
)
def test_the_database_refuses_an_impossible_document_request(changes: dict[str, Any], rule: str) -> None:
    first = make_draft().documents.filter(position=1)
    assert refused_by(lambda: first.update(**changes)) == rule


def test_several_recommendations_and_other_documents_may_be_requested() -> None:
    offer = make_draft(documents=())
    for position, kind in enumerate(["RECOMMENDATION", "RECOMMENDATION", "OTHER", "OTHER"], start=1):
        DocumentRequest.objects.create(offer=offer, position=position, kind=kind, label="x", max_pages=1)
    assert offer.documents.count() == 4


@pytest.mark.parametrize(
    "changes, rule",
    [
        ({"kind": "POEM"}, "section_kind_is_known"),
        ({"title": "", "text": ""}, "section_says_something"),
        ({"position": 2}, "offer_sections_have_distinct_positions"),
    ],
)
def test_the_database_refuses_an_inconsistent_section(changes: dict[str, Any], rule: str) -> None:
    make_draft()
    assert refused_by(lambda: Section.objects.filter(position=1).update(**changes)) == rule


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


def test_an_offer_is_searched_by_its_number_organisation_domain_and_place() -> None:
    offer = make_draft(
        number="2027-020",
        organisation="L’Œuvre",
        organisation_short="ŒUV",
        domain="Éthique",
        place="Genève, Suisse",
    )
    offer.refresh_from_db()
    assert offer.search_text == "2027 020 l oeuvre oeuv ethique geneve, suisse"


def test_an_unpublished_offer_cannot_be_saved_twice_under_one_number_by_a_form() -> None:
    make_draft(number="2027-020")
    other = make_draft(number="2027-021")
    other.number = "2027-020"
    with pytest.raises(ValidationError, match="numéro"):
        other.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()
