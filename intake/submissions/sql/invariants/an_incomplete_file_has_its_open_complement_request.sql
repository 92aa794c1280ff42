SELECT s.public_id FROM submissions_submission s
    LEFT JOIN submissions_complementrequest c ON c.submission_id = s.id AND c.ended_at IS NULL
WHERE (s.state = 'COMPLEMENT_REQUESTED') <> (c.id IS NOT NULL)
