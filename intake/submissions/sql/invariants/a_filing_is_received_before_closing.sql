-- A closing only moves later, so the current one suffices. A personal extension counts if it was given before
-- the filing; a complement request if it was made before the filing and had not ended.
SELECT 'filing ' || f.id FROM submissions_filing f
    JOIN submissions_submission s ON s.id = f.submission_id
    JOIN offers_offer o ON o.id = s.offer_id
WHERE f.received_at >= GREATEST(o.closes_at, (
    SELECT max(e.closes_at) FROM submissions_personalextension e
    WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id AND e.at <= f.received_at
), (
    SELECT max(c.due_at) FROM submissions_complementrequest c
    WHERE c.submission_id = s.id AND c.asked_at <= f.received_at
        AND (c.ended_at IS NULL OR c.ended_at >= f.received_at)
))
