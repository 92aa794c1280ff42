"""A submission's situation, its filing window and its documents for its candidate: from objects without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from intake.documents.models import Upload
from intake.submissions.attachments.cards import DocumentCard, form_for
from intake.submissions.drafts.complement_progress import ItemProgress, file_progress
from intake.submissions.lifecycle.candidate_status import (
    CandidateStatus,
    candidate_status_of,
    most_urgent_first,
)
from intake.submissions.models import ComplementRequest, Draft, DraftDocument, Filing, Submission
from intake.submissions.models.filing_window import FilingWindow
from intake.submissions.questions.grid_form import GridForm, RemovedAnswer, grid_form
from intake.submissions.questions.offer_questions import GridQuestion
from intake.submissions.states import Action, State
from offers.models import DocumentRequest, Offer
from tests.submissions.moves_table import ORDINARY, cells_of

OPENS = datetime(2027, 9, 1, 13, tzinfo=UTC)
CLOSES = datetime(2027, 10, 1, 4, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
BEFORE, AFTER = CLOSES - TICK, CLOSES


def _submission(
    state: str = "SUBMITTED",
    *,
    filed: bool = True,
    preparing: bool = False,
    arrived: bool = False,
    reserve: str = "NONE",
    complements: tuple[ComplementRequest, ...] = (),
    until: datetime | None = None,
    status: str = "PUBLISHED",
) -> Submission:
    """Return a submission as `own_submissions` reads it."""
    offer = Offer(pk=1, opens_at=OPENS, closes_at=CLOSES, time_zone="America/Toronto", status=status)
    submission = Submission(pk=2, public_id=UUID(int=2), state=state, reserve=reserve, offer=offer)
    if filed:
        submission.standing_filing = Filing(pk=3)
    vars(submission).update(
        extended_until=None,
        complement_until=until,
        open_drafts=[Draft(pk=4)] if preparing else [],
        arrived_at=BEFORE if arrived else None,
        complements_asked=[*complements],
    )
    return submission


def _status(at: datetime = BEFORE, **options: Any) -> CandidateStatus:
    return candidate_status_of(_submission(**options), at=at)


# -- The situation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_each_state_permits_the_moves_of_the_table_to_the_candidate(state: State) -> None:
    possible = {cell.action for cell in cells_of(ORDINARY) if cell.source == state and cell.target}
    may_amend, may_withdraw = Action.AMEND in possible, Action.WITHDRAW in possible
    found, late = (_status(at, state=state, filed=state != State.DRAFT) for at in (BEFORE, AFTER))
    assert (found.may_amend, found.may_withdraw) == (may_amend, may_withdraw)
    assert (late.may_amend, late.may_withdraw) == (False, may_withdraw)


# -- A complement -----------------------------------------------------------------------------------------------------
def _request(
    pk: int = 8, ending: str = "", ended_at: datetime | None = None, answered_by: int | None = None
) -> ComplementRequest:
    ended = ended_at or (CLOSES + DAY if ending else None)
    return ComplementRequest(pk=pk, ending=ending, ended_at=ended, answered_by_id=answered_by)


def test_answerable_submissions_are_listed_first_by_urgency() -> None:
    def row(days: int | None) -> CandidateStatus:
        until = None if days is None else CLOSES + days * DAY
        state = "SUBMITTED" if days is None else "COMPLEMENT_REQUESTED"
        return _status(AFTER, state=state, complements=(_request(),) if days else (), until=until)

    filed, third, over, first, second, last = row(None), row(3), row(0), row(1), row(2), row(None)
    rows = most_urgent_first([filed, third, over, first, second, last])
    assert [id(each) for each in rows] == [id(each) for each in (first, second, third, filed, over, last)]


# -- The grid ---------------------------------------------------------------------------------------------------------
LINES = (GridQuestion(4, "sait rédiger", required=True), GridQuestion(3, "connaître R", required=False))


def _signed(*numbers: str) -> str:
    return GridForm().sign_lines([RemovedAnswer(number, "x") for number in numbers])


def test_an_answer_to_a_removed_line_is_kept_if_its_page_displayed_it() -> None:
    form = grid_form(LINES)
    typed = {"line_9": "  Un\r\nclub. ", "line_8": "", "line_7": "Jamais montrée.", "line_6": "y" * 7000}
    posted = form(typed | {"lines": _signed("9", "8", "6", "5")})
    assert posted.posted_removed_answers() == {"6": "y" * 6000, "8": None, "9": "Un\nclub."}
    for forged in ("", "9-8", _signed("9")[:-1]):
        assert form(typed | {"lines": forged}).posted_removed_answers() == {}


def test_several_missing_lines_are_listed_below_one_error() -> None:
    lines = (GridQuestion(1, "a" * 90, required=True), GridQuestion(2, "b", required=True))
    first, *others = grid_form(lines)({}).mistakes
    assert (first.text.split()[0], first.anchor) == ("Répondez", "")
    assert [(row.text.split()[0], row.anchor) for row in others] == [
        ("A" + "a" * 78 + "…", "id_line_1"),
        ("B", "id_line_2"),
    ]


QUEBEC = ZoneInfo("America/Toronto")


def _window(
    extended: datetime | None = None, complement: datetime | None = None, status: str = "PUBLISHED"
) -> FilingWindow:
    offer = Offer(
        opens_at=OPENS, closes_at=CLOSES.astimezone(QUEBEC), time_zone="America/Toronto", status=status
    )
    return FilingWindow(offer, extended, complement)


@pytest.mark.parametrize(
    "extended, complement, closes, ordinary, is_extended, is_personal, is_complement",
    [
        (None, None, CLOSES, CLOSES, False, False, False),
        (CLOSES - TICK, None, CLOSES, CLOSES, False, False, False),
        (CLOSES, None, CLOSES, CLOSES, False, False, False),
        (CLOSES + TICK, None, CLOSES + TICK, CLOSES + TICK, True, True, False),
        (None, CLOSES, CLOSES, CLOSES, False, False, False),
        (None, CLOSES - DAY, CLOSES, CLOSES, False, False, False),
        (None, CLOSES + TICK, CLOSES + TICK, CLOSES, False, False, True),
        (CLOSES + DAY, CLOSES + DAY, CLOSES + DAY, CLOSES + DAY, True, True, False),
        (CLOSES + DAY, CLOSES + 2 * DAY, CLOSES + 2 * DAY, CLOSES + DAY, True, False, True),
        (CLOSES + 2 * DAY, CLOSES + DAY, CLOSES + 2 * DAY, CLOSES + 2 * DAY, True, True, False),
    ],
)
def test_the_latest_of_the_closings_applies_and_is_identified(
    extended: datetime | None,
    complement: datetime | None,
    closes: datetime,
    ordinary: datetime,
    *,
    is_extended: bool,
    is_personal: bool,
    is_complement: bool,
) -> None:
    window = _window(extended, complement)
    assert (window.closes_at, window.ordinary_closes_at) == (closes, ordinary)
    assert {window.closes_at.tzinfo, window.ordinary_closes_at.tzinfo} == {UTC}
    assert (window.closing, window.ordinary_closing) == (closes, ordinary)
    assert {str(window.closing.tzinfo), str(window.ordinary_closing.tzinfo)} == {"America/Toronto"}
    assert (window.is_extended, window.is_personal, window.is_complement) == (
        is_extended,
        is_personal,
        is_complement,
    )


@pytest.mark.parametrize(
    "at, is_open, is_for_complement_alone",
    [
        (OPENS - TICK, False, False),
        (OPENS, True, False),
        (CLOSES - TICK, True, False),
        (CLOSES, True, False),
        (CLOSES + DAY - TICK, True, False),
        (CLOSES + DAY, True, True),
        (CLOSES + 2 * DAY - TICK, True, True),
        (CLOSES + 2 * DAY, False, False),
    ],
)
def test_a_window_opens_and_closes_at_its_exact_instants(
    at: datetime, *, is_open: bool, is_for_complement_alone: bool
) -> None:
    window = _window(CLOSES + DAY, CLOSES + 2 * DAY)
    assert (window.is_open(at), window.is_for_complement_alone(at)) == (is_open, is_for_complement_alone)


@pytest.mark.parametrize("status", [status for status in Offer.Status if status != Offer.Status.PUBLISHED])
def test_an_unpublished_offer_has_no_open_window(status: str) -> None:
    window = _window(CLOSES + DAY, CLOSES + 2 * DAY, status=status)
    instants = (OPENS, CLOSES, CLOSES + DAY)
    assert not any(window.is_open(at) or window.is_for_complement_alone(at) for at in instants)


CV, PROOF = (
    DocumentRequest(pk=11, kind="CV", label="CV", required=True),
    DocumentRequest(pk=13, kind="TRANSCRIPT", label="Relevé", required=False),
)


def _file(digest: str, **fields: Any) -> DraftDocument:
    return DraftDocument(upload=Upload(sha256=digest, public_id=UUID(int=int(digest)), **fields))


A, C, M = ItemProgress.AS_FILED, ItemProgress.CHANGED, ItemProgress.MISSING


# -- A document's card ------------------------------------------------------------------------------------------------
def _card(request: DocumentRequest = CV, held: DraftDocument | None = None, **changes: Any) -> DocumentCard:
    return DocumentCard(UUID(int=1), request, held, form_for(request), **changes)


CLEANED = _file("1", neutralised=["JAVASCRIPT"])
UNREADABLE = _file("1", warnings=["BLANK_PAGE:1"])


@pytest.mark.parametrize(
    "card, state",
    [
        (_card(), ("À ajouter", "none")),
        (_card(PROOF), ("Facultatif", "none")),
        (_card(outcome="refused"), ("Refusé", "error")),
        (_card(outcome="again"), ("Non ajouté", "error")),
        (_card(outcome="added"), ("À ajouter", "none")),
        (replace(_card(), form=None), ("Non ajouté", "none")),
        (_card(CV, _file("1")), ("Ajouté", "success")),
        (_card(CV, CLEANED), ("Ajouté, à vérifier", "warning")),
        (_card(CV, UNREADABLE), ("Ajouté, à vérifier", "warning")),
        (_card(CV, _file("1"), outcome="refused"), ("Ajouté", "success")),
        (_card(CV, _file("1"), done=ItemProgress.AS_FILED), ("À remplacer", "warning")),
        (_card(CV, _file("1"), done=ItemProgress.CHANGED), ("Changé", "success")),
        (_card(CV, CLEANED, done=ItemProgress.CHANGED), ("Ajouté, à vérifier", "warning")),
        (_card(CV, None, done=ItemProgress.MISSING), ("À ajouter", "none")),
        (_card(CV, _file("1"), is_kept=True), ("Déposé", "none")),
    ],
)
def test_the_badge_of_a_document_has_its_state(card: DocumentCard, state: tuple[str, str]) -> None:
    assert card.state == state


def test_a_requested_document_that_was_removed_is_missing_unless_it_is_optional() -> None:
    filed = {CV.pk: "1", PROOF.pk: "1"}
    found = [file_progress(request, None, filed) for request in (CV, PROOF)]
    assert found == [ItemProgress.MISSING, ItemProgress.CHANGED]
