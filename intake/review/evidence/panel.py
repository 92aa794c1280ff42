"""Verification panel of the submission's page: the findings of a filing with their evidence and forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eligibility.codec import verdict_from_json
from intake.accounts.models import User
from intake.dossiers.outline import Outline, outline_of
from intake.review.access.register_matches import OPEN, unverified_match
from intake.review.claims.views import claim_context
from intake.review.models import Evidence
from intake.review.pages.sealed_filing import FilingDetails, FindingDetails
from intake.submissions.gate.verdict_display import observed_text
from intake.submissions.models import FiledDocument, Filing, Submission, Transition
from intake.submissions.states import SELECTED_STATES, Action, HumanReview, State

from .forms import EvidenceForm, prefix_of
from .queries import evidence_on, is_verifiable, is_verifiable_by
from .register_recheck import positions_to_reconfirm


@dataclass(frozen=True, slots=True)
class EvidenceDisplay:
    """Evidence, and its page in the PDF dossier. None if it has no page there, or the page is unknown."""

    evidence: Evidence
    dossier_page: int | None


@dataclass(frozen=True, slots=True)
class VerifiedFinding:
    """One finding: the declared answer, the evidence, and the form that verifies it."""

    position: int
    finding: FindingDetails
    observed: str
    """The answer that the rules evaluated."""
    blocking: bool
    """True if it counts in the verdict: it must be confirmed before the candidate is selected."""
    found: tuple[EvidenceDisplay, ...]
    """Newest first: the first one counts."""
    form: EvidenceForm | None
    """None if the reader may not verify it, or if it does not count in the verdict."""

    @property
    def standing(self) -> EvidenceDisplay | None:
        """The evidence that counts: the latest."""
        return self.found[0] if self.found else None

    @property
    def earlier(self) -> tuple[EvidenceDisplay, ...]:
        """The evidence that the latest replaced."""
        return self.found[1:]

    @property
    def outcome(self) -> str:
        """CONFIRMED or CONTRADICTED by the evidence that counts; empty without one, or if it is void."""
        return self.found[0].evidence.outcome if self.found and not self.is_void else ""

    @property
    def is_void(self) -> bool:
        """True if the latest evidence counts no more: its author is now a party. It is asked for again."""
        return bool(self.found) and self.found[0].evidence.is_void

    @property
    def is_contradicted(self) -> bool:
        """True if the finding counts in the verdict and the latest evidence contradicts it."""
        return self.blocking and self.outcome == Evidence.Outcome.CONTRADICTED


@dataclass(frozen=True, slots=True)
class Verifications:
    """All findings of a filing with their evidence."""

    rows: tuple[VerifiedFinding, ...]
    outline: Outline | None
    """None without a PDF dossier, or if the first pages of its documents are unknown."""
    homeless: EvidenceForm | None
    """The posted form with an error whose finding is no longer on the page, if any."""

    @property
    def wanted(self) -> int:
        """Number of findings to confirm before the candidate is selected."""
        return sum(row.blocking for row in self.rows)

    @property
    def confirmed(self) -> int:
        """Number of these that are confirmed."""
        return sum(row.blocking and row.outcome == Evidence.Outcome.CONFIRMED for row in self.rows)

    @property
    def contradicted(self) -> int:
        """Number of these that are contradicted."""
        return sum(row.is_contradicted for row in self.rows)

    @property
    def void(self) -> int:
        """Number of findings to confirm whose latest evidence counts no more."""
        return sum(row.blocking and row.is_void for row in self.rows)

    @property
    def first_contradicted(self) -> int | None:
        """Position of the first contradicted one, from 0."""
        return next((row.position for row in self.rows if row.is_contradicted), None)


def verification_context(
    user: User,
    submission: Submission,
    reading: FilingDetails,
    sent: Mapping[int, EvidenceForm],
) -> dict[str, Any]:
    """Return the context of the verdict's panel, the dossier's outline and the banners. At most eight queries.

    `sent` has the posted forms with errors, by the finding's position.
    """
    is_open = is_verifiable(submission)
    documents = documents_of(reading.filing)
    checks = read_verifications(reading, documents, verifies=is_verifiable_by(submission, user), sent=sent)
    return claim_context(user, submission) | {
        "checks": checks,
        "verification_counts": is_open,
        "register_match": unverified_match(reading.filing) if submission.state in OPEN else None,
        "to_confirm_since": _to_confirm_since(submission, reading),
        "is_selected": submission.state == State.SELECTED,
        "stage_held": submission.state == State.SELECTED and checks.confirmed < checks.wanted,
        "has_begun": submission.state == State.PLACED,
        "contradicted_since": checks.first_contradicted if submission.state in SELECTED_STATES else None,
        "workable": is_open or submission.reserve == HumanReview.PENDING,
        "withdrawal": _withdrawal(submission),
    }


def _to_confirm_since(submission: Submission, reading: FilingDetails) -> int | None:
    """Return the position of the ONCE_ONLY finding that must be confirmed again before a selection, or None."""
    if submission.state not in OPEN:
        return None
    return positions_to_reconfirm({reading.filing: submission.offer.programme}).get(reading.filing.pk)


def _withdrawal(submission: Submission) -> Transition | None:
    if submission.state != State.WITHDRAWN:
        return None
    moves = submission.transitions.filter(action=Action.WITHDRAW)
    return moves.select_related("actor").order_by("-at", "-pk").first()


def documents_of(filing: Filing) -> list[FiledDocument]:
    """Return the documents of `filing` in the order of its PDF dossier, with their request and upload."""
    return list(filing.documents.select_related("request", "upload").order_by("request__position"))


def read_verifications(
    reading: FilingDetails,
    documents: Sequence[FiledDocument],
    *,
    verifies: bool,
    sent: Mapping[int, EvidenceForm],
) -> Verifications:
    """Return the findings and evidence of the filing that is displayed. One query.

    `documents` are the filing's, as `documents_of` returns them; `verifies` is True if the reader may verify now;
    `sent` has the posted forms with errors, by the finding's position.
    """
    if reading.payload is None:
        return Verifications(rows=(), outline=None, homeless=next(iter(sent.values()), None))
    outline = outline_of(reading.dossier, reading.payload.documents) if reading.dossier else None
    machine = verdict_from_json(dict(reading.payload.verdict)).findings
    pages = _first_pages(outline, documents)
    evidence = evidence_on(reading.filing)
    blocking = set(reading.filing.verdict.blocking)
    rows = []
    for position, finding in enumerate(reading.findings):
        own = tuple(
            EvidenceDisplay(evidence=row, dossier_page=_page_of(row, pages))
            for row in evidence
            if row.position == position
        )
        form = None
        if verifies and position in blocking:
            versions = {"filing": reading.filing.pk, "seen": own[0].evidence.pk if own else 0}
            form = sent.get(position)
            if form is None:
                form = EvidenceForm(prefix=prefix_of(position), initial=versions, documents=documents)
            else:
                form.update_version(**versions)
        rows.append(
            VerifiedFinding(
                position=position,
                finding=finding,
                observed=observed_text(machine[position]),
                blocking=position in blocking,
                found=own,
                form=form,
            )
        )
    shown = {row.position for row in rows if row.form is not None}
    homeless = next((form for position, form in sent.items() if position not in shown), None)
    return Verifications(rows=tuple(rows), outline=outline, homeless=homeless)


def _first_pages(outline: Outline | None, documents: Sequence[FiledDocument]) -> dict[int, int]:
    """Return the first page of each filed document in the PDF dossier. A replaced document is not in the result."""
    if outline is None or len(outline.parts) != len(documents):
        return {}
    return {
        row.pk: part.start for row, part in zip(documents, outline.parts, strict=True) if not part.replaced
    }


def _page_of(row: Evidence, first_pages: Mapping[int, int]) -> int | None:
    if row.document_id is None or row.page is None or row.document_id not in first_pages:
        return None
    return first_pages[row.document_id] + row.page - 1
