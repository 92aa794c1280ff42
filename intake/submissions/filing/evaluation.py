"""Read what a filing needs in one statement under the submission's lock, and evaluate it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from django.db.models import Model

from eligibility import Verdict, VerdictOutcome
from intake.documents.models import Upload
from intake.dossiers.receipts.statement import format_instant
from intake.dossiers.sealed_payload import MovedClosing, SealedComplement
from intake.register.errors import NoKeyError
from intake.register.selectors import IS_IN_REGISTER
from intake.submissions.access.queries import EXTENDED_UNTIL
from intake.submissions.complements.scope import OutOfScopeChangeError, Scope
from intake.submissions.gate.readiness import Readiness, check_readiness
from intake.submissions.gate.register_check import register_digests, register_match, requires_register_check
from intake.submissions.lifecycle.errors import DraftGoneError, OfferNotOpenError, SubmissionError
from intake.submissions.models import Draft, DraftDocument, Submission
from intake.submissions.questions.offer_questions import GridQuestion, OfferQuestions
from intake.submissions.questions.sections import sections_for
from intake.submissions.rulings.queries import KeptRulings, kept_rulings
from intake.submissions.states import Action, HumanReview
from intake.web.prepared import columns_of, fetch_one, next_model
from offers.models import DocumentRequest, GridLine, Offer, RulebookVersion

from .payload import moved_closing


class IncompleteError(SubmissionError):
    """Answers or documents are missing: `sections` has section keys, `documents` document kinds.

    A document with a file that is not inspected or joined yet is missing: nothing is filed without it silently.
    """

    code = "INCOMPLETE"

    def __init__(self, *, sections: tuple[str, ...], documents: tuple[str, ...]) -> None:
        self.sections = sections
        self.documents = documents


class NotEligibleError(SubmissionError):
    """The verdict does not allow filing: INELIGIBLE without a review request, or INCOMPLETE."""

    code = "NOT_ELIGIBLE"

    def __init__(self, *, verdict: Verdict) -> None:
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class OpenComplement:
    """An open complement request and what the current filing contains."""

    pk: int
    sealed: SealedComplement
    due_at: datetime
    """Exclusive."""
    scope: Scope
    answers: Mapping[str, Any]
    """Answers of the draft that was filed."""
    files: Mapping[int, str]
    """SHA-256 of each filed document, by primary key of its document request."""


def _open_complement(row: Mapping[str, Any] | None) -> OpenComplement | None:
    if row is None:
        return None
    asked_at, due_at = (datetime.fromisoformat(row[name]) for name in ("asked_at", "due_at"))
    return OpenComplement(
        pk=row["id"],
        sealed=SealedComplement(format_instant(asked_at), row["words"], format_instant(due_at)),
        due_at=due_at,
        scope=Scope(frozenset(row["sections"]), frozenset(row["documents"])),
        answers=row["answers"],
        files={int(request_id): digest for request_id, digest in row["files"].items()},
    )


_INPUTS_QUERY: Final = """
SELECT {columns}, f.sequence, {extended_until}, {register},
    (SELECT jsonb_build_object('id', r.id, 'number', r.number, 'criteria', r.criteria, 'schema', r.schema,
            'starts_on', r.starts_on, 'closes_on', r.closes_on, 'digest', r.digest)
        FROM offers_rulebookversion r WHERE r.offer_id = s.offer_id AND r.published_at IS NOT NULL
        ORDER BY r.number DESC LIMIT 1),
    (SELECT jsonb_agg(jsonb_build_object('id', l.id, 'text', l.text, 'requirement', l.requirement)
            ORDER BY l.position)
        FROM offers_gridline l WHERE l.offer_id = s.offer_id),
    (SELECT jsonb_agg(jsonb_build_object('id', q.id, 'position', q.position, 'kind', q.kind, 'label', q.label,
            'required', q.required) ORDER BY q.position)
        FROM offers_documentrequest q WHERE q.offer_id = s.offer_id),
    (SELECT jsonb_agg(jsonb_build_object('id', h.id, 'request', q.id, 'joined', h.joined,
            'upload', jsonb_build_object('id', u.id, 'original_name', u.original_name, 'pages', u.pages,
            'size', u.size, 'sha256', u.sha256))
            ORDER BY q.position)
        FROM submissions_draftdocument h
        JOIN offers_documentrequest q ON q.id = h.request_id
        JOIN documents_upload u ON u.id = h.upload_id
        WHERE h.draft_id = submissions_draft.id),
    (SELECT jsonb_agg(p.request_id) FROM submissions_pendingupload p
        WHERE p.draft_id = submissions_draft.id AND p.state = 'RECEIVED'),
    (SELECT jsonb_build_object('first', min(x.closed_at_before), 'at', max(x.at))
        FROM offers_offerextension x WHERE x.offer_id = s.offer_id HAVING count(*) > 0),
    (SELECT jsonb_build_object('id', c.id, 'asked_at', c.asked_at, 'words', c.words, 'due_at', c.due_at,
            'sections', c.sections,
            'documents', (SELECT coalesce(jsonb_agg(k.request_id), '[]') FROM submissions_complementdocument k
                WHERE k.complement_id = c.id),
            'answers', (SELECT filed.answers FROM submissions_draft filed WHERE filed.id = f.draft_id),
            'files', (SELECT coalesce(jsonb_object_agg(w.request_id, w.sha256), '{{}}')
                FROM submissions_fileddocument w WHERE w.filing_id = f.id))
        FROM submissions_complementrequest c
        WHERE c.submission_id = s.id AND c.ended_at IS NULL)
FROM submissions_draft
JOIN submissions_submission s ON s.id = submissions_draft.submission_id
LEFT JOIN submissions_filing f ON f.id = s.standing_filing_id
WHERE submissions_draft.id = %s
"""
"""Raw SQL, because a filing may use 12 statements (P1 in `docs/targets.md`) and has 11: querysets would use nine here
instead of one, and take 4.4 ms instead of 1.3 under the lock (`docs/measurements.md`)."""


@cache
def _inputs_sql(*, has_digests: bool) -> str:
    return _INPUTS_QUERY.format(
        columns=columns_of(Draft),
        register=IS_IN_REGISTER if has_digests else "NULL::boolean",
        extended_until=EXTENDED_UNTIL,
    )


@dataclass(frozen=True, slots=True)
class FilingInputs:
    """What is read under the lock, in addition to the submission."""

    draft: Draft
    rulebook: RulebookVersion
    lines: tuple[GridQuestion, ...]
    asked: list[DocumentRequest]
    documents: list[DraftDocument]
    waiting: list[int]
    """Primary keys of the documents with a received file that waits for its inspection; joins are in `documents`."""
    previous_sequence: int
    """Sequence of the current filing; 0 if there is none."""
    moved: MovedClosing | None
    """The extension of the offer for everyone, if there is one."""
    complement: OpenComplement | None
    """The open complement request, if there is one."""
    is_in_register: bool | None
    """None if the register was not queried, or was queried with answers that the draft no longer contains."""

    @property
    def asks(self) -> OfferQuestions:
        """What the offer asks: its criteria and its grid."""
        return OfferQuestions(self.rulebook.as_rulebook(), self.lines)


@dataclass(frozen=True, slots=True)
class EvaluatedFiling:
    """A case that may be filed, with its verdict."""

    submission: Submission
    inputs: FilingInputs
    asks: OfferQuestions
    judgement: Verdict
    register_match: bool | None
    review_message: str
    """Text of the review request; empty if there is none or if earlier rulings are kept (`lifted`)."""
    lifted: KeptRulings | None
    """Rulings on the current filing that this filing keeps."""

    @property
    def sequence(self) -> int:
        """Sequence of the filing, from 1."""
        return self.inputs.previous_sequence + 1

    @property
    def under_reserve(self) -> bool:
        """True if the verdict is INELIGIBLE: the case is then filed with a review request or with kept rulings."""
        return self.judgement.outcome is VerdictOutcome.INELIGIBLE

    @property
    def reserve(self) -> HumanReview:
        """State of the human review when the case is filed."""
        if not self.under_reserve:
            return HumanReview.NONE
        return HumanReview.PENDING if self.lifted is None else HumanReview.LIFTED

    @property
    def action(self) -> Action:
        """Move that this filing makes: FILE the first time, then AMEND."""
        return Action.FILE if self.submission.standing_filing_id is None else Action.AMEND


def read_filing_inputs(submission: Submission, draft: Draft) -> FilingInputs:
    """Read in one statement what filing `draft` needs. The caller has locked `submission` and its offer.

    `draft` may have been read before the lock: it is read again. The register is queried in the same statement with
    the answers of the given `draft`; the result is discarded if the answers changed before the lock.
    Sets `submission.extended_until` and `submission.complement_until` to their values under the lock, for the seal.

    :raises DraftGoneError: if the draft was discarded concurrently.
    :raises RulebookVersion.DoesNotExist: if the offer has no published criteria.
    """
    try:
        digests = register_digests(answers=draft.answers, programme=submission.offer.programme)
    except NoKeyError:
        digests = None  # `evaluate_filing` raises if it needs the register
    row = fetch_one(_inputs_sql(has_digests=digests is not None), [*(digests or ()), draft.pk])
    if not row:
        raise DraftGoneError
    values = iter(row)
    fresh = next_model(Draft, values)
    sequence, until, is_in_register = (next(values) for _plain in range(3))
    rulebook, lines, asked_rows, documents, waiting, moved, complement_row = (
        json.loads(value) if value is not None else None for value in values
    )
    if rulebook is None:
        raise RulebookVersion.DoesNotExist
    fresh.submission = submission
    complement = _open_complement(complement_row)
    submission.extended_until = until
    submission.complement_until = complement.due_at if complement is not None else None
    asked = {row["id"]: _model_from_row(DocumentRequest, row) for row in asked_rows or ()}
    return FilingInputs(
        draft=fresh,
        rulebook=_rulebook(rulebook, submission.offer),
        lines=tuple(
            GridQuestion(row["id"], row["text"], row["requirement"] == GridLine.Requirement.REQUIRED)
            for row in lines or ()
        ),
        asked=list(asked.values()),
        documents=[
            DraftDocument(
                pk=row["id"],
                draft=fresh,
                request=asked[row["request"]],
                joined=row["joined"],
                upload=_model_from_row(Upload, row["upload"]),
            )
            for row in documents or ()
        ],
        waiting=waiting or [],
        previous_sequence=sequence or 0,
        moved=_moved_closing(moved),
        complement=complement,
        is_in_register=is_in_register if fresh.answers == draft.answers else None,
    )


def evaluate_filing(
    submission: Submission, inputs: FilingInputs, now: datetime, review_message: str
) -> EvaluatedFiling:
    """Return the case to file at `now`, the database's transaction timestamp, or raise.

    :raises IncompleteError: if a section or a required document is missing.
    :raises NotEligibleError: if the verdict does not allow filing.
    """
    offer, draft, asks = submission.offer, inputs.draft, inputs.asks
    match = inputs.is_in_register if requires_register_check(asks.rulebook) else None
    if match is None:
        match = register_match(answers=draft.answers, rulebook=asks.rulebook, programme=offer.programme)
    readiness: Readiness = check_readiness(
        answers=draft.answers,
        documents=inputs.asked,
        provided=[row.request_id for row in inputs.documents],
        waiting=[*inputs.waiting, *(row.request_id for row in inputs.documents if row.is_waiting)],
        broken=[row.request_id for row in inputs.documents if row.has_failed],
        asks=asks,
        on=now.astimezone(offer.zone).date(),
        register_match=match,
    )
    if not readiness.is_complete:
        raise IncompleteError(
            sections=tuple(section.key for section in readiness.missing_sections),
            documents=tuple(
                request.kind for request in (*readiness.missing_documents, *readiness.in_analysis)
            ),
        )
    lifted = None if readiness.allows_filing else kept_rulings(submission, readiness.verdict)
    is_judged = readiness.may_be_filed_under_reserve and (review_message or lifted is not None)
    if not readiness.allows_filing and not is_judged:
        raise NotEligibleError(verdict=readiness.verdict)
    return EvaluatedFiling(
        submission=submission,
        inputs=inputs,
        asks=asks,
        judgement=readiness.verdict,
        register_match=match,
        review_message=review_message if lifted is None else "",
        lifted=lifted,
    )


def check_complement_scope(submission: Submission, inputs: FilingInputs, now: datetime) -> None:
    """Raise if `now` is after the ordinary closing and the draft changes more than the complement request names.

    :raises OfferNotOpenError: if the filing window is closed at `now`.
    :raises OutOfScopeChangeError: if an answer or a document outside the request's scope differs from the filing's.
    """
    if not submission.window.is_open(now):
        raise OfferNotOpenError(submission=submission, at=now)
    asked = inputs.complement
    if asked is None or not submission.window.is_for_complement_alone(now):
        return
    sections = asked.scope.out_of_scope_sections(
        sections_for(inputs.asks), asked.answers, inputs.draft.answers
    )
    files = {row.request_id: row.digest for row in inputs.documents}
    documents = asked.scope.out_of_scope_documents(asked.files, files)
    if sections or documents:
        raise OutOfScopeChangeError(sections=sections, documents=documents)


def _moved_closing(row: Mapping[str, str] | None) -> MovedClosing | None:
    if row is None:
        return None
    return moved_closing(datetime.fromisoformat(row["first"]), datetime.fromisoformat(row["at"]))


def _model_from_row[Row: Model](model: type[Row], row: Mapping[str, Any]) -> Row:
    """Return the stored row as an instance. Fields that `row` lacks are deferred."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in row]
    return model.from_db(None, names, [row[name] for name in names])  # in column order, as from_db() requires


def _rulebook(row: Mapping[str, Any], offer: Offer) -> RulebookVersion:
    days = {key: date.fromisoformat(row[key]) if row[key] else None for key in ("starts_on", "closes_on")}
    version = _model_from_row(RulebookVersion, {**row, **days, "offer_id": offer.pk})
    version.offer = offer
    return version
