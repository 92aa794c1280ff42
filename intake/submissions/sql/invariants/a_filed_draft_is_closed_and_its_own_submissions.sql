SELECT 'filing ' || f.id FROM submissions_filing f JOIN submissions_draft d ON d.id = f.draft_id
WHERE d.closed_at IS NULL OR d.submission_id <> f.submission_id
