"""Creation of a draft offer with its parts."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import models, transaction

from offers.models import (
    DEFAULT_NAME,
    DEFAULT_PROGRAMME,
    DocumentRequest,
    DocumentRequestData,
    GridLine,
    GridLineData,
    Offer,
    Programme,
    Section,
    SectionData,
)

from .rulebooks import CriteriaJSON, draft_rulebook

DEFAULT_DOCUMENTS: Final = (
    DocumentRequestData(
        kind=DocumentRequest.Kind.CV,
        label="Curriculum vitæ",
        hint="Études, emplois et engagements, du plus récent au plus ancien.",
        max_pages=3,
    ),
    DocumentRequestData(
        kind=DocumentRequest.Kind.MOTIVATION_LETTER,
        label="Lettre de motivation",
        hint="Pourquoi ce stage, et pourquoi vous.",
        max_pages=2,
    ),
    DocumentRequestData(
        kind=DocumentRequest.Kind.TRANSCRIPT,
        label="Relevé de notes",
        hint="Le plus récent ; une copie non officielle convient.",
        max_pages=10,
    ),
    DocumentRequestData(
        kind=DocumentRequest.Kind.ENROLMENT_PROOF,
        label="Preuve d’inscription ou diplôme",
        hint="Une attestation de l’établissement ou une copie du diplôme.",
        max_pages=10,
    ),
)
"""The default document requests of an offer of the programme. Each offer may change its own."""


def create_offer(
    *,
    at: datetime,
    sections: Iterable[SectionData] = (),
    documents: Iterable[DocumentRequestData] = (),
    criteria: CriteriaJSON = (),
    grid: Iterable[GridLineData] = (),
    **header: Any,
) -> Offer:
    """Write a draft offer with its parts and return it.

    `header` has fields of `Offer`; the default `programme` is the portal's first one. Without `criteria` (JSON of
    `docs/contracts.md`), the draft has no rulebook yet. `at` (aware) is the instant of creation.

    :raises RulebookMalformedError: if the criteria have another shape than `docs/contracts.md` gives.
    :raises django.db.IntegrityError: if the header breaks a constraint of the table, or the number is taken.
    """
    with transaction.atomic():
        if "programme" not in header:
            header["programme"] = default_programme()
        offer = Offer.objects.create(created_at=at, **header)
        write_parts(offer, Section, sections)
        write_parts(offer, DocumentRequest, documents)
        write_parts(offer, GridLine, grid)
        if criteria:
            draft_rulebook(offer=offer, criteria=criteria, at=at)
    return offer


def write_parts(
    offer: Offer,
    model: type[models.Model],
    parts: Iterable[SectionData | DocumentRequestData | GridLineData],
    *,
    first: int = 1,
) -> None:
    """Write parts of an offer as rows of `model`, in order, from position `first`."""
    model._default_manager.bulk_create(  # noqa: SLF001 -- Django's name of the manager of any model
        model(offer=offer, position=position, **asdict(part))
        for position, part in enumerate(parts, start=first)
    )


def closing_instant(*, closes_on: date, zone: ZoneInfo, like: time = time(0)) -> datetime:
    """Return the exclusive closing instant (UTC) of an offer whose printed day is `closes_on` in `zone`.

    `like` is the local time: 00:00, the default, is the midnight that ends the day; another time is within the day.
    """
    day = closes_on + timedelta(days=1) if like == time(0) else closes_on
    return datetime.combine(day, like, tzinfo=zone).astimezone(UTC)


def default_programme() -> Programme:
    """Return the programme for which the portal was built. Create its row if it is missing."""
    programme, _created = Programme.objects.get_or_create(
        code=DEFAULT_PROGRAMME, defaults={"name": DEFAULT_NAME}
    )
    return programme
