"""Filing windows: each bound on both sides, and which of the three closings applies."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from intake.submissions.models import Submission, Verdict
from intake.submissions.models.filing_window import FilingWindow
from offers.models import Offer
from tests.factories.submissions import make_draft, make_filing

OPENS = datetime(2027, 9, 1, 13, tzinfo=UTC)
CLOSES = datetime(2027, 10, 1, 4, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
QUEBEC = ZoneInfo("America/Toronto")


def _window(
    extended: datetime | None = None, complement: datetime | None = None, status: str = "PUBLISHED"
) -> FilingWindow:
    offer = Offer(
        opens_at=OPENS, closes_at=CLOSES.astimezone(QUEBEC), time_zone="America/Toronto", status=status
    )
    return FilingWindow(offer, extended, complement)


@pytest.mark.parametrize(
    "extended, complement, closes, ordinary, is_extended, is_personal, is_complement",
    [
        (None, None, CLOSES, CLOSES, False, False, False),
        (CLOSES - TICK, None, CLOSES, CLOSES, False, False, False),
        (CLOSES, None, CLOSES, CLOSES, False, False, False),
        (CLOSES + TICK, None, CLOSES + TICK, CLOSES + TICK, True, True, False),
        (None, CLOSES, CLOSES, CLOSES, False, False, False),
        (None, CLOSES - DAY, CLOSES, CLOSES, False, False, False),
        (None, CLOSES + TICK, CLOSES + TICK, CLOSES, False, False, True),
        (CLOSES + DAY, CLOSES + DAY, CLOSES + DAY, CLOSES + DAY, True, True, False),
        (CLOSES + DAY, CLOSES + 2 * DAY, CLOSES + 2 * DAY, CLOSES + DAY, True, False, True),
        (CLOSES + 2 * DAY, CLOSES + DAY, CLOSES + 2 * DAY, CLOSES + 2 * DAY, True, True, False),
    ],
)
def test_the_latest_of_the_closings_applies_and_is_identified(
    extended: datetime | None,
    complement: datetime | None,
    closes: datetime,
    ordinary: datetime,
    *,
    is_extended: bool,
    is_personal: bool,
    is_complement: bool,
) -> None:
    window = _window(extended, complement)
    assert (window.closes_at, window.ordinary_closes_at) == (closes, ordinary)
    assert {window.closes_at.tzinfo, window.ordinary_closes_at.tzinfo} == {UTC}
    assert (window.closing, window.ordinary_closing) == (closes, ordinary)
    assert {str(window.closing.tzinfo), str(window.ordinary_closing.tzinfo)} == {"America/Toronto"}
    assert (window.is_extended, window.is_personal, window.is_complement) == (
        is_extended,
        is_personal,
        is_complement,
    )


@pytest.mark.parametrize(
    "at, is_open, is_for_complement_alone",
    [
        (OPENS - TICK, False, False),
        (OPENS, True, False),
        (CLOSES - TICK, True, False),
        (CLOSES, True, False),
        (CLOSES + DAY - TICK, True, False),
        (CLOSES + DAY, True, True),
        (CLOSES + 2 * DAY - TICK, True, True),
        (CLOSES + 2 * DAY, False, False),
    ],
)
def test_a_window_opens_and_closes_at_its_exact_instants(
    at: datetime, *, is_open: bool, is_for_complement_alone: bool
) -> None:
    window = _window(CLOSES + DAY, CLOSES + 2 * DAY)
    assert (window.is_open(at), window.is_for_complement_alone(at)) == (is_open, is_for_complement_alone)


@pytest.mark.parametrize("status", [status for status in Offer.Status if status != Offer.Status.PUBLISHED])
def test_an_unpublished_offer_has_no_open_window(status: str) -> None:
    window = _window(CLOSES + DAY, CLOSES + 2 * DAY, status=status)
    instants = (OPENS, CLOSES, CLOSES + DAY)
    assert not any(window.is_open(at) or window.is_for_complement_alone(at) for at in instants)


@pytest.mark.django_db
def test_the_copied_columns_are_set_by_a_filing_and_empty_for_a_draft() -> None:
    draft = make_draft()
    assert (draft.submission.received_at, draft.submission.filed_outcome) == (None, "")
    receipt = make_filing(last_name="Émond-Lœuf", first_name="Zoé")
    submission = Submission.objects.get(pk=receipt.filing.submission_id)
    assert submission.received_at == receipt.filing.received_at
    assert submission.filed_outcome == Verdict.objects.get(filing=receipt.filing).outcome
    assert submission.folded_name == "emond loeuf, zoe"


@pytest.mark.django_db
def test_the_copied_columns_always_follow_the_filing() -> None:
    receipt = make_filing()
    found = Submission.objects.filter(pk=receipt.filing.submission_id)
    found.update(received_at=datetime(2020, 1, 1, tzinfo=UTC), filed_outcome="INELIGIBLE")
    submission = found.get()
    assert submission.received_at == receipt.filing.received_at
    assert submission.filed_outcome == "ELIGIBLE"


@pytest.mark.django_db
def test_a_submission_requires_a_current_filing_with_a_verdict() -> None:
    draft = make_draft()
    found = Submission.objects.filter(pk=draft.submission_id)
    with pytest.raises(IntegrityError, match="no filing 987654321 with a verdict"), transaction.atomic():
        found.update(state="SUBMITTED", standing_filing=987654321)
