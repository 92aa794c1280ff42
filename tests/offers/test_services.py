"""Publishing, copying and revising offers: effects and named errors of the operations."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from offers.models import Offer, RulebookVersion
from offers.search import matching, read_search
from offers.selectors import by_deadline, current_rulebook, get_by_number, next_edition, published
from offers.services.cloning import clone_offer
from offers.services.errors import OfferNotADraftError, OfferNotReadyError, RulebookMalformedError
from offers.services.publishing import publish_offer
from offers.services.rulebooks import draft_rulebook, publish_rulebook
from tests.factories.offers import NOON, make_draft, make_offer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_publishing_seals_the_criteria_with_the_dates_of_the_offer() -> None:
    offer = publish_offer(offer=make_draft(number="2027-020"), at=NOON)
    assert (offer.status, offer.published_at) == ("PUBLISHED", NOON)
    version = current_rulebook(offer)
    assert (version.starts_on, version.closes_on) == (offer.starts_on, offer.closes_on)
    assert version.published_at == NOON
    rulebook = version.as_rulebook()
    assert rulebook.digest == version.digest
    assert (rulebook.reference, rulebook.starts_on) == ("2027-020", offer.starts_on)
    assert [criterion.kind for criterion in rulebook.criteria] == [
        "STUDIES",
        "AGE",
        "LEGAL_STATUS",
        "DOMICILE",
        "RESIDENCE",
        "WRITING",
        "SKILLS",
        "ONCE_ONLY",
    ]


@pytest.mark.parametrize(
    "changes, missing",
    [
        ({"number": None}, ["NUMBER"]),
        ({"contact_email": ""}, ["CONTACT"]),
        ({"criteria": ()}, ["RULEBOOK"]),
        (
            {"number": None, "contact_email": "", "criteria": ()},
            ["NUMBER", "CONTACT", "RULEBOOK"],
        ),
    ],
)
def test_an_unfinished_offer_is_refused_with_its_missing_parts(
    changes: dict[str, Any], missing: list[str]
) -> None:
    offer = make_draft(**changes)
    with pytest.raises(OfferNotReadyError) as refusal:
        publish_offer(offer=offer, at=NOON)
    assert refusal.value.code == "offer_not_ready"
    assert refusal.value.data == {"missing": missing}
    offer.refresh_from_db()
    assert offer.status == Offer.Status.DRAFT


def test_a_telephone_alone_is_a_sufficient_contact() -> None:
    offer = make_draft(contact_email="", contact_phone="418 555-0100")
    assert publish_offer(offer=offer, at=NOON).is_published


def test_an_offer_is_published_once() -> None:
    offer = make_offer()
    with pytest.raises(OfferNotADraftError) as refusal:
        publish_offer(offer=offer, at=NOON)
    assert refusal.value.data == {"status": "PUBLISHED"}


def test_malformed_criteria_are_refused_and_store_no_offer() -> None:
    criteria = [{"kind": "AGE", "effect": "BLOCK", "minimum": 35, "maximum": 18, "on": "starts_on"}]
    with pytest.raises(RulebookMalformedError) as refusal:
        make_draft(criteria=criteria)
    assert "criteria[0].maximum" in refusal.value.data["problem"]
    assert not Offer.objects.exists()


def test_defaults_of_criteria_are_written_out_when_stored() -> None:
    assert current_rulebook(make_draft()).criteria[0]["bar_school"] is True


def test_a_new_draft_of_the_criteria_replaces_the_earlier_one() -> None:
    offer = make_draft()
    second = draft_rulebook(offer=offer, criteria=[], at=NOON, reason="Aucun critère.")
    assert current_rulebook(offer) == second
    publish_offer(offer=offer, at=NOON)
    assert [version.published_at for version in offer.rulebooks.order_by("number")] == [NOON]
    offer.refresh_from_db()
    assert current_rulebook(offer) == second


def test_a_draft_version_is_not_current_for_a_published_offer() -> None:
    offer = make_offer()
    draft_rulebook(offer=offer, criteria=[], at=NOON, reason="À l’étude.")
    assert current_rulebook(offer).number == 1


def test_criteria_of_a_draft_offer_are_not_published_separately() -> None:
    with pytest.raises(OfferNotReadyError) as refusal:
        publish_rulebook(offer=make_draft(), reason="Sans offre.", at=NOON)
    assert refusal.value.data == {"missing": ["PUBLICATION"]}


def test_an_offer_without_criteria_has_no_current_rulebook() -> None:
    with pytest.raises(RulebookVersion.DoesNotExist):
        current_rulebook(make_draft(criteria=()))


def test_a_copy_keeps_weekdays_length_text_documents_and_criteria() -> None:
    model = make_offer(
        number="2023-020",
        closes_on=date(2023, 10, 1),
        at=datetime(2023, 9, 1, tzinfo=UTC),
        starts_on=date(2024, 1, 15),
        ends_on=date(2024, 7, 12),
    )
    copy = clone_offer(offer=model, number="2027-020", closes_on=date(2027, 10, 1), at=NOON)
    assert (copy.status, copy.published_at, copy.created_at) == ("DRAFT", None, NOON)
    assert copy.starts_on == date(2028, 1, 17)
    assert copy.starts_on.weekday() == model.starts_on.weekday()
    assert copy.ends_on - copy.starts_on == model.ends_on - model.starts_on
    assert copy.closes_at == datetime(2027, 10, 2, 4, tzinfo=UTC)
    assert copy.is_open(NOON) is False
    assert publish_offer(offer=copy, at=NOON).is_open(NOON)

    def parts(offer: Offer) -> list[Any]:
        sections = offer.sections.order_by("position").values_list("position", "kind", "title", "text")
        documents = offer.documents.order_by("position").values_list(
            "position", "kind", "label", "hint", "required", "max_pages", "max_bytes"
        )
        return [*sections, *documents, current_rulebook(offer).criteria]

    assert parts(copy) == parts(model)


@pytest.mark.parametrize(
    "closes_on, starts_on",
    [
        (date(2024, 9, 29), date(2025, 1, 13)),  # 52 weeks exactly
        (date(2024, 10, 1), date(2025, 1, 13)),  # 52 weeks and 2 days
        (date(2024, 10, 3), date(2025, 1, 20)),  # 52 weeks and 4 days
        (date(2022, 10, 2), date(2023, 1, 16)),  # to the past
    ],
)
def test_the_stage_of_a_copy_moves_by_full_weeks(closes_on: date, starts_on: date) -> None:
    model = make_offer(
        closes_on=date(2023, 10, 1), at=datetime(2023, 9, 1, tzinfo=UTC), starts_on=date(2024, 1, 15)
    )
    assert clone_offer(offer=model, number="X", closes_on=closes_on, at=NOON).starts_on == starts_on


def test_a_copy_closes_at_the_same_local_hour() -> None:
    five_in_winter = datetime(2027, 3, 10, 22, tzinfo=UTC)  # 17:00 in Québec
    model = make_offer(closes_on=date(2027, 3, 10), closes_at=five_in_winter)
    copy = clone_offer(offer=model, number="X", closes_on=date(2027, 7, 1), at=NOON)
    assert copy.closes_at == datetime(2027, 7, 1, 21, tzinfo=UTC)


def test_a_copy_with_a_past_closing_keeps_the_length_of_the_filing_period() -> None:
    model = make_offer()
    copy = clone_offer(offer=model, number="X", closes_on=date(2020, 3, 1), at=NOON)
    assert copy.closes_at - copy.opens_at == model.closes_at - model.opens_at


def test_the_public_reads_only_listed_and_published_offers() -> None:
    make_draft()
    make_offer(listed=False)
    offer = make_offer()
    assert list(published(NOON)) == [offer]
    assert not published(offer.opens_at - DAY).exists()
    assert get_by_number(str(offer.number)) == offer
    with pytest.raises(Offer.DoesNotExist):
        get_by_number("2031-999")


def test_open_offers_come_first_by_nearest_deadline() -> None:
    for number, closes_in, opens_in in [
        ("late", 40, -1),
        ("soon", 10, -1),
        ("next", 60, 5),
        ("old", -90, -120),
        ("just", -2, -30),
    ]:
        make_offer(number=number, closes_on=NOON.date() + closes_in * DAY, opens_at=NOON + opens_in * DAY)

    def order(**options: bool) -> list[str | None]:
        return [offer.number for offer in by_deadline(published(NOON), NOON, **options)]

    assert order() == ["soon", "late", "next", "just", "old"]
    assert order(latest_first=True) == ["late", "soon", "next", "old", "just"]


@pytest.mark.parametrize(
    "words, found",
    [
        ("", True),
        ("geneve", True),
        ("GENÈVE", True),
        ("l'eau", True),
        ("l’eau genève", True),
        ("027-02", True),
        ("hum", True),
        ("geneve rome", False),
        ("%", False),
        ("_", False),
        ("\\", False),
    ],
)
def test_every_term_is_searched_without_accents_and_case(words: str, found: bool) -> None:  # noqa: FBT001 -- a column of the table
    make_offer(
        number="2027-020", organisation="Organisation de l’eau", domain="Droit humain", place="Genève, Suisse"
    )
    assert matching(published(NOON), read_search(words)).exists() is found


def test_the_next_offer_is_the_latest_public_one_of_organisation_and_domain() -> None:
    same: dict[str, Any] = {"organisation": "UNESCO", "domain": "Éthique"}
    old = make_offer(
        number="2023-020", closes_on=date(2023, 10, 1), at=datetime(2023, 9, 1, tzinfo=UTC), **same
    )
    assert next_edition(old) is None
    later = make_offer(number="2027-020", **same)
    make_offer(number="2027-021", organisation="UNESCO", domain="Droit")
    make_draft(number="2028-020", closes_on=date(2028, 10, 1), **same)
    make_offer(number="2028-021", closes_on=date(2028, 10, 1), listed=False, **same)
    assert next_edition(old) == later
    assert next_edition(later) is None


def test_a_refusal_names_its_offer_and_what_is_missing() -> None:
    offer = make_draft(number="2027-020", contact_email="")
    with pytest.raises(OfferNotReadyError, match=r"^2027-020 .* Il manque"):
        publish_offer(offer=offer, at=NOON)
