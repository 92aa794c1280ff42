"""Versions of an offer's criteria: written as drafts, then sealed with the offer's dates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from eligibility import codec
from offers.change_descriptions import change_lines, rulebook_changes
from offers.models import RULEBOOK_SCHEMA, Offer, OfferChange, RulebookVersion
from offers.selectors import current_rulebook, current_version

from .changes import check_no_conflict, lock_offer, record_change, required_reason
from .errors import Condition, OfferError, OfferNotPublishedError, OfferNotReadyError, RulebookMalformedError

type CriteriaJSON = Sequence[Mapping[str, Any]]


class RulebookChangedError(OfferError):
    """Another user changed the criteria or the offer's dates after the author read them.

    `data["number"]` is the current version; `data["digest"]` its digest, empty for a draft.
    """

    code = "rulebook_moved"
    message = _(
        "Les critères ou les dates de l’offre ont changé pendant votre lecture : la "
        "version %(number)s est en vigueur. Rien n’est publié. La comparaison ci-dessous "
        "est à jour."
    )


class RulebookUnchangedError(OfferError):
    """Criteria and dates are equal to the current version's; `data["number"]` is its number."""

    code = "rulebook_unchanged"


def version_token(version: RulebookVersion | None) -> str:
    """Return a token of a version and its criteria. A later write sends it to name the version that it replaces."""
    if version is None:
        return "0"
    return f"{version.number}-{codec.digest(version.criteria).removeprefix('sha256:')[:16]}"


def draft_rulebook(
    *, offer: Offer, criteria: CriteriaJSON, at: datetime, reason: str = "", edition: str | None = None
) -> RulebookVersion:
    """Write the draft version of the offer's criteria, defaults written out, and return it.

    It replaces an earlier draft version, which no filing cites; published versions stay. `reason` is why it replaces
    a published version; an empty one keeps the draft's reason. `edition` is the `version_token` that the author read;
    None replaces any version.

    :raises RulebookMalformedError: if the criteria have another shape than `docs/contracts.md` gives.
    :raises RulebookChangedError: if the current version is not `edition`.
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
    """Publish a new version of a published offer's criteria, sealed with the offer's current dates; call listeners.

    Earlier filings keep the version that they cite. None for `criteria` takes the latest ones: this is how changed
    dates of the stage come into force. `author` is None for a command. `edition` is the `version_token` that the author
    read, and `digest` the digest of the proposed rulebook; None skips either check.

    :raises OfferNotReadyError: if the offer is a draft: publish the offer instead.
    :raises OfferNotPublishedError: if the offer is cancelled.
    :raises ConflictOfInterestError: if the author is not impartial about the offer (`offers.registrations`).
    :raises ReasonMissingError: if `reason` is blank.
    :raises RulebookMalformedError: if the criteria have another shape than `docs/contracts.md` gives.
    :raises RulebookChangedError: if the version or the dates changed after the author read them.
    :raises RulebookUnchangedError: if nothing would change.
    """
    with transaction.atomic():
        offer = lock_offer(offer)
        if not offer.is_published:
            raise OfferNotReadyError(offer, missing=[Condition.PUBLICATION])
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
    current = current_version(offer)
    if edition is not None and edition != version_token(current):
        number, digest = (current.number, current.digest) if current else (0, "")
        raise RulebookChangedError(offer, number=number, digest=digest)


def next_version(offer: Offer, *, criteria: CriteriaJSON, at: datetime, reason: str) -> RulebookVersion:
    """Return the offer's next version, unsaved, with all defaults of its criteria written out.

    :raises RulebookMalformedError: if the criteria have another shape than `docs/contracts.md` gives.
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
    """Set the dates of a version from the offer, `published_at` and the digest; return it unsaved."""
    version.offer = offer
    version.starts_on, version.closes_on = offer.starts_on, offer.closes_on
    version.published_at = at
    version.digest = version.as_rulebook().digest
    return version
