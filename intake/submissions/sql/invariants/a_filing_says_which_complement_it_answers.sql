-- An erased payload cannot be compared.
SELECT 'filing ' || f.id FROM submissions_filing f
    JOIN dossiers_seal seal ON seal.id = f.seal_id
    LEFT JOIN submissions_complementrequest c ON c.answered_by_id = f.id
WHERE seal.canonical IS NOT NULL AND (
    seal.canonical::jsonb #>> '{complement,words}',
    (seal.canonical::jsonb #>> '{complement,asked_at}')::timestamptz,
    (seal.canonical::jsonb #>> '{complement,due_at}')::timestamptz
) IS DISTINCT FROM (c.words, c.asked_at, c.due_at)
