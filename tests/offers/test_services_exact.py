"""Operations on offers, to the last field: locks, instants, open points, versions, errors."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.devtools.demonstration.offers import CRITERIA
from offers import registrations
from offers.models import DocumentRequestData, Offer
from offers.page.parser import read_page
from offers.selectors import current_rulebook
from offers.services.cloning import clone_offer
from offers.services.correcting import correct_offer, correction_details
from offers.services.creating import closing_instant
from offers.services.errors import (
    ConflictOfInterestError,
    DocumentMadeStricterError,
    OfferDatesError,
    OfferError,
    OfferNotADraftError,
    OfferNotPublishedError,
    OfferNotReadyError,
)
from offers.services.importing import import_page
from offers.services.lifecycle import confirm_mailbox, extend_deadline, extended_instant, settle_point
from offers.services.publishing import missing_for_publication, publish_offer
from offers.services.rulebooks import (
    RulebookUnchangedError,
    draft_rulebook,
    publish_rulebook,
)
from tests.factories.offers import (
    NOON,
    TORONTO,
    accept_any_extension_date,
    cancel_offer,
    make_draft,
    make_offer,
    make_point,
    mark_cancelled,
)
from tests.factories.people import make_user
from tests.offers.parsed_pages import page_text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LEAST = timedelta(microseconds=1)
ZONE = "America/Toronto"
PAGE = read_page(page_text("2024-031-paris"))
CLOSES = datetime(2024, 10, 7, 4, tzinfo=UTC)


def older(maximum: int) -> list[dict[str, Any]]:
    return [one | {"maximum": maximum} if one["kind"] == "AGE" else one for one in CRITERIA]


def refusal_of(act: Callable[[], object]) -> OfferError:
    with pytest.raises(OfferError) as refused:
        act()
    return refused.value


# -- Locks -----------------------------------------------------------------------------------------------------
def test_each_operation_locks_the_offer_before_it_reads() -> None:
    accept_any_extension_date()
    author, draft, unconfirmed = make_user(), make_draft(), make_draft(contact_confirmed_at=None)
    point = make_point(make_draft())
    offer, again, gone = make_offer(), make_offer(), make_offer()
    numbered = import_page(page=PAGE, at=NOON, time_zone=ZONE)
    acts: dict[str, Callable[[], object]] = {
        "publish": lambda: publish_offer(offer=draft, at=NOON),
        "settle": lambda: settle_point(point=point, author=author, resolution="Vu.", at=NOON),
        "confirm": lambda: confirm_mailbox(offer=unconfirmed, author=author, at=NOON),
        "extend": lambda: extend_deadline(
            offer=offer, author=author, reason="Panne.", closes_at=offer.closes_at + DAY, at=NOON
        ),
        "correct": lambda: correct_offer(
            offer=again, author=author, reason="Erreur.", at=NOON, header={"place": "Ailleurs"}
        ),
        "rules": lambda: publish_rulebook(offer=again, reason="Erreur.", criteria=older(40), at=NOON),
        "draft": lambda: draft_rulebook(offer=numbered, criteria=older(40), at=NOON),
        "cancel": lambda: cancel_offer(offer=gone, author=author, reason="Retrait.", at=NOON),
        "import": lambda: import_page(page=PAGE, at=NOON, time_zone=ZONE),
    }
    held = {}
    for name, act in acts.items():
        with CaptureQueriesContext(connection) as captured:
            act()
        read = [
            query["sql"]
            for query in captured
            if query["sql"].startswith("SELECT") and "offers_" in query["sql"]
        ]
        held[name] = read[0].endswith('FOR UPDATE OF "offers_offer"')
    assert held == dict.fromkeys(acts, True)


# -- Import ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("at, opens_at", [(CLOSES - LEAST, CLOSES - LEAST), (CLOSES, CLOSES - 30 * DAY)])
def test_an_imported_offer_opens_now_or_thirty_days_before_its_closing(
    at: datetime, opens_at: datetime
) -> None:
    offer = import_page(page=PAGE, at=at, time_zone=ZONE)
    assert (offer.opens_at, offer.closes_at, offer.created_at) == (opens_at, CLOSES, at)


def test_a_draft_that_is_imported_again_keeps_changes_by_staff() -> None:
    offer = import_page(page=PAGE, at=NOON, time_zone=ZONE)
    opens_at = CLOSES - 3 * DAY
    Offer.objects.filter(pk=offer.pk).update(opens_at=opens_at)
    offer.documents.exclude(kind="CV").delete()
    again = import_page(page=replace(PAGE, criteria=()), at=NOON, time_zone=ZONE)
    assert (again.pk, again.opens_at) == (offer.pk, opens_at)
    assert [one.kind for one in again.documents.all()] == ["CV"]
    assert current_rulebook(again).criteria == []
    again.documents.all().delete()
    again.rulebooks.all().delete()
    # The import sets the opening again if closing moves before it. Without criteria it requests the default documents.
    sooner = replace(PAGE, criteria=(), header=replace(PAGE.header, closes_on=date(2024, 10, 3)))
    third = import_page(page=sooner, at=NOON, time_zone=ZONE)
    assert third.closes_at == opens_at
    assert third.opens_at == third.closes_at - 30 * DAY
    assert [one.kind for one in third.documents.order_by("position")] == [
        *("CV", "MOTIVATION_LETTER", "TRANSCRIPT", "ENROLMENT_PROOF")
    ]
    assert not third.rulebooks.exists()


# -- Publishing ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "changes, missing",
    [
        ({}, []),
        (
            {"number": None, "contact_email": "", "criteria": (), "starts_on": NOON.date() + 30 * DAY},
            ["NUMBER", "CONTACT", "RULEBOOK", "DATES"],
        ),
        ({"contact_email": "", "contact_phone": "1"}, []),
        ({"contact_confirmed_at": None}, ["MAILBOX"]),
        ({"starts_on": NOON.date() + 31 * DAY}, []),
        # The last open instant is on the printed day: closing may be the midnight at its end, not later.
        ({"closes_at": datetime(2027, 4, 10, 4, tzinfo=UTC)}, []),
        ({"closes_at": datetime(2027, 4, 10, 4, tzinfo=UTC) + LEAST}, ["DATES"]),
        ({"closes_at": datetime(2027, 4, 9, 4, tzinfo=UTC) + LEAST}, []),
        ({"closes_at": datetime(2027, 4, 9, 4, tzinfo=UTC)}, ["DATES"]),
    ],
)
def test_missing_parts_of_a_draft_are_listed_in_order(changes: dict[str, Any], missing: list[str]) -> None:
    assert missing_for_publication(make_draft(**changes)) == missing


def test_publishing_writes_the_instant_and_seals_the_latest_version() -> None:
    offer = make_draft(criteria=older(40))
    stale = Offer.objects.get(pk=offer.pk)
    Offer.objects.filter(pk=offer.pk).update(place="Ailleurs")
    done = publish_offer(offer=stale, at=NOON)
    offer.refresh_from_db()
    assert (offer.status, offer.published_at, offer.place, done) == ("PUBLISHED", NOON, "Ailleurs", offer)
    version = offer.rulebooks.get()
    assert (version.starts_on, version.closes_on, version.published_at, version.digest) == (
        offer.starts_on,
        offer.closes_on,
        NOON,
        version.as_rulebook().digest,
    )
    again = refusal_of(lambda: publish_offer(offer=offer, at=NOON))
    assert (type(again), again.data) == (OfferNotADraftError, {"status": "PUBLISHED"})


# -- Criteria --------------------------------------------------------------------------------------------------
def test_criteria_are_not_published_unchanged_nor_for_a_draft_or_a_cancelled_offer() -> None:
    offer = make_offer()
    early = refusal_of(lambda: publish_rulebook(offer=make_draft(), reason="Non.", at=NOON))
    assert (type(early), early.data) == (OfferNotReadyError, {"missing": ["PUBLICATION"]})
    same = refusal_of(lambda: publish_rulebook(offer=offer, reason="Rien.", at=NOON))
    assert (type(same), same.data) == (RulebookUnchangedError, {"number": 1})
    mark_cancelled(offer.pk)
    late = refusal_of(lambda: publish_rulebook(offer=offer, reason="Non.", at=NOON, criteria=older(40)))
    assert (type(late), late.data) == (OfferNotPublishedError, {"status": "CANCELLED"})
    assert offer.rulebooks.count() == 1


def test_a_new_version_is_numbered_dated_recorded_and_based_on_the_latest() -> None:
    offer, author = make_offer(), make_user()
    draft_rulebook(offer=offer, criteria=older(41), at=NOON, reason="À l’étude.")
    version = publish_rulebook(offer=offer, reason=" Erreur. ", at=NOON + DAY, author=author)
    assert (version.number, version.reason, version.created_at, version.published_at) == (
        3,
        "Erreur.",
        NOON + DAY,
        NOON + DAY,
    )
    assert [one["maximum"] for one in version.criteria if one["kind"] == "AGE"] == [41]
    change = offer.changes.get(kind="RULES_CHANGED")
    assert (change.author, change.at, change.reason) == (author, NOON + DAY, "Erreur.")
    assert change.details.replace("\u00a0", " ") == "Âge — âge maximal : 35 ans → 41 ans"
    conflicts_of(offer, author)
    bound = refusal_of(
        lambda: publish_rulebook(offer=offer, reason="x", at=NOON, criteria=older(42), author=author)
    )
    assert type(bound) is ConflictOfInterestError


def conflicts_of(offer: Offer, author: Any) -> None:
    registrations.register_conflict_check(lambda one, account: (one, account) == (offer, author))


@pytest.fixture(autouse=True)
def no_registrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the registrations for the test, and the test's own afterwards."""
    monkeypatch.setattr(registrations, "_conflict_checks", [])
    monkeypatch.setattr(registrations, "_listeners", [])


# -- Corrections and extensions --------------------------------------------------------------------------------
def test_a_correction_does_not_change_other_fields() -> None:
    offer, author = make_offer(), make_user()
    documents = list(offer.documents.order_by("position").values())
    stale = Offer.objects.get(pk=offer.pk)
    Offer.objects.filter(pk=offer.pk).update(listed=False)
    correct_offer(offer=stale, author=author, reason="Erreur.", at=NOON, header={"place": "Oslo"})
    offer.refresh_from_db()
    assert (offer.place, offer.listed, offer.contact_confirmed_at) == ("Oslo", False, NOON)
    assert list(offer.documents.order_by("position").values()) == documents
    conflicts_of(offer, author)
    bound = refusal_of(
        lambda: correct_offer(offer=offer, author=author, reason="Erreur.", at=NOON, header={"place": "Rome"})
    )
    assert type(bound) is ConflictOfInterestError
    extended = refusal_of(
        lambda: extend_deadline(
            offer=offer, author=author, reason="x", closes_at=offer.closes_at + DAY, at=NOON
        )
    )
    assert type(extended) is ConflictOfInterestError
    assert (
        type(refusal_of(lambda: cancel_offer(offer=offer, author=author, reason="x", at=NOON)))
        is ConflictOfInterestError
    )


def test_the_stage_may_start_the_day_after_the_last_open_day() -> None:
    offer = make_offer()
    assert correction_details(offer, header={"starts_on": offer.closes_on + DAY})
    refused = refusal_of(lambda: correction_details(offer, header={"starts_on": offer.closes_on}))
    assert (type(refused), refused.data) == (OfferDatesError, {"closes_on": offer.closes_on})


def test_stricter_document_requests_are_refused_by_their_labels() -> None:
    offer = make_offer(
        documents=[
            DocumentRequestData(kind="CV", label="CV", max_pages=2, max_bytes=100),
            DocumentRequestData(
                kind="OTHER", label="Plan", max_pages=3, max_bytes=100, required=False, hint="Court."
            ),
        ]
    )
    first, second = (
        DocumentRequestData(**row)
        for row in offer.documents.order_by("position").values(
            "kind", "label", "hint", "required", "max_pages", "max_bytes"
        )
    )
    cases: list[tuple[list[DocumentRequestData], str, str]] = [
        ([first], "Plan", "REMOVED"),
        ([], "CV", "REMOVED"),
        ([replace(first, max_pages=1), second], "CV", "PAGES"),
        ([first, replace(second, max_bytes=99)], "Plan", "BYTES"),
        ([first, replace(second, kind="TRANSCRIPT", required=True)], "Plan", "KIND"),
        ([first, replace(second, required=True)], "Plan", "REQUIRED"),
        ([first, second, replace(second, label="Neuf", required=True)], "Neuf", "NEW_REQUIRED"),
    ]
    for wanted, document, problem in cases:
        refused = refusal_of(lambda wanted=wanted: correction_details(offer, documents=wanted))  # type: ignore[misc]  # -- bound now
        assert type(refused) is DocumentMadeStricterError
        assert refused.data == {"document": document, "problem": problem}
    wanted = [
        replace(first, required=False),
        second,
        replace(second, label="Neuf"),
        replace(second, label="Bis"),
    ]
    correct_offer(offer=offer, author=make_user(), reason="Erreur.", at=NOON, documents=wanted)
    assert list(
        offer.documents.order_by("position").values_list("position", "label", "required", "hint")
    ) == [
        (1, "CV", False, ""),
        (2, "Plan", False, "Court."),
        (3, "Neuf", False, "Court."),
        (4, "Bis", False, "Court."),
    ]


def test_an_extension_ends_at_the_hour_of_the_offer_and_before_its_stage() -> None:
    accept_any_extension_date()
    offer = make_offer(starts_on=date(2027, 5, 1))
    assert extended_instant(offer, date(2027, 4, 20)) == datetime(2027, 4, 21, 4, tzinfo=UTC)
    with pytest.raises(ValueError, match="needs a day or an instant"):
        extended_instant(offer, None)
    author = make_user()
    beyond = refusal_of(
        lambda: extend_deadline(
            offer=offer, author=author, reason="Panne.", closes_on=date(2027, 5, 1), at=NOON
        )
    )
    assert (type(beyond), beyond.data) == (OfferDatesError, {"closes_on": date(2027, 5, 1)})
    same = refusal_of(
        lambda: extend_deadline(offer=offer, author=author, reason="x", closes_at=offer.closes_at, at=NOON)
    )
    assert same.data == {"closes_at": offer.closes_at}
    extend_deadline(offer=offer, author=author, reason=" Panne. ", closes_on=date(2027, 4, 30), at=NOON)
    change = offer.changes.get(kind="EXTENDED")
    assert (change.reason, change.author, change.details.replace("\u00a0", " ")) == (
        "Panne.",
        author,
        (
            "Date limite : 9 avril 2027, 23 h 59 (heure de l’Est, Québec) → 30 avril 2027, 23 h 59 (heure de l’Est, "
            "Québec)"
        ),
    )


# -- Writing ---------------------------------------------------------------------------------------------------


def test_a_copy_with_a_past_closing_keeps_the_length_of_the_filing_period() -> None:
    model = make_offer(opens_at=NOON - 10 * DAY)
    lasting = model.closes_at - model.opens_at
    closes_on = date(2027, 10, 1)
    closes_at = closing_instant(closes_on=closes_on, zone=TORONTO)
    for number, at, opens_at in (
        ("A", closes_at - LEAST, closes_at - LEAST),
        ("B", closes_at, closes_at - lasting),
    ):
        copy = clone_offer(offer=model, number=number, closes_on=closes_on, at=at)
        assert (copy.opens_at, copy.created_at) == (opens_at, at)
