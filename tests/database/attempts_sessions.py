"""Attempts to make a rule read a temporary table, which a session searches before the real one.

Where temporary tables are forbidden, as in `roles.sql`, the first statement is refused; the tests' database allows
it.
"""

from tests.database.attempts import Attempt, raises_violation, returns_answer


def _own(table: str, columns: str, source: str = "") -> str:
    return f"CREATE TEMP TABLE {table} ON COMMIT DROP AS SELECT {columns} {source}"


def _evidence(of: str, document: str = "NULL", page: str = "NULL") -> str:
    return (
        "INSERT INTO review_evidence (filing_id, position, kind, outcome, document_id, page, note, author_id)"
        f" VALUES ({of}, 0, 'AGE', 'CONFIRMED', {document}, {page}, 'Vu.', {{staff}})"
    )


_OF_THE_SELECTED = "(SELECT standing_filing_id FROM public.submissions_submission WHERE id = {selected})"
ATTEMPTS = (
    raises_violation(
        "submission_is_selected_on_evidence UPDATE",
        "select on verdicts of one's own",
        _own("submissions_verdict", "*", "FROM public.submissions_verdict LIMIT 0"),
        "UPDATE submissions_submission SET state = 'SELECTED' WHERE id = {amended}",
        name="a_selected_file_has_every_finding_confirmed",
    ),
    returns_answer(
        "submission_leaves_the_reserve_list UPDATE",
        "keep a place, by a reserve list of one's own",
        _own("review_reserveplace", "*", "FROM public.review_reserveplace LIMIT 0"),
        "UPDATE submissions_submission SET state = 'DECLINED' WHERE id = {listed}",
        "SELECT count(*) FROM public.review_reserveplace WHERE submission_id = {listed}",
        answer="0",
    ),
    Attempt(
        "offers_offerchange_is_never_rewritten DELETE",
        "delete what was done to an offer, by a draft of one's own",
        (
            _own("offers_offer", "id, 'DRAFT' AS status", "FROM public.offers_offer"),
            "DELETE FROM offers_offerchange WHERE offer_id = {open}",
        ),
        "23001 offer_records_are_never_rewritten",
    ),
    Attempt(
        "participation_is_never_changed DELETE",
        "remove for a reason of one's own",
        (
            _own(
                "register_removal",
                "id AS participation, transaction_timestamp() AS removed_at",
                "FROM register_participation",
            ),
            "DELETE FROM register_participation",
        ),
        "23001 participation_is_removed_with_its_reason",
    ),
    raises_violation(
        "evidence_quotes_a_document_of_its_filing INSERT",
        "quote a document of another filing, by a list of one's own",
        _own(
            "submissions_fileddocument", "id, {filing} AS filing_id", "FROM public.submissions_fileddocument"
        ),
        _evidence(
            "{filing}",
            "(SELECT min(id) FROM public.submissions_fileddocument WHERE filing_id <> {filing})",
            "1",
        ),
        name="evidence_quotes_a_document_of_its_filing",
    ),
    returns_answer(
        "evidence_says_whether_it_came_after_a_selection INSERT",
        "hide a selection, by submissions of one's own",
        _own("submissions_submission", "*", "FROM public.submissions_submission LIMIT 0"),
        _evidence(_OF_THE_SELECTED) + " RETURNING after_selection",
        answer="True",
    ),
    raises_violation(
        "log_leaves_follow_one_another INSERT",
        "leave places empty, by leaves of one's own",
        _own("transparency_leaf", "999 AS position"),
        "INSERT INTO public.transparency_leaf (position, number, text) VALUES (1000, 'X-1', '')",
        name="log_leaves_follow_one_another",
    ),
    raises_violation(
        "log_roots_follow_one_another INSERT",
        "leave ranks out, by roots of one's own",
        _own("transparency_root", "6 AS rank, 0 AS size, now() - interval '1 day' AS published_at"),
        "INSERT INTO public.transparency_root (rank, size, hash, published_at, key_id, signature)"
        " SELECT 7, max(position) + 1, repeat('a', 64), clock_timestamp(), 'cle', '' FROM transparency_leaf",
        name="log_roots_follow_one_another",
    ),
)
