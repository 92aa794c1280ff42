"""The gate of a filing, by missing answers and verdict; the register is searched at the filing only."""

import datetime as dt
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eligibility import Clause, CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome
from intake.dossiers.services import read_seal
from intake.register.models import Participation
from intake.register.services import enter_participation
from intake.submissions.filing.evaluation import (
    IncompleteError,
    NotEligibleError,
    evaluate_filing,
    read_filing_inputs,
)
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.gate.readiness import Progress, Readiness, SectionProgress, blocking_positions
from intake.submissions.gate.register_check import register_digests
from intake.submissions.models import Submission
from intake.submissions.offer_changes.impact import reevaluate_submissions
from offers.models import Offer, Programme
from offers.selectors import current_rulebook
from tests.factories.offers import make_programme
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_reviewer
from tests.factories.submissions import complete_answers, make_draft, make_open_offer
from tests.submissions.pages import comparable_page, file_now, section_of

pytestmark = pytest.mark.django_db


def _finding(outcome: str, effect: str = "BLOCK") -> Finding:
    return Finding(
        kind=next(iter(CriterionKind)),
        outcome=Outcome(outcome),
        effect=Effect(effect),
        observed={},
        reason_fr="",
        reason_en="",
        would_pass={},
        clause=Clause("1", ""),
    )


NOT_MET, UNKNOWN, UNKNOWN_ADVICE = _finding("NOT_MET"), _finding("UNKNOWN"), _finding("UNKNOWN", "ADVISE")


def _readiness(outcome: str, *findings: Finding, complete: bool = True) -> Readiness:
    section = section_of("identite")
    progress = Progress.COMPLETE if complete else Progress.STARTED
    return Readiness(
        sections=(SectionProgress(section, progress),),
        missing_documents=(),
        verdict=Verdict(VerdictOutcome(outcome), "", "", findings),
    )


@pytest.mark.parametrize(
    "outcome, findings, complete, filed, under_reserve",
    [
        ("ELIGIBLE", (), True, True, False),
        ("ELIGIBLE", (), False, False, False),
        ("NEEDS_REVIEW", (), True, True, False),
        ("NEEDS_REVIEW", (), False, False, False),
        ("INELIGIBLE", (NOT_MET,), True, False, True),
        ("INELIGIBLE", (NOT_MET,), False, False, False),
        ("INELIGIBLE", (NOT_MET, UNKNOWN), True, False, False),
        ("INELIGIBLE", (NOT_MET, UNKNOWN_ADVICE), True, False, True),
        ("INCOMPLETE", (UNKNOWN,), True, False, False),
        ("INCOMPLETE", (UNKNOWN,), False, False, False),
    ],
)
def test_readiness_allows_filing_or_a_review_request_by_verdict(
    outcome: str, findings: tuple[Finding, ...], *, complete: bool, filed: bool, under_reserve: bool
) -> None:
    readiness = _readiness(outcome, *findings, complete=complete)
    assert (readiness.may_be_filed, readiness.may_be_filed_under_reserve) == (filed, under_reserve)


def test_advisory_findings_block_no_filing() -> None:
    verdict = Verdict(VerdictOutcome.INELIGIBLE, "", "", (UNKNOWN_ADVICE, NOT_MET, UNKNOWN_ADVICE, UNKNOWN))
    assert blocking_positions(verdict) == [1, 3]


def test_a_future_day_is_refused_in_the_time_zone_of_the_offer() -> None:
    """At 2:00 UTC it is the day before in Québec: today's date in UTC is in the future there."""
    offer = make_open_offer()
    now = datetime.combine(offer.closes_on - timedelta(days=3), datetime.min.time(), UTC) + timedelta(hours=2)
    day: date = now.date()
    draft = make_draft(offer=offer, quebec_resident_since=day.isoformat())
    submission = draft.submission
    refused: Any
    with pytest.raises(IncompleteError) as refused:
        evaluate_filing(submission, read_filing_inputs(submission, draft), now, "")
    assert refused.value.sections == ("residence",)
    # Four hours later it is the same day in Québec: the residence starts that day, and is too short.
    with pytest.raises(NotEligibleError):
        evaluate_filing(submission, read_filing_inputs(submission, draft), now + timedelta(hours=4), "")


NAMES: dict[str, Any] = {
    "last_name": "Roy-D’Amours",
    "first_name": "Marie-Ève Louise",
    "birth_date": "1999-02-17",
}


def enter(offer: Offer, *, birth_date: dt.date = dt.date(1999, 2, 17)) -> Participation:
    """Enter the same person, with another spelling of their name, in the register of the offer's programme."""
    return enter_participation(
        last_name="ROY D'AMOURS",
        first_name="Marie Eve",
        birth_date=birth_date,
        programme=offer.programme,
        year=2019,
        actor=None,
    )


def once_only(submission: Submission) -> Finding:
    assert submission.standing_filing is not None
    findings = read_filing(submission.standing_filing).verdict.findings
    return next(finding for finding in findings if finding.kind is CriterionKind.ONCE_ONLY)


def outcome_of(submission: Submission) -> str:
    assert submission.standing_filing is not None
    return str(submission.standing_filing.verdict.outcome)


def test_a_match_needs_human_review_and_is_sealed(offer: Offer) -> None:
    enter(offer)
    filed = make_filed(offer, **NAMES)
    assert outcome_of(filed) == VerdictOutcome.NEEDS_REVIEW.value
    assert once_only(filed).outcome is Outcome.HUMAN
    assert filed.standing_filing is not None
    assert read_seal(filed.standing_filing.seal).facts["register_match"] is True


def test_a_missing_register_match_is_sealed_as_false(offer: Offer) -> None:
    enter(offer, birth_date=dt.date(1999, 2, 18))
    filed = make_filed(offer, **NAMES)
    assert outcome_of(filed) == VerdictOutcome.ELIGIBLE.value
    assert filed.standing_filing is not None
    assert read_seal(filed.standing_filing.seal).facts["register_match"] is False


def test_the_register_of_another_programme_is_not_searched(offer: Offer) -> None:
    other = make_open_offer(programme=make_programme())
    enter(other)
    assert outcome_of(make_filed(offer, **NAMES)) == VerdictOutcome.ELIGIBLE.value


def test_an_offer_without_the_criterion_does_not_search_the_register() -> None:
    offer = make_open_offer(criteria=[{"kind": "SKILLS", "effect": "BLOCK", "clause": {}}])
    enter(offer)
    filed = make_filed(offer, **NAMES)
    assert outcome_of(filed) == VerdictOutcome.ELIGIBLE.value
    assert filed.standing_filing is not None
    assert "register_match" not in read_seal(filed.standing_filing.seal).facts


@pytest.mark.parametrize("took_part", [True, False])
def test_only_a_declared_first_participation_is_searched(offer: Offer, *, took_part: bool) -> None:
    enter(offer)
    draft = make_draft(offer=offer, **NAMES, past_participant=took_part)
    with CaptureQueriesContext(connection) as queries:
        file_now(draft, review_message="C’était un autre programme." if took_part else "")
    looked_up = any("register_participation" in query["sql"] for query in queries)
    assert looked_up is not took_part


def test_no_page_of_a_draft_searches_the_register(offer: Offer) -> None:
    """The pages are equal for a registered and an unregistered name and birth date."""
    draft = make_draft(offer=offer, **NAMES)
    client = client_of(draft.submission.candidate)
    pages = [
        reverse("submissions:tasks", args=[draft.submission.public_id]),
        reverse("submissions:review", args=[draft.submission.public_id]),
        reverse("submissions:section", args=[draft.submission.public_id, "attestations"]),
        reverse("submissions:mine"),
    ]
    before = [comparable_page(client, page) for page in pages]
    enter(offer)
    with CaptureQueriesContext(connection) as queries:
        after = [comparable_page(client, page) for page in pages]
    assert after == before
    assert not [query for query in queries if "register_" in query["sql"]]


def test_the_candidate_reads_only_that_the_register_will_be_checked(offer: Offer) -> None:
    enter(offer)
    filed = make_filed(offer, **NAMES)
    page = client_of(filed.candidate).get(reverse("submissions:receipt", args=[filed.public_id]))
    text = page.content.decode()
    assert "une personne le vérifiera au registre" in text
    assert "contient une inscription" not in text


@pytest.mark.parametrize("known", [True, False])
def test_the_committee_reads_the_match(offer: Offer, known: bool) -> None:  # noqa: FBT001 -- a parameter of the table
    if known:
        enter(offer)
    filed = make_filed(offer, **NAMES)
    for reader in (make_staff(), make_reviewer(offer)):
        page = client_of(reader).get(reverse("review:file", args=[filed.public_id])).content.decode()
        assert ("Le registre des participations contient une inscription" in page) is known


def test_sealed_facts_are_reevaluated_without_the_register(offer: Offer) -> None:
    enter(offer)
    make_filed(offer, **NAMES)
    rulebook = current_rulebook(offer).as_rulebook()
    with CaptureQueriesContext(connection) as queries:
        (judged,) = reevaluate_submissions(offer, rulebook, rulebook, make_staff())
    assert judged.before is not None
    assert judged.after is not None
    assert judged.before.outcome is judged.after.outcome is VerdictOutcome.NEEDS_REVIEW
    assert not [query for query in queries if "register_" in query["sql"]]


def test_names_without_letters_do_not_prevent_a_filing(offer: Offer) -> None:
    answers = complete_answers(offer, **(NAMES | {"first_name": "·"}))
    assert outcome_of(make_filed(offer, **answers)) == VerdictOutcome.ELIGIBLE.value


def test_the_register_is_searched_only_with_a_full_identity() -> None:
    whole = {"past_participant": False, "last_name": "Roy", "first_name": "Noor", "birth_date": "1998-05-04"}
    assert register_digests(answers=whole, programme=Programme(pk=1)) is not None
    for key, value in (("last_name", ""), ("first_name", None), ("birth_date", None), ("last_name", "!!!")):
        assert register_digests(answers=whole | {key: value}, programme=Programme(pk=1)) is None, key
