SELECT 'document ' || h.id FROM submissions_draftdocument h
    JOIN submissions_filing f ON f.draft_id = h.draft_id
WHERE h.joined <> 'CURRENT'
