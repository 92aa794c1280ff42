"""Attempts on complement requests: made for an incomplete file, ended once, answered by a new filing."""

from tests.database.attempts import (
    CHECK_CONSTRAINTS_NOW,
    Attempt,
    Step,
    append_only,
    copy,
    raises_violation,
    returns_answer,
    unique,
    without_triggers,
)
from tests.database.attempts_arrivals import arrive
from tests.database.attempts_filings import FILE, FILE_WHOLE, RECEIPT, VERDICT, on_offer

_ASKED = "complement_request_is_stamped INSERT"
_SOMETHING = "complement_request_asks_for_something INSERT"
_ENDED = "complement_request_ends_once"
_ENDS_ONCE = "23001 a complement request ends once, and nothing else of it changes"
_ASKED_WITH_REQUEST = "complement_document_is_asked_at_once INSERT"
_ANSWERED = "a_complement_request_is_answered_by_a_filing_of_its_file"
_ARRIVED, _ARRIVED_IN_TIME = "arrival_is_stamped_and_on_time INSERT", "arrival_commits_in_time INSERT"
_FILED, _COMMITTED = "filing_is_stamped_and_on_time INSERT", "filing_commits_complete_and_in_time INSERT"
_NEW = "(SELECT max(id) FROM submissions_complementrequest)"
_CV = "(SELECT id FROM offers_documentrequest WHERE offer_id = {%s} AND kind = '%s')"


def _set_state(row: str, state: str = "COMPLEMENT_REQUESTED") -> str:
    return f"UPDATE submissions_submission SET state = '{state}' WHERE id = {{{row}}}"


def _set_filing(filing: str) -> str:
    return f"UPDATE submissions_submission SET state = 'COMPLEMENT_REQUESTED', standing_filing_id = {filing}"


def _ask(
    row: str = "amended",
    *,
    filing: str = "s.standing_filing_id",
    by: str = "{staff}",
    days: int = 3,
    sections: str = "{{etudes}}",
) -> str:
    """Return an INSERT of a request for the submission `row`, with instants that lie far in the past."""
    return (
        "INSERT INTO submissions_complementrequest (submission_id, filing_id, asked_by_id, words, due_at, sections,"
        f" asked_at, ended_at, ending, answered_by_id) SELECT s.id, {filing}, {by}, 'Il manque une page.',"
        f" now() + interval '{days} days', '{sections}', '2001-01-01', '2001-01-01', 'RESUMED', s.standing_filing_id"
        f" FROM submissions_submission s WHERE s.id = {{{row}}}"
    )


def _end(change: str, row: str = "incomplete") -> str:
    return f"UPDATE submissions_complementrequest SET {change} WHERE submission_id = {{{row}}} AND ended_at IS NULL"


def _name(kind: str = "TRANSCRIPT", *, request: str = _NEW, offer: str = "open") -> str:
    return (
        "INSERT INTO submissions_complementdocument (complement_id, request_id)"
        f" VALUES ({request}, {_CV % (offer, kind)})"
    )


ASK_AGAIN = (_end("ending = 'RESUMED'"), _ask("incomplete"))
"""Statements that change nothing of the submission {incomplete} itself."""
_INCOMPLETE = _set_state("amended")
_REPLACED = "ending = 'REPLACED'"
_HERE = "(SELECT id FROM submissions_filing WHERE draft_id = {draft})"
_REFILE = copy(
    "submissions_filing",
    "id = {filing}",
    sequence="3",
    replaces_id="t.id",
    draft_id="{draft}",
    seal_id="{seal}",
)
"""A further filing of the submission {amended}."""
_REFILE_WHOLE = (_REFILE, RECEIPT, VERDICT)
_CLOSED_LONG_AGO = without_triggers(
    "offers_offer",
    "UPDATE offers_offer SET closes_at = clock_timestamp() - interval '1 hour' WHERE id = {open}",
)
_ANSWER_ARRIVES = (
    copy("submissions_draft", "id = {draft}", submission_id="{amended}"),
    arrive(draft="(SELECT max(id) FROM submissions_draft)"),
)
"""A draft of the submission {amended} arrives."""
_BY_THE_FIRST = "ending = 'ANSWERED', answered_by_id = {first_filing}"
_ANSWER = _end(f"ending = 'ANSWERED', answered_by_id = {_HERE}", "amended")
_WRONG_ANSWERS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    (
        "answer by the filing of another file, received at this instant",
        (FILE, _end(f"ending = 'ANSWERED', answered_by_id = {_HERE}")),
    ),
    (
        "answer by an older filing of the file",
        (_INCOMPLETE, _ask(), _end(_BY_THE_FIRST, "amended")),
    ),
    (
        "answer by an older filing, at the instant of a newer one",
        (_INCOMPLETE, _ask(), *_REFILE_WHOLE, _end(_BY_THE_FIRST, "amended")),
    ),
    (
        "answer by the filing that was incomplete, received at this instant",
        (
            *FILE_WHOLE,
            f"{_set_filing(_HERE)} WHERE id = {{unfiled}}",
            _ask("unfiled"),
            _end(f"ending = 'ANSWERED', answered_by_id = {_HERE}", "unfiled"),
        ),
    ),
)

ATTEMPTS = (
    *append_only("submissions_complementdocument"),
    # -- Requests ---
    returns_answer(
        _ASKED,
        "the database says when it is asked, and that nothing ended it",
        _INCOMPLETE,
        _ask() + " RETURNING asked_at = transaction_timestamp() AND ended_at IS NULL AND ending = ''"
        " AND answered_by_id IS NULL",
        answer="True",
    ),
    raises_violation(
        _ASKED, "ask of a file that is complete", _ask(), name="a_complement_is_asked_of_an_incomplete_file"
    ),
    raises_violation(
        _ASKED,
        "ask of a filing that was replaced",
        _INCOMPLETE,
        _ask(filing="{first_filing}"),
        name="a_complement_is_asked_of_the_filing_that_stands",
    ),
    raises_violation(
        _ASKED,
        "ask oneself",
        _INCOMPLETE,
        _ask(by="s.candidate_id"),
        name="nobody_asks_themselves_for_a_complement",
    ),
    *(
        raises_violation(
            _ASKED,
            f"ask on an offer that is {status}",
            "ALTER TABLE offers_offer DISABLE TRIGGER USER",
            "ALTER TABLE offers_offer DROP CONSTRAINT published_offer_has_number_contact_and_instant",
            f"UPDATE offers_offer SET status = '{status}' WHERE id = {{open}}",
            _INCOMPLETE,
            _ask(),
            name="a_complement_is_asked_on_a_published_offer",
            by="owner",
        )
        for status in ("CANCELLED", "DRAFT")
    ),
    raises_violation(
        _ASKED,
        "replace a request by one that leaves less time",
        _INCOMPLETE,
        _ask(days=9),
        _end(_REPLACED, "amended"),
        _ask(days=8),
        name="a_complement_request_is_replaced_by_a_later_one",
    ),
    raises_violation(
        _ASKED,
        "replace two requests in turn by one that leaves less time than the second",
        _INCOMPLETE,
        _ask(days=5),
        _end(_REPLACED, "amended"),
        _ask(days=9),
        _end(_REPLACED, "amended"),
        _ask(days=7),
        name="a_complement_request_is_replaced_by_a_later_one",
    ),
    returns_answer(
        _ASKED,
        "replace a request by one that leaves as much time",
        _INCOMPLETE,
        _ask(days=9),
        _end(_REPLACED, "amended"),
        _ask(days=9),
        answer="done",
    ),
    returns_answer(
        _ASKED,
        "ask again for less, after a request that was not replaced",
        _INCOMPLETE,
        _ask(days=9),
        _end("ending = 'RESUMED'", "amended"),
        _ask(days=8),
        answer="done",
    ),
    returns_answer(
        _ASKED,
        "ask for less than the request of another, replaced at this instant",
        _end(_REPLACED),
        _INCOMPLETE,
        _ask(days=1),
        answer="done",
    ),
    raises_violation(
        _SOMETHING,
        "ask for nothing",
        _INCOMPLETE,
        _ask(sections="{{}}"),
        name="a_complement_request_asks_for_something",
    ),
    unique("a_submission_has_one_open_complement_request", "ask twice at once", _INCOMPLETE, _ask(), _ask()),
    # -- Requested documents ------------
    *(
        raises_violation(
            _ASKED_WITH_REQUEST, what, *steps, name="a_complement_request_names_its_documents_at_once"
        )
        for what, *steps in (
            (
                "ask for one more document later",
                _name(
                    request="(SELECT id FROM submissions_complementrequest WHERE submission_id = {incomplete})"
                ),
            ),
            (
                "ask for one more document, at the instant of another request",
                _INCOMPLETE,
                _ask(),
                _name(
                    request="(SELECT id FROM submissions_complementrequest WHERE submission_id = {incomplete})"
                ),
            ),
            (
                "ask for a document of another offer",
                on_offer("other"),
                _INCOMPLETE,
                _ask(),
                _name(offer="other"),
            ),
            (
                "ask for a document once the request has ended",
                _INCOMPLETE,
                _ask(),
                _end(_REPLACED, "amended"),
                _name(),
            ),
        )
    ),
    unique(
        "a_complement_request_names_a_document_once",
        "ask twice for one",
        _INCOMPLETE,
        _ask(),
        _name(),
        _name(),
    ),
    # -- Endings ---
    Attempt(
        f"{_ENDED} UPDATE",
        "open one again",
        ("UPDATE submissions_complementrequest SET ended_at = NULL WHERE submission_id = {answered}",),
        _ENDS_ONCE,
    ),
    *(
        Attempt(
            f"{_ENDED} {operation}",
            what,
            (statement,),
            _ENDS_ONCE,
            "owner",
        )
        for operation, what, statement in (
            (
                "DELETE",
                "delete a request",
                "DELETE FROM submissions_complementrequest WHERE ended_at IS NULL",
            ),
            ("UPDATE", "leave more time", _end("due_at = due_at + interval '1 day'")),
            ("UPDATE", "change its words", _end("words = 'autre'")),
            ("UPDATE", "ask for other sections", _end("sections = '{{etudes}}'")),
            ("UPDATE", "say that another person asked", _end("asked_by_id = {nobody}")),
        )
    ),
    returns_answer(
        f"{_ENDED} UPDATE",
        "the database says when it ended",
        _end("ending = 'RESUMED', ended_at = '2001-01-01'") + " RETURNING ended_at = transaction_timestamp()",
        answer="True",
    ),
    *(raises_violation(f"{_ENDED} UPDATE", what, *steps, name=_ANSWERED) for what, steps in _WRONG_ANSWERS),
    # -- Its effect: the filing window ---
    raises_violation(
        _FILED,
        "file after the closing, with a request that has ended",
        _INCOMPLETE,
        _ask(),
        _end("ending = 'RESUMED'", "amended"),
        *CHECK_CONSTRAINTS_NOW,
        *_CLOSED_LONG_AGO,
        _REFILE,
        name="filing_is_received_before_closing",
        by="owner",
    ),
    raises_violation(
        _ARRIVED,
        "arrive after the closing, with a request that has ended",
        _INCOMPLETE,
        _ask(),
        _end("ending = 'RESUMED'", "amended"),
        *CHECK_CONSTRAINTS_NOW,
        *_CLOSED_LONG_AGO,
        *_ANSWER_ARRIVES,
        name="arrival_is_before_closing",
        by="owner",
    ),
    returns_answer(
        _ARRIVED_IN_TIME,
        "commit an arrival after the closing, with a request that ended since",
        _INCOMPLETE,
        _ask(),
        *_ANSWER_ARRIVES,
        _end("ending = 'RESUMED'", "amended"),
        *_CLOSED_LONG_AGO,
        answer="done",
        by="owner",
    ),
    raises_violation(
        _ARRIVED_IN_TIME,
        "commit an arrival after the closing, with a request made of another file",
        _INCOMPLETE,
        _ask(),
        arrive(),
        *_CLOSED_LONG_AGO,
        name="arrival_commits_within_a_minute_of_closing",
        by="owner",
    ),
    *(
        returns_answer(
            _COMMITTED,
            f"commit after the closing, {what}",
            _INCOMPLETE,
            _ask(),
            *_REFILE_WHOLE,
            *end,
            *_CLOSED_LONG_AGO,
            answer="done",
            by="owner",
        )
        for what, *end in (("while a complement is asked for",), ("in answer to a request", _ANSWER))
    ),
    *(
        raises_violation(
            _COMMITTED,
            f"commit after the closing, with a request that {what}",
            *steps,
            *_CLOSED_LONG_AGO,
            name="filing_commits_within_a_minute_of_closing",
            by="owner",
        )
        for what, *steps in (
            ("ended otherwise", _INCOMPLETE, _ask(), *_REFILE_WHOLE, _end("ending = 'RESUMED'", "amended")),
            ("is made of another file", _INCOMPLETE, _ask(), *FILE_WHOLE),
        )
    ),
)
