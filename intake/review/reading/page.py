"""What the reading page shows of one file to one reader, and the form in which they verify and mark it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from intake.accounts.models import User
from intake.dossiers.outline import outline_of
from intake.dossiers.page_pictures import PageText, read_pages
from intake.outbox.selectors import database_instant
from intake.review.access.anonymous_review import is_name_hidden, mask_payload
from intake.review.access.visibility import grid_lines_of, may_assess
from intake.review.claims.views import claim_context
from intake.review.complements.views import complement_url
from intake.review.evidence.panel import VerifiedFinding, documents_of, read_verifications
from intake.review.evidence.queries import blocking_kinds, is_verifiable_by
from intake.review.marks.forms import AssessmentForm
from intake.review.marks.panel import assessment_context
from intake.review.marks.typed import typed_fields
from intake.review.models import Assessment, Mark, ReadingDraft
from intake.review.pages.labels import capped_count_text, state_label
from intake.review.pages.queue_navigation import QUERY_PARAMETER, file_url, queue_url
from intake.review.pages.sealed_filing import FilingDetails, current_filing, filing_details_of
from intake.review.pages.shortcuts import admin_context
from intake.submissions.models import FiledDocument, Submission
from intake.submissions.rulings.queries import latest_by_position, rulings_on
from intake.submissions.states import State

from .facts import DossierPage, dossier_pages
from .forms import AsideForm, FactForm, ReadingForm, fact_initial, prefix_of
from .keys import keys_of
from .queries import neighbours_of, progress_of


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One filed submission as `reader` may verify and mark it. Without documents if the candidate's name is hidden."""

    submission: Submission
    reader: User
    details: FilingDetails
    is_anonymous: bool
    documents: Sequence[FiledDocument]
    findings: Sequence[VerifiedFinding]
    kinds: Mapping[int, str]
    """Kinds of the findings that the reader may verify, by position."""
    pages: tuple[DossierPage, ...]
    """Empty until the dossier is made, or if the place of its documents is unknown."""

    @property
    def is_marked_by_reader(self) -> bool:
        """True if the reader may assess the submissions to this offer."""
        return may_assess(user=self.reader, offer_id=self.submission.offer_id)


def read_file(submission: Submission, reader: User) -> ReadFile:
    """Return the current filing of `submission`, as its reader may verify and mark it."""
    filing = current_filing(submission)
    is_anonymous = is_name_hidden(submission)
    rulings = rulings_on(filing) if filing.verdict.under_reserve else []
    details = filing_details_of(filing, latest_by_position(rulings))
    if is_anonymous:
        return ReadFile(submission, reader, details, is_anonymous, (), (), {}, ())
    documents = documents_of(filing)
    kinds = blocking_kinds(filing) if is_verifiable_by(submission, reader) else {}
    checks = read_verifications(details, documents, verifies=False, sent={})
    return ReadFile(
        submission=submission,
        reader=reader,
        details=details,
        is_anonymous=is_anonymous,
        documents=documents,
        findings=[row for row in checks.rows if row.blocking],
        kinds=kinds,
        pages=_pages(details, documents, kinds),
    )


def _pages(
    details: FilingDetails, documents: Sequence[FiledDocument], kinds: Mapping[int, str]
) -> tuple[DossierPage, ...]:
    if details.dossier is None or details.payload is None:
        return ()
    outline = outline_of(details.dossier, details.payload.documents)
    if outline is None or len(outline.parts) != len(documents):
        return ()
    return dossier_pages(outline, documents, kinds)


def reading_form(file: ReadFile, posted: QueryDict | None = None) -> ReadingForm:
    """Return the form: with what is `posted`, or with what the reader typed before and did not submit.

    Unposted, it has no assessment: `assessment_context` makes that form.
    """
    typed: Mapping[str, str] = {}
    if posted is None:
        own = Assessment.objects.filter(submission=file.submission, reviewer=file.reader).first()
        typed = typed_fields(file.submission, file.reader, own)
    pages = {page.number: page for page in file.pages}
    seen = {row.position: row.found[0].evidence.pk for row in file.findings if row.found}
    facts = {
        position: FactForm(
            posted,
            prefix=prefix_of(position),
            pages=pages,
            initial={"outcome": "", "seen": seen.get(position, 0), **fact_initial(position, typed)},
        )
        for position in file.kinds
    }
    marked = posted is not None and file.is_marked_by_reader
    lines = grid_lines_of(file.submission.offer)
    return ReadingForm(facts=facts, assessment=AssessmentForm(posted, lines=lines) if marked else None)


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One finding to verify: what was declared, what was found, the form, and the pages that can prove it."""

    row: VerifiedFinding
    form: FactForm | None
    pages: tuple[DossierPage, ...]


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page of the dossier with its text; `text` is None if it is not drawn."""

    page: DossierPage
    text: PageText | None


def reading_context(
    request: HttpRequest, file: ReadFile, form: ReadingForm, *, aside: AsideForm | None, refusal: str
) -> dict[str, Any]:
    """Return the context of the reading page. `refusal` is why the whole form was refused, if it was."""
    submission, payload = file.submission, file.details.payload
    if file.is_anonymous and payload is not None:
        payload = mask_payload(payload)
    drawn = read_pages(file.details.dossier) if file.pages and file.details.dossier else None
    facts = [_shown_fact(row, form, file.pages) for row in file.findings]
    progress, around = progress_of(request, file.reader), neighbours_of(request, file.reader, submission)
    at = database_instant()
    return (
        admin_context(request)
        | assessment_context(request, submission, payload, form.assessment)
        | claim_context(file.reader, submission)
        | {
            "title": submission.filed_name if not file.is_anonymous else file.details.filing.receipt.number,
            "submission": submission,
            "number": file.details.filing.receipt.number,
            "reading": file.details,
            "payload": payload,
            "anonymous": file.is_anonymous,
            "state": state_label(State(submission.state)),
            "shown_pages": [ShownPage(page, (drawn or {}).get(page.number)) for page in file.pages],
            "are_drawn": bool(drawn),
            "facts": facts,
            "unprovable": [fact for fact in facts if fact.form and not fact.pages],
            "complement_url": "" if file.is_anonymous else complement_url(file.reader, submission, at=at),
            "scale": Mark.choices,
            "held": next((fact.form.held for fact in facts if fact.form and fact.form.held), None),
            "refusal": refusal,
            "aside": aside or AsideForm(),
            "put_aside": ReadingDraft.objects.filter(
                submission=submission, reader=file.reader, aside_at__isnull=False
            ).first(),
            "done": capped_count_text(progress.done),
            "whole": capped_count_text(progress.whole),
            "previous_url": file_url(request, around.previous, "review:read") if around.previous else "",
            "next_url": file_url(request, around.following, "review:read") if around.following else "",
            "place": {"queue_url": queue_url(request.GET.get(QUERY_PARAMETER, ""))},
            "back_url": file_url(request, submission),
            "kept_query": _kept_query(request),
            "keys": keys_of(file.reader),
        }
    )


def _shown_fact(row: VerifiedFinding, form: ReadingForm, pages: Sequence[DossierPage]) -> ShownFact:
    proving = tuple(page for page in pages if row.position in page.proves)
    return ShownFact(row=row, form=form.facts.get(row.position), pages=proving)


def _kept_query(request: HttpRequest) -> str:
    kept = request.GET.get(QUERY_PARAMETER, "")
    return f"?{urlencode({QUERY_PARAMETER: kept})}" if kept else ""
