"""Attempts on the rows of a review: marks, evidence, conflicts, decisions, lists and their files."""

from tests.database.attempts import (
    UUID,
    append_only,
    copy,
    raises_violation,
    returns_answer,
    unique,
    without_triggers,
)

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


_OPEN_ITEM = "UPDATE review_decisionitem SET state = 'OPEN', done_at = NULL, version = 1"

ATTEMPTS = (
    *append_only("review_evidence"),
    *append_only("review_meetingnote"),
    *append_only("review_shortlist"),
    *append_only("review_shortlistexport"),
    *append_only("review_shortlistrow"),
    # -- Marks
    unique("a_reviewer_assesses_a_submission_once", "assess twice", copy("review_assessment")),
    unique("an_assessment_marks_a_line_once", "mark a line twice", copy("review_linemark")),
    # -- Committees and anonymous reviews ---
    unique("a_file_is_assigned_to_a_person_once", "assign twice", copy("review_assignment")),
    unique("an_offer_is_read_blind_once_at_a_time", "begin twice", copy("review_blindreading")),
    unique("a_person_sits_once_on_a_committee", "sit twice", copy("review_committeemember")),
    unique("a_standing_conflict_is_declared_once", "declare twice", copy("review_conflict")),
    returns_answer(
        "a_standing_conflict_is_declared_once",
        "declare again what was lifted",
        "UPDATE review_conflict SET lifted_at = now(), lifted_by_id = {staff}, lift_reason = 'Erreur.'",
        copy("review_conflict", lifted_at="NULL", lifted_by_id="NULL", lift_reason="''"),
        answer="done",
    ),
    # -- Bulk runs -----
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
    # -- Decisions
    unique("a_batch_decides_once_on_a_candidature", "decide twice", copy("review_decisionitem")),
    unique(
        "a_candidature_awaits_one_decision_at_most",
        "two open decisions",
        _OPEN_ITEM,
        copy("review_decisionbatch"),
        copy("review_decisionitem", batch_id="(SELECT max(id) FROM review_decisionbatch)"),
    ),
    unique(
        "a_reserve_list_has_one_person_per_place",
        "two in one place",
        copy("review_reserveplace", submission_id="{amended}"),
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
    # -- Files of lists
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
    # -- Readings
    unique("a_reader_has_one_draft_of_a_reading", "keep a second draft", copy("review_readingdraft")),
    # -- Frozen lists, notes and views
    unique("shortlists_of_an_offer_have_distinct_numbers", "a number twice", copy("review_shortlist")),
    unique(
        "a_filing_is_once_on_a_shortlist", "one filing in two ranks", copy("review_shortlistrow", rank="99")
    ),
    unique(
        "a_shortlist_has_one_row_per_rank",
        "two filings in one rank",
        copy("review_shortlistrow", filing_id="{first_filing}"),
    ),
    unique(
        "a_person_names_each_of_their_views_differently",
        "a name twice, in capitals",
        copy("review_savedview", public_id=UUID, name="upper(name)"),
    ),
)
