"""Build the payload that a filing seals, from a draft, its documents and its verdict."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

from django.utils import translation

from eligibility import Verdict
from intake.dossiers.receipts.statement import format_instant
from intake.dossiers.sealed_payload import (
    AcceptedDeclaration,
    MovedClosing,
    Payload,
    Person,
    SealedDocument,
    SealedExtension,
    SealedOffer,
)
from intake.submissions.filing.declarations import DECLARATIONS
from intake.submissions.models import Draft, DraftDocument
from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.answers import facts_json
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.questions.sections import answers_in_sections, sections_for


def payload_of(
    *,
    draft: Draft,
    sequence: int,
    documents: Iterable[DraftDocument],
    asks: OfferQuestions,
    verdict: Verdict,
    declarations: frozenset[str],
    review_message: str = "",
    register_match: bool | None = None,
) -> Payload:
    """Return the payload of the filing. Its texts are in French, in every page language.

    Only answers to questions that the offer `asks` are sealed. A draft may contain other answers: prefilled from the
    profile, or about a grid line that the offer no longer has.
    """
    submission = draft.submission
    offer, window = submission.offer, submission.window
    sections = sections_for(asks)
    answers = answers_in_sections(sections, draft.answers)
    known = {**answers, "email": submission.candidate.email}
    with translation.override("fr"):
        return Payload(
            sequence=sequence,
            person=Person(**{field.name: known.get(field.name) or "" for field in fields(Person)}),
            call=SealedOffer(
                number=offer.number or "",
                organisation=offer.organisation,
                domain=offer.domain,
                place=offer.place,
                starts_on=offer.starts_on.isoformat(),
                ends_on=offer.ends_on.isoformat(),
                closes_at=format_instant(offer.closes_at),
                programme=offer.programme.name,
                dates_label=str(offer.programme.words.dates),
                time_zone=offer.time_zone,
            ),
            sections=answered_sections(sections, answers),
            facts=facts_json(answers, register_match=register_match),
            verdict=verdict.as_json(),
            documents=tuple(
                SealedDocument(
                    kind=row.request.kind,
                    label=row.request.label,
                    name=row.upload.original_name,
                    pages=row.upload.pages,
                    size=row.upload.size,
                    sha256=row.upload.sha256,
                )
                for row in documents
            ),
            declarations=tuple(
                AcceptedDeclaration(key=row.key, version=row.version, text=str(row.text))
                for row in DECLARATIONS
                if row.key in declarations
            ),
            review_message=review_message,
            extension=SealedExtension(format_instant(window.ordinary_closes_at))
            if window.is_extended
            else None,
        )


def moved_closing(first_closes_at: datetime, decided_at: datetime) -> MovedClosing:
    """Return the sealed form of an offer's extension, from two aware instants."""
    return MovedClosing(
        first_closes_at=format_instant(first_closes_at), decided_at=format_instant(decided_at)
    )
