"""What the database itself holds of complement requests, whatever is asked of it, and by however many at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from intake.submissions.errors import StaleSubmissionError, SubmissionError
from intake.submissions.invariants import INVARIANTS
from intake.submissions.invariants.commits import COMMITS
from intake.submissions.models import ComplementRequest, Draft, Filing, Receipt, Submission
from intake.submissions.services import (
    file_draft,
    request_complement,
    resume_without_complement,
    withdraw_submission,
)
from offers.models import Offer
from tests.factories.complements import (
    answer,
    ask,
    begin_answer,
    let_time_run_out,
    make_filed_and_closed,
    what,
)
from tests.factories.people import make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import ALL_DECLARATIONS, close_offer, make_open_offer

pytestmark = pytest.mark.django_db(transaction=True)

type AppConnection = psycopg.Connection[tuple[Any, ...]]

_ASK = (
    "INSERT INTO submissions_complementrequest"
    " (submission_id, filing_id, asked_by_id, words, due_at, sections, asked_at, ended_at, ending)"
    " VALUES (%(submission)s, %(filing)s, %(staff)s, %(words)s, now() + %(left)s::interval, %(sections)s,"
    " '2001-01-01', '2001-01-01', 'RESUMED') RETURNING id, asked_at > now() - interval '1 minute', ended_at, ending"
)
_INCOMPLETE = "UPDATE submissions_submission SET state = 'COMPLEMENT_REQUESTED' WHERE id = %(submission)s"


@pytest.fixture
def filed() -> Submission:
    """A candidature to an offer that closed an hour ago; the database says so alone."""
    return make_filed_and_closed()


def _values(submission: Submission, **changes: Any) -> dict[str, Any]:
    return {
        "submission": submission.pk,
        "filing": submission.standing_filing_id,
        "staff": make_staff().pk,
        "words": "Il manque une page.",
        "left": "3 days",
        "sections": ["etudes"],
    } | changes


def test_a_request_begins_as_the_database_says(filed: Submission, app_connection: AppConnection) -> None:
    values = _values(filed)
    app_connection.execute(_INCOMPLETE, values)
    row = app_connection.execute(_ASK, values).fetchone()
    assert row is not None
    assert row[1:] == (True, None, "")


def test_what_raw_sql_cannot_ask(filed: Submission, app_connection: AppConnection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        app_connection.execute(_ASK, _values(filed))
    assert refused.value.diag.constraint_name == "a_complement_is_asked_of_an_incomplete_file"
    other = make_filed(make_open_offer())
    app_connection.execute(_INCOMPLETE, {"submission": filed.pk})
    cases: dict[str, dict[str, Any]] = {
        "a_complement_is_asked_of_the_filing_that_stands": {"filing": other.standing_filing_id},
        "nobody_asks_themselves_for_a_complement": {"staff": filed.candidate_id},
        "a_complement_request_says_what_is_missing": {"words": ""},
        "a_complement_request_leaves_time": {"left": "0 seconds"},
        "a_complement_request_asks_for_something": {"sections": []},
    }
    for name, changes in cases.items():
        with pytest.raises(psycopg.errors.CheckViolation) as refused:
            app_connection.execute(_ASK, _values(filed, **changes))
        assert refused.value.diag.constraint_name == name
    app_connection.execute(_ASK, _values(filed))
    with pytest.raises(psycopg.errors.UniqueViolation) as repeated:
        app_connection.execute(_ASK, _values(filed))
    assert repeated.value.diag.constraint_name == "a_submission_has_one_open_complement_request"


def test_nothing_is_asked_on_an_offer_that_is_not_published(
    filed: Submission, app_connection: AppConnection
) -> None:
    app_connection.execute(_INCOMPLETE, {"submission": filed.pk})
    Offer.objects.filter(pk=filed.offer_id).update(status=Offer.Status.CANCELLED)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        app_connection.execute(_ASK, _values(filed))
    assert refused.value.diag.constraint_name == "a_complement_is_asked_on_a_published_offer"


@pytest.mark.parametrize(
    "statement, refusal",
    [
        ("UPDATE submissions_complementrequest SET due_at = due_at + interval '1 day'", "42501"),
        ("UPDATE submissions_complementrequest SET words = 'autre'", "42501"),
        ("UPDATE submissions_complementrequest SET sections = '{}'", "42501"),
        ("DELETE FROM submissions_complementrequest", "42501"),
        ("TRUNCATE submissions_complementrequest CASCADE", "42501"),
        ("DELETE FROM submissions_complementdocument", "42501"),
        ("UPDATE submissions_complementrequest SET ended_at = NULL", "23001"),
        ("UPDATE submissions_complementrequest SET ending = 'ANSWERED'", "23514"),
        (
            "UPDATE submissions_complementrequest SET ending = 'ANSWERED', answered_by_id = filing_id",
            "23514",
        ),
        (
            "INSERT INTO submissions_complementdocument (complement_id, request_id) SELECT c.id, q.id"  # noqa: ISC004 -- one statement
            " FROM submissions_complementrequest c, offers_documentrequest q WHERE q.kind <> 'CV'",
            "23514",
        ),
    ],
)
def test_what_was_asked_never_changes(
    filed: Submission, app_connection: AppConnection, statement: str, refusal: str
) -> None:
    ask(filed)
    if "ended_at = NULL" in statement:
        resume_without_complement(submission=filed, actor=make_staff(), reason="Lisible.")
    with pytest.raises(psycopg.Error) as refused:
        app_connection.execute(statement)
    assert refused.value.sqlstate == refusal


def test_the_owner_changes_nothing_of_it_either(filed: Submission) -> None:
    asked = ask(filed)
    for statement in (
        "UPDATE submissions_complementrequest SET words = 'autre'",
        "DELETE FROM submissions_complementrequest",
        "DELETE FROM submissions_complementdocument",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert ComplementRequest.objects.get().words == asked.words


def test_a_filing_may_not_commit_a_minute_after_its_time(filed: Submission) -> None:
    asked = ask(filed)
    draft = begin_answer(filed)
    with transaction.atomic():
        let_time_run_out(asked, until="clock_timestamp() + interval '1 hour'")
    with pytest.raises(IntegrityError, match="more than 60 s after closing"), transaction.atomic():
        file_draft(draft=draft, actor=filed.candidate, declarations=ALL_DECLARATIONS)
        let_time_run_out(asked, until="clock_timestamp() - interval '61 seconds'")
    assert Receipt.objects.count() == 1


def test_a_request_that_ended_opens_nothing(filed: Submission, app_connection: AppConnection) -> None:
    """The rule of the filing alone, past every check of the services."""
    ask(filed)
    draft = begin_answer(filed)
    resume_without_complement(submission=filed, actor=make_staff(), reason="Lisible.")
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        app_connection.execute(
            "INSERT INTO submissions_filing (submission_id, sequence, draft_id, seal_id, replaces_id)"
            " SELECT %s, 2, %s, seal_id, id FROM submissions_filing WHERE id = %s",
            [filed.pk, draft.pk, filed.standing_filing_id],
        )
    assert refused.value.diag.constraint_name == "filing_is_received_before_closing"


# -- At once --------------------------------------------------------------------------------------------------------
def _at_once(*doings: Any) -> list[object]:
    def done(doing: Any) -> object:
        try:
            return doing()
        except SubmissionError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(done, doings))


def _hold() -> None:
    # All but that of the commits: of what was filed before, the offer is made to have closed too early.
    asked = [row for row in INVARIANTS if row not in COMMITS]
    broken = {row.name: found for row in asked if (found := [str(each) for each in row.violations()])}
    # Of the first filing alone: the offer was closed behind its back.
    late = {f"filing {row.pk}" for row in Filing.objects.filter(sequence=1)}
    assert set(broken.pop("a_filing_is_received_before_closing", [])) <= late
    assert broken == {}


def test_two_who_ask_at_once_of_what_they_read_are_one(filed: Submission) -> None:
    people, asked = (make_staff(), make_staff()), what(filed)
    version = filed.version
    said = _at_once(
        *(
            lambda actor=actor: request_complement(
                submission=filed, actor=actor, asked=asked, version=version
            )
            for actor in people
        )
    )
    assert sorted(type(each).__name__ for each in said) == ["ComplementRequest", "StaleSubmissionError"]
    assert any(isinstance(each, StaleSubmissionError) for each in said)
    assert ComplementRequest.objects.count() == 1
    _hold()


@pytest.mark.parametrize("what_else", ["resume", "withdraw", "ask again", "answer"])
def test_an_answer_beside_what_ends_the_request(filed: Submission, what_else: str) -> None:
    ask(filed)
    draft, staff = begin_answer(filed), make_staff()

    def file() -> Receipt:
        return file_draft(
            draft=Draft.objects.get(pk=draft.pk), actor=filed.candidate, declarations=ALL_DECLARATIONS
        )

    other = {
        "resume": lambda: resume_without_complement(submission=filed, actor=staff, reason="Lisible."),
        "withdraw": lambda: withdraw_submission(
            submission=filed, actor=filed.candidate, reason="Autre projet."
        ),
        "ask again": lambda: request_complement(submission=filed, actor=staff, asked=what(filed, days=12)),
        "answer": file,
    }[what_else]
    _at_once(file, other)
    _hold()
    assert filed.filings.count() in {1, 2}
    if what_else == "answer":
        assert filed.filings.count() == 2
        assert ComplementRequest.objects.get().ending == "ANSWERED"


def test_an_offer_that_closes_as_it_is_asked_waits_for_the_answer() -> None:
    submission = make_filed(make_open_offer())
    asked = ask(submission)
    close_offer(submission.offer, seconds_ago=1)
    receipt = answer(Submission.objects.get(pk=submission.pk))
    asked.refresh_from_db()
    assert asked.answered_by_id == receipt.filing_id
    _hold()
