"""Invariants of states: each follows from the stored moves; at most one selection per candidate."""

from typing import Final

from intake.journal.invariants import Invariant

STATES: Final = (
    Invariant(
        "only_a_draft_stands_without_a_filing",
        """
        SELECT s.public_id FROM submissions_submission s
        WHERE (s.state = 'DRAFT') <> (s.standing_filing_id IS NULL)
            OR (s.state = 'DRAFT') = EXISTS (SELECT FROM submissions_filing f WHERE f.submission_id = s.id)
        """,
    ),
    Invariant(
        "a_submission_is_where_its_last_move_led",
        """
        SELECT s.public_id FROM submissions_submission s
        WHERE s.state <> coalesce(
            (SELECT t.to_state FROM submissions_transition t WHERE t.submission_id = s.id ORDER BY t.id DESC LIMIT 1),
            'DRAFT'
        )
        """,
    ),
    Invariant(
        "each_filing_is_a_move",
        """
        SELECT s.public_id FROM submissions_submission s
        WHERE (SELECT count(*) FROM submissions_filing f WHERE f.submission_id = s.id) <> (
            SELECT count(*) FROM submissions_transition t
            WHERE t.submission_id = s.id AND t.action IN ('FILE', 'AMEND')
        )
        """,
    ),
    Invariant(
        "each_move_is_in_the_journal",
        # Both rows are written in one transaction and have its timestamp.
        """
        SELECT s.public_id || ' ' || t.action FROM submissions_transition t
            JOIN submissions_submission s ON s.id = t.submission_id
        WHERE NOT EXISTS (
            SELECT FROM journal_entry e
            WHERE e.subject_id = s.public_id::text AND e.subject_kind = 'submissions.submission'
                AND e.at = t.at AND e.action = 'SUBMISSION_' || t.action
        )
        """,
    ),
    Invariant(
        "a_submission_says_what_its_filing_says",
        """
        SELECT s.public_id FROM submissions_submission s
            LEFT JOIN submissions_filing f ON f.id = s.standing_filing_id
            LEFT JOIN submissions_verdict v ON v.filing_id = f.id
        WHERE (s.received_at, s.filed_outcome) IS DISTINCT FROM (f.received_at, coalesce(v.outcome, ''))
        """,
    ),
    Invariant(
        "a_settled_reserve_stands_on_its_rulings",
        # LIFTED: each refused finding was overturned. UPHELD: each has a ruling, and at least one was confirmed.
        # The number of findings is unknown if the payload was erased.
        """
        SELECT s.public_id FROM submissions_submission s
            JOIN submissions_filing f ON f.id = s.standing_filing_id
            JOIN dossiers_seal seal ON seal.id = f.seal_id
            CROSS JOIN LATERAL (
                SELECT count(*) AS ruled, count(*) FILTER (WHERE latest.decision = 'CONFIRMED') AS confirmed
                FROM (
                    SELECT DISTINCT ON (r.position) r.decision FROM submissions_ruling r
                    WHERE r.filing_id = f.id AND r.turn = 1 + (
                        SELECT count(*) FROM submissions_transition t
                        WHERE t.submission_id = s.id AND t.action = 'JUDGE_AGAIN'
                    )
                    ORDER BY r.position, r.id DESC
                ) latest
            ) judged
        WHERE s.reserve IN ('LIFTED', 'UPHELD') AND (
            judged.ruled = 0
            OR (s.reserve = 'UPHELD') <> (judged.confirmed > 0)
            OR (seal.canonical IS NOT NULL AND judged.ruled <> (
                SELECT count(*) FROM jsonb_array_elements(seal.canonical::jsonb #> '{verdict,findings}') finding
                WHERE finding ->> 'outcome' = 'NOT_MET' AND finding ->> 'effect' = 'BLOCK'
            ))
        )
        """,
    ),
    Invariant(
        "a_person_has_one_submission_per_offer",
        """
        SELECT 'offer ' || offer_id || ' person ' || candidate_id FROM submissions_submission
        GROUP BY offer_id, candidate_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "a_person_is_selected_once",
        """
        SELECT 'person ' || candidate_id FROM submissions_submission WHERE state IN ('SELECTED', 'PLACED')
        GROUP BY candidate_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "completed_stages_are_in_the_register",
        # The register contains keyed digests, so rows are counted by programme and year. A candidate without a birth
        # date, or whose name has no letter, cannot be entered; an erased candidate was entered at completion.
        r"""
        SELECT 'programme ' || completed.programme_id || ' year ' || completed.year FROM (
            SELECT o.programme_id, extract(year FROM o.starts_on) AS year, count(DISTINCT s.candidate_id) AS people
            FROM submissions_submission s
                JOIN offers_offer o ON o.id = s.offer_id
                JOIN submissions_filing f ON f.id = s.standing_filing_id
                JOIN dossiers_seal seal ON seal.id = f.seal_id
            WHERE s.state = 'COMPLETED' AND (
                seal.canonical IS NULL OR (
                    seal.canonical::jsonb #>> '{person,birth_date}' <> ''
                    AND seal.canonical::jsonb #>> '{person,first_name}' ~ '[[:alpha:]]'
                    AND seal.canonical::jsonb #>> '{person,last_name}' ~ '[[:alpha:]]'
                )
            )
            GROUP BY o.programme_id, year
        ) completed
        WHERE completed.people > (
            SELECT count(DISTINCT p.whole) FROM register_participation p
            WHERE p.programme_id = completed.programme_id AND p.year = completed.year
        ) + (
            SELECT count(*) FROM register_removal r
            WHERE r.programme_id = completed.programme_id AND r.year = completed.year
        )
        """,
    ),
)
