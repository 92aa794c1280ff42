"""Counts of a file's findings, verified or ruled on, and the page of the dossier that shows each."""

from typing import Any, cast

from intake.dossiers.outline import Outline, OutlinePart
from intake.review.evidence.forms import EvidenceForm
from intake.review.evidence.panel import (
    EvidenceDisplay,
    Verifications,
    VerifiedFinding,
    _first_pages,
    _page_of,
    read_verifications,
)
from intake.review.models import Evidence
from intake.review.pages.labels import Label
from intake.review.pages.sealed_filing import FilingDetails
from intake.review.rulings.panel import HumanReviewPanel, RuledFinding, RulingForm, prefix_of, unplaced_form
from intake.submissions.models import FiledDocument, Filing, Ruling
from intake.submissions.states import HumanReview

NOTHING = cast("Any", None)
"""Stands for parts of a finding that these counts do not read."""


def evidence_display(outcome: str) -> EvidenceDisplay:
    evidence = Evidence(outcome=outcome)
    evidence.is_void = False
    return EvidenceDisplay(evidence, None)


def checked(position: int, *outcomes: str, blocking: bool = True) -> VerifiedFinding:
    """Return a finding with these evidence outcomes, newest first."""
    found = tuple(evidence_display(outcome) for outcome in outcomes)
    return VerifiedFinding(position, NOTHING, "", blocking, found, None)


def test_the_last_evidence_on_a_finding_counts() -> None:
    rows = [
        checked(0),
        checked(1, "CONFIRMED", "CONTRADICTED"),
        checked(2, "CONTRADICTED", "CONFIRMED", "CONFIRMED"),
        checked(3, "CONTRADICTED", blocking=False),
    ]
    assert [(row.outcome, row.standing, len(row.earlier), row.is_contradicted) for row in rows] == [
        ("", None, 0, False),
        ("CONFIRMED", rows[1].found[0], 1, False),
        ("CONTRADICTED", rows[2].found[0], 2, True),
        ("CONTRADICTED", rows[3].found[0], 0, False),
    ]
    assert rows[2].earlier == rows[2].found[1:]


def test_only_blocking_findings_are_counted() -> None:
    rows = (
        checked(0, "CONTRADICTED", blocking=False),
        checked(1, "CONFIRMED", blocking=False),
        checked(2, "CONFIRMED"),
        checked(3, "CONTRADICTED"),
        checked(4, "CONTRADICTED"),
        checked(5),
    )
    counted = Verifications(rows, None, None)
    assert (counted.wanted, counted.confirmed, counted.contradicted, counted.first_contradicted) == (
        4,
        1,
        2,
        3,
    )
    assert Verifications(rows[:3], None, None).first_contradicted is None


def test_a_page_of_a_document_is_found_in_the_dossier_unless_it_was_replaced_there() -> None:
    documents = [FiledDocument(pk=pk) for pk in (11, 12, 13)]
    parts = (
        OutlinePart("", 4, 2, replaced=False),
        OutlinePart("", 6, 1, replaced=True),
        OutlinePart("", 7, 3, replaced=False),
    )
    pages = _first_pages(Outline(3, parts), documents)
    assert pages == {11: 4, 13: 7}
    assert _first_pages(None, documents) == {}
    assert _first_pages(Outline(3, parts[:2]), documents) == {}
    cases = ((11, 1), (13, 3), (12, 1), (11, None), (None, None))
    found = [_page_of(Evidence(document_id=document, page=page), pages) for document, page in cases]
    assert found == [4, 9, None, None, None]


def judged(position: int, *, rulings: int = 0, stands: bool = False, waiting: int = 0) -> RuledFinding:
    """Return a refused finding with this number of rulings, as the page shows it to a user who may rule."""
    made = tuple(Ruling(pk=pk) for pk in range(1, rulings + 1))
    form = RulingForm(prefix=prefix_of(position))
    last = made[-1] if stands else None
    return RuledFinding(position, NOTHING, "", "", made, last, waiting, otherwise_confirmed=False, form=form)


def test_the_last_ruling_counts_and_the_last_finding_settles_the_review() -> None:
    rows = (judged(2), judged(3, rulings=2, stands=True, waiting=1), judged(5, rulings=2, waiting=2))
    assert [([each.pk for each in row.earlier], row.settles) for row in rows] == [
        ([], True),
        ([1], False),
        ([1, 2], False),
    ]
    reserve = HumanReviewPanel(HumanReview.PENDING, Label("", ""), "", rows)
    assert reserve.waiting == 2
    assert [row.form.prefix for row in rows if row.form] == ["constat-2", "constat-3", "constat-5"]


def test_a_refused_ruling_form_is_at_its_finding_or_separate() -> None:
    reserve = HumanReviewPanel(HumanReview.PENDING, Label("", ""), "", (judged(2), judged(3)))
    closed = HumanReviewPanel(HumanReview.UPHELD, Label("", ""), "", ())
    placed, apart = RulingForm(prefix=prefix_of(3)), RulingForm(prefix=prefix_of(4))
    assert unplaced_form({3: placed, 4: apart}, reserve) is apart
    assert unplaced_form({3: placed}, reserve) is None
    assert unplaced_form({3: placed}, closed) is placed
    assert unplaced_form({3: placed}, None) is placed
    assert unplaced_form({}, None) is None


def test_a_verification_of_an_anonymised_filing_is_displayed_separately() -> None:
    form = EvidenceForm(prefix="x", documents=[])
    erased = FilingDetails(Filing(), None, None, has_receipt=False, verdict=Label("", ""), findings=())
    assert erased.closes_at is None
    assert read_verifications(erased, [], verifies=True, sent={3: form}) == Verifications((), None, form)
    assert read_verifications(erased, [], verifies=True, sent={}) == Verifications((), None, None)
