"""What a filing is made of: read under the submission's lock in one statement, then judged, or refused aloud."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from eligibility import Verdict as Judgement
from eligibility import VerdictOutcome
from intake.documents.models import Upload
from intake.register.errors import NoKeyError
from intake.submissions.errors import IncompleteError, NotEligibleError
from intake.submissions.gate import Readiness, assess
from intake.submissions.models import Draft, DraftDocument, Filing, Submission
from intake.submissions.once_only import asks_the_register, entries_that_match, register_match
from intake.submissions.questions import AskedLine, OfferAsks
from intake.submissions.states import Action
from offers.models import DocumentRequest, GridLine, Offer, RulebookVersion

_REQUEST = ("id", "position", "kind", "label", "required")
_UPLOAD = ("id", "original_name", "pages", "size", "sha256")
_RULEBOOK = ("id", "number", "criteria", "schema", "starts_on", "closes_on", "digest")


@dataclass(frozen=True, slots=True)
class Held:
    """All that is read under the lock beside the submission itself."""

    draft: Draft
    rulebook: RulebookVersion
    lines: tuple[AskedLine, ...]
    asked: list[DocumentRequest]
    documents: list[DraftDocument]
    previous_sequence: int
    """Of the filing that stands; 0 if none does."""
    is_in_register: bool | None
    """None where it was not asked, or was asked of other answers than the draft now holds."""


@dataclass(frozen=True, slots=True)
class Case:
    """What may be filed, and the verdict on it."""

    submission: Submission
    draft: Draft
    rulebook: RulebookVersion
    asks: OfferAsks
    documents: list[DraftDocument]
    previous_sequence: int
    judgement: Judgement
    register_match: bool | None
    review_message: str

    @property
    def offer(self) -> Offer:
        """The offer applied to."""
        return self.submission.offer

    @property
    def under_reserve(self) -> bool:
        """The rules refuse, and the candidate asked for a person's judgement."""
        return self.judgement.outcome is VerdictOutcome.INELIGIBLE

    @property
    def action(self) -> Action:
        """The move that filing makes."""
        return Action.FILE if self.submission.standing_filing_id is None else Action.AMEND


def read_held(submission: Submission, draft: Draft) -> Held:
    """Read what `submission`, locked by the caller, would file of `draft`, in one statement.

    `draft` may have been read before the lock: it is read anew. Its answers then only foresee what the register will be
    asked: the question travels in the same statement, and its answer counts if they are still the draft's.

    :raises RulebookVersion.DoesNotExist: the offer has no published criteria.
    """
    try:
        entries = entries_that_match(answers=draft.answers, programme=submission.offer.programme)
    except NoKeyError:
        entries = None  # whoever must ask it is told so (`judge`)
    of_offer = {"offer": submission.offer_id}
    fresh = Draft.objects.annotate(
        held_rulebook=_newest(RulebookVersion.objects.filter(**of_offer, published_at__isnull=False)),
        held_lines=_rows(
            GridLine.objects.filter(**of_offer).order_by("position"), "id", "text", "requirement"
        ),
        held_asked=_rows(DocumentRequest.objects.filter(**of_offer).order_by("position"), *_REQUEST),
        held_documents=ArraySubquery(
            DraftDocument.objects.filter(draft=OuterRef("pk"))
            .order_by("request__position")
            .values(row=_document_as_json())
        ),
        held_sequence=Subquery(
            Filing.objects.filter(pk=submission.standing_filing_id or 0).values("sequence")[:1]
        ),
        held_register=Exists(entries) if entries is not None else Value(None, output_field=BooleanField()),
    ).get(pk=draft.pk)
    read = vars(fresh)
    if read["held_rulebook"] is None:
        raise RulebookVersion.DoesNotExist
    fresh.submission = submission
    return Held(
        draft=fresh,
        rulebook=_rulebook(read["held_rulebook"], submission.offer),
        lines=tuple(
            AskedLine(row["id"], row["text"], row["requirement"] == GridLine.Requirement.REQUIRED)
            for row in read["held_lines"]
        ),
        asked=[_model(DocumentRequest, row) for row in read["held_asked"]],
        documents=[_document(row, fresh) for row in read["held_documents"]],
        previous_sequence=read["held_sequence"] or 0,
        is_in_register=read["held_register"] if fresh.answers == draft.answers else None,
    )


def judge(submission: Submission, held: Held, now: datetime, review_message: str) -> Case:
    """Return the case that may be filed at the database's instant `now`, or refuse aloud.

    :raises IncompleteError: if a section or a required document is missing.
    :raises NotEligibleError: if the verdict does not allow filing.
    """
    offer, draft = submission.offer, held.draft
    asks = OfferAsks(held.rulebook.as_rulebook(), held.lines)
    match = held.is_in_register if asks_the_register(asks.rulebook) else None
    if match is None:
        match = register_match(answers=draft.answers, rulebook=asks.rulebook, programme=offer.programme)
    readiness: Readiness = assess(
        answers=draft.answers,
        documents=held.asked,
        provided=[row.request_id for row in held.documents],
        asks=asks,
        on=now.astimezone(offer.zone).date(),
        register_match=match,
    )
    if not readiness.is_complete:
        raise IncompleteError(
            sections=tuple(section.key for section in readiness.missing_sections),
            documents=tuple(request.kind for request in readiness.missing_documents),
        )
    if not readiness.admits and not (review_message and readiness.may_be_filed_under_reserve):
        raise NotEligibleError(verdict=readiness.verdict)
    return Case(
        submission=submission,
        draft=draft,
        rulebook=held.rulebook,
        asks=asks,
        documents=held.documents,
        previous_sequence=held.previous_sequence,
        judgement=readiness.verdict,
        register_match=match,
        review_message=review_message,
    )


def _rows[Row: Model](rows: QuerySet[Row], *fields: str) -> ArraySubquery:
    return ArraySubquery(rows.values(row=JSONObject(**{field: F(field) for field in fields})))


def _newest(versions: QuerySet[RulebookVersion]) -> Subquery:
    shown = JSONObject(**{field: F(field) for field in _RULEBOOK})
    return Subquery(versions.order_by("-number").values(row=shown)[:1])


def _document_as_json() -> JSONObject:
    return JSONObject(
        id="id",
        request=JSONObject(**{field: F(f"request__{field}") for field in _REQUEST}),
        upload=JSONObject(**{field: F(f"upload__{field}") for field in _UPLOAD}),
    )


def _model[Row: Model](model: type[Row], row: Mapping[str, Any]) -> Row:
    """Return the stored row; a field that was not read is read when it is asked for."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in row]
    return model.from_db(None, names, [row[name] for name in names])  # in the order of the table's columns


def _rulebook(row: Mapping[str, Any], offer: Offer) -> RulebookVersion:
    days = {key: date.fromisoformat(row[key]) if row[key] else None for key in ("starts_on", "closes_on")}
    version = _model(RulebookVersion, {**row, **days, "offer_id": offer.pk})
    version.offer = offer
    return version


def _document(row: Mapping[str, Any], draft: Draft) -> DraftDocument:
    return DraftDocument(
        pk=row["id"],
        draft=draft,
        request=_model(DocumentRequest, row["request"]),
        upload=_model(Upload, row["upload"]),
    )
