"""Invariants of receipts and verdicts: one of each per filing, a unique number, and the sealed content."""

from typing import Final

from intake.journal.invariants import Invariant

PROOFS: Final = (
    Invariant(
        "a_filing_has_its_receipt",
        """
        SELECT 'filing ' || f.id FROM submissions_filing f
        WHERE NOT EXISTS (SELECT FROM submissions_receipt r WHERE r.filing_id = f.id)
        """,
    ),
    Invariant(
        "a_filing_has_one_receipt_alone",
        """
        SELECT 'filing ' || filing_id FROM submissions_receipt GROUP BY filing_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "a_receipt_number_is_given_once",
        "SELECT number FROM submissions_receipt GROUP BY number HAVING count(*) > 1",
    ),
    Invariant(
        "a_receipt_number_ends_with_its_check_letter",
        # The arithmetic of `intake/dossiers/receipt_number.py` in SQL: modulus 23 (prime), weights are the powers of 5,
        # with period 22.
        r"""
        SELECT number FROM (
            SELECT r.number, sum(
                CASE
                    WHEN letter = '-' THEN 22
                    WHEN letter BETWEEN '0' AND '9' THEN ascii(letter) - 48
                    ELSE 10 + (ascii(letter) - 65) % 12
                END * ('{1,5,2,10,4,20,8,17,16,11,9,22,18,21,13,19,3,15,6,7,12,14}'::int[])[
                    1 + (length(r.number) - 1 - place) % 22
                ]
            ) % 23 AS remainder
            FROM submissions_receipt r
                CROSS JOIN LATERAL string_to_table(left(r.number, -2), NULL)
                    WITH ORDINALITY AS body (letter, place)
            GROUP BY r.id, r.number
        ) computed
        WHERE right(number, 1) <> substr('ABCDEFGHJKLMNPRSTUVWXYZ', (1 + (23 - remainder) % 23)::int, 1)
        """,
    ),
    Invariant(
        "a_receipt_number_begins_with_its_offers",
        """
        SELECT r.number FROM submissions_receipt r
            JOIN submissions_filing f ON f.id = r.filing_id
            JOIN submissions_submission s ON s.id = f.submission_id
            JOIN offers_offer o ON o.id = s.offer_id
        WHERE NOT starts_with(r.number, upper(o.number) || '-')
        """,
    ),
    Invariant(
        "a_filing_has_its_verdict",
        """
        SELECT 'filing ' || f.id FROM submissions_filing f
        WHERE NOT EXISTS (SELECT FROM submissions_verdict v WHERE v.filing_id = f.id)
        """,
    ),
    Invariant(
        "a_verdict_says_what_was_sealed",
        # jsonb_to_record parses each payload once; three separate expressions would parse it three times.
        """
        SELECT 'filing ' || f.id FROM submissions_filing f
            JOIN submissions_verdict v ON v.filing_id = f.id
            JOIN dossiers_seal seal ON seal.id = f.seal_id
            CROSS JOIN LATERAL jsonb_to_record(seal.canonical::jsonb -> 'verdict') AS sealed (
                outcome text, rulebook_digest text, facts_digest text
            )
        WHERE seal.canonical IS NOT NULL
            AND (v.outcome, v.rulebook_digest, v.facts_digest)
                IS DISTINCT FROM (sealed.outcome, sealed.rulebook_digest, sealed.facts_digest)
        """,
    ),
    Invariant(
        "a_filing_under_reserve_has_its_request",
        """
        SELECT 'filing ' || v.filing_id FROM submissions_verdict v
        WHERE v.under_reserve
            AND NOT EXISTS (SELECT FROM submissions_reviewrequest q WHERE q.filing_id = v.filing_id)
        """,
    ),
    Invariant(
        "a_dossier_bears_the_number_of_its_receipt",
        """
        SELECT d.number FROM dossiers_dossier d
            LEFT JOIN submissions_filing f ON f.seal_id = d.seal_id
            LEFT JOIN submissions_receipt r ON r.filing_id = f.id
        WHERE r.number IS DISTINCT FROM d.number
        """,
    ),
    Invariant(
        "a_signed_receipt_says_what_its_filing_says",
        # The arithmetic of `intake/dossiers/receipts/statement.py` in SQL: a code is the last 60 bits of a digest, the
        # lowest five first. The JSON receipt is read as a verifier outside the portal reads it.
        """
        SELECT p.number FROM dossiers_signedreceipt p
            JOIN dossiers_seal seal ON seal.id = p.seal_id
            LEFT JOIN submissions_filing f ON f.seal_id = p.seal_id
            LEFT JOIN submissions_receipt r ON r.filing_id = f.id
            LEFT JOIN submissions_receipt replaced ON replaced.filing_id = f.replaces_id
            CROSS JOIN LATERAL (SELECT p.twin::jsonb -> 'receipt' AS said) twin
            CROSS JOIN LATERAL (
                SELECT sha256(convert_to(concat_ws(E'\\n', 'receipt code/1', p.number, seal.digest), 'UTF8')) AS digest
            ) coded
            CROSS JOIN LATERAL (
                SELECT string_agg(
                    substr(
                        '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
                        1 + ((('x' || encode(substr(coded.digest, 25), 'hex'))::bit(64)::bigint >> 5 * rank) & 31)::int,
                        1
                    ) || CASE WHEN rank IN (3, 7) THEN '-' ELSE '' END,
                    '' ORDER BY rank
                ) AS code
                FROM generate_series(0, 11) AS rank
            ) computed
        WHERE (p.number, p.code) IS DISTINCT FROM (r.number, computed.code)
            OR (
                twin.said ->> 'number', twin.said ->> 'seal', twin.said ->> 'replaces',
                (twin.said ->> 'received_at')::timestamptz, (twin.said ->> 'sequence')::int
            ) IS DISTINCT FROM (r.number, seal.digest, replaced.number, f.received_at, f.sequence)
        """,
    ),
)
