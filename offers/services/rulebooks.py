"""Versions of an offer's criteria: drafted, then sealed with the offer's dates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Max

from eligibility import codec
from offers.models import RULEBOOK_SCHEMA, Offer, OfferChange, RulebookVersion
from offers.rule_changes import change_lines, rulebook_changes
from offers.selectors import current_rulebook

from .errors import OfferError, OfferNotPublishedError, OfferNotReadyError, RulebookMalformedError
from .locks import check_no_conflict, lock_offer
from .records import record_change, required_reason

type CriteriaJSON = Sequence[Mapping[str, Any]]


class RulebookChangedError(OfferError):
    """Somebody wrote other criteria, or moved the offer's dates, since the ones that were read.

    `data["number"]` is the version that stands now; `data["digest"]` its digest, empty for a draft.
    """

    code = "rulebook_moved"


class RulebookUnchangedError(OfferError):
    """The criteria and the dates are those of the version that judges now; `data["number"]` is its number."""

    code = "rulebook_unchanged"


def version_token(version: RulebookVersion | None) -> str:
    """Return what names a version and its very criteria, so that a later write can say which one it was made from."""
    if version is None:
        return "0"
    return f"{version.number}-{codec.digest(version.criteria).removeprefix('sha256:')[:16]}"


def current_version(offer: Offer) -> RulebookVersion | None:
    """Return the version that a change of the criteria starts from: `current_rulebook`, or None without any."""
    try:
        return current_rulebook(offer)
    except RulebookVersion.DoesNotExist:
        return None


def draft_rulebook(
    *, offer: Offer, criteria: CriteriaJSON, at: datetime, reason: str = "", edition: str | None = None
) -> RulebookVersion:
    """Write the draft version of the offer's criteria, defaults written out, and return it.

    It takes the place of the draft version before, which judged nobody; published versions stay. `reason` says why it
    replaces a published version, and stays as it was when none is given. `edition` (see `edition_of`) is the version
    that was read before writing; None writes over whatever is there.

    :raises RulebookMalformedError: the criteria are not in the contract's shape.
    :raises RulebookMovedError: another edition came between.
    """
    with transaction.atomic():
        offer = lock_offer(offer)
        _check_version_token(offer, edition)
        version = next_version(offer, criteria=criteria, at=at, reason=reason)
        last = offer.rulebooks.order_by("-number").first()
        if last is not None and last.published_at is None:
            last.criteria, last.schema = version.criteria, version.schema
            last.reason = reason or last.reason
            version = last
        version.save()
    return version


def publish_rulebook(
    *,
    offer: Offer,
    reason: str,
    at: datetime,
    criteria: CriteriaJSON | None = None,
    author: models.Model | None = None,
    edition: str | None = None,
    digest: str | None = None,
) -> RulebookVersion:
    """Publish a new version of a published offer's criteria, sealed with the offer's dates of now, and announce it.

    Filings made before keep the version they cite. Without `criteria` the current ones are taken again: that is
    how moved dates come to judge. `author` is an account, None for a command of the system. `edition` (see
    `edition_of`) is the version that was read before deciding and `digest` that of the rulebook that was decided on;
    None of either publishes on whatever is there.

    :raises OfferNotReadyError: the offer is still a draft; publish it instead.
    :raises OfferNotPublishedError: the offer was cancelled.
    :raises StakeInOfferError: the author has a stake in the offer (`offers.conflict_check`).
    :raises ReasonMissingError: `reason` is blank.
    :raises RulebookMalformedError: the criteria are not in the contract's shape.
    :raises RulebookMovedError: another version, or other dates, came between.
    :raises RulebookUnchangedError: nothing would change.
    """
    with transaction.atomic():
        offer = lock_offer(offer)
        if not offer.is_published:
            raise OfferNotReadyError(offer, missing=["PUBLICATION"])
        if offer.status == Offer.Status.CANCELLED:
            raise OfferNotPublishedError(offer, status=offer.status)
        check_no_conflict(offer, author)
        reason = required_reason(offer, reason)
        _check_version_token(offer, edition)
        before = current_rulebook(offer)
        if criteria is None:
            criteria = offer.rulebooks.order_by("-number")[0].criteria
        version = seal_version(
            next_version(offer, criteria=criteria, at=at, reason=reason), offer=offer, at=at
        )
        if digest is not None and version.digest != digest:
            raise RulebookChangedError(offer, number=before.number, digest=before.digest)
        changes = rulebook_changes(before.as_json(), version.as_json())
        if not changes:
            raise RulebookUnchangedError(offer, number=before.number)
        version.save()
        record_change(
            offer=offer,
            kind=OfferChange.Kind.RULES_CHANGED,
            author=author,
            at=at,
            reason=reason,
            details=change_lines(before.as_json(), version.as_json()),
        )
    return version


def _check_version_token(offer: Offer, edition: str | None) -> None:
    standing = current_version(offer)
    if edition is not None and edition != version_token(standing):
        number, digest = (standing.number, standing.digest) if standing else (0, "")
        raise RulebookChangedError(offer, number=number, digest=digest)


def next_version(offer: Offer, *, criteria: CriteriaJSON, at: datetime, reason: str) -> RulebookVersion:
    """Return the version that follows the offer's last, unsaved, its criteria with every default written out.

    :raises RulebookMalformedError: the criteria are not in the contract's shape.
    """
    last = offer.rulebooks.aggregate(last=Max("number"))["last"] or 0
    version = RulebookVersion(
        offer=offer,
        number=last + 1,
        criteria=list(criteria),
        schema=RULEBOOK_SCHEMA,
        reason=reason,
        created_at=at,
    )
    try:
        version.criteria = version.as_rulebook().as_json()["criteria"]
    except codec.MalformedError as error:
        raise RulebookMalformedError(offer, problem=str(error)) from error
    return version


def seal_version(version: RulebookVersion, *, offer: Offer, at: datetime) -> RulebookVersion:
    """Date a version with the offer's days of now and digest it; the caller saves it."""
    version.offer = offer
    version.starts_on, version.closes_on = offer.starts_on, offer.closes_on
    version.published_at = at
    version.digest = version.as_rulebook().digest
    return version
