"""The phase of an offer, to the second, across clock changes; in Python and in the database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from offers.models import Offer
from offers.models.offer import OfferPhase, phase_between
from offers.selectors import in_phase
from offers.services.creating import closing_instant
from tests.factories.offers import NOON, TORONTO, make_draft, make_offer, mark_cancelled

SECOND = timedelta(seconds=1)
OPENS = datetime(2023, 8, 21, 13, tzinfo=UTC)
CLOSES = datetime(2023, 10, 2, 4, tzinfo=UTC)
BOUNDARIES = [
    (OPENS - SECOND, OfferPhase.UPCOMING),
    (OPENS, OfferPhase.OPEN),
    (CLOSES - timedelta(hours=48), OfferPhase.OPEN),
    (CLOSES - timedelta(hours=48) + SECOND, OfferPhase.CLOSING_SOON),
    (CLOSES - SECOND, OfferPhase.CLOSING_SOON),
    (CLOSES, OfferPhase.CLOSED),
    (CLOSES + timedelta(days=900), OfferPhase.CLOSED),
]


@pytest.mark.django_db
@pytest.mark.parametrize("at, expected", BOUNDARIES)
def test_the_database_finds_the_same_phase(at: datetime, expected: OfferPhase) -> None:
    offer = make_offer(at=OPENS, opens_at=OPENS, closes_on=date(2023, 10, 1))
    assert offer.closes_at == CLOSES
    assert [moment for moment in OfferPhase if Offer.objects.filter(in_phase(moment, at)).exists()] == [
        expected
    ]
    assert offer.phase(at) is expected
    assert offer.is_open(at) is expected.is_open


@pytest.mark.django_db
def test_a_cancelled_offer_and_a_draft_are_never_open() -> None:
    offer = make_offer()
    mark_cancelled(offer.pk)
    offer.refresh_from_db()
    assert offer.phase(NOON) is OfferPhase.CANCELLED
    assert not offer.is_open(NOON)
    assert [moment for moment in OfferPhase if Offer.objects.filter(in_phase(moment, NOON)).exists()] == [
        OfferPhase.CANCELLED
    ]
    assert not make_draft().is_open(NOON)


@pytest.mark.parametrize(
    "closes_on, closes_at",
    [
        (date(2023, 10, 1), datetime(2023, 10, 2, 4, tzinfo=UTC)),
        (date(2020, 3, 1), datetime(2020, 3, 2, 5, tzinfo=UTC)),
        (date(2026, 3, 7), datetime(2026, 3, 8, 5, tzinfo=UTC)),
        (date(2026, 3, 8), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        (date(2026, 10, 31), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ],
    ids=["summer", "winter", "eve of spring", "spring", "eve of autumn", "autumn"],
)
def test_a_printed_day_ends_at_midnight_in_quebec(closes_on: date, closes_at: datetime) -> None:
    assert closing_instant(closes_on=closes_on, zone=TORONTO) == closes_at


def test_the_last_48_hours_are_elapsed_hours() -> None:
    closes_at = datetime(2026, 3, 9, 0, tzinfo=TORONTO)  # the clocks changed the day before
    two_days_on_the_wall = datetime(2026, 3, 7, 0, tzinfo=TORONTO)
    assert (
        phase_between(opens_at=OPENS, closes_at=closes_at, at=two_days_on_the_wall) is OfferPhase.CLOSING_SOON
    )
    in_autumn = datetime(2026, 11, 2, 0, tzinfo=TORONTO)
    at = datetime(2026, 10, 31, 0, 30, tzinfo=TORONTO)
    assert phase_between(opens_at=OPENS, closes_at=in_autumn, at=at) is OfferPhase.OPEN


def test_the_repeated_hour_of_autumn_has_two_instants() -> None:
    closes_at = datetime(2026, 11, 1, 1, 30, tzinfo=TORONTO)  # the first of two 1:30
    second = closes_at.replace(fold=1)
    assert phase_between(opens_at=OPENS, closes_at=closes_at, at=second) is OfferPhase.CLOSED
    assert phase_between(opens_at=OPENS, closes_at=second, at=closes_at) is OfferPhase.CLOSING_SOON


@pytest.mark.parametrize(
    "starts_on, ends_on, weeks",
    [
        (date(2024, 1, 15), date(2024, 7, 12), 26),
        (date(2022, 1, 10), date(2022, 7, 8), 26),
        (date(2023, 9, 4), date(2024, 3, 1), 26),
        (date(2020, 5, 4), date(2020, 10, 30), 26),
        (date(2024, 1, 15), date(2024, 10, 11), 39),
        (date(2024, 1, 15), date(2024, 1, 16), 1),
    ],
)
def test_the_length_is_counted_in_full_weeks(starts_on: date, ends_on: date, weeks: int) -> None:
    assert Offer(starts_on=starts_on, ends_on=ends_on).weeks == weeks
