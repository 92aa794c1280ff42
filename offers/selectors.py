"""Queries about offers. Nothing here writes or reads the machine's clock: `at` is an aware instant."""

import hashlib
import json
from datetime import datetime
from typing import Any, Final, cast

from django.db import connection
from django.db.models import (
    Case,
    Count,
    DurationField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from offers.models.offer import CLOSING_SOON, OfferPhase

from .models import DocumentRequest, GridLine, Offer, OfferChange, OfferExtension, RulebookVersion


def published(at: datetime) -> QuerySet[Offer]:
    """Return the offers that the public may read at `at`: listed and published, cancelled ones included."""
    return Offer.objects.filter(
        listed=True, status__in=[Offer.Status.PUBLISHED, Offer.Status.CANCELLED], published_at__lte=at
    ).select_related("programme")


def get_by_number(number: str) -> Offer:
    """Return the offer with this number, in any status, listed or not; raise `Offer.DoesNotExist` if none has it."""
    return Offer.objects.get(number=number)


def in_phase(phase: OfferPhase, at: datetime) -> Q:
    """Return the condition that an offer is in `phase` at `at`, equal to `Offer.phase`."""
    if phase == OfferPhase.CANCELLED:
        return Q(status=Offer.Status.CANCELLED)
    lasting = ~Q(status=Offer.Status.CANCELLED)
    match phase:
        case OfferPhase.UPCOMING:
            return lasting & Q(opens_at__gt=at)
        case OfferPhase.OPEN:
            return lasting & Q(opens_at__lte=at, closes_at__gte=at + CLOSING_SOON)
        case OfferPhase.CLOSING_SOON:
            return lasting & Q(opens_at__lte=at, closes_at__gt=at, closes_at__lt=at + CLOSING_SOON)
        case _:
            return lasting & Q(closes_at__lte=at)


def by_deadline(offers: QuerySet[Offer], at: datetime, *, latest_first: bool = False) -> QuerySet[Offer]:
    """Order by phase (open, upcoming, then closed or cancelled), then by closing instant.

    The soonest deadline comes first among open and upcoming offers, the latest with `latest_first`; the most recent
    one comes first among past deadlines, the oldest with `latest_first`.
    """
    away = F("closes_at") - Value(at)
    rank = Case(
        When(in_phase(OfferPhase.OPEN, at) | in_phase(OfferPhase.CLOSING_SOON, at), then=Value(0)),
        When(in_phase(OfferPhase.UPCOMING, at), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    distance = Case(When(closes_at__gt=at, then=away), default=-away, output_field=DurationField())
    return offers.order_by(rank, distance.desc() if latest_first else distance.asc(), "number")


CANDIDATE_VISIBLE_KINDS = (
    OfferChange.Kind.CORRECTED,
    OfferChange.Kind.RULES_CHANGED,
    OfferChange.Kind.EXTENDED,
    OfferChange.Kind.CANCELLED,
)
"""Kinds of changes of a published offer that affect candidates."""


def candidate_visible_changes(offer: Offer) -> QuerySet[OfferChange]:
    """Return the changes of `offer` that affect candidates, newest first."""
    return OfferChange.objects.filter(offer=offer, kind__in=CANDIDATE_VISIBLE_KINDS).order_by("-at", "-pk")


def asked_cancellations() -> QuerySet[OfferChange]:
    """Return the cancellations of published offers that wait for a second person, the earliest first."""
    kinds = OfferChange.Kind
    ended = OfferChange.objects.filter(
        offer=OuterRef("offer"),
        pk__gt=OuterRef("pk"),
        kind__in=[kinds.CANCEL_REFUSED, kinds.CANCEL_WITHDRAWN],
    )
    rows = OfferChange.objects.filter(
        ~Exists(ended), kind=kinds.CANCEL_ASKED, offer__status=Offer.Status.PUBLISHED
    )
    return rows.select_related("offer", "author").order_by("pk")


def asked_cancellation(offer: Offer) -> OfferChange | None:
    """Return the cancellation of `offer` that waits for a second person, if there is one."""
    return asked_cancellations().filter(offer_id=offer.pk).first()


def database_instant() -> datetime:
    """Return the database's current time, which decides about closings: one clock for all machines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    return cast("datetime", instant)


def extensions_of(offer: Offer) -> QuerySet[OfferExtension]:
    """Return the extensions of the offer, newest first."""
    return OfferExtension.objects.filter(offer=offer).order_by("-at", "-pk")


def with_last_change(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Annotate published `offers` with the instant (`changed_at`) and number (`revision`) of visible changes."""
    changes = OfferChange.objects.filter(offer=OuterRef("pk"), kind__in=CANDIDATE_VISIBLE_KINDS)
    counts = changes.order_by().values("offer").annotate(rows=Count("pk"))
    return offers.annotate(
        changed_at=Coalesce(Subquery(changes.order_by("-at").values("at")[:1]), F("published_at")),
        revision=Coalesce(Subquery(counts.values("rows")), 0),
    )


def latest_changed(at: datetime) -> QuerySet[Offer]:
    """Return the offers that the public may read at `at`, the last published or changed first."""
    return with_last_change(published(at)).order_by(F("changed_at").desc(), F("number").desc())


def upcoming_deadlines(at: datetime) -> QuerySet[Offer]:
    """Return the offers that close after `at`, the soonest first. Cancelled ones are included, to update agendas."""
    return with_last_change(published(at)).filter(closes_at__gt=at).order_by("closes_at", "number")


def current_version(offer: Offer) -> RulebookVersion | None:
    """Return the current criteria: the latest published version or, for a draft offer, the latest; None if none."""
    return _versions(offer).last()


def current_rulebook(offer: Offer) -> RulebookVersion:
    """Return `current_version`; raise `RulebookVersion.DoesNotExist` if the offer has none."""
    return _versions(offer).reverse()[:1].get()


def current_rulebook_and_grid(offer: Offer) -> tuple[RulebookVersion, list[GridLine]]:
    """Return `current_rulebook` and the current grid lines by position, in one query.

    :raises RulebookVersion.DoesNotExist: if the offer has no criteria.
    """
    found: Any = RulebookVersion.objects.raw(_WITH_GRID, [offer.pk, offer.is_published])
    for version in found:
        version.offer = offer
        return version, [GridLine(**line) for line in json.loads(version.grid)]
    raise RulebookVersion.DoesNotExist


_WITH_GRID: Final = """
SELECT v.*, (
    SELECT coalesce(jsonb_agg(to_jsonb(l) - 'offer_id' ORDER BY l.position), '[]')
    FROM offers_gridline l WHERE l.offer_id = v.offer_id
) AS grid
FROM offers_rulebookversion v
WHERE v.offer_id = %s AND (v.published_at IS NOT NULL OR NOT %s)
ORDER BY v.number DESC LIMIT 1
"""
"""Raw SQL: each save while typing runs it, and building the query takes longer than running it."""


def _versions(offer: Offer) -> QuerySet[RulebookVersion]:
    versions = RulebookVersion.objects.filter(offer=offer).select_related("offer").order_by("number")
    return versions.filter(published_at__isnull=False) if offer.is_published else versions


def published_criteria(offer: Offer) -> list[dict[str, Any]]:
    """Return the current criteria (JSON of `docs/contracts.md`); empty if the offer has no rulebook."""
    version = current_version(offer)
    criteria: list[dict[str, Any]] = version.criteria if version else []
    return criteria


def document_requests(offer: Offer) -> QuerySet[DocumentRequest]:
    """Return the document requests of the offer, in order."""
    return DocumentRequest.objects.filter(offer=offer).order_by("position")


def next_edition(offer: Offer) -> Offer | None:
    """Return the latest later offer of the same organisation and domain that the public may read, or None."""
    return (
        Offer.objects.filter(
            listed=True,
            status=Offer.Status.PUBLISHED,
            organisation=offer.organisation,
            domain=offer.domain,
            closes_at__gt=offer.closes_at,
        )
        .order_by("closes_at")
        .last()
    )


# -- Digests of the content: an operation compares one with the digest that its author read ----------------------
_IGNORED_FIELDS = frozenset(
    {"id", "status", "published_at", "created_at", "search_text", "contact_confirmed_at"}
)


def offer_digest(offer: Offer) -> str:
    """Return a digest, unique per offer, of its stored header, sections, document requests, grid and criteria."""
    criteria = list(offer.rulebooks.order_by("-number").values("number", "criteria")[:1])
    return _digest_of(_page_content(offer) | {"criteria": criteria})


def page_digest(offer: Offer) -> str:
    """Return the digest, as in `offer_digest`, of what the offer's form contains: everything but the criteria."""
    return _digest_of(_page_content(offer))


def _page_content(offer: Offer) -> dict[str, Any]:
    header = Offer.objects.filter(pk=offer.pk).values().get()
    return {
        "header": {name: value for name, value in header.items() if name not in _IGNORED_FIELDS},
        "sections": list(offer.sections.order_by("position").values("position", "kind", "title", "text")),
        "documents": list(
            offer.documents.order_by("position").values(
                "position", "kind", "label", "hint", "required", "max_pages", "max_bytes"
            )
        ),
        "grid": list(offer.grid_lines.order_by("position").values("position", "text", "requirement")),
    }


def _digest_of(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
