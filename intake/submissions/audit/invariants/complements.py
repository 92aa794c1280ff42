"""Invariants of complement requests: one is open in state COMPLEMENT_REQUESTED, and the seal of its answer names it."""

from typing import Final

from intake.journal.invariants import Invariant

COMPLEMENTS: Final = (
    Invariant(
        "an_incomplete_file_has_its_open_complement_request",
        """
        SELECT s.public_id FROM submissions_submission s
            LEFT JOIN submissions_complementrequest c ON c.submission_id = s.id AND c.ended_at IS NULL
        WHERE (s.state = 'COMPLEMENT_REQUESTED') <> (c.id IS NOT NULL)
        """,
    ),
    Invariant(
        "an_open_complement_request_is_of_the_filing_that_stands",
        """
        SELECT 'complement ' || c.id FROM submissions_complementrequest c
            JOIN submissions_submission s ON s.id = c.submission_id
        WHERE c.ended_at IS NULL AND c.filing_id IS DISTINCT FROM s.standing_filing_id
        """,
    ),
    Invariant(
        "a_complement_request_asks_for_something",
        """
        SELECT 'complement ' || c.id FROM submissions_complementrequest c
        WHERE cardinality(c.sections) = 0
            AND NOT EXISTS (SELECT FROM submissions_complementdocument d WHERE d.complement_id = c.id)
        """,
    ),
    Invariant(
        "a_filing_says_which_complement_it_answers",
        # An erased payload cannot be compared.
        """
        SELECT 'filing ' || f.id FROM submissions_filing f
            JOIN dossiers_seal seal ON seal.id = f.seal_id
            LEFT JOIN submissions_complementrequest c ON c.answered_by_id = f.id
        WHERE seal.canonical IS NOT NULL AND (
            seal.canonical::jsonb #>> '{complement,words}',
            (seal.canonical::jsonb #>> '{complement,asked_at}')::timestamptz,
            (seal.canonical::jsonb #>> '{complement,due_at}')::timestamptz
        ) IS DISTINCT FROM (c.words, c.asked_at, c.due_at)
        """,
    ),
)
