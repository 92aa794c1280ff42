"""The findings of a filing as its page lets a person verify them, and the dossier's parts that they point at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eligibility.codec import verdict_from_json
from intake.dossiers.outline import Outline, outline_of
from intake.review.models import Evidence
from intake.review.pages.sealed_filing import FilingDetails, FindingDetails
from intake.submissions.gate.finding_display import observed_text
from intake.submissions.models import FiledDocument, Filing

from .forms import EvidenceForm, prefix_of
from .queries import evidence_on


@dataclass(frozen=True, slots=True)
class EvidenceDisplay:
    """What somebody found, and the page of the dossier where it is read, if it is in the dossier and known."""

    evidence: Evidence
    dossier_page: int | None


@dataclass(frozen=True, slots=True)
class VerifiedFinding:
    """One finding, what was declared, what was found of it, and the form that verifies it."""

    position: int
    finding: FindingDetails
    observed: str
    """The answer that the rules judged."""
    blocking: bool
    """It decides the verdict: nobody is selected before it is confirmed."""
    found: tuple[EvidenceDisplay, ...]
    """The newest first: the first one stands."""
    form: EvidenceForm | None
    """None when the reader may not verify it, or when there is nothing to verify."""

    @property
    def standing(self) -> EvidenceDisplay | None:
        """What stands."""
        return self.found[0] if self.found else None

    @property
    def earlier(self) -> tuple[EvidenceDisplay, ...]:
        """What it replaced."""
        return self.found[1:]

    @property
    def outcome(self) -> str:
        """CONFIRMED, CONTRADICTED, or nothing."""
        return self.found[0].evidence.outcome if self.found else ""

    @property
    def is_contradicted(self) -> bool:
        """Whether it decides the verdict, and what was found contradicts it."""
        return self.blocking and self.outcome == Evidence.Outcome.CONTRADICTED


@dataclass(frozen=True, slots=True)
class Verifications:
    """Every finding of a filing with what was verified of it."""

    rows: tuple[VerifiedFinding, ...]
    outline: Outline | None
    """None without a dossier, or where its documents start is not known."""
    homeless: EvidenceForm | None
    """The verification that comes back and has no place on the page any more, if there is one."""

    @property
    def wanted(self) -> int:
        """How many must be confirmed before anybody is selected."""
        return sum(row.blocking for row in self.rows)

    @property
    def confirmed(self) -> int:
        """How many of those are."""
        return sum(row.blocking and row.outcome == Evidence.Outcome.CONFIRMED for row in self.rows)

    @property
    def contradicted(self) -> int:
        """How many of those a document contradicts."""
        return sum(row.is_contradicted for row in self.rows)

    @property
    def first_contradicted(self) -> int | None:
        """Where the first of these is, from 0."""
        return next((row.position for row in self.rows if row.is_contradicted), None)


def documents_of(filing: Filing) -> list[FiledDocument]:
    """Return the documents of `filing` in the order of its dossier, with their request and upload."""
    return list(filing.documents.select_related("request", "upload").order_by("request__position"))


def read_verifications(
    reading: FilingDetails,
    documents: Sequence[FiledDocument],
    *,
    verifies: bool,
    sent: Mapping[int, EvidenceForm],
) -> Verifications:
    """Return what was verified of the filing that was read; one query.

    `documents` are the filing's, as `documents_of` returns them; `verifies` says whether the reader may verify now;
    `sent` holds the forms that come back with their errors, by the finding's position.
    """
    if reading.payload is None:
        return Verifications(rows=(), outline=None, homeless=next(iter(sent.values()), None))
    outline = outline_of(reading.dossier, reading.payload.documents) if reading.dossier else None
    machine = verdict_from_json(dict(reading.payload.verdict)).findings
    pages = _first_pages(outline, documents)
    found = evidence_on(reading.filing)
    blocking = set(reading.filing.verdict.blocking)
    rows = []
    for position, finding in enumerate(reading.findings):
        own = tuple(
            EvidenceDisplay(evidence=row, dossier_page=_page_of(row, pages))
            for row in found
            if row.position == position
        )
        form = None
        if verifies and position in blocking:
            form = _form(reading.filing, position, own, documents, sent.get(position))
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


def _form(
    filing: Filing,
    position: int,
    own: Sequence[EvidenceDisplay],
    documents: Sequence[FiledDocument],
    sent: EvidenceForm | None,
) -> EvidenceForm:
    shown = {"filing": filing.pk, "seen": own[0].evidence.pk if own else 0}
    if sent is None:
        return EvidenceForm(prefix=prefix_of(position), initial=shown, documents=documents)
    sent.update_version(**shown)
    return sent


def _first_pages(outline: Outline | None, documents: Sequence[FiledDocument]) -> dict[int, int]:
    """Return where each document filed has its own first page in the dossier; one that was replaced has none."""
    if outline is None or len(outline.parts) != len(documents):
        return {}
    return {
        row.pk: part.start for row, part in zip(documents, outline.parts, strict=True) if not part.replaced
    }


def _page_of(row: Evidence, first_pages: Mapping[int, int]) -> int | None:
    if row.document_id is None or row.page is None or row.document_id not in first_pages:
        return None
    return first_pages[row.document_id] + row.page - 1
