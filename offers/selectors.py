"""Questions about offers. Nothing here writes, nothing reads a machine's clock: `at` is an aware instant."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import (
    Case,
    Count,
    DurationField,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from offers.phases import CLOSING_SOON, OfferPhase

from .folding import search_words as words_of
from .models import DocumentRequest, Offer, OfferChange, OfferExtension, RulebookVersion

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


def published(at: datetime) -> QuerySet[Offer]:
    """Return the offers that the public may read at `at`: listed and published, cancelled ones included."""
    return Offer.objects.filter(
        listed=True, status__in=[Offer.Status.PUBLISHED, Offer.Status.CANCELLED], published_at__lte=at
    ).select_related("programme")


def open_offers(at: datetime) -> QuerySet[Offer]:
    """Return the listed offers that take candidatures at `at`."""
    return published(at).filter(in_phase(OfferPhase.OPEN, at) | in_phase(OfferPhase.CLOSING_SOON, at))


def get_by_number(number: str) -> Offer:
    """Return the offer of this number, whatever its status, listed or not.

    :raises Offer.DoesNotExist: no offer has it.
    """
    return Offer.objects.get(number=number)


def in_phase(moment: OfferPhase, at: datetime) -> Q:
    """Return the condition that an offer is in `moment` at `at`; says the same as `Offer.moment`."""
    if moment == OfferPhase.CANCELLED:
        return Q(status=Offer.Status.CANCELLED)
    lasting = ~Q(status=Offer.Status.CANCELLED)
    match moment:
        case OfferPhase.UPCOMING:
            return lasting & Q(opens_at__gt=at)
        case OfferPhase.OPEN:
            return lasting & Q(opens_at__lte=at, closes_at__gte=at + CLOSING_SOON)
        case OfferPhase.CLOSING_SOON:
            return lasting & Q(opens_at__lte=at, closes_at__gt=at, closes_at__lt=at + CLOSING_SOON)
        case _:
            return lasting & Q(closes_at__lte=at)


def matching(offers: QuerySet[Offer], words: str) -> QuerySet[Offer]:
    """Keep the offers in which every word of `words` occurs, folded as `offers.folding` folds.

    What is searched: number, organisation, its short name, domain and place.
    """
    for word in words_of(words):
        offers = offers.filter(search_text__contains=word)
    return offers


def resembling(offers: QuerySet[Offer], words: str) -> QuerySet[Offer]:
    """Keep the offers in which every word of `words` occurs, or one that a slip of the keyboard could turn it into.

    `likeness` says how near each is, from 0 to 1: the mean over the words, where one that occurs as it was typed counts
    1, one whose two letters changed places 0.9, another the similarity of its trigrams. No index serves it: it reads
    every row, and is for what `matching` did not find.
    """
    typed = words_of(words)
    total: Combinable = Value(0.0, output_field=FloatField())
    for place, word in enumerate(typed):
        name = f"likeness_{place}"
        swapped = Q(pk__in=[])  # false
        for other in _with_two_letters_swapped(word):
            swapped |= Q(search_text__contains=other)
        near = Case(
            When(search_text__contains=word, then=Value(1.0)),
            When(swapped, then=Value(0.9)),
            default=TrigramWordSimilarity(word, "search_text"),
            output_field=FloatField(),
        )
        offers = offers.alias(**{name: near}).filter(**{f"{name}__gte": _min_similarity(word)})
        total = total + F(name)
    return offers.annotate(likeness=total / Value(max(len(typed), 1), output_field=FloatField()))


_MIN_TYPO_LENGTH = 3  # letters; a shorter word is taken as it is typed


def _with_two_letters_swapped(word: str) -> set[str]:
    """Return what `word` becomes when two neighbours change places: trigrams are too few to see it in `unseco`."""
    if len(word) < _MIN_TYPO_LENGTH:
        return set()
    places = range(len(word) - 1)
    return {word[:place] + word[place + 1] + word[place] + word[place + 2 :] for place in places} - {word}


def _min_similarity(word: str) -> float:
    """Return the similarity of trigrams from which `word` is a slip for another.

    A word of n letters has n + 1 trigrams, and a wrong letter spoils three of them at most: half of them are left in
    `pacis` for Paris, two of five in `rone` for Rome.
    """
    if len(word) < _MIN_TYPO_LENGTH:
        return 1.0
    return 0.4 if len(word) == _MIN_TYPO_LENGTH + 1 else 0.5


def by_deadline(offers: QuerySet[Offer], at: datetime, *, latest_first: bool = False) -> QuerySet[Offer]:
    """Order by closing instant, what can still be acted on first: open, then upcoming, then over.

    Within open and upcoming the soonest deadline comes first, or the furthest with `latest_first`; what is over
    comes most recent first, or oldest first with `latest_first`.
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
"""What is done to a published offer that its readers feel."""


def candidate_visible_changes(offer: Offer) -> QuerySet[OfferChange]:
    """Return what changed in `offer` since it was published, newest first."""
    return OfferChange.objects.filter(offer=offer, kind__in=CANDIDATE_VISIBLE_KINDS).order_by("-at", "-pk")


def database_instant() -> datetime:
    """Return the database's own instant, by which a closing is judged: the same for every machine that asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    return cast("datetime", instant)


def extensions_of(offer: Offer) -> QuerySet[OfferExtension]:
    """Return the extensions of everyone's deadline, newest first."""
    return OfferExtension.objects.filter(offer=offer).order_by("-at", "-pk")


def with_last_change(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Add to published `offers` when what they say last changed (`changed_at`) and how often it did (`revision`)."""
    felt = OfferChange.objects.filter(offer=OuterRef("pk"), kind__in=CANDIDATE_VISIBLE_KINDS)
    counted = felt.order_by().values("offer").annotate(rows=Count("pk"))
    return offers.annotate(
        changed_at=Coalesce(Subquery(felt.order_by("-at").values("at")[:1]), F("published_at")),
        revision=Coalesce(Subquery(counted.values("rows")), 0),
    )


def latest_changed(at: datetime) -> QuerySet[Offer]:
    """Return the offers that the public may read at `at`, those published or changed last first."""
    return with_last_change(published(at)).order_by(F("changed_at").desc(), F("number").desc())


def upcoming_deadlines(at: datetime) -> QuerySet[Offer]:
    """Return the offers that close after `at`, the soonest first; cancelled ones too, so that agendas say it."""
    return with_last_change(published(at)).filter(closes_at__gt=at).order_by("closes_at", "number")


def current_rulebook(offer: Offer) -> RulebookVersion:
    """Return the version that judges now: the latest published one or, for a draft offer, the latest.

    :raises RulebookVersion.DoesNotExist: the offer has none.
    """
    versions = RulebookVersion.objects.filter(offer=offer).select_related("offer").order_by("number")
    if offer.is_published:
        versions = versions.filter(published_at__isnull=False)
    version = versions.last()
    if version is None:
        raise RulebookVersion.DoesNotExist
    return version


def published_criteria(offer: Offer) -> list[dict[str, Any]]:
    """Return the criteria that judge now, in the contract's JSON; none if the offer has no rulebook."""
    try:
        criteria: list[dict[str, Any]] = current_rulebook(offer).criteria
    except RulebookVersion.DoesNotExist:
        return []
    return criteria


def document_requests(offer: Offer) -> QuerySet[DocumentRequest]:
    """Return the documents that the offer asks for, in its order."""
    return DocumentRequest.objects.filter(offer=offer).order_by("position")


def next_edition(offer: Offer) -> Offer | None:
    """Return the latest later offer of the same organisation and domain that the public may read, if any."""
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
