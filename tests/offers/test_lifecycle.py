"""Operations on an offer: settle, confirm, correct, extend, cancel; their writes and their errors."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from intake.accounts.models import User
from offers import registrations
from offers.models import DocumentRequestData, Offer, OfferChange
from offers.selectors import current_rulebook
from offers.services.correcting import CORRECTABLE, correct_offer
from offers.services.errors import OfferError, OfferNotADraftError
from offers.services.lifecycle import confirm_mailbox, extend_deadline, settle_point
from offers.services.publishing import publish_offer
from tests.factories.offers import (
    NOON,
    accept_any_extension_date,
    cancel_offer,
    make_draft,
    make_offer,
    make_point,
)
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHY = "Erreur dans le texte."


@pytest.fixture(scope="module")
def kept_author(module_db: None) -> User:
    return make_user(is_staff=True)


@pytest.fixture
def author(kept_author: User) -> User:
    """A staff member."""
    return deepcopy(kept_author)


def refusal_of(act: Callable[[], object]) -> OfferError:
    """Return the error of `act`; its text must be a sentence."""
    with pytest.raises(OfferError) as refused:
        act()
    said = str(refused.value)
    assert said.endswith(".")
    assert "%" not in said
    return refused.value


def last_change(offer: Offer) -> OfferChange:
    return offer.changes.order_by("pk").last() or OfferChange()


def asked_of(offer: Offer) -> list[DocumentRequestData]:
    """Return the document requests, in the form that a correction takes."""
    names = ("kind", "label", "hint", "required", "max_pages", "max_bytes")
    return [DocumentRequestData(**row) for row in offer.documents.order_by("position").values(*names)]


# -- Publishing


def test_an_unsettled_point_prevents_publication(author: User) -> None:
    offer = make_draft()
    point = make_point(offer)
    assert refusal_of(lambda: publish_offer(offer=offer, at=NOON)).data == {"missing": ["POINTS"]}
    settle_point(point=point, author=author, resolution=" Lieu ajouté. ", at=NOON)
    assert publish_offer(offer=offer, author=author, at=NOON).is_published
    assert [(row.kind, row.author, row.reason) for row in offer.changes.order_by("pk")] == [
        ("POINT_SETTLED", author, "Lieu ajouté."),
        ("PUBLISHED", author, ""),
    ]


# -- Corrections


def test_a_correction_changes_neither_number_nor_filing_period(author: User) -> None:
    offer = make_offer()
    forbidden = {"number", "opens_at", "closes_on", "closes_at", "time_zone", "status", "published_at"}
    assert not forbidden & set(CORRECTABLE)
    refused = refusal_of(
        lambda: correct_offer(
            offer=offer, author=author, reason=WHY, at=NOON, header={"number": "X", "closes_at": NOON}
        )
    )
    assert refused.data == {"fields": ["closes_at", "number"]}
    assert not offer.changes.filter(kind="CORRECTED").exists()


def test_documents_may_be_renamed_widened_become_optional_or_be_added(author: User) -> None:
    offer = make_offer()
    rows, keys = asked_of(offer), list(offer.documents.order_by("position").values_list("pk", flat=True))
    rows[0] = replace(
        rows[0], label="CV", hint="Récent.", required=False, max_pages=9, max_bytes=20 * 1024**2
    )
    rows.append(replace(rows[1], kind="OTHER", label="Portfolio", required=False))
    change = correct_offer(offer=offer, author=author, reason=WHY, at=NOON, documents=rows)
    assert len(change.details.splitlines()) == 6
    assert asked_of(offer) == rows
    kept = offer.documents.order_by("position").values_list("pk", flat=True)[: len(keys)]
    assert list(kept) == keys  # rows that drafts and filings reference still exist


# -- Extensions
def test_an_extension_moves_the_closing_and_keeps_the_printed_day(author: User) -> None:
    accept_any_extension_date()
    offer = make_offer()
    printed, before = offer.closes_on, offer.closes_at
    extension = extend_deadline(
        offer=offer, author=author, reason="Panne.", closes_on=printed + 7 * DAY, at=NOON
    )
    offer.refresh_from_db()
    assert (offer.closes_on, offer.closes_at) == (printed, before + 7 * DAY)
    assert (extension.closed_at_before, extension.closes_at) == (before, offer.closes_at)
    assert (extension.author, extension.reason) == (author, "Panne.")
    assert (last_change(offer).kind, last_change(offer).at) == ("EXTENDED", NOON)
    assert "23\u00a0h\u00a059" in last_change(offer).details
    assert current_rulebook(offer).closes_on == printed


def test_an_extension_closes_at_the_hour_of_the_earlier_closing(author: User) -> None:
    accept_any_extension_date()
    five_in_winter = datetime.fromisoformat("2027-03-12T17:00:00-05:00")
    offer = make_offer(closes_on=date(2027, 3, 12), closes_at=five_in_winter)
    extend_deadline(offer=offer, author=author, reason="Panne.", closes_on=date(2027, 3, 20), at=NOON)
    offer.refresh_from_db()
    assert offer.closes_at == datetime.fromisoformat(
        "2027-03-20T17:00:00-04:00"
    )  # summer time began on the 14th


def test_an_extension_reopens_a_closed_offer(author: User) -> None:
    accept_any_extension_date()
    offer = make_offer()
    after = offer.closes_at + DAY
    assert not offer.is_open(after)
    past = refusal_of(
        lambda: extend_deadline(
            offer=offer, author=author, reason="Panne.", closes_at=after - timedelta(hours=1), at=after
        )
    )
    assert past.code == "extension_not_later"
    extend_deadline(offer=offer, author=author, reason="Panne.", closes_at=after + DAY, at=after)
    offer.refresh_from_db()
    assert offer.is_open(after)


# -- Cancellation
def test_a_cancelled_offer_accepts_no_further_action(author: User) -> None:
    offer = make_offer()
    assert cancel_offer(offer=offer, author=author, reason="Retrait.", at=NOON).status == "CANCELLED"
    assert last_change(offer).reason == "Retrait."
    acts: list[Callable[[], object]] = [
        lambda: cancel_offer(offer=offer, author=author, reason="Encore.", at=NOON),
        lambda: extend_deadline(
            offer=offer, author=author, reason="Non.", closes_on=offer.closes_on + DAY, at=NOON
        ),
        lambda: correct_offer(offer=offer, author=author, reason=WHY, at=NOON, header={"place": "X"}),
    ]
    for act in acts:
        assert refusal_of(act).data == {"status": "CANCELLED"}
    assert [row.kind for row in offer.changes.order_by("pk")] == [
        "PUBLISHED",
        "CANCEL_ASKED",
        "CANCELLED",
    ]
    with pytest.raises(OfferNotADraftError):
        publish_offer(offer=offer, at=NOON)


@pytest.mark.parametrize("act", [cancel_offer, extend_deadline, correct_offer])
def test_corrections_extensions_and_cancellations_require_a_reason_and_publication(
    author: User, act: Callable[..., object]
) -> None:
    more: dict[str, Any] = {}
    if act is extend_deadline:
        more = {"closes_at": NOON + 60 * DAY}
    elif act is correct_offer:
        more = {"header": {"place": "Rome"}}
    blank = refusal_of(lambda: act(offer=make_offer(), author=author, reason="  ", at=NOON, **more))
    assert blank.code == "reason_missing"
    draft = refusal_of(lambda: act(offer=make_draft(), author=author, reason=WHY, at=NOON, **more))
    assert (draft.code, draft.data) == ("offer_not_published", {"status": "DRAFT"})


# -- Constraints of the database -------------------------


# -- Listeners
def test_a_listener_gets_each_change_and_rolls_it_back_by_raising(
    author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def listen(change: OfferChange) -> None:
        heard.append(change.kind)
        if change.kind == "CANCELLED":
            raise RuntimeError

    monkeypatch.setattr(registrations, "_listeners", [])
    registrations.register_change_listener(listen)
    registrations.register_change_listener(listen)
    offer = make_offer()
    with pytest.raises(RuntimeError):
        cancel_offer(offer=offer, author=author, reason="Retrait.", at=NOON)
    offer.refresh_from_db()
    assert offer.status == "PUBLISHED"
    assert heard == ["PUBLISHED", "CANCEL_ASKED", "CANCELLED"]


def test_a_mailbox_that_was_removed_meanwhile_is_not_confirmed(author: User) -> None:
    none = make_draft(contact_email="", contact_phone="418 555-0100")
    assert refusal_of(lambda: confirm_mailbox(offer=none, author=author, at=NOON)).code == "mailbox_missing"


def test_a_changed_contact_address_must_be_confirmed_again(author: User) -> None:
    offer = make_offer()
    correct_offer(
        offer=offer, author=author, reason=WHY, at=NOON, header={"contact_email": "autre@exemple.invalid"}
    )
    offer.refresh_from_db()
    assert offer.contact_confirmed_at is None
    assert confirm_mailbox(offer=offer, author=author, at=NOON).contact_confirmed_at == NOON
