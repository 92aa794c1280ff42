-- The arithmetic of `intake/dossiers/receipts/statement.py` in SQL: a code is the last 60 bits of a digest, the
-- lowest five first. The JSON receipt is read as a verifier outside the portal reads it.
SELECT p.number FROM dossiers_signedreceipt p
    JOIN dossiers_seal seal ON seal.id = p.seal_id
    LEFT JOIN submissions_filing f ON f.seal_id = p.seal_id
    LEFT JOIN submissions_receipt r ON r.filing_id = f.id
    LEFT JOIN submissions_receipt replaced ON replaced.filing_id = f.replaces_id
    CROSS JOIN LATERAL (SELECT p.twin::jsonb -> 'receipt' AS said) twin
    CROSS JOIN LATERAL (
        SELECT sha256(convert_to(concat_ws(E'\n', 'receipt code/1', p.number, seal.digest), 'UTF8')) AS digest
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
