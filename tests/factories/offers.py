"""Offers for tests: small, valid, and open around an instant by default."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, models

from intake.devtools.demonstration.offers import CRITERIA, DOCUMENTS, SECTIONS
from offers.models import Offer, OpenPoint, Programme, SynonymGroup
from offers.services.cancelling import approve_cancellation, ask_cancellation
from offers.services.creating import closing_instant, create_offer
from offers.services.publishing import publish_offer
from tests.database_roles import as_owner
from tests.factories.people import make_user

TORONTO = ZoneInfo("America/Toronto")
_serial = itertools.count(1)
NOON = datetime(2027, 3, 10, 17, tzinfo=UTC)  # a Wednesday of winter time, 12:00 in Québec


def make_programme(**words: str) -> Programme:
    """Create a programme other than the portal's own, with its full wording; `words` are fields of the programme."""
    serial = next(_serial)
    return Programme.objects.create(
        **(
            {
                "code": f"ESSAI-{serial:05}",
                "name": f"Bourse d’essai {serial:05}",
                "dates_label": "Dates du séjour",
                "allowance_label": "Montant de la bourse",
                "at_start": "au début du séjour",
                "lead": "Des bourses pour partir un mois.",
                "next_steps": "Un jury choisit ; chaque personne reçoit sa réponse par courriel.",
            }
            | words
        )
    )


def make_draft(*, at: datetime = NOON, **changes: Any) -> Offer:
    """Create a complete draft that, once published, is open at `at` and closes thirty days later.

    `changes` are fields of the offer, or `sections`, `documents`, `criteria`. By default `closes_at` follows
    `closes_on`.
    """
    number = changes.setdefault("number", f"T-{Offer.objects.count() + 1:03}")
    zone = ZoneInfo(changes.get("time_zone", TORONTO.key))
    closes_on: date = changes.setdefault("closes_on", at.astimezone(zone).date() + timedelta(days=30))
    header: dict[str, Any] = {
        "organisation": f"Organisation d’essai {number}",
        "domain": "Statistique",
        "starts_on": closes_on + timedelta(days=100),
        "ends_on": closes_on + timedelta(days=279),
        "place": "Rome, Italie",
        "opens_at": at - timedelta(days=10),
        "closes_at": closing_instant(closes_on=closes_on, zone=zone),
        "contact_unit": "Unité d’essai",
        "contact_email": "essai@exemple.invalid",
        "contact_confirmed_at": at,
        "sections": SECTIONS,
        "documents": DOCUMENTS,
        "criteria": CRITERIA,
    }
    return create_offer(at=at, **(header | changes))


def new_number() -> str:
    """Return an offer's number that no other test draws, in any process that uses the same database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('offers_offer', 'id'))")
        drawn: int = cursor.fetchone()[0]
    return f"{2040 + drawn // 1000}-{drawn % 1000:03}"


def make_offer(*, at: datetime = NOON, **changes: Any) -> Offer:
    """Create and publish an offer as `make_draft` describes it; published when it opens, or at `at` if earlier."""
    draft = make_draft(at=at, **changes)
    return publish_offer(offer=draft, at=min(at, draft.opens_at))


def make_synonyms(*terms: str) -> SynonymGroup:
    """Create a group of synonyms of the search; by default of two new terms."""
    serial = next(_serial)
    return SynonymGroup.objects.create(terms=list(terms) or [f"sigle{serial:05}", f"nom entier {serial:05}"])


def make_point(offer: Offer, **fields: Any) -> OpenPoint:
    """Create an open point in `offer`, as an import does."""
    usual = {"code": "PLACE_MISSING", "excerpt": "", "position": offer.points.count() + 1, "created_at": NOON}
    return OpenPoint.objects.create(offer=offer, **(usual | fields))


def accept_any_extension_date() -> None:
    """Let the database accept any extension until the test ends: for tests on a past day, as `NOON` will be."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE offers_offerextension DISABLE TRIGGER extension_is_stamped_and_later")


def cancel_offer(*, offer: Offer, author: models.Model, reason: str, at: datetime) -> Offer:
    """Cancel an offer as `author` asks and as another person approves. Return the offer."""
    asked = ask_cancellation(offer=offer, author=author, reason=reason, at=at)
    return approve_cancellation(offer=offer, author=make_user(), seen=asked.pk, at=at).offer


def mark_cancelled(offer_id: int) -> None:
    """Cancel an offer without its history, its mails and its second person."""
    with as_owner():
        Offer.objects.filter(pk=offer_id).update(status=Offer.Status.CANCELLED)
