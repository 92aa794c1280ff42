SELECT 'filing ' || f.id FROM submissions_filing f
    LEFT JOIN submissions_filing before
        ON before.submission_id = f.submission_id AND before.sequence = f.sequence - 1
WHERE f.replaces_id IS DISTINCT FROM before.id
