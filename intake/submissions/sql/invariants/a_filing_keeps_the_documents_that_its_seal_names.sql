-- Compared as sorted digests. An erased payload cannot be compared.
SELECT 'filing ' || f.id FROM submissions_filing f
    JOIN dossiers_seal seal ON seal.id = f.seal_id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(d.sha256 ORDER BY d.sha256), '{}') AS digests
        FROM submissions_fileddocument d WHERE d.filing_id = f.id
    ) kept
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(named.digest ORDER BY named.digest), '{}') AS digests
        FROM (
            SELECT (document ->> 'sha256')::varchar AS digest
            FROM jsonb_array_elements(seal.canonical::jsonb -> 'documents') AS document
        ) named
    ) sealed
WHERE seal.canonical IS NOT NULL AND kept.digests IS DISTINCT FROM sealed.digests
