SELECT l.number FROM transparency_leaf l
    JOIN submissions_receipt r ON r.number = l.number
    JOIN submissions_filing f ON f.id = r.filing_id
    JOIN dossiers_seal seal ON seal.id = f.seal_id
    CROSS JOIN LATERAL (SELECT l.text::jsonb AS said) leaf
WHERE (leaf.said ->> 'number', leaf.said ->> 'seal', leaf.said ->> 'received_at') IS DISTINCT FROM (
    r.number, seal.digest, to_char(f.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)
