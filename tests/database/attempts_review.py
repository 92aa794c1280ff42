"""Attempts on the rows of a review: marks, evidence, conflicts, decisions, lists and their files."""

from tests.database.attempts import (
    UUID,
    Attempt,
    all_or_none,
    append_only,
    changes,
    check,
    copy,
    negative,
    raises_violation,
    returns_answer,
    unique,
    without_triggers,
)
from tests.database.attempts_accounts import SHA

_AFTER = "evidence_says_whether_it_came_after_a_selection INSERT"
_OTHERS_DOCUMENT = (
    "(SELECT min(id) FROM submissions_fileddocument WHERE filing_id <> {filing} AND filing_id IS NOT NULL)"
)
_OWN_DOCUMENT = "(SELECT min(id) FROM submissions_fileddocument WHERE filing_id = {filing})"


def _evidence(
    *,
    document: str = "NULL",
    page: str = "NULL",
    note: str = "'Vu.'",
    outcome: str = "'CONFIRMED'",
    after: str = "FALSE",
) -> str:
    return (
        "INSERT INTO review_evidence"
        " (filing_id, position, kind, outcome, document_id, page, note, author_id, after_selection)"
        f" SELECT standing_filing_id, 0, 'AGE', {outcome}, {document}, {page}, {note}, {{staff}}, {after}"
        f" FROM submissions_submission WHERE id = {{amended}}"
    )


def _each(rule: str, table: str, *cases: tuple[str, str]) -> tuple[Attempt, ...]:
    """Return one attempt per case: an UPDATE of every row of `table`. A case is a description and the columns."""
    return tuple(check(rule, what, f"UPDATE {table} SET {change}") for what, change in cases)


_BATCH = (
    "UPDATE review_decisionbatch SET state = 'PREPARED', ended_at = NULL, release_at = NULL, released_at = NULL,"
    " released_by_id = NULL"
)
_RELEASED = (
    "state = 'RELEASED', ended_at = NULL, release_at = now(), released_at = now(), released_by_id = {nobody}"
)


def _batch(rule: str, *cases: tuple[str, str]) -> tuple[Attempt, ...]:
    """Return one attempt per case, on a batch in preparation."""
    return tuple(
        check(rule, what, _BATCH, f"UPDATE review_decisionbatch SET {change}") for what, change in cases
    )


_OPEN_ITEM = "UPDATE review_decisionitem SET state = 'OPEN', done_at = NULL, version = 1"
_ORDER = "UPDATE review_exportorder SET {} WHERE state = 'OPEN'"

ATTEMPTS = (
    *append_only("review_evidence"),
    *append_only("review_meetingnote"),
    *append_only("review_shortlist"),
    *append_only("review_shortlistexport"),
    *append_only("review_shortlistrow"),
    *negative("review_assessment", "mark", "version"),
    *negative("review_bulkitem", "position", "version"),
    *negative("review_decisionbatch", "version"),
    *negative("review_decisionitem", "version"),
    *negative("review_evidence", "page", "position"),
    *negative("review_exportorder", "done", "total"),
    *negative("review_linemark", "mark"),
    *negative("review_lineweight", "weight"),
    *negative("review_registermatch", "position"),
    *negative("review_reserveplace", "place"),
    *negative("review_shortlist", "number", "rows_count"),
    *negative("review_shortlistexport", "rows_count", "size"),
    *negative("review_shortlistrow", "marks", "rank"),
    # -- Marks
    *(
        check("a_mark_is_from_zero_to_five", mark, copy("review_assessment", mark=mark))
        for mark in ("-1", "6")
    ),
    *_each(
        "a_submitted_assessment_alone_has_a_score",
        "review_assessment",
        ("a score over five", "score = 5.001"),
        ("a first score over five", "first_score = 5.001"),
        ("a score under zero", "score = -0.001"),
        ("a first score under zero", "first_score = -0.001"),
    ),
    *all_or_none(
        "a_submitted_assessment_alone_has_a_score",
        lambda part: (
            "UPDATE review_assessment SET score = NULL, first_score = NULL, submitted_at = NULL",
            f"UPDATE review_assessment SET {changes(part)}",
        ),
        score="1",
        first_score="1",
        submitted_at="now()",
    ),
    check("an_assessment_counts_its_saves", "never saved", copy("review_assessment", version="0")),
    unique("a_reviewer_assesses_a_submission_once", "assess twice", copy("review_assessment")),
    *(
        check("a_line_mark_is_from_zero_to_five", mark, copy("review_linemark", mark=mark))
        for mark in ("-1", "6")
    ),
    unique("an_assessment_marks_a_line_once", "mark a line twice", copy("review_linemark")),
    *(
        check("a_weight_is_from_zero_to_ten", each, copy("review_lineweight", weight=each))
        for each in ("-1", "11")
    ),
    unique("review_lineweight_line_id_key", "weigh a line twice", copy("review_lineweight")),
    # -- Committees and anonymous reviews ---
    check("assignment_way_is_known", "a way of no kind", copy("review_assignment", way="'X'")),
    unique("a_file_is_assigned_to_a_person_once", "assign twice", copy("review_assignment")),
    *_each(
        "a_blind_reading_that_ended_says_who_ended_it",
        "review_blindreading",
        ("end it, and say nobody", "ended_at = now()"),
        ("say who ended what did not end", "ended_by_id = {staff}"),
    ),
    unique("an_offer_is_read_blind_once_at_a_time", "begin twice", copy("review_blindreading")),
    check("a_claim_lasts", "hold a file for no time", copy("review_claim", expires_at="claimed_at")),
    unique("review_registermatch_filing_id_key", "match a filing twice", copy("review_registermatch")),
    unique("review_claim_submission_id_key", "hold a file twice", copy("review_claim")),
    unique("a_person_sits_once_on_a_committee", "sit twice", copy("review_committeemember")),
    unique("a_standing_conflict_is_declared_once", "declare twice", copy("review_conflict")),
    returns_answer(
        "a_standing_conflict_is_declared_once",
        "declare again what was lifted",
        "UPDATE review_conflict SET lifted_at = now(), lifted_by_id = {staff}, lift_reason = 'Erreur.'",
        copy("review_conflict", lifted_at="NULL", lifted_by_id="NULL", lift_reason="''"),
        answer="done",
    ),
    *all_or_none(
        "a_lifted_conflict_says_who_when_and_why",
        lambda part: (f"UPDATE review_conflict SET {changes(part)}",),
        lifted_at="now()",
        lifted_by_id="{staff}",
        lift_reason="'Erreur.'",
    ),
    *_each(
        "nobody_lifts_their_own_conflict",
        "review_conflict",
        ("lift one's own", "lifted_at = now(), lifted_by_id = reviewer_id, lift_reason = 'Erreur.'"),
    ),
    # -- Bulk runs -----
    *_each(
        "a_bulk_item_ends_once",
        "review_bulkitem",
        ("done at no instant", "state = 'DONE'"),
        ("open since an instant", "done_at = now()"),
    ),
    *_each(
        "a_refused_item_says_why",
        "review_bulkitem",
        ("refused for nothing", "state = 'REFUSED', done_at = now()"),
        ("done, and why not", "state = 'DONE', done_at = now(), refusal = 'X'"),
    ),
    *_each(
        "a_run_holds_no_more_than_can_be_read",
        "review_bulkitem",
        ("the place before the first", "position = 0"),
        ("a place after the last", "position = 501"),
    ),
    *_each(
        "bulk_item_found_state_is_known", "review_bulkitem", ("found in a state of no kind", "found = 'X'")
    ),
    *_each(
        "bulk_item_state_is_known", "review_bulkitem", ("a state of no kind", "state = 'X', done_at = now()")
    ),
    unique(
        "a_candidature_is_in_one_open_run",
        "in two open runs",
        copy("review_bulkrun", public_id=UUID, key=UUID),
        copy("review_bulkitem", run_id="(SELECT max(id) FROM review_bulkrun)"),
    ),
    unique(
        "a_run_has_one_candidature_per_place",
        "two in one place",
        copy("review_bulkitem", submission_id="{reserved}"),
    ),
    unique(
        "a_run_holds_a_candidature_once",
        "one twice",
        copy("review_bulkitem", position="2", state="'DONE'", done_at="now()"),
    ),
    unique("a_confirmation_starts_one_run", "confirm twice", copy("review_bulkrun", public_id=UUID)),
    unique("review_bulkrun_public_id_key", "a public id twice", copy("review_bulkrun", key=UUID)),
    # -- Decisions
    *_batch(
        "a_decision_batch_ends_once",
        ("in preparation, and ended", "ended_at = now()"),
        ("sent, and not ended", _RELEASED.replace("'RELEASED'", "'SENT'")),
    ),
    *all_or_none(
        "a_release_says_who_when_and_for_when",
        lambda part: (_BATCH, f"UPDATE review_decisionbatch SET {changes(part)}"),
        release_at="now()",
        released_at="now()",
        released_by_id="{nobody}",
    ),
    *_batch(
        "a_returned_batch_is_approved_anew",
        ("released, though it came back", f"{_RELEASED}, returned_at = now()"),
    ),
    *_batch("a_returned_batch_says_since_when", ("came back at no instant", "returned_for = 'X'")),
    *_batch(
        "a_revoked_batch_says_by_whom",
        ("revoked by no one", "state = 'REVOKED', ended_at = now()"),
        ("in preparation, and revoked by somebody", "revoked_by_id = {staff}"),
    ),
    *_batch(
        "a_second_person_releases_decisions",
        ("release what one prepared", _RELEASED.replace("{nobody}", "prepared_by_id")),
    ),
    check(
        "decision_batch_state_is_known",
        "a state of no kind",
        "ALTER TABLE review_decisionbatch DROP CONSTRAINT a_decision_batch_ends_once",
        _BATCH,
        "UPDATE review_decisionbatch SET state = 'X'",
        by="owner",
    ),
    *_batch(
        "decisions_leave_once_released",
        ("send what no one released", "state = 'SENT', ended_at = now()"),
        ("release by no one", "state = 'RELEASED'"),
        ("in preparation, and released", _RELEASED.replace("'RELEASED'", "'PREPARED'")),
    ),
    check("a_decision_ends_once", "decided at no instant", "UPDATE review_decisionitem SET done_at = NULL"),
    check("a_decision_ends_once", "open since an instant", "UPDATE review_decisionitem SET state = 'OPEN'"),
    check(
        "a_refused_decision_says_why",
        "refused for nothing",
        "UPDATE review_decisionitem SET state = 'REFUSED'",
    ),
    check("a_refused_decision_says_why", "done, and why not", "UPDATE review_decisionitem SET refusal = 'X'"),
    check(
        "an_open_decision_says_what_it_is_about",
        "decide on no version",
        _OPEN_ITEM.replace("version = 1", "version = NULL"),
    ),
    check("decision_item_state_is_known", "a state of no kind", "UPDATE review_decisionitem SET state = 'X'"),
    unique("a_batch_decides_once_on_a_candidature", "decide twice", copy("review_decisionitem")),
    unique(
        "a_candidature_awaits_one_decision_at_most",
        "two open decisions",
        _OPEN_ITEM,
        copy("review_decisionbatch"),
        copy("review_decisionitem", batch_id="(SELECT max(id) FROM review_decisionbatch)"),
    ),
    check(
        "reserve_places_start_at_one", "the place before the first", copy("review_reserveplace", place="0")
    ),
    unique(
        "a_reserve_list_has_one_person_per_place",
        "two in one place",
        copy("review_reserveplace", submission_id="{amended}"),
    ),
    unique(
        "review_reserveplace_submission_id_key", "one in two places", copy("review_reserveplace", place="2")
    ),
    # -- Evidence
    raises_violation(
        "evidence_quotes_a_document_of_its_filing INSERT",
        "quote a document of another filing",
        _evidence(document=_OTHERS_DOCUMENT, page="1"),
        name="evidence_quotes_a_document_of_its_filing",
    ),
    returns_answer(
        "evidence_quotes_a_document_of_its_filing INSERT",
        "quote no document, and say what it rests on",
        _evidence(),
        answer="done",
    ),
    returns_answer(
        "evidence_quotes_a_document_of_its_filing INSERT",
        "quote a document of the filing",
        _evidence(document=_OWN_DOCUMENT, page="1"),
        answer="done",
    ),
    *(
        returns_answer(
            _AFTER,
            f"the database says whether a selection came before: {state}",
            *without_triggers(
                "submissions_submission",
                f"UPDATE submissions_submission SET state = '{state}' WHERE id = {{amended}}",
            ),
            _evidence(after="FALSE" if after == "True" else "TRUE") + " RETURNING after_selection",
            answer=after,
            by="owner",
        )
        for state, after in (
            ("SELECTED", "True"),
            ("PLACED", "True"),
            ("COMPLETED", "True"),
            ("RESERVE", "False"),
            ("SHORTLISTED", "False"),
        )
    ),
    returns_answer(
        _AFTER,
        "what is found of an earlier filing does not follow the selection of the later one",
        *without_triggers(
            "submissions_submission",
            "UPDATE submissions_submission SET state = 'SELECTED' WHERE id = {amended}",
        ),
        _evidence().replace("SELECT standing_filing_id", "SELECT {first_filing}")
        + " RETURNING after_selection",
        answer="False",
        by="owner",
    ),
    *(
        check("evidence_names_a_page_or_says_what_it_rests_on", what, statement)
        for what, statement in (
            ("rest on nothing", _evidence(note="''")),
            ("quote no page", _evidence(document=_OWN_DOCUMENT)),
            ("quote the page before the first", _evidence(document=_OWN_DOCUMENT, page="0")),
            ("quote a page of no document", _evidence(page="1")),
        )
    ),
    check("evidence_outcome_is_known", "neither confirmed nor contradicted", _evidence(outcome="'X'")),
    # -- Files of lists
    *(
        check(rule, what, _ORDER.format(change))
        for rule, what, change in (
            ("a_file_is_kept_while_it_is_ready", "a file of what is not ready", "file_name = 'x'"),
            (
                "a_file_is_kept_while_it_is_ready",
                "ready without a file",
                "state = 'READY', ended_at = now(), export_id = (SELECT id FROM review_shortlistexport)",
            ),
            (
                "a_file_that_was_ready_is_in_the_ledger",
                "ready, and in no ledger",
                "state = 'READY', ended_at = now(), file_name = 'x'",
            ),
            (
                "a_file_that_was_ready_is_in_the_ledger",
                "in the ledger before it is ready",
                "export_id = (SELECT id FROM review_shortlistexport)",
            ),
            ("a_refused_export_says_why", "refused for nothing", "state = 'REFUSED', ended_at = now()"),
            ("a_refused_export_says_why", "not refused, and why", "refusal = 'X'"),
            ("an_export_counts_no_further_than_its_list", "one more than there are", "done = total + 1"),
            ("an_export_order_ends_once", "open since an instant", "ended_at = now()"),
            ("an_export_order_ends_once", "cancelled at no instant", "state = 'CANCELLED'"),
            ("export_order_state_is_known", "a state of no kind", "state = 'X', ended_at = now()"),
            ("ordered_format_is_known", "a format of no kind", "file_format = 'doc'"),
            ("ordered_language_is_known", "a language of no kind", "language = 'la'"),
        )
    ),
    unique(
        "a_person_waits_once_for_a_file",
        "ask for one file from two pages",
        copy("review_exportorder", "state = 'OPEN'", public_id=UUID, key=UUID),
    ),
    unique(
        "a_page_asks_once_for_a_file",
        "ask twice from one page",
        copy("review_exportorder", "state = 'OPEN'", public_id=UUID, file_format="'pdf'"),
    ),
    unique(
        "review_exportorder_export_id_key",
        "two orders of one file",
        copy("review_exportorder", "state = 'EXPIRED'", public_id=UUID, key=UUID),
    ),
    unique(
        "review_exportorder_public_id_key",
        "a public id twice",
        copy("review_exportorder", "state = 'OPEN'", key=UUID, file_format="'pdf'"),
    ),
    check("export_digest_is_sha256", "capitals", copy("review_shortlistexport", sha256=f"upper({SHA})")),
    check(
        "export_format_is_known", "a format of no kind", copy("review_shortlistexport", file_format="'doc'")
    ),
    check(
        "export_language_is_known", "a language of no kind", copy("review_shortlistexport", language="'la'")
    ),
    # -- Frozen lists, notes and views
    check("a_frozen_shortlist_has_a_row", "a list of no one", copy("review_shortlist", rows_count="0")),
    check("a_frozen_shortlist_says_why", "freeze for no reason", copy("review_shortlist", reason="''")),
    check("shortlist_digest_is_sha256", "a digest of no kind", copy("review_shortlist", digest=SHA)),
    check("shortlist_numbers_start_at_one", "a list before the first", copy("review_shortlist", number="0")),
    unique("shortlists_of_an_offer_have_distinct_numbers", "a number twice", copy("review_shortlist")),
    check("shortlist_ranks_start_at_one", "a rank before the first", copy("review_shortlistrow", rank="0")),
    unique(
        "a_filing_is_once_on_a_shortlist", "one filing in two ranks", copy("review_shortlistrow", rank="99")
    ),
    unique(
        "a_shortlist_has_one_row_per_rank",
        "two filings in one rank",
        copy("review_shortlistrow", filing_id="{first_filing}"),
    ),
    check("a_meeting_note_says_something", "a note of nothing", copy("review_meetingnote", text="''")),
    check("a_saved_view_has_a_name", "a view without a name", copy("review_savedview", name="''")),
    check("a_saved_view_narrows_the_queue", "a view of everything", copy("review_savedview", query="''")),
    unique(
        "a_person_names_each_of_their_views_differently",
        "a name twice, in capitals",
        copy("review_savedview", public_id=UUID, name="upper(name)"),
    ),
    unique("review_savedview_public_id_key", "a public id twice", copy("review_savedview", name="'X'")),
)
